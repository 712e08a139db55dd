"""What does a refusal of Telegram's mean, in our five words?

Bot API 10.3 and aiogram 3.31, 2026-11. The description is Telegram's own, in English, and its wording is no contract:
what is not recognised is a plain refusal. The bot's token is part of every address, so no exception's text is repeated.
"""

import aiohttp
from aiogram import exceptions

from outboundd.adapters.vendor_words import quoted
from outboundd.ports import Broken, Exhausted, Failure, Refused, Transient

VENDOR = "telegram"
CONFLICT, UNAUTHORIZED = "conflict", "unauthorized"
ENTITIES, SAME, TOO_OLD, NOBODY, GONE = "entities", "not modified", "too old", "chat not found", "message gone"

_WORDS = {
    "can't parse": ENTITIES,
    "message is not modified": SAME,
    "query is too old": TOO_OLD,
    "chat not found": NOBODY,
    "message to edit not found": GONE,
    "message can't be edited": GONE,
}


def failure_of(error: Exception) -> Failure:
    """One of the five. What is not known to be final is worth another try: a message twice is better than none."""
    match error:
        case exceptions.TelegramRetryAfter():
            return Transient(VENDOR, "flood", retry_after_s=float(error.retry_after))
        case exceptions.TelegramConflictError():
            return Transient(VENDOR, CONFLICT)
        case exceptions.TelegramUnauthorizedError() | exceptions.TelegramNotFound():
            return Exhausted(VENDOR, UNAUTHORIZED)
        case exceptions.TelegramForbiddenError():
            return Refused(VENDOR, "blocked")
        case exceptions.TelegramEntityTooLarge() | exceptions.TelegramMigrateToChat():
            return Refused(VENDOR, type(error).__name__)
        case exceptions.TelegramBadRequest():
            return Refused(VENDOR, _cause(error.message), quoted(error.message))
        case exceptions.AiogramError() | aiohttp.ClientError() | TimeoutError() | OSError():
            # ClientDecodeError too: a gateway's page instead of JSON.
            return Transient(VENDOR, "no answer", type(error).__name__)
        case _:
            return Broken(VENDOR, type(error).__name__)


def _cause(message: str) -> str:
    return next((cause for words, cause in _WORDS.items() if words in message), "bad request")
