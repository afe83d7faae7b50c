"""One indicator over the years: a small multiple."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kvalitet_lib.errors import ContractError
from kvalitet_lib.present.blocks import Figure
from kvalitet_lib.present.charts.canvas import Canvas, Margins, apart, canvas, few_ticks, finite, limits, only_shown, text_width
from kvalitet_lib.present.theme import THEME, css_points

_WIDEST_NAME = 96.0  # CSS pixels for a name where its line ends
_NAME_GAP = 14.0  # CSS pixels from one name to the next


@dataclass(frozen=True)
class Reference:
    """A line to compare with, named where it ends: dashed for the municipality, whole for the nation.

    ``points`` has ``school_year``, ``estimate`` and ``shown``.
    """

    label: str
    points: pd.DataFrame
    dashed: bool = False


def trend(
    points: pd.DataFrame,
    references: Sequence[Reference] = (),
    *,
    alt: str,
    amount: Callable[[float], str],
    year: Callable[[str], str],
    scale: tuple[float, float],
    breaks: Sequence[str] = (),
    caption: str = "",
    size: tuple[float, float] = (320, 190),
) -> Figure:
    """A school's figures over the years beside others'.

    Parameters
    ----------
    points : DataFrame
        ``school_year, estimate, lower, upper, shown``, one row a year. Where ``shown`` is not ``yes`` a hollow mark
        stands on the axis and the line is broken; ``rounded`` rows show their interval alone.
    references : sequence of Reference
        Two at most read well.
    alt : str
        What the chart says, in words.
    amount, year : callable
        How the reader writes a value, and a school year (``"2024-25"`` → ``"24/25"``).
    scale : tuple of float
        Lowest and highest possible value; the axis shows a part of it.
    breaks : sequence of str
        First school years of new series: every line breaks before them.
    size : tuple of float
        Width and height, CSS pixels.

    Raises
    ------
    ContractError
        No frame has a school year.
    """
    years = _years([points, *(reference.points for reference in references)])
    own = _by_year(points, years)
    lines = [_by_year(reference.points, years)["estimate"] for reference in references]
    low, high = limits([*finite(own), *(value for line in lines for value in line)], scale)
    ticks = few_ticks(low, high, amount)
    latest = own["estimate"].tail(1).dropna()
    names = [*((reference.label, THEME.palette.muted, 400) for reference in references)]
    names += [(amount(value), THEME.palette.blue, 600) for value in latest]
    margins = Margins(
        left=max([36.0, *(text_width(label) + 12 for label in ticks.values())]),
        right=min(_WIDEST_NAME, max([20.0, *(text_width(name, weight=weight) + 12 for name, _, weight in names)])),
        top=10,
        bottom=26,
    )
    with canvas(*size, margins) as sheet:
        sheet.axes.set(xlim=(years[0] - 0.3, years[-1] + 0.3), ylim=(low, high))
        sheet.left_scale(ticks)
        _mark_years(sheet, years, year)
        _mark_breaks(sheet, years, breaks)
        for reference, line in zip(references, lines, strict=True):
            _draw_reference(sheet, line, breaks, reference.dashed)
        _draw_own(sheet, own, breaks)
        _name_ends(sheet, names, [line.dropna().tail(1) for line in lines] + [latest] * len(latest))
        return sheet.figure(alt, caption)


def unbroken(estimates: pd.Series, breaks: Sequence[str] = ()) -> list[pd.Series]:
    """The runs of years that a line may join: no year missing, none hidden, no new series begun.

    ``estimates`` is indexed by the year the school year starts, without gaps.
    """
    starts_anew = estimates.index.isin([int(first[:4]) for first in breaks]) | estimates.isna()
    return [part.dropna() for _, part in estimates.groupby(starts_anew.cumsum()) if part.notna().any()]


def _years(frames: Sequence[pd.DataFrame]) -> range:
    """From the first to the last year that any frame knows, by the year the school year starts."""
    starts = [int(school_year[:4]) for frame in frames for school_year in frame["school_year"]]
    if not starts:
        raise ContractError("There is no school year to draw. Leave the chart out when nothing was measured.")
    return range(min(starts), max(starts) + 1)


def _by_year(points: pd.DataFrame, years: range) -> pd.DataFrame:
    """One row for every year of the axis; values that are not shown are empty whatever stood there."""
    rows = points.set_index(points["school_year"].str[:4].astype(int)).reindex(list(years))
    return only_shown(rows)


def _mark_years(sheet: Canvas, years: range, year: Callable[[str], str]) -> None:
    """As many years as there is room for, counted back from the last."""
    texts = {start: year(f"{start}-{(start + 1) % 100:02d}") for start in years}
    room = sheet.inner_width / max(1, len(years) - 1 + 0.6)
    every = int(np.ceil((max(text_width(text) for text in texts.values()) + 6) / room))
    sheet.bottom_scale({start: text if (years[-1] - start) % every == 0 else "" for start, text in texts.items()})


def _mark_breaks(sheet: Canvas, years: range, breaks: Sequence[str]) -> None:
    for first in (int(school_year[:4]) for school_year in breaks):
        if years[0] < first <= years[-1]:
            sheet.axes.axvline(first - 0.5, color=THEME.palette.muted, linewidth=css_points(1), linestyle=(0, (1.5, 2.5)))


def _draw_reference(sheet: Canvas, line: pd.Series, breaks: Sequence[str], dashed: bool) -> None:
    style: dict[str, Any] = {"dashes": (4, 2.5), "dash_capstyle": "butt"} if dashed else {}
    for part in unbroken(line, breaks):
        alone: dict[str, Any] = {"marker": "_", "markersize": css_points(8)} if len(part) == 1 else {}
        sheet.axes.plot(part.index, part, color=THEME.palette.muted, linewidth=css_points(1.4), zorder=2, **style, **alone)


def _draw_own(sheet: Canvas, own: pd.DataFrame, breaks: Sequence[str]) -> None:
    palette, axes = THEME.palette, sheet.axes
    axes.vlines(own.index, own["lower"], own["upper"], color=palette.blue_pale, linewidth=css_points(6), capstyle="butt")
    for part in unbroken(own["estimate"], breaks):
        axes.plot(part.index, part, color=palette.blue, linewidth=css_points(2.2), zorder=4)
    axes.scatter(own.index, own["estimate"], s=css_points(7) ** 2, color=palette.blue, zorder=5, linewidth=0)
    hidden = own.index[own["shown"].notna() & own["shown"].ne("yes") & own["upper"].isna()]
    axes.scatter(
        hidden,
        np.zeros(len(hidden)),
        s=css_points(7) ** 2,
        facecolor=palette.paper,
        edgecolor=palette.muted,
        linewidth=css_points(1.3),
        transform=axes.get_xaxis_transform(),
        clip_on=False,
        zorder=6,
    )


def _name_ends(sheet: Canvas, names: Sequence[tuple[str, str, int]], ends: Sequence[pd.Series]) -> None:
    """Each line's name in the right margin, as near to the line's end as the other names allow."""
    low, high = sheet.axes.get_ylim()
    named = [(name, float(end.iloc[0])) for name, end in zip(names, ends, strict=True) if len(end)]
    heights = [(value - low) / (high - low) * sheet.inner_height for _, value in named]
    for ((text, colour, weight), _), height in zip(named, apart(heights, _NAME_GAP, 4, sheet.inner_height - 2), strict=True):
        sheet.axes.text(
            1 + 4 / sheet.inner_width,
            height / sheet.inner_height,
            text,
            transform=sheet.axes.transAxes,
            color=colour,
            weight=weight,
            va="center_baseline",
        )
