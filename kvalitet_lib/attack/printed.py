"""What a printed number can have been before it was rounded, and which count lies behind a printed share."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
TOUCH = 1e-9  # halves are rounded either way
MOST_DECIMALS = 12  # beyond this a decimal is how computers write fractions, not what was meant


def numbers(texts: pd.Series) -> Floats:
    """Cells as numbers; NaN where empty or no finite number."""
    values = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def decimals(texts: pd.Series) -> NDArray[np.int64]:
    """How many decimals each cell is printed with, zeros at the end not counted; 0 where there is no number."""
    codes, distinct = pd.factorize(texts)
    places = [_decimals(str(text)) for text in distinct]
    return np.asarray([*places, 0], dtype=np.int64)[codes]


def _decimals(text: str) -> int:
    try:
        written = f"{float(text):.{MOST_DECIMALS}f}"
    except ValueError:
        return 0
    return len(written.rstrip("0").partition(".")[2])


def half_a_unit(texts: pd.Series, at_least: NDArray[np.int64]) -> Floats:
    """How far rounding can have moved each number: half of its last decimal, never finer than it is printed."""
    return 0.5 * 10.0 ** -np.maximum(decimals(texts), at_least)


def wilson(count: Floats, n: Floats, level: float) -> tuple[Floats, Floats]:
    """Wilson's interval, worked out anew from its textbook form.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    J. Am. Stat. Assoc. 22(158), 209-212.
    """
    z = stats.norm.ppf((1 + level) / 2)
    share = count / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)


def counts_behind(
    estimate: Floats, lower: Floats, upper: Floats, n: Floats, off: tuple[Floats, Floats, Floats], level: float
) -> tuple[Floats, Floats]:
    """Fewest and most persons that fit a printed share, its printed interval and its whole number of persons.

    Parameters
    ----------
    estimate, lower, upper, n : ndarray, shape (k,)
        As printed; ``lower`` and ``upper`` are NaN where there are none, or where they are not Wilson's.
    off : three ndarray, shape (k,)
        How far rounding can have moved estimate, lower and upper.
    level : float
        Confidence level of the interval.

    Returns
    -------
    fewest, most : ndarray, shape (k,)
        ``0 <= fewest <= most <= n``. An interval that fits no count at all is left aside.
    """
    fewest = np.clip(np.ceil((estimate - off[0]) * n - TOUCH * n - TOUCH), 0, n)
    most = np.clip(np.floor((estimate + off[0]) * n + TOUCH * n + TOUCH), fewest, n)
    sizes = (most - fewest + 1).astype(np.int64)
    cell = np.repeat(np.arange(len(n)), sizes)
    count = fewest[cell] + np.arange(len(cell)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    low, high = wilson(count, n[cell], level)
    fits = np.isnan(lower[cell]) | (np.abs(low - lower[cell]) <= off[1][cell] + TOUCH)
    fits &= np.isnan(upper[cell]) | (np.abs(high - upper[cell]) <= off[2][cell] + TOUCH)
    least, largest = fewest.copy(), most.copy()
    first = np.full(len(n), np.inf)
    last = np.full(len(n), -np.inf)
    np.minimum.at(first, cell[fits], count[fits])
    np.maximum.at(last, cell[fits], count[fits])
    some = np.isfinite(first)
    least[some], largest[some] = first[some], last[some]
    return least, largest
