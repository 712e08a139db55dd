"""How many orders of a chat are lost or doubled when the daemon is killed while it carries them out?

Usage: python bench/kill_the_seat.py [N]. A real daemon talks over HTTP to the sandbox, which is this process. In each
of N lives (40) the operator says /send 5, /stop, /replied and at times /pause and /resume, some updates are delivered
again, and SIGKILL comes at a random moment. A last life takes up what is open. Ends with 1 unless all counts of faults
are zero. An answer that was not shown is told apart: the order was carried out, and the kill came before the message.
"""

import base64
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
from anyio.from_thread import BlockingPortal, start_blocking_portal

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from outboundd.sandbox.five import KEYS, TELEGRAM_TOKEN, Five
from outboundd.sandbox.server import serving
from outboundd.sandbox.world import Faults, World
from wire import wired

ROOT = Path(__file__).parent.parent
SEED = 2026
ME = 7
LIFE_S = 5.0  # at most, from the first word on
START_S, LAST_S, SHOWN_S = 30.0, 90.0, 5.0
CONFIG = """
[hours]
start = "00:00"
end = "23:59"
[limits]
per_hour = 2000
per_day = 5000
gap_s = [0.0, 0.1]
[limits.warmup]
start_per_day = 5000
[telegram]
enabled = true
allowed_user_ids = [7]
"""
SENT, CUT_OFF = re.compile("^send: "), "was cut off by a restart"


@dataclass(kw_only=True)
class Trial:
    """One installation, its vendors, and what the operator has said."""

    place: Path
    five: Five
    portal: BlockingPortal
    rng: random.Random
    said: Counter[str]

    def program(self, *words: str, **how: Any) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "outboundd", *words, "--config", str(self.place / "config.toml")]
        env = {**os.environ, **KEYS, "TELEGRAM_BOT_TOKEN": TELEGRAM_TOKEN, "PYTHONPATH": str(ROOT / "src")}
        return subprocess.Popen(command, env=env, **how)

    def prepare(self, url: str, leads: int) -> None:
        """Leads, each with a draft; no job runs by its schedule."""
        vendors = wired._vendors(url, "", "hold").replace('"openai"', '"template"').replace('"perplexity"', '"none"')
        quiet = re.sub('cron = ".*"', 'cron = "1 1 1 1 *"', wired.CONFIG)
        config = f'{quiet}{vendors}{CONFIG}api_url = "{url}/telegram"\n'
        self.place.joinpath("config.toml").write_text(config, encoding="utf-8")
        self.place.joinpath("leads.csv").write_bytes(base64.b64decode(wired._csv(leads)))
        for words in ("setup", f"import {self.place / 'leads.csv'}", "resume", "once draft"):
            if self.program(*words.split(), stdout=subprocess.DEVNULL).wait():
                raise SystemExit(f"{words} failed")
            # a new ledger waits a quarter of an hour for what the mailer may still report
            known = {"quiet_open": "", "reconciled_at": datetime.now(UTC).isoformat()}
            self.ledger("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?), (?, ?)", *sum(known.items(), ()))

    def ledger(self, sql: str, *values: str) -> list[Any]:
        with sqlite3.connect(self.place / "state" / "ledger.db", timeout=10) as ledger:
            return ledger.execute(sql, values).fetchall()

    def start(self) -> subprocess.Popen[bytes]:
        """A life that has begun to ask the chat."""
        before = self.five.sandbox.arrivals["telegram"]
        life = self.program("run", stderr=subprocess.DEVNULL)
        until(lambda: self.five.sandbox.arrivals["telegram"] > before, START_S)
        return life

    def live(self, number: int) -> None:
        """Some words in a random order, some delivered twice, and the end at a random moment."""
        life = self.start()
        words = ["/send 5", f"/stop {address(2 * number)}", f"/replied {address(2 * number + 1)}"]
        words += self.rng.choice([[], ["/pause draft", "/resume draft"]])
        self.rng.shuffle(words)
        end = time.monotonic() + self.rng.uniform(0.0, LIFE_S)
        for word in words:
            self.said[word.split()[0]] += 1
            self.portal.call(self.five.telegram.say, ME, word)
            time.sleep(self.rng.uniform(0.0, 0.2))
            if self.rng.random() < 0.3:
                self.portal.call(self.five.telegram.redeliver)
        time.sleep(max(0.0, end - time.monotonic()))
        life.kill()
        life.wait()
        if self.rng.random() < 0.3:
            self.portal.call(self.five.telegram.redeliver)

    def is_idle(self) -> bool:
        """Is nothing left that was said and not done?"""
        return not len(self.five.telegram._updates) and not self.ledger("SELECT 1 FROM command WHERE state <> 'done'")

    def faults(self, lives: int) -> dict[str, int]:
        """What must be zero."""
        mails = Counter(map(wired.lead_of, self.five.brevo.ledger))
        rows = {row["fields"]["Email"]: row["fields"].get("Stage") for row in self.five.airtable.rows("Leads")}
        numbers = range(lives)
        return {
            "orders not heard": self.said.total() - len(self.ledger("SELECT 1 FROM command")),
            "orders still open": len(self.ledger("SELECT 1 FROM command WHERE state <> 'done'")),
            "mails doubled": sum(count - 1 for count in mails.values()),
            "people not stopped": sum(rows[address(2 * number)] != "do_not_contact" for number in numbers),
            "replies not noted": sum(rows[address(2 * number + 1)] != "replied" for number in numbers),
            "sends that ran twice": max(
                0, len(self.ledger("SELECT 1 FROM run WHERE job = 'send'")) - self.said["/send"]
            ),
        }

    def shown(self) -> list[str]:
        """Each message as it stands at last."""
        return list({one.message_id: one.text for one in self.five.telegram.sent}.values())


def address(number: int) -> str:
    """Whose word is given: every lead is in one word at most."""
    return f"rosa.diaz@harbourworks{number + 1}.example"


def until(holds: Callable[[], bool], within_s: float) -> None:
    """Wait for it; what does not come to pass shows in the counts."""
    end = time.monotonic() + within_s
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)


def main() -> int:
    """Print the counts; the exit code."""
    lives = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    world = World(now=lambda: datetime.now(UTC), sleep=anyio.sleep, rng=random.Random(SEED), faults=Faults())
    five = Five(world, wired.Everybody())
    with (
        tempfile.TemporaryDirectory() as place,
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(serving(five.sandbox)) as url,
    ):
        trial = Trial(place=Path(place), five=five, portal=portal, rng=random.Random(SEED), said=Counter())
        trial.prepare(url, 8 * lives + 20)
        for number in range(lives):
            trial.live(number)
        last = trial.start()
        until(trial.is_idle, LAST_S)
        time.sleep(SHOWN_S)
        last.terminate()
        last.wait()
        faults, shown = trial.faults(lives), trial.shown()
    sent, cut_off = sum(bool(SENT.match(text)) for text in shown), sum(CUT_OFF in text for text in shown)
    print(f"{lives} kills; said: {dict(trial.said)}; {len(five.brevo.ledger)} mails left")
    print(f"/send answered {sent}, told as cut off {cut_off}, done but not answered {lives - sent - cut_off}")
    print(faults)
    return int(any(faults.values()))


if __name__ == "__main__":
    sys.exit(main())
