"""A difference between two groups' means, divided into what goes with their composition and what does not (Oaxaca-Blinder)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.intervals import Floats

Reference = Literal["A", "B", "cotton", "reimers", "neumark", "pooled"]
REFERENCES: tuple[Reference, ...] = get_args(Reference)
SINGULAR = 1e-10  # a smaller share of the largest eigenvalue is rounding, not a direction of its own; own rule


def known_reference(name: str) -> Reference:
    """The reference of that name.

    Raises
    ------
    ContractError
        There is none; nothing is guessed, since each gives another answer.
    """
    if name not in REFERENCES:
        raise ContractError(f"There is no reference {name!r} for a gap; there are: {', '.join(REFERENCES)}.")
    return name


@dataclass(frozen=True)
class Sums:
    """What least squares needs of some rows of one group: sums over them, on a common scale.

    Attributes
    ----------
    n : ndarray, shape (...)
        Rows.
    cross : ndarray, shape (..., k, k)
        Sums of products of the scaled columns; the first column is the constant 1.
    outcome : ndarray, shape (..., k)
        Sums of products with the outcome.
    """

    n: Floats
    cross: Floats
    outcome: Floats

    def weighed(self, weights: ArrayLike) -> Sums:
        """Sums over units, each counted as many times as its weight: (draws, units) in, (draws, ...) out."""
        weight = np.asarray(weights, dtype=np.float64)
        return Sums(weight @ self.n, np.tensordot(weight, self.cross, 1), weight @ self.outcome)


@dataclass(frozen=True)
class TwoGroups:
    """The rows of two groups, summed within units that are drawn together (schools).

    Attributes
    ----------
    a, b : Sums
        Per unit.
    centre, scale : ndarray, shape (k,)
        Columns are ``(column - centre) / scale`` in the sums, which keeps them from rounding; 0 and 1 for the constant.
    """

    a: Sums
    b: Sums
    centre: Floats
    scale: Floats

    @classmethod
    def of(cls, outcome: ArrayLike, matrix: ArrayLike, in_b: ArrayLike, unit: ArrayLike) -> TwoGroups:
        """Sum rows within units.

        Parameters
        ----------
        outcome : array_like, shape (m,)
        matrix : array_like, shape (m, k)
            Its first column is the constant 1.
        in_b : array_like of bool, shape (m,)
            True in group B, False in group A.
        unit : array_like of int, shape (m,)
            Numbered from 0 without gaps.
        """
        y, x = np.asarray(outcome, dtype=np.float64), np.asarray(matrix, dtype=np.float64)
        member, where = np.asarray(in_b, dtype=bool), np.asarray(unit, dtype=np.int64)
        if not len(y) or not np.all(x[:, 0] == 1):
            raise ContractError("A gap needs rows, and a matrix whose first column is the constant 1.")
        centre, scale = x.mean(axis=0), x.std(axis=0)
        centre[0], scale = 0.0, np.where(scale > 0, scale, 1.0)
        scaled, units = (x - centre) / scale, int(where.max()) + 1
        return cls(_sums(y, scaled, ~member, where, units), _sums(y, scaled, member, where, units), centre, scale)

    def parts(self, weights: ArrayLike | None = None) -> Parts:
        """The decomposition of all units, or of each draw of them.

        Parameters
        ----------
        weights : array_like, shape (draws, units), optional
            How many times each draw holds each unit.
        """
        units = np.ones((1, len(self.a.n))) if weights is None else np.asarray(weights, dtype=np.float64)
        parts = _decomposed(self.a.weighed(units), self.b.weighed(units), self.centre, self.scale)
        return parts if weights is not None else parts.first()


@dataclass(frozen=True)
class Parts:
    """The parts of a gap, mean of A minus mean of B; shapes begin with (draws,) when there are draws.

    Attributes
    ----------
    mean_a, mean_b : ndarray, shape (...)
        Mean outcome.
    columns_a, columns_b : ndarray, shape (..., k)
        Mean of each column of the matrix.
    coefficients_a, coefficients_b : ndarray, shape (..., k)
        Least squares within each group; NaN where its rows cannot tell the columns apart.
    coefficients_reference : ndarray, shape (..., 6, k)
        One row for each of ``REFERENCES``.

    References
    ----------
    Oaxaca, R. (1973). Male-female wage differentials in urban labor markets. Int. Econ. Rev. 14(3), 693-709.
    Blinder, A. S. (1973). Wage discrimination: reduced form and structural estimates. J. Hum. Resour. 8(4), 436-455.
    Reimers, C. W. (1983); Cotton, J. (1988); Neumark, D. (1988): the references that carry their names.
    Jann, B. (2008). The Blinder-Oaxaca decomposition for linear regression models. Stata J. 8(4), 453-479.
    """

    mean_a: Floats
    mean_b: Floats
    columns_a: Floats
    columns_b: Floats
    coefficients_a: Floats
    coefficients_b: Floats
    coefficients_reference: Floats

    @property
    def gap(self) -> Floats:
        return self.mean_a - self.mean_b

    @property
    def endowments(self) -> Floats:
        """By column: how far B's mean would move with A's composition and B's coefficients."""
        return (self.columns_a - self.columns_b) * self.coefficients_b

    @property
    def coefficients(self) -> Floats:
        """By column: how far B's mean would move with A's coefficients and B's composition."""
        return self.columns_b * (self.coefficients_a - self.coefficients_b)

    @property
    def interaction(self) -> Floats:
        """By column: what both together add to the two."""
        return (self.columns_a - self.columns_b) * (self.coefficients_a - self.coefficients_b)

    @property
    def explained(self) -> Floats:
        """By reference and column, shape (..., 6, k): the difference in composition, at the reference's coefficients."""
        return (self.columns_a - self.columns_b)[..., None, :] * self.coefficients_reference

    @property
    def unexplained_a(self) -> Floats:
        """By reference and column: how far A's coefficients lie from the reference's, at A's composition."""
        return self.columns_a[..., None, :] * (self.coefficients_a[..., None, :] - self.coefficients_reference)

    @property
    def unexplained_b(self) -> Floats:
        """By reference and column: how far the reference's coefficients lie from B's, at B's composition."""
        return self.columns_b[..., None, :] * (self.coefficients_reference - self.coefficients_b[..., None, :])

    def first(self) -> Parts:
        return Parts(**{name: getattr(self, name)[0] for name in self.__dataclass_fields__})

    def with_baselines(self, factors: tuple[NDArray[np.int64], ...]) -> Parts:
        """The same with each categorical factor's left-out category as a column of its own, behind the others.

        Coefficients become deviations from the factor's mean, so that no term depends on which category was left out.

        Parameters
        ----------
        factors : tuple of int arrays
            For each factor the columns of its dummies.

        References
        ----------
        Yun, M.-S. (2005). A simple solution to the identification problem in detailed wage decompositions.
        Econ. Inq. 43(4), 766-772.
        """
        left_out = {name: [1 - getattr(self, name)[..., columns].sum(-1) for columns in factors] for name in _COLUMNS}
        added = {name: _append(getattr(self, name), left_out[name]) for name in _COLUMNS}
        return Parts(self.mean_a, self.mean_b, **added, **{name: _deviations(getattr(self, name), factors) for name in _FITTED})


