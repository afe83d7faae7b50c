"""The likelihood of a mixed model at given covariances, from cross products: levels are eliminated, the rest is factored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.mixed_terms import Eliminated, Places, RandomTerm, eliminated

MOST_TOGETHER = 6000  # columns in one part, for which memory is needed of their number squared


@dataclass(frozen=True, repr=False)
class State:
    """The model's equations solved at one set of covariances.

    Attributes
    ----------
    level : float
        Logarithm of the determinant of the random part.
    products : ndarray, shape (k + 1, k + 1)
        Cross products of fixed columns and outcome, the random part taken out.
    roots : tuple of ndarray
        Per term, the lower triangle that the effects are scaled by.
    """

    level: float
    products: Floats
    roots: tuple[Floats, ...]
    lower: Floats  # (J, q, q), of the term eliminated
    turned: Floats  # (J, q, k + 1 + q)
    rest: Floats  # (C, m, m): of the other terms, before it is factored
    rest_wanted: Floats  # (C, m, k + 1)
    bands: tuple[Floats, ...]

    @cached_property
    def coefficients(self) -> Floats:
        return np.asarray(np.linalg.solve(self.products[:-1, :-1], self.products[:-1, -1]), dtype=np.float64)

    @cached_property
    def residual(self) -> float:
        return float(self.products[-1, -1] - self.products[-1, :-1] @ self.coefficients)


class Equations:
    """Outcome and fixed columns, with random terms.

    The fixed columns are made orthonormal and the outcome is kept as its distance from their least squares fit.

    Parameters
    ----------
    outcome : array_like, shape (n,)
    matrix : array_like, shape (n, k)
    terms : sequence of RandomTerm

    Raises
    ------
    ValueError
        Columns say the same thing, or the terms touch too many levels at once.
    """

    def __init__(self, outcome: ArrayLike, matrix: ArrayLike, terms: Sequence[RandomTerm]) -> None:
        y, x = np.asarray(outcome, dtype=np.float64), np.asarray(matrix, dtype=np.float64)
        self.persons, self.columns = x.shape
        fixed, self.triangle = np.linalg.qr(x)
        if self.columns and np.abs(np.diag(self.triangle)).min() <= 1e-10 * np.abs(np.diag(self.triangle)).max():
            raise ValueError("The fixed columns say the same thing.")
        self.first = fixed.T @ y
        wanted = np.column_stack([fixed, y - fixed @ self.first])
        standard = [term.standardised() for term in terms]
        self.terms = tuple(term for term, _ in standard)
        self.turn_back = tuple(turn for _, turn in standard)
        single = [at for at, term in enumerate(self.terms) if term.is_single]
        self.gone = max(single, key=lambda at: self.terms[at].levels * self.terms[at].width) if single else None
        self.left = tuple(at for at in range(len(self.terms)) if at != self.gone)
        self.products = wanted.T @ wanted
        rest = self._matrix_of_rest()
        self.block: Eliminated | None = None
        if self.gone is not None:
            self.block = eliminated(self.terms[self.gone], wanted, rest)
        self._lay_out(rest, wanted)

    @property
    def parameters(self) -> int:
        return sum(term.parameters for term in self.terms)

    def roots(self, theta: Floats) -> tuple[Floats, ...]:
        """Per term, the lower triangle whose entries, column by column, ``theta`` holds."""
        found, at = [], 0
        for term in self.terms:
            root = np.zeros((term.width, term.width))
            below = np.tril_indices(term.width)
            root[below] = theta[at : at + term.parameters]
            found.append(root)
            at += term.parameters
        return tuple(found)

    @property
    def diagonal(self) -> tuple[bool, ...]:
        """Which entries of ``theta`` lie on a diagonal, and are not below 0."""
        return tuple(bool(a == b) for term in self.terms for a, b in zip(*np.tril_indices(term.width), strict=True))

    def at(self, theta: Floats) -> State:
        """Solve at the scaled covariances that ``theta`` holds."""
        roots = self.roots(theta)
        products, level = self.products.copy(), 0.0
        laid, wanted = self.laid, self.wanted
        lower: Floats = np.zeros((0, 0, 0))
        turned = lower
        if self.block is not None and self.gone is not None:
            root = roots[self.gone]
            q = len(root)
            lower = np.asarray(np.linalg.cholesky(root.T @ self.block.own @ root + np.eye(q)), dtype=np.float64)
            level += 2 * float(np.log(np.diagonal(lower, axis1=1, axis2=2)).sum())
            right = np.concatenate([self.block.wanted, np.broadcast_to(np.eye(q), (len(lower), q, q))], axis=2)
            turned = forward(lower, root.T @ right)
            flat = turned[:, :, :-q].reshape(-1, self.columns + 1)
            products -= flat.T @ flat
            if self.left:
                laid, wanted = self._without(turned[:, :, -q:], flat)
        bands = tuple(self._bands(roots))
        if self.left:
            laid, wanted = _scaled(laid, wanted, bands)
            added, root_level = _rooted(laid, wanted)
            products -= added
            level += root_level
        return State(level, products, roots, lower, turned, laid, wanted, bands)

    def _matrix_of_rest(self) -> sparse.csr_array:
        if not self.left:
            return sparse.csr_array((self.persons, 0))
        return sparse.csr_array(sparse.hstack([self.terms[at].matrix() for at in self.left], format="csr"))

    def _lay_out(self, rest: sparse.csr_array, wanted: Floats) -> None:
        """Sort what is left into parts, and remember where each product of its columns lies."""
        if not self.left:
            self.laid = self.wanted = np.zeros((0, 0, 0))
            return
        own = sparse.csr_array(rest.T @ rest)
        levels = sparse.block_diag(
            [sparse.kron(sparse.eye(self.terms[at].levels), np.ones((self.terms[at].width,) * 2)) for at in self.left]
        )
        touches = abs(own) + levels
        if self.block is not None:
            met = _ones(self.block.rest).T @ _ones(self.block.rest)
            self.products_stored = met.nnz
            touches = touches + met
        self.places = Places.of(sparse.csr_array(touches))
        if self.places.shape[1] > MOST_TOGETHER:
            raise ValueError(f"The terms touch {self.places.shape[1]} levels at once; at most {MOST_TOGETHER} can be dealt with.")
        count, m = self.places.shape
        laid = np.zeros(count * m * m)
        laid[self.places.square(own)] = own.data
        self.laid = laid.reshape(count, m, m)
        self.wanted = self.places.spread(rest.T @ wanted)
        if self.block is not None:
            self._prepare_elimination()

    def _prepare_elimination(self) -> None:
        """Each meeting of a level with a column of the rest: its q products, and where they stand in matrix and transpose."""
        assert self.block is not None
        q = self.block.own.shape[1]
        met = self.block.rest
        first = np.diff(met.indptr)[::q]
        self.level_of_pair = np.repeat(np.arange(len(first)), first)
        start = np.repeat(met.indptr[:-1:q], first) + np.arange(first.sum()) - np.repeat(np.cumsum(first) - first, first)
        self.pair_places = start[:, None] + np.arange(q) * first[self.level_of_pair][:, None]
        self.pairs = met.data[self.pair_places]
        numbered = sparse.csr_array((np.arange(met.nnz, dtype=np.float64), met.indices, met.indptr), shape=met.shape)
        across = sparse.csr_array(numbered.T)
        self.across_order = across.data.astype(np.int64)
        self.across = across
        self.product_places: np.ndarray | None = None

    def _without(self, turn: Floats, flat: Floats) -> tuple[Floats, Floats]:
        """Products of the rest's columns, and with what is wanted, once the term eliminated is taken out."""
        assert self.block is not None
        met = self.block.rest
        data = np.empty(met.nnz)
        data[self.pair_places] = np.einsum("pab,pb->pa", turn[self.level_of_pair], self.pairs)
        down = sparse.csr_array((data, met.indices, met.indptr), shape=met.shape)
        across = sparse.csr_array((data[self.across_order], self.across.indices, self.across.indptr), shape=self.across.shape)
        taken = across @ down
        # A product that is 0 by chance is not stored: only a whole pattern is worth remembering.
        whole = taken.nnz == self.products_stored
        places = self.product_places if whole and self.product_places is not None else self.places.square(taken)
        self.product_places = places if whole else self.product_places
        laid = self.laid.copy()
        laid.reshape(-1)[places] -= taken.data
        return laid, self.wanted - self.places.spread(across @ flat)

    def _bands(self, roots: tuple[Floats, ...]) -> list[Floats]:
        """The rest's scaling, diagonal by diagonal: entry i of band d multiplies column i + d into column i."""
        if not self.left:
            return []
        widest = max(self.terms[at].width for at in self.left)
        bands = []
        for d in range(widest):
            parts = []
            for at in self.left:
                root, term = roots[at], self.terms[at]
                below = np.append(np.diagonal(root, -d), np.zeros(min(d, term.width)))[: term.width]
                parts.append(np.tile(below, term.levels))
            bands.append(self.places.spread(np.concatenate(parts)))
        return bands


