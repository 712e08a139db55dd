"""Do the keys agree with one another? Each check compares a few valid values and tells what cannot be meant."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from outboundd.config import own_prompts
from outboundd.config.sentences import Fault, Place, absent, fault, named
from outboundd.config.shape import File
from outboundd.rules import languages
from outboundd.rules.prompt_text import KINDS


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What the checks look at. `paths` are the resolved ones by their place, `priced` the models whose price is known.

    No prompts, kinds or priced models means that they are unchecked.
    """

    file: File
    paths: Mapping[Place, Path]
    prompts: Mapping[str, str]
    kinds: Mapping[str, Sequence[str]]
    priced: Sequence[str] = ()


STATE_DIR: Place = ("state_dir",)
SUPPRESSION: Place = ("suppression",)
STORE: Place = ("store", "sqlite", "path")
MAIL: Place = ("mailer", "maildir", "path")


def places(file: File) -> Mapping[Place, str]:
    """The paths as they are written."""
    return {
        STATE_DIR: file.state_dir,
        SUPPRESSION: file.suppression,
        STORE: file.store.sqlite.path,
        MAIL: file.mailer.maildir.path,
    }


def faults(subject: Subject, wrong: set[Place]) -> Iterator[Fault]:
    """What the combinations are wrong in. A check that needs a place in `wrong` cannot be made and is left out."""
    for check, needs in _CHECKS:
        if not any(_overlap(place, need) for place in wrong for need in needs):
            yield from check(subject)


def _hours(subject: Subject) -> Iterator[Fault]:
    hours = subject.file.hours
    if hours.end <= hours.start:
        says = f'not after hours.start = "{hours.start:%H:%M}"; give a later end'
        yield fault(("hours", "end"), f"{hours.end:%H:%M}", says)


def _gap(subject: Subject) -> Iterator[Fault]:
    low, high = subject.file.limits.gap_s
    if high < low:
        yield absent(("limits", "gap_s"), f"{low:g} to {high:g} is reversed; write [{high:g}, {low:g}]")


def _warmup(subject: Subject) -> Iterator[Fault]:
    limits = subject.file.limits
    for key in ("start_per_day", "already_per_day"):
        value = getattr(limits.warmup, key)
        if value > limits.per_day:
            says = f"more than limits.per_day = {limits.per_day}; lower it or raise per_day"
            yield fault(("limits", "warmup", key), value, says)


def _follow_ups(subject: Subject) -> Iterator[Fault]:
    sequence = subject.file.sequence
    before = 0
    for index, step in enumerate(sequence.follow_ups):
        place = ("sequence", "follow_ups", index, "after_days")
        least = before + sequence.min_gap_days
        if step.after_days <= before:
            yield fault(place, step.after_days, f"not after the follow-up before it ({before}); let the days rise")
        elif step.after_days < least:
            says = f"closer than min_gap_days = {sequence.min_gap_days} to the mail before it; the least is {least}"
            yield fault(place, step.after_days, says)
        before = step.after_days


def _kinds(subject: Subject) -> Iterator[Fault]:
    """Every part must be one that is built; which are is known where they are put together."""
    for part, built in subject.kinds.items():
        kind = getattr(subject.file, part).kind
        if kind not in built:
            yield fault((part, "kind"), kind, "unknown; use " + " or ".join(f'"{name}"' for name in built))


def _airtable(subject: Subject) -> Iterator[Fault]:
    """A base is named, and rows are not marked as mailed that nobody was mailed from."""
    file = subject.file
    if file.store.kind != "airtable":
        if file.store.fields:
            says = f'only Airtable\'s columns have names of your own; store.kind is "{file.store.kind}", remove it'
            yield absent(("store", "fields"), says)
        return
    if not file.store.airtable.base:
        says = "is not named; write the id that stands in the base's address, app and 14 letters or digits"
        yield absent(("store", "airtable", "base"), says)
    if file.mailer.kind == "maildir":
        says = (
            'with the mailer "maildir" it would mark rows as mailed that nobody was mailed from; use the store '
            '"sqlite" to try things out, or the mailer "brevo" and --dry-run'
        )
        yield fault(("store", "kind"), file.store.kind, says)


def _identity(subject: Subject) -> Iterator[Fault]:
    """Who writes to strangers says where he is, and how to be left alone; only a maildir may go without."""
    campaign, kind = subject.file.campaign, subject.file.mailer.kind
    if kind == "maildir" or kind not in subject.kinds.get("mailer", (kind,)):
        return
    for key, what in (("postal_address", "your postal address"), ("opt_out_line", "a line on how to be left alone")):
        if not getattr(campaign, key).strip():
            says = f'missing; the mailer "{kind}" starts only with {what}'
            yield absent(("campaign", key), says)


