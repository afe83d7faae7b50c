"""Medians of groups: intervals that hold as often as they say, and the test that belongs to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from kvalitet_lib.statistics.intervals import Floats

Places = NDArray[np.int64]


@dataclass(frozen=True)
class GroupMedians:
    """Medians of k groups.

    Attributes
    ----------
    median : ndarray, shape (k,)
        NaN where the group is empty.
    lower, upper : ndarray, shape (k,)
        NaN where the group is too small for the level (fewer than 6 persons at 95 %).
    p : ndarray, shape (k,)
        Of the group's median being ``null``, from the same interval: below ``1 - level`` where it leaves ``null`` out.
    """

    median: Floats
    lower: Floats
    upper: Floats
    p: Floats


def group_medians(values: ArrayLike, group: ArrayLike, groups: int, null: ArrayLike = 0.0, level: float = 0.95) -> GroupMedians:
    """Medians with the interpolated order-statistic interval of Hettmansperger and Sheather.

    The plain order-statistic interval holds the median more often than it says, since only whole places can be chosen;
    interpolating between two places holds it very nearly as often as it says, whatever the distribution.

    Parameters
    ----------
    values : array_like of float, shape (m,)
        One value per person.
    group : array_like of int, shape (m,)
        Which group the person belongs to, ``0 <= group < groups``.
    groups : int
        How many groups there are, k.
    null : float or array_like of float, shape (k,)
        The median that is tested, of all groups or of each.
    level : float
        Confidence level, in (0, 1).

    References
    ----------
    Hettmansperger, T. P. & Sheather, S. J. (1986). Confidence intervals based on interpolated order statistics.
    Statistics & Probability Letters 4(2), 75-79.
    """
    value, member = np.asarray(values, dtype=np.float64), np.asarray(group, dtype=np.int64)
    size, tested = np.bincount(member, minlength=groups), np.broadcast_to(np.asarray(null, dtype=np.float64), groups)
    if not len(value):
        nothing = np.full(groups, np.nan)
        return GroupMedians(nothing, nothing, nothing, nothing)
    ordered, first = _laid_out(value, member, size)
    turned, _ = _laid_out(-value, member, size)
    with np.errstate(invalid="ignore", divide="ignore"):  # of empty groups, and of bounds in groups too small to have any
        median = np.where(size > 0, (ordered[first + (size + 1) // 2] + ordered[first + size // 2 + 1]) / 2, np.nan)
        lower, upper = _lower(ordered, first, size, level), -_lower(turned, first, size, level)
        low = _p_from_below(ordered, first, size, _count(value <= tested[member], member, groups), tested)
        high = _p_from_below(turned, first, size, _count(value >= tested[member], member, groups), -tested)
    return GroupMedians(median, lower, upper, np.where(size > 0, np.clip(np.minimum(low, high), 0, 1), np.nan))


def _count(which: NDArray[np.bool_], member: Places, groups: int) -> Places:
    return np.bincount(member[which], minlength=groups)


def _laid_out(value: Floats, member: Places, size: Places) -> tuple[Floats, Places]:
    """Every group's values in rising order behind a place that is infinitely low and before one that is infinitely high."""
    first = np.cumsum(size + 2) - (size + 2)
    ordered = np.full(len(value) + 2 * len(size), np.inf)
    ordered[first] = -np.inf
    order = np.lexsort((value, member))
    ordered[np.arange(len(value)) + 2 * member[order] + 1] = value[order]
    return ordered, first


def _held(place: Places, size: Places) -> Floats:
    """How often the values at a place and at the same place from above hold the median."""
    return 1 - 2 * stats.binom.cdf(place - 1, size, 0.5)


def _lower(ordered: Floats, first: Places, size: Places, level: float) -> Floats:
    place = stats.binom.ppf((1 - level) / 2, size, 0.5)
    known = place >= 1
    d = np.where(known, place, 0).astype(np.int64)
    wide, narrow = _held(d, size), _held(d + 1, size)
    excess = (wide - level) / (wide - narrow)
    inwards = (size - d) * excess / (d + (size - 2 * d) * excess)
    return np.where(known, ordered[first + d] + inwards * (ordered[first + d + 1] - ordered[first + d]), np.nan)


def _p_from_below(ordered: Floats, first: Places, size: Places, at_most: Places, null: Floats) -> Floats:
    """Two-sided p of a null that lies low in its group: one less the level whose lower bound it is."""
    d = at_most
    inside = (d >= 1) & (d < size)
    inwards = np.where(inside, (null - ordered[first + d]) / (ordered[first + d + 1] - ordered[first + d]), 0.0)
    excess = np.where(inside, inwards * d / np.where(inside, size - d - inwards * (size - 2 * d), 1), 0.0)
    wide, narrow = _held(np.maximum(d, 1), size), _held(d + 1, size)
    return np.where(d >= size, 1.0, 1 - (wide - excess * (wide - narrow)))
