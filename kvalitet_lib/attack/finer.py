"""Shares that comparisons state with more decimals than the figures themselves are shown with."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kvalitet_lib.attack.compared import reference_cells
from kvalitet_lib.attack.printed import TOUCH, decimals, numbers
from kvalitet_lib.attack.reading import Seen
from kvalitet_lib.attack.weakness import CELL


def with_finer_counts(cells: pd.DataFrame, seen: Seen) -> pd.DataFrame:
    """The cells with counts narrowed by what comparisons tell of the unrounded shares; as they are when they tell nothing.

    A reference printed with more decimals than its own figure tells it more finely, and so does a reference with a
    difference beside it. Comparisons made from the figures as they are shown tell nothing new: that is what they are
    taken for when every one of them can be worked out so.
    """
    stated = _stated(seen)
    if not stated["apart"].any():
        return cells
    bounds = stated.groupby(CELL).agg(finest=("low", "max"), coarsest=("high", "min")).reset_index()
    both = cells.merge(bounds, on=CELL, how="left").set_axis(cells.index)
    n = both["persons_low"].where(both["counted"] & ~both["hidden"] & both["persons_low"].eq(both["persons_high"]))
    low = np.fmax(cells["count_low"], np.ceil(n * both["finest"] - TOUCH))
    high = np.fmin(cells["count_high"], np.floor(n * both["coarsest"] + TOUCH))
    fits = low <= high
    return cells.assign(count_low=cells["count_low"].mask(fits, low), count_high=cells["count_high"].mask(fits, high))


def _stated(seen: Seen) -> pd.DataFrame:
    """Every share a comparison states: its bounds, and whether they are apart from the share as it is shown."""
    rows = seen.comparisons[seen.comparisons["reference_estimate"].ne("")]
    shown = seen.figures[
        seen.figures["method"].eq("wilson") & seen.figures["shown"].eq("yes") & seen.figures["source"].isin(["local", ""])
    ].drop_duplicates(CELL)
    printed = shown[CELL].assign(printed=numbers(shown["estimate"]))
    reference, difference = numbers(rows["reference_estimate"]), numbers(rows["difference"])
    off_reference, off_difference = (_half_a_unit(rows[name]) for name in ("reference_estimate", "difference"))
    references = reference_cells(rows, seen).assign(value=reference, off=off_reference)
    owns = rows[CELL].assign(value=reference + difference, off=off_reference + off_difference)
    stated = pd.concat([owns, references]).dropna(subset="value").merge(printed, on=CELL)
    apart = (stated["value"] - stated["printed"]).abs()
    return stated.assign(
        low=stated["value"] - stated["off"], high=stated["value"] + stated["off"], apart=apart > stated["off"] + TOUCH
    )


def _half_a_unit(texts: pd.Series) -> float:
    """Half of the last decimal of a column: zeros at the end are not printed, so its finest number tells."""
    return 0.5 * 10.0 ** -int(decimals(texts).max(initial=2))
