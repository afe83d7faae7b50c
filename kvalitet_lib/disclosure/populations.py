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
POINT = ["level", "unit", "school_year"]
SERIES = ["indicator", "breakdown", "group"]
FEWEST_CELLS = 5  # fewer agreeing cells are a coincidence
MOST_TERMS = 4
# Series are many, and small numbers agree by chance: they must agree longer before one believes it.
FEWEST_POINTS = 8
DIFFERENT_VALUES = 4


@dataclass(frozen=True)
class Known:
    """What holds between counts of the same persons, besides what adds up in a table.

    ``sums``: counts that make up one another, or the whole group (then the relation has no total).
    ``nested``: pairs of cells (part, whole) where whoever counts in the first counts in the second.
    """

    sums: Tables
    nested: np.ndarray


@dataclass(frozen=True)
class Groups:
    """The groups of persons behind the figures.

    Attributes
    ----------
    of : int array, one per figure
        Number of the group the figure rests on; figures on the same persons share it.
    told : int array, shape (k, 2)
        Figures (first) that tell how many are in another group (second): the newly arrived are a share's count and a
        group of its own, and those with and without data are known from a figure and its share without data.
    counted : bool array, one per row of ``told``
        It is the figure's count that is the other group.
    """

    of: np.ndarray
    told: np.ndarray
    counted: np.ndarray

    def among(self, figures: np.ndarray) -> Groups:
        """The same for some of the figures, both numbered anew."""
        number = np.where(figures, np.cumsum(figures) - 1, -1)
        names, of = np.unique(self.of[figures], return_inverse=True)
        there = (number[self.told[:, 0]] >= 0) & np.isin(self.told[:, 1], names)
        told = np.column_stack([number[self.told[there, 0]], np.searchsorted(names, self.told[there, 1])])
        return Groups(of, told, self.counted[there])


def groups_of(cells: pd.DataFrame) -> Groups:
    """Which figures rest on the same persons, and which tell the size of another group.

    Series of figures are one number when they agree in every unit and year that has both (in at least eight, with four
    different values), or when their indicators' numbers of persons agree throughout.

    Parameters
    ----------
    cells : DataFrame
        ``indicator``, ``PLACE``, ``n``, ``missing`` and ``count``; index 0 … len - 1.
    """
    point = cells.groupby(POINT, sort=False).ngroup().to_numpy()
    series = cells.groupby(SERIES, sort=False).ngroup().to_numpy()
    names = cells.assign(series=series).drop_duplicates("series")[SERIES].reset_index(drop=True)
    shape = (len(names), int(point.max(initial=-1)) + 1)
    members = (cells["n"] / (1 - cells["missing"].where(cells["missing"].between(0, 0.999, inclusive="left")))).round()
    persons, counts, everybody = (_by_series(series, point, one, shape) for one in (cells["n"], cells["count"], members))
    together = _Agreement(persons, persons)
    by_meaning = _may_be_one(names, _populations(cells))
    one_of = _classes(together, (together.alike & by_meaning[0]) | by_meaning[1])
    _, of = np.unique(one_of[series] * shape[1] + point, return_inverse=True)
    group_at = np.full((int(one_of.max(initial=-1)) + 1, shape[1]), -1)
    group_at[one_of[series], point] = of
    told, counted = [np.empty((0, 2), int)], [np.empty(0, bool)]
    for numbers, is_count in ((counts, True), (everybody, False)):
        other = _Agreement(numbers, persons)
        for one, at in _once(other, one_of):
            if at == one_of[one]:
                continue
            figures = np.flatnonzero(series == one)
            groups = group_at[at, point[figures]]
            use = (groups >= 0) & ~np.isnan(numbers[one, point[figures]])
            told.append(np.column_stack([figures[use], groups[use]]))
            counted.append(np.full(int(use.sum()), is_count))
    return Groups(of, np.concatenate(told), np.concatenate(counted))


def _by_series(series: np.ndarray, point: np.ndarray, values: pd.Series, shape: tuple[int, int]) -> np.ndarray:
    found = np.full(shape, np.nan)
    found[series, point] = values.to_numpy(float)
    return found


class _Agreement:
    """Between every series of one kind and every one of another: whether they agree, and whether they ever differ."""

    def __init__(self, ones: np.ndarray, others: np.ndarray) -> None:
        there, with_others = (~np.isnan(ones)).astype(float), (~np.isnan(others)).astype(float)
        a, b = np.nan_to_num(ones), np.nan_to_num(others)
        apart = a**2 @ with_others.T + there @ (b**2).T - 2 * a @ b.T
        self.differ = apart > 0.5
        self.common = there @ with_others.T
        self.alike = ~self.differ & (self.common >= FEWEST_POINTS)
        for one, other in np.argwhere(self.alike):
            both = ~np.isnan(ones[one]) & ~np.isnan(others[other])
            self.alike[one, other] = len(np.unique(ones[one][both])) >= DIFFERENT_VALUES


def _may_be_one(names: pd.DataFrame, populations: dict[str, int]) -> tuple[np.ndarray, np.ndarray]:
    """Which series can be the same persons by their meaning (a group is no whole, a year group may be), and which are."""
    breakdown, group = names["breakdown"].to_numpy(), names["group"].to_numpy()
    same = breakdown[:, None] == breakdown
    whole_or_year = np.isin(breakdown, ["all", "year_group"])
    population = names["indicator"].map(populations).to_numpy()
    return same | whole_or_year[:, None] & whole_or_year, same & (group[:, None] == group) & (population[:, None] == population)


def _classes(agreement: _Agreement, pairs: np.ndarray) -> np.ndarray:
    """A number for every series: those that pair, unless that would make one of two that differ."""
    one_of = np.arange(len(pairs))
    where = np.argwhere(np.triu(pairs, 1))
    for one, other in where[np.argsort(-agreement.common[tuple(where.T)], kind="stable")]:
        if one_of[one] != one_of[other]:
            mine, theirs = np.flatnonzero(one_of == one_of[one]), np.flatnonzero(one_of == one_of[other])
            if not agreement.differ[np.ix_(mine, theirs)].any():
                one_of[theirs] = one_of[one]
    return np.unique(one_of, return_inverse=True)[1]


def _once(agreement: _Agreement, one_of: np.ndarray) -> Iterator[tuple[int, int]]:
    """Each series with each class it agrees with and differs from no member of."""
    for one in np.flatnonzero(agreement.alike.any(axis=1)):
        for at in np.unique(one_of[agreement.alike[one]]):
            if not agreement.differ[one, one_of == at].any():
                yield int(one), int(at)


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
