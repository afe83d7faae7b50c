"""What releases seen before add: figures hidden since, and small changes of figures shown twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from kvalitet_lib.attack.cells import MANY, Cells, cells_of
from kvalitet_lib.attack.printed import TOUCH, Floats, decimals, numbers
from kvalitet_lib.attack.reading import Seen
from kvalitet_lib.attack.rules import facts_of
from kvalitet_lib.attack.weakness import CELL, Weakness
from kvalitet_lib.indicators import Kind

BOUNDS = ["persons_low", "persons_high", "count_low", "count_high"]
PRINTED = [*CELL, "estimate", "lower", "upper", "n", "missing", "shown"]
BLOCK = ["indicator", "level", "unit", "school_year"]


def with_earlier(cells: pd.DataFrame, earlier: Sequence[Seen], facts: pd.DataFrame) -> pd.DataFrame:
    """The cells with what earlier releases say of them, wherever the unit's figures have not changed since.

    ``facts`` has ``persons`` and ``count`` of each cell: where they are known, they say whether the earlier figure still
    holds. What follows from one that does not is no knowledge.
    """
    for before in earlier:
        old = cells_of(before).frame
        both = cells.merge(old[[*CELL, *BOUNDS]], on=CELL, how="left", suffixes=("", "_old")).set_axis(cells.index)
        there = both["persons_high_old"].lt(MANY)
        agree = _overlap(both, "persons") & (_overlap(both, "count") | both["count_low"].isna())
        compared = there & ~both["hidden"]
        same_block = (agree | ~compared).groupby([both[name] for name in BLOCK]).transform("all")
        known = facts["persons"].notna()
        holds = facts["persons"].between(both["persons_low_old"], both["persons_high_old"])
        holds &= facts["count"].isna() | facts["count"].between(both["count_low_old"], both["count_high_old"])
        use = there & agree & same_block.where(~known, holds)
        narrower = {name: np.fmax if name.endswith("low") else np.fmin for name in BOUNDS}
        cells = cells.assign(
            **{name: both[name].mask(use, tighter(both[name], both[f"{name}_old"])) for name, tighter in narrower.items()}
        )
    return cells


def with_ledgers(seen: Seen, earlier: Sequence[Seen]) -> list[Seen]:
    """Earlier releases, and beside them what the ledgers tell of releases that are gone; oldest first."""
    stated = pd.MultiIndex.from_frame(pd.concat([one.figures[PRINTED] for one in (*earlier, seen)]))
    before: list[Seen] = []
    for one in (*earlier, seen):
        gone = one.ledger[~pd.MultiIndex.from_frame(one.ledger[PRINTED]).isin(stated)]
        before += [replace(one, figures=gone)] if len(gone) else []
        before += [one] if one is not seen else []
    return before


def _overlap(both: pd.DataFrame, name: str) -> pd.Series:
    return both[f"{name}_low"].le(both[f"{name}_high_old"]) & both[f"{name}_low_old"].le(both[f"{name}_high"])


def small_changes(seen: Seen, cells: Cells, earlier: Sequence[Seen]) -> list[Weakness]:
    """Figures shown in both releases that changed by so little that the change is a pupil or a few."""
    weak: list[Weakness] = []
    for before in earlier:
        old, now = _shown(before, cells_of(before)), _shown(seen, cells)
        both = now.merge(old, on=CELL, suffixes=("", "_old"))
        smallest = both["indicator"].map(lambda one: facts_of(one).smallest(seen.rules)).to_numpy(dtype=np.float64)
        moved = np.maximum(both["persons_low"] - both["persons_high_old"], both["persons_low_old"] - both["persons_high"])
        few = (moved > 0) & (moved < smallest)
        same = both["persons_low"].eq(both["persons_low_old"]) & both["persons_high"].eq(both["persons_high_old"])
        weak += _derived("n", both[few])
        weak += _derived("count", both[same & _few_counted(both, smallest)])
        weak += _derived("sum", both[same & _few_in_mean(both, smallest)])
    return weak


def _shown(seen: Seen, cells: Cells) -> pd.DataFrame:
    figures = seen.figures.drop_duplicates(CELL)
    estimates = figures[CELL].assign(estimate=numbers(figures["estimate"]), decimals=decimals(figures["estimate"]))
    visible = cells.frame[~cells.frame["hidden"] & cells.frame["persons_high"].lt(MANY)]
    return visible[[*CELL, *BOUNDS, "counted"]].merge(estimates, on=CELL)


def _few_counted(both: pd.DataFrame, smallest: Floats) -> pd.Series:
    """The count surely changed, and surely by fewer than the smallest group."""
    apart = np.maximum(both["count_low"] - both["count_high_old"], both["count_low_old"] - both["count_high"])
    most = np.maximum(both["count_high"] - both["count_low_old"], both["count_high_old"] - both["count_low"])
    return both["counted"] & (apart > 0) & (most < smallest)


def _few_in_mean(both: pd.DataFrame, smallest: Floats) -> pd.Series:
    """The mean changed by no more than a group smaller than the smallest can change it."""
    facts = both["indicator"].map(facts_of)
    mean = np.array([one.kind is Kind.MEAN for one in facts], dtype=bool)
    reach = np.array([one.scale[1] - one.scale[0] for one in facts], dtype=np.float64)
    allowed = np.array([one.decimals for one in facts], dtype=np.int64)
    change = (both["estimate"] - both["estimate_old"]).abs()
    # Where one of the two is printed more finely, only more than rounding is a change.
    finer = both[["decimals", "decimals_old"]].max(axis=1) > allowed
    changed = change.gt(np.where(finer, 0.5 * 10.0**-allowed, 0.0) + TOUCH)
    return mean & changed & (change * both["persons_high"]).lt(smallest * reach)


def _derived(quantity: str, rows: pd.DataFrame) -> list[Weakness]:
    return [Weakness("derived", quantity, *cell) for cell in rows[CELL].itertuples(index=False, name=None)]
