"""How does Brevo say no? A status, a code and a sentence."""


class Refusal(Exception):
    """An answer of 4xx or 5xx with Brevo's body, `{"code": ..., "message": ...}`."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def invalid(message: str) -> Refusal:
    """A parameter that is there and wrong."""
    return Refusal(400, "invalid_parameter", message)


def missing(message: str) -> Refusal:
    """A parameter that is not there."""
    return Refusal(400, "missing_parameter", message)


def absent(message: str) -> Refusal:
    """Something that nobody knows."""
    return Refusal(404, "document_not_found", message)
