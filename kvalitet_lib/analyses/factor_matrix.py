"""Factors as a matrix: named columns, numbers as they are and categories as 0/1 columns, or the right side of a formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.rows import design, need_columns, variables_of
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.intervals import Floats

CONSTANT = "Intercept"


@dataclass(frozen=True)
class Factors:
    """A matrix and what its columns are.

    Attributes
    ----------
    matrix : ndarray, shape (m, k)
        The constant, then the factors.
    terms : tuple of str
    dummies : mapping of str to tuple of int
        For each categorical column, where its 0/1 columns stand.
    baselines : mapping of str to str
        For each categorical column, the term of the category left out.
    """

    matrix: Floats
    terms: tuple[str, ...]
    dummies: dict[str, tuple[int, ...]] = field(default_factory=dict)
    baselines: dict[str, str] = field(default_factory=dict)

    def without_variation(self) -> list[str]:
        """Terms that are the same for everyone."""
        return [term for place, term in enumerate(self.terms) if place and np.ptp(self.matrix[:, place]) <= 0]


def columns_of(factors: Sequence[str] | str, rows: pd.DataFrame, outcome: str, analysis: str) -> list[str]:
    """The columns that factors name.

    Raises
    ------
    ContractError
        One is not there, or a formula cannot be read.
    """
    if _is_formula(factors, rows):
        return variables_of(f"`{outcome}` ~ {factors}", analysis)[1:]
    names = [factors] if isinstance(factors, str) else list(factors)
    need_columns(rows, names, analysis)
    return names


def factor_matrix(factors: Sequence[str] | str, rows: pd.DataFrame, outcome: str, analysis: str) -> Factors:
    """The matrix of complete rows.

    Raises
    ------
    ContractError
        A formula cannot be used on the rows, or leaves out the constant.
    """
    if not _is_formula(factors, rows):
        return _named([factors] if isinstance(factors, str) else factors, rows)
    if rows.empty:
        return Factors(np.ones((0, 1)), (CONSTANT,))
    made = design(f"`{outcome}` ~ {factors}", rows, analysis)
    if not made.matrix.shape[1] or not np.all(made.matrix[:, 0] == 1):
        raise ContractError(f"{analysis} needs the constant in {factors!r}: leave out  - 1  and  + 0.")
    return Factors(made.matrix, made.terms)


def _is_formula(factors: Sequence[str] | str, rows: pd.DataFrame) -> bool:
    return isinstance(factors, str) and factors not in rows


def _named(factors: Sequence[str], rows: pd.DataFrame) -> Factors:
    """Numbers as they are; each category but the first, in the order of the alphabet, as a column of 0 and 1."""
    columns, terms = [np.ones(len(rows))], [CONSTANT]
    dummies: dict[str, tuple[int, ...]] = {}
    baselines: dict[str, str] = {}
    for name in dict.fromkeys(factors):
        values = rows[name]
        if pd.api.types.is_numeric_dtype(values):
            columns.append(values.to_numpy(dtype=np.float64))
            terms.append(name)
            continue
        codes, categories = pd.factorize(values.astype(str), sort=True)
        if len(categories) < 2:  # a term of its own, so that it is told that it does not vary
            columns.append(np.ones(len(rows)))
            terms.append(name)
            continue
        baselines[name] = f"{name}={categories[0]}"
        dummies[name] = tuple(range(len(terms), len(terms) + len(categories) - 1))
        for place, category in enumerate(categories[1:], start=1):
            columns.append((codes == place).astype(np.float64))
            terms.append(f"{name}={category}")
    return Factors(np.column_stack(columns), tuple(terms), dummies, baselines)
