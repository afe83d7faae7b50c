"""Charts of growth percentiles: every school with its interval, over the years, and who is on the way. Never in order of size."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.explore.one_chart import one_chart, table_of
from kvalitet_lib.explore.stamp import Stamped
from kvalitet_lib.present.theme import THEME
from kvalitet_lib.texts import Texts

PALETTE = THEME.palette
LINE = 0.27  # inches for each school
USUAL = 50


def schools_chart(finding: Finding, names: Mapping[str, str] | None = None, language: str = "en") -> Stamped:
    """Each school's median growth percentile with its interval, and the mean beside it; told from chance in orange.

    Parameters
    ----------
    names : mapping of str to str, optional
        School code → name.
    """
    texts = Texts(language)
    schools = table_of(finding, "schools").sort_values("school", ignore_index=True)
    told = schools["p_adjusted"].lt(1 - finding.confidence)

    def draw(axes: Axes) -> str:
        places = np.arange(len(schools))
        axes.axvline(USUAL, color=PALETTE.muted, linewidth=1, label=_say(texts, "usual"))
        colours = np.where(told, PALETTE.orange, PALETTE.blue)
        axes.hlines(places, schools["lower"], schools["upper"], color=colours, alpha=0.3, linewidth=5)
        axes.scatter(schools["estimate"], places, color=colours, s=34, zorder=3)
        axes.plot([], [], "o", color=PALETTE.blue, label=_say(texts, "median"))
        axes.plot(schools["mean"], places, "D", color=PALETTE.sand, markersize=4, label=_say(texts, "mean"), zorder=4)
        _schools(axes, [(names or {}).get(code, code) for code in schools["school"]], schools["n"])
        axes.set(xlim=(0, 100), xlabel=_say(texts, "axis"))
        return _say(texts, "alt_schools", count=len(schools))

    return one_chart(draw, _say(texts, "title_schools"), texts, height=LINE * len(schools) + 0.2, left=2.5, entries=3)


def years_chart(finding: Finding, language: str = "en") -> Stamped:
    """A thin line for each school over the years, drawn at the mean growth percentile."""
    texts = Texts(language)
    rows = table_of(finding, "school_years").sort_values("school_year")
    years = sorted(rows["school_year"].unique())
    reach = max(15.0, 1.1 * float((rows["mean"] - USUAL).abs().max()))

    def draw(axes: Axes) -> str:
        axes.axhline(USUAL, color=PALETTE.muted, linewidth=1)
        for _, own in rows.groupby("school"):
            axes.plot(
                own["school_year"].map(years.index),
                own["mean"],
                color=PALETTE.blue,
                alpha=0.45,
                linewidth=1.5,
                marker="o",
                markersize=3,
            )
        axes.set_xticks(range(len(years)), [texts.school_year(year) for year in years])
        axes.set(ylim=(max(0, USUAL - reach), min(100, USUAL + reach)), ylabel=_say(texts, "axis_years"))
        return _say(texts, "alt_years", count=rows["school"].nunique())

    return one_chart(draw, _say(texts, "title_years"), texts)


def on_the_way_chart(finding: Finding, names: Mapping[str, str] | None = None, language: str = "en") -> Stamped:
    """Each school's share on the way to the target with its interval, and the share of pupils like them that reached it."""
    texts = Texts(language)
    schools = table_of(finding, "on_the_way")
    schools = schools[schools["school"].ne("") & schools["n"].gt(0)].sort_values("school", ignore_index=True)

    def draw(axes: Axes) -> str:
        places = np.arange(len(schools))
        axes.hlines(places, schools["lower"], schools["upper"], color=PALETTE.blue, alpha=0.3, linewidth=5)
        axes.plot(schools["estimate"], places, "o", color=PALETTE.blue, label=_say(texts, "on_the_way"))
        axes.plot(schools["expected"], places, "D", color=PALETTE.sand, markersize=4, label=_say(texts, "expected"))
        _schools(axes, [(names or {}).get(code, code) for code in schools["school"]], schools["n"])
        axes.set(xlim=(0, 1.02), xlabel=_say(texts, "axis_ahead"))
        axes.xaxis.set_major_formatter(lambda value, _: texts.percent(value))
        return _say(texts, "alt_ahead", count=len(schools))

    return one_chart(draw, _say(texts, "title_ahead"), texts, height=LINE * len(schools) + 0.2, left=2.5, entries=2)


def _schools(axes: Axes, labels: list[str], n: np.ndarray) -> None:
    axes.set_yticks(range(len(labels)), [f"{label} ({pupils:.0f})" for label, pupils in zip(labels, n, strict=True)])
    axes.set_ylim(len(labels) - 0.4, -0.6)


def _say(texts: Texts, key: str, **places: object) -> str:
    return texts.say(f"explore.growth.{key}", **places)
