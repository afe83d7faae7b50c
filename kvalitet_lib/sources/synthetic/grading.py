"""How hidden knowledge becomes grades in the two countries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Grading:
    """A country's subjects and scale.

    ``ease`` and ``girls`` (how far girls are ahead, relative to other subjects) have one value per subject; a hidden
    value above ``cuts[i]`` earns ``grades[i + 1]``, worth ``worth[i + 1]``. ``spread`` is the standard deviation of
    pupils' general ability on that scale, and the unit of everything not expressed in grades; ``spread_of_total`` is
    roughly what it comes to in the total. ``total`` sums up
    worths (n, k), NaN where a pupil has no grade, to merit value or grunnskolepoeng (n,).
    """

    subjects: tuple[str, ...]
    ease: np.ndarray
    girls: np.ndarray
    grades: np.ndarray
    worth: np.ndarray
    cuts: np.ndarray
    centre: float
    spread: float
    spread_of_total: float
    total: Callable[[np.ndarray], np.ndarray]

    def column(self, subject: str) -> int:
        return self.subjects.index(subject)

    def steps(self, hidden: np.ndarray) -> np.ndarray:
        return np.searchsorted(self.cuts, hidden, side="right")


def merit_value(points: np.ndarray) -> np.ndarray:
    """The sum of the 16 best grades, and språkval (last column) as a 17th.

    The columns before the last are 16 ordinary subjects and modersmål, so leaving the lowest of 17 out leaves the 16 best.
    """
    known = np.nan_to_num(points)
    ordinary = known[:, :-1]
    return ordinary.sum(axis=1) - ordinary.min(axis=1) + known[:, -1]


def school_points(marks: np.ndarray) -> np.ndarray:
    """Ten times the mean of all marks, final and from exams."""
    given = ~np.isnan(marks)
    return 10 * np.nansum(marks, axis=1) / np.maximum(given.sum(axis=1), 1)


_SWEDISH = {
    "BL": (0.5, 1.5),
    "EN": (0.3, 0.2),
    "HKK": (0.6, 1.4),
    "IDH": (0.6, 0.2),
    "MA": (-0.6, 0.0),
    "MU": (0.5, 1.1),
    "BI": (0.0, 1.0),
    "FY": (-0.2, 0.7),
    "KE": (-0.1, 0.9),
    "GE": (0.1, 0.9),
    "HI": (0.0, 1.0),
    "RE": (0.1, 1.2),
    "SH": (0.1, 1.0),
    "SL": (0.5, 1.2),
    "SV": (0.0, 1.4),
    "TK": (0.2, 0.8),
    "ML": (1.5, 0.8),
    "M2": (-0.2, 1.1),
}
SWEDISH = Grading(
    subjects=tuple(_SWEDISH),
    ease=np.array([ease for ease, _ in _SWEDISH.values()]),
    girls=np.array([girls for _, girls in _SWEDISH.values()]),
    grades=np.array(list("FEDCBA")),
    worth=np.array([0, 10, 12.5, 15, 17.5, 20]),
    cuts=np.array([8.0, 11.25, 13.75, 16.25, 18.75]),
    centre=13.05,
    spread=2.9,
    spread_of_total=55,
    total=merit_value,
)

_NORWEGIAN = {
    "NOR1259": (0.0, 1.2),
    "NOR1260": (-0.1, 1.4),
    "NOR1261": (0.3, 1.1),
    "MAT1015": (-0.4, 0.0),
    "ENG1012": (0.1, 0.4),
    "ENG1013": (0.3, 0.5),
    "NAT1002": (0.1, 0.7),
    "SAF1002": (0.1, 0.8),
    "RLE1002": (0.2, 1.1),
    "KRO1017": (0.4, -0.1),
    "MUS1001": (0.4, 0.9),
    "KHV1001": (0.3, 1.6),
    "MHE1002": (0.4, 1.2),
    "FSP1001": (0.0, 1.2),
    "NOR-skriftlig": (-0.6, 1.2),
    "MAT-skriftlig": (-0.8, 0.0),
    "ENG-skriftlig": (-0.4, 0.4),
    "SAF-muntlig": (0.2, 0.8),
}
EXAM_CODES = {
    "NOR-skriftlig": ("NOR1259", "eksamen_skriftlig"),
    "MAT-skriftlig": ("MAT1015", "eksamen_skriftlig"),
    "ENG-skriftlig": ("ENG1012", "eksamen_skriftlig"),
    "SAF-muntlig": ("SAF1002", "eksamen_muntlig"),
}
NORWEGIAN = Grading(
    subjects=tuple(_NORWEGIAN),
    ease=np.array([ease for ease, _ in _NORWEGIAN.values()]),
    girls=np.array([girls for _, girls in _NORWEGIAN.values()]),
    grades=np.array(list("123456")),
    worth=np.array([1.0, 2, 3, 4, 5, 6]),
    cuts=np.array([1.4, 2.5, 3.5, 4.5, 5.5]),
    centre=3.92,
    spread=0.72,
    spread_of_total=7,
    total=school_points,
)
