"""How does a file become the one frozen configuration, or every sentence that says why it cannot?"""

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import TypeAdapter, ValidationError

from outboundd.config import checks, own_prompts, secrets, unbuilt
from outboundd.config.secrets import Secret
from outboundd.config.sentences import Fault, Place, in_order, known_part, told
from outboundd.config.shape import Airtable, Brevo, File, Researcher, Telegram, Writer
from outboundd.model.lead import COLUMNS
from outboundd.model.settings import Settings

PLACES = (Path("config.toml"), Path("/etc/outboundd/config.toml"))
UNCHECKED: Mapping[str, str] = MappingProxyType({})
UNCHECKED_KINDS: Mapping[str, Sequence[str]] = MappingProxyType({})

_SETTINGS = TypeAdapter(Settings)
_TWICE = re.compile(r"Cannot declare \((.*)\) twice")  # tomllib of Python 3.11 to 3.13
_STAND_IN = {"name": "Nobody", "email": "nobody@acme.example"}


@dataclass(frozen=True, kw_only=True)
class StoreChoice:
    """Where the leads are. `path` is that of the embedded store, `titles` maps our fields to the columns' names."""

    kind: str
    path: Path
    airtable: Airtable
    titles: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class MailerChoice:
    """Who carries the mail. `path` is that of the maildir."""

    kind: str
    path: Path
    brevo: Brevo


@dataclass(frozen=True, kw_only=True)
class Config:
    """All that the file says, checked. `settings` is what the rules are given; `jobs` maps a job to its cron (UTC).

    `own_prompts` are the names of those texts among its prompts that are the operator's own.
    """

    settings: Settings
    state_dir: Path
    suppression: Path
    store: StoreChoice
    mailer: MailerChoice
    writer: Writer
    researcher: Researcher
    telegram: Telegram
    heartbeat_url: str
    jobs: Mapping[str, str]
    own_prompts: tuple[str, ...] = ()
    secrets: Mapping[str, Secret] = field(default_factory=dict, repr=False)
    path: Path
    hash: str
    loaded_at: datetime


class ConfigError(Exception):
    """The program must not start with this file. One sentence for each mistake, sorted by place.

    The sentences quote the file. `places` say where the mistakes stand and nothing of its words: for logs and alerts.
    """

    def __init__(self, sentences: list[str], places: Sequence[str] = ("the file",)) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences
        self.places = tuple(dict.fromkeys(places))


def find(explicit: Path | None) -> Path:
    """The file that was named, else the first that is there of ./config.toml and /etc/outboundd/config.toml."""
    if explicit is not None:
        return explicit
    barred = []
    for place in PLACES:
        try:
            if place.exists():
                return place
        except PermissionError:  # in a directory that is closed to this user
            barred.append(place)
    if barred:
        return barred[-1]  # reading it will tell
    raise ConfigError([f"There is no {' and no '.join(map(str, PLACES))}; name a file with --config."])


