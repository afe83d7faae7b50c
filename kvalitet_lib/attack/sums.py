"""What adds up: groups to the whole, schools to the municipality, as far as everything visible shows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kvalitet_lib.attack.cells import MANY
from kvalitet_lib.attack.printed import Floats
from kvalitet_lib.attack.quantities import Quantities
from kvalitet_lib.attack.relations import Relations, relations, together

# With fewer fully visible examples a difference seen is no bound of those unseen.
ENOUGH_EXAMPLES = 5


@dataclass(frozen=True)
class _Sums:
    """Sums of one kind: the cells of each (``row``, ``cell``, ``factor``), and which may be learned from together."""

    row: NDArray[np.int64]
    cell: NDArray[np.int64]
    factor: Floats
    alike: pd.DataFrame  # one line per row: population, breakdown, level


@dataclass(frozen=True)
class AddingUp:
    """Sums of persons and of counts as relations between quantities, and sums of persons as relations between cells."""

    quantities: list[Relations]
    cells: Relations


def adding_up(cells: pd.DataFrame, found: Quantities, units: pd.DataFrame, code: str) -> AddingUp:
    """Everything that adds up, with the differences that what is visible allows."""
    own = own_schools(cells, found, units, code)
    kinds = [one for one in (_groups_in_whole(cells), _schools_in_municipality(cells, own, code)) if len(one.alike)]
    quantities: list[Relations] = []
    between = [relations([((), (), 1.0)], 0, len(cells))]
    for sums in kinds:
        persons, counts = _learned(found, sums)
        quantities += [persons, *counts]
        between.append(_of(np.arange(len(cells)), sums, len(cells)).within(persons.low, persons.high))
    return AddingUp(quantities, together(between, len(cells)))


def own_schools(cells: pd.DataFrame, found: Quantities, units: pd.DataFrame, code: str) -> set[str]:
    """Which schools the municipality's figures cover: the municipal ones or all, whichever fits what is visible better."""
    schools = units[units["level"].eq("school")]
    all_schools = set(cells.loc[cells["level"].eq("school"), "unit"])
    municipal = schools["municipality"].isin([code, ""]) & schools["owner_type"].isin(["municipal", ""])
    candidates = [all_schools & set(schools.loc[municipal, "unit"]), all_schools]
    return min((one for one in candidates if one), key=lambda one: _misfit(cells, found, one, code), default=set())


def _misfit(cells: pd.DataFrame, found: Quantities, own: set[str], code: str) -> float:
    sums = _schools_in_municipality(cells, own, code)
    difference, seen = _differences(_of(found.persons, sums, len(found.low)), found)
    return float(np.abs(difference[seen]).sum())


def _groups_in_whole(cells: pd.DataFrame) -> _Sums:
    """The whole less its groups, for every unit and breakdown: nothing, or those of no known group."""
    keys = ["indicator", "level", "unit", "school_year"]
    whole = cells[cells["breakdown"].eq("all")][keys].assign(sum_cell=lambda rows: rows.index)
    parts = cells[cells["breakdown"].ne("all")].assign(part_cell=lambda rows: rows.index).merge(whole, on=keys)
    return _sums(parts, [*keys, "breakdown"])


def _schools_in_municipality(cells: pd.DataFrame, own: set[str], code: str) -> _Sums:
    """Its schools together less the municipality: nothing, or pupils counted at two schools."""
    keys = ["indicator", "school_year", "breakdown", "group"]
    municipal = cells[cells["level"].eq("municipality") & cells["unit"].eq(code)][keys].assign(sum_cell=lambda rows: rows.index)
    schools = cells[cells["level"].eq("school") & cells["unit"].isin(own)].assign(part_cell=lambda rows: rows.index)
    sums = _sums(schools.merge(municipal, on=keys), keys)
    return _Sums(sums.row, sums.cell, -sums.factor, sums.alike)


def _sums(parts: pd.DataFrame, keys: list[str]) -> _Sums:
    row = parts.groupby(keys, sort=False).ngroup().to_numpy(dtype=np.int64)
    first = parts.assign(row=row).drop_duplicates("row")
    return _Sums(
        row=np.concatenate([first["row"].to_numpy(), row]),
        cell=np.concatenate([first["sum_cell"].to_numpy(), parts["part_cell"].to_numpy()]).astype(np.int64),
        factor=np.concatenate([np.ones(len(first)), -np.ones(len(row))]),
        alike=first[["population", "breakdown", "level"]].reset_index(drop=True),
    )


def _learned(found: Quantities, sums: _Sums) -> tuple[Relations, list[Relations]]:
    """The sums of persons, and those of counts if any, each with the difference that what is visible allows."""
    size = len(found.low)
    persons = _of(found.persons, sums, size)
    difference, seen = _differences(persons, found)
    low, high = _allowed(sums.alike, difference, seen)
    counts = []
    if (found.count[sums.cell] >= 0).any():
        fewest, most = np.where(seen, difference, low), np.where(seen, difference, high)
        counts = [_of(found.count, sums, size).within(np.minimum(fewest, 0), np.maximum(most, 0))]
    return persons.within(low, high), counts


def _of(place: NDArray[np.int64], sums: _Sums, size: int) -> Relations:
    at = place[sums.cell]
    use = at >= 0
    ones = [(sums.row[use & (sums.factor == sign)], at[use & (sums.factor == sign)], float(sign)) for sign in (1, -1)]
    return relations(ones, len(sums.alike), size)


def _differences(rows: Relations, found: Quantities) -> tuple[Floats, NDArray[np.bool_]]:
    """Each sum's difference, and whether all of it is visible."""
    exact = found.exact
    hidden = np.isnan(exact).astype(np.float64)
    return rows.matrix @ np.where(np.isnan(exact), 0.0, exact), (abs(rows.matrix) @ hidden) == 0


def _allowed(alike: pd.DataFrame, difference: Floats, seen: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """How far each sum may be from nothing: not at all, unless one of its kind that is visible is."""
    examples = alike.assign(low=difference, high=difference)[seen]
    exactly = ~alike["population"].isin(examples.loc[examples["low"].ne(0), "population"])
    low, high = np.full(len(alike), np.nan), np.full(len(alike), np.nan)
    whole = examples.assign(breakdown="all")
    for pool, keys in ((examples, ["population", "breakdown", "level"]), (whole, ["population", "level"])):
        ranges = pool.groupby(keys).agg(low=("low", "min"), high=("high", "max"), size=("low", "size"))
        of_each = alike.merge(ranges[ranges["size"].ge(ENOUGH_EXAMPLES)].reset_index(), on=keys, how="left", suffixes=("", "_"))
        low = np.where(np.isnan(low), np.minimum(of_each["low"], 0), low)
        high = np.where(np.isnan(high), np.maximum(of_each["high"], 0), high)
    low, high = np.where(np.isnan(low), 0.0, low), np.where(np.isnan(high), MANY, high)
    return np.where(exactly, 0.0, low), np.where(exactly, 0.0, high)
