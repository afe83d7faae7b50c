"""Columns of factors as numbers, categories as one column for each value but the first; parts within and between schools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from formulaic import Formula, model_matrix
from formulaic.utils.variables import Variable
from numpy.typing import NDArray

from kvalitet_lib.analyses.rows import Floats, design
from kvalitet_lib.errors import ContractError

NOTHING_LEFT = 1e-8  # share of a column's size below which what is left of it is rounding


@dataclass(frozen=True, repr=False)
class Block:
    """One factor: its ``name``, what its columns are called, and the columns, shape (n, k)."""

    name: str
    terms: tuple[str, ...]
    columns: Floats


def block_of(rows: pd.DataFrame, name: str, analysis: str) -> Block:
    """A column as numbers: a category as 0 and 1 for each of its values but the first, in the order it has or that of letters.

    Raises
    ------
    ContractError
        It is neither a number nor a category.
    """
    column = rows[name].infer_objects()
    kind = column.dtype
    if pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_complex_dtype(kind):
        return Block(name, (name,), column.to_numpy(dtype=np.float64, na_value=np.nan)[:, None])
    if pd.api.types.is_datetime64_any_dtype(kind) or pd.api.types.is_timedelta64_dtype(kind):
        raise ContractError(f"{analysis}: {name!r} holds times. Turn them into numbers first, e.g. years.")
    values = column.astype("category").cat.remove_unused_categories().cat
    levels = [str(level) for level in values.categories]
    codes = values.codes.to_numpy()
    columns = (codes[:, None] == np.arange(1, len(levels))[None, :]).astype(np.float64)
    return Block(name, tuple(f"{name}: {level}" for level in levels[1:]), columns)


def numbers_of(rows: pd.DataFrame, name: str, analysis: str) -> Floats:
    """A column that must be numbers, such as the outcome.

    Raises
    ------
    ContractError
        It is no number.
    """
    column = rows[name].infer_objects()
    if not pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_complex_dtype(column.dtype):
        raise ContractError(f"{analysis}: {name!r} is no number. Turn it into one first, e.g. 0 and 1.")
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def blocks_of_formula(formula: str, rows: pd.DataFrame, analysis: str) -> tuple[Floats, dict[str, Block]]:
    """Outcome and factors of a formula on complete rows; a factor's columns are those of all terms that hold it.

    Raises
    ------
    ContractError
        The formula cannot be read, or a term holds two columns: it would belong to both.
    """
    made = design(formula, rows, analysis)
    right = model_matrix(Formula(formula).rhs, rows, na_action="raise", ensure_full_rank=True).model_spec
    if "1" not in map(str, right.term_slices):
        raise ContractError(f"{analysis} compares with a level of its own: leave the intercept in {formula!r}.")
    blocks: dict[str, Block] = {}
    for term, where in right.term_slices.items():
        names = sorted(str(name) for name in right.term_variables[term] if Variable.Role.VALUE in name.roles)
        if len(names) > 1:
            raise ContractError(
                f"{analysis}: a term of {formula!r} holds {' and '.join(names)} together. Make a column of their product first."
            )
        if names:
            before = blocks.get(names[0], Block(names[0], (), np.empty((len(rows), 0))))
            columns = np.column_stack([before.columns, made.matrix[:, where]])
            blocks[names[0]] = Block(names[0], (*before.terms, *made.terms[where]), columns)
    return made.outcome, blocks


def within_and_between(columns: Floats, member: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Each column as the distance from the school's mean, and as that mean less the mean of all; their sum is the column less it.

    Parameters
    ----------
    columns : ndarray, shape (n, k)
    member : ndarray of int, shape (n,)
        Each row's school, numbered from 0.
    """
    size = np.bincount(member).astype(np.float64)
    centred = columns - columns.mean(axis=0)
    means = np.stack([np.bincount(member, column, minlength=len(size)) for column in centred.T], axis=1) / size[:, None]
    between = means[member]
    return _cleaned(centred - between, centred), _cleaned(between, centred)


def _cleaned(part: Floats, whole: Floats) -> Floats:
    """Nought where what is left of a column is rounding."""
    kept = np.linalg.norm(part, axis=0) > NOTHING_LEFT * np.linalg.norm(whole, axis=0)
    return np.where(kept, part, 0.0)


def own_direction(matrix: Floats) -> NDArray[np.bool_]:
    """Which columns say something that those before them do not, shape (k,)."""
    size = np.linalg.norm(matrix, axis=0)
    triangle = np.linalg.qr(matrix / np.where(size > 0, size, 1.0), mode="r")
    diagonal = np.zeros(matrix.shape[1])
    diagonal[: len(triangle)] = np.abs(np.diag(triangle))
    return (diagonal > NOTHING_LEFT) & (size > 0)


def joined(name: str, blocks: Mapping[str, Block], members: Sequence[str]) -> Block:
    """Several factors as one."""
    return Block(
        name,
        tuple(term for one in members for term in blocks[one].terms),
        np.column_stack([blocks[one].columns for one in members]),
    )
