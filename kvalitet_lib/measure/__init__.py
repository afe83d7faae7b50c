"""From tables to figures with uncertainty."""

from __future__ import annotations

from kvalitet_lib.measure.all_figures import measure_all
from kvalitet_lib.measure.local import measure
from kvalitet_lib.measure.measurement import COLUMNS, FIGURE, Measurement

__all__ = ["COLUMNS", "FIGURE", "Measurement", "measure", "measure_all"]
