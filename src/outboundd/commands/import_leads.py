"""How do leads come in from an export?

The whole file is checked first, then written by Key in batches, so that running it again completes what broke off.
"""

import base64
from collections import Counter
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from outboundd.commands.desk import Command, Desk, Line, Refusal
from outboundd.commands.look_up import LookedUp, look_up
from outboundd.commands.words import broken, many
from outboundd.model.lead import OPERATOR_COLUMNS, Lead, Value
from outboundd.ports import Conflict, Failure, Refused
from outboundd.rules import addresses, domains, import_file, mail_routes, mailboxes

BATCH = 100
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}


@dataclass(kw_only=True)
class _Written:
    """What has reached the store. `refused` are rows that it would not take: key -> why."""

    created: int = 0
    updated: int = 0
    refused: dict[str, str] = field(default_factory=dict)


class _File:
    """An export as read: what its columns hold, and which of its rows are leads."""

    def __init__(self, name: str, content: str, mapping: Sequence[str], source: str) -> None:
        try:
            self.table = import_file.read_table(base64.b64decode(content))
            self.columns = import_file.guess_columns(self.table.headers, _said(mapping))
        except ValueError as error:
            raise Refusal(2, f"{name}: {error}") from error
        self._name, self._source = name, source

    def leads(self, barred: Mapping[str, str]) -> import_file.Imported:
        """The leads without those whose address is barred; these are rejects, each with its reason."""

        def key_of(address: str) -> str:
            key = addresses.normalise(address)
            if key in barred:
                raise ValueError(barred[key])
            return key

        try:
            return import_file.to_leads(self.table, self.columns, self._source, key_of)
        except ValueError as error:
            raise Refusal(2, f"{self._name}: --source: {error}") from error


async def import_leads(
    desk: Desk, *, name: str, content: str, mapping: Sequence[str] = (), source: str = ""
) -> AsyncGenerator[Line, None]:
    """Check the file, say how it was read, write what is good, and hand back what is not."""
    file = _File(name, content, mapping, source)
    for text in _read_as(name, file):
        yield Line(text=text)
    told = file.leads({})
    barred = await _on_the_list(desk, told.rows)
    told = file.leads(barred) if barred else told
    hosts = _to_look_up(told.rows)
    if hosts:
        yield Line(text=f"looking up who takes the mail of {many(len(hosts), 'domain')}")
    looked_up = await look_up(desk.parts.world.names, hosts)
    barred |= _closed(told.rows, looked_up.closed)
    told = file.leads(barred) if looked_up.closed else told
    for line in _doubts(told.rows, looked_up.unanswered):
        yield Line(text=broken(line, 2))
    rows, written = told.rows, _Written()
    try:
        for start in range(0, len(rows), BATCH):
            await _write(desk, rows[start : start + BATCH], written)
            yield Line(progress=(min(start + BATCH, len(rows)), len(rows)))
    except Failure as failure:
        in_store = written.created + written.updated
        sentence = f"{in_store} of {len(rows)} rows are in, then: {failure}; mend that and run the same import again"
        raise Refusal(1, sentence) from failure
    told = file.leads({**barred, **written.refused}) if written.refused else told
    yield Line(text=broken(_counts(told, written, dry=desk.dry), 2), data=_data(file, told, written, looked_up))
    for reason, count in _reasons(told).most_common():
        yield Line(text=f"  {count:>5} rejected: {reason}")
    if told.rejects and not desk.dry:
        yield Line(file=(".rejects.csv", import_file.rejects_csv(file.table.headers, told.rejects)))


def _said(mapping: Sequence[str]) -> dict[str, str]:
    """Header of the file -> our column, as given by --map; our titles hold no "=", a header may."""
    said: dict[str, str] = {}
    for pair in mapping:
        theirs, equals, ours = pair.rpartition("=")
        if not equals or not theirs.strip() or not ours.strip():
            raise ValueError(f'--map {pair!r}: write it as "THEIR HEADER=Our column", as in "Work Email=Email"')
        if theirs.strip() in said:
            raise ValueError(f'--map: the header "{theirs.strip()}" is mapped twice; leave one of them out')
        said[theirs.strip()] = ours.strip()
    return said


def _read_as(name: str, file: _File) -> list[str]:
    table = file.table
    lines = [f"{name}: {many(len(table.rows), 'row')}, {table.encoding}, separated by {DELIMITERS[table.delimiter]}"]
    lines += [f"  {OPERATOR_COLUMNS[field]:<15} from {' + '.join(headers)}" for field, headers in file.columns.items()]
    used = {header for headers in file.columns.values() for header in headers}
    unused = [header for header in table.headers if header and header not in used]
    return [*lines, f"  not used:       {', '.join(unused)}"] if unused else lines


