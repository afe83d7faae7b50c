"""Columns of scores as numbers, and of names as text, whatever their types are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.rows import Floats
from kvalitet_lib.errors import ContractError


def scores(rows: pd.DataFrame, column: str, analysis: str) -> Floats:
    """A column as numbers; NaN where it is empty or infinite.

    Raises
    ------
    ContractError
        It does not hold numbers.
    """
    values = rows[column]
    if isinstance(values, pd.DataFrame):
        raise ContractError(f"{analysis}: the frame has more than one column {column!r}. Give each a name of its own.")
    try:
        kept = values if pd.api.types.is_numeric_dtype(values.dtype) else pd.to_numeric(values.astype("object"))
        found = kept.to_numpy(dtype=np.float64, na_value=np.nan)
    except (ValueError, TypeError) as wrong:
        raise ContractError(f"{analysis}: {column!r} is no number. Turn it into one first, e.g. points of a grade.") from wrong
    return np.where(np.isfinite(found), found, np.nan)


def names(rows: pd.DataFrame, column: str) -> pd.Series:
    """A column of names or codes as text, with a plain index; missing where it is empty."""
    values = rows[column].reset_index(drop=True)
    there = values.notna().to_numpy(dtype=bool)
    text = values.astype("object").map(str)
    return text.where(there, None).astype("object")
