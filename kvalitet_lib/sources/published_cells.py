"""A published figure: its value, what its text means when it is no plain number, and the text itself."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import pandas as pd

from kvalitet_lib.sources.numerals import SPACES, UnreadableError, number

NAN = math.nan
MARKS = {
    "": "missing",
    ".": "missing",
    "...": "missing",
    "…": "missing",
    "-": "missing",
    "–": "missing",
    "..": "too_few",
    "*": "too_few",
    ":": "too_few",
}
ABOUT = re.compile(rf"(?:cirka|ca\.?|circa|omkring)\s*([0-9{SPACES}]+)", re.IGNORECASE)
FEW_LEFT_OUT = (1, 4)  # Skolverket writes ~100 when one to four pupils do not reach the goal


@dataclass(frozen=True)
class PublishedCell:
    """One published figure. ``value`` is NaN unless ``status`` is ``exists``; ``decimals`` is None when it is no number."""

    value: float
    lower: float
    upper: float
    status: str
    original: str
    decimals: int | None


def published(text: str, decimal: str = ",", share: bool = False, n: float | None = None) -> PublishedCell:
    """Read one published figure.

    ``..``, ``*`` and ``:`` are too few; ``.``, ``-``, ``…`` and nothing are missing; none of them is ever 0.
    ``~100`` is rounded: one to four of ``n`` persons fall short, so it lies from (n - 4)/n to (n - 1)/n; without
    ``n`` only that it is below 100 % is known. ``~0`` is its mirror image. ``cirka 270`` is rounded to the
    nearest ten, 265 to 275.

    Parameters
    ----------
    text : str
        The cell as delivered; kept in ``original``, trimmed.
    decimal : {",", "."}
    share : bool
        The text is in per cent, with or without the sign, and value, lower and upper shall be shares 0-1.
        ``decimals`` stay the original's.
    n : float, optional
        Persons behind the figure.

    Raises
    ------
    UnreadableError
        Neither a number nor a known mark.

    References
    ----------
    Skolverket, notes in its exports on final grades: 1-4 pupils who fall short are shown as ~100.
    """
    original = text.strip()
    if original in MARKS:
        return PublishedCell(NAN, NAN, NAN, MARKS[original], original, None)
    if original in ("~100", "~0"):
        lower, upper = _nearly_all(n) if original == "~100" else _nearly_none(n)
        whole = 1 if share else 100
        return PublishedCell(NAN, lower * whole, upper * whole, "rounded", original, 0)
    about = ABOUT.fullmatch(original)
    if about:
        middle = number(about[1], decimal)
        return PublishedCell(NAN, middle - 5, middle + 5, "rounded", original, 0)
    figure = original.removesuffix("%").rstrip() if share else original
    value = number(figure, decimal)
    return PublishedCell(value / 100 if share else value, NAN, NAN, "exists", original, decimals_of(figure, decimal))


def decimals_of(text: str, decimal: str = ",") -> int:
    """Digits after the decimal sign."""
    return len(text.strip().rpartition(decimal)[2]) if decimal in text else 0


def published_cells(
    texts: pd.Series, decimal: str = ",", share: bool = False, n: pd.Series | None = None
) -> tuple[pd.DataFrame, list[int]]:
    """A column of published figures.

    Parameters
    ----------
    texts : Series of str
    decimal, share
        As in :func:`published`.
    n : Series of float, optional
        Persons behind each figure, same index.

    Returns
    -------
    frame : DataFrame
        ``value, lower, upper, status, original, decimals`` with the index of ``texts``.
    failed : list of int
        Positions of the cells that could not be read; their status is ``missing``.
    """
    counts = [None] * len(texts) if n is None else [None if pd.isna(one) else float(one) for one in n]
    cells, failed = [], []
    for position, (text, count) in enumerate(zip(texts, counts, strict=True)):
        said = "" if pd.isna(text) else str(text)
        try:
            cells.append(published(said, decimal, share, count))
        except UnreadableError:
            failed.append(position)
            cells.append(published("", decimal, share))
    return _frame(cells, texts.index), failed


def _frame(cells: list[PublishedCell], index: pd.Index) -> pd.DataFrame:
    columns = {
        "value": "float64",
        "lower": "float64",
        "upper": "float64",
        "status": "str",
        "original": "str",
        "decimals": "Int64",
    }
    return pd.DataFrame(
        {name: pd.Series([getattr(cell, name) for cell in cells], index=index, dtype=dtype) for name, dtype in columns.items()}
    )


def _nearly_all(n: float | None) -> tuple[float, float]:
    """The share that ~100 stands for, as an interval."""
    if n is None or n < 1:
        return NAN, math.nextafter(1, 0)
    fewest, most = FEW_LEFT_OUT
    return max(0.0, (n - most) / n), (n - fewest) / n


def _nearly_none(n: float | None) -> tuple[float, float]:
    lower, upper = _nearly_all(n)
    return 1 - upper, 1 - lower