def load(
    path: Path,
    env: Mapping[str, str],
    *,
    loaded_at: datetime,
    prompts: Mapping[str, str] = UNCHECKED,
    kinds: Mapping[str, Sequence[str]] = UNCHECKED_KINDS,
    priced: Sequence[str] = (),
) -> Config:
    """The configuration in this file. Raises ConfigError with every mistake at once.

    `prompts` are the shipped texts, over which the operator's own are laid, `kinds` the names a part (store, mailer,
    writer, researcher) may have, `priced` the models whose price is known.
    """
    raw = _read(path)
    document = _parse(path, raw)
    file, found, wrong = _shape(document)
    paths = _paths(file, path, env)
    own = own_prompts.read(file.writer.prompts_dir, path.parent)
    prompts = {**prompts, **own.texts}
    found += own.faults
    wrong |= {one.place for one in own.faults}
    found += checks.faults(checks.Subject(file=file, paths=paths, prompts=prompts, kinds=kinds, priced=priced), wrong)
    kinds_wanted = [file.store.kind, file.mailer.kind, file.writer.kind, file.researcher.kind]
    kinds_wanted += ["telegram"] if file.telegram.enabled else []
    found_secrets, missing = secrets.find(kinds_wanted, env)
    if found or missing:
        where = sorted(known_part(one.place) for one in found)
        raise ConfigError([*in_order(found), *missing], [*where, *(said.partition(":")[0] for said in missing)])
    return Config(
        settings=_settings(file, prompts),
        state_dir=paths[checks.STATE_DIR],
        suppression=paths[checks.SUPPRESSION],
        store=_store(file, paths[checks.STORE]),
        mailer=MailerChoice(kind=file.mailer.kind, path=paths[checks.MAIL], brevo=file.mailer.brevo),
        writer=file.writer,
        researcher=file.researcher,
        telegram=file.telegram,
        heartbeat_url=file.alerts.heartbeat_url,
        own_prompts=tuple(own.texts),
        secrets=found_secrets,
        jobs=MappingProxyType({job: table["cron"] for job, table in file.jobs.model_dump().items()}),
        path=path.resolve(),
        hash=hashlib.sha256(raw).hexdigest()[:12],
        loaded_at=loaded_at,
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ConfigError([f"{path}: no such file; name another with --config."]) from None
    except OSError as wrong:
        said = f"{path}: cannot be read ({wrong.strerror}); check its permissions."
        raise ConfigError([said]) from wrong


def _parse(path: Path, raw: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as wrong:
        row = raw[: wrong.start].count(b"\n") + 1
        said = f"{path.name}, line {row}: not UTF-8; save the file as UTF-8."
        raise ConfigError([said], [f"line {row}"]) from wrong
    except (ValueError, RecursionError) as wrong:
        what, _, where = str(wrong).partition(" (at ")
        spot = where.removesuffix(")") or "somewhere"
        if twice := _TWICE.fullmatch(what):
            table = ".".join(re.findall(r"'([^']*)'", twice[1]))
            said = f"{path.name}, {spot}: [{table}] stands further up already; change its lines there."
            raise ConfigError([said], [spot]) from wrong
        said = f"{path.name}, {spot}: not TOML ({what}); check quotes, brackets and that each key stands once."
        raise ConfigError([said], [spot]) from wrong


def _shape(document: dict[str, Any]) -> tuple[File, list[Fault], set[Place]]:
    """The file, every mistake of a single key, and the places where a default stands in for what is wrong.

    With defaults in place of the wrong values, the combinations of the right ones can be judged in the same pass.
    """
    found = unbuilt.faults(document)
    wrong = {one.place for one in found}
    rest = deepcopy(document)
    rest.setdefault("campaign", {})
    for one in found:
        _remove(rest, one.place)
    while True:  # each pass takes out at least one key, so it ends
        try:
            return File.model_validate(rest), found, wrong
        except ValidationError as error:
            faults = told(error)
        found += [one for one in faults if one.place not in wrong]
        for one in faults:
            wrong.add(one.place)
            _remove(rest, one.place)
        rest.setdefault("campaign", {}).setdefault("sender", _STAND_IN)


def _remove(document: dict[str, Any], place: Place) -> None:
    """Take out the key that is wrong; of a list, and of the sender, which has no default, all of it."""
    *tables, key = takewhile(lambda part: isinstance(part, str), place)
    if "sender" in tables:
        tables, key = ["campaign"], "sender"
    within: Any = document
    for table in tables:
        within = within.get(table, {})
    within.pop(key, None)


def _paths(file: File, path: Path, env: Mapping[str, str]) -> Mapping[Place, Path]:
    """Relative paths lie below $STATE_DIRECTORY under systemd, which may name several, else beside the file."""
    state_directory = env.get("STATE_DIRECTORY", "").partition(":")[0]
    base = Path(state_directory) if state_directory else path.parent
    return {place: (base / text).resolve() for place, text in checks.places(file).items()}


def _store(file: File, path: Path) -> StoreChoice:
    titles = {ours: file.store.fields.get(title, title) for ours, title in COLUMNS.items()}
    return StoreChoice(kind=file.store.kind, path=path, airtable=file.store.airtable, titles=MappingProxyType(titles))


def _settings(file: File, prompts: Mapping[str, str]) -> Settings:
    written = file.model_dump()
    return _SETTINGS.validate_python(
        {
            **{key: written[key] for key in ("campaign", "hours", "limits", "sequence", "variants")},
            "same_domains": file.attribution.same,
            "alerts": {"email_to": file.alerts.email_to, "quiet_hours": file.alerts.quiet_hours},
            "consent_settled": frozenset(file.compliance.consent_settled),
            "legal_basis": file.compliance.legal_basis,
            "privacy_url": file.compliance.privacy_url,
            "keep_days": file.privacy.keep_days,
            "prompts": prompts,
            "write_without_research": file.researcher.on_halt == "write_without",
        }
    )
