"""What a measure did where it came at different times: one comparison for each group of units and period (Callaway-Sant'Anna)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.intervals import Floats

Mask = NDArray[np.bool_]
CONTROLS = ("never", "not_yet")
BASES = ("varying", "universal", "all")
ESTIMATORS = ("doubly_robust", "regression")
DoublyRobust = Callable[[Floats, Floats, Floats, Floats, Floats], tuple[float, Floats]]


@dataclass(frozen=True, repr=False)
class GroupTime:
    """One effect for each group (units treated from the same period) and period: c cells, n units, T periods.

    Attributes
    ----------
    group, time : ndarray, shape (c,)
        First treated period of the group, and the period.
    after : ndarray of bool, shape (c,)
        Whether the period lies at or after the group's first treated one.
    before : ndarray of bool, shape (c,)
        Whether it lies before it, and before any anticipation.
    estimate : ndarray, shape (c,)
        Average effect on the treated, in the outcome's unit.
    treated, compared : ndarray of int, shape (c,)
        Units in the cell.
    influence : ndarray, shape (n, c)
        Influence function: the mean of its square, divided by n, is the estimate's variance in large samples.
    few : ndarray, shape (n, c)
        The same with every residual divided by the root of one less its leverage, which is CR2 for one unit as cluster.
    residuals : ndarray, shape (n, c)
        What untreated units' changes leave when their mean (or regression) is taken away; 0 for others.
    coefficients : ndarray, shape (n, c)
        What each unit's change weighs in the estimate.
    contrasts : ndarray, shape (c, T)
        Which periods make up the change.
    cohort, weights : ndarray, shape (n,)
        First treated period, infinite for never; weights with mean 1.
    adjusted_for : int
        How many columns of covariates were held equal.
    unlike : int
        Cells in which treated and untreated were so unlike in the covariates that only the regression could be used.
    """

    group: Floats
    time: Floats
    after: Mask
    before: Mask
    estimate: Floats
    treated: NDArray[np.int64]
    compared: NDArray[np.int64]
    influence: Floats
    few: Floats
    residuals: Floats
    coefficients: Floats
    contrasts: Floats
    cohort: Floats
    weights: Floats
    adjusted_for: int = 0
    unlike: int = 0

    def __len__(self) -> int:
        return len(self.estimate)

    @property
    def units(self) -> int:
        return len(self.cohort)


@dataclass(frozen=True)
class _Cell:
    group: float
    time: int
    base: NDArray[np.int64]
    after: bool
    before: bool


def group_time_effects(
    outcomes: ArrayLike,
    cohort: ArrayLike,
    times: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    covariates: ArrayLike | None = None,
    control: str = "never",
    anticipation: float = 0,
    base: str = "varying",
    estimator: str = "doubly_robust",
    doubly_robust: DoublyRobust | None = None,
) -> GroupTime:
    """The change from a period before the measure to each other period, beside the change of units without it.

    Parameters
    ----------
    outcomes : array_like, shape (n, T)
        One row per unit, one column per period; NaN where a unit was not measured: it then stays out of the cells it lacks.
    cohort : array_like, shape (n,)
        First treated period of each unit, in the numbers of ``times``; infinite for units never treated. Units treated from
        the first period have nothing before and make no cell.
    times : array_like, shape (T,)
        Rising.
    weights : array_like, shape (n,), optional
    covariates : array_like, shape (n, T, k), optional
        Held equal with their value in the base period.
    control : str
        ``never``: units never treated. ``not_yet``: also units treated later than the cell's period.
    anticipation : float
        How long before it begins the measure may already work.
    base : str
        The period that changes are counted from. ``varying``: the last one before the measure (and its anticipation), and in
        the time before that each period's own previous one. ``universal``: the last one before, always. ``all``: the mean of
        all before; for a period before the measure, of the others before.
    estimator : str
        With covariates: ``doubly_robust``, or ``regression`` of the untreated units' change.
    doubly_robust : callable, optional
        Takes later and earlier outcome, treated (0/1), covariates and weights; returns the effect and its influence function.

    Raises
    ------
    ContractError
        A word that is not among those above.

    References
    ----------
    Callaway, B. & Sant'Anna, P. H. C. (2021). Difference-in-differences with multiple time periods. J. Econom. 225(2), 200-230.
    Sant'Anna, P. H. C. & Zhao, J. (2020). Doubly robust difference-in-differences estimators. J. Econom. 219(1), 101-122.
    """
    for said, known, what in ((control, CONTROLS, "control"), (base, BASES, "base"), (estimator, ESTIMATORS, "estimator")):
        if said not in known:
            raise ContractError(f"{what} cannot be {said!r}. Choose one of: {', '.join(known)}.")
    y, first, periods = (np.asarray(values, dtype=np.float64) for values in (outcomes, cohort, times))
    weight = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
    weight = weight / weight.mean()
    x = np.empty((*y.shape, 0)) if covariates is None else np.asarray(covariates, dtype=np.float64)
    robust = doubly_robust if x.shape[2] and estimator == "doubly_robust" else None
    found = []
    for cell in _cells(first, periods, anticipation, base):
        last = max(cell.time, int(cell.base.max()))
        untreated = np.isinf(first) if control == "never" else first > periods[last] + anticipation
        change = y[:, cell.time] - y[:, cell.base].mean(axis=1)
        held = x[:, cell.base.max()]
        here = np.isfinite(change) & np.isfinite(held).all(axis=1)
        treated, compared = (first == cell.group) & here, untreated & (first != cell.group) & here
        if treated.any() and compared.sum() > x.shape[2]:
            earlier = y[:, cell.time] - change
            found.append(_one(cell, y[:, cell.time], earlier, treated, compared, held, weight, robust) | {"held": cell})
    return _gathered(found, first, weight, periods, x.shape[2])


def _cells(first: Floats, periods: Floats, anticipation: float, base: str) -> Iterator[_Cell]:
    for group in np.unique(first[first <= periods[-1] + anticipation]):
        before = np.flatnonzero(periods + anticipation < group)
        if not len(before):
            continue
        for time, period in enumerate(periods):
            early = bool(period + anticipation < group)
            if base == "all":
                against = before[before != time]
            elif base == "varying" and early:
                if time == 0:
                    continue
                against = np.array([time - 1])
            else:
                against = before[-1:]
            if len(against) and time not in against:
                yield _Cell(float(group), time, against, bool(period >= group), early)


def _one(
    cell: _Cell,
    later: Floats,
    earlier: Floats,
    treated: Mask,
    compared: Mask,
    held: Floats,
    weight: Floats,
    robust: DoublyRobust | None,
) -> dict[str, object]:
    """One cell: the treated units' change less what the compared ones' lets expect."""
    units, inside = len(weight), treated | compared
    change = np.where(inside, later - earlier, 0.0)
    design = np.column_stack([np.ones(units), np.where(inside[:, None], held, 0.0)])
    of_treated, of_compared = weight * treated, weight * compared
    products = (design * of_compared[:, None]).T @ design
    cross = 1 / products if len(products) == 1 else np.linalg.pinv(products)
    line = cross @ (design.T @ (of_compared * change))
    left = change - design @ line
    share = of_treated / of_treated.sum()
    aim = share @ design
    pull = of_compared * (design @ cross @ aim)  # what each compared unit's change weighs in what is expected
    estimate = float(share @ left)
    influence = share * (left - estimate) - pull * left
    unlike = 0
    if robust is not None:
        chosen = np.flatnonzero(inside)
        try:
            estimate, own = robust(later[chosen], earlier[chosen], treated[chosen].astype(float), held[chosen], weight[chosen])
            influence = np.zeros(units)
            influence[chosen] = own / len(chosen)
        except ValueError:
            unlike = 1
    leverage = np.where(treated, share, of_compared * np.einsum("ij,jk,ik->i", design, cross, design))
    room = np.where(inside & (leverage < 1 - 1e-9), 1 - leverage, np.inf)
    return {
        "estimate": estimate,
        "treated": int(treated.sum()),
        "compared": int(compared.sum()),
        "influence": influence * units,
        "few": np.where(np.isfinite(room), influence * units / np.sqrt(room), 0.0),
        "residuals": np.where(compared, left, 0.0),
        "coefficients": share - pull,
        "unlike": unlike,
    }


def _gathered(found: list[dict], first: Floats, weight: Floats, periods: Floats, adjusted_for: int) -> GroupTime:
    units, cells = len(first), [one["held"] for one in found]
    contrasts = np.zeros((len(found), len(periods)))
    for row, cell in enumerate(cells):
        contrasts[row, cell.base] = -1 / len(cell.base)
        contrasts[row, cell.time] += 1

    def by_unit(name: str) -> Floats:
        return np.column_stack([one[name] for one in found]) if found else np.empty((units, 0))

    return GroupTime(
        group=np.array([cell.group for cell in cells], dtype=np.float64),
        time=np.array([periods[cell.time] for cell in cells], dtype=np.float64),
        after=np.array([cell.after for cell in cells], dtype=bool),
        before=np.array([cell.before for cell in cells], dtype=bool),
        estimate=np.array([one["estimate"] for one in found], dtype=np.float64),
        treated=np.array([one["treated"] for one in found], dtype=np.int64),
        compared=np.array([one["compared"] for one in found], dtype=np.int64),
        influence=by_unit("influence"),
        few=by_unit("few"),
        residuals=by_unit("residuals"),
        coefficients=by_unit("coefficients"),
        contrasts=contrasts,
        cohort=first,
        weights=weight,
        adjusted_for=adjusted_for,
        unlike=sum(one["unlike"] for one in found),
    )
