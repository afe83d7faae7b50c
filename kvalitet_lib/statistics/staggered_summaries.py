"""Effects by group and period put together: overall, by length of exposure, by group and by period, with their uncertainty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.staggered_adoption import GroupTime

SUMMARIES = ("simple", "dynamic", "group", "calendar")
MULTIPLIERS = 1999
FEWEST_TO_JUDGE = 2  # a spread is read off at least two units
RANK = 1e-9  # variances smaller than this share of all are rounding
LEAST_FREEDOM = 1e-3  # where nothing is left to judge by, an interval without end says so


@dataclass(frozen=True, repr=False)
class Combination:
    """Weighted sums of the effects of cells, r of them.

    Attributes
    ----------
    label : ndarray, shape (r,)
        Length of exposure, group or period; NaN for one sum over all.
    factors : ndarray, shape (r, c)
        What each cell weighs.
    chance : ndarray, shape (n, r)
        Influence function of the factors themselves, which are shares of units seen.
    """

    label: Floats
    factors: Floats
    chance: Floats


@dataclass(frozen=True, repr=False)
class Estimates:
    """Estimates with two standard errors; all arrays have shape (r,).

    Attributes
    ----------
    estimate : ndarray
    standard_error : ndarray
        From the influence function, right with many units: what the R package did prints.
    standard_error_few : ndarray
        With residuals divided by the root of one less their leverage (CR2 with one unit as cluster), and with the groups as
        they are: which units had the measure is known, and not what chance could have made otherwise. A group of one unit
        has no spread of its own: it is given that of the units compared with.
    freedom : ndarray
        Satterthwaite's degrees of freedom that belong to the second.
    """

    estimate: Floats
    standard_error: Floats
    standard_error_few: Floats
    freedom: Floats

    def interval(self, confidence: float = 0.95) -> tuple[Floats, Floats]:
        """Student's t intervals with the second standard error."""
        half = stats.t.ppf((1 + confidence) / 2, self.freedom) * self.standard_error_few
        return self.estimate - half, self.estimate + half

    @property
    def p(self) -> Floats:
        """Two-sided p-values of no effect, in the same way."""
        error = np.where(self.standard_error_few > 0, self.standard_error_few, np.nan)
        return np.asarray(2 * stats.t.sf(np.abs(self.estimate / error), self.freedom))


def combine(effects: GroupTime, kind: str) -> tuple[Combination, Combination]:
    """How cells are put together: by length of exposure, group or period, and overall.

    Parameters
    ----------
    kind : str
        ``simple``: all cells at and after the measure, groups weighing by their units. ``dynamic``: by length of exposure,
        before the measure too; overall, the mean of the lengths from 0 on. ``group``: by group; overall, groups weighing by
        their units. ``calendar``: by period; overall, the mean of the periods.

    Returns
    -------
    each, overall : Combination
        For ``simple`` the same.

    References
    ----------
    Callaway & Sant'Anna (2021), as in :func:`group_time_effects`.
    """
    if kind not in SUMMARIES:
        raise ContractError(f"Effects cannot be put together as {kind!r}. Choose one of: {', '.join(SUMMARIES)}.")
    share = np.array([(effects.weights * (effects.cohort == group)).mean() for group in effects.group])
    if kind == "simple":
        whole = _by_share(effects, effects.after, share, np.nan)
        return whole, whole
    if kind == "dynamic":
        exposure = effects.time - effects.group
        each = _stack([_by_share(effects, exposure == one, share, one) for one in np.unique(exposure)], effects)
        return each, _mean(each, each.label >= 0)
    if kind == "calendar":
        periods = np.unique(effects.time[effects.after])
        each = _stack([_by_share(effects, effects.after & (effects.time == one), share, one) for one in periods], effects)
        return each, _mean(each, np.ones(len(each.label), dtype=bool))
    groups = np.unique(effects.group[effects.after])
    parts = [effects.after & (effects.group == one) for one in groups]
    factors = np.array([part / part.sum() for part in parts]).reshape(len(groups), len(effects))
    each = Combination(groups, factors, np.zeros((effects.units, len(groups))))
    size = np.array([(effects.weights * (effects.cohort == one)).mean() for one in groups])
    chance = _chance(effects, groups, size, factors @ effects.estimate)
    return each, Combination(np.array([np.nan]), (size / size.sum() @ factors)[None, :], chance[:, None])


