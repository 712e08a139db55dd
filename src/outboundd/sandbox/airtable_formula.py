"""Which rows does a formula keep? The part of Airtable's formula language a client needs; all else is refused.

It knows {Field} by name or id, text in single or double quotes, numbers, = != < <= > >= & and parentheses, and the
functions AND, OR, NOT, LOWER, TRIM, LEN, BLANK, TRUE, FALSE, RECORD_ID, CREATED_TIME, LAST_MODIFIED_TIME,
DATETIME_PARSE (one argument), IS_BEFORE, IS_AFTER.

Text: a backslash escapes itself and both quotes, and makes n, r and t; another escape, or a bare line break, is
refused. A closing brace in a field's name is written with a backslash; two cannot be written (pyairtable, formulas.py).
Recalled, not verified: = heeds case; an empty cell equals "", 0 and BLANK().
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from outboundd.sandbox.airtable_cells import Field, Row, reckoned, stamp

Reading = Callable[[Row], object]
FieldOf = Callable[[str], Field | None]
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>'(?:[^'\\\r\n]|\\.)*'|"(?:[^"\\\r\n]|\\.)*")
    | \{(?P<field>(?:[^}\\]|\\.)+)\}
    | (?P<number>-?\d+(?:\.\d+)?)
    | (?P<name>[A-Z_]+)(?=\s*\()
    | (?P<sign>!=|<=|>=|[=<>&(),])
    )""",
    re.VERBOSE,
)
_ESCAPES = {"\\": "\\", "'": "'", '"': '"', "n": "\n", "r": "\r", "t": "\t"}
_GARBLED = "Invalid formula. Please check your formula text."


class InvalidFormula(Exception):
    """What Airtable says is wrong with it."""


class _CellError(Exception):
    """The result for this row is #ERROR!."""


@dataclass(frozen=True, kw_only=True)
class Formula:
    """`keeps` says whether a row stays. `ids`: no other row can (None: any may), so that nobody looks at all rows."""

    keeps: Callable[[Row], bool]
    ids: frozenset[str] | None


@dataclass(frozen=True, kw_only=True)
class _Part:
    value: Reading
    ids: frozenset[str] | None = None
    text: str | None = None
    is_id: bool = False


def compiled(text: str, field_of: FieldOf) -> Formula:
    """The formula, ready to be asked. InvalidFormula when it is outside of what is known here."""
    part = _Parser(_tokens(text), field_of).whole()

    def keeps(row: Row) -> bool:
        try:
            return _truthy(part.value(row))
        except _CellError:
            return False

    return Formula(keeps=keeps, ids=part.ids)


def pinned(text: str, field_of: FieldOf) -> str:
    """The same formula with field ids in place of names: a view goes on when a column is renamed."""
    compiled(text, field_of)
    pieces = []
    for kind, token in _tokens(text):
        found = field_of(_field_name(token)) if kind == "field" else None
        pieces.append(f"{{{found.id}}}" if found else token)
    return " ".join(pieces)


