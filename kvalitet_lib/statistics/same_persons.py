"""The same persons at two times beside two groups of persons, and what those lost on the way may do to the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from kvalitet_lib.statistics.intervals import Floats

Places = NDArray[np.int64]
FIFTHS = 5
ROUNDING = 1e-10  # a spread below this share of the largest value is rounding: persons are all alike


@dataclass(frozen=True)
class Contrast:
    """Differences in k groups, each with its t interval; all arrays have shape (k,), NaN where nothing can be said."""

    estimate: Floats
    standard_error: Floats
    lower: Floats
    upper: Floats
    p: Floats

    @classmethod
    def of(cls, estimate: Floats, variance: Floats, freedom: Floats, level: float) -> Contrast:
        """Of estimates with their variances and degrees of freedom; without a variance there is no interval."""
        known = np.isfinite(variance) & (variance > 0) & (freedom > 0)
        error = np.where(known, np.sqrt(np.where(known, variance, 1.0)), np.nan)
        degrees = np.where(known, freedom, 1.0)
        half = stats.t.ppf((1 + level) / 2, degrees) * error
        return cls(estimate, error, estimate - half, estimate + half, 2 * stats.t.sf(np.abs(estimate) / error, degrees))


@dataclass(frozen=True)
class Part:
    """Values whose mean per group enters a difference.

    Attributes
    ----------
    sign : float
        1 or -1.
    person, group : ndarray of int, shape (m,)
    value : ndarray of float, shape (m,)
    """

    sign: float
    person: Places
    group: Places
    value: Floats


def of_means(parts: Sequence[Part], groups: int, level: float = 0.95) -> Contrast:
    """Sums of means with their signs, when some persons stand in several of them.

    One part is a mean; of changes, the paired comparison. Two parts of different persons are Welch's comparison. Where the
    same person stands in several parts, what the person adds to each is added up before it is squared.

    Parameters
    ----------
    parts : sequence of Part
    groups : int
        How many groups there are.
    level : float
        Confidence level, in (0, 1).

    Notes
    -----
    The variance is the sum over persons of the square of their influence, each part's with divisor ``n - 1``; degrees of
    freedom are Satterthwaite's over the parts.

    References
    ----------
    Welch, B. L. (1947). The generalization of Student's problem when several different population variances are involved.
    Biometrika 34(1/2), 28-35.
    Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components. Biometrics Bulletin 2(6),
    110-114.
    """
    estimate: Floats = np.zeros(groups)
    squares, weighed, largest = np.zeros(groups), np.zeros(groups), np.zeros(groups)
    members, influences = [], []
    persons = 1 + max((int(part.person.max(initial=0)) for part in parts), default=0)
    for part in parts:
        n = np.bincount(part.group, minlength=groups).astype(np.float64)
        several = np.where(n > 1, n, np.nan)
        mean = np.bincount(part.group, part.value, minlength=groups) / np.where(n > 0, n, np.nan)
        away = part.value - mean[part.group]
        own = np.bincount(part.group, away**2, minlength=groups) / (several * (several - 1))
        estimate = estimate + part.sign * mean
        squares, weighed = squares + own, weighed + own**2 / (several - 1)
        np.maximum.at(largest, part.group, np.abs(part.value))
        members.append(part.group * persons + part.person)
        influences.append(part.sign * away / np.sqrt(several * (several - 1))[part.group])
    pairs, which = np.unique(np.concatenate(members), return_inverse=True)
    together = np.bincount(which, np.concatenate(influences), minlength=len(pairs))
    variance = np.bincount(pairs // persons, together**2, minlength=groups).astype(np.float64)
    variance = np.where(variance > (ROUNDING * largest) ** 2, variance, 0.0)
    with np.errstate(invalid="ignore"):  # persons who are all alike say nothing of the spread
        freedom = squares**2 / np.where(weighed > 0, weighed, np.nan)
    return Contrast.of(estimate, variance, np.nan_to_num(freedom), level)


@dataclass(frozen=True)
class WithTheLost:
    """What a mean change may be of all who were there from the beginning.

    Attributes
    ----------
    share : float
        Lost, 0-1.
    reweighted, lower, upper : float
        The mean change if those lost had developed as those kept who began as high (fifths, and a slope within them), with
        its interval.
    worst, best : float
        The mean change if all those lost had ended at the lowest, or at the highest, end value seen.
    turning : float
        By how many standard deviations of a change those lost would have to differ from those kept, on average, for the mean
        change of all to be 0; NaN when nobody is lost.
    """

    share: float
    reweighted: float
    lower: float
    upper: float
    worst: float
    best: float
    turning: float


def with_the_lost(earlier: ArrayLike, later: ArrayLike, level: float = 0.95) -> WithTheLost:
    """How far a mean change depends on those who are not there the second time.

    Parameters
    ----------
    earlier : array_like of float, shape (n,)
        Of everyone who was there the first time.
    later : array_like of float, shape (n,)
        NaN for those lost; at least two are known.
    level : float
        Confidence level, in (0, 1).

    References
    ----------
    Cochran, W. G. (1968). The effectiveness of adjustment by subclassification in removing bias in observational studies.
    Biometrics 24(2), 295-313 (fifths remove about nine tenths of it).
    Horowitz, J. L. & Manski, C. F. (2000). Nonparametric analysis of randomized experiments with missing covariate and outcome
    data. J. Am. Stat. Assoc. 95(449), 77-84 (bounds from the lowest and highest value).
    """
    begin, end = np.asarray(earlier, dtype=np.float64), np.asarray(later, dtype=np.float64)
    kept = np.isfinite(end)
    change = end[kept] - begin[kept]
    lost = begin[~kept]
    cell = _fifths(begin, kept)
    # Within a fifth, too, those lost may have begun lower than those kept: a common slope takes that up.
    design = np.column_stack([cell[:, None] == np.arange(cell.max() + 1), begin]).astype(np.float64)
    coefficients, _, rank, _ = np.linalg.lstsq(design[kept], change, rcond=None)
    fitted, everyone = design @ coefficients, design.mean(axis=0)
    freedom = float(len(change) - rank)
    spread = float(((change - fitted[kept]) ** 2).sum()) / freedom if freedom > 0 else float("nan")
    # Two phases: who began at which level is itself a sample of pupils.
    variance = spread * everyone @ np.linalg.pinv(design[kept].T @ design[kept]) @ everyone + fitted.var() / len(begin)
    estimate = float(fitted.mean())
    found = Contrast.of(np.array([estimate]), np.array([variance]), np.array([freedom]), level)
    ends = [(change.sum() + (value - lost).sum()) / len(begin) for value in (end[kept].min(), end[kept].max())]
    deviation = float(change.std(ddof=1))
    turning = float("nan")
    if len(lost) and deviation > 0:
        turning = float((-change.sum() / len(lost) - change.mean()) / deviation)
    share = len(lost) / len(begin)
    return WithTheLost(share, estimate, float(found.lower[0]), float(found.upper[0]), float(ends[0]), float(ends[1]), turning)


def _fifths(begin: Floats, kept: NDArray[np.bool_]) -> Places:
    """Fifths of the beginning, or fewer parts, so that at least two are kept in each."""
    for parts in range(FIFTHS, 1, -1):
        edges = np.unique(np.quantile(begin, np.arange(1, parts) / parts))
        cell = np.unique(np.searchsorted(edges, begin, side="right"), return_inverse=True)[1].ravel()
        if (np.bincount(cell[kept], minlength=cell.max() + 1) >= 2).all():
            return cell.astype(np.int64)
    return np.zeros(len(begin), dtype=np.int64)
