"""Charts of trends: every school's years and line, and every slope with its interval. Never in order of size."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.explore.one_chart import one_chart, table_of
from kvalitet_lib.explore.stamp import Stamped, stamp
from kvalitet_lib.indicators import all_indicators
from kvalitet_lib.present.theme import THEME, css_points
from kvalitet_lib.present.words import name_of
from kvalitet_lib.texts import Texts

PALETTE = THEME.palette
WIDTH, PANEL, ACROSS = 7.5, 1.15, 5  # inches, inches, small charts in a row


def lines_chart(finding: Finding, names: Mapping[str, str] | None = None, language: str = "en") -> Stamped:
    """One small chart for each school, all on the same scale: its years, and its line in every unbroken series.

    Parameters
    ----------
    names : mapping of str to str, optional
        School code → name.
    """
    texts, points = Texts(language), table_of(finding, "points")
    schools = sorted(points["school"].unique())
    times = list(dict.fromkeys(points.sort_values("at")["school_year"]))
    rows = -(-len(schools) // ACROSS)
    with matplotlib.rc_context(THEME.matplotlib()):  # type: ignore[arg-type]
        above, below = 0.55, 0.4
        height = above + rows * PANEL + below
        figure = Figure(figsize=(WIDTH, height), dpi=96)
        figure.text(0.15 / WIDTH, 1 - 0.18 / height, _title(finding, texts), weight=600, size=css_points(14), va="top")
        limits = _padded(points["estimate"])
        for place, school in enumerate(schools):
            row, column = divmod(place, ACROSS)
            left, width = 0.6 + column * (WIDTH - 0.7) / ACROSS, (WIDTH - 0.7) / ACROSS - 0.12
            bottom = below + (rows - 1 - row) * PANEL + 0.08
            axes = figure.add_axes((left / WIDTH, bottom / height, width / WIDTH, (PANEL - 0.36) / height))
            _school(axes, points[points["school"].eq(school)], (names or {}).get(school, school))
            axes.set(xlim=_padded(points["at"]), ylim=limits)
            _ticks(axes, finding, texts, points, times, first=column == 0, last=place + ACROSS >= len(schools))
        return stamp(figure, texts.say("explore.trends.alt_lines", count=len(schools)), language)


def slopes_chart(finding: Finding, names: Mapping[str, str] | None = None, language: str = "en") -> Stamped:
    """Each school's change per year with its interval, and the slope drawn towards the mean of all.

    Parameters
    ----------
    names : mapping of str to str, optional
        School code → name.
    """
    texts = Texts(language)
    schools = table_of(finding, "schools").sort_values("school")
    whole = finding.estimates[finding.estimates["term"].eq("slope") & finding.estimates["group"].eq("all")]
    whole = whole.iloc[: int(len(schools) > 1)]
    told = pd.concat([whole.rename(columns={"group": "school", "estimate": "slope"}), schools], ignore_index=True)
    labels = [texts.say("explore.trends.all")] * len(whole) + [(names or {}).get(code, code) for code in schools["school"]]
    secured = told["p_adjusted"].lt(1 - finding.confidence)
    drawn = told["shrunken"].notna().any() if "shrunken" in told else False

    def draw(axes: Axes) -> str:
        places = np.arange(len(told))
        axes.axvline(0, color=PALETTE.muted, linewidth=1)
        for mine, colour, label in ((~secured, PALETTE.blue, "raw"), (secured, PALETTE.orange, "secured")):
            if mine.any():
                axes.hlines(places[mine], told.loc[mine, "lower"], told.loc[mine, "upper"], color=colour, alpha=0.3, linewidth=5)
                axes.plot(told.loc[mine, "slope"], places[mine], "o", color=colour, label=texts.say(f"explore.trends.{label}"))
        if drawn:
            axes.plot(told["shrunken"], places, "D", color=PALETTE.sand, markersize=4, label=texts.say("explore.trends.shrunken"))
        axes.set_yticks(places, labels)
        axes.set_ylim(len(told) - 0.4, -0.6)
        axes.set_xlabel(texts.say("explore.trends.per_year"))
        axes.xaxis.set_major_formatter(lambda value, _: _amount(value, finding, texts, difference=True))
        return texts.say(
            "explore.trends.alt_slopes", count=len(schools), secured=int(finding.numbers["secured"]),
            tests=int(finding.numbers["tests"]),
        )  # fmt: skip

    title = f"{_outcome(finding, texts)}: {texts.say('explore.trends.title_slopes')}"
    entries = 1 + int(secured.any() and (~secured).any()) + int(drawn)
    return one_chart(draw, title, texts, height=0.26 * len(told) + 0.2, left=2.2, entries=entries)


def _school(axes: Axes, points: pd.DataFrame, name: str) -> None:
    for _, part in points.sort_values("at").groupby("segment"):
        axes.plot(part["at"], part["fitted"], color=PALETTE.orange, linewidth=1.5)
    axes.plot(points["at"], points["estimate"], "o", color=PALETTE.blue, markersize=3.5)
    axes.set_title(name if len(name) < 24 else name[:22] + "…", loc="left", size=css_points(11), pad=3, color=PALETTE.text)


def _ticks(
    axes: Axes, finding: Finding, texts: Texts, points: pd.DataFrame, times: list[str], *, first: bool, last: bool
) -> None:
    ends = [points["at"].min(), points["at"].max()]
    axes.set_xticks(ends, [texts.school_year(times[0]), texts.school_year(times[-1])] if last else ["", ""])
    begin, end = axes.get_xticklabels()
    begin.set_horizontalalignment("left")
    end.set_horizontalalignment("right")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=3))
    axes.yaxis.set_major_formatter(lambda value, _: _amount(value, finding, texts) if first else "")
    axes.grid(axis="y")


def _padded(values: pd.Series) -> tuple[float, float]:
    room = 0.08 * (float(np.ptp(values)) or 1.0)
    return float(values.min()) - room, float(values.max()) + room


def _outcome(finding: Finding, texts: Texts) -> str:
    return name_of(finding.outcome, texts) if finding.outcome in all_indicators() else finding.outcome


def _title(finding: Finding, texts: Texts) -> str:
    return texts.say("explore.trends.title_lines", outcome=_outcome(finding, texts))


def _amount(value: float, finding: Finding, texts: Texts, difference: bool = False) -> str:
    """In the indicator's unit, where it is one."""
    indicator = all_indicators().get(finding.outcome)
    if indicator is None:
        return f"{value:g}"
    return texts.difference(value, indicator.unit, short=True) if difference else texts.amount(value, indicator.unit)
