"""The limits of a funnel for each of its units, the lines to draw, and how unlikely each unit is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from kvalitet_lib.analyses.funnel_units import Units
from kvalitet_lib.statistics.funnel_limits import (
    Dispersion,
    Overdispersion,
    Scores,
    exact_limits,
    exact_p,
    limits_around,
    p_of_shares,
)
from kvalitet_lib.statistics.intervals import Floats

POINTS = 60  # of each line


def said(level: float) -> str:
    """A level as the end of a column's name: ``95``, ``99_8``."""
    return f"{100 * level:.10g}".replace(".", "_")


@dataclass(frozen=True)
class Drawn:
    """Units, their scores, and what the limits allow for."""

    units: Units
    scores: Scores
    dispersion: Dispersion
    overdispersion: Overdispersion
    levels: tuple[float, ...]

    @property
    def target(self) -> float:
        return float(self.scores.back(self.scores.target))

    def p(self) -> Floats:
        """How often a unit of the usual spread lies as far out as each one does."""
        units, freedom = self.units, np.inf if self.overdispersion == "none" else len(self.units) - 1.0
        if units.whole and self.scores.arcsine and self.overdispersion != "multiplicative":
            tau2 = self.dispersion.tau2_in_full if self.overdispersion == "additive" else 0.0
            return p_of_shares(units.count, units.n, self.scores.target, tau2, freedom)
        spread = self.dispersion.spread(self.scores.error, self.overdispersion, in_full=True)
        p = np.asarray(2 * stats.t.sf(np.abs(self.scores.value - self.scores.target) / spread, freedom))
        return np.maximum(p, exact_p(units.count, units.n, self.target)) if units.whole else p

    def table(self) -> pd.DataFrame:
        """One row is one unit."""
        spread = self.dispersion.spread(self.scores.error, self.overdispersion)
        columns: dict[str, object] = {
            "school": self.units.names, "n": self.units.n, "count": self.units.count, "estimate": self.units.value,
            "score": self.scores.value, "error": self.scores.error, "spread": spread, "z": self.scores.z,
        }  # fmt: skip
        for level in self.levels:
            lower, upper = self._around(spread, level)
            outside = np.select([self.units.value < lower, self.units.value > upper], ["below", "above"], default="")
            columns |= {f"lower_{said(level)}": lower, f"upper_{said(level)}": upper, f"outside_{said(level)}": outside}
            chance = self._around(self.scores.error, level)
            columns |= {f"chance_lower_{said(level)}": chance[0], f"chance_upper_{said(level)}": chance[1]}
            if self.units.whole:
                exact = exact_limits(self.target, self.units.n, level)
                columns |= {f"exact_lower_{said(level)}": exact[0], f"exact_upper_{said(level)}": exact[1]}
        return pd.DataFrame(columns)

    def _around(self, spread: Floats, level: float) -> tuple[Floats, Floats]:
        lower, upper = limits_around(self.scores.target, spread, level)
        return self.scores.back(lower), self.scores.back(upper)

    def lines(self) -> pd.DataFrame:
        """Limits over the range of sizes: ``n`` (or precision, where nothing says how many), ``kind, level, lower, upper``."""
        size = self.size()
        grid = np.geomspace(size.min(), size.max(), POINTS)
        # Chance is the same for units of one size: a constant over the root of the size.
        error = float(np.median(self.scores.error * np.sqrt(size))) / np.sqrt(grid)
        parts = []
        for level in self.levels:
            for kind, spread in (("drawn", self.dispersion.spread(error, self.overdispersion)), ("chance", error)):
                lower, upper = self._around(spread, level)
                parts.append(pd.DataFrame({"n": grid, "kind": kind, "level": level, "lower": lower, "upper": upper}))
            if self.units.whole:
                persons = np.unique(np.rint(grid))
                lower, upper = exact_limits(self.target, persons, level)
                parts.append(pd.DataFrame({"n": persons, "kind": "exact", "level": level, "lower": lower, "upper": upper}))
        return pd.concat(parts, ignore_index=True)

    def size(self) -> Floats:
        """Persons in each unit, or its precision where nothing says how many."""
        return self.units.n if np.isfinite(self.units.n).all() else 1 / self.scores.error**2

    def numbers(self, schools: pd.DataFrame) -> dict[str, float]:
        """Single figures; see ``funnel``."""
        found = self.dispersion
        numbers = {
            "target": self.target, "target_score": self.scores.target, "phi": found.phi, "tau2": found.tau2,
            "phi_in_full": found.phi_in_full, "tau2_in_full": found.tau2_in_full, "tests": float(len(self.units)),
        }  # fmt: skip
        for level in self.levels:
            end = said(level)
            numbers[f"outside_{end}"] = float(schools[f"outside_{end}"].ne("").sum())
            numbers[f"outside_by_chance_{end}"] = len(self.units) * (1 - level)
            for kind in ("chance", "exact"):
                if f"{kind}_lower_{end}" in schools:
                    inside = schools["estimate"].between(schools[f"{kind}_lower_{end}"], schools[f"{kind}_upper_{end}"])
                    numbers[f"outside_{kind}_{end}"] = float((~inside).sum())
        return numbers

    def method(self, transform: str, winsorise: float) -> str:
        scale = f"{transform} scale" if self.units.shares and transform != "none" else "own scale"
        spread = {
            "none": "chance alone",
            "additive": f"chance and an additive variance between units (tau2 = {self.dispersion.tau2:.4g})",
            "multiplicative": f"chance widened by the square root of phi = {max(1.0, self.dispersion.phi):.4g}",
        }[self.overdispersion]
        levels = ", ".join(f"{100 * level:g} %" for level in self.levels)
        return (
            f"funnel of {len(self.units)} units on {scale}; limits drawn: {levels}, {spread}; phi = {self.dispersion.phi:.4g}, "
            f"{100 * winsorise:g} % winsorised at each end; p-values corrected by Benjamini-Hochberg"
        )