def cells(effects: GroupTime) -> Combination:
    """Each cell for itself."""
    return Combination(effects.time - effects.group, np.eye(len(effects)), np.zeros((effects.units, len(effects))))


def estimates(effects: GroupTime, combination: Combination) -> Estimates:
    """The sums with their standard errors and degrees of freedom."""
    units = effects.units
    large = effects.influence @ combination.factors.T + combination.chance
    few = effects.few @ combination.factors.T
    variance, freedom = (few**2).sum(axis=0) / units**2, np.empty(len(combination.label))
    for row, factors in enumerate(combination.factors):
        borrowed, freedom[row] = _borrowed_and_freedom(effects, factors)
        variance[row] += borrowed
    large_error = np.sqrt((large**2).sum(axis=0)) / units
    empty = ~(large_error > 0)
    # One compared unit has no spread, and nothing says how far chance may carry it.
    alone = ((combination.factors != 0) & (effects.compared < FEWEST_TO_JUDGE + effects.adjusted_for)).any(axis=1)
    few_error = np.where(empty | alone, np.nan, np.sqrt(variance))
    return Estimates(combination.factors @ effects.estimate, np.where(empty, np.nan, large_error), few_error, freedom)


def simultaneous(effects: GroupTime, combination: Combination, confidence: float = 0.95, seed: int = 1) -> Floats:
    """Critical values with which intervals of all sums hold together, shape (r,).

    A multiplier bootstrap of the influence function gives the value for large samples; it is carried over to each sum's
    degrees of freedom by way of its tail probability.

    Parameters
    ----------
    confidence : float
        Probability that all intervals hold at once.

    References
    ----------
    Callaway & Sant'Anna (2021), algorithm 1, with Rademacher multipliers.
    """
    few = effects.few @ combination.factors.T
    spread = np.sqrt((few**2).sum(axis=0))
    known = spread > 0
    freedom = estimates(effects, combination).freedom
    if not known.any():
        return np.full(len(known), np.nan)
    rng = np.random.default_rng(seed)
    signs = rng.choice([-1.0, 1.0], size=(MULTIPLIERS, effects.units))
    largest = np.abs(signs @ few[:, known] / spread[known]).max(axis=1)
    tail = stats.norm.sf(max(np.quantile(largest, confidence), stats.norm.ppf((1 + confidence) / 2)))
    return np.where(known, stats.t.isf(tail, freedom), np.nan)


def without_each(effects: GroupTime) -> Floats:
    """The overall effect (``simple``) without each unit in turn, shape (n,).

    Read off residuals and leverages: exact without covariates and with regression on them, and as near as first order goes with
    doubly robust estimates. NaN where no treated unit is left.
    """
    own = effects.cohort[:, None] == effects.group
    safe = np.where(effects.influence != 0, effects.influence, 1.0)
    moved = np.where(effects.influence != 0, effects.few**2 / safe, 0.0) / effects.units
    weight = np.where(own, -effects.weights[:, None], 0.0) + (effects.weights[:, None] * own).sum(axis=0)
    weight = np.where(effects.after & ~(own & (effects.treated == 1)), weight, 0.0)
    total = weight.sum(axis=1)
    return ((effects.estimate - moved) * weight).sum(axis=1) / np.where(total > 0, total, np.nan)


def before_test(effects: GroupTime) -> tuple[float, float, int]:
    """Whether groups moved apart before the measure came.

    Returns
    -------
    p : float
        Wald's chi-square of all cells before it at once, as did has it: right with many units, far too small with few. NaN when
        there is no such cell, or more of them than units can tell apart.
    p_few : float
        The smallest p by length of exposure, times how many lengths there are (Bonferroni): right with few units, too.
    tested : int
        Cells that the first rests on, those left out that others already say.
    """
    chosen = np.flatnonzero(effects.before)
    if not len(chosen):
        return np.nan, np.nan, 0
    seen, units = effects.estimate[chosen], effects.units
    covariance = effects.influence[:, chosen].T @ effects.influence[:, chosen] / units**2
    # With base "all" a group's cells before the measure add up to nothing: as many are tested as can differ.
    tested = int(np.linalg.matrix_rank(covariance, tol=RANK * np.trace(covariance), hermitian=True))
    each = combine(effects, "dynamic")[0]
    early = estimates(effects, each).p[(each.factors[:, ~effects.before] == 0).all(axis=1)]
    p_few = float(min(1.0, np.nanmin(early) * np.isfinite(early).sum())) if np.isfinite(early).any() else np.nan
    if not tested or tested > units - len(np.unique(effects.cohort)):
        return np.nan, p_few, tested
    wald = seen @ np.linalg.pinv(covariance, rcond=RANK, hermitian=True) @ seen
    return float(stats.chi2.sf(wald, tested)), p_few, tested


