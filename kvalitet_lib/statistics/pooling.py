"""Several estimates put together into one."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kvalitet_lib.statistics.intervals import Floats


def weighted_mean_interval(
    estimates: ArrayLike, lower: ArrayLike, upper: ArrayLike, weights: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    """Weighted mean of independent estimates, with the interval recovered from theirs (MOVER).

    Parameters
    ----------
    estimates, lower, upper, weights : array_like of float, shape (k, members)
        Estimates to pool along the last axis, their intervals at one level, and weights such as numbers of persons.

    Returns
    -------
    mean, lower, upper : ndarray, shape (k,)
        Bounds are NaN where any member's are.

    References
    ----------
    Zou, G. Y., Huang, W. & Zhang, X. (2009). A note on confidence interval estimation for a linear function of
    binomial proportions. Comput. Stat. Data Anal. 53(4), 1080-1085.
    """
    values, low, high, weight = (np.asarray(one, dtype=np.float64) for one in (estimates, lower, upper, weights))
    part = weight / weight.sum(axis=-1, keepdims=True)
    mean = (part * values).sum(axis=-1)
    below = np.sqrt(((part * (values - low)) ** 2).sum(axis=-1))
    above = np.sqrt(((part * (high - values)) ** 2).sum(axis=-1))
    return mean, mean - below, mean + above
