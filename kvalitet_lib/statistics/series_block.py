"""Many series laid out side by side, so that one step of linear algebra fits all their lines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kvalitet_lib.statistics.intervals import Floats

ENOUGH = 1e-9  # a direction weaker than this, beside the strongest, is none


@dataclass(frozen=True)
class Fit:
    """All lines fitted with one covariance per series.

    Attributes
    ----------
    slope, variance : ndarray, shape (k,)
        Slopes and their variances when the covariance is right.
    weights : ndarray, shape (k, t)
        What each point weighs in its series' slope: ``slope = weights @ values``.
    scatter : ndarray, shape (k,)
        Squared distance of the points from the line, in units of the covariance.
    log_volume : float
        Sum of the log determinants of covariance and information, as the restricted likelihood needs them.
    """

    slope: Floats
    variance: Floats
    weights: Floats
    scatter: Floats
    log_volume: float


@dataclass(frozen=True)
class Block:
    """Series as rows of equal length; places without a point are False in ``there`` and 0 elsewhere.

    Attributes
    ----------
    there : ndarray of bool, shape (k, t)
    value, time : ndarray, shape (k, t)
        Values less the mean of all.
    place : tuple of two ndarrays of int, shape (m,)
        Row and column of each value handed in.
    basis : ndarray, shape (k, t, r)
        Orthonormal columns that span each series' line and levels; 0 where a direction is missing.
    to_slope : ndarray, shape (k, r)
        Slope = coefficients on the basis times this.
    estimable : ndarray of bool, shape (k,)
        Whether the slope can be told from the levels at all.
    freedom : ndarray, shape (k,)
        Points less parameters.
    """

    there: NDArray[np.bool_]
    value: Floats
    time: Floats
    place: tuple[NDArray[np.int64], NDArray[np.int64]]
    basis: Floats
    to_slope: Floats
    estimable: NDArray[np.bool_]
    freedom: Floats

    @classmethod
    def of(cls, values: ArrayLike, times: ArrayLike, series: ArrayLike, segments: ArrayLike | None) -> Block:
        """Lay out values, in any order; see ``short_series.slopes``."""
        value, time = np.asarray(values, dtype=np.float64), np.asarray(times, dtype=np.float64)
        row = np.asarray(series, dtype=np.int64)
        segment = np.zeros(len(row), dtype=np.int64) if segments is None else np.asarray(segments, dtype=np.int64)
        order = np.lexsort((time, row))
        column = np.empty(len(row), dtype=np.int64)
        column[order] = np.arange(len(row)) - np.searchsorted(row[order], row[order])
        shape = (int(row.max()) + 1, int(column.max()) + 1)
        there, laid, when = np.zeros(shape, dtype=bool), np.zeros(shape), np.zeros(shape)
        there[row, column], laid[row, column], when[row, column] = True, value - value.mean(), time
        line = np.zeros((*shape, int(segment.max()) + 2))
        line[row, column, 0] = time - time.mean()
        line[row, column, segment + 1] = 1.0
        left, size, right = np.linalg.svd(line, full_matrices=False)
        real = size > ENOUGH * size.max(axis=1, keepdims=True)
        to_slope = np.divide(right[:, :, 0], size, out=np.zeros_like(size), where=real)
        estimable = np.where(real, right[:, :, 0] ** 2, 0.0).sum(axis=1) > 1 - 1e-6
        freedom = (there.sum(axis=1) - real.sum(axis=1)).astype(np.float64)
        return cls(there, laid, when, (row, column), left * real[:, None, :], to_slope, estimable, freedom)

    def pad(self, per_value: ArrayLike | None) -> Floats | None:
        """Something known of each value, laid out as the values are."""
        if per_value is None:
            return None
        laid = np.zeros(self.there.shape)
        laid[self.place] = np.asarray(per_value, dtype=np.float64)
        return laid

    @cached_property
    def apart(self) -> Floats:
        """Time between the points of a series, in steps of the shortest there is, shape (k, t, t)."""
        distance = np.abs(self.time[:, :, None] - self.time[:, None, :])
        both = self.there[:, :, None] & self.there[:, None, :]
        steps = distance[both & (distance > 0)]
        return np.asarray(np.where(both, distance / (steps.min() if steps.size else 1.0), np.inf))

    @property
    def regular(self) -> bool:
        """Whether all points lie whole steps apart."""
        steps = self.apart[np.isfinite(self.apart)]
        return bool(np.allclose(steps, np.rint(steps)))

    @cached_property
    def years(self) -> Floats:
        """Which year each point belongs to, shape (k, t, years)."""
        different, which = np.unique(self.time[self.there], return_inverse=True)
        marked = np.zeros((*self.there.shape, len(different)))
        marked[(*np.nonzero(self.there), which)] = 1.0
        return marked

    @cached_property
    def missing_directions(self) -> Floats:
        """Ones on the diagonal where a series lacks a direction, so that its information can be inverted."""
        missing = (self.basis**2).sum(axis=1) < 0.5
        return missing[:, :, None] * np.eye(missing.shape[1])

    def diagonal(self, per_point: Floats | float) -> Floats:
        """Diagonal matrices, with 1 where there is no point so that they can be inverted."""
        inside = np.where(self.there, per_point, 1.0)
        return inside[:, :, None] * np.eye(self.there.shape[1])

    def fit(self, covariance: Floats, value: Floats | None = None) -> Fit:
        """Generalised least squares of every series on its own line.

        Parameters
        ----------
        covariance : ndarray, shape (k, t, t)
            Of each series' points, with an identity where there are none.
        value : ndarray, shape (k, t), optional
            Instead of the block's own values.
        """
        laid = self.value if value is None else value
        inverse, weighted, information, solved = self._solved(covariance)
        told = (weighted * laid[:, :, None]).sum(axis=1)
        known = np.linalg.slogdet(covariance)[1].sum() + np.linalg.slogdet(information)[1].sum()
        return Fit(
            (self.to_slope * (solved @ told[:, :, None])[:, :, 0]).sum(axis=1),
            (self.to_slope * (solved @ self.to_slope[:, :, None])[:, :, 0]).sum(axis=1),
            (weighted @ (solved @ self.to_slope[:, :, None]))[:, :, 0],
            (laid * (inverse @ laid[:, :, None])[:, :, 0]).sum(axis=1)
            - (told * (solved @ told[:, :, None])[:, :, 0]).sum(axis=1),
            float(known),
        )

    def projections(self, covariance: Floats) -> Floats:
        """What a series' values leave of themselves beside its line, in units of the covariance, shape (k, t, t)."""
        inverse, weighted, _, solved = self._solved(covariance)
        return np.asarray(inverse - weighted @ solved @ weighted.transpose(0, 2, 1))

    def _solved(self, covariance: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        inverse = np.linalg.inv(covariance)
        weighted = inverse @ self.basis
        information = self.basis.transpose(0, 2, 1) @ weighted + self.missing_directions
        return np.asarray(inverse), weighted, information, np.asarray(np.linalg.inv(information))
