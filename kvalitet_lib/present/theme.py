"""Colours, type and sizes, once, for charts, pages and PDF."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

FONTS = Path(__file__).parent / "fonts"
PICTURE_POINTS = 2  # per CSS pixel
VISIBLE = {"Cf": "", "Cc": " ", "Zl": " ", "Zp": " "}  # categories of Unicode
DPI = 96 * PICTURE_POINTS


@dataclass(frozen=True)
class Palette:
    """Every colour in use. Blue and orange keep apart for all common kinds of colour blindness.

    ``ink``, ``muted``, ``blue`` and ``orange`` carry text: at least 4.5 : 1 on ``paper``, ``mist`` and the washes.
    """

    paper: str = "#ffffff"
    mist: str = "#f3f6f8"
    line: str = "#d6dde3"
    ink: str = "#15222e"
    text: str = "#2a3844"
    muted: str = "#54626e"
    blue: str = "#13508b"
    blue_pale: str = "#bed4e8"
    blue_wash: str = "#eaf1f7"
    orange: str = "#a34804"
    orange_pale: str = "#f0c9a8"
    orange_wash: str = "#fbf1e8"
    sand: str = "#7a5c10"
    sand_wash: str = "#faf5e6"


@dataclass(frozen=True)
class Theme:
    """The look of everything we hand over.

    Attributes
    ----------
    font : str
        Family name, as matplotlib, the browser and Typst know it.
    chart_text : float
        Smallest lettering in a chart, CSS pixels at the size it is shown.
    tones : mapping
        Colour of a mark by tone.
    """

    palette: Palette = Palette()
    font: str = "Inter"
    chart_text: float = 11.0

    @property
    def tones(self) -> dict[str, str]:
        return {"better": self.palette.blue, "worse": self.palette.orange, "neutral": self.palette.muted}

    def css_variables(self) -> str:
        """The palette as CSS custom properties."""
        return " ".join(f"--{name.replace('_', '-')}: {colour};" for name, colour in asdict(self.palette).items())

    def matplotlib(self) -> dict[str, Any]:
        """Settings for ``matplotlib.rc_context``; nothing is set globally but our font's file."""
        register_fonts()
        palette = self.palette
        return {
            "font.family": self.font,
            "font.size": css_points(self.chart_text),
            "text.color": palette.text,
            "text.parse_math": False,  # a name with two dollar signs is a name
            "figure.dpi": DPI,
            "figure.facecolor": palette.paper,
            "axes.facecolor": palette.paper,
            "axes.edgecolor": palette.line,
            "axes.linewidth": css_points(1),
            "axes.grid": False,
            "axes.axisbelow": True,
            "axes.spines.left": False,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.unicode_minus": True,
            "grid.color": palette.line,
            "grid.linewidth": css_points(0.75),
            "xtick.color": palette.line,
            "ytick.color": palette.line,
            "xtick.labelcolor": palette.muted,
            "ytick.labelcolor": palette.muted,
            "xtick.labelsize": css_points(self.chart_text),
            "ytick.labelsize": css_points(self.chart_text),
            "xtick.major.size": css_points(4),
            "xtick.major.width": css_points(1),
            "ytick.major.size": 0,
            "ytick.major.pad": css_points(6),
            "lines.solid_capstyle": "round",
            "lines.linewidth": css_points(2),
        }


THEME = Theme()


def css_points(css_pixels: float) -> float:
    """Typographic points of a length in CSS pixels (96 to the inch)."""
    return css_pixels * 0.75


@cache
def register_fonts() -> None:
    """Make our typeface known to matplotlib by name."""
    from matplotlib.font_manager import fontManager

    for path in sorted(FONTS.glob("*.ttf")):
        fontManager.addfont(path)


def visible(text: str) -> str:
    """The text without signs that have no shape in any typeface, such as a change of direction; a line's end is a space.

    >>> visible("Ek\u202eskolan\u2028Ekeby")
    'Ekskolan Ekeby'
    """
    return "".join(VISIBLE.get(unicodedata.category(sign), sign) for sign in text)


def in_our_typeface(text: str) -> str:
    """The text with a question mark for every sign that our typeface lacks."""
    return "".join(sign if ord(sign) in _shapes() or sign.isspace() else "?" for sign in text)


@cache
def _shapes() -> frozenset[int]:
    """Signs that every weight of our typeface has."""
    from matplotlib.ft2font import FT2Font

    return frozenset.intersection(*(frozenset(FT2Font(str(path)).get_charmap()) for path in sorted(FONTS.glob("*.ttf"))))
