"""Is the heartbeat a plain call that nothing of ours hangs on, and that tells nothing?"""

import pytest

from outboundd.adapters.heartbeat import TIMEOUT_S, HttpHeartbeat
from outboundd.ports import Failure, Refused, Transient
from vendor_stub import Stub, played


async def failure_of(url: str) -> Failure | None:
    """What one beat comes to."""
    heartbeat = HttpHeartbeat(f"{url}/ping/secret-id")
    try:
        await heartbeat.beat()
    except Failure as failure:
        return failure
    finally:
        await heartbeat.aclose()
    return None


def test_a_beat_is_one_get_of_the_address_as_it_is_written() -> None:
    """Nothing is said of leads, mails or the machine."""

    async def scene(stub: Stub, url: str) -> None:
        stub.say(200, "OK")
        assert await failure_of(url) is None
        (asked,) = stub.asked
        assert (asked.method, asked.path, asked.body) == ("GET", "/ping/secret-id", None)

    played(scene)


@pytest.mark.parametrize(("status", "kind"), [(404, Refused), (401, Refused), (503, Transient), (302, Transient)])
def test_what_is_not_heard_is_told_by_its_status_and_never_by_its_address(status: int, kind: type[Failure]) -> None:
    """The address is a secret of that service. It is not asked again before the next reconcile."""

    async def scene(stub: Stub, url: str) -> None:
        stub.say(status, "no such check")
        failure = await failure_of(url)
        assert isinstance(failure, kind)
        assert str(failure) == f"heartbeat: HTTP {status}"
        assert len(stub.asked) == 1

    played(scene)


def test_a_monitor_that_takes_the_call_and_says_nothing_is_given_up_after_seconds() -> None:
    """No run waits for it longer."""

    async def scene(stub: Stub, url: str) -> None:
        stub.say(200, "OK")
        stub.fault("hang", value=3600)
        began = stub.world.now()
        failure = await failure_of(url)
        assert isinstance(failure, Transient)
        assert (stub.world.now() - began).total_seconds() <= TIMEOUT_S + 1

    played(scene)


def test_a_monitor_that_is_not_there_is_a_matter_of_time() -> None:
    """No connection is no crash."""

    async def scene(_: Stub, __: str) -> None:
        failure = await failure_of("http://127.0.0.1:1")
        assert isinstance(failure, Transient)
        assert "secret-id" not in str(failure)

    played(scene)
