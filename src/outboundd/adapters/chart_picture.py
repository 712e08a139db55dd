"""What does the chart of the last days look like, on a phone?

A program of its own, started by `chart`: figures as JSON on its input, a PNG on its output. It imports nothing of ours,
and nobody imports it: what it loads is not to stay in the daemon.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

WIDTH_IN, HEIGHT_IN, DOTS_PER_IN = 6.0, 4.0, 200
INK, MUTED, LINE = "#1f2933", "#6b7785", "#e3e7eb"
SENT, DELIVERED, BOUNCED = "#bcd3ea", "#2f6fae", "#d64545"
BAR, NUMBER_SIZE = 0.72, 8
FEWEST_SHOWN = 5  # the axis of an empty chart still has numbers

Days = Sequence[Mapping[str, str | int]]


def png(days: Days) -> bytes:
    """The chart: what was sent above the line, delivered in front of it, bounces below."""
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=DOTS_PER_IN, facecolor="white")
    axes = figure.add_axes((0.085, 0.135, 0.885, 0.605))
    _bars(axes, days)
    _frame(axes, days)
    figure.text(0.035, 0.925, _title(days), size=14, weight="bold", color=INK)
    _totals(figure, days)
    out = BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()


def _numbers(days: Days, what: str) -> list[int]:
    return [int(day[what]) for day in days]


def _bars(axes: Axes, days: Days) -> None:
    places, sent, bounced = range(len(days)), _numbers(days, "sent"), _numbers(days, "bounced")
    axes.bar(places, sent, width=BAR, color=SENT, zorder=2)
    axes.bar(places, _numbers(days, "delivered"), width=BAR, color=DELIVERED, zorder=3)
    axes.bar(places, [-number for number in bounced], width=BAR, color=BOUNCED, zorder=3)
    for place, up, down in zip(places, sent, bounced, strict=True):
        for number, at, color, points, side in ((up, up, INK, 2, "bottom"), (down, -down, BOUNCED, -2, "top")):
            if number:
                axes.annotate(
                    f"{number:,}",
                    (place, at),
                    xytext=(0, points),
                    textcoords="offset points",
                    ha="center",
                    va=side,
                    size=NUMBER_SIZE,
                    color=color,
                )


def _frame(axes: Axes, days: Days) -> None:
    """Axes that fit: room for the numbers at both ends, a bar of usual width when there is one day."""
    highest = max([FEWEST_SHOWN, *_numbers(days, "sent"), *_numbers(days, "delivered")])
    lowest = max([0, *_numbers(days, "bounced")])
    axes.set_ylim(-(lowest + 0.09 * highest if lowest else 0), highest * 1.1)
    middle, half = (len(days) - 1) / 2, max(len(days), 7) / 2
    axes.set_xlim(middle - half, middle + half)
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10], integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,.0f}" if number >= 0 else ""))
    axes.set_xticks(range(len(days)), [f"{_date(day):%a}\n{_date(day).day}" for day in days])
    axes.tick_params(length=0, labelsize=9, labelcolor=MUTED, pad=5)
    axes.grid(axis="y", color=LINE, zorder=0)
    axes.axhline(0, color=MUTED, linewidth=0.8, zorder=4)
    axes.spines[:].set_visible(False)
    if not any(_numbers(days, "sent")):
        axes.text(0.5, 0.5, "No mail was sent.", transform=axes.transAxes, ha="center", size=12, color=MUTED)


def _date(day: Mapping[str, str | int]) -> date:
    return date.fromisoformat(str(day["day"]))


def _title(days: Days) -> str:
    if not days:
        return "Mails"
    first, last = _date(days[0]), _date(days[-1])
    end = f"{last.day} {last:%B %Y}"
    if first == last:
        return f"Mails of {end}"
    begin = f"{first.day}" if (first.year, first.month) == (last.year, last.month) else f"{first.day} {first:%B}"
    return f"Mails, {begin} to {end}"


def _totals(figure: Figure, days: Days) -> None:
    """The sums, each with the colour of its bars: they are the legend too."""
    left = 0.035
    for what, color in (("sent", SENT), ("delivered", DELIVERED), ("bounced", BOUNCED)):
        figure.text(left, 0.838, "■", size=14, color=color, va="center")
        figure.text(left + 0.04, 0.84, f"{sum(_numbers(days, what)):,} {what}", size=11, color=INK, va="center")
        left += 0.31


if __name__ == "__main__":
    sys.stdout.buffer.write(png(json.load(sys.stdin)))
