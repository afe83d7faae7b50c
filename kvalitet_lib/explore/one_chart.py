"""A sheet for one chart of a finding: title, room for a legend above the axes, and the stamp when it is done."""

from __future__ import annotations

from collections.abc import Callable

import matplotlib
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.errors import ContractError
from kvalitet_lib.explore.stamp import Stamped, stamp
from kvalitet_lib.present.theme import THEME, css_points
from kvalitet_lib.texts import Texts

WIDTH = 7.5  # inches
ENTRY = 0.2  # inches of a line of the legend
BELOW = 0.65


def one_chart(
    draw: Callable[[Axes], str], title: str, texts: Texts, *, height: float = 3.2, left: float = 0.9, entries: int = 0
) -> Stamped:
    """Draw on one set of axes and stamp the sheet.

    Parameters
    ----------
    draw : callable
        Draws, and returns what the chart shows in words.
    height, left : float
        Inches of the axes, and of the room for labels to their left.
    entries : int
        Lines of the legend.
    """
    with matplotlib.rc_context(THEME.matplotlib()):  # type: ignore[arg-type]
        above = 0.55 + ENTRY * entries
        whole = above + height + BELOW
        figure = Figure(figsize=(WIDTH, whole), dpi=96)
        axes = figure.add_axes((left / WIDTH, BELOW / whole, 1 - (left + 0.3) / WIDTH, height / whole))
        figure.text(0.15 / WIDTH, 1 - 0.18 / whole, title, weight=600, size=css_points(14), va="top")
        alt = draw(axes)
        if entries:
            axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), borderpad=0.2, labelspacing=0.35)
        return stamp(figure, alt, texts.language)


def table_of(finding: Finding, name: str) -> pd.DataFrame:
    """A table of a finding that has something in it.

    Raises
    ------
    ContractError
        There is nothing to draw, and why.
    """
    table = finding.tables.get(name, pd.DataFrame())
    if table.empty:
        why = f"there is no answer ({finding.reason})" if finding.reason else f"it was made without {name!r}"
        raise ContractError(f"This finding of {finding.analysis} has nothing to draw: {why}.")
    return table


def said_group(texts: Texts, group: str, breakdown: str = "") -> str:
    """A group as a reader says it: what a breakdown's ``yes`` are, and the others."""
    if group == "no" and breakdown:
        return texts.say("explore.others")
    if group == "yes" and breakdown:
        return texts.say(f"factors.{breakdown}") if texts.has(f"factors.{breakdown}") else breakdown
    return texts.say(f"groups.{group}") if texts.has(f"groups.{group}") else group
