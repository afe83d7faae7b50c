"""Value added beside itself: as it is, and with the measurement error of the earlier result reckoned with."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.errors import ContractError
from kvalitet_lib.explore.one_chart import one_chart, table_of
from kvalitet_lib.explore.school_differences_charts import LEFT, LINE, caterpillar, ranks
from kvalitet_lib.explore.stamp import Stamped
from kvalitet_lib.present.theme import THEME
from kvalitet_lib.texts import Texts

__all__ = ["caterpillar", "corrected", "ranks"]
PALETTE = THEME.palette


def corrected(finding: Finding, names: Mapping[str, str] | None = None, language: str = "en") -> Stamped:
    """Each school's plain and corrected value added, joined by a line; pale is the plain one's interval.

    Parameters
    ----------
    names : mapping of str to str, optional
        School code → name.

    Raises
    ------
    ContractError
        The finding was made without a reliability, or has no answer.
    """
    texts, known = Texts(language), names or {}
    rows = table_of(finding, "schools")
    if "shrunken_corrected" not in rows:
        raise ContractError(
            "This finding has no corrected run. State a reliability:  value_added(…, reliability={'earlier': 0.85})"
        )

    def draw(axes: Axes) -> str:
        places = np.arange(len(rows))
        axes.axvline(0, color=PALETTE.muted, linewidth=1)
        axes.hlines(places, rows["lower"], rows["upper"], color=PALETTE.blue_pale, linewidth=3)
        axes.hlines(places, rows["shrunken"], rows["shrunken_corrected"], color=PALETTE.ink, linewidth=1.2)
        axes.scatter(rows["shrunken"], places, color=PALETTE.ink, s=26, zorder=3, label=texts.say("explore.value_added.plain"))
        axes.scatter(
            rows["shrunken_corrected"], places, color=PALETTE.orange, marker="D", s=26, zorder=3,
            label=texts.say("explore.value_added.corrected"),
        )  # fmt: skip
        axes.set_yticks(places, [known.get(code, str(code)) for code in rows["school"]])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.grid(axis="y", visible=False)
        axes.xaxis.set_major_formatter(lambda value, _: texts.number(value, 1))
        axes.set_xlabel(texts.say("explore.schools.expected"))
        return texts.say("explore.value_added.alt_corrected", count=len(rows))

    title = texts.say("explore.value_added.title_corrected")
    return one_chart(draw, title, texts, height=LINE * len(rows) + 0.3, left=LEFT, entries=2)