_COLUMNS = ("columns_a", "columns_b")
_FITTED = ("coefficients_a", "coefficients_b", "coefficients_reference")


def _append(values: Floats, more: list[Floats]) -> Floats:
    return np.concatenate([values, *(one[..., None] for one in more)], axis=-1)


def _deviations(coefficients: Floats, factors: tuple[NDArray[np.int64], ...]) -> Floats:
    moved, baselines = coefficients.copy(), []
    for columns in factors:
        mean = moved[..., columns].sum(-1) / (len(columns) + 1)
        moved[..., columns] -= mean[..., None]
        moved[..., 0] += mean
        baselines.append(-mean)
    return _append(moved, baselines)


def _sums(y: Floats, x: Floats, rows: NDArray[np.bool_], unit: NDArray[np.int64], units: int) -> Sums:
    order = np.flatnonzero(rows)[np.argsort(unit[rows], kind="stable")]
    width = x.shape[1]
    cross, outcome = np.zeros((units, width, width)), np.zeros((units, width))
    at = unit[order]
    starts = np.flatnonzero(np.r_[True, at[1:] != at[:-1]]) if len(at) else np.zeros(0, dtype=np.int64)
    for first, last in zip(starts, np.r_[starts[1:], len(at)], strict=True):
        mine = order[first:last]
        cross[at[first]] = x[mine].T @ x[mine]
        outcome[at[first]] = x[mine].T @ y[mine]
    return Sums(np.bincount(at, minlength=units).astype(np.float64), cross, outcome)


def _decomposed(a: Sums, b: Sums, centre: Floats, scale: Floats) -> Parts:
    neumark = _solved(a.cross + b.cross, a.outcome + b.outcome)
    together = _with_dummy(a, b)
    ours, theirs = _solved(a.cross, a.outcome), _solved(b.cross, b.outcome)
    share = _divided(a.n, a.n + b.n)[:, None]
    weighed = [share * ours + (1 - share) * theirs, 0.5 * ours + 0.5 * theirs]
    references = np.stack([ours, theirs, *weighed, neumark, together], axis=1)

    def unscaled(fitted: Floats) -> Floats:
        plain = fitted / scale
        return np.concatenate([fitted[..., :1] - (plain * centre)[..., 1:].sum(-1, keepdims=True), plain[..., 1:]], axis=-1)

    return Parts(
        _divided(a.outcome[:, 0], a.n),
        _divided(b.outcome[:, 0], b.n),
        _divided(a.cross[:, 0], a.n[:, None]) * scale + centre,
        _divided(b.cross[:, 0], b.n[:, None]) * scale + centre,
        unscaled(ours),
        unscaled(theirs),
        unscaled(references),
    )


def _with_dummy(a: Sums, b: Sums) -> Floats:
    """Coefficients of both groups' rows together, with a constant of its own for B left out of the answer."""
    at_b = b.cross[:, :, :1]
    cross = np.block([[a.cross + b.cross, at_b], [at_b.transpose(0, 2, 1), b.n[:, None, None]]])
    return _solved(cross, np.concatenate([a.outcome + b.outcome, b.outcome[:, :1]], axis=1))[:, :-1]


def _solved(cross: Floats, outcome: Floats) -> Floats:
    eigenvalues = np.linalg.eigvalsh(cross)
    whole = eigenvalues[:, 0] > SINGULAR * np.maximum(eigenvalues[:, -1], np.finfo(float).tiny)
    safe = np.where(whole[:, None, None], cross, np.eye(cross.shape[1]))
    return np.where(whole[:, None], np.linalg.solve(safe, outcome[..., None])[..., 0], np.nan)


def _divided(value: Floats, by: Floats) -> Floats:
    return np.divide(value, by, out=np.full(np.broadcast_shapes(value.shape, by.shape), np.nan), where=by > 0)
