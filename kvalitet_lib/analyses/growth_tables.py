"""Growth percentiles gathered: by school, by school and year, by group, and of all together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.finding import Basis
from kvalitet_lib.analyses.growth_rows import Pupils, codes_of
from kvalitet_lib.analyses.rows import Floats
from kvalitet_lib.statistics.growth_error import corrected_means
from kvalitet_lib.statistics.growth_medians import MIDDLE, group_growth
from kvalitet_lib.statistics.growth_norms import GrowthNorms
from kvalitet_lib.statistics.multiplicity import benjamini_hochberg


@dataclass(frozen=True, repr=False)
class Held:
    """Pupils held against a norm.

    Attributes
    ----------
    pupils : Pupils
    percentile : ndarray, shape (n,)
        NaN for those who cannot be held against anybody.
    norms : GrowthNorms
    own_norm : bool
        Whether the pupils are their own norm.
    basis : Basis
    """

    pupils: Pupils
    percentile: Floats
    norms: GrowthNorms
    own_norm: bool
    basis: Basis

    @property
    def middle(self) -> float:
        """The percentile half of the norm's pupils lie above: 50, or what it is among the pupils themselves."""
        return float(np.nanmedian(self.percentile)) if self.own_norm else MIDDLE

    def by(self, column: str, level: float) -> pd.DataFrame:
        """One row is one group: median and mean percentile with intervals, tested against the middle of the norm.

        Columns ``group``, ``estimate, lower, upper`` (the median), ``p, p_adjusted`` (Benjamini and Hochberg over all groups
        here), ``mean, mean_lower, mean_upper``, ``n`` (pupils with a percentile) and ``missing`` (share of the group without).
        """
        code, groups = codes_of(self.pupils, column)
        return pd.DataFrame({"group": groups}).join(self._gathered(code, len(groups), level))

    def by_school_year(self, school: str, school_year: str, level: float) -> pd.DataFrame:
        """One row is one school in one school year: as :meth:`by`, with ``school`` and ``school_year``."""
        code, schools = codes_of(self.pupils, school)
        year, years = codes_of(self.pupils, school_year)
        both = np.where((code >= 0) & (year >= 0), code * len(years) + year, -1)
        there, place = np.unique(both[both >= 0], return_inverse=True)
        member = np.full(len(both), -1)
        member[both >= 0] = place
        named = {
            "school": [schools[one // len(years)] for one in there],
            "school_year": [years[one % len(years)] for one in there],
        }
        return pd.DataFrame(named).join(self._gathered(member, len(there), level))

    def all_together(self, level: float) -> dict[str, object]:
        """All pupils' median; against an earlier norm group it is tested, among themselves it is 50 by construction."""
        known = np.isfinite(self.percentile)
        whole = self._gathered(np.where(known, 0, -1), 1, level).iloc[0]
        tested = {} if self.own_norm else {"null": MIDDLE}
        return {"term": "all", **whole[["estimate", "lower", "upper", "p", "n"]], "missing": self.basis.missing, **tested}

    def corrected(self, column: str, reliability: float) -> Floats:
        """Each group's mean percentile if earlier scores were measured without error."""
        code, groups = codes_of(self.pupils, column)
        size = self.norms.norms[-1].size
        return corrected_means(self.pupils.score, self.pupils.priors, code, len(groups), reliability, fewest=size)

    def _gathered(self, code: np.ndarray, groups: int, level: float) -> pd.DataFrame:
        member = code >= 0
        known = member & np.isfinite(self.percentile)
        size = np.bincount(code[member], minlength=groups).astype(np.float64)
        norm_size = self.norms.norms[0].size
        found = group_growth(self.percentile[known], code[known], groups, norm_size, self.own_norm, level, self.middle)
        return pd.DataFrame(
            {
                "estimate": found.median,
                "lower": found.lower,
                "upper": found.upper,
                "p": found.p,
                "p_adjusted": benjamini_hochberg(found.p, np.zeros(groups, dtype=np.int64))[0],
                "mean": found.mean,
                "mean_lower": found.mean_lower,
                "mean_upper": found.mean_upper,
                "n": found.n,
                "missing": 1 - found.n / np.where(size > 0, size, np.nan),
            }
        )
