"""How far groups lie from the middle of a norm, with the norm's own chance counted in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kvalitet_lib.statistics.intervals import Floats, student_t
from kvalitet_lib.statistics.medians import group_medians

MIDDLE = 50.0
"""The percentile half of the norm lies above."""

ALMOST_ALL = 0.9  # a group that is more of its own norm than this lies in the middle by construction; own rule


@dataclass(frozen=True)
class GroupGrowth:
    """Growth percentiles of k groups; all arrays have shape (k,).

    Attributes
    ----------
    n : ndarray
        Pupils with a percentile.
    median, lower, upper : ndarray
        Bounds are NaN where a group is too small for the level (fewer than 6 pupils at 95 %), or almost all of its own norm.
    p : ndarray
        Of the median being the middle; NaN where there are no bounds.
    mean, mean_lower, mean_upper : ndarray
    """

    n: Floats
    median: Floats
    lower: Floats
    upper: Floats
    p: Floats
    mean: Floats
    mean_lower: Floats
    mean_upper: Floats


def group_growth(
    percentiles: ArrayLike,
    group: ArrayLike,
    groups: int,
    norm_size: int,
    own_norm: bool,
    level: float = 0.95,
    middle: float = MIDDLE,
) -> GroupGrowth:
    """Median and mean growth percentiles of groups.

    A group of n pupils that is part of its norm of N shares their chance with it: where the group lies beside the norm has
    the variance of the group alone times ``1 - n/N``, as in the comparison of two samples. Beside a norm of other pupils
    it is ``1 + n/N``. Intervals are drawn in, or out, by the square root.

    Parameters
    ----------
    percentiles : array_like of float, shape (m,)
        1-99.
    group : array_like of int, shape (m,)
        Which group each belongs to, ``0 <= group < groups``.
    norm_size : int
        Pupils the norm was made from.
    own_norm : bool
        Whether the groups' pupils are part of the norm.
    level : float
        Confidence level, in (0, 1).
    middle : float
        What is tested. A curve passes through as many pupils as it has columns, and those count as not above it: the middle
        of a small norm's own pupils lies a little below 50.

    References
    ----------
    Hettmansperger, T. P. & Sheather, S. J. (1986). Confidence intervals based on interpolated order statistics.
    Statistics & Probability Letters 4(2), 75-79.
    """
    value, member = np.asarray(percentiles, dtype=np.float64), np.asarray(group, dtype=np.int64)
    n = np.bincount(member, minlength=groups).astype(np.float64)
    part = n / norm_size
    factor = np.sqrt(np.clip(1 - part, 0, None)) if own_norm else np.sqrt(1 + part)
    factor = np.where(own_norm & (part > ALMOST_ALL), np.nan, factor)
    median = group_medians(value, member, groups, level=level).median
    # To test the middle with bounds drawn in is to test a value as much further away with bounds as they are.
    asked = np.where(np.isfinite(factor), median + (middle - median) / factor, middle)
    found = group_medians(value, member, groups, np.where(n > 0, asked, middle), level)
    mean = np.bincount(member, value, minlength=groups) / np.where(n > 0, n, np.nan)
    squares = np.bincount(member, (value - mean[member]) ** 2, minlength=groups)
    bounds = student_t(mean, np.sqrt(squares / np.where(n > 1, n - 1, np.nan)), n, level)
    lower, upper = median + factor * (found.lower - median), median + factor * (found.upper - median)
    mean_lower, mean_upper = (mean + factor * (bound - mean) for bound in bounds)
    p = np.where(np.isfinite(lower), found.p, np.nan)
    return GroupGrowth(n, median, lower, upper, p, mean, mean_lower, mean_upper)
