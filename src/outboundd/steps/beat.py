"""Does somebody elsewhere hear that we are alive?"""

from outboundd.engine.parts import Parts
from outboundd.ports import Failure

CAUSE = "heartbeat"


async def beat(parts: Parts) -> None:
    """One beat of the heart, where one is configured. Not to be heard hurts no run."""
    if parts.world.heartbeat is None:
        return
    try:
        await parts.world.heartbeat.beat()
    except Failure as failure:
        parts.log.write("heartbeat.unheard", reason=failure.cause)
        await parts.alerts.tell(CAUSE, "The heartbeat is not heard", str(failure))
    else:
        await parts.alerts.over(CAUSE)
