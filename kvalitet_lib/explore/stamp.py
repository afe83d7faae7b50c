"""The mark every chart made from the store bears, on its face and in its file."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from kvalitet_lib.present.theme import THEME, css_points
from kvalitet_lib.texts import Texts

BAND = 24.0  # CSS pixels
DPI = 144


@dataclass(frozen=True, repr=False)
class Stamped:
    """A stamped figure; a notebook shows it as a picture.

    Attributes
    ----------
    figure : Figure
        With the stamp drawn in a band along its upper edge.
    text : str
        What the stamp says; also written into the file's own description.
    alt : str
        What the chart shows, in words.
    """

    figure: Figure
    text: str
    alt: str

    def png(self) -> bytes:
        file = io.BytesIO()
        FigureCanvasAgg(self.figure)
        self.figure.savefig(file, format="png", dpi=DPI, metadata={"Description": self.text})
        return file.getvalue()

    def save(self, path: Path | str) -> None:
        """Write the picture, stamp and all."""
        Path(path).write_bytes(self.png())

    def __repr__(self) -> str:
        return f"{self.text}: {self.alt}"

    def _repr_png_(self) -> tuple[bytes, dict[str, str]]:
        return self.png(), {"alt": repr(self)}


def stamp(figure: Figure, alt: str, language: str) -> Stamped:
    """Make room above what is drawn and say there, in the reader's language, that it is internal.

    Parameters
    ----------
    figure : Figure
        Grows by the height of the band; what it holds keeps its size.
    alt : str
        What the chart shows, in words.
    language : str
        ``sv``, ``nb`` or ``en``.
    """
    text = Texts(language).say("dashboard.internal_stamp")
    band = BAND / 96
    height = figure.get_figheight()
    kept = height / (height + band)
    for axes in figure.axes:
        place = axes.get_position()
        axes.set_position((place.x0, place.y0 * kept, place.width, place.height * kept))
    for words in figure.texts:
        words.set_y(words.get_position()[1] * kept)
    figure.set_figheight(height + band)
    share = 1 - kept
    look: dict[str, Any] = {"transform": figure.transFigure, "facecolor": THEME.palette.orange, "edgecolor": "none", "zorder": 10}
    figure.add_artist(Rectangle((0, 1 - share), 1, share, **look))
    lettering: dict[str, Any] = {"size": css_points(12), "weight": 600, "color": THEME.palette.paper, "family": THEME.font}
    figure.text(0.015, 1 - share / 2, text, va="center_baseline", zorder=11, **lettering)
    return Stamped(figure, text, alt)
