"""What the likelihood of a model with one random intercept needs to know: sums per group, and nothing of single persons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kvalitet_lib.statistics.intervals import Floats

AT_ONCE = 16_384  # persons summed at once, so that their values stay in the processor's cache


@dataclass(frozen=True, repr=False)
class GroupSums:
    """Sizes, means and cross products about the groups' means, of an outcome and k columns in J groups.

    The columns are kept shifted by their means and scaled, so that nothing is lost where a column's mean is far larger
    than its spread. There may be several outcomes (``...`` below, replicates of a bootstrap) on the same columns.

    Attributes
    ----------
    n : ndarray, shape (J,)
    x : ndarray, shape (J, k)
        Group means of the columns, shifted and scaled.
    y : ndarray, shape (..., J)
        Group means of the outcome, less ``centre``.
    within_xx, within_xy, within_yy : ndarray, shapes (k, k), (..., k), (...)
        Cross products about the group means.
    back : ndarray, shape (k, k)
        Turns coefficients of the columns as kept into those of the columns as given.
    origin : ndarray, shape (k,)
        What ``centre`` adds to the coefficients as given.
    centre : float
    """

    n: Floats
    x: Floats
    y: Floats
    within_xx: Floats
    within_xy: Floats
    within_yy: Floats
    back: Floats
    origin: Floats
    centre: float

    @property
    def persons(self) -> int:
        return int(self.n.sum())

    @property
    def groups(self) -> int:
        return len(self.n)

    @property
    def columns(self) -> int:
        return self.x.shape[1]

    @cached_property
    def outer(self) -> Floats:
        """Products of the groups' means of columns, shape (J, k * k)."""
        return (self.x[:, :, None] * self.x[:, None, :]).reshape(self.groups, -1)

    @cached_property
    def within_rank(self) -> int:
        """How many directions of the columns vary within groups."""
        if not self.columns:
            return 0
        size = np.linalg.eigvalsh(self.within_xx)
        return int((size > 1e-10 * self.persons).sum())

    @cached_property
    def residual_freedom(self) -> int:
        """Persons less groups less what varies within groups: what is left to tell the spread within groups."""
        return self.persons - self.groups - self.within_rank

    @cached_property
    def between_freedom(self) -> int:
        """Groups less what the columns take of them: what is left to tell the spread between groups."""
        return self.groups + self.within_rank - self.columns

    @cached_property
    def within_residual(self) -> Floats:
        """Sum of squares left within groups, shape (...): of the regression in which each group has its own level."""
        inverse = np.linalg.pinv(self.within_xx, rcond=1e-10, hermitian=True) if self.columns else self.within_xx
        explained = np.einsum("...i,ij,...j->...", self.within_xy, inverse, self.within_xy)
        return np.maximum(self.within_yy - explained, 0.0)

    def weighted(self, weight: Floats) -> tuple[Floats, Floats, Floats]:
        """Products of the groups' means, each group weighted: of columns, with the outcome, and of the outcome itself.

        Parameters
        ----------
        weight : ndarray, shape (..., J)
            As many rows as there are outcomes, or any number where there is one outcome.
        """
        k = self.columns
        weighed = weight * self.y
        return (weight @ self.outer).reshape(*weight.shape[:-1], k, k), weighed @ self.x, (weighed * self.y).sum(axis=-1)

    def with_outcomes(self, y: Floats, within_xy: Floats, within_yy: Floats) -> GroupSums:
        """The same columns with other outcomes."""
        return replace(self, y=y, within_xy=within_xy, within_yy=within_yy)

    def given(self, coefficients: Floats) -> Floats:
        """Coefficients of the columns as they were given."""
        return np.asarray(coefficients @ self.back.T + self.origin, dtype=np.float64)

    def kept(self, coefficients: Floats) -> Floats:
        """Coefficients of the columns as they are kept: the inverse of ``given``."""
        return np.asarray(np.linalg.solve(self.back, (coefficients - self.origin).T).T, dtype=np.float64)


def group_sums(outcome: ArrayLike, matrix: ArrayLike, group: ArrayLike) -> GroupSums:
    """Sums per group of one outcome and k columns.

    Parameters
    ----------
    outcome : array_like of float, shape (n,)
    matrix : array_like of float, shape (n, k)
        Columns, the intercept among them where there is one.
    group : array_like of int, shape (n,)
        Numbered from 0 without gaps.

    Raises
    ------
    ValueError
        Nobody, a value that is not finite, or a group without anybody.
    """
    columns = np.asarray(matrix, dtype=np.float64)
    value, member = np.asarray(outcome, dtype=np.float64), np.asarray(group, dtype=np.int64)
    persons, k = columns.shape
    if not persons or not np.isfinite(columns.sum() + value.sum()):
        raise ValueError("group_sums needs persons, and finite values for all of them.")
    n = np.bincount(member).astype(np.float64)
    if not n.all():
        raise ValueError("group_sums needs groups numbered from 0 without gaps.")
    alike = np.flatnonzero((columns[0] == columns[-1]) & (columns[0] != 0))
    one = next((at for at in alike if (columns[:, at] == columns[0, at]).all()), None)
    shift = np.append(np.full(persons, 1 / persons) @ columns, value.mean())
    if one is not None:
        shift[one] = columns[0, one]
    sums, products = _shifted(columns, value, member, shift, len(n))
    means = sums / n
    within = products - means @ sums.T
    if one is None:
        # Without an intercept a shifted column is another column: the shift is put back where it matters.
        means += shift[:, None]
        shift = np.zeros(k + 1)
    else:
        level = shift[one]
        means[one] = level
    size = np.sqrt((np.diag(within) + means**2 @ n) / persons)
    scale = np.where(size[:k] > 0, size[:k], 1.0)
    back, origin = np.eye(k), np.zeros(k)
    if one is not None:
        others = np.arange(k) != one
        back[one, others] = -shift[:k][others] / level
        origin[one] = shift[k] / level
    return GroupSums(
        n=n,
        x=(means[:k] / scale[:, None]).T,
        y=means[k],
        within_xx=within[:k, :k] / np.outer(scale, scale),
        within_xy=within[:k, k] / scale,
        within_yy=np.asarray(max(within[k, k], 0.0)),
        back=back / scale,
        origin=origin,
        centre=float(shift[k]),
    )


def _shifted(columns: Floats, value: Floats, member: NDArray[np.int64], shift: Floats, groups: int) -> tuple[Floats, Floats]:
    """Sums per group, shape (k + 1, J), and cross products, of columns and outcome less ``shift``."""
    k = len(shift) - 1
    at_once = max(AT_ONCE, 4 * groups)
    room = np.empty((k + 1, min(at_once, len(value))))
    sums, products = np.zeros((k + 1, groups)), np.zeros((k + 1, k + 1))
    for start in range(0, len(value), at_once):
        some = slice(start, start + at_once)
        part = room[:, : len(value[some])]
        part[:k], part[k] = columns[some].T, value[some]
        part -= shift[:, None]
        products += part @ part.T
        for total, row in zip(sums, part, strict=True):
            total += np.bincount(member[some], row, minlength=groups)
    return sums, products
