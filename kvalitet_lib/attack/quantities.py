"""The unknown numbers behind the cells: each once, however many figures state it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kvalitet_lib.attack.cells import MANY
from kvalitet_lib.attack.populations import echoes
from kvalitet_lib.attack.printed import Floats

NOBODYS = -1


@dataclass(frozen=True)
class Quantities:
    """Numbers of persons and counts, numbered from 0.

    Attributes
    ----------
    low, high : ndarray, shape (k,)
        What the release prints of each; the same where it is known.
    truth : ndarray, shape (k,)
        What those who know have said; NaN where nobody has.
    whole : ndarray of bool, shape (k,)
        A whole number of persons, not posts.
    school : ndarray of int, shape (k,)
        Whose it is: a number in ``schools``; ``NOBODYS`` for the municipality's.
    schools : tuple of str
        Codes.
    persons, count, rest : ndarray of int, one per cell
        The cell's quantities: its persons; those of them that are counted, -1 where it is no share of persons; and the
        others, -1 where the persons are printed, so that the count tells them.
    """

    low: Floats
    high: Floats
    truth: Floats
    whole: NDArray[np.bool_]
    school: NDArray[np.int64]
    schools: tuple[str, ...]
    persons: NDArray[np.int64]
    count: NDArray[np.int64]
    rest: NDArray[np.int64]

    @property
    def exact(self) -> Floats:
        return np.where(self.low == self.high, self.low, np.nan)


def quantities_of(cells: pd.DataFrame) -> Quantities:
    """Number the unknowns.

    ``cells`` has the columns of ``Cells.frame``, ``population`` and, from those who know, ``true_persons`` and
    ``true_count``. Figures of one population share their number of persons, unless those who know say they differ.
    """
    schools = tuple(sorted(cells.loc[cells["level"].eq("school"), "unit"].unique()))
    whose = cells["unit"].map({code: place for place, code in enumerate(schools)}).where(cells["level"].eq("school"), NOBODYS)
    persons = cells.groupby(["population", "place", cells["true_persons"].fillna(-1.0)], sort=False).ngroup().to_numpy()
    counted = cells["counted"].to_numpy()
    printed = cells["persons_low"].eq(cells["persons_high"]).groupby(persons).transform("any").to_numpy()
    count = _numbered(counted, persons.max(initial=-1))
    rest = _numbered(counted & ~printed, max(persons.max(initial=-1), count.max(initial=-1)))
    size = int(max(one.max(initial=-1) for one in (persons, count, rest))) + 1
    found = Quantities(
        low=np.zeros(size),
        high=np.full(size, MANY),
        truth=np.full(size, np.nan),
        whole=np.ones(size, dtype=bool),
        school=np.full(size, NOBODYS, dtype=np.int64),
        schools=schools,
        persons=persons.astype(np.int64),
        count=count.astype(np.int64),
        rest=rest.astype(np.int64),
    )
    cells = cells.assign(
        rest_low=(cells["persons_low"] - cells["count_high"]).clip(lower=0),
        rest_high=cells["persons_high"] - cells["count_low"],
        true_rest=cells["true_persons"] - cells["true_count"],
    )
    school = whose.to_numpy(dtype=np.int64)
    for place, name in ((persons, "persons"), (count, "count"), (rest, "rest")):
        use = place >= 0
        at = place[use]
        np.maximum.at(found.low, at, cells[f"{name}_low"].to_numpy()[use])
        np.minimum.at(found.high, at, cells[f"{name}_high"].to_numpy()[use])
        found.truth[at] = cells[f"true_{name}"].to_numpy(dtype=np.float64)[use]
        found.whole[at] = cells["whole"].to_numpy()[use]
        found.school[at] = school[use]
    return _with_room_for_truth(found)


def _numbered(chosen: NDArray[np.bool_], last: int) -> NDArray[np.int64]:
    """Numbers after the last one for the cells chosen; -1 for the others."""
    return np.where(chosen, np.cumsum(chosen) + last, -1)


def _with_room_for_truth(found: Quantities) -> Quantities:
    """Bounds that hold what is known to be true: a printed number may be wrong, and two may contradict each other."""
    apart = found.low > found.high
    low, high = np.where(apart, 0.0, found.low), np.where(apart, MANY, found.high)
    return replace(found, low=np.fmin(low, found.truth), high=np.fmax(high, found.truth))


def with_echoes(cells: pd.DataFrame, found: Quantities) -> Quantities:
    """The quantities with those made one that always were the same number where both were visible.

    The number of newly arrived pupils, say, is both a share's count and a group's number of persons; and the pupils of
    year 9 stand under the register's year groups and behind the final grades.
    """
    points = cells.groupby(["level", "unit", "school_year"], sort=False).ngroup().to_numpy()
    nowhere = np.full(len(cells), -1)
    statements = pd.concat(
        [
            _statements(cells, found.persons, "persons", cells["population"]).assign(number=np.nan),
            _statements(cells, found.count, "count", cells["indicator"]).assign(number=np.nan),
            _statements(cells, nowhere, "persons", cells["indicator"]).assign(number=cells["members"]),
        ],
        ignore_index=True,
    ).assign(point=np.tile(points, 3))
    statements = statements[statements["place"].ge(0) | statements["number"].notna()]
    series = statements.groupby(["what", "who", "breakdown", "group"], sort=False).ngroup().to_numpy()
    of_series = statements.assign(series=series).drop_duplicates("series").reset_index(drop=True)
    shape = len(of_series), int(points.max(initial=-1)) + 1
    at = series, statements["point"].to_numpy()
    place, low, high = np.full(shape, -1, dtype=np.int64), np.full(shape, np.nan), np.full(shape, np.nan)
    place[at] = statements["place"]
    for bounds, printed in ((low, found.low), (high, found.high)):
        bounds[at] = np.where(statements["place"] >= 0, printed[statements["place"]], statements["number"])
    truth = np.where(place >= 0, found.truth[place], np.nan)
    pairs = [(one, other) for one, other in echoes(low, high) if _may_echo(of_series.iloc[one], of_series.iloc[other])]
    believed = [(one, other) for one, other in pairs if not (np.abs(truth[one] - truth[other]) > 0).any()]
    return _joined(found, believed, place, low)


def _statements(cells: pd.DataFrame, place: NDArray[np.int64], what: str, who: pd.Series) -> pd.DataFrame:
    return cells[["breakdown", "group"]].assign(place=place, what=what, who=what + who.astype("str"))


def _may_echo(one: pd.Series, other: pd.Series) -> bool:
    """Whether two series can be one number by their meaning: a group is no whole, a year group may be."""
    if one["what"] != other["what"] or one["breakdown"] == other["breakdown"]:
        return True
    return {one["breakdown"], other["breakdown"]} == {"all", "year_group"}


def _joined(found: Quantities, pairs: list[tuple[int, int]], place: NDArray[np.int64], number: Floats) -> Quantities:
    low, high = found.low.copy(), found.high.copy()
    same = np.arange(len(low))
    for one, other in pairs:
        common = (place[one] >= 0) | ~np.isnan(number[one])
        common &= (place[other] >= 0) | ~np.isnan(number[other])
        for point in np.flatnonzero(common):
            a, b = int(place[one, point]), int(place[other, point])
            if a >= 0 and b >= 0:
                _join(same, found, a, b)
            elif max(a, b) >= 0 and _may_be(found, max(a, b), stated := float(number[other if a >= 0 else one, point])):
                low[max(a, b)] = high[max(a, b)] = stated
    root = np.array([_root(same, place) for place in range(len(same))], dtype=np.int64)
    truth = found.truth.copy()
    np.maximum.at(low, root, low.copy())
    np.minimum.at(high, root, high.copy())
    np.fmax.at(truth, root, found.truth)
    persons = root[found.persons]
    count, rest = (np.where(one >= 0, root[one], -1) for one in (found.count, found.rest))
    return _with_room_for_truth(replace(found, low=low, high=high, truth=truth, persons=persons, count=count, rest=rest))


def _may_be(found: Quantities, place: int, number: float) -> bool:
    known = found.truth[place]
    return bool(found.low[place] <= number <= found.high[place] and (np.isnan(known) or known == number))


def _root(same: NDArray[np.int64], place: int) -> int:
    while same[place] != place:
        place = int(same[place])
    return place


def _join(same: NDArray[np.int64], found: Quantities, one: int, other: int) -> None:
    """Make two one, unless they are known to differ."""
    a, b = _root(same, one), _root(same, other)
    differ = found.truth[a] != found.truth[b] and not (np.isnan(found.truth[a]) and np.isnan(found.truth[b]))
    if a != b and not differ and found.low[a] <= found.high[b] and found.low[b] <= found.high[a]:
        same[b] = a
