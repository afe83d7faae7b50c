"""Charts of a class that is followed: two ways to compare, who came and went, and what those lost may do to the answer."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.explore.one_chart import one_chart, table_of
from kvalitet_lib.explore.stamp import Stamped
from kvalitet_lib.present.theme import THEME
from kvalitet_lib.texts import Texts

PALETTE = THEME.palette
LINE = 0.34  # inches for each school
WAYS = {"same_pupils": (PALETTE.blue, -0.13), "class_against_class": (PALETTE.orange, 0.13)}
KINDS = {
    "stayed": PALETTE.blue,
    "moved_in": PALETTE.blue_pale,
    "new": PALETTE.muted,
    "moved_out": PALETTE.orange_pale,
    "lost": PALETTE.orange,
    "no_result": PALETTE.sand,
}
GONE = ("moved_out", "lost", "no_result")


def two_ways_chart(finding: Finding, names: Mapping[str, str] | None = None, language: str = "en") -> Stamped:
    """Each school's change among the same pupils, and this year's class less last year's, with intervals.

    Parameters
    ----------
    names : mapping of str to str, optional
        School code → name.
    """
    texts, schools = Texts(language), _schools(finding)
    schools = schools[schools[[f"{way}_estimate" for way in WAYS]].notna().any(axis=1)].reset_index(drop=True)

    def draw(axes: Axes) -> str:
        places = np.arange(len(schools))
        axes.axvline(0, color=PALETTE.muted, linewidth=1)
        for way, (colour, shift) in WAYS.items():
            lower, upper = schools[f"{way}_lower"], schools[f"{way}_upper"]
            axes.hlines(places + shift, lower, upper, color=colour, alpha=0.3, linewidth=4)
            axes.plot(schools[f"{way}_estimate"], places + shift, "o", color=colour, markersize=5, label=_say(texts, way))
        _labelled(axes, schools, names)
        axes.set_xlabel(_say(texts, "axis_two_ways"))
        axes.set_xlim(*_middle(schools))
        axes.xaxis.set_major_formatter(lambda value, _: texts.number(value, 1))
        return _say(texts, "alt_two_ways", count=len(schools))

    return one_chart(draw, _say(texts, "title_two_ways"), texts, height=LINE * len(schools) + 0.2, left=2.3, entries=2)


def moves_chart(finding: Finding, names: Mapping[str, str] | None = None, language: str = "en") -> Stamped:
    """Each school's pupils: to the right those who are there now, by where they came from; to the left those who are gone."""
    texts, schools = Texts(language), _schools(finding)
    schools = schools.assign(no_result=schools["no_result_now"])

    def draw(axes: Axes) -> str:
        places, left, right = np.arange(len(schools)), np.zeros(len(schools)), np.zeros(len(schools))
        for kind, colour in KINDS.items():
            pupils = schools[kind].to_numpy(dtype=float)
            begin = -(left + pupils) if kind in GONE else right
            axes.barh(places, pupils, left=begin, color=colour, height=0.7, label=_say(texts, kind))
            left, right = (left + pupils, right) if kind in GONE else (left, right + pupils)
        axes.axvline(0, color=PALETTE.ink, linewidth=1)
        _labelled(axes, schools, names)
        axes.set_xlabel(_say(texts, "axis_moves"))
        axes.xaxis.set_major_formatter(lambda value, _: texts.number(abs(value)))
        return _say(texts, "alt_moves", count=len(schools))

    return one_chart(draw, _say(texts, "title_moves"), texts, height=0.27 * len(schools) + 0.2, left=2.3, entries=len(KINDS))


def loss_chart(finding: Finding, language: str = "en") -> Stamped:
    """The change of all pupils as measured, reweighted, and at the bounds of what it could be."""
    texts, numbers = Texts(language), finding.numbers
    table_of(finding, "loss")
    measured = finding["same_pupils"]
    ends = ("", "_lower", "_upper")
    rows: dict[str, tuple[float, ...]] = {
        "measured": tuple(float(measured[name]) for name in ("estimate", "lower", "upper")),
        "reweighted": tuple(numbers[f"change_reweighted{end}"] for end in ends),
        "bounds": (float("nan"), numbers["change_worst"], numbers["change_best"]),
    }

    def draw(axes: Axes) -> str:
        axes.axvline(0, color=PALETTE.muted, linewidth=1)
        for place, (middle, lower, upper) in enumerate(rows.values()):
            axes.hlines(place, lower, upper, color=PALETTE.blue, alpha=0.3, linewidth=8)
            axes.plot([middle], [place], "o", color=PALETTE.blue)
        axes.set_yticks(range(len(rows)), [_say(texts, name) for name in rows])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlabel(_say(texts, "axis_loss"))
        axes.xaxis.set_major_formatter(lambda value, _: texts.number(value, 2))
        return _say(texts, "alt_loss")

    return one_chart(draw, _say(texts, "title_loss"), texts, height=1.2, left=3.2)


def _schools(finding: Finding) -> pd.DataFrame:
    table = table_of(finding, "schools")
    return table[table["school"].ne("")].sort_values("school", ignore_index=True)


def _middle(schools: pd.DataFrame) -> tuple[float, float]:
    """Wide enough for nearly all intervals: the few widest, of schools with a handful of pupils, run out of the picture."""
    ends = pd.concat([schools[f"{way}_{end}"] for way in WAYS for end in ("lower", "upper")]).abs().dropna()
    points = pd.concat([schools[f"{way}_estimate"] for way in WAYS]).abs().max()
    widest = 1.05 * max(float(ends.quantile(0.9)) if len(ends) else 0.0, float(points))
    return -widest, widest


def _labelled(axes: Axes, schools: pd.DataFrame, names: Mapping[str, str] | None) -> None:
    labels = [(names or {}).get(code, code) for code in schools["school"]]
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.4, -0.6)


def _say(texts: Texts, key: str, **places: object) -> str:
    return texts.say(f"explore.cohorts.{key}", **places)
