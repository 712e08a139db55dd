"""How does Airtable's Web API answer? One base behind /airtable/v0, as docs and reports describe it.

Its own faults, by name in `world.faults` (those of every vendor stand in `server.py`):

- `rate`: 429 RATE_LIMIT_REACHED, and the base stays shut for 30 s unless `strict_rate` is off. Value: the shape of the
  body, "object" (default), "list" or "word".
- `billing`: a state, in force until it is switched off whatever `times` says. Data routes answer 429
  PUBLIC_API_BILLING_LIMIT_EXCEEDED, meta routes go on; with value "slow" the base takes two requests a second instead
  (sources disagree, contract section 6).
- `iterator`: the next page asked for by offset is refused: 422 LIST_RECORDS_ITERATOR_NOT_AVAILABLE, without a message.
- `short_page`: a page of `value` records (default: half of what was asked for), with an offset where more follow.
- `human`: just before this request takes effect somebody edits. Value: a function without arguments, or
  {"table", "id", "fields"}, where fields null means that the row is deleted.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aiohttp import web

from outboundd.sandbox import airtable_listing as listing
from outboundd.sandbox import airtable_schema as schema
from outboundd.sandbox import airtable_writing as writing
from outboundd.sandbox.airtable_base import Base
from outboundd.sandbox.airtable_errors import Problem, bad_request, no_iterator, no_model, not_found, too_fast, used_up
from outboundd.sandbox.airtable_limits import PER_BASE, PER_TOKEN, SLOWED, Calls, Window
from outboundd.sandbox.airtable_table import Table
from outboundd.sandbox.world import World

URL_MAX = 16_000
READ, WRITE = "data.records:read", "data.records:write"
SEE, BUILD = "schema.bases:read", "schema.bases:write"
Body = dict[str, Any]
Act = Callable[[web.Request, Body], Mapping[str, Any]]


class Airtable(Base):
    """One base, as its API shows it; what people do in their browser is in `Base`.

    `strict_rate`: keep the limits of 5 a second for the base and 50 for the token. `rate_shape`: the body of such a
    429. `monthly_calls`: past so many in a calendar month it is as with the fault `billing`. `idle_s`: an iterator
    that is not asked for so long is gone. `gone_status`: what a GET of a missing record answers, 404 or 403.
    """

    name = "airtable"

    def __init__(
        self,
        world: World,
        *,
        token: str = "patSandbox0000000.sandbox",  # noqa: S107 (no secret: the sandbox's own)
        base: str = "appSandbox0000000",
        scopes: Sequence[str] = (READ, WRITE, SEE, BUILD),
        strict_rate: bool = True,
        rate_shape: str = "object",
        monthly_calls: int | None = None,
        idle_s: float = 300.0,
        gone_status: int = 404,
    ) -> None:
        super().__init__(world, base)
        self.token = token
        self.scopes = set(scopes)
        self.calls = Calls()
        self.calls_this_month = 0
        self._month = ""
        self._strict_rate = strict_rate
        self._rate_shape = rate_shape
        self._monthly_calls = monthly_calls
        self._gone_status = gone_status
        self._iterators = listing.Iterators(world, idle_s)
        self._base_window = Window()
        self._token_window = Window()

    def revoke_scope(self, scope: str) -> None:
        """The token may no longer do this."""
        self.scopes.discard(scope)

    def restart(self) -> None:
        """The server starts anew: no iterator lives on."""
        self._iterators.restart()

    def dump(self) -> Mapping[str, Any]:
        """The base, what the token may do, and this month's calls; no iterators, as after a restart."""
        return {
            "base": self.base,
            "scopes": sorted(self.scopes),
            "month": self._month,
            "calls_this_month": self.calls_this_month,
            "tables": self.dump_tables(),
        }

    def load(self, state: Mapping[str, Any]) -> None:
        self.base = state["base"]
        self.scopes = set(state["scopes"])
        self._month = state["month"]
        self.calls_this_month = state["calls_this_month"]
        self.load_tables(state["tables"])
        self.restart()

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """Every route that is simulated; anything else is a 404."""
        schemas, records = "/v0/meta/bases/{base}/tables", "/v0/{base}/{table}"
        return [
            web.get("/v0/meta/whoami", self._answers("meta", "", self._whoami)),
            web.get("/v0/meta/bases", self._answers("meta", SEE, self._bases)),
            web.get(schemas, self._answers("meta", SEE, self._schema)),
            web.post(schemas, self._answers("meta", BUILD, self._create_table)),
            web.patch(schemas + "/{table}", self._answers("meta", BUILD, self._update_table)),
            web.post(schemas + "/{table}/fields", self._answers("meta", BUILD, self._create_field)),
            web.patch(schemas + "/{table}/fields/{field}", self._answers("meta", BUILD, self._update_field)),
            web.get(records, self._answers("list", READ, self._list)),
            web.post(records + "/listRecords", self._answers("list", READ, self._list)),
            web.post(records, self._answers("create", WRITE, self._create)),
            web.patch(records, self._answers("update", WRITE, self._update)),
            web.put(records, self._answers("update", WRITE, self._update)),
            web.delete(records, self._answers("delete", WRITE, self._delete)),
            web.get(records + "/{record}", self._answers("get", READ, self._get)),
            web.patch(records + "/{record}", self._answers("update", WRITE, self._update_one)),
            web.put(records + "/{record}", self._answers("update", WRITE, self._update_one)),
            web.delete(records + "/{record}", self._answers("delete", WRITE, self._delete_one)),
            web.route("*", "/{nowhere:.*}", self._answers("meta", "", self._nowhere)),
        ]

    def _answers(self, kind: str, scope: str, act: Act) -> Callable[[web.Request], Any]:
        """One request from its arrival to its answer. Nothing is awaited between the checks and the effect."""

        async def answer(request: web.Request) -> web.Response:
            body = _parsed(await request.text())
            upsert = kind == "update" and isinstance(body, dict) and "performUpsert" in body
            self._arrived("upsert" if upsert else kind)
            try:
                self._admit(request, kind, scope)
                checked = _checked(request, body)
                self._somebody_edits(request)
                return web.json_response(act(request, checked))
            except Problem as problem:
                return problem.response()

        return answer

    def _arrived(self, kind: str) -> None:
        now = self.world.now()
        self.calls.arrived(kind, now)
        month = now.strftime("%Y-%m")
        self.calls_this_month = self.calls_this_month + 1 if month == self._month else 1
        self._month = month

    def _admit(self, request: web.Request, kind: str, scope: str) -> None:
        if len(f"{request.scheme}://{request.host}{request.raw_path}") >= URL_MAX:
            # The sources do not say which status it is; 414 is what HTTP has for it.
            raise Problem(414, "URI_TOO_LONG", "The request URL is too long")
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            raise Problem(401, "AUTHENTICATION_REQUIRED", "Authentication required")
        self._in_time(request)
        if kind != "meta" and self._month_is_over() == "refused":
            raise used_up()
        if scope and scope not in self.scopes:
            raise Problem(403, "INVALID_PERMISSIONS", "You are not permitted to perform this operation")
        if request.match_info.get("base", self.base) != self.base:
            raise no_model()

    def _in_time(self, request: web.Request) -> None:
        now = self.world.now()
        if (fault := self.world.faults.take(self.name, "rate", request.method, request.path)) is not None:
            if self._strict_rate:
                self._base_window.close(now)
            raise too_fast(fault.value or self._rate_shape)
        if not self._strict_rate:
            return
        if not self._token_window.admits(now, PER_TOKEN):
            raise too_fast(self._rate_shape)
        slowed = self._month_is_over() == "slow"
        if "base" in request.match_info and not self._base_window.admits(now, SLOWED if slowed else PER_BASE):
            raise too_fast(self._rate_shape)

    def _month_is_over(self) -> str:
        """Empty when it is not; else "refused" or "slow"."""
        if (fault := self.world.faults.on(self.name, "billing")) is not None:
            return str(fault.value or "refused")
        used = self._monthly_calls is not None and self.calls_this_month > self._monthly_calls
        return "refused" if used else ""

    def _somebody_edits(self, request: web.Request) -> None:
        fault = self.world.faults.take(self.name, "human", request.method, request.path)
        if fault is None:
            return
        if callable(fault.value):
            fault.value()
        elif fault.value["fields"] is None:
            self.delete(fault.value["table"], fault.value["id"])
        else:
            self.edit(fault.value["table"], fault.value["id"], fault.value["fields"])

    def _table(self, request: web.Request) -> Table:
        try:
            return self.table(request.match_info["table"])
        except KeyError:
            raise no_model() from None

    def _nowhere(self, _: web.Request, __: Body) -> Body:
        raise not_found()

    def _whoami(self, _: web.Request, __: Body) -> Body:
        return {"id": "usrSandbox0000000"}  # scopes are told for OAuth only (docs, Get user ID & scopes)

    def _bases(self, _: web.Request, __: Body) -> Body:
        return {"bases": [{"id": self.base, "name": "Sandbox", "permissionLevel": "create"}]}

    def _schema(self, request: web.Request, _: Body) -> Body:
        visible = "visibleFieldIds" in request.query.getall("include[]", request.query.getall("include", []))
        return {"tables": [one.schema(visible=visible) for one in self.tables]}

    def _create_table(self, _: web.Request, body: Body) -> Body:
        return schema.create_table(self, body)

    def _update_table(self, request: web.Request, body: Body) -> Body:
        return schema.update_table(self, self._table(request), body)

    def _create_field(self, request: web.Request, body: Body) -> Body:
        return schema.create_field(self, self._table(request), body)

    def _update_field(self, request: web.Request, body: Body) -> Body:
        table = self._table(request)
        if (column := table.field(request.match_info["field"])) is None:
            raise no_model()
        return schema.update_field(table, column, body)

    def _list(self, request: web.Request, body: Body) -> Body:
        table, posted = self._table(request), request.method == "POST"
        given = listing.from_body(body, request.query) if posted else listing.from_query(request.query)
        query, offset = listing.understood(given, table)
        take = self.world.faults.take
        if offset and take(self.name, "iterator", request.method, request.path):
            raise no_iterator()
        size = query.page_size
        if (fault := take(self.name, "short_page", request.method, request.path)) is not None:
            size = size // 2 if fault.value is None else int(fault.value)
        return self._iterators.page(table, query, offset, self.new_id("itr"), size)

    def _get(self, request: web.Request, _: Body) -> Body:
        table = self._table(request)
        if unknown := set(request.query) - {"cellFormat", "timeZone", "userLocale", "returnFieldsByFieldId"}:
            raise bad_request(f"Unknown parameter {min(unknown)}.")
        row = table.rows.get(request.match_info["record"])
        if row is None:
            raise not_found() if self._gone_status == 404 else no_model()
        return table.record(row, by_id=request.query.get("returnFieldsByFieldId") in {"1", "true"})

    def _create(self, request: web.Request, body: Body) -> Body:
        return writing.create(self._table(request), body, self.world.now())

    def _update(self, request: web.Request, body: Body) -> Body:
        write = writing.upsert if "performUpsert" in body else writing.update
        return write(self._table(request), body, self.world.now(), clear=request.method == "PUT")

    def _update_one(self, request: web.Request, body: Body) -> Body:
        table, clear = self._table(request), request.method == "PUT"
        return writing.update_one(table, request.match_info["record"], body, self.world.now(), clear=clear)

    def _delete(self, request: web.Request, _: Body) -> Body:
        return {"records": writing.delete(self._table(request), request.query.getall("records[]", []))}

    def _delete_one(self, request: web.Request, _: Body) -> Body:
        return writing.delete(self._table(request), [request.match_info["record"]])[0]


def _parsed(text: str) -> object:
    """The JSON of the body, an empty one being {}; None when it is none."""
    try:
        return json.loads(text) if text else {}
    except ValueError:
        return None


def _checked(request: web.Request, body: object) -> Body:
    if body is None:
        raise Problem(400, "INVALID_REQUEST_BODY", "Could not parse request body")
    if not isinstance(body, dict):
        raise bad_request("The body must be an object.")
    if body and request.content_type != "application/json":
        raise bad_request("The body must be application/json.")
    return body
