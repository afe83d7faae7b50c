"""A measurement: figures with uncertainty, and where the sources disagree."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

FIGURE = ["indicator", "level", "unit", "school_year", "breakdown", "group"]
DTYPES = {
    **dict.fromkeys(FIGURE, "str"),
    **dict.fromkeys(["estimate", "lower", "upper", "n", "count", "largest", "missing"], "float64"),
    "method": "str",
    "status": "str",
    "shrunken": "float64",
    "original": "str",
    "decimals": "Int64",
    "source": "str",
}
COLUMNS = list(DTYPES)
DISAGREEMENT = {
    **dict.fromkeys(["indicator", "level", "unit", "school_year", "group", "shown_source", "other_source"], "str"),
    "difference": "float64",
}


def in_long_form(figures: pd.DataFrame) -> pd.DataFrame:
    """The figures with all columns of a Measurement, in their order and types; what is absent is empty."""
    return figures.reindex(columns=COLUMNS).astype(DTYPES).reset_index(drop=True)


def _no_disagreements() -> pd.DataFrame:
    return pd.DataFrame(columns=list(DISAGREEMENT)).astype(DISAGREEMENT)


@dataclass(frozen=True, repr=False)
class Measurement:
    """Figures with uncertainty: confidential, since small groups are not yet hidden.

    Attributes
    ----------
    figures : DataFrame
        From ``measure_all``: the columns ``COLUMNS``, one row per figure. From ``measure``: one row per group, with
        the columns one grouped by.
    disagreements : DataFrame
        Figures that two sources state differently: ``indicator, level, unit, school_year, group, shown_source,
        other_source, difference`` (other minus shown, in the indicator's unit).
    """

    figures: pd.DataFrame
    disagreements: pd.DataFrame = field(default_factory=_no_disagreements)

    def to_frame(self) -> pd.DataFrame:
        return self.figures.copy()

    def __repr__(self) -> str:
        return f"Measurement({len(self.figures)} figures, {len(self.disagreements)} disagreements between sources)"
