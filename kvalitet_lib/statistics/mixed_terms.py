"""Which persons share an effect: random terms, and the cross products their likelihood needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from kvalitet_lib.statistics.intervals import Floats

Ints = NDArray[np.int64]


@dataclass(frozen=True, repr=False)
class RandomTerm:
    """Effects that the members of a level share: an intercept, and the slopes of columns, with any covariance.

    Attributes
    ----------
    level : ndarray of int, shape (n, m)
        Who belongs where, numbered from 0 without gaps; more than one column where persons belong to several levels.
    weight : ndarray, shape (n, m)
        How much of the person each membership is.
    columns : ndarray, shape (n, q)
        What varies between levels: a column of ones for the intercept, and others.
    levels : int
    """

    level: Ints
    weight: Floats
    columns: Floats
    levels: int

    @classmethod
    def of(cls, level: ArrayLike, columns: ArrayLike | None = None, weight: ArrayLike | None = None) -> RandomTerm:
        """A term with an intercept, or with these columns.

        Parameters
        ----------
        level : array_like of int, shape (n,) or (n, m)
        columns : array_like, shape (n, q), optional
        weight : array_like, shape (n, m), optional
            Each membership weighs 1 when not given.

        Raises
        ------
        ValueError
            Levels are not numbered without gaps, or the columns say the same thing.
        """
        member = np.asarray(level, dtype=np.int64)
        member = member[:, None] if member.ndim == 1 else member
        weights = np.ones(member.shape) if weight is None else np.asarray(weight, dtype=np.float64)
        varying = np.ones((len(member), 1)) if columns is None else np.asarray(columns, dtype=np.float64)
        levels = int(member.max(initial=-1)) + 1
        if member.min(initial=0) < 0 or len(np.unique(member)) != levels:
            raise ValueError("A random term needs levels numbered from 0 without gaps.")
        if np.linalg.matrix_rank(varying) < varying.shape[1]:
            raise ValueError("The columns of a random term say the same thing.")
        return cls(member, weights, varying, levels)

    @property
    def width(self) -> int:
        return self.columns.shape[1]

    @property
    def parameters(self) -> int:
        return self.width * (self.width + 1) // 2

    @property
    def is_single(self) -> bool:
        """Whether each person belongs wholly to one level."""
        return self.level.shape[1] == 1 and bool((self.weight == 1).all())

    def standardised(self) -> tuple[RandomTerm, Floats]:
        """The same term in columns of mean square 1 that do not go together, and what turns effects back, shape (q, q).

        A term with all covariances is the same model in any columns that span the same; in these it is found sooner.
        """
        unit, triangle = np.linalg.qr(self.columns)
        size = np.sqrt(len(unit))
        return RandomTerm(self.level, self.weight, unit * size, self.levels), np.linalg.inv(triangle / size)

    def matrix(self) -> sparse.csr_array:
        """The term's matrix, shape (n, levels * q); a level's columns lie side by side."""
        n, m = self.level.shape
        q = self.width
        values = self.weight[:, :, None] * self.columns[:, None, :]
        places = self.level[:, :, None] * q + np.arange(q)
        made = sparse.csr_array((values.ravel(), places.ravel(), np.arange(n + 1) * m * q), shape=(n, self.levels * q))
        made.sum_duplicates()
        return made


@dataclass(frozen=True, repr=False)
class Eliminated:
    """The term whose levels are dealt with one by one: per level, products of its columns, and with everything else.

    Attributes
    ----------
    own : ndarray, shape (J, q, q)
    wanted : ndarray, shape (J, q, k + 1)
        With the fixed columns and the outcome.
    rest : csr_array, shape (J * q, R)
        With the columns of the other terms; each row of a level has entries in the same places.
    """

    own: Floats
    wanted: Floats
    rest: sparse.csr_array


def eliminated(term: RandomTerm, wanted: Floats, rest: sparse.csr_array) -> Eliminated:
    """Cross products of a term whose members belong to one level each."""
    q, levels = term.width, term.levels
    z = term.matrix()
    level = term.level[:, 0]
    own = np.empty((levels, q, q))
    for a in range(q):
        for b in range(q):
            own[:, a, b] = np.bincount(level, term.columns[:, a] * term.columns[:, b], minlength=levels)
    products = sparse.csr_array(z.T) @ rest
    # Where a level meets a column of the rest, all of the level's rows must say so, be it with 0.
    meets = sparse.csr_array(sparse.kron(_sign(sparse.csr_array(_by_level(term, levels)) @ _sign(rest)), np.ones((q, 1))))
    return Eliminated(own, (z.T @ wanted).reshape(levels, q, -1), _filled(products, meets))


def _by_level(term: RandomTerm, levels: int) -> sparse.csr_array:
    n = len(term.level)
    return sparse.csr_array((np.ones(n), (term.level[:, 0], np.arange(n))), shape=(levels, n))


def _sign(matrix: sparse.csr_array) -> sparse.csr_array:
    return sparse.csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape)


def _filled(values: sparse.csr_array, pattern: sparse.csr_array) -> sparse.csr_array:
    """The values in the places of a pattern that holds all of theirs, zeros written out."""
    pattern.sort_indices()
    values.sort_indices()
    data = np.zeros(pattern.nnz)
    data[np.searchsorted(_keys(pattern), _keys(values))] = values.data
    return sparse.csr_array((data, pattern.indices, pattern.indptr), shape=pattern.shape)


def _keys(matrix: sparse.csr_array) -> Ints:
    """A number for the place of each stored value, rising."""
    rows = np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr))
    return rows * matrix.shape[1] + matrix.indices


@dataclass(frozen=True, repr=False)
class Places:
    """Columns of the terms that are left, sorted into parts that do not touch each other: C parts of m places at most.

    Attributes
    ----------
    part, place : ndarray of int, shape (R,)
        Where each column lies.
    shape : (int, int)
        C and m.
    """

    part: Ints
    place: Ints
    shape: tuple[int, int]

    @classmethod
    def of(cls, touches: sparse.csr_array) -> Places:
        count, part = connected_components(touches, directed=False)
        order = np.argsort(part, kind="stable")
        sizes = np.bincount(part, minlength=count)
        place = np.empty(len(part), dtype=np.int64)
        place[order] = np.arange(len(part)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return cls(part.astype(np.int64), place, (count, int(sizes.max(initial=0))))

    def spread(self, values: Floats) -> Floats:
        """Values per column, shape (R, ...), laid out by part and place; empty places hold 0."""
        laid = np.zeros((*self.shape, *values.shape[1:]))
        laid[self.part, self.place] = values
        return laid

    def gathered(self, laid: Floats) -> Floats:
        """The inverse of ``spread``."""
        return np.asarray(laid[self.part, self.place])

    def square(self, matrix: sparse.csr_array) -> Ints:
        """Where each stored value of a matrix (R, R) lies among C times m times m places."""
        rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        m = self.shape[1]
        return np.asarray((self.part[rows] * m + self.place[rows]) * m + self.place[matrix.indices])
