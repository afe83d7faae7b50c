"""One figure for many schools, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kvalitet_lib.present.blocks import Figure
from kvalitet_lib.present.charts.canvas import (
    Canvas,
    Margins,
    canvas,
    few_ticks,
    finite,
    limits,
    only_shown,
    shortened,
    text_width,
)
from kvalitet_lib.present.theme import THEME, css_points

_MARKERS = {"above": "^", "similar": "o", "below": "v"}
_WIDEST_LABEL = 150.0  # CSS pixels for a school's name
_DASHES = (0, (4, 2.5))


@dataclass(frozen=True)
class Level:
    """One value to compare all rows with, e.g. the nation's."""

    label: str
    value: float
    dashed: bool = False


@dataclass(frozen=True)
class Group:
    """One of two groups of pupils; its rows are those of ``dots``, in the same order as the other's."""

    label: str
    points: pd.DataFrame


@dataclass(frozen=True)
class Look:
    """How one group's points look: they differ by shape as well as colour."""

    colour: str
    pale: str
    marker: str


def dots(
    schools: pd.DataFrame,
    levels: Sequence[Level] = (),
    *,
    alt: str,
    amount: Callable[[float], str],
    scale: tuple[float, float],
    hidden: str,
    caption: str = "",
    width: float = 400,
) -> Figure:
    """One figure for many schools, in the order given: by name or size, so that it is no league table.

    Parameters
    ----------
    schools : DataFrame
        ``label, estimate, lower, upper, shown`` and, where known, ``verdict``, which gives the mark its shape.
    levels : sequence of Level
        At most two, drawn as vertical lines.
    alt : str
        What the chart says, in words.
    amount : callable
        How the reader writes a value.
    scale : tuple of float
        Lowest and highest possible value.
    hidden : str
        The words beside a school whose figure is not shown.
    width : float
        CSS pixels; the height follows from the number of rows.
    """
    rows = only_shown(schools.reset_index(drop=True))
    amounts = [amount(value) if np.isfinite(value) else hidden for value in rows["estimate"]]
    values = [*finite(rows), *(level.value for level in levels)]
    with _rows(rows["label"], amounts, values, amount, scale, width, row=22) as sheet:
        for level in levels:
            style = _DASHES if level.dashed else "solid"
            sheet.axes.axvline(level.value, color=THEME.palette.muted, linewidth=css_points(1.4), linestyle=style, zorder=1)
        _name_levels(sheet, levels)
        verdicts = rows["verdict"] if "verdict" in rows else pd.Series("similar", index=rows.index)
        shapes = verdicts.map(_MARKERS).fillna("o")
        for marker in sorted(set(shapes)):
            here = np.flatnonzero(shapes.eq(marker))
            _draw(sheet, rows.iloc[here], here, Look(THEME.palette.blue, THEME.palette.blue_pale, marker))
        return sheet.figure(alt, caption, "half")


def groups(
    pair: tuple[Group, Group],
    *,
    alt: str,
    amount: Callable[[float], str],
    scale: tuple[float, float],
    hidden: str,
    caption: str = "",
    width: float = 400,
) -> Figure:
    """Two groups for each row, e.g. girls and boys for each school, or for each indicator of one unit.

    Parameters as in ``dots``. The groups' names stand above in their own shape and colour.
    """
    both = [only_shown(group.points.reset_index(drop=True)) for group in pair]
    amounts = [
        "  ".join(amount(value) if np.isfinite(value) else hidden for value in values)
        for values in zip(*(points["estimate"] for points in both), strict=True)
    ]
    looks = [
        Look(THEME.palette.blue, THEME.palette.blue_pale, "o"),
        Look(THEME.palette.orange, THEME.palette.orange_pale, "D"),
    ]
    values = [value for points in both for value in finite(points)]
    with _rows(both[0]["label"], amounts, values, amount, scale, width, row=30) as sheet:
        for points, look, shift in zip(both, looks, (-0.15, 0.15), strict=True):
            _draw(sheet, points, np.arange(len(points)) + shift, look)
        _name_groups(sheet, [group.label for group in pair], looks)
        return sheet.figure(alt, caption, "half")


