"""How much of what a regression explains goes with each factor, whichever others are in it (dominance analysis)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import qr

from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.intervals import Floats

ROUNDING = 1e-9  # share of a column's length below which what is left of it is rounding
MOST_FACTORS = 8  # 2^8 regressions; own rule, for with more factors nobody can read the answer


@dataclass(frozen=True)
class Dominance:
    """What each of p factors adds to R².

    Attributes
    ----------
    general : ndarray, shape (p,)
        The mean of what a factor adds over all sizes of models; sums to ``r_squared - r_squared_always``.
    conditional : ndarray, shape (p, p)
        What factor i adds, on average, to models that hold j others already (column j).
    complete : ndarray, shape (p, p)
        1 where factor i adds at least as much as j to every model without both, and more to one of them; -1 where j
        does; else 0.
    r_squared, r_squared_always : float
        Of the model with all factors, and of the one with nothing but what is always in it.
    """

    general: Floats
    conditional: Floats
    complete: NDArray[np.int64]
    r_squared: float
    r_squared_always: float


def dominance(outcome: ArrayLike, factors: Sequence[ArrayLike], always: ArrayLike | None = None) -> Dominance:
    """Compare factors by what they add to R² in all 2^p models.

    Parameters
    ----------
    outcome : array_like of float, shape (n,)
    factors : sequence of array_like of float, each of shape (n,) or (n, k)
        At most 8. A factor of several columns (a category) enters and leaves as a whole.
    always : array_like of float, shape (n, m), optional
        Columns that are in every model, the intercept not needed.

    Raises
    ------
    ContractError
        There are no factors, or more than 8, or the outcome does not vary.

    References
    ----------
    Budescu, D. V. (1993). Dominance analysis: a new approach to the problem of relative importance of predictors in
    multiple regression. Psychol. Bull. 114(3), 542-551.
    Azen, R. & Budescu, D. V. (2003). The dominance analysis approach for comparing predictors in multiple regression.
    Psychol. Methods 8(2), 129-148.
    """
    count = len(factors)
    if not 1 <= count <= MOST_FACTORS:
        raise ContractError(f"Dominance compares 1 to {MOST_FACTORS} factors; there are {count}. Choose the ones in question.")
    fit = _all_fits(np.asarray(outcome, dtype=np.float64), factors, always)
    held = np.arange(2**count)
    size = np.array([mask.bit_count() for mask in range(2**count)])
    conditional = np.empty((count, count))
    for one in range(count):
        without = held[(held >> one) & 1 == 0]
        adds = fit[without | (1 << one)] - fit[without]
        conditional[one] = np.bincount(size[without], adds, minlength=count) / [comb(count - 1, k) for k in range(count)]
    complete = np.zeros((count, count), dtype=np.int64)
    for one in range(count):
        for other in range(one):
            neither = held[((held >> one) & 1 == 0) & ((held >> other) & 1 == 0)]
            ahead = fit[neither | (1 << one)] - fit[neither | (1 << other)]
            complete[one, other] = _all_on_one_side(ahead)
            complete[other, one] = -complete[one, other]
    return Dominance(conditional.mean(axis=1), conditional, complete, float(fit[-1]), float(fit[0]))


def _all_on_one_side(ahead: Floats, nothing: float = 1e-12) -> int:
    if (ahead >= -nothing).all() and (ahead > nothing).any():
        return 1
    return -1 if (ahead <= nothing).all() and (ahead < -nothing).any() else 0


def _all_fits(y: Floats, factors: Sequence[ArrayLike], always: ArrayLike | None) -> Floats:
    """R² of every subset of the factors; bit i of the place says whether factor i is in it."""
    blocks = [_block(one, len(y)) for one in factors]
    held = _block(always, len(y)) if always is not None else np.empty((len(y), 0))
    columns = np.column_stack([held, *blocks])
    centred = columns - columns.mean(axis=0)
    scale = np.sqrt(np.square(centred).sum(axis=0))
    # A column that is constant up to rounding has nothing to say and must not be blown up to look like one that has.
    varies = scale > 1e-10 * np.sqrt(np.square(columns).sum(axis=0))
    centred = np.divide(centred, scale, out=np.zeros_like(centred), where=varies)
    outcome = y - y.mean()
    total = float(outcome @ outcome)
    if not total > 1e-20 * float(y @ y):
        raise ContractError("Everyone has the same outcome, so there is nothing for factors to explain.")
    # All models live in the space of these columns: a small triangle stands for the n rows.
    basis, triangle = np.linalg.qr(centred)
    edges = np.cumsum([held.shape[1], *(block.shape[1] for block in blocks)])
    parts = [triangle[:, start:end] for start, end in pairwise(edges)]
    largest_last = np.argsort([part.shape[1] for part in parts], kind="stable")
    own = _directions(triangle[:, : edges[0]])
    projected, *parts = [one - own @ (own.T @ one) for one in (basis.T @ outcome, *parts)]
    explained = _explained(projected, [parts[at] for at in largest_last])
    masks = np.arange(2 ** len(parts))
    moved = sum((((masks >> at) & 1) << place for place, at in enumerate(largest_last)), np.zeros_like(masks))
    always_explained = float(np.square(own.T @ (basis.T @ outcome)).sum())
    return np.clip((always_explained + explained[moved]) / total, 0, 1)


def _explained(y: Floats, parts: list[Floats]) -> Floats:
    """Sum of squares that each subset explains; bit i of the place says whether part i is in it.

    What a subset with the last part explains is what that part explains, and what the others explain of the rest once it is
    taken out of them, too.
    """
    if not parts:
        return np.zeros(1)
    *others, last = parts
    own = _directions(last)
    left, *left_of_others = (one - own @ (own.T @ one) for one in (y, *others))
    return np.concatenate([_explained(y, others), y @ y - left @ left + _explained(left, left_of_others)])


def _directions(part: Floats) -> Floats:
    """An orthonormal basis of columns that had length 1 before anything was taken out of them."""
    if not part.shape[1]:
        return part
    basis, triangle, _ = qr(part, mode="economic", pivoting=True)
    return basis[:, np.abs(np.diag(triangle)) > ROUNDING]


def _block(columns: ArrayLike, n: int) -> Floats:
    block = np.asarray(columns, dtype=np.float64)
    block = block[:, None] if block.ndim == 1 else block
    if len(block) != n:
        raise ContractError(f"A factor has {len(block)} rows and the outcome {n}. Give them for the same pupils.")
    return block
