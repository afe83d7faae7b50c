"""The estimates of a gap as they are gathered: each with its interval and p, corrected for together at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.group_gap_rows import GapRows
from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.multiplicity import benjamini_hochberg
from kvalitet_lib.statistics.resampling import drawn, standard_error_of, t_test

ROUNDING = 1e-10


@dataclass
class Answers:
    """Rows of estimates, tables and numbers of one gap, and how they are drawn anew."""

    draws: int
    seed: int
    level: float
    rows: list[dict[str, object]] = field(default_factory=list)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)

    def drawn(self, rows: GapRows, statistic: Callable[[Floats], Mapping[str, Floats]]) -> dict[str, Floats]:
        """A statistic for each draw of the rows' schools."""
        return drawn(statistic, rows.units, self.draws, self.seed)

    def add(self, rows: GapRows, term: str, estimate: float, found: Floats, n: float, group: str = "", null: float = 0.0) -> None:
        """One estimate, with its standard error from what the draws found."""
        error = float(standard_error_of(found, rows.units))
        lower, upper, p = (float(one) for one in t_test(estimate, error, rows.units - 1, self.level, null))
        more = {"standard_error": error, "lower": lower, "upper": upper, "null": null, "p": p}
        self.put(rows, term, estimate, n, more, group)

    def put(self, rows: GapRows, term: str, estimate: float, n: float, more: Mapping[str, float], group: str = "") -> None:
        """One estimate whose interval was found otherwise."""
        row = {"term": term, "group": group, "estimate": estimate, "n": n, "missing": rows.basis.missing}
        self.rows.append({**row, **more})

    def columns(self, rows: GapRows, estimates: Mapping[str, Floats], found: Mapping[str, Floats]) -> dict[str, Floats]:
        """Columns of a table: each estimate, its standard error and its interval."""
        columns: dict[str, Floats] = {}
        largest = max(float(np.abs(values).max()) for values in estimates.values())
        for name, values in estimates.items():
            error = standard_error_of(found[name], rows.units)
            error = np.where(error > ROUNDING * largest, error, np.nan)  # what is 0 by construction has no error
            lower, upper, _ = t_test(values, error, rows.units - 1, self.level)
            columns |= {name: values, f"{name}_standard_error": error, f"{name}_lower": lower, f"{name}_upper": upper}
        return columns

    def estimates(self) -> pd.DataFrame:
        """All rows, their p-values corrected for together (Benjamini-Hochberg)."""
        frame = pd.DataFrame(self.rows)
        tested = frame["p"].where(frame["null"].notna()).astype("float64")
        adjusted, _ = benjamini_hochberg(tested.to_numpy(), np.zeros(len(frame), dtype=np.int64))
        return frame.assign(p=tested, p_adjusted=adjusted)

    def p_of(self, term: str) -> float:
        return next(float(str(row["p"])) for row in self.rows if row["term"] == term)

    def estimate_of(self, term: str) -> float:
        return next(float(str(row["estimate"])) for row in self.rows if row["term"] == term)
