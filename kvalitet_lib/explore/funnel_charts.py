"""The funnel: each school over its size, and the limits within which chance and the usual spread would have it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.explore.one_chart import one_chart, table_of
from kvalitet_lib.explore.stamp import Stamped
from kvalitet_lib.present.theme import THEME
from kvalitet_lib.texts import Texts

PALETTE = THEME.palette
DASHES = ("--", ":", "-.")


def funnel_chart(finding: Finding, names: Mapping[str, str] | None = None, language: str = "en", unit: str = "share") -> Stamped:
    """Schools with the drawn limits, and in pale the limits of chance alone; those outside the drawn limits are named.

    Parameters
    ----------
    names : mapping of str to str, optional
        School code → name.
    unit : str
        Unit of the values, as in ``units`` of the texts.
    """
    texts, known = Texts(language), names or {}
    schools, lines = table_of(finding, "schools"), table_of(finding, "limits")
    levels = sorted(lines["level"].unique())
    size = schools["n"] if schools["n"].notna().all() else 1 / schools["error"] ** 2
    innermost = next(name for name in schools if name.startswith("outside_"))
    outside = schools[innermost].ne("")

    def draw(axes: Axes) -> str:
        axes.axhline(finding.numbers["target"], color=PALETTE.muted, linewidth=1)
        for level, dashes in zip(levels, DASHES, strict=False):
            said = texts.percent(level, 0 if level * 100 % 1 == 0 else 1)
            for kind, colour in (("chance", PALETTE.blue_pale), ("drawn", PALETTE.muted)):
                one = lines[lines["kind"].eq(kind) & lines["level"].eq(level)]
                _limits(axes, one, colour, dashes, texts.say(f"explore.funnel.{kind}", level=said))
        axes.scatter(size[~outside], schools.loc[~outside, "estimate"], color=PALETTE.blue, s=32, zorder=3)
        axes.scatter(size[outside], schools.loc[outside, "estimate"], color=PALETTE.orange, marker="D", s=36, zorder=3)
        middle = (size.min() + size.max()) / 2
        for order, place in enumerate(schools.index[outside]):
            code, right = schools.loc[place, "school"], size[place] > middle
            away = (-6 if right else 6, 6 if order % 2 else -12)
            axes.annotate(
                known.get(code, code), (size[place], schools.loc[place, "estimate"]), xytext=away, textcoords="offset points",
                ha="right" if right else "left", path_effects=[withStroke(linewidth=3, foreground=PALETTE.paper)],
            )  # fmt: skip
        axes.set_xlabel(texts.say("explore.n" if schools["n"].notna().all() else "explore.funnel.precision"))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=8, steps=[1, 2, 5, 10]))
        axes.yaxis.set_major_formatter(lambda value, _: texts.amount(value, unit))
        drawn = schools[[name for name in schools if name.startswith(("lower_", "upper_"))]].to_numpy()
        ends = np.append(np.nanquantile(drawn, [0.1, 0.9]), [schools["estimate"].min(), schools["estimate"].max()])
        room = 0.08 * float(np.ptp(ends))
        axes.set_ylim(float(ends.min()) - room, float(ends.max()) + room)
        return texts.say("explore.funnel.alt", count=len(schools), outside=int(outside.sum()))

    return one_chart(draw, texts.say("explore.funnel.title"), texts, height=3.6, entries=2 * len(levels))


def _limits(axes: Axes, lines: pd.DataFrame, colour: str, dashes: str, label: str) -> None:
    axes.plot(lines["n"], lines["lower"], color=colour, linestyle=dashes, linewidth=1.2, label=label)
    axes.plot(lines["n"], lines["upper"], color=colour, linestyle=dashes, linewidth=1.2)
