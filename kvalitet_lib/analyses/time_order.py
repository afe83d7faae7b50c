"""When rows are from, as numbers: school years, years, months and dates on one axis."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kvalitet_lib.errors import ContractError

SCHOOL_YEAR = re.compile(r"\s*(\d{4})[-/–](\d{2}|\d{4})\s*")


@dataclass(frozen=True)
class TimeOrder:
    """How one column's times become numbers: whole steps for school years and periods, themselves for numbers.

    Attributes
    ----------
    kind : str
        ``number``, ``school_year`` (its first year), ``period`` (its ordinal) or ``date`` (months when all fall on one day
        of the month, else days).
    frequency : str
        Of periods.
    """

    kind: str
    frequency: str
    column: str
    analysis: str

    @classmethod
    def of(cls, times: pd.Series, column: str, analysis: str) -> TimeOrder:
        """Find out how a column tells time.

        Raises
        ------
        ContractError
            It cannot be told.
        """
        values = times.dropna()
        if isinstance(values.dtype, pd.CategoricalDtype):
            values = values.astype(values.cat.categories.dtype)
        if isinstance(values.dtype, pd.PeriodDtype):
            return cls("period", values.dtype.freq.freqstr, column, analysis)
        if pd.api.types.is_datetime64_any_dtype(values):
            same_day = values.dt.day.nunique() == 1
            return cls("date", "M" if same_day else "D", column, analysis)
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            return cls("number", "", column, analysis)
        words = values.astype(str)
        if len(words) and words.map(_first_year).notna().all():
            return cls("school_year", "", column, analysis)
        if len(words) and pd.to_numeric(words, errors="coerce").notna().all():
            return cls("number", "", column, analysis)
        raise ContractError(
            f"{analysis} cannot tell the order of the times in {column!r}. Write them as school years (2024-25), as numbers, "
            f"or as dates:  rows[{column!r}] = pd.to_datetime(rows[{column!r}])"
        )

    def numbers(self, times: Iterable[Any]) -> NDArray[np.float64]:
        """Times as numbers; NaN where there is none.

        Raises
        ------
        ContractError
            A time is written otherwise than the rest of the column.
        """
        return np.array([self.number(one) for one in times], dtype=np.float64)

    def number(self, time: Any) -> float:
        """One time, such as the school year in which a new series begins."""
        if time is None or time is pd.NaT or (isinstance(time, float) and np.isnan(time)) or time is pd.NA:
            return float("nan")
        try:
            if self.kind == "school_year":
                year = _first_year(str(time))
                return float(time if year is None else year)
            if self.kind == "number":
                return float(time)
            frequency = self.frequency
            return float((time if isinstance(time, pd.Period) else pd.Period(pd.Timestamp(time), freq=frequency)).ordinal)
        except (TypeError, ValueError) as wrong:
            raise ContractError(f"{self.analysis}: a time is written otherwise than those in {self.column!r}.") from wrong


def _first_year(text: str) -> int | None:
    """2024 of ``2024-25``; None when the two years do not follow one another."""
    found = SCHOOL_YEAR.fullmatch(text)
    if not found:
        return None
    first, second = int(found[1]), int(found[2])
    follows = second == first + 1 if second > 99 else second == (first + 1) % 100
    return first if follows else None