def _tokens(text: str) -> list[tuple[str, str]]:
    found = []
    position = 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise InvalidFormula(_GARBLED)
        found.append((match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return found


def _field_name(token: str) -> str:
    if token.count("}") > 1:
        raise InvalidFormula(_GARBLED)
    return token.replace("\\}", "}")


def _unquoted(token: str) -> str:
    def plain(match: re.Match[str]) -> str:
        if match[1] not in _ESCAPES:
            raise InvalidFormula(_GARBLED)
        return _ESCAPES[match[1]]

    return re.sub(r"\\(.)", plain, token[1:-1])


class _Parser:
    """comparison := joined [sign joined]; joined := single {& single}; single := value, call or (comparison)."""

    def __init__(self, tokens: list[tuple[str, str]], field_of: FieldOf) -> None:
        self._tokens = [*tokens, ("end", "")]
        self._at = 0
        self._field_of = field_of

    def whole(self) -> _Part:
        part = self._comparison()
        self._expect("end", "")
        return part

    def _next(self) -> tuple[str, str]:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _met(self, *signs: str) -> str | None:
        kind, token = self._tokens[self._at]
        if kind != "sign" or token not in signs:
            return None
        self._at += 1
        return token

    def _expect(self, kind: str, token: str) -> None:
        if self._next() != (kind, token):
            raise InvalidFormula(_GARBLED)

    def _comparison(self) -> _Part:
        left = self._joined()
        sign = self._met("=", "!=", "<", "<=", ">", ">=")
        if sign is None:
            return left
        right = self._joined()
        ids = _ids_of_equality(left, right) if sign == "=" else None
        compare, a, b = _COMPARISONS[sign], left.value, right.value
        return _Part(value=lambda row: compare(a(row), b(row)), ids=ids)

    def _joined(self) -> _Part:
        part = self._single()
        while self._met("&"):
            part = _Part(value=_concatenation(part.value, self._single().value))
        return part

    def _single(self) -> _Part:
        kind, token = self._next()
        if kind == "text":
            text = _unquoted(token)
            return _Part(value=lambda _: text, text=text)
        if kind == "number":
            number = float(token)
            return _Part(value=lambda _: number)
        if kind == "field":
            return self._field(_field_name(token))
        if kind == "name":
            return self._call(token)
        if (kind, token) != ("sign", "("):
            raise InvalidFormula(_GARBLED)
        part = self._comparison()
        self._expect("sign", ")")
        return part

    def _field(self, name: str) -> _Part:
        column = self._field_of(name)
        if column is None:
            raise InvalidFormula(f"Unknown field names: {name}")
        return _Part(value=lambda row: reckoned(column, row))

    def _call(self, name: str) -> _Part:
        self._expect("sign", "(")
        arguments: list[_Part] = []
        if not self._met(")"):
            arguments.append(self._comparison())
            while self._met(","):
                arguments.append(self._comparison())
            self._expect("sign", ")")
        return _called(name, arguments)


def _called(name: str, arguments: Sequence[_Part]) -> _Part:
    values = [one.value for one in arguments]
    if name in {"AND", "OR"} and arguments:
        ids = [one.ids for one in arguments if one.ids is not None]
        if name == "AND":
            return _Part(
                value=lambda row: all(_truthy(one(row)) for one in values),
                ids=frozenset.intersection(*ids) if ids else None,
            )
        return _Part(
            value=lambda row: any(_truthy(one(row)) for one in values),
            ids=frozenset.union(*ids) if len(ids) == len(values) else None,
        )
    if name in _OF_THE_ROW and not arguments:
        return _Part(value=_OF_THE_ROW[name], is_id=name == "RECORD_ID")
    count, function = _FUNCTIONS.get(name, (-1, _truthy))
    if count != len(arguments):
        raise InvalidFormula(_GARBLED)
    return _Part(value=lambda row: function(*(one(row) for one in values)))


def _ids_of_equality(left: _Part, right: _Part) -> frozenset[str] | None:
    for a, b in ((left, right), (right, left)):
        if a.is_id and b.text is not None:
            return frozenset([b.text])
    return None


def _concatenation(left: Reading, right: Reading) -> Reading:
    return lambda row: _as_text(left(row)) + _as_text(right(row))


def _truthy(value: object) -> bool:
    """None of 0, false, "", NaN, [] (Airtable docs, List records)."""
    return bool(value) and not (isinstance(value, float) and math.isnan(value))


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(int(value)) if value == int(value) else str(value)
    raise _CellError  # what a checkbox looks like as text is not documented


def _same(left: object, right: object) -> bool:
    if left is None or right is None:
        return not left and not right
    left, right = (_as_text(one) if isinstance(one, list) else one for one in (left, right))
    return left == right


def _less(left: object, right: object) -> bool:
    if isinstance(left, datetime) and isinstance(right, datetime):
        return left < right
    return _as_number(left) < _as_number(right)


def _as_number(value: object) -> float:
    if value is None:
        return 0.0
    if isinstance(value, int | float):
        return float(value)
    raise _CellError


def _parsed(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(_as_text(value))
    except ValueError:
        raise _CellError from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_before(left: object, right: object) -> bool:
    if not isinstance(left, datetime) or not isinstance(right, datetime):
        raise _CellError
    return left < right


_COMPARISONS: dict[str, Callable[[object, object], bool]] = {
    "=": _same,
    "!=": lambda left, right: not _same(left, right),
    "<": _less,
    ">": lambda left, right: _less(right, left),
    "<=": lambda left, right: not _less(right, left),
    ">=": lambda left, right: not _less(left, right),
}
_OF_THE_ROW: dict[str, Reading] = {
    "RECORD_ID": lambda row: row.id,
    "CREATED_TIME": lambda row: row.created,
    "LAST_MODIFIED_TIME": lambda row: row.modified,
}
_FUNCTIONS: dict[str, tuple[int, Callable[..., object]]] = {
    "BLANK": (0, lambda: None),
    "TRUE": (0, lambda: True),
    "FALSE": (0, lambda: False),
    "NOT": (1, lambda value: not _truthy(value)),
    "LOWER": (1, lambda value: _as_text(value).lower()),
    "TRIM": (1, lambda value: _as_text(value).strip()),
    "LEN": (1, lambda value: len(_as_text(value))),
    "DATETIME_PARSE": (1, _parsed),
    "IS_BEFORE": (2, _is_before),
    "IS_AFTER": (2, lambda left, right: _is_before(right, left)),
}