async def _on_the_list(desk: Desk, rows: Sequence[Mapping[str, Value]]) -> dict[str, str]:
    """Whom we must never write to is not let in: key -> reason."""
    barred: dict[str, str] = {}
    for row in rows:
        lead = Lead(id="").with_fields(row)
        suppressed = await desk.parts.fact_book.suppressed(lead)
        if suppressed is not None:
            barred[lead.key] = f"on the suppression list: {suppressed.why}"
    return barred


def _host(row: Mapping[str, Value]) -> str:
    return domains.of_email(str(row["key"]))


def _to_look_up(rows: Sequence[Mapping[str, Value]]) -> set[str]:
    return {host for host in map(_host, rows) if not mail_routes.is_reserved(host)}


def _closed(rows: Sequence[Mapping[str, Value]], closed: Mapping[str, str]) -> dict[str, str]:
    """Where no mail can arrive, nobody is let in: key -> reason."""
    return {str(row["key"]): closed[host] for row in rows if (host := _host(row)) in closed}


def _doubts(rows: Sequence[Mapping[str, Value]], unanswered: Collection[str]) -> list[str]:
    """What the operator should know of rows that are taken."""
    unknown = sum(_host(row) in unanswered for row in rows)
    lines = []
    if unknown:
        where = f"at {many(len(unanswered), 'domain')} of which DNS said nothing"
        lines.append(f"taken all the same: {many(unknown, 'row')} {where}; the same import again asks once more")
    for why, count in Counter(filter(None, (mailboxes.fault(str(row["key"])) for row in rows))).most_common():
        lines.append(f"taken, and for you to look at in review: {many(count, 'row')}: {why}")
    return lines


async def _write(desk: Desk, rows: Sequence[Mapping[str, Value]], written: _Written) -> None:
    """One batch; where the store refuses it, row by row, so that one bad row delays nobody else."""
    try:
        await _upsert(desk, rows, written)
    except Refused as refused:
        if len(rows) == 1:
            written.refused[str(rows[0]["key"])] = f"the store refuses the row: {refused.detail or refused.cause}"
            return
        for row in rows:
            await _write(desk, [row], written)


async def _upsert(desk: Desk, rows: Sequence[Mapping[str, Value]], written: _Written) -> None:
    done = await desk.parts.world.store.upsert(rows)
    await _tell_queue(desk, [*done.created, *done.updated])
    written.created += len(done.created)
    written.updated += len(done.updated)


async def _tell_queue(desk: Desk, ids: Sequence[str]) -> None:
    """The queue knows our own rows at once, so that they are not taken for a pool that changed suddenly."""
    seen = []
    for row in (await desk.parts.world.store.read(ids, in_view=False)).values():
        try:
            seen.append(desk.parts.fact_book.seen(await desk.parts.rows.understand(row)))
        except Conflict:
            continue  # whoever wrote it has just seen it
    await desk.parts.world.ledger.see(seen, desk.parts.world.clock.now())


def _reasons(told: import_file.Imported) -> Counter[str]:
    return Counter(reason for _, reason, _ in told.rejects)


def _counts(told: import_file.Imported, written: _Written, *, dry: bool) -> str:
    said = [f"{written.created} new", f"{written.updated} there already and completed"]
    if told.duplicates:
        said.append(f"{many(told.duplicates, 'duplicate')} in the file merged")
    said.append(f"{len(told.rejects)} rejected")
    return ("dry run, nothing was written; it would be: " if dry else "imported: ") + ", ".join(said)


def _data(file: _File, told: import_file.Imported, written: _Written, looked_up: LookedUp) -> dict[str, object]:
    return {
        "rows": len(file.table.rows),
        "created": written.created,
        "updated": written.updated,
        "duplicates": told.duplicates,
        "rejected": len(told.rejects),
        "reasons": dict(_reasons(told)),
        "unanswered": len(looked_up.unanswered),
        "for_review": sum(bool(mailboxes.fault(str(row["key"]))) for row in told.rows),
        "columns": {OPERATOR_COLUMNS[field]: list(headers) for field, headers in file.columns.items()},
    }


IMPORT = Command(
    name="import", doc="leads from any export, by Key; run again to complete what broke off", run=import_leads
)
