"""Which figures rest on the same persons, and which counts follow from others: what a reader knows from definitions.

Definitions are many and change; what always holds between the figures of all schools and years is taken to be known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from kvalitet_lib.disclosure.tables import Tables

PLACE = ["level", "unit", "school_year", "breakdown", "group"]
FEWEST_CELLS = 5  # fewer agreeing cells are a coincidence
FEWEST_UNITS = 3
MOST_TERMS = 4


@dataclass(frozen=True)
class Known:
    """What holds between counts of the same persons, besides what adds up in a table.

    ``sums``: counts that make up one another, or the whole group (then the relation has no total).
    ``nested``: pairs of cells (part, whole) where whoever counts in the first counts in the second.
    """

    sums: Tables
    nested: np.ndarray


def persons_of(cells: pd.DataFrame) -> np.ndarray:
    """A number for the group of persons behind each figure: figures on the same persons share it.

    Two figures rest on the same persons when their ``n`` agree in every unit of the year (at least three units).
    """
    by_column = cells.pivot_table(
        index=["indicator", "school_year", "breakdown", "group"], columns="unit", values="n", observed=True, sort=False
    )
    agreed = by_column.notna().sum(axis=1).ge(FEWEST_UNITS)
    same = _populations(cells)
    print_of = [
        row.tobytes() if enough else f"{same[column[0]]}|{column[2:]}".encode()
        for row, enough, column in zip(by_column.fillna(-1).to_numpy(), agreed, by_column.index, strict=True)
    ]
    number = pd.Series(pd.factorize(np.array(print_of, dtype=object))[0], index=by_column.index)
    columns = number.reindex(pd.MultiIndex.from_frame(cells[by_column.index.names])).to_numpy()
    return cells.assign(column=columns).groupby(["column", "level", "unit", "school_year"]).ngroup().to_numpy()


def known_of(cells: pd.DataFrame) -> Known:
    """Sums and nestings between the counts of indicators on the same persons, that hold in every cell.

    Parameters
    ----------
    cells : DataFrame
        ``indicator``, ``PLACE``, ``n`` and ``count``; index 0 … len - 1.
    """
    counted = cells[cells["count"].notna()]
    same = _populations(counted)
    relations: list[tuple[np.ndarray, list[float]]] = []
    nested: list[np.ndarray] = []
    for _, names in pd.Series(list(same), index=list(same.values())).groupby(level=0):
        rows = counted[counted["indicator"].isin(names)]
        at = rows.assign(cell=rows.index).pivot(index=PLACE, columns="indicator", values=["cell", "count", "n"])
        for chosen, signs in _sums(at["count"], at["n"]):
            relations.append((_whole(at["cell"][chosen]), signs))
        for part, whole in _nestings(at["count"]):
            nested.append(_whole(at["cell"][[part, whole]]))
    return Known(_as_tables(relations), np.concatenate(nested) if nested else np.empty((0, 2), int))


def _whole(cells: pd.DataFrame) -> np.ndarray:
    return cells.dropna().to_numpy(int)


def _populations(cells: pd.DataFrame) -> dict[str, int]:
    """Indicator → number of its population: indicators whose ``n`` agree in every cell they share."""
    n = cells.pivot_table(index=PLACE, columns="indicator", values="n", sort=False, observed=True)
    values = n.to_numpy()
    number = {name: place for place, name in enumerate(n.columns)}
    for first, second in combinations(range(len(n.columns)), 2):
        shared = values[:, [first, second]]
        shared = shared[~np.isnan(shared).any(axis=1)]
        if len(shared) >= FEWEST_CELLS and (shared[:, 0] == shared[:, 1]).all() and np.ptp(shared[:, 0]) > 0:
            number[n.columns[second]] = number[n.columns[first]]
    return number


def _sums(counts: pd.DataFrame, persons: pd.DataFrame) -> Iterator[tuple[list[str], list[float]]]:
    n = persons.max(axis=1)
    for size in range(2, MOST_TERMS + 1):
        for parts in combinations(counts.columns, size):
            together = counts[list(parts)].sum(axis=1, skipna=False)
            if _always(together.eq(n), together):
                yield list(parts), [1.0] * size
            for total in counts.columns.difference(parts):
                if size < MOST_TERMS and _always(together.eq(counts[total]), together + counts[total]):
                    yield [*parts, total], [1.0] * size + [-1.0]
    for one, other in combinations(counts.columns, 2):
        if _always(counts[one].eq(counts[other]), counts[one] + counts[other]):
            yield [one, other], [1.0, -1.0]


def _nestings(counts: pd.DataFrame) -> Iterator[tuple[str, str]]:
    for one in counts.columns:
        for other in counts.columns.drop(one):
            if _always(counts[one].le(counts[other]), counts[one] + counts[other]):
                yield one, other


def _always(holds: pd.Series, defined: pd.Series) -> bool:
    where = defined.notna()
    return int(where.sum()) >= FEWEST_CELLS and bool(holds[where].all())


def _as_tables(relations: list[tuple[np.ndarray, list[float]]]) -> Tables:
    relation, cell, sign, first = [np.empty(0, int)], [np.empty(0, int)], [np.empty(0)], 0
    for cells, signs in relations:
        relation.append(np.repeat(np.arange(first, first + len(cells)), len(signs)))
        cell.append(cells.ravel())
        sign.append(np.tile(signs, len(cells)))
        first += len(cells)
    return Tables(np.concatenate(relation), np.concatenate(cell), np.concatenate(sign), np.zeros(first, bool))
