"""The rows a gap is made from: two groups, what is drawn anew, and the factors it is divided by as a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kvalitet_lib.analyses.factor_matrix import Factors, columns_of, factor_matrix
from kvalitet_lib.analyses.finding import Basis
from kvalitet_lib.analyses.rows import complete, need_columns
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.intervals import Floats

NAME = "group_gap"
IN_B = "kvalitet_in_b"  # a column of our own beside the caller's
FEWEST_TO_DRAW = 5  # fewer schools drawn anew say too little about other schools; own rule


@dataclass(frozen=True)
class Columns:
    """What the caller named."""

    outcome: str
    group: str
    school: str = ""
    school_year: str = ""
    gradient: str = ""
    pupil: str = ""


@dataclass(frozen=True)
class GapRows:
    """Rows of two groups in which nothing that is needed is missing.

    Attributes
    ----------
    frame : DataFrame
    basis : Basis
    columns : Columns
    in_b : ndarray of bool, shape (m,)
        True in group B, False in group A.
    names : (str, str)
        What A and B are called.
    """

    frame: pd.DataFrame
    basis: Basis
    columns: Columns
    in_b: NDArray[np.bool_]
    names: tuple[str, str]

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def outcome(self) -> Floats:
        return self.frame[self.columns.outcome].to_numpy(dtype=np.float64)

    @property
    def sizes(self) -> tuple[int, int]:
        """Rows of A and of B."""
        return int((~self.in_b).sum()), int(self.in_b.sum())

    @property
    def by_school(self) -> bool:
        """Whether schools are what is drawn anew; else single rows."""
        return bool(self.columns.school) and self.frame[self.columns.school].nunique() >= FEWEST_TO_DRAW

    @property
    def unit(self) -> NDArray[np.int64]:
        """What is drawn anew, numbered from 0, shape (m,)."""
        return self.cells(self.columns.school)[0] if self.by_school else np.arange(len(self.frame))

    @property
    def units(self) -> int:
        return int(self.unit.max()) + 1

    def cells(self, column: str) -> tuple[NDArray[np.int64], list[str]]:
        """A column as numbers from 0, and what they stand for, in order."""
        rows = self.frame[column]
        codes, values = pd.factorize(rows if pd.api.types.is_numeric_dtype(rows) else rows.astype("object").map(_said), sort=True)
        return codes.astype(np.int64), [_said(value) for value in values]


def gap_rows(rows: pd.DataFrame, columns: Columns, of: tuple[object, object] | None) -> GapRows:
    """The two groups' rows that have an outcome.

    Raises
    ------
    ContractError
        A column is missing or is no number, or the groups cannot be told.
    """
    need_columns(rows, [columns.group, columns.outcome, columns.gradient], NAME)
    for name in filter(None, (columns.outcome, columns.gradient)):
        if not pd.api.types.is_numeric_dtype(rows[name]):
            raise ContractError(f"{NAME}: the column {name!r} holds no numbers. Turn it into numbers first, e.g. 0 and 1.")
    a, b = _two(rows[columns.group], columns.group, of)
    unknown = rows[columns.group].isna().to_numpy(dtype=bool)
    chosen = rows.loc[_is(rows[columns.group], a) | _is(rows[columns.group], b) | unknown]
    others = {"gap_other_group": len(rows) - len(chosen)} if len(chosen) < len(rows) else {}
    wanted = [columns.outcome, columns.group, columns.school_year]
    whole = complete(
        chosen, wanted, NAME, school=columns.school, pupil=columns.pupil, school_year=columns.school_year, left_out=others
    )
    return GapRows(whole.frame, whole.basis, columns, _is(whole.frame[columns.group], b), (_said(a), _said(b)))


def divided_by(rows: GapRows, explained_by: Sequence[str] | str) -> tuple[GapRows, Factors]:
    """The rows that have all factors, and the factors as a matrix.

    Raises
    ------
    ContractError
        A factor is not there, or is the group itself; or a formula cannot be read or leaves out the constant.
    """
    columns = rows.columns
    names = columns_of(explained_by, rows.frame, columns.outcome, NAME)
    if columns.group in names:
        raise ContractError(f"{NAME} cannot divide the gap between groups of {columns.group!r} by {columns.group!r} itself.")
    marked = rows.frame.assign(**{IN_B: rows.in_b})
    whole = complete(marked, names, NAME, school=columns.school, pupil=columns.pupil, school_year=columns.school_year)
    kept = GapRows(whole.frame.drop(columns=IN_B), whole.basis, columns, whole.frame[IN_B].to_numpy(dtype=bool), rows.names)
    return kept, factor_matrix(explained_by, kept.frame, columns.outcome, NAME)


def _two(values: pd.Series, group: str, of: tuple[object, object] | None) -> tuple[object, object]:
    if of is not None:
        if isinstance(of, str) or len(of) != 2 or _said(of[0]) == _said(of[1]):
            raise ContractError(f"{NAME} holds two different groups of {group!r} against each other: of=(A, B).")
        for value in of:
            if not _is(values, value).any():
                raise ContractError(f"{NAME}: no row has {value!r} in {group!r}. Say two values that it has: of=(A, B).")
        return of[0], of[1]
    there = list(pd.unique(values.dropna()))
    if len(there) != 2:
        raise ContractError(f"{NAME} holds two groups against each other, and {group!r} has {len(there)}. Say which: of=(A, B).")
    numbers = all(isinstance(value, int | float | np.number) for value in there)
    first, second = sorted(there) if numbers else sorted(there, key=str)
    return first, second


def _is(values: pd.Series, value: object) -> NDArray[np.bool_]:
    return values.map(_said, na_action="ignore").astype("object").eq(_said(value)).to_numpy(dtype=bool)


def _said(value: object) -> str:
    """What a group is called: True, 1 and 1.0 alike are 1."""
    if isinstance(value, bool | np.bool_) or (isinstance(value, float | np.floating) and float(value).is_integer()):
        return str(int(value))
    return str(value)
