"""How much of what differs between persons lies between their groups, and whether it is more than chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats


def share_between(values: ArrayLike, group: ArrayLike) -> float:
    """Share of the variance that lies between groups (intraclass correlation, one-way analysis of variance).

    Parameters
    ----------
    values : array_like of float, shape (n,)
    group : array_like of int, shape (n,)
        Which group each belongs to, from 0.

    Returns
    -------
    float
        In [0, 1]; 0 when groups differ no more than chance would have them do. NaN with fewer than two groups, with one
        person in each, or when all values are alike.

    References
    ----------
    Donner, A. (1986). A review of inference procedures for the intraclass correlation coefficient in the one-way random
    effects model. International Statistical Review 54(1), 67-82.
    """
    value, member = np.asarray(values, dtype=np.float64), np.unique(np.asarray(group), return_inverse=True)[1]
    size = np.bincount(member).astype(np.float64)
    groups, persons = len(size), len(value)
    if groups < 2 or persons <= groups or value.min() == value.max():
        return float("nan")
    mean = np.bincount(member, value) / size
    between = float((size * (mean - value.mean()) ** 2).sum()) / (groups - 1)
    within = float(((value - mean[member]) ** 2).sum()) / (persons - groups)
    usual = (persons - (size**2).sum() / persons) / (groups - 1)
    return float(np.clip((between - within) / (between + (usual - 1) * within), 0, 1))


def alike(values: ArrayLike, group: ArrayLike) -> float:
    """P-value of all groups being alike (Kruskal and Wallis), NaN with fewer than two groups or when all values are alike.

    References
    ----------
    Kruskal, W. H. & Wallis, W. A. (1952). Use of ranks in one-criterion variance analysis. J. Am. Stat. Assoc. 47(260), 583-621.
    """
    value, member = np.asarray(values, dtype=np.float64), np.asarray(group)
    if len(np.unique(member)) < 2 or value.min() == value.max():
        return float("nan")
    order = np.argsort(member, kind="stable")
    parts = np.split(value[order], np.flatnonzero(np.diff(member[order])) + 1)
    return float(stats.kruskal(*parts).pvalue)
