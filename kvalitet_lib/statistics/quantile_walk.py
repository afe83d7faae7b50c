"""The linear programme of quantile regression, walked from one quantile to the next and exact at each."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from kvalitet_lib.statistics.intervals import Floats

Mask = NDArray[np.bool_]
Places = NDArray[np.int64]

SETTINGS: dict[str, bool | int | float | str] = {
    "output_flag": False,
    "threads": 1,
    "presolve": "off",
    "solver": "simplex",
    "primal_feasibility_tolerance": 1e-9,
    "dual_feasibility_tolerance": 1e-9,
}
TOUCH = 1e-10  # a residual this small lies on the quantile, in standard deviations of the outcome
SOLVED_WHOLE = 1500  # rows below which a part of them saves nothing at first
STAYS_WHOLE = 700  # rows below which it saves nothing later either
NARROWEST, WIDEST, USUAL = 5.0, 400.0, 8.0  # how many times its chance error a quantile may move before we look again
SHALLOW = 0.3  # rows whose values are usual are no surer than this beside the mean row


@dataclass(frozen=True)
class Place:
    """Where a walk stands: a quantile's solution.

    Attributes
    ----------
    tau : float
    coefficients : ndarray, shape (p,)
    residual : ndarray, shape (n,)
    basis : ndarray of int, shape (p,), or None
        The rows the quantile passes through; None when they do not determine it (ties).
    """

    tau: float
    coefficients: Floats
    residual: Floats
    basis: Places | None


class QuantileWalk:
    """Quantile regressions of the same rows, one quantile after another.

    In the dual programme, ``max y'a`` subject to ``X'a = (1 - tau) X'w`` and ``0 <= a <= w``, only the right-hand side
    changes with the quantile, so the simplex method goes on from the last basis. ``a`` is ``w`` for rows above the
    quantile and 0 for rows below: rows far from where the quantile is expected are fixed so and left out, the rest are
    solved, and the signs of all are looked at afterwards. Rows that were fixed at the wrong side join the rest and all is
    solved again, so the answer is that of the whole programme.

    Parameters
    ----------
    outcome : ndarray, shape (n,)
        In a unit in which its standard deviation is about 1.
    design : ndarray, shape (n, p)
        Of full rank; columns of about the same size.
    weights : ndarray, shape (n,)
        Above 0.

    References
    ----------
    Koenker, R. & Bassett, G. (1978). Regression quantiles. Econometrica 46(1), 33-50.
    Portnoy, S. & Koenker, R. (1997). The Gaussian hare and the Laplacian tortoise: computability of squared-error versus
    absolute-error estimators. Statistical Science 12(4), 279-300 (leaving out rows whose sign is known).
    """

    def __init__(self, outcome: Floats, design: Floats, weights: Floats) -> None:
        self.outcome, self.design, self.weights = outcome, design, weights
        self._total = weights @ design
        depth = np.sqrt((design**2).sum(axis=1))
        self._depth = np.maximum(depth / depth.mean(), SHALLOW)
        self._solver = highspy.Highs()
        for option, value in SETTINGS.items():
            self._solver.setOptionValue(option, value)
        self._width = USUAL
        self._all_there = False  # whether the solver holds the programme of all rows

    def begin(self, tau: float) -> Place:
        """The first quantile, found from a part of the rows when there are many."""
        rows, columns = self.design.shape
        everyone = np.ones(rows, dtype=bool)
        if rows <= SOLVED_WHOLE:
            return self._settle(tau, self.outcome, everyone, None)
        some = np.sort(np.random.default_rng(0).choice(rows, min(rows, SOLVED_WHOLE + int(2 * rows ** (2 / 3))), replace=False))
        part = QuantileWalk(self.outcome[some], self.design[some], self.weights[some])
        guess = part._settle(tau, part.outcome, np.ones(len(some), dtype=bool), None)
        residual = self.outcome - self.design @ guess.coefficients
        reach = 3 * rows * np.sqrt(columns / len(some))
        basis = None if guess.basis is None else some[guess.basis]
        return self._settle(tau, residual, self._nearest(residual, reach), basis, residual)

    def onward(self, tau: float, last: Place, before: Place | None = None) -> Place:
        """The quantile ``tau`` from the one solved last and, where there is one, the one solved before it."""
        rows, columns = self.design.shape
        if rows <= STAYS_WHOLE:
            return self._settle(tau, last.residual, np.ones(rows, dtype=bool), last.basis, last.residual)
        step = abs(tau - last.tau)
        reach = self._width * np.sqrt(rows * columns * step)
        if before is None:
            expected = last.residual
            reach += 2 * rows * step
        else:
            expected = last.residual + (last.residual - before.residual) * ((tau - last.tau) / (last.tau - before.tau))
        return self._settle(tau, expected, self._nearest(expected, reach), last.basis, last.residual)

    def _nearest(self, residual: Floats, reach: float) -> Mask:
        """The so many rows a quantile would meet first, counting in its own uncertainty there."""
        rows = len(residual)
        inside = np.zeros(rows, dtype=bool)
        count = int(min(max(reach, 4 * self.design.shape[1]), rows))
        inside[np.argpartition(np.abs(residual) / self._depth, count - 1)[:count]] = True
        return inside

    def _settle(self, tau: float, expected: Floats, inside: Mask, basis: Places | None, at: Floats | None = None) -> Place:
        """Solve the rows inside and let in those that turn out to lie on the other side, until there are none.

        ``at`` are the residuals that belong to ``basis``.
        """
        above = expected > 0
        again = False
        while True:
            if basis is not None:
                inside[basis] = True
            found = self._solved(tau, inside, above, basis, at)
            if found is None:
                if inside.all() and basis is None:
                    raise ArithmeticError(f"The quantile {tau:g} could not be solved.")
                inside |= self._nearest(expected, 2 * inside.sum())
                basis, again = (None if inside.all() else basis), True
                continue
            wrong = ~inside & ((found.residual > 0) != above) & (np.abs(found.residual) > TOUCH)
            if not wrong.any():
                self._width = float(np.clip(self._width * (1.5 if again else 0.95), NARROWEST, WIDEST))
                return found
            inside |= wrong
            basis, at, again = found.basis, found.residual, True

    def _solved(self, tau: float, inside: Mask, above: Mask, basis: Places | None, at: Floats | None) -> Place | None:
        """The programme of the rows inside, the others fixed; None when those cannot balance it."""
        rows, columns = np.flatnonzero(inside), self.design.shape[1]
        balance = (1 - tau) * self._total - (self.weights * (above & ~inside)) @ self.design
        if self._all_there and len(rows) == len(inside):
            places = np.arange(columns, dtype=np.int32)
            self._solver.changeRowsBounds(columns, places, balance, balance)  # type: ignore[attr-defined]
        else:
            self._solver.passModel(_programme(self.outcome[rows], self.design[rows], self.weights[rows], balance))
            self._all_there = len(rows) == len(inside)
            if basis is not None and at is not None:
                self._solver.setBasis(_basis(np.searchsorted(rows, basis), at[rows] > 0, columns))
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            self._all_there = False  # so that another try begins anew
            return None
        through = np.asarray(self._solver.getBasicVariables()[1])  # type: ignore[attr-defined]
        if (through < 0).any():
            coefficients, passed = -np.asarray(self._solver.getSolution().row_dual), None
        else:
            passed = rows[through].astype(np.int64)
            coefficients = np.linalg.solve(self.design[passed], self.outcome[passed])
        residual = self.outcome - self.design @ coefficients
        if passed is not None:
            residual[passed] = 0.0
        return Place(tau, coefficients, residual, passed)


def _programme(outcome: Floats, design: Floats, weights: Floats, balance: Floats) -> highspy.HighsLp:
    rows, columns = design.shape
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = rows, columns
    model.col_cost_ = -outcome
    model.col_lower_, model.col_upper_ = np.zeros(rows), weights
    model.row_lower_ = model.row_upper_ = balance
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.arange(0, rows * columns + 1, columns, dtype=np.int32)
    model.a_matrix_.index_ = np.tile(np.arange(columns, dtype=np.int32), rows)
    model.a_matrix_.value_ = design.ravel()
    return model


STATUS = np.array(
    [highspy.HighsBasisStatus.kLower, highspy.HighsBasisStatus.kUpper, highspy.HighsBasisStatus.kBasic], dtype=object
)


def _basis(passed: Places, above: Mask, columns: int) -> highspy.HighsBasis:
    status = above.astype(np.int64)
    status[passed] = 2
    basis = highspy.HighsBasis()
    basis.valid = True
    basis.col_status = STATUS[status].tolist()
    basis.row_status = [highspy.HighsBasisStatus.kLower] * columns
    return basis
