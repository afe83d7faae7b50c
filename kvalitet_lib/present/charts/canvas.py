"""Blank paper for one chart, measured in CSS pixels, and its way to a small PNG."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Paper
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath
from matplotlib.ticker import MaxNLocator
from PIL import Image
from scipy.optimize import isotonic_regression

from kvalitet_lib.contracts import CONTRACTS
from kvalitet_lib.errors import ContractError
from kvalitet_lib.present.blocks import Figure
from kvalitet_lib.present.theme import PICTURE_POINTS, THEME, css_points, register_fonts, visible

COLOURS = 128
NEVER_RELEASED = {"count", "numerator", "denominator"}.union(*(contract.personal() for contract in CONTRACTS.values()))
ELLIPSIS = "…"


@dataclass(frozen=True)
class Margins:
    """Room around the axes, CSS pixels. Fixed rather than fitted: neighbouring charts line up, and nothing is drawn twice."""

    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True)
class Canvas:
    """One set of axes on one sheet; ``gap`` is the room between the axes and the labels to their left."""

    paper: Paper
    axes: Axes
    width: float
    height: float
    margins: Margins
    gap: float

    @property
    def inner_width(self) -> float:
        return self.width - self.margins.left - self.margins.right

    @property
    def inner_height(self) -> float:
        return self.height - self.margins.top - self.margins.bottom

    def left_scale(self, labels: Mapping[float, str], **style: Any) -> None:
        """Labels to the left, a hairline for each. Lettered by us: a tick of matplotlib's is five artists where we need two."""
        axes, across = self.axes, self.axes.get_yaxis_transform()
        axes.hlines(list(labels), 0, 1, transform=across, color=THEME.palette.line, linewidth=css_points(0.75), zorder=0)
        for place, label in labels.items():
            look = {"color": THEME.palette.muted, **style}
            axes.text(-self.gap / self.inner_width, place, label, transform=across, ha="right", va="center_baseline", **look)

    def bottom_scale(self, labels: Mapping[float, str]) -> None:
        """Labels below, each at a short mark; places with an empty label have the mark alone."""
        axes, up = self.axes, self.axes.get_xaxis_transform()
        ends = [-(5 if label else 3) / self.inner_height for label in labels.values()]
        axes.vlines(list(labels), ends, 0, transform=up, color=THEME.palette.line, linewidth=css_points(1), clip_on=False)
        for place, label in labels.items():
            axes.text(place, -9 / self.inner_height, label, transform=up, ha="center", va="top", color=THEME.palette.muted)

    def figure(self, alt: str, caption: str = "", width: str = "small") -> Figure:
        """Draw once, to a PNG of few colours, with the words that say the same."""
        return Figure(png=_png(self.paper), alt=alt, caption=caption, width=width)  # type: ignore[arg-type]


@contextmanager
def canvas(width: float, height: float, margins: Margins, gap: float = 7) -> Iterator[Canvas]:
    """Axes inside ``margins`` on a sheet of ``width`` × ``height`` CSS pixels, in our theme while the block lasts.

    No pyplot and no global state: many can be drawn in one process.
    """
    with matplotlib.rc_context(THEME.matplotlib()):  # type: ignore[arg-type]
        paper = Paper(figsize=(width / 96, height / 96))
        inside = (
            margins.left / width,
            margins.bottom / height,
            1 - (margins.left + margins.right) / width,
            1 - (margins.top + margins.bottom) / height,
        )
        axes = paper.add_axes(inside)
        axes.set(xticks=[], yticks=[])
        yield Canvas(paper, axes, width, height, margins, gap)


def text_width(text: str, size: float = THEME.chart_text, weight: int = 400) -> float:
    """Width of ``text`` in CSS pixels."""
    lettering = FontProperties(family=THEME.font, size=css_points(size), weight=weight)
    register_fonts()
    width, _, _ = TextToPath().get_text_width_height_descent(text, lettering, ismath=False)
    return float(width) / 0.75


