"""The attacker held against a list of all tables there are: it claims what follows from them, no more and, for persons, no less.

Small tables of whole numbers are drawn, some of their cells hidden, and every table of whole numbers that fits all that is shown
is written down. Between the lowest and the highest of them lies what a reader can know, and nothing else.

- Persons, one breakdown: the attacker's answer is the list's, for somebody outside and for the heads. The relations are a
  network, so that linear programmes have whole numbers for answers.
- Counts, and those not counted: no answer is narrower than the list's, and whatever linear programmes worked out elsewhere
  bound too closely is found.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from kvalitet_lib.attack import Weakness, attack
from tests.attack.drawn import CODE, MEAN, POLICY, SHARE, Drawn

FIGURES = {"tables against complete enumeration": 300}
TABLES = 5  # in one release, each of another school year
OUTSIDE, HEADS, COUNTS = 25, 20, 15
NARROW, FEW = 3, POLICY["smallest_group"]
BREAKDOWN = "year_group"
Cell = tuple[str, str]  # unit and group
QUANTITIES = {"n": (1, 0), "count": (0, 1), "rest": (1, -1)}  # how much of the persons and of the counts each is
YEARS = [f"{2000 + place}-{place + 1:02}" for place in range(TABLES)]
USUAL = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)


@dataclass(frozen=True)
class Case:
    """Persons of each school and group, and which figures are hidden."""

    persons: np.ndarray  # schools x groups
    hidden: frozenset[Cell]

    @property
    def schools(self) -> list[str]:
        return [chr(ord("a") + place) for place in range(len(self.persons))]

    @property
    def cells(self) -> dict[Cell, np.ndarray]:
        """Every figure as a sum of school x group: which of them it holds."""
        rows, columns = self.persons.shape
        one = np.eye(rows * columns).reshape(rows, columns, -1)
        groups = {str(group): one[:, group] for group in range(columns)}
        inside = {(unit, group): part[place] for group, part in groups.items() for place, unit in enumerate(self.schools)}
        whole = {(unit, "all"): one[place].sum(axis=0) for place, unit in enumerate(self.schools)}
        municipal = {(CODE, group): part.sum(axis=0) for group, part in groups.items()}
        return inside | whole | municipal | {(CODE, "all"): np.ones(rows * columns)}

    def of(self, cell: Cell) -> int:
        return int(self.cells[cell] @ self.persons.ravel())

    def rows(self, counts: np.ndarray | None, year: str) -> pd.DataFrame:
        """The figures as ``Drawn`` takes them."""
        rows = pd.DataFrame([(unit, group, self.of((unit, group))) for unit, group in self.cells], columns=["unit", "group", "n"])
        return rows.assign(
            indicator=MEAN if counts is None else SHARE,
            level=np.where(rows["unit"].eq(CODE), "municipality", "school"),
            school_year=year,
            breakdown=np.where(rows["group"].eq("all"), "all", BREAKDOWN),
            count=[np.nan if counts is None else self.cells[cell] @ counts.ravel() for cell in self.cells],
            estimate=np.nan,
            lower=np.nan,
            upper=np.nan,
            shown=["no" if cell in self.hidden else "yes" for cell in self.cells],
        ).astype({"n": "float64"})


@st.composite
def cases(draw: st.DrawFn, most: int = 8, most_schools: int = 4, most_groups: int = 3) -> Case:
    """Two to four schools, two or three groups, few persons; the municipality's total is always shown, with somebody in it."""
    schools, groups = draw(st.integers(2, most_schools)), draw(st.integers(2, most_groups))
    total = draw(st.integers(1, most if schools * groups <= 9 else min(most, 6)))
    places = draw(st.lists(st.integers(0, schools * groups - 1), min_size=total, max_size=total))
    persons = np.bincount(places, minlength=schools * groups).reshape(schools, groups)
    everything = Case(persons, frozenset())
    likely = draw(st.integers(1, 9))
    hidden = {
        cell
        for cell in everything.cells
        if cell != (CODE, "all") and (draw(st.integers(0, 9)) < likely or not everything.of(cell))
    }
    return Case(persons, frozenset(hidden))


