"""How does Airtable say no? One exception and the shapes of its body (contract: error as a word, an object, a list)."""

from typing import Any

from aiohttp import web

RATE = "RATE_LIMIT_REACHED"
BILLING = "PUBLIC_API_BILLING_LIMIT_EXCEEDED"
_RATE_WORDS = "Rate limit exceeded. Please try again later"
_BILLING_WORDS = (
    "API billing plan limit exceeded. You've reached the maximum number of requests allowed for this month."
)


class Problem(Exception):
    """A request that is refused. Without `message` the key is absent; `shape` is object, list or word."""

    def __init__(self, status: int, kind: str, message: str | None = None, *, shape: str = "object") -> None:
        super().__init__(f"{status} {kind} {message or ''}")
        self.status = status
        self.kind = kind
        self.message = message
        self.shape = shape

    def response(self) -> web.Response:
        """As it goes out."""
        return web.json_response(self.body(), status=self.status)

    def body(self) -> dict[str, Any]:
        """The JSON of it."""
        said = {} if self.message is None else {"message": self.message}
        if self.shape == "word":
            return {"error": self.kind}
        if self.shape == "list":
            return {"errors": [{"error": self.kind, **said}]}
        return {"error": {"type": self.kind, **said}}


def too_fast(shape: str) -> Problem:
    """More than five a second, or still within the thirty seconds after it."""
    return Problem(429, RATE, _RATE_WORDS, shape=shape)


def used_up() -> Problem:
    """No calls left this month."""
    return Problem(429, BILLING, _BILLING_WORDS, shape="list")


def not_found() -> Problem:
    """A route that does not exist, or a record that is gone."""
    return Problem(404, "NOT_FOUND", shape="word")


def no_model() -> Problem:
    """No access, or no such base, table or record: the two are not told apart."""
    message = "Invalid permissions, or the requested model was not found. Check that both your user and your token "
    return Problem(403, "INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND", message + "have the required permissions.")


def no_iterator() -> Problem:
    """An offset that is too old, or of a server that has been restarted: without a message (docs, List records)."""
    return Problem(422, "LIST_RECORDS_ITERATOR_NOT_AVAILABLE")


def no_row(record_id: str) -> Problem:
    """A write to a record that is gone."""
    return Problem(422, "ROW_DOES_NOT_EXIST", f"Record ID {record_id} does not exist in this table")


def no_field(name: str) -> Problem:
    """A field the table does not have; the first one only."""
    return Problem(422, "UNKNOWN_FIELD_NAME", f'Unknown field name: "{name}"')


def bad_request(reason: str = "Check your request data.") -> Problem:
    """Parameters or a body that do not validate."""
    return Problem(422, "INVALID_REQUEST_UNKNOWN", f"Invalid request: parameter validation failed. {reason}")
