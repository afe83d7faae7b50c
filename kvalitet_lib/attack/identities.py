"""How counts of the same persons hang together: parts of a whole, one within another, nobody in both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kvalitet_lib.attack.definitions import APART, PARTS_OF_A_WHOLE, WITHIN
from kvalitet_lib.attack.populations import DIFFERENT_VALUES, ENOUGH_CELLS
from kvalitet_lib.attack.printed import Floats
from kvalitet_lib.attack.quantities import Quantities
from kvalitet_lib.attack.relations import Relations, relations

MOST_PARTS = 4
# Beyond so many indicators of one population only pairs and triples are tried.
MANY_SHARES = 10


@dataclass(frozen=True)
class _Shares:
    """Counts of one population: rows are places, columns indicators; ``place`` is -1 where there is no such figure.

    ``truth`` and ``true_n`` are what those who know have said, NaN where nobody has.
    """

    names: list[str]
    place: NDArray[np.int64]
    persons: NDArray[np.int64]
    low: Floats
    high: Floats
    n: Floats
    truth: Floats
    true_n: Floats


@dataclass(frozen=True)
class _Rule:
    """``low n <= sum of factor x count <= high n``, over some columns."""

    columns: tuple[int, ...]
    factors: tuple[int, ...]
    low: float
    high: float


def identities(cells: pd.DataFrame, found: Quantities) -> list[Relations]:
    """Every rule between counts that holds in all visible cells, written for all cells; and no count above its persons."""
    counted = cells[cells["counted"]]
    persons, count, rest = (one[counted.index] for one in (found.persons, found.count, found.rest))
    size = len(found.low)
    each, told = np.arange(len(counted)), rest < 0
    of_all = [(each, count, 1.0), (each[~told], rest[~told], 1.0), (each, persons, -1.0)]
    written = [relations(of_all, len(counted), size).within(np.where(told, -np.inf, 0.0), 0.0)]
    for _, rows in counted.groupby("population"):
        shares = _shares(rows, found)
        written += [_written(shares, rule, size) for rule in _rules(shares)]
    return written


def _shares(rows: pd.DataFrame, found: Quantities) -> _Shares:
    names = sorted(rows["indicator"].unique())
    line, places = pd.factorize(rows["place"])
    column = pd.Categorical(rows["indicator"], categories=names).codes
    place = np.full((len(places), len(names)), -1, dtype=np.int64)
    persons = place.copy()
    place[line, column], persons[line, column] = found.count[rows.index], found.persons[rows.index]
    there = place >= 0
    low, high, exact = (np.where(there, one[place], np.nan) for one in (found.low, found.high, found.exact))
    n = np.where(persons >= 0, found.exact[persons], np.nan)
    hidden = there & np.isnan(exact) & (high - low >= n)
    truth, true_n = np.where(there, found.truth[place], np.nan), np.where(persons >= 0, found.truth[persons], np.nan)
    return _Shares(names, place, persons, np.where(hidden, np.nan, low), np.where(hidden, np.nan, high), n, truth, true_n)


def _rules(shares: _Shares) -> Iterator[_Rule]:
    columns = range(len(shares.names))
    most = MOST_PARTS if len(columns) <= MANY_SHARES else MOST_PARTS - 1
    for size in range(2, most + 1):
        for chosen in combinations(columns, size):
            yield from _if_believed(shares, _Rule(chosen, (1,) * size, 1, 1), PARTS_OF_A_WHOLE)
    for one, other in combinations(columns, 2):
        apart = _Rule((one, other), (1, 1), -np.inf, 1)
        yield from _if_believed(shares, apart, APART)
        for third in columns:
            if third not in (one, other):
                yield from _if_believed(shares, _Rule((one, other, third), (1, 1, -1), 0, 0), ())
    for one in columns:
        for other in columns:
            if one != other:
                yield from _if_believed(shares, _Rule((one, other), (1, -1), -np.inf, 0), WITHIN)


def _if_believed(shares: _Shares, rule: _Rule, defined: tuple[tuple[str, ...], ...]) -> Iterator[_Rule]:
    """The rule, when no visible cell contradicts it and enough of them, or the definitions, bear it out.

    That counts add up in every visible cell is no coincidence; that one is never above another often is, and is believed
    only where the definitions say so.
    """
    columns, factors = list(rule.columns), np.array(rule.factors, dtype=np.float64)
    low, high = shares.low[:, columns], shares.high[:, columns]
    least = np.where(factors > 0, low, -high).sum(axis=1)
    most = np.where(factors > 0, high, -low).sum(axis=1)
    n = shares.n[:, columns[0]]
    floor, ceiling = _times(rule.low, n), _times(rule.high, n)
    visible = ~np.isnan(least + n)
    if (visible & ((most < floor) | (least > ceiling))).any() or _known_false(shares, rule):
        return
    exact = visible & (least == most)
    values = {tuple(line) for line in np.column_stack([low[exact], n[exact]])}
    adds_up = np.isfinite(rule.low)
    borne_out = adds_up and exact.sum() >= ENOUGH_CELLS and len(values) >= DIFFERENT_VALUES
    by_definition = tuple(shares.names[column] for column in columns) in {_ordered(names, rule) for names in defined}
    if by_definition or borne_out:
        yield rule


def _known_false(shares: _Shares, rule: _Rule) -> bool:
    """Whether those who know have seen the rule broken: then what follows from it is no knowledge."""
    columns = list(rule.columns)
    told = (shares.truth[:, columns] * np.array(rule.factors)).sum(axis=1)
    n = shares.true_n[:, columns[0]]
    return bool(((told < _times(rule.low, n)) | (told > _times(rule.high, n))).any())


def _times(end: float, n: Floats) -> Floats:
    """One end of a rule for each place; a rule without that end has none anywhere, not even where there is nobody."""
    return end * n if end == 1 else np.full(len(n), end)


def _ordered(names: tuple[str, ...], rule: _Rule) -> tuple[str, ...]:
    return names if -1 in rule.factors else tuple(sorted(names))


def _written(shares: _Shares, rule: _Rule, size: int) -> Relations:
    columns = list(rule.columns)
    there = (shares.place[:, columns] >= 0).all(axis=1)
    lines = np.arange(int(there.sum()))
    entries = [(lines, shares.place[there, column], float(factor)) for column, factor in zip(columns, rule.factors, strict=True)]
    if rule.high == 1:
        entries.append((lines, shares.persons[there, columns[0]], -1.0))
    return relations(entries, len(lines), size).within(0.0 if np.isfinite(rule.low) else -np.inf, 0.0)
