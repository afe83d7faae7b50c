"""The rows of an analysis of schools: columns in plain types, a design that can be estimated, and each pupil's school."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kvalitet_lib.analyses.finding import Basis
from kvalitet_lib.analyses.rows import Design, complete, design, need_columns, variables_of
from kvalitet_lib.errors import ContractError

FEWEST_SCHOOLS = 3  # with fewer, no spread between schools can be spoken of; own rule
Codes = NDArray[np.int64]


@dataclass(frozen=True, repr=False)
class SchoolRows:
    """Rows that can be used, or why there are none.

    Attributes
    ----------
    outcome : str
    basis : Basis
    reason : str
        Empty when the rows can be used; then the rest is there.
    frame : DataFrame
        Complete rows, numbered from 0.
    design : Design
    schools : Index
        The schools, sorted.
    code : ndarray of int, shape (n,)
        Each row's place among ``schools``.
    """

    outcome: str
    basis: Basis
    reason: str
    frame: pd.DataFrame
    design: Design
    schools: pd.Index
    code: Codes


def school_rows(
    rows: pd.DataFrame,
    formula: str,
    analysis: str,
    *,
    school: str,
    pupil: str = "",
    school_year: str = "",
    others: Sequence[str] = (),
    left_out: dict[str, int] | None = None,
) -> SchoolRows:
    """Make the rows ready.

    Parameters
    ----------
    formula : str
        Outcome and factors; the school is not among them.
    others : sequence of str
        Further columns that must have a value.
    left_out : dict, optional
        Rows already left out before, by why.

    Raises
    ------
    ContractError
        A column is missing, the formula cannot be used, or it makes values that are no numbers.
    """
    if not school:
        raise ContractError(f"{analysis} needs a column with each pupil's school. Name it:  school='…'")
    if school in variables_of(formula, analysis):
        raise ContractError(f"{analysis} takes the school beside the formula, not in it. Leave {school!r} out of {formula!r}.")
    variables = variables_of(formula, analysis)
    wanted = [*variables, school, pupil, school_year, *others]
    need_columns(rows, wanted, analysis)
    if twice := [name for name in dict.fromkeys(wanted) if name and (rows.columns == name).sum() > 1]:
        raise ContractError(f"{analysis}: the frame has several columns named {twice[0]!r}. Keep one of them.")
    usable = complete(
        rows, [*variables, *others], analysis, school=school, pupil=pupil, school_year=school_year, left_out=left_out
    )
    frame = usable.frame.assign(**{name: plain(usable.frame[name]) for name in variables})
    code, schools = numbered(frame[school])
    nothing = Design(np.zeros(0), np.zeros((0, 0)), (), ())

    def without(reason: str) -> SchoolRows:
        return SchoolRows(variables[0], usable.basis, reason, frame, nothing, schools, code)

    if not rows[variables[0]].notna().any():
        return without("no_outcome")
    if len(frame) < 2:
        return without("too_few_rows")
    if len(schools) < FEWEST_SCHOOLS:
        return without("too_few_schools")
    if frame[variables[0]].nunique() < 2:
        return without("same_outcome")
    if any(frame[name].nunique() < 2 for name in variables[1:]):
        return without("no_variation")
    made = design(formula, frame, analysis)
    if not (np.isfinite(made.matrix).all() and np.isfinite(made.outcome).all()):
        raise ContractError(f"{analysis}: {formula!r} makes values that are no numbers. Check logarithms, roots and divisions.")
    if len(frame) <= len(made.terms) + 1:
        return without("too_few_rows")
    if made.flat:
        at = [made.terms.index(name) for name in made.flat]
        return without("no_variation" if (np.ptp(made.matrix[:, at], axis=0) == 0).any() else "terms_coincide")
    return SchoolRows(variables[0], usable.basis, "", frame, made, schools, code)


def plain(column: pd.Series) -> pd.Series:
    """A column without missing values in a type every formula understands: numbers as floats, words as text."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.remove_unused_categories()
    known = column.infer_objects()
    if pd.api.types.is_bool_dtype(known) or pd.api.types.is_numeric_dtype(known):
        return known.astype("float64")
    return known.astype("str") if pd.api.types.is_string_dtype(known) else known


def numbered(labels: pd.Series) -> tuple[Codes, pd.Index]:
    """Each label's place among the different ones, sorted; labels of different types are sorted as text."""
    values = pd.Series(np.asarray(labels)).infer_objects() if isinstance(labels.dtype, pd.CategoricalDtype) else labels
    try:
        code, found = pd.factorize(values, sort=True)
    except TypeError:
        code, found = pd.factorize(values.astype(str), sort=True)
    return code.astype(np.int64), pd.Index(found)