def _borrowed_and_freedom(effects: GroupTime, factors: Floats) -> tuple[float, float]:
    """Variance of groups of one unit, and Satterthwaite's degrees of freedom with units equally spread over time."""
    path = (effects.coefficients * factors) @ effects.contrasts / np.sqrt(effects.weights)[:, None]
    size = (path**2).sum(axis=1)
    never = np.isinf(effects.cohort)
    untreated = np.flatnonzero(never if never.sum() >= FEWEST_TO_JUDGE else size > 0)
    variance, judged_by_untreated, parts = 0.0, never.copy(), []
    for group in np.unique(effects.cohort[~never]):
        own = effects.cohort == group
        if own.sum() >= FEWEST_TO_JUDGE:
            parts.append((size[own].sum(), _persons(size[own]) - 1))
        elif size[own].any():
            variance += _borrowed(effects, np.where(effects.group == group, factors, 0.0), untreated)
            judged_by_untreated |= own
    # Sums of squares of the same units in several directions: the more they differ, the more they tell (as of a Wishart).
    spread = path[judged_by_untreated].T @ path[judged_by_untreated]
    directions = np.trace(spread) ** 2 / max((spread**2).sum(), np.finfo(float).tiny)
    parts.append((np.trace(spread), directions * (_persons(size[untreated]) - 1 - effects.adjusted_for)))
    squares = sum(part**2 / max(freedom, LEAST_FREEDOM) for part, freedom in parts if part > 0)
    return variance, sum(part for part, _ in parts) ** 2 / squares if squares > 0 else np.nan


def _persons(size: Floats) -> float:
    """How many units of one size would weigh as these do."""
    return float(size.sum() ** 2 / (size**2).sum()) if size.any() else 0.0


def _borrowed(effects: GroupTime, factors: Floats, untreated: np.ndarray) -> float:
    """The spread, among untreated units, of what makes up the effect on a group of one."""
    if len(untreated) < FEWEST_TO_JUDGE or not factors.any():
        return 0.0
    return float((effects.residuals[untreated] @ factors).var(ddof=1))


def _by_share(effects: GroupTime, kept: np.ndarray, share: Floats, label: float) -> Combination:
    here = np.flatnonzero(kept)
    factors = np.zeros(len(effects))
    factors[here] = share[here] / share[here].sum()
    chance = _chance(effects, effects.group[here], share[here], effects.estimate[here])
    return Combination(np.array([label]), factors[None, :], chance[:, None])


def _chance(effects: GroupTime, groups: Floats, share: Floats, values: Floats) -> Floats:
    """Influence function of the shares with which values are put together, shape (n,)."""
    own = effects.weights[:, None] * (effects.cohort[:, None] == groups) - share
    return own @ values / share.sum() - own.sum(axis=1) * (share @ values) / share.sum() ** 2


def _stack(parts: list[Combination], effects: GroupTime) -> Combination:
    if not parts:
        return Combination(np.empty(0), np.empty((0, len(effects))), np.empty((effects.units, 0)))
    return Combination(
        np.concatenate([part.label for part in parts]),
        np.concatenate([part.factors for part in parts]),
        np.concatenate([part.chance for part in parts], axis=1),
    )


def _mean(each: Combination, kept: ArrayLike) -> Combination:
    chosen = np.flatnonzero(kept)
    return Combination(
        np.array([np.nan]), each.factors[chosen].mean(axis=0)[None, :], each.chance[:, chosen].mean(axis=1)[:, None]
    )
