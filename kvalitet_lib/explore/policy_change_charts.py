"""Charts of what changed when a measure came: by years since, both groups' lines, and one school at a time left out."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.errors import ContractError
from kvalitet_lib.explore.stamp import Stamped, stamp
from kvalitet_lib.present.theme import THEME, css_points
from kvalitet_lib.texts import Texts

PALETTE = THEME.palette
COLOURS = (PALETTE.orange, PALETTE.sand, PALETTE.ink, PALETTE.muted)
MOST_SCHOOLS = 40  # more bars than this are not read
WIDTH = 7.5  # inches


def event_study(finding: Finding, language: str = "en", unit: str = "plain") -> Stamped:
    """What changed beside schools without the measure, by years since: each year's interval, and one that holds for all.

    Parameters
    ----------
    unit : str
        How a difference is written, ``units.<unit>`` in texts; ``plain`` for a number as it is.
    """
    texts, events = Texts(language), _table(finding, "event")
    level = texts.percent(finding.confidence)
    with matplotlib.rc_context(THEME.matplotlib()):  # type: ignore[arg-type]
        figure, axes = _axes(3.4, left=1.0)
        axes.axhline(0, color=PALETTE.muted, linewidth=1)
        axes.axvspan(-0.5, events["event"].max() + 0.5, color=PALETTE.blue_wash, zorder=0)
        known = events.dropna(subset=["lower"])
        axes.vlines(known["event"], known["lower_all"], known["upper_all"], color=PALETTE.blue_pale, linewidth=7)
        axes.vlines(known["event"], known["lower"], known["upper"], color=PALETTE.blue, linewidth=1.5)
        axes.plot(events["event"], events["estimate"], "o", color=PALETTE.blue)
        axes.plot([], [], color=PALETTE.blue, linewidth=1.5, label=_say(texts, "one", level=level))
        axes.plot([], [], color=PALETTE.blue_pale, linewidth=7, label=_say(texts, "all"))
        axes.set(xlabel=_say(texts, "since"), ylabel=_say(texts, "difference"))
        axes.set_xlim(events["event"].min() - 0.5, events["event"].max() + 0.5)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        _written(axes, texts, unit, "y")
        first, last = (texts.number(float(one)) for one in (events["event"].min(), events["event"].max()))
        return _finished(figure, axes, texts, "event", _say(texts, "alt_event", first=first, last=last))


def lines(finding: Finding, language: str = "en", unit: str = "plain") -> Stamped:
    """Mean by year of schools that got the measure, by when it came, and of those that did not."""
    texts, rows = Texts(language), _table(finding, "lines")
    times = list(dict.fromkeys(rows["time"]))
    groups = [one for one in dict.fromkeys(rows["treated_from"]) if one]
    with matplotlib.rc_context(THEME.matplotlib()):  # type: ignore[arg-type]
        figure, axes = _axes(3.4, left=1.0)
        without = rows[rows["treated_from"].eq("")]
        if len(without):
            axes.plot(without["time"].map(times.index), without["mean"], "o-", color=PALETTE.blue, label=_say(texts, "without"))
        for place, group in enumerate(groups):
            own = rows[rows["treated_from"].eq(group)]
            colour = COLOURS[place % len(COLOURS)]
            label = _say(texts, "with", start=_year(texts, group))
            axes.plot(own["time"].map(times.index), own["mean"], "D-", color=colour, label=label)
            begun = own[own["event"].ge(0)]
            if len(begun):
                axes.axvline(times.index(begun["time"].iloc[0]) - 0.5, color=colour, linewidth=1, linestyle="--")
        axes.set_xticks(range(len(times)), [_year(texts, one) for one in times])
        _written(axes, texts, unit, "y")
        return _finished(figure, axes, texts, "lines", _say(texts, "alt_lines", count=rows["treated_from"].nunique()))


def left_out(finding: Finding, names: Mapping[str, str] | None = None, language: str = "en", unit: str = "plain") -> Stamped:
    """The effect without each school in turn: those that move it most, when there are many.

    Parameters
    ----------
    names : mapping of str to str, optional
        School code → name.
    """
    texts, known, effect = Texts(language), names or {}, float(finding["effect"]["estimate"])
    rows = _table(finding, "leave_one_out")
    most = rows.assign(moves=(rows["estimate"] - effect).abs()).nlargest(MOST_SCHOOLS, "moves").sort_values("estimate")
    most = most.reset_index(drop=True)
    with matplotlib.rc_context(THEME.matplotlib()):  # type: ignore[arg-type]
        figure, axes = _axes(0.25 * len(most), left=2.4)
        axes.axvline(0, color=PALETTE.muted, linewidth=1)
        axes.axvline(effect, color=PALETTE.blue, linewidth=1.5, label=_say(texts, "whole"))
        for had, colour, marker, label in (
            (True, PALETTE.orange, "D", "with_any"),
            (False, PALETTE.blue, "o", "without"),
        ):
            own = most[most["treated"].eq(had)]
            axes.plot(own["estimate"], own.index, marker, color=colour, label=_say(texts, label))
        axes.set_yticks(most.index, [known.get(unit_code, unit_code) for unit_code in most["unit"]])
        axes.set(xlabel=_say(texts, "difference"), ylabel="", ylim=(len(most) - 0.5, -0.5))
        _written(axes, texts, unit, "x")
        return _finished(figure, axes, texts, "left_out", _say(texts, "alt_left_out", count=len(rows)))


def _say(texts: Texts, key: str, **values: object) -> str:
    return texts.say(f"explore.policy_change.{key}", **values)


def _year(texts: Texts, written: object) -> str:
    """A school year as readers write it; anything else as it is."""
    word = str(written)
    return texts.school_year(word) if len(word) == 7 and word[4] == "-" else word


def _table(finding: Finding, name: str) -> pd.DataFrame:
    if name not in finding.tables:
        why = finding.reason or "it was made by another design"
        raise ContractError(f"There is no table {name!r} to draw in this finding of {finding.analysis}: {why}.")
    return finding.tables[name]


def _axes(height: float, left: float) -> tuple[Figure, Axes]:
    above, below = 1.1, 0.65
    whole = above + height + below
    figure = Figure(figsize=(WIDTH, whole), dpi=96)
    return figure, figure.add_axes((left / WIDTH, below / whole, 1 - (left + 0.3) / WIDTH, height / whole))


def _written(axes: Axes, texts: Texts, unit: str, direction: str) -> None:
    axis = axes.xaxis if direction == "x" else axes.yaxis
    low, high = axis.get_view_interval()
    decimals = int(np.clip(1 - np.floor(np.log10(high - low)), 0, 6)) if high > low else 1

    def said(value: float, _: int) -> str:
        return texts.number(value, decimals) if unit == "plain" else texts.amount(value, unit)

    axis.set_major_formatter(FuncFormatter(said))


def _finished(figure: Figure, axes: Axes, texts: Texts, title: str, alt: str) -> Stamped:
    axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderpad=0.2)
    figure.text(0.15 / WIDTH, 1 - 0.18 / figure.get_figheight(), _say(texts, title), weight=600, size=css_points(14), va="top")
    return stamp(figure, alt, texts.language)
