"""How does a monitor elsewhere learn that we are alive? A GET of its address, nothing said and nothing read."""

import httpx

from outboundd.adapters import http
from outboundd.ports import Refused, Transient

NAME = "heartbeat"
TIMEOUT_S = 5.0


class HttpHeartbeat:
    """Calls one address (port Heartbeat). The address may be a secret of that service: no failure names it."""

    name = NAME

    def __init__(self, url: str) -> None:
        account = http.Account(vendor=NAME, windows=lambda _method, _path: (), closed_for_s=lambda _response: None)
        self._url = url
        self._client = http.client(account, "", timeout_s=TIMEOUT_S, headers={}, deadline_s=TIMEOUT_S)

    async def beat(self) -> None:
        """Raises Transient when there is no answer or a passing error, Refused when the address is not known there."""
        try:
            answer = await http.request(self._client, NAME, "GET", self._url, repeatable=True)
        except httpx.InvalidURL as error:
            raise Refused(NAME, "no address") from error
        if answer.is_success:
            return
        cause = f"HTTP {answer.status_code}"
        raise Refused(NAME, cause) if 400 <= answer.status_code < 500 else Transient(NAME, cause)

    async def aclose(self) -> None:
        await self._client.aclose()
