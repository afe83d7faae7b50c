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
    size : float array, one per group
        How many they are.
    figure : int array, one per group
        A figure that rests on it, or else one that tells it.
    """

    of: np.ndarray
    told: np.ndarray
    counted: np.ndarray
    size: np.ndarray
    figure: np.ndarray

    def among(self, figures: np.ndarray) -> Groups:
        """The same for some of the figures, both numbered anew."""
        number = np.where(figures, np.cumsum(figures) - 1, -1)
        there = number[self.told[:, 0]] >= 0
        names = np.union1d(self.of[figures], self.told[there, 1])
        told = np.column_stack([number[self.told[there, 0]], np.searchsorted(names, self.told[there, 1])])
        of = np.searchsorted(names, self.of[figures])
        return Groups(of, told, self.counted[there], self.size[names], number[self.figure[names]])


def groups_of(cells: pd.DataFrame) -> Groups:
    """Which figures rest on the same persons, and which tell the size of another group.

    Every figure states up to three numbers: its persons, how many of them are counted, and how many there are with and
    without data. Series of such numbers are one when they agree in every unit and year that has both (in at least
    eight, with four different values), or when their indicators' numbers of persons agree throughout.

    Parameters
    ----------
    cells : DataFrame
        ``indicator``, ``PLACE``, ``n``, ``missing`` and ``count``; index 0 … len - 1.
    """
    point = cells.groupby(POINT, sort=False).ngroup().to_numpy()
    series = cells.groupby(SERIES, sort=False).ngroup().to_numpy()
    names = cells.assign(series=series).drop_duplicates("series")[SERIES].reset_index(drop=True)
    members = (cells["n"] / (1 - cells["missing"].where(cells["missing"].between(0, 0.999, inclusive="left")))).round()
    numbers = np.concatenate([one.to_numpy(float) for one in (cells["n"], cells["count"], members)])
    each = np.concatenate([series + kind * len(names) for kind in range(3)])
    at, figure = np.tile(point, 3), np.tile(np.arange(len(cells)), 3)
    stated = np.full((3 * len(names), int(point.max(initial=-1)) + 1), np.nan)
    stated[each, at] = numbers
    one_of = _classes(_Agreement(stated), *_may_be_one(names, _populations(cells)))
    group = one_of[each] * stated.shape[1] + at
    rests = np.repeat([True, False, False], len(cells))
    told = ~rests & ~np.isnan(numbers) & (group != np.tile(group[: len(cells)], 3))
    shared = np.isin(group, group[rests]) | (np.bincount(group, told, minlength=group.max(initial=0) + 1) > 1)[group]
    used = rests | told & shared
    _, first, number = np.unique(group[used], return_index=True, return_inverse=True)
    others = ~rests[used]
    return Groups(
        of=number[~others],
        told=np.column_stack([figure[used][others], number[others]]),
        counted=each[used][others] < 2 * len(names),
        size=numbers[used][first],
        figure=figure[used][first],
    )


class _Agreement:
    """Between every two series: in how many places they meet, whether they agree there, and whether they ever differ."""

    def __init__(self, stated: np.ndarray) -> None:
        there = (~np.isnan(stated)).astype(float)
        numbers = np.nan_to_num(stated)
        apart = numbers**2 @ there.T + there @ (numbers**2).T - 2 * numbers @ numbers.T
        self.differ = apart > 0.5
        self.common = there @ there.T
        self.alike = np.triu(~self.differ & (self.common >= FEWEST_POINTS), 1)
        for one, other in np.argwhere(self.alike):
            values = stated[one][~np.isnan(stated[one]) & ~np.isnan(stated[other])]
            self.alike[one, other] = len(np.unique(values)) >= DIFFERENT_VALUES


def _may_be_one(names: pd.DataFrame, populations: dict[str, int]) -> tuple[np.ndarray, np.ndarray]:
    """Which series can be the same persons by their meaning (a group is no whole, a year group may be), and which are."""
    breakdown, group = names["breakdown"].to_numpy(), names["group"].to_numpy()
    same = breakdown[:, None] == breakdown
    whole_or_year = np.isin(breakdown, ["all", "year_group"])
    population = names["indicator"].map(populations).to_numpy()
    may, are = np.ones((3 * len(names),) * 2, bool), np.zeros((3 * len(names),) * 2, bool)
    may[: len(names), : len(names)] = same | whole_or_year[:, None] & whole_or_year
    are[: len(names), : len(names)] = same & (group[:, None] == group) & (population[:, None] == population)
    return may, are


def _classes(agreement: _Agreement, may: np.ndarray, are: np.ndarray) -> np.ndarray:
    """A number for every series: those that agree, unless that would make one of two that differ."""
    one_of = np.arange(len(may))
    where = np.argwhere(np.triu(agreement.alike & may | are, 1))
    for one, other in where[np.argsort(-agreement.common[tuple(where.T)], kind="stable")]:
        if one_of[one] != one_of[other]:
            mine, theirs = np.flatnonzero(one_of == one_of[one]), np.flatnonzero(one_of == one_of[other])
            if not agreement.differ[np.ix_(mine, theirs)].any():
                one_of[theirs] = one_of[one]
    return np.unique(one_of, return_inverse=True)[1]


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
