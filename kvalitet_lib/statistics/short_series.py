"""Many short series at once: each school's slope, with its yearly wobble learnt from all of them together.

Five points leave three degrees of freedom. What a school's own five points cannot tell, how much a year wobbles, thirty
schools' can; so each slope is judged by a spread that rests on all, and is drawn towards the school's own only as far as
schools truly differ in how much they wobble.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.moderation import moderate
from kvalitet_lib.statistics.random_effects import Pooled, pool
from kvalitet_lib.statistics.series_block import Block, Fit
from kvalitet_lib.statistics.series_wobble import Wobble, wobble

HARDLY_SHARED = 0.3  # p from which the few degrees of freedom of the years are not used: intervals then hold best; own rule


@dataclass(frozen=True)
class Slopes:
    """Slopes of many series, per unit of time. Arrays have one element per series, in the order of their numbers.

    Attributes
    ----------
    slope, standard_error, freedom : ndarray, shape (k,)
        NaN for a series whose slope cannot be told from its breaks.
    chance : ndarray, shape (k,)
        Variance of the slope that comes from the series alone, without what all share in a year.
    points : ndarray of int, shape (k,)
    wobble : Wobble
        How a year moves a school beyond sampling, and what all schools share.
    prior_freedom : float
        Degrees of freedom that the spread common to all is worth in each school; infinity where all wobble alike.
    pooled : Pooled or None
        Slopes that vary between schools, put together; None for a single series.
    mean, mean_error, mean_freedom : float
        The schools' mean slope; its standard error takes in that a year may move all of them together.
    """

    slope: Floats
    standard_error: Floats
    freedom: Floats
    chance: Floats
    points: Floats
    wobble: Wobble
    prior_freedom: float
    pooled: Pooled | None
    mean: float
    mean_error: float
    mean_freedom: float

    def interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Confidence interval of each slope."""
        reach = stats.t.ppf((1 + level) / 2, self.freedom) * self.standard_error
        return self.slope - reach, self.slope + reach

    @property
    def p(self) -> Floats:
        """Two-sided p of each slope being 0."""
        return np.asarray(2 * stats.t.sf(np.abs(self.slope) / self.standard_error, self.freedom))

    def mean_interval(self, level: float = 0.95) -> tuple[float, float]:
        """Confidence interval of the mean slope."""
        reach = float(stats.t.ppf((1 + level) / 2, self.mean_freedom)) * self.mean_error
        return self.mean - reach, self.mean + reach

    @property
    def mean_p(self) -> float:
        """Two-sided p of the mean slope being 0."""
        return float(2 * stats.t.sf(abs(self.mean) / self.mean_error, self.mean_freedom))


def slopes(
    values: ArrayLike,
    times: ArrayLike,
    series: ArrayLike,
    *,
    segments: ArrayLike | None = None,
    variances: ArrayLike | None = None,
    sizes: ArrayLike | None = None,
) -> Slopes:
    """Straight-line slopes of many short series.

    The model: value = level of the school's segment + slope of the school x time + what the year gave all schools +
    what the year gave this school + sampling error. Yearly wobble may carry over to the next year (autocorrelation).
    Schools wobble alike unless their residuals say otherwise (moderated variances). Degrees of freedom are
    Satterthwaite's: what all share in a year is learnt from the years alone.

    Parameters
    ----------
    values, times : array_like of float, shape (m,)
    series : array_like of int, shape (m,)
        Which series, numbered from 0 without gaps.
    segments : array_like of int, shape (m,), optional
        Which unbroken stretch of its series a value belongs to, from 0; each has a level of its own.
    variances : array_like of float, shape (m,), optional
        Known sampling variance of each value.
    sizes : array_like of float, shape (m,), optional
        Persons behind each value, above 0, when the sampling variance is not known but falls with them.

    Returns
    -------
    Slopes

    Raises
    ------
    ValueError
        No series has more points than its line has parameters, or all points lie exactly on their lines.

    References
    ----------
    Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components.
    Biometrics Bull. 2(6), 110-114.
    Smyth, G. K. (2004). Stat. Appl. Genet. Mol. Biol. 3(1), article 3.
    """
    block = Block.of(values, times, series, segments)
    if block.freedom.sum() <= 0:
        raise ValueError("no series is long enough to show how much it wobbles")
    found = wobble(block, block.pad(variances), block.pad(sizes))
    own = block.fit(found.covariance(block, shared=True))
    spread, prior = moderate(own.scatter / np.maximum(block.freedom, 1), block.freedom)
    slope = np.where(block.estimable, own.slope, np.nan)
    alone = np.einsum("kt,kts,ks->k", own.weights, found.covariance(block, shared=False), own.weights)
    pooled = pool(slope[block.estimable], alone[block.estimable]) if block.estimable.sum() > 1 else None
    variance = spread * own.variance
    if found.known:
        variance = np.maximum(variance, (own.weights**2 * found.sampling).sum(axis=1))
    mean, error, freedom = _mean(block, own, found, pooled, slope, variance, prior)
    return Slopes(
        slope,
        np.where(block.estimable, np.sqrt(variance), np.nan),
        np.minimum(prior + block.freedom, found.freedom),
        alone,
        block.there.sum(axis=1),
        found,
        prior,
        pooled,
        mean,
        error,
        freedom,
    )


def _mean(
    block: Block, own: Fit, found: Wobble, pooled: Pooled | None, slope: Floats, variance: Floats, prior: float
) -> tuple[float, float, float]:
    """Mean slope, its standard error and degrees of freedom: schools are a sample of schools, and years one of years."""
    if pooled is None:
        one = int(np.flatnonzero(block.estimable)[0]) if block.estimable.any() else 0
        freedom = min(prior + float(block.freedom[one]), found.freedom)
        return float(slope[one]), float(np.sqrt(variance[one])), freedom
    schools = pooled.standard_error**2
    if found.common <= 0:
        return pooled.mean, pooled.standard_error, pooled.freedom
    by_year = np.einsum("k,kt,kty->y", pooled.weights, own.weights[block.estimable], block.years[block.estimable])
    reach = float(by_year @ by_year)
    whole = schools + found.common * reach
    if found.common_p >= HARDLY_SHARED:
        return pooled.mean, float(np.sqrt(whole)), pooled.freedom
    uncertain = schools**2 / pooled.freedom + reach**2 * found.common_uncertainty
    return pooled.mean, float(np.sqrt(whole)), float(whole**2 / uncertain)