def shortened(text: str, most: float) -> str:
    """``text`` within ``most`` CSS pixels, its end left out where it is too long."""
    text = visible(text)
    if text_width(text) <= most:
        return text
    beginnings = [text[:length].rstrip() + ELLIPSIS for length in range(1, len(text))]
    return beginnings[max(0, bisect_right(beginnings, most, key=text_width) - 1)] if beginnings else ELLIPSIS


def apart(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places for labels as near as possible to those wanted, at least ``gap`` from one another, within low to high.

    Least squares under that condition is isotonic regression of the places less their due gaps (Barlow et al., 1972).
    """
    if not len(wanted):
        return []
    order = np.argsort(wanted, kind="stable")
    due = gap * np.arange(len(wanted))
    placed = isotonic_regression(np.asarray(wanted, dtype=float)[order] - due).x
    placed = np.clip(placed, low, max(low, high - due[-1])) + due
    back = np.empty(len(wanted))
    back[order] = placed
    return [float(place) for place in back]


def only_shown(points: pd.DataFrame) -> pd.DataFrame:
    """The same rows, empty where the figure is not shown, whatever stood there; a rounded one keeps its bounds.

    Every chart takes its rows through here.

    Raises
    ------
    ContractError
        The rows do not come from a release: they do not say what is shown, or hold what a release never has.
    """
    never = sorted(NEVER_RELEASED & set(points.columns))
    if never or "shown" not in points:
        why = f"hold {', '.join(never)}" if never else "do not say what is shown"
        raise ContractError(f"A chart is drawn from a release's figures; these rows {why}. Read them with Release.figures.")
    bounds = [name for name in ("lower", "upper") if name in points]
    kept = points["shown"].isin(["yes", "rounded"])
    return points.assign(
        estimate=points["estimate"].where(points["shown"].eq("yes")), **{name: points[name].where(kept) for name in bounds}
    )


def finite(points: pd.DataFrame) -> list[float]:
    """Every estimate and bound in the frame that is there."""
    values = points[["estimate", "lower", "upper"]].to_numpy(dtype=float)
    return [float(value) for value in values[np.isfinite(values)]]


def limits(values: Sequence[float], scale: tuple[float, float], least: float = 0.15) -> tuple[float, float]:
    """An axis that holds every value with some air, never beyond ``scale``, never so narrow that noise looks like news.

    ``least`` is the smallest share of the scale that is shown (our own choice).
    """
    seen = np.asarray([value for value in values if np.isfinite(value)], dtype=float)
    bottom, top = (float(seen.min()), float(seen.max())) if seen.size else scale
    # A scale without a practical end, such as a number of pupils, is not measured by its end.
    widest = max(abs(bottom), abs(top)) or 1.0
    air = max(0.08 * (top - bottom), (min(least * (scale[1] - scale[0]), widest) - (top - bottom)) / 2)
    bottom, top = bottom - air, top + air
    if bottom < scale[0]:
        bottom, top = scale[0], min(scale[1], top + scale[0] - bottom)
    if top > scale[1]:
        bottom, top = max(scale[0], bottom - (top - scale[1])), scale[1]
    return bottom, top


def few_ticks(low: float, high: float, amount: Callable[[float], str], most: int = 4) -> dict[float, str]:
    """Round values within the axis and how the reader writes them; fewer where two would be written alike."""
    reach = 1e-9 * (high - low)
    for count in range(most, 0, -1):
        places = MaxNLocator(nbins=count, steps=[1, 2, 5, 10]).tick_values(low, high)
        ticks = {float(place): amount(float(place)) for place in places if low - reach <= place <= high + reach}
        if len(set(ticks.values())) == len(ticks):
            return ticks
    return {}


def _png(paper: Paper) -> bytes:
    sheet = FigureCanvasAgg(paper)
    sheet.draw()
    picture = Image.fromarray(np.asarray(sheet.buffer_rgba())).convert("RGB")
    few = picture.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    file = io.BytesIO()
    few.save(file, "png", dpi=(96 * PICTURE_POINTS,) * 2)
    return file.getvalue()
