"""Which are the five vendors, with which keys, and what does one write into config.toml to use them?"""

from collections.abc import Mapping

from outboundd.sandbox.airtable import Airtable
from outboundd.sandbox.bot_phone import Phone
from outboundd.sandbox.brevo import Brevo
from outboundd.sandbox.brevo_office import People
from outboundd.sandbox.openai import OpenAi
from outboundd.sandbox.perplexity import Perplexity
from outboundd.sandbox.server import Sandbox
from outboundd.sandbox.telegram import Telegram
from outboundd.sandbox.world import World

BASE = "appSandbox0000000"
KEYS = {
    "AIRTABLE_TOKEN": "patSandbox0000000.sandbox",
    "BREVO_API_KEY": "xkeysib-sandbox",
    "OPENAI_API_KEY": "sk-sandbox",
    "PERPLEXITY_API_KEY": "pplx-sandbox",
}
TELEGRAM_TOKEN = "42:sandbox"  # noqa: S105 (no secret: the sandbox's own)
CHAT_KEYS = {"TELEGRAM_BOT_TOKEN": TELEGRAM_TOKEN}
OPERATOR = 7  # the user id of who has opened a chat with the bot


class Five:
    """One account at each of them. `people` decide what happens to a mail that left."""

    def __init__(self, world: World, people: People) -> None:
        self.airtable = Airtable(world, token=KEYS["AIRTABLE_TOKEN"], base=BASE)
        self.brevo = Brevo(world, key=KEYS["BREVO_API_KEY"], recipients=people)
        self.openai = OpenAi(world, key=KEYS["OPENAI_API_KEY"])
        self.perplexity = Perplexity(world, key=KEYS["PERPLEXITY_API_KEY"])
        self.telegram = Telegram(world, token=TELEGRAM_TOKEN, people=(OPERATOR,))
        vendors = (self.airtable, self.brevo, self.openai, self.perplexity, self.telegram)
        self.sandbox = Sandbox(world, vendors, Phone(self.telegram).routes())


def config_lines(url: str) -> str:
    """What to write into config.toml to run against the sandbox at this address."""
    return f"""\
[store]
kind = "airtable"
[store.airtable]
base = "{BASE}"
api_url = "{url}/airtable"

[mailer]
kind = "brevo"
[mailer.brevo]
api_url = "{url}/brevo/v3"

[writer]
kind = "openai"
api_url = "{url}/openai/v1"

[researcher]
kind = "perplexity"
api_url = "{url}/perplexity"
"""


def chat_lines(url: str) -> str:
    """What to write besides to command it from a chat."""
    return f"""\
[telegram]
enabled = true
allowed_user_ids = [{OPERATOR}]
api_url = "{url}/telegram"
"""


def exports(keys: Mapping[str, str] = KEYS) -> str:
    """The keys, as a shell takes them."""
    return "export " + " ".join(f"{name}={value}" for name, value in keys.items())
