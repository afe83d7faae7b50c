"""When a bound is too close: what a release means to keep, cell by cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kvalitet_lib.attack.quantities import Quantities
from kvalitet_lib.attack.relations import TOUCH
from kvalitet_lib.attack.rules import Rules, facts_of
from kvalitet_lib.attack.weakness import CELL, Cell, Weakness


@dataclass(frozen=True)
class Question:
    """One hidden cell and the quantity behind it: its persons, its count, or the others."""

    cell: Cell
    quantity: str
    smallest: float
    persons: int

    def may_tell(self, at: float, persons: float, narrow: float) -> bool:
        """Whether bounds around this value, narrower than the limit, could be a weakness."""
        if self.quantity != "count":
            return at < self.smallest + narrow
        return at < self.smallest + narrow or persons - at < self.smallest + narrow

    def tells(self, low: float, high: float, most_persons: float, narrow: float) -> bool:
        """Whether the bounds are a weakness: few persons, or nearly none or nearly all with what is counted.

        Where there surely is nobody, nothing is told of anybody.
        """
        if high - low >= narrow - TOUCH or most_persons < 1:
            return False
        if self.quantity == "n":
            return low < self.smallest and high >= 1
        if self.quantity == "rest":
            return low < self.smallest
        return low < self.smallest or most_persons - high < self.smallest

    def weakness(self, low: float, high: float, readers: tuple[str, ...]) -> Weakness:
        kind = "recovered" if high - low <= TOUCH else "narrow"
        return Weakness(kind, self.quantity, *self.cell, readers=readers, width=round(max(high - low, 0.0), 6))


def questions(cells: pd.DataFrame, found: Quantities, rules: Rules) -> Mapping[int, list[Question]]:
    """What is asked of each quantity: of every hidden cell its persons; of a sensitive share the count, and the others.

    Where the persons are printed, what is known of the count is known of the others.
    """
    asked: dict[int, list[Question]] = defaultdict(list)
    hidden = cells[cells["hidden"]]
    places = np.column_stack([one[hidden.index] for one in (found.persons, found.count, found.rest)])
    for cell, (n, counted, rest) in zip(hidden[CELL].itertuples(index=False, name=None), places.tolist(), strict=True):
        facts = facts_of(cell[0])
        asked[n].append(Question(cell, "n", facts.smallest(rules), n))
        if counted >= 0 and facts.sensitive:
            asked[counted].append(Question(cell, "count", rules.smallest_count, n))
            if rest >= 0:
                asked[rest].append(Question(cell, "rest", rules.smallest_count, n))
    return asked


class Contributors:
    """Whose persons stand behind each of the municipality's figures, as far as heads have said."""

    def __init__(self, cells: pd.DataFrame) -> None:
        column = ["indicator", "school_year", "breakdown", "group"]
        schools = cells[cells["level"].eq("school") & cells["true_persons"].notna()]
        schools = schools.assign(some=schools["unit"].where(schools["true_persons"].gt(0)))
        self._of: dict[Cell, frozenset[str]] = {}
        behind = schools.groupby(column)["some"].agg(lambda units: frozenset(units.dropna())).rename("behind")
        municipal = cells.loc[cells["level"].eq("municipality"), CELL].join(behind, on=column)
        for row in municipal.dropna().itertuples(index=False):
            self._of[tuple(row[:6])] = row.behind

    def none_but(self, cell: Cell, readers: tuple[str, ...]) -> bool:
        """Whether all who stand behind a figure are the readers' own: then it tells them of nobody."""
        behind = self._of.get(cell)
        return behind is not None and behind <= frozenset(readers)


def who(found: Quantities, readers: frozenset[int]) -> tuple[str, ...]:
    """Schools' codes."""
    return tuple(sorted(found.schools[school] for school in readers))


def worth_asking(asked: list[Question], at: float, persons: np.ndarray, narrow: float) -> bool:
    """Whether any of the questions can have an answer that is a weakness, given one table that fits."""
    return any(question.may_tell(at, float(persons[question.persons]), narrow) for question in asked)
