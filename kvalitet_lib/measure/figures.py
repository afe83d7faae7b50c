"""From counted rows to one figure with its interval per group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kvalitet_lib.indicators import Indicator, Kind
from kvalitet_lib.measure.counted import person_column
from kvalitet_lib.statistics import garwood, median_interval, share_of_amounts, student_t, wilson
from kvalitet_lib.statistics.intervals import Floats

METHODS = {Kind.SHARE: "wilson", Kind.MEAN: "t", Kind.MEDIAN: "order", Kind.RATIO: "garwood", Kind.COUNT: "garwood"}


@dataclass(frozen=True)
class _Told:
    """The rows that hold data, as arrays; ``group`` numbers each row's group from 0 to ``groups - 1``."""

    numerator: Floats
    denominator: Floats
    persons: Floats
    group: np.ndarray
    groups: int
    of_persons: bool

    def total(self, amounts: Floats) -> Floats:
        return np.bincount(self.group, amounts, minlength=self.groups).astype(np.float64)

    @property
    def rows(self) -> Floats:
        return self.total(np.ones(len(self.group)))


def figures_by(indicator: Indicator, rows: pd.DataFrame, by: list[str], level: float) -> pd.DataFrame:
    """One row per group that occurs: estimate, interval, number of persons, share without data.

    Parameters
    ----------
    indicator : Indicator
        Its kind chooses estimate and interval.
    rows : DataFrame
        Counted rows. When ``by`` is empty in a row, the row belongs to no group. Where the numerator of a ratio is no
        number of persons (hours of teaching, say), a column ``children`` says how many persons the row stands for.
    by : list of str
        Columns to group by.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    DataFrame
        ``by``, then ``estimate, lower, upper, n, count, largest, missing, method, status``. ``largest`` is the part of a sum of
        amounts (hours, say) that two persons carry, NaN where no amounts are summed; like ``count`` it is never released.
    """
    figures, group = _groups(rows, by)
    told = _told(rows, group, len(figures))
    in_group = np.bincount(group[group >= 0], minlength=len(figures))
    estimate, lower, upper, n, count = _ESTIMATORS[indicator.kind](told, level)
    exists = np.isfinite(estimate)
    return figures.assign(
        estimate=estimate,
        lower=np.where(exists, lower, np.nan),
        upper=np.where(exists, upper, np.nan),
        n=n,
        count=count,
        largest=_carried_by_two(told) if indicator.kind is Kind.SHARE else np.nan,
        missing=(in_group - told.rows) / in_group,
        method=METHODS[indicator.kind],
        status=np.where(exists, "exists", "missing"),
    )


def _groups(rows: pd.DataFrame, by: list[str]) -> tuple[pd.DataFrame, np.ndarray]:
    """The groups that occur, in order, and the number of each row's group; -1 where a row belongs to none."""
    keys = [pd.Categorical(rows[name]) for name in by]
    codes = np.array([key.codes for key in keys], dtype=np.int64)
    belongs = (codes >= 0).all(axis=0)
    shape = [len(key.categories) for key in keys]
    cell = np.ravel_multi_index(tuple(codes[:, belongs]), shape)
    occupied = np.bincount(cell, minlength=int(np.prod(shape))) > 0
    group = np.full(len(rows), -1, dtype=np.int64)
    group[belongs] = (np.cumsum(occupied) - 1)[cell]
    places = np.unravel_index(np.flatnonzero(occupied), shape)
    return pd.DataFrame({name: key.categories[place] for name, key, place in zip(by, keys, places, strict=True)}), group


def _told(rows: pd.DataFrame, group: np.ndarray, groups: int) -> _Told:
    numerator, denominator = (rows[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in ("numerator", "denominator"))
    persons = rows.children.to_numpy(dtype=np.float64, na_value=np.nan) if "children" in rows else numerator
    known = ~np.isnan(numerator) & ~np.isnan(denominator) & (group >= 0)
    return _Told(numerator[known], denominator[known], persons[known], group[known], groups, person_column(rows) is not None)


Estimates = tuple[Floats, Floats, Floats, Floats, Floats]


def _share(told: _Told, level: float) -> Estimates:
    parts, wholes = told.total(told.numerator), told.total(told.denominator)
    estimate = _divided(parts, wholes)
    if told.of_persons and not np.isin(told.denominator, (0.0, 1.0)).all():
        lower, upper = share_of_amounts(told.numerator, told.denominator, told.group, told.groups, level)
        return estimate, lower, upper, told.total((told.denominator > 0).astype(np.float64)), np.full(told.groups, np.nan)
    lower, upper = wilson(parts, wholes, level)
    return estimate, lower, upper, wholes, parts


def _carried_by_two(told: _Told) -> Floats:
    """The part of a group's summed amounts that its two largest persons carry; NaN where persons are counted."""
    if not told.of_persons or np.isin(told.denominator, (0.0, 1.0)).all():
        return np.full(told.groups, np.nan)
    order = np.lexsort((-told.numerator, told.group))
    starts = np.searchsorted(told.group[order], told.group[order])
    two = np.where(np.arange(len(order)) - starts < 2, told.numerator[order], 0.0)
    return _divided(np.bincount(told.group[order], two, minlength=told.groups).astype(np.float64), told.total(told.numerator))


def _mean(told: _Told, level: float) -> Estimates:
    n = told.rows
    mean = _divided(told.total(told.numerator), n)
    squares = told.total((told.numerator - mean[told.group]) ** 2)
    deviation = np.sqrt(_divided(squares, n - 1))
    lower, upper = student_t(mean, deviation, n, level)
    return mean, lower, upper, n, np.full(told.groups, np.nan)


def _median(told: _Told, level: float) -> Estimates:
    median = pd.Series(told.numerator).groupby(told.group).median().reindex(range(told.groups)).to_numpy()
    lower, upper = median_interval(told.numerator, told.group, told.groups, level)
    return median, lower, upper, told.rows, np.full(told.groups, np.nan)


def _ratio(told: _Told, level: float) -> Estimates:
    estimate = _divided(told.total(told.numerator), told.total(told.denominator))
    persons = told.total(told.persons)
    lower, upper = garwood(persons, _divided(persons, estimate), level)
    return estimate, lower, upper, persons, np.full(told.groups, np.nan)


def _count(told: _Told, level: float) -> Estimates:
    total = np.where(told.rows > 0, told.total(told.numerator), np.nan)
    lower, upper = garwood(total, np.ones(told.groups), level)
    return total, lower, upper, np.nan_to_num(total), np.full(told.groups, np.nan)


def _divided(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)


_ESTIMATORS = {Kind.SHARE: _share, Kind.MEAN: _mean, Kind.MEDIAN: _median, Kind.RATIO: _ratio, Kind.COUNT: _count}
