"""How unevenly a group of pupils is spread over schools, beside how unevenly chance alone would spread it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from kvalitet_lib.statistics.intervals import Floats


def dissimilarity(members: ArrayLike, pupils: ArrayLike) -> Floats:
    """Share of the group's pupils that would have to change school for it to have the same share everywhere (D).

    Parameters
    ----------
    members, pupils : array_like, shape (..., schools)
        Pupils of the group, and all pupils, per school.

    Returns
    -------
    ndarray, shape (...)
        0 (spread evenly) to 1 (no school holds both); NaN where there is nobody inside or outside the group.

    References
    ----------
    Duncan, O. D. & Duncan, B. (1955). A methodological analysis of segregation indexes. Am. Sociol. Rev. 20(2), 210-217.
    """
    inside, everyone = np.asarray(members, dtype=np.float64), np.asarray(pupils, dtype=np.float64)
    return np.abs(_parts(inside) - _parts(everyone - inside)).sum(axis=-1) / 2


def isolation(members: ArrayLike, pupils: ArrayLike) -> Floats:
    """Share of the group among all pupils of the school, for the average pupil of the group (xPx).

    Parameters
    ----------
    members, pupils : array_like, shape (..., schools)

    Returns
    -------
    ndarray, shape (...)
        The group's share of all pupils (spread evenly) to 1.

    References
    ----------
    Massey, D. S. & Denton, N. A. (1988). The dimensions of residential segregation. Social Forces 67(2), 281-315.
    """
    inside, everyone = np.asarray(members, dtype=np.float64), np.asarray(pupils, dtype=np.float64)
    share = np.divide(inside, everyone, out=np.zeros(np.broadcast_shapes(inside.shape, everyone.shape)), where=everyone > 0)
    return (_parts(inside) * share).sum(axis=-1)


def expected_dissimilarity(members: int, pupils: ArrayLike) -> float:
    """D on average when the group's pupils are drawn at random among all, each school keeping its size. Exact.

    Parameters
    ----------
    members : int
        Pupils of the group, in all schools together.
    pupils : array_like of int, shape (schools,)

    References
    ----------
    Winship, C. (1977). A revaluation of indexes of residential segregation. Social Forces 55(4), 1058-1066.
    Carrington, W. J. & Troske, K. R. (1997). On measuring segregation in samples with small units.
    J. Bus. Econ. Stat. 15(4), 402-409.
    """
    size = np.asarray(pupils, dtype=np.int64)
    everyone = int(size.sum())
    if not 0 < members < everyone:
        return float("nan")
    total = 0.0
    for alike, many in zip(*np.unique(size, return_counts=True), strict=True):
        inside = np.arange(0, min(int(alike), members) + 1)
        chance = stats.hypergeom.pmf(inside, everyone, members, int(alike))
        total += many * float((chance * np.abs(inside / members - (alike - inside) / (everyone - members))).sum())
    return total / 2


def expected_isolation(members: int, pupils: ArrayLike) -> float:
    """Isolation on average when the group's pupils are drawn at random among all, each school keeping its size. Exact."""
    size = np.asarray(pupils, dtype=np.float64)
    size = size[size > 0]
    everyone = float(size.sum())
    if not 0 < members < everyone:
        return float("nan")
    share = members / everyone
    variance = size * share * (1 - share) * (everyone - size) / (everyone - 1)
    return float(((variance + (size * share) ** 2) / size).sum() / members)


@dataclass(frozen=True)
class RandomAllocation:
    """What chance alone would give.

    Attributes
    ----------
    dissimilarity, isolation : ndarray, shape (draws,)
    """

    dissimilarity: Floats
    isolation: Floats

    @classmethod
    def draw(cls, members: int, pupils: ArrayLike, draws: int, seed: int) -> RandomAllocation:
        """Draw the group's pupils at random among all pupils, each school keeping its size.

        Parameters
        ----------
        members : int
        pupils : array_like of int, shape (schools,)
        draws : int
        seed : int
        """
        size = np.asarray(pupils, dtype=np.int64)
        rng = np.random.default_rng(seed)
        inside = rng.multivariate_hypergeometric(size, members, size=draws, method="marginals")
        return cls(dissimilarity(inside, size), isolation(inside, size))


def p_of_allocation(observed: float, drawn: ArrayLike) -> float:
    """How often random allocation spreads the group as unevenly as observed, the observed one counted in.

    References
    ----------
    Phipson, B. & Smyth, G. K. (2010). Permutation p-values should never be zero. Stat. Appl. Genet. Mol. Biol. 9(1), 39.
    """
    by_chance = np.asarray(drawn, dtype=np.float64)
    return float((1 + (by_chance >= observed - 1e-12).sum()) / (len(by_chance) + 1))


def beyond_chance(observed: float, expected: float) -> float:
    """Where an index lies between what chance gives (0) and complete segregation (1); below 0 when evener than chance.

    References
    ----------
    Carrington & Troske (1997), as above.
    """
    return (observed - expected) / (1 - expected) if expected < 1 else float("nan")


def _parts(counts: Floats) -> Floats:
    total = counts.sum(axis=-1, keepdims=True)
    return np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0)
