"""Where one school lies among all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from kvalitet_lib.present.blocks import Figure
from kvalitet_lib.present.charts.canvas import Margins, canvas, few_ticks, limits, only_shown, text_width
from kvalitet_lib.present.theme import THEME, css_points


def swarm(
    schools: pd.DataFrame,
    own: str,
    *,
    alt: str,
    amount: Callable[[float], str],
    scale: tuple[float, float],
    caption: str = "",
    size: tuple[float, float] = (400, 92),
) -> Figure:
    """Every shown school as a pale dot, one of them dark and named.

    Parameters
    ----------
    schools : DataFrame
        ``label, estimate, shown``; rows not shown are left out.
    own : str
        The label of the school to be named; it may be hidden.
    alt : str
        What the chart says, in words.
    amount : callable
        How the reader writes a value.
    scale : tuple of float
        Lowest and highest possible value.
    size : tuple of float
        Width and height, CSS pixels.
    """
    import seaborn as sns  # takes a second, and no other chart needs it

    there = only_shown(schools).dropna(subset="estimate")
    low, high = limits(there["estimate"].tolist(), scale)
    ticks = few_ticks(low, high, amount, 5)
    with canvas(*size, Margins(left=16, right=16, top=24, bottom=26)) as sheet:
        axes = sheet.axes
        axes.set(xlim=(low, high), yticks=[0])
        others = there.loc[there["label"].ne(own), "estimate"]
        sns.swarmplot(x=others, orient="h", size=css_points(7), color=THEME.palette.blue_pale, ax=axes, warn_thresh=1)
        axes.set(xlim=(low, high), ylim=(-0.5, 0.5), xlabel="", ylabel="", xticks=[], yticks=[])
        sheet.bottom_scale(ticks)
        for value in there.loc[there["label"].eq(own), "estimate"]:
            name = f"{own} {amount(value)}"
            half = text_width(name, weight=600) / 2 / sheet.inner_width
            place = min(max((value - low) / (high - low), half), 1 - half)
            axes.scatter([value], [0], s=css_points(10) ** 2, color=THEME.palette.blue, zorder=5, linewidth=0)
            look: dict[str, Any] = {"ha": "center", "weight": 600, "color": THEME.palette.blue}
            axes.text(place, 1 + 7 / sheet.inner_height, name, transform=axes.transAxes, **look)
        return sheet.figure(alt, caption, "half")