@cache
def all_tables(total: int, size: int) -> np.ndarray:
    """Every way to place so many persons in so many cells, one a line."""
    bars = np.array(list(combinations(range(total + size - 1), size - 1)), dtype=np.int16).reshape(-1, size - 1)
    ends = np.column_stack([np.full(len(bars), -1), bars, np.full(len(bars), total + size - 1)])
    return (np.diff(ends, axis=1) - 1).astype(np.int16)


def possible(case: Case, readers: tuple[str, ...] = ()) -> np.ndarray:
    """Every table that fits what is shown and what those readers know of their own schools."""
    known = [cell for cell in case.cells if cell not in case.hidden or cell[0] in readers]
    tables = all_tables(int(case.persons.sum()), case.persons.size)
    for cell in known:
        tables = tables[tables @ case.cells[cell].astype(np.int16) == case.of(cell)]
    return tables


def bounds(case: Case, cell: Cell, tables: np.ndarray) -> tuple[int, int]:
    values = tables @ case.cells[cell].astype(np.int16)
    return int(values.min()), int(values.max())


def tells(low: int, high: int) -> bool:
    return high - low < NARROW and low < FEW and high >= 1


def expected(case: Case, readers: tuple[str, ...]) -> dict[Cell, int]:
    """Which hidden figures of others those readers can tell, and how closely."""
    tables = possible(case, readers)
    found = {}
    for cell in sorted(case.hidden):
        behind = {unit for unit in case.schools if case.of((unit, cell[1]))}
        theirs = cell[0] in readers or (cell[0] == CODE and behind <= set(readers))
        low, high = bounds(case, cell, tables)
        if tells(low, high) and not (readers and theirs):
            found[cell] = high - low
    return found


def claims(tables: Sequence[tuple[Case, np.ndarray | None]], heads: bool = False) -> list[list[Weakness]]:
    """What the attacker bounds too closely in each of some tables, all in one release."""
    rows = [case.rows(counts, year) for (case, counts), year in zip(tables, YEARS, strict=True)]
    one = Drawn(pd.concat(rows, ignore_index=True))
    with tempfile.TemporaryDirectory() as folder:
        found = attack(one.written(Path(folder) / "r"), (), one.known if heads else None, NARROW)
    bounded = [weakness for weakness in found if weakness.kind in ("recovered", "narrow")]
    return [[weakness for weakness in bounded if weakness.school_year == year] for year in YEARS]