def forward(lower: Floats, right: Floats) -> Floats:
    """Solve lower-triangular systems, shape (J, q, q), for many right sides, shape (J, q, c)."""
    solved = np.empty_like(right)
    for row in range(lower.shape[1]):
        known = (lower[:, row, None, :row] @ solved[:, :row])[:, 0] if row else 0.0
        solved[:, row] = (right[:, row] - known) / lower[:, row, row, None]
    return solved


def banded(bands: tuple[Floats, ...], values: Floats) -> Floats:
    """The scaling's transpose times values, shape (C, m, c)."""
    scaled = bands[0][:, :, None] * values
    for d, band in enumerate(bands[1:], start=1):
        scaled[:, :-d] += band[:, :-d, None] * values[:, d:]
    return scaled


def _scaled(laid: Floats, wanted: Floats, bands: tuple[Floats, ...]) -> tuple[Floats, Floats]:
    half = banded(bands, laid)
    whole = banded(bands, half.transpose(0, 2, 1))
    at = np.arange(laid.shape[1])
    whole[:, at, at] += 1
    return whole, banded(bands, wanted)


def _rooted(laid: Floats, wanted: Floats) -> tuple[Floats, float]:
    """What the rest explains of the cross products, and the logarithm of its determinant."""
    m, k = wanted.shape[1:]
    # The Cholesky root of [S V; V' c] holds the solved V below S' root; any c above V' S^-1 V will do, and S is above 1.
    bordered = np.empty((len(laid), m + k, m + k))
    bordered[:, :m, :m], bordered[:, m:, :m], bordered[:, :m, m:] = laid, wanted.transpose(0, 2, 1), wanted
    bordered[:, m:, m:] = np.eye(k) * (1 + (wanted**2).sum(axis=(1, 2)))[:, None, None]
    root = np.linalg.cholesky(bordered)
    solved = root[:, m:, :m]
    level = 2 * float(np.log(np.diagonal(root[:, :m, :m], axis1=1, axis2=2)).sum())
    return np.einsum("cam,cbm->ab", solved, solved, optimize=True), level


def _ones(matrix: sparse.csr_array) -> sparse.csr_array:
    return sparse.csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape)
