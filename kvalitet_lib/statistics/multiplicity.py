"""Many comparisons at once: how many of those that stand out do so by chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from statsmodels.stats.multitest import multipletests

from kvalitet_lib.statistics.intervals import Floats


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
            adjusted[together] = multipletests(values[together], method="fdr_bh")[1]
    size = np.bincount(member[tested], minlength=int(member.max(initial=-1)) + 1)
    return adjusted, size[member].astype(np.int64)
