"""Norms for pupils of whom different numbers of earlier scores are known, and whether a norm fits at every level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kvalitet_lib.statistics.growth_percentiles import HUNDRED, GrowthNorm
from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.splines import Spline

Counts = NDArray[np.int64]
QUARTERS = (25, 50, 75)
PUPILS_PER_COLUMN = 10  # fewer, and a curve follows its pupils instead of telling of them; own rule
TENTHS = np.arange(1, 10) / 10
FEWEST_IN_A_TENTH = 20  # five in each quarter, as a test of such counts would ask; own rule


def known_in_a_row(priors: ArrayLike) -> Counts:
    """How many earlier scores each pupil has before the first that is missing, shape (n, k) → (n,)."""
    return np.cumprod(np.isfinite(np.asarray(priors, dtype=np.float64)), axis=1).sum(axis=1)


@dataclass(frozen=True)
class GrowthNorms:
    """Norms with one, two, … earlier scores, so that every pupil is held against those of whom as much is known.

    Attributes
    ----------
    norms : tuple of GrowthNorm
        ``norms[j]`` uses the ``j + 1`` latest earlier scores and was made from all pupils who have them.
    """

    norms: tuple[GrowthNorm, ...]

    @classmethod
    def of(
        cls,
        score: ArrayLike,
        priors: ArrayLike,
        *,
        fewest: int = 1,
        taus: ArrayLike = HUNDRED,
        splines: Sequence[Spline | None] = (),
    ) -> GrowthNorms:
        """Make as many norms as the pupils allow.

        Parameters
        ----------
        score : array_like of float, shape (n,)
            NaN where missing.
        priors : array_like of float, shape (n, k)
            Earlier scores, the latest first; NaN where missing.
        fewest : int
            Pupils a norm needs, besides ten for each of its columns. Earlier scores that fewer have are not used.
        splines : sequence of Spline or None, optional
            For each prior; None for the usual knots of all pupils who have it.

        Raises
        ------
        ContractError
            See :meth:`GrowthNorm.of`.
        """
        own, earlier = np.asarray(score, dtype=np.float64), np.asarray(priors, dtype=np.float64)
        known = np.where(np.isfinite(own), known_in_a_row(earlier), 0)
        chosen = [*splines, *[None] * (earlier.shape[1] - len(splines))]
        made: list[GrowthNorm] = []
        basis: list[Spline] = []
        for count in range(1, earlier.shape[1] + 1):
            pupils = known >= count
            column = earlier[pupils, count - 1]
            if pupils.sum() < max(fewest, 2) or (made and column.min() == column.max()):
                break
            basis.append(chosen[count - 1] or Spline.of(column))
            if pupils.sum() < PUPILS_PER_COLUMN * (1 + sum(one.columns for one in basis)):
                break
            made.append(GrowthNorm.of(own[pupils], earlier[pupils, :count], taus=taus, splines=basis))
        return cls(tuple(made))

    def uses(self, priors: ArrayLike) -> Counts:
        """How many earlier scores are used for each pupil, shape (n,); 0 for those who cannot be held against anybody."""
        return np.minimum(known_in_a_row(priors), len(self.norms))

    def percentiles(self, score: ArrayLike, priors: ArrayLike) -> Floats:
        """Growth percentiles 1-99, shape (n,); NaN for pupils without a score or without the latest earlier one."""
        own, earlier = np.asarray(score, dtype=np.float64), np.asarray(priors, dtype=np.float64)
        used = np.where(np.isfinite(own), self.uses(earlier), 0)
        found = np.full(len(own), np.nan)
        for count, norm in enumerate(self.norms, start=1):
            pupils = used == count
            found[pupils] = norm.percentiles(own[pupils], earlier[pupils, :count])
        return found


def misfit(percentiles: ArrayLike, prior: ArrayLike) -> tuple[float, int]:
    """How far a norm is off where it fits worst.

    A quarter of the pupils should lie in each quarter of the percentiles, among those with low earlier scores as among
    those with high ones. Looked at in each tenth of the earlier scores.

    Parameters
    ----------
    percentiles, prior : array_like of float, shape (n,)
        Of the pupils the norm was made from.

    Returns
    -------
    gap : float
        The largest difference between the share of a tenth's pupils at or below the 25th, 50th or 75th percentile and a
        quarter, half or three quarters, 0-1. NaN when tenths are too small to look at.
    size : int
        Pupils in the smallest tenth looked at; chance alone may carry a share by about half of one over its square root.

    References
    ----------
    Betebenner, D. (2009). Norm- and criterion-referenced student growth. Educ. Meas. Issues Pract. 28(4), 42-51.
    """
    growth, level = np.asarray(percentiles, dtype=np.float64), np.asarray(prior, dtype=np.float64)
    edges = np.unique(np.quantile(level, TENTHS)) if len(level) else np.empty(0)
    member = np.searchsorted(edges, level, side="right")
    size = np.bincount(member, minlength=1)
    looked_at = size >= FEWEST_IN_A_TENTH
    if not looked_at.any():
        return float("nan"), 0
    below = np.array([np.bincount(member, growth <= cut, minlength=len(size))[looked_at] for cut in QUARTERS])
    gap = np.abs(below / size[looked_at] - np.array(QUARTERS)[:, None] / 100).max()
    return float(gap), int(size[looked_at].min())
