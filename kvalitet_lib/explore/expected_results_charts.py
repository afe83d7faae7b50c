"""Charts of results against intake: never a ranking, always with the interval in which schools like it lie."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.errors import ContractError
from kvalitet_lib.explore.stamp import Stamped, stamp
from kvalitet_lib.present.theme import THEME, css_points
from kvalitet_lib.texts import Texts

PALETTE = THEME.palette
WIDTH = 7.5  # inches


def against_expected(finding: Finding, language: str = "en") -> Stamped:
    """Each school's actual result over the expected one, with the interval for schools like it."""
    texts, schools = Texts(language), _schools(finding)
    with matplotlib.rc_context(THEME.matplotlib()):  # type: ignore[arg-type]
        figure, axes = _axes(4.6, left=0.9)
        axes.vlines(
            schools["expected"], schools["expected_lower"], schools["expected_upper"], color=PALETTE.blue_pale, linewidth=4
        )
        size = 20 + 80 * (schools["n"] / schools["n"].max()).fillna(0.3)
        axes.scatter(schools["expected"], schools["actual"], s=size, color=PALETTE.blue, zorder=3)
        ends = [schools["expected"].min(), schools["expected"].max()]
        axes.plot(ends, ends, color=PALETTE.muted, linewidth=1, linestyle="--", label=texts.say("explore.expected.alike"))
        axes.plot([], [], color=PALETTE.blue_pale, linewidth=4, label=texts.say("explore.expected.interval"))
        axes.set_xlabel(texts.say("explore.expected.x"))
        axes.set_ylabel(texts.say("explore.expected.y"))
        for axis, limits in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
            axis.set_major_formatter(_numbers(texts, limits))
        axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderpad=0.2)
        _title(figure, texts.say("explore.expected.title"))
        return stamp(figure, texts.say("explore.expected.alt", count=len(schools)), language)


def deviations(finding: Finding, names: Mapping[str, str] | None = None, language: str = "en") -> Stamped:
    """Deviations with their intervals, schools in order of size so that one sees how small ones scatter.

    Parameters
    ----------
    names : mapping of str to str, optional
        School code → name.
    """
    texts, known = Texts(language), names or {}
    schools = _schools(finding).sort_values(["n", "school"], ascending=[False, True], ignore_index=True)
    half = (schools["expected_upper"] - schools["expected_lower"]) / 2
    said = schools["school"].map(lambda code: known.get(code, code))
    counts = schools["n"].map(lambda n: texts.number(n) if np.isfinite(n) else texts.say("cell.none"))
    labels = [texts.say("explore.expected.pupils", name=name, n=n) for name, n in zip(said, counts, strict=True)]
    with matplotlib.rc_context(THEME.matplotlib()):  # type: ignore[arg-type]
        figure, axes = _axes(0.3 * len(schools), left=2.6)
        axes.hlines(
            schools.index, -half, half, color=PALETTE.blue_pale, linewidth=6, label=texts.say("explore.expected.interval")
        )
        axes.plot(schools["deviation"], schools.index, "o", color=PALETTE.blue)
        if "published_deviation" in schools and "difference" in schools:
            label = texts.say("explore.expected.published")
            axes.plot(schools["published_deviation"], schools.index, "D", color=PALETTE.orange, markersize=5, label=label)
        axes.axvline(0, color=PALETTE.muted, linewidth=1)
        axes.set_yticks(schools.index, labels)
        axes.set_ylim(len(schools) - 0.5, -0.5)
        axes.xaxis.set_major_formatter(_numbers(texts, axes.get_xlim()))
        axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderpad=0.2)
        _title(figure, texts.say("explore.expected.title_deviations"))
        return stamp(figure, texts.say("explore.expected.alt_deviations", count=len(schools)), language)


def _numbers(texts: Texts, ends: tuple[float, float]) -> FuncFormatter:
    """As many decimals as the axis has need of."""
    decimals = int(np.clip(np.ceil(-np.log10(abs(ends[1] - ends[0]) / 10)), 0, 3))
    return FuncFormatter(lambda value, _: texts.number(value, decimals))


def _schools(finding: Finding) -> pd.DataFrame:
    if "schools" not in finding.tables:
        raise ContractError(f"There are no schools to draw: {finding.reason or 'the finding has no table of them'}.")
    return finding.tables["schools"]


def _axes(height: float, left: float) -> tuple[Figure, Axes]:
    above, below = 0.9, 0.65
    whole = above + height + below
    figure = Figure(figsize=(WIDTH, whole), dpi=96)
    return figure, figure.add_axes((left / WIDTH, below / whole, 1 - (left + 0.3) / WIDTH, height / whole))


def _title(figure: Figure, text: str) -> None:
    figure.text(0.15 / WIDTH, 1 - 0.18 / figure.get_figheight(), text, weight=600, size=css_points(14), va="top")
