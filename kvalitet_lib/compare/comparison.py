"""A comparison: differences from references, each with a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from kvalitet_lib.measure import FIGURE

REFERENCES = ("nation", "municipality", "comparable", "similar_schools", "own_earlier")
NUMBERS = ["difference", "difference_lower", "difference_upper", "p", "p_adjusted"]
DTYPES = {
    **dict.fromkeys([*FIGURE, "reference", "reference_year"], "str"),
    "reference_estimate": "float64",
    "reference_missing_why": "str",
    **dict.fromkeys(NUMBERS, "float64"),
    "family_size": "int64",
    "verdict": "str",
    "better": "str",
}
COLUMNS = list(DTYPES)


class Verdict(StrEnum):
    """What may be said of a difference."""

    ABOVE = "above"
    SIMILAR = "similar"  # no clear difference; not proof that there is none
    BELOW = "below"
    TOO_FEW = "too_few"  # too few persons for a figure
    UNKNOWN = "unknown"  # no figure, no reference, or no way to tell a difference from chance


@dataclass(frozen=True, repr=False)
class Comparison:
    """Differences from references with verdicts: confidential, like the figures they rest on.

    Attributes
    ----------
    differences : DataFrame
        The columns ``COLUMNS``, one row per figure and reference.
    """

    differences: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        return self.differences.copy()

    def __repr__(self) -> str:
        return f"Comparison({len(self.differences)} differences)"
