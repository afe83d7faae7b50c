"""One table that fits everything printed and known; relations that leave none are not trusted."""

from __future__ import annotations

import highspy
import numpy as np
from scipy import sparse

from kvalitet_lib.attack.printed import Floats
from kvalitet_lib.attack.relations import TOUCH, Relations


def fitting(given: Relations, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Quantities within their bounds that break the relations as little as possible.

    Parameters
    ----------
    given : Relations
    low, high : ndarray, shape (k,)
        Bounds of the quantities, always kept.

    Returns
    -------
    quantities : ndarray, shape (k,)
    broken : ndarray of bool, one per relation
        The relations that do not hold there.
    """
    if (low == high).all():
        found = low.copy()
    else:
        rows = len(given)
        bendable = sparse.hstack([given.matrix, sparse.eye_array(rows), -sparse.eye_array(rows)])
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = bendable.shape[1], rows
        model.col_cost_ = np.concatenate([np.zeros(len(low)), np.ones(2 * rows)])
        model.col_lower_ = np.concatenate([low, np.zeros(2 * rows)])
        model.col_upper_ = np.concatenate([high, np.full(2 * rows, highspy.kHighsInf)])
        model.row_lower_, model.row_upper_ = given.low, given.high
        columns = sparse.csc_array(bendable)
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = columns.indptr, columns.indices, columns.data
        solver = highspy.Highs()
        for option, value in {"output_flag": False, "threads": 1}.items():
            solver.setOptionValue(option, value)
        solver.passModel(model)
        solver.run()
        found = np.clip(np.asarray(solver.getSolution().col_value)[: len(low)], low, high)
    value = given.matrix @ found
    return found, (value < given.low - TOUCH) | (value > given.high + TOUCH)
