"""Many comparisons at once: how many of those that stand out do so by chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from statsmodels.stats.multitest import multipletests

from kvalitet_lib.statistics.intervals import Floats

METHODS = {
    "benjamini_hochberg": "fdr_bh",
    "benjamini_yekutieli": "fdr_by",
    "holm": "holm",
    "hommel": "hommel",
    "bonferroni": "bonferroni",
}


def adjusted_p(p: ArrayLike, method: str = "benjamini_hochberg") -> Floats:
    """P-values of one family, adjusted for how many there are.

    Parameters
    ----------
    p : array_like of float, shape (m,)
        In [0, 1]; NaN where nothing was tested.
    method : str
        ``benjamini_hochberg``: of what is called real, at most a share q is chance on average, when tests are independent
        or lean the same way. ``benjamini_yekutieli``: the same however tests depend on one another. ``holm``, ``hommel``
        and ``bonferroni``: not one false call with probability 1 - q; Hommel's needs what the first needs.

    Returns
    -------
    ndarray, shape (m,)
        NaN where ``p`` is.

    Raises
    ------
    ValueError
        There is no such method.

    References
    ----------
    Benjamini, Y. & Yekutieli, D. (2001). The control of the false discovery rate in multiple testing under dependency.
    Ann. Stat. 29(4), 1165-1188.
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scand. J. Stat. 6(2), 65-70.
    Hommel, G. (1988). A stagewise rejective multiple test procedure based on a modified Bonferroni test.
    Biometrika 75(2), 383-386.
    """
    if method not in METHODS:
        raise ValueError(f"there is no method {method!r}; there are: {', '.join(METHODS)}")
    values = np.asarray(p, dtype=np.float64)
    tested = ~np.isnan(values)
    adjusted = np.full(values.shape, np.nan)
    if tested.any():
        adjusted[tested] = multipletests(values[tested], method=METHODS[method])[1]
    return adjusted


def benjamini_hochberg(p: ArrayLike, family: ArrayLike) -> tuple[Floats, NDArray[np.int64]]:
    """P-values adjusted for the number of comparisons within their family.

    Calling a difference real when its adjusted p is below q means that, on average, at most a share q of what one
    calls real within a family is chance.

    Parameters
    ----------
    p : array_like of float, shape (m,)
        P-values in [0, 1]; NaN where nothing was tested.
    family : array_like of int, shape (m,)
        Which comparisons are looked at together, numbered from 0.

    Returns
    -------
    adjusted : ndarray of float, shape (m,)
        NaN where ``p`` is.
    size : ndarray of int, shape (m,)
        How many comparisons were tested in the family.

    References
    ----------
    Benjamini, Y. & Hochberg, Y. (1995). Controlling the false discovery rate: a practical and powerful approach to
    multiple testing. J. R. Stat. Soc. B 57(1), 289-300.
    """
    values, member = np.asarray(p, dtype=np.float64), np.asarray(family, dtype=np.int64)
    adjusted = np.full(values.shape, np.nan)
    tested = np.flatnonzero(~np.isnan(values))
    by_family = tested[np.argsort(member[tested], kind="stable")]
    for together in np.split(by_family, np.flatnonzero(np.diff(member[by_family])) + 1):
        if len(together):
            adjusted[together] = adjusted_p(values[together])
    size = np.bincount(member[tested], minlength=int(member.max(initial=-1)) + 1)
    return adjusted, size[member].astype(np.int64)