def _price(subject: Subject) -> Iterator[Fault]:
    """Without its price a model's cost could not be kept below the daily limit."""
    writer = subject.file.writer
    if writer.kind != "openai" or writer.usd_per_million or not subject.priced or writer.model in subject.priced:
        return
    says = (
        "its price is not known here; write [writer] usd_per_million = [input, cached input, output], or use "
        + " or ".join(f'"{model}"' for model in subject.priced)
    )
    yield fault(("writer", "model"), writer.model, says)


def _language(subject: Subject) -> Iterator[Fault]:
    """Only a model writes in a language that it is asked for."""
    language, kind = subject.file.campaign.language, subject.file.writer.kind
    if kind == "template" and language != languages.ENGLISH:
        says = (
            'the writer "template" writes its texts as they stand, in their own language; leave it at "en" (templates '
            'of your own in [writer] prompts_dir may be in any), or use the writer "openai"'
        )
        yield fault(("campaign", "language"), language, says)


def _telegram(subject: Subject) -> Iterator[Fault]:
    """A bot that is on listens to somebody, and writes to one whom it knows."""
    bot = subject.file.telegram
    if not bot.enabled:
        return
    if not bot.allowed_user_ids:
        says = "names nobody; write your numeric id, as in [123456789] (the bot @userinfobot tells it)"
        yield absent(("telegram", "allowed_user_ids"), says)
    elif bot.alert_chat_id > 0 and bot.alert_chat_id not in bot.allowed_user_ids:
        says = "is not among allowed_user_ids; use one of them, 0 for the first, or a group's negative id"
        yield fault(("telegram", "alert_chat_id"), bot.alert_chat_id, says)


def _names(subject: Subject) -> Iterator[Fault]:
    lists: Mapping[Place, list[str]] = {
        ("variants",): [variant.name for variant in subject.file.variants],
        ("sequence", "follow_ups"): [step.name for step in subject.file.sequence.follow_ups],
    }
    for place, names in lists.items():
        for index, name in enumerate(names):
            if name in names[:index]:
                yield fault((*place, index, "name"), name, "stands twice; give each a name of its own")


def _weights(subject: Subject) -> Iterator[Fault]:
    if all(variant.weight == 0 for variant in subject.file.variants):
        yield absent(("variants",), "every weight is 0, so no lead could get one; give at least one variant a weight")


def _prompts(subject: Subject) -> Iterator[Fault]:
    """Every variant needs a prompt file for each kind of mail; a missing one would be noticed days later."""
    shipped = ", ".join(sorted({name.partition(".")[0] for name in subject.prompts}))
    for index, variant in enumerate(subject.file.variants if subject.prompts else ()):
        missing = [kind for kind in KINDS if f"{variant.prompt}.{kind}" not in subject.prompts]
        if missing:
            says = f"there is no prompt file {variant.prompt}.{missing[0]}.md; use one of: {shipped}"
            yield fault(("variants", index, "prompt"), variant.prompt, says)


def _paths(subject: Subject) -> Iterator[Fault]:
    """What survives the loss of the state directory must lie beside it, and two files cannot be one."""
    written = places(subject.file)
    for (one, first), (other, second) in combinations(subject.paths.items(), 2):
        if first == second:
            yield fault(other, written[other], f"the same place as {named(one)}; give each its own")
        elif one in (STATE_DIR, MAIL) and first in second.parents:
            yield fault(other, written[other], f"lies inside {named(one)}; put it beside it")
        elif second in first.parents:
            yield fault(one, written[one], f"lies inside {named(other)}; put it beside it")


_CHECKS: tuple[tuple[Callable[[Subject], Iterator[Fault]], tuple[Place, ...]], ...] = (
    (_hours, (("hours", "start"), ("hours", "end"))),
    (_gap, (("limits", "gap_s"),)),
    (_warmup, (("limits", "per_day"), ("limits", "warmup"))),
    (_follow_ups, (("sequence", "follow_ups"), ("sequence", "min_gap_days"))),
    (_kinds, (("store", "kind"), ("mailer", "kind"), ("writer", "kind"), ("researcher", "kind"))),
    (_airtable, (("store",), ("mailer", "kind"))),
    (_identity, (("mailer", "kind"), ("campaign", "postal_address"), ("campaign", "opt_out_line"))),
    (_price, (("writer", "kind"), ("writer", "model"), ("writer", "usd_per_million"))),
    (_language, (("campaign", "language"), ("writer", "kind"))),
    (_telegram, (("telegram",),)),
    (_names, (("variants",), ("sequence", "follow_ups"))),
    (_weights, (("variants",),)),
    (_prompts, (("variants",), own_prompts.PLACE)),
    (_paths, (STATE_DIR, SUPPRESSION, STORE, MAIL)),
)


def _overlap(place: Place, need: Place) -> bool:
    shorter = min(len(place), len(need))
    return place[:shorter] == need[:shorter]
