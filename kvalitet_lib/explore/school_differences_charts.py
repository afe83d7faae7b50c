"""Schools as they are and drawn towards the mean, the places each may have, and how much lies between them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.errors import ContractError
from kvalitet_lib.explore.one_chart import one_chart, table_of
from kvalitet_lib.explore.stamp import Stamped
from kvalitet_lib.present.theme import THEME
from kvalitet_lib.texts import Texts

PALETTE = THEME.palette
ORDERS = {"name": "school", "size": "n", "value": "shrunken"}
LINE = 0.26  # inches for each school
LEFT = 2.2  # inches for names
DECIMALS_BELOW = 10.0  # values smaller than this are told with a decimal


def caterpillar(
    finding: Finding,
    names: Mapping[str, str] | None = None,
    language: str = "en",
    *,
    table: str = "schools",
    order: str = "name",
) -> Stamped:
    """Each school's raw value and the value drawn towards the mean, with intervals for one school and for comparing two.

    Parameters
    ----------
    names : mapping of str to str, optional
        School code → name.
    table : str
        ``schools`` or ``schools_adjusted``.
    order : str
        ``name`` (of the code), ``size`` or ``value``. The order of values is worth little: most neighbours could change places.

    Raises
    ------
    ContractError
        There is no such order, or nothing to draw.
    """
    texts = Texts(language)
    rows = _ordered(table_of(finding, table), order)
    middle = _middle(finding, table)

    def draw(axes: Axes) -> str:
        places = np.arange(len(rows))
        axes.axvline(middle, color=PALETTE.muted, linewidth=1, label=texts.say("explore.schools.mean"))
        axes.hlines(places, rows["lower"], rows["upper"], color=PALETTE.blue_pale, linewidth=3, label=_said(texts, "one"))
        axes.hlines(places, rows["lower_pair"], rows["upper_pair"], color=PALETTE.blue, linewidth=3, label=_said(texts, "pair"))
        axes.scatter(rows["shrunken"], places, color=PALETTE.ink, s=26, zorder=3, label=_said(texts, "shrunken"))
        axes.scatter(
            rows["raw"], places, facecolor="none", edgecolor=PALETTE.orange, marker="D", linewidth=1.3, s=26, zorder=3,
            label=_said(texts, "raw"),
        )  # fmt: skip
        _schools(axes, rows, names)
        axes.xaxis.set_major_formatter(lambda value, _: texts.number(value, 1 if _is_small(rows) else 0))
        axes.set_xlabel(texts.say("explore.schools.expected") if middle == 0 else "")
        return texts.say("explore.schools.alt_caterpillar", count=len(rows), order=_said(texts, f"by_{order}"))

    title = texts.say("explore.schools.title_caterpillar")
    return one_chart(draw, title, texts, height=LINE * len(rows) + 0.3, left=LEFT, entries=5)


def ranks(
    finding: Finding,
    names: Mapping[str, str] | None = None,
    language: str = "en",
    *,
    table: str = "schools",
    order: str = "name",
) -> Stamped:
    """The interval of places each school may have. There is no dot in it: no place within is more than a guess.

    Parameters and errors as in :func:`caterpillar`.
    """
    texts = Texts(language)
    rows = _ordered(table_of(finding, table), order)

    def draw(axes: Axes) -> str:
        places = np.arange(len(rows))
        axes.hlines(places, rows["rank_lower"] - 0.35, rows["rank_upper"] + 0.35, color=PALETTE.blue, linewidth=6, alpha=0.75)
        _schools(axes, rows, names)
        axes.set_xlim(0.4, len(rows) + 0.6)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
        axes.set_xlabel(_said(texts, "rank"))
        return texts.say("explore.schools.alt_ranks", count=len(rows), order=_said(texts, f"by_{order}"))

    title = texts.say("explore.schools.title_ranks", count=len(rows))
    return one_chart(draw, title, texts, height=LINE * len(rows) + 0.3, left=LEFT)


def parts(finding: Finding, language: str = "en") -> Stamped:
    """The share of the differences that lies between schools, with its interval: as they are, and with background held equal."""
    texts = Texts(language)
    rows = finding.estimates[finding.estimates["term"].eq("icc")].reset_index(drop=True)
    if rows.empty:
        raise ContractError(f"This finding of {finding.analysis} has nothing to draw: there is no answer ({finding.reason}).")

    def draw(axes: Axes) -> str:
        places = np.arange(len(rows))
        axes.hlines(places, 100 * rows["lower"], 100 * rows["upper"], color=PALETTE.blue, linewidth=3)
        axes.scatter(100 * rows["estimate"], places, color=PALETTE.ink, s=36, zorder=3)
        axes.set_yticks(places, [_said(texts, f"part_{group or 'adjusted'}") for group in rows["group"]])
        axes.set(ylim=(len(rows) - 0.5, -0.5), xlim=(0, None), xlabel=_said(texts, "part_axis"))
        axes.xaxis.set_major_formatter(lambda value, _: texts.number(value))
        return texts.say("explore.schools.alt_parts", count=len(rows))

    title = texts.say("explore.schools.title_parts")
    return one_chart(draw, title, texts, height=0.5 * len(rows) + 0.3, left=LEFT)


def _ordered(table: pd.DataFrame, order: str) -> pd.DataFrame:
    if order not in ORDERS:
        raise ContractError(f"Schools can stand in order of {', '.join(ORDERS)}, not of {order!r}.")
    return table.sort_values([ORDERS[order], "school"], ascending=order == "name", ignore_index=True)


def _middle(finding: Finding, table: str) -> float:
    """The mean of all: of the outcome in the null model, else what is expected."""
    levels = finding.estimates["term"].eq("Intercept") & finding.estimates["group"].eq("null")
    return float(finding.estimates.loc[levels, "estimate"].iloc[0]) if table == "schools" and levels.any() else 0.0


def _schools(axes: Axes, rows: pd.DataFrame, names: Mapping[str, str] | None) -> None:
    known = names or {}
    axes.set_yticks(np.arange(len(rows)), [known.get(code, str(code)) for code in rows["school"]])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)


def _is_small(rows: pd.DataFrame) -> bool:
    return bool(np.ptp(rows[["raw", "shrunken"]].to_numpy()) < DECIMALS_BELOW)


def _said(texts: Texts, key: str) -> str:
    return texts.say(f"explore.schools.{key}")