def several(one: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(one, min_size=TABLES, max_size=TABLES)


@settings(USUAL, max_examples=OUTSIDE)
@given(several(cases()))
def test_somebody_outside_can_tell_what_the_list_of_all_tables_tells(drawn):
    for case, found in zip(drawn, claims([(case, None) for case in drawn]), strict=True):
        assert {(one.unit, one.group): one.width for one in found} == expected(case, ())


@settings(USUAL, max_examples=HEADS)
@given(several(cases()))
def test_heads_can_tell_what_the_list_of_all_tables_tells_and_the_fewest_are_named(drawn):
    for case, found in zip(drawn, claims([(case, None) for case in drawn], heads=True), strict=True):
        ways = by_the_fewest(case)
        told = {(one.unit, one.group): (one.readers, one.width) for one in found}
        assert set(told) == set(ways)
        assert all(way in ways[cell] for cell, way in told.items())


def by_the_fewest(case: Case) -> dict[Cell, list[tuple[tuple[str, ...], int]]]:
    """Every hidden figure that nobody in particular, one head or two can tell: who, of the fewest it takes, and how closely."""
    ways: dict[Cell, list[tuple[tuple[str, ...], int]]] = {}
    for size in range(3):
        of_size: dict[Cell, list[tuple[tuple[str, ...], int]]] = {}
        for readers in combinations(case.schools, size):
            for cell, width in expected(case, readers).items():
                of_size.setdefault(cell, []).append((readers, width))
        ways = of_size | ways
    return ways


@st.composite
def with_counts(draw: st.DrawFn) -> tuple[Case, np.ndarray]:
    case = draw(cases(most=6, most_schools=3, most_groups=2))
    counts = [draw(st.integers(0, int(n))) for n in case.persons.ravel()]
    return case, np.array(counts).reshape(case.persons.shape)


@settings(USUAL, max_examples=COUNTS)
@given(several(with_counts()))
def test_of_counts_no_more_is_claimed_than_the_list_tells_and_what_linear_programmes_tell_is_found(drawn):
    for (case, counts), weaknesses in zip(drawn, claims(drawn), strict=True):
        found = {(one.quantity, one.unit, one.group): one.width for one in weaknesses}
        listed_tables = possible_counts(case, counts)
        for cell in sorted(case.hidden):
            listed = {name: bounds(case, cell, tables) for name, tables in listed_tables.items()}
            programmed = {name: programmes(case, counts, cell, name) for name in QUANTITIES}
            for name in QUANTITIES:
                claimed = found.get((name, *cell))
                assert claimed is None or (claimed >= listed[name][1] - listed[name][0] and closely(name, listed))
                if closely(name, programmed):
                    assert claimed is not None and claimed <= programmed[name][1] - programmed[name][0]


def closely(name: str, known: Mapping[str, tuple[int, int]]) -> bool:
    """Whether bounds of persons and count break what is meant to be kept."""
    low, high = known[name]
    if name == "n":
        return tells(low, high)
    few = POLICY["smallest_count"]
    nearly_all = name == "count" and known["n"][1] - high < few
    return high - low < NARROW and known["n"][1] >= 1 and (low < few or nearly_all)


def possible_counts(case: Case, counts: np.ndarray) -> dict[str, np.ndarray]:
    """Every pair of tables, persons and counts, that fits what is shown; shares of so few tell their counts."""
    persons, counted = [], []
    shown = [cell for cell in case.cells if cell not in case.hidden]
    total = int(counts.sum())
    for table in possible(case):
        tables = all_tables(total, counts.size)
        tables = tables[(tables <= table).all(axis=1)]
        for cell in shown:
            tables = tables[tables @ case.cells[cell].astype(np.int16) == int(case.cells[cell] @ counts.ravel())]
        persons.append(np.broadcast_to(table, tables.shape))
        counted.append(tables)
    n, count = np.concatenate(persons), np.concatenate(counted)
    return {"n": n, "count": count, "rest": n - count}


def programmes(case: Case, counts: np.ndarray, cell: Cell, name: str) -> tuple[int, int]:
    """Lowest and highest by linear programmes over persons and counts, rounded inwards."""
    size = counts.size
    shown = np.array([case.cells[one] for one in case.cells if one not in case.hidden])
    nothing = np.zeros_like(shown)
    equal = np.block([[shown, nothing], [nothing, shown]])
    value = np.concatenate([shown @ case.persons.ravel(), shown @ counts.ravel()])
    below = np.hstack([-np.eye(size), np.eye(size)])
    of_persons, of_counts = QUANTITIES[name]
    aim = np.concatenate([of_persons * case.cells[cell], of_counts * case.cells[cell]])
    ends = [linprog(sign * aim, below, np.zeros(size), equal, value, bounds=(0, None)).fun * sign for sign in (1, -1)]
    return int(np.ceil(ends[0] - 1e-6)), int(np.floor(ends[1] + 1e-6))


def test_as_many_tables_are_listed_as_is_said():
    assert FIGURES["tables against complete enumeration"] == TABLES * (OUTSIDE + HEADS + COUNTS)
