"""The rows an analysis can use: named columns that are there, complete cases counted, formulas made into matrices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from formulaic import Formula, model_matrix
from formulaic.errors import FormulaicError
from numpy.typing import NDArray

from kvalitet_lib.analyses.finding import Basis
from kvalitet_lib.errors import ContractError

Floats = NDArray[np.float64]


def need_columns(rows: pd.DataFrame, columns: Iterable[str], analysis: str) -> None:
    """Refuse a frame without the columns named.

    Raises
    ------
    ContractError
        Names the columns that are missing and those that are there.
    """
    if lacking := [name for name in dict.fromkeys(columns) if name and name not in rows]:
        raise ContractError(
            f"{analysis} needs the column {', '.join(repr(name) for name in lacking)}, which the frame does not have. "
            f"It has: {', '.join(map(str, rows.columns))}."
        )


@dataclass(frozen=True)
class Complete:
    """Complete rows and what they are out of all that were handed in."""

    frame: pd.DataFrame
    basis: Basis

    def __len__(self) -> int:
        return len(self.frame)


def complete(
    rows: pd.DataFrame,
    columns: Sequence[str],
    analysis: str,
    *,
    school: str = "",
    pupil: str = "",
    school_year: str = "",
    left_out: dict[str, int] | None = None,
) -> Complete:
    """The rows in which every column named has a value.

    Parameters
    ----------
    columns : sequence of str
        What must have a value; infinite numbers count as none.
    school, pupil, school_year : str
        Columns counted for the basis, when named; ``school`` must have a value, too.
    left_out : dict, optional
        Rows already left out before, by why.

    Raises
    ------
    ContractError
        A column is not there.
    """
    wanted = [name for name in dict.fromkeys([*columns, school]) if name]
    need_columns(rows, [*wanted, pupil, school_year], analysis)
    empty = {name: ~_has_value(rows[name]) for name in wanted}
    kept = ~np.logical_or.reduce([*empty.values(), np.zeros(len(rows), dtype=bool)])
    frame = rows.loc[kept].reset_index(drop=True)
    before = dict(left_out or {})
    out = before | {name: int(lost.sum()) for name, lost in empty.items() if lost.any()}
    return Complete(
        frame,
        Basis(
            rows=len(frame),
            schools=int(frame[school].nunique()) if school else None,
            pupils=int(frame[pupil].nunique()) if pupil else None,
            school_years=tuple(sorted(frame[school_year].astype(str).unique())) if school_year else (),
            missing=float(1 - len(frame) / len(rows)) if len(rows) else 0.0,
            left_out=out,
        ),
    )


def _has_value(column: pd.Series) -> NDArray[np.bool_]:
    there = column.notna().to_numpy(dtype=bool)
    if pd.api.types.is_float_dtype(column):
        return there & np.isfinite(column.to_numpy(dtype=float, na_value=np.nan))
    return there


@dataclass(frozen=True)
class Design:
    """A formula's outcome (n,), its matrix (n, k) and the names of its k terms.

    ``flat`` are terms, besides the intercept, that do not vary or that others already say.
    """

    outcome: Floats
    matrix: Floats
    terms: tuple[str, ...]
    flat: tuple[str, ...]


def variables_of(formula: str, analysis: str) -> list[str]:
    """The columns a formula such as ``score ~ prior + C(sex)`` names, the outcome first.

    Raises
    ------
    ContractError
        It is no formula, or has no outcome.
    """
    try:
        parsed = Formula(formula)
        left = [str(name) for name in parsed.lhs.required_variables]
        right = [str(name) for name in parsed.rhs.required_variables]
    except (FormulaicError, AttributeError, SyntaxError) as wrong:
        raise ContractError(
            f"{analysis} cannot read the formula {formula!r}. Write it like:  outcome ~ factor + C(group)"
        ) from wrong
    if len(left) != 1:
        raise ContractError(f"{analysis} needs one outcome left of ~ in {formula!r}.")
    return list(dict.fromkeys([*left, *sorted(right)]))


def design(formula: str, frame: pd.DataFrame, analysis: str) -> Design:
    """Outcome and matrix of a formula on complete rows.

    Raises
    ------
    ContractError
        The formula cannot be read, or the outcome is no number.
    """
    variables_of(formula, analysis)
    try:
        made = model_matrix(formula, frame, na_action="raise", ensure_full_rank=True)
    except (FormulaicError, ValueError, TypeError, NameError) as wrong:
        raise ContractError(
            f"{analysis} cannot use the formula {formula!r} on this frame. Check that its columns fit."
        ) from wrong
    left, right = made.lhs, made.rhs
    if left.shape[1] != 1:
        raise ContractError(f"{analysis}: the outcome of {formula!r} is no number. Turn it into one first, e.g. 0 and 1.")
    matrix = np.asarray(right, dtype=np.float64)
    terms = tuple(str(name) for name in right.columns)
    return Design(np.asarray(left, dtype=np.float64)[:, 0], matrix, terms, _flat(matrix, terms))


def _flat(matrix: Floats, terms: tuple[str, ...]) -> tuple[str, ...]:
    """Terms that add no direction of their own to those before them."""
    if not len(matrix):
        return terms
    scale = np.where((size := np.sqrt((matrix**2).sum(axis=0))) > 0, size, 1.0)
    diagonal = np.abs(np.diag(np.linalg.qr(matrix / scale, mode="r")))
    rank_lost = diagonal < 1e-9 if len(diagonal) == len(terms) else np.ones(len(terms), dtype=bool)
    return tuple(name for name, lost in zip(terms, rank_lost, strict=True) if lost)