@contextmanager
def _rows(
    labels: pd.Series,
    amounts: Sequence[str],
    values: Sequence[float],
    amount: Callable[[float], str],
    scale: tuple[float, float],
    width: float,
    row: float,
) -> Iterator[Canvas]:
    """A canvas with names to the left, a shared axis below and the values as text to the right."""
    names = [shortened(label, _WIDEST_LABEL) for label in labels]
    low, high = limits(values, scale)
    ticks = few_ticks(low, high, amount, 5)
    margins = Margins(
        left=max([40.0, *(text_width(name) + 20 for name in names)]),
        right=max([30.0, *(text_width(text) + 12 for text in amounts)]),
        top=24,
        bottom=26,
    )
    with canvas(width, margins.top + margins.bottom + row * len(names), margins, gap=14) as sheet:
        axes = sheet.axes
        axes.set(xlim=(low, high), ylim=(len(names) - 0.5, -0.5))
        sheet.bottom_scale(ticks)
        sheet.left_scale(dict(enumerate(names)), color=THEME.palette.text)
        for place, text in enumerate(amounts):
            colour = THEME.palette.text if any(sign.isdigit() for sign in text) else THEME.palette.muted
            end = 1 + (margins.right - 2) / sheet.inner_width
            axes.text(end, place, text, transform=axes.get_yaxis_transform(), ha="right", va="center_baseline", color=colour)
        yield sheet


def _draw(sheet: Canvas, points: pd.DataFrame, places: np.ndarray, look: Look) -> None:
    """Points on their intervals; a hollow mark at the left end where the figure is hidden."""
    sheet.axes.hlines(
        places, points["lower"], points["upper"], color=look.pale, linewidth=css_points(6), zorder=3, capstyle="butt"
    )
    _mark(sheet, points["estimate"], places, look, color=look.colour, linewidth=0)
    hidden = places[(points["estimate"].isna() & points["upper"].isna()).to_numpy()]
    hollow = {"facecolor": THEME.palette.paper, "edgecolor": THEME.palette.muted, "linewidth": css_points(1.3)}
    _mark(sheet, np.zeros(len(hidden)), hidden, look, transform=sheet.axes.get_yaxis_transform(), **hollow)


def _name_levels(sheet: Canvas, levels: Sequence[Level]) -> None:
    """Names above their lines; of two, the lower one's to the left of its line and the higher one's to the right."""
    low, high = sheet.axes.get_xlim()
    for place, level in enumerate(sorted(levels, key=lambda level: level.value)):
        line, room = (level.value - low) / (high - low) * sheet.inner_width, text_width(level.label)
        before = room / 2 if len(levels) == 1 else (-3 if place else room + 3)
        start = min(max(line - before, 0), sheet.width - sheet.margins.left - room - 4)
        _above(sheet, start, level.label, color=THEME.palette.muted)


def _name_groups(sheet: Canvas, labels: Sequence[str], looks: Sequence[Look]) -> None:
    start = 0.0
    for label, look in zip(labels, looks, strict=True):
        place = ([(start + 4) / sheet.inner_width], [1 + 11 / sheet.inner_height])
        _mark(sheet, *place, look, color=look.colour, linewidth=0, transform=sheet.axes.transAxes)
        _above(sheet, start + 13, label, color=look.colour, weight=600)
        start += text_width(label, weight=600) + 32


def _above(sheet: Canvas, start: float, text: str, **style: Any) -> None:
    """Lettering above the axes, ``start`` CSS pixels from their left end."""
    sheet.axes.text(start / sheet.inner_width, 1 + 7 / sheet.inner_height, text, transform=sheet.axes.transAxes, **style)


def _mark(sheet: Canvas, x: Any, y: Any, look: Look, **style: Any) -> None:
    sheet.axes.scatter(x, y, s=css_points(8) ** 2, marker=look.marker, clip_on=False, zorder=5, **style)
