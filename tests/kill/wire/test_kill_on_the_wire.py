"""Is a mail sent at most once, and nothing lost, when the process is killed between Airtable and Brevo?

A real process sends ten mails over HTTP and dies by SIGKILL: at a request, before its effect, after it, and after the
reply; and at any point of its time. Then it comes back: at once, an hour later, or with its state directory deleted. A
part of the points is tried here; `bench/kill_on_the_wire.py` tries all of them, and hundreds at random.
"""

from pathlib import Path

from kill.wire.deaths import killing
from kill.wire.scenario import LATE, PROMPT

EVERY = 7  # of a request's three sides another one each time
AT_RANDOM = 3
SEED = 8


def test_a_kill_between_airtable_and_brevo_doubles_loses_and_hides_nothing_and_bothers_nobody(tmp_path: Path) -> None:
    """0 doubled, 0 lost, 0 unrecorded, 0 for a human, whenever it is killed and however it comes back."""
    with killing(tmp_path / "installations") as program:
        at_requests = program.positions(PROMPT)[::EVERY] + program.positions(LATE)[EVERY // 2 :: EVERY]
        found = program.all([*at_requests, *program.at_random(AT_RANDOM, SEED)])
    print(f"\n{found.table()}")
    assert not found.faulty(), "\n".join([found.table(), *found.faulty()[:40]])
