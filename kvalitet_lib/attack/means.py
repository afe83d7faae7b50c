"""Means of small groups read back: a whole's sum less the sums of all its other parts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from kvalitet_lib.attack.bounding import System
from kvalitet_lib.attack.narrowing import believable
from kvalitet_lib.attack.printed import Floats, half_a_unit, numbers
from kvalitet_lib.attack.reading import Seen
from kvalitet_lib.attack.relations import TOUCH, Relations
from kvalitet_lib.attack.rules import facts_of
from kvalitet_lib.attack.weakness import CELL, Weakness
from kvalitet_lib.indicators import Kind


def means_read_back(system: System, seen: Seen, weak: Sequence[Weakness], narrow: float) -> list[Weakness]:
    """Hidden means of few persons, known to be few, that are pinned to within one printed unit.

    Only what somebody outside can tell: of every such figure the number of persons is among ``weak`` already.
    """
    few = {tuple(getattr(one, name) for name in CELL) for one in weak if one.quantity == "n" and not one.readers}
    cells = system.cells
    facts = cells["indicator"].map(facts_of)
    mean = np.array([one.kind is Kind.MEAN for one in facts], dtype=bool)
    asked = np.array([cell in few for cell in cells[CELL].itertuples(index=False, name=None)], dtype=bool) & mean
    if not asked.any():
        return []
    low_n, high_n = (bound[system.found.persons] for bound in (system.low, system.high))
    low, high = _printed_sums(cells, seen, low_n, high_n)
    of_means = _only(system.sums, mean)
    _, low, high = believable(of_means, low, high, np.zeros(len(low), dtype=bool))
    unit = np.array([10.0**-one.decimals for one in facts])
    least, most = low / np.maximum(high_n, 1), high / np.maximum(low_n, 1)
    pinned = asked & (low_n >= 1) & (high_n - low_n < narrow - TOUCH) & (most - least <= unit + TOUCH)
    return [Weakness("recovered", "sum", *cell) for cell in cells.loc[pinned, CELL].itertuples(index=False, name=None)]


def _printed_sums(cells: pd.DataFrame, seen: Seen, low_n: Floats, high_n: Floats) -> tuple[Floats, Floats]:
    """Bounds of each cell's sum: the mean times the persons as printed, else the scale times the persons there can be."""
    shown = cells[CELL].merge(seen.figures.drop_duplicates(CELL), on=CELL, how="left")
    visible = ~cells["hidden"].to_numpy() & shown["estimate"].ne("").to_numpy()
    facts = cells["indicator"].map(facts_of)
    off = half_a_unit(shown["estimate"], np.array([one.decimals for one in facts], dtype=np.int64))
    estimate = numbers(shown["estimate"])
    bottom, top = (np.array([one.scale[end] for one in facts]) for end in (0, 1))
    low = np.where(visible, (estimate - off) * low_n, np.minimum(bottom * low_n, bottom * high_n))
    return low, np.where(visible, (estimate + off) * high_n, np.maximum(top * high_n, top * low_n))


def _only(sums: Relations, chosen: np.ndarray) -> Relations:
    """The sums all of whose cells are chosen, of cells instead of quantities, where nothing is left over."""
    others = abs(sums.matrix) @ (~chosen).astype(np.float64)
    exact = sums.rows((others == 0) & (sums.low == 0) & (sums.high == 0))
    return Relations(sparse.csr_array(exact.matrix), exact.low, exact.high)
