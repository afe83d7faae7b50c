"""The pupils of a class now, where they were before, and last year's class."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.rows import Floats, need_columns
from kvalitet_lib.analyses.score_columns import names, scores
from kvalitet_lib.errors import ContractError

ANALYSIS = "cohorts"
WRITTEN_YEAR = re.compile(r"(\d{4})(\D.*)?")


@dataclass(frozen=True, repr=False)
class Rows:
    """All rows with a pupil and a school year, put the same way whatever the columns are called.

    ``frame`` has the columns ``pupil, school, year`` (whole number), ``year_group`` (NaN where none is named) and ``value``.
    """

    frame: pd.DataFrame
    years: dict[int, str]

    @classmethod
    def of(cls, rows: pd.DataFrame, value: str, pupil: str, school: str, school_year: str, year_group: str) -> Rows:
        """Read them.

        Raises
        ------
        ContractError
            A column is missing or no number, a school year cannot be read, or a pupil has several rows in one.
        """
        need_columns(rows, [value, pupil, school, school_year, year_group], ANALYSIS)
        written = names(rows, school_year)
        frame = pd.DataFrame(
            {
                "pupil": names(rows, pupil),
                "school": names(rows, school),
                "year": [_year(one) for one in written],
                "year_group": scores(rows, year_group, ANALYSIS) if year_group else np.nan,
                "value": scores(rows, value, ANALYSIS),
            }
        )
        there = frame["pupil"].notna() & frame["school"].notna() & frame["year"].notna()
        kept = frame[there].astype({"year": "int64"})
        if kept.duplicated(["pupil", "year"]).any():
            raise ContractError(
                "cohorts: one row is one pupil in one school year, and some pupils have several. Keep one row for each: "
                "one measure, and the school where the pupil was last."
            )
        years = dict(zip(kept["year"], written[there], strict=True))
        return cls(kept.reset_index(drop=True), dict(sorted(years.items())))

    def class_in(self, year: int, year_group: float | None) -> pd.DataFrame:
        """The pupils of one school year, or of one year group in it."""
        found = self.frame[self.frame["year"].eq(year)]
        return found if year_group is None else found[found["year_group"].eq(year_group)]

    def year_groups(self, year: int) -> list[float]:
        """Year groups in which somebody has a value that year, from the highest down."""
        found = self.frame[self.frame["year"].eq(year) & self.frame["value"].notna()]
        return sorted(found["year_group"].dropna().unique().tolist(), reverse=True)


def _year(written: object) -> float:
    """The calendar year a school year begins in: 2024 of ``2024-25``, ``2024/25`` and 2024."""
    if written is None or written is pd.NA or written != written:
        return np.nan
    found = WRITTEN_YEAR.fullmatch(str(written).strip().removesuffix(".0"))
    if found is None:
        raise ContractError("cohorts: a school year must begin with four figures, like 2024-25 or 2024. Write them so.")
    return float(found[1])


@dataclass(frozen=True, repr=False)
class Followed:
    """One class followed from an earlier to a later occasion.

    Attributes
    ----------
    pupils : DataFrame
        One row is one pupil who was there on either: ``pupil``, ``school_earlier``, ``earlier``, ``school``, ``later`` and
        ``kind``: ``stayed``, ``moved`` (from one school here to another), ``new`` or ``lost``.
    last : DataFrame
        Last year's class: ``pupil, school, value``.
    year_group : float or None
    """

    pupils: pd.DataFrame
    last: pd.DataFrame
    year_group: float | None

    @cached_property
    def matched(self) -> np.ndarray:
        """Who has a value on both occasions."""
        return (self.pupils["earlier"].notna() & self.pupils["later"].notna()).to_numpy()

    @property
    def began(self) -> pd.DataFrame:
        """Those with a value on the earlier occasion."""
        return self.pupils[self.pupils["earlier"].notna()]

    @property
    def change(self) -> Floats:
        """Later less earlier value of those with both."""
        both = self.pupils[self.matched]
        return (both["later"] - both["earlier"]).to_numpy(dtype=np.float64)


def follow(rows: Rows, year: int, between: int, year_group: float | None) -> Followed:
    """Follow the class of a school year back to where it was so many years before.

    Parameters
    ----------
    year_group : float or None
        The class's; None to follow everyone there is. With one, last year's class is that of the same year group; without,
        it is everyone on the earlier occasion.
    """
    now = rows.class_in(year, year_group)[["pupil", "school", "value"]].rename(columns={"value": "later"})
    then = rows.class_in(year - between, None if year_group is None else year_group - between)[["pupil", "school", "value"]]
    last = then if year_group is None else rows.class_in(year - 1, year_group)[["pupil", "school", "value"]]
    then = then.rename(columns={"school": "school_earlier", "value": "earlier"})
    both = then.merge(now, on="pupil", how="outer")
    before, after = both["school_earlier"].notna(), both["school"].notna()
    moved = np.where(both["school"].eq(both["school_earlier"]), "stayed", "moved")
    kind = np.where(before & after, moved, np.where(after, "new", "lost"))
    return Followed(both.assign(kind=kind), last.dropna(subset="value").reset_index(drop=True), year_group)
