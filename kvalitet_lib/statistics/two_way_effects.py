"""The usual regression of a measure on units and periods, and which comparisons it is made of when measures came in turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.clusters import LeastSquares, cluster_covariance, least_squares, satterthwaite
from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.staggered_adoption import GroupTime


@dataclass(frozen=True, repr=False)
class Design:
    """A balanced panel made ready: one coefficient of interest, units taken out of everything; m = n × T rows.

    Attributes
    ----------
    outcome, interest, weights : ndarray, shape (m,)
    others : ndarray, shape (m, k)
    units : ndarray of int, shape (m,)
        Which unit a row belongs to: the cluster.
    """

    outcome: Floats
    interest: Floats
    others: Floats
    units: np.ndarray
    weights: Floats

    def fit(self) -> LeastSquares:
        """Least squares; the coefficient of interest is the first."""
        return least_squares(self.outcome, np.column_stack([self.interest, self.others]), self.weights)


@dataclass(frozen=True)
class Tested:
    """One coefficient with its standard error, and the degrees of freedom of its t test."""

    estimate: float
    standard_error: float
    freedom: float


def two_way_design(outcomes: ArrayLike, cohort: ArrayLike, times: ArrayLike, weights: ArrayLike | None = None) -> Design:
    """Two-way fixed effects: one effect for all units and periods with the measure, besides units and periods.

    Parameters
    ----------
    outcomes : array_like, shape (n, T)
        Without gaps.
    cohort : array_like, shape (n,)
        First treated period; infinite for never.
    times : array_like, shape (T,)
    weights : array_like, shape (n,), optional

    Raises
    ------
    ContractError
        A gap, or nobody changes between without and with the measure.
    """
    first, periods = np.asarray(cohort, dtype=np.float64), np.asarray(times, dtype=np.float64)
    return _design(outcomes, (periods >= first[:, None]).astype(np.float64), [], periods, weights)


def saturated_design(
    outcomes: ArrayLike,
    effects: GroupTime,
    factors: ArrayLike,
    times: ArrayLike,
    weights: ArrayLike | None = None,
    held: Sequence[Floats] = (),
) -> Design:
    """An effect of its own for each treated group and period but one before, turned so that one coefficient is their sum.

    With never-treated units to compare with and no gaps, that coefficient is the same combination of group-time effects as
    :func:`kvalitet_lib.statistics.staggered_summaries.combine` gives (Sun & Abraham 2021). It lets a regression's tests, such
    as the wild cluster bootstrap, be used on it.

    Parameters
    ----------
    factors : array_like, shape (c,)
        What each cell of ``effects`` weighs.
    held : sequence of ndarray, shape (n, T)
        Further columns to hold equal.
    """
    weighing, periods = np.asarray(factors, dtype=np.float64), np.asarray(times, dtype=np.float64)
    columns, sums = [], []
    for group in np.unique(effects.group):
        own = effects.group == group
        of_period = weighing[own] @ effects.contrasts[own]
        for place in np.flatnonzero(periods != periods[periods < group].max()):
            columns.append(np.outer(effects.cohort == group, np.arange(len(periods)) == place).astype(np.float64))
            sums.append(float(of_period[place]))
    main = int(np.abs(sums).argmax())
    # Each column's own effect is (sum - the others' parts) / its factor: the sum takes its place, the others are corrected.
    interest = columns[main] / sums[main]
    others = [
        column - columns[main] * part / sums[main]
        for place, (column, part) in enumerate(zip(columns, sums, strict=True))
        if place != main
    ]
    return _design(outcomes, interest, [*others, *held], periods, weights)


def few_cluster_tests(design: Design, kinds: Sequence[str] = ("CR1", "CR2", "CR3")) -> dict[str, Tested]:
    """The coefficient of interest with standard errors clustered on units, of the kinds asked for.

    CR1 and CR3 have one degree of freedom less than there are units, CR2 Satterthwaite's.
    """
    fit, others = design.fit(), len(np.unique(design.units)) - 1.0
    contrast = np.eye(1, fit.design.shape[1])[0]
    return {
        kind: Tested(
            float(fit.coefficients[0]),
            float(np.sqrt(max(cluster_covariance(fit, design.units, kind)[0, 0], 0.0))),
            satterthwaite(fit, design.units, contrast) if kind == "CR2" else others,
        )
        for kind in kinds
    }


@dataclass(frozen=True, repr=False)
class Comparison:
    """One of the simple comparisons that a two-way regression is the weighted mean of.

    Attributes
    ----------
    group, against : float
        First treated period of those who get the measure in it, and of those they are compared with (infinite for never).
    kind : str
        ``never``, ``later`` (compared with units that get it later: sound), or ``earlier`` (compared with units that have had
        it all along and may still be changing for it: unsound).
    weight, estimate : float
        Weights add up to 1.
    """

    group: float
    against: float
    kind: str
    weight: float
    estimate: float


def simple_comparisons(outcomes: ArrayLike, cohort: ArrayLike, times: ArrayLike) -> list[Comparison]:
    """The simple comparisons in a two-way regression on a panel without gaps, units weighing alike.

    Units treated from the first period count as compared with, never as getting the measure.

    References
    ----------
    Goodman-Bacon, A. (2021). Difference-in-differences with variation in treatment timing. J. Econom. 225(2), 254-277.
    """
    y, first, periods = (np.asarray(values, dtype=np.float64) for values in (outcomes, cohort, times))
    groups = {float(one): (first == one) for one in np.unique(first)}
    share_of_time = {one: float((periods >= one).mean()) for one in groups}
    found = []
    for group, own in groups.items():
        for against, other in groups.items():
            treated_share, compared_share = share_of_time[group], share_of_time[against]
            if group == against or treated_share in (0.0, 1.0):
                continue
            if group < against:  # those compared with are untreated until their own measure begins
                window, kind = periods < against, "later" if compared_share else "never"
                size = (1 - compared_share) ** 2
                part = (treated_share - compared_share) / (1 - compared_share)
            else:  # those compared with have had the measure for the whole of the window
                window, kind = periods >= against, "earlier"
                size = compared_share**2
                part = treated_share / compared_share
            after = window & (periods >= group)
            before = window & (periods < group)
            change = y[:, after].mean(axis=1) - y[:, before].mean(axis=1)
            weight = own.mean() * other.mean() * size * part * (1 - part)
            found.append((group, against, kind, weight, float(change[own].mean() - change[other].mean())))
    whole = sum(one[3] for one in found)
    return [Comparison(group, against, kind, weight / whole, value) for group, against, kind, weight, value in found]


def _design(outcomes: ArrayLike, interest: Floats, others: list[Floats], periods: Floats, weights: ArrayLike | None) -> Design:
    y = np.asarray(outcomes, dtype=np.float64)
    if not np.isfinite(y).all():
        raise ContractError("A regression on units and periods needs a panel without gaps. Leave out units that lack a period.")
    units, length = y.shape
    dummies = [np.tile(periods == period, (units, 1)).astype(np.float64) for period in periods[1:]]
    weight = np.ones(units) if weights is None else np.asarray(weights, dtype=np.float64)

    def within(values: Floats) -> Floats:
        return (values - values.mean(axis=1, keepdims=True)).ravel()

    columns = [within(column) for column in [*others, *dummies]]
    return Design(
        within(y), within(interest), np.column_stack(columns), np.repeat(np.arange(units), length), np.repeat(weight, length)
    )
