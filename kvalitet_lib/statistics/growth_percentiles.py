"""Growth percentiles: how far a pupil has come among pupils with the same earlier results (Betebenner)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.quantile_regression import QuantileFit, quantile_regression
from kvalitet_lib.statistics.splines import Spline

HUNDRED = np.arange(0.005, 1, 0.01)
"""The 100 cuts between which the percentiles 1-99 lie, and both tails."""

AT_ONCE = 20_000  # pupils whose hundred quantiles are held in memory together
DECIMALS = 5
FINE = 0.01  # scores that differ by less than this get more decimals


@dataclass(frozen=True)
class GrowthNorm:
    """What pupils with given earlier results usually come to: quantiles of a later score given one or more earlier ones.

    Attributes
    ----------
    splines : tuple of Spline
        One for each earlier score, in their order.
    fit : QuantileFit
        Coefficients: the intercept, then each spline's columns.
    size : int
        Pupils it was made from.
    decimals : int
        With how many scores and quantiles are held against each other: five, more for scores in very small units.
    """

    splines: tuple[Spline, ...]
    fit: QuantileFit
    size: int
    decimals: int = DECIMALS

    @classmethod
    def of(
        cls,
        score: ArrayLike,
        priors: ArrayLike,
        *,
        taus: ArrayLike = HUNDRED,
        splines: Sequence[Spline] = (),
    ) -> GrowthNorm:
        """Make a norm from pupils with all scores.

        Parameters
        ----------
        score : array_like of float, shape (n,)
        priors : array_like of float, shape (n,) or (n, k)
            Earlier scores, the latest first.
        taus : array_like of float
            Quantiles to fit.
        splines : sequence of Spline, optional
            One for each prior; else knots at the 20th, 40th, 60th and 80th percentile and boundaries a tenth beyond the range.

        Raises
        ------
        ContractError
            Values are missing, there are too few pupils for the columns, or an earlier score is the same for everyone.

        References
        ----------
        Betebenner, D. (2009). Norm- and criterion-referenced student growth. Educ. Meas. Issues Pract. 28(4), 42-51.
        """
        earlier = _columns(priors)
        if not np.isfinite(earlier).all():
            raise ContractError("An earlier score is missing or infinite. Leave those pupils out first.")
        splines = tuple(splines) or tuple(Spline.of(column) for column in earlier.T)
        fit = quantile_regression(score, _design(splines, earlier), taus)
        spread = float(np.std(np.asarray(score, dtype=np.float64)))
        decimals = DECIMALS if spread >= FINE or spread == 0 else DECIMALS - int(np.floor(np.log10(spread)))
        return cls(splines, fit, len(earlier), decimals)

    def design(self, priors: ArrayLike) -> Floats:
        """The intercept and every spline's columns, shape (n, 1 + columns)."""
        return _design(self.splines, _columns(priors))

    def quantiles(self, priors: ArrayLike) -> Floats:
        """Fitted quantiles, rising for each pupil, shape (n, quantiles).

        Where fitted quantiles cross they are put in order, which brings them nearer the true ones.

        References
        ----------
        Chernozhukov, V., Fernández-Val, I. & Galichon, A. (2010). Quantile and probability curves without crossing.
        Econometrica 78(3), 1093-1125.
        """
        return np.sort(self.fit.quantiles(self.design(priors)), axis=1)

    def percentiles(self, score: ArrayLike, priors: ArrayLike) -> NDArray[np.int64]:
        """Growth percentiles 1-99: how many of the hundred quantiles lie below the score.

        Both are rounded to five decimals first, so that a pupil the curve passes through does not lie above it by a rounding
        error (the rule of the SGP package, for scores with so many decimals).
        """
        own, earlier = np.round(np.asarray(score, dtype=np.float64), self.decimals), _columns(priors)
        below = [
            (np.round(self.quantiles(earlier[some]), self.decimals) < own[some, None]).sum(axis=1) for some in _parts(len(own))
        ]
        return np.clip(np.concatenate([*below, np.empty(0, dtype=np.int64)]), 1, len(self.fit.taus) - 1).astype(np.int64)

    def crossing(self, priors: ArrayLike) -> float:
        """How many places a fitted quantile is moved, on average, when they are put in order; 0 when none cross."""
        earlier = _columns(priors)
        moved = 0
        for some in _parts(len(earlier)):
            order = np.argsort(self.fit.quantiles(self.design(earlier[some])), axis=1, kind="stable")
            moved += int(np.abs(order - np.arange(order.shape[1])).sum())
        return moved / (len(earlier) * len(self.fit.taus)) if len(earlier) else 0.0

    def at_percentiles(self, priors: ArrayLike) -> Floats:
        """The score each growth percentile 1-99 comes to, shape (n, 99): half-way between the quantiles around it."""
        fitted = self.quantiles(priors)
        return (fitted[:, 1:] + fitted[:, :-1]) / 2


def trajectories(norms: Sequence[GrowthNorm], results: ArrayLike) -> Floats:
    """Where a pupil ends who keeps one growth percentile all the way, for each percentile 1-99.

    Parameters
    ----------
    norms : sequence of GrowthNorm
        One for each step ahead, the next first. Each may use as many earlier scores as are known by then.
    results : array_like of float, shape (n,) or (n, k)
        What is known now, the latest first.

    Returns
    -------
    ndarray, shape (n, 99)
        Scores at the last step, rising.

    References
    ----------
    Betebenner, D. (2009). Norm- and criterion-referenced student growth. Educ. Meas. Issues Pract. 28(4), 42-51.
    """
    known = _columns(results)
    ends = [_followed(norms, known[some]) for some in _parts(len(known))]
    return np.sort(np.concatenate([*ends, np.empty((0, len(HUNDRED) - 1))]), axis=1)


def needed(ends: Floats, target: float) -> NDArray[np.int64]:
    """The lowest growth percentile that reaches a target, 1-99; 100 where none does.

    Parameters
    ----------
    ends : ndarray, shape (n, 99)
        As ``trajectories`` or ``GrowthNorm.at_percentiles`` give them.
    target : float
    """
    return (ends < target).sum(axis=1) + 1


def _followed(norms: Sequence[GrowthNorm], known: Floats) -> Floats:
    first, *later = norms
    ways = first.at_percentiles(known[:, : len(first.splines)])
    pupils, percentiles = ways.shape
    history = [ways, *(np.repeat(column[:, None], percentiles, axis=1) for column in known.T)]
    for norm in later:
        ahead = np.empty_like(ways)
        for place in range(percentiles):
            so_far = np.column_stack([one[:, place] for one in history[: len(norm.splines)]])
            ahead[:, place] = norm.at_percentiles(so_far)[:, place]
        history = [ahead, *history]
    return history[0] if pupils else np.empty((0, percentiles))


def _columns(priors: ArrayLike) -> Floats:
    earlier = np.asarray(priors, dtype=np.float64)
    return earlier[:, None] if earlier.ndim == 1 else earlier


def _design(splines: Sequence[Spline], earlier: Floats) -> Floats:
    if earlier.shape[1] != len(splines):
        raise ContractError(f"This norm was made with {len(splines)} earlier scores; it was given {earlier.shape[1]}.")
    bases = [spline.basis(column) for spline, column in zip(splines, earlier.T, strict=True)]
    return np.column_stack([np.ones(len(earlier)), *bases])


def _parts(pupils: int) -> Iterator[slice]:
    for start in range(0, pupils, AT_ONCE):
        yield slice(start, start + AT_ONCE)
