"""Bounds of every hidden figure, from all that is visible together, for every group of readers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from kvalitet_lib.attack.identities import identities
from kvalitet_lib.attack.moves import Program
from kvalitet_lib.attack.narrowing import believable, with_room_for
from kvalitet_lib.attack.parts import Part, parts_of
from kvalitet_lib.attack.populations import same_persons
from kvalitet_lib.attack.quantities import NOBODYS, quantities_of, with_echoes
from kvalitet_lib.attack.readers import Found, Search
from kvalitet_lib.attack.reading import Seen
from kvalitet_lib.attack.relations import together
from kvalitet_lib.attack.sums import adding_up
from kvalitet_lib.attack.verdicts import Contributors, Question, questions, who, worth_asking
from kvalitet_lib.attack.weakness import Weakness


class System:
    """All quantities behind a release's own figures, what relates them, and the bounds anybody can work out.

    Parameters
    ----------
    cells : DataFrame
        Columns of ``Cells.frame``, and ``true_persons`` and ``true_count`` from those who know (NaN where nobody has said).
    units : DataFrame
        Columns ``level``, ``unit``, ``municipality``, ``owner_type``.
    code : str
        The municipality's.
    """

    def __init__(self, cells: pd.DataFrame, units: pd.DataFrame, code: str) -> None:
        self.cells = cells.assign(population=same_persons(cells))
        self.found = with_echoes(self.cells, quantities_of(self.cells))
        sums = adding_up(self.cells, self.found, units, code)
        self.sums = sums.cells
        given = together([*sums.quantities, *identities(self.cells, self.found)], len(self.found.low))
        truth = self.found.truth
        known = ~np.isnan(truth)
        stretched = with_room_for(given, np.where(known, truth, self.found.low), np.where(known, truth, self.found.high))
        self.given, self.low, self.high = believable(stretched, self.found.low, self.found.high, self.found.whole)

    def parts(self) -> Iterator[Part]:
        return parts_of(self.given, self.low, self.high, self.found.truth)


def bounded(system: System, seen: Seen, heads: bool, narrow: float) -> list[Weakness]:
    """Every hidden figure that somebody outside, a head, or two heads can bound too closely.

    Parameters
    ----------
    heads : bool
        Try heads: every school's but the figure's own, and every two of them.
    narrow : float
        Bounds closer than this are too close.

    Returns
    -------
    list of Weakness
        Each quantity of a figure (persons, count, the others) at most once, with one of the smallest groups of readers that
        can tell it; of several groups as small, others may be able to as well. Bounds are those of linear programmes rounded
        inwards to whole numbers: never closer than what can be, at times wider. Nobody is told of his own: neither of a
        school's figures its head, nor of the municipality's the heads of all who stand behind it.
    """
    asked = questions(system.cells, system.found, seen.rules)
    behind = Contributors(system.cells)
    inside: set[int] = set()
    weak: list[Weakness] = []
    for part in system.parts():
        inside.update(part.places.tolist())
        weak += _of_part(part, system, asked, behind, heads, narrow)
    for place, questions_of in asked.items():
        if place not in inside:
            low, high = float(system.low[place]), float(system.high[place])
            weak += [
                question.weakness(low, high, ())
                for question in questions_of
                if question.tells(low, high, float(system.high[question.persons]), narrow)
            ]
    return weak


def _of_part(
    part: Part, system: System, asked: Mapping[int, list[Question]], behind: Contributors, heads: bool, narrow: float
) -> Iterator[Weakness]:
    found = system.found
    persons = system.high.copy()
    persons[part.places] = part.at
    chosen = [
        here
        for here, place in enumerate(part.places.tolist())
        if place in asked and worth_asking(asked[place], float(part.at[here]), persons, narrow)
    ]
    if not chosen:
        return
    # A head knows of the own school what heads have said, and nothing else.
    school = np.where(np.isnan(found.truth[part.places]), NOBODYS, found.school[part.places])
    program = Program.around(part.at, part.given, part.low, part.high, school)
    search = Search(program, found.whole[part.places], narrow, np.array(chosen), heads)
    here_of = {place: here for here, place in enumerate(part.places.tolist())}

    def most_persons(question: Question, bounds: Found) -> float:
        here = here_of.get(question.persons)
        return float(system.high[question.persons]) if here is None else search.highest(here, bounds.readers)

    def telling(place: int, bounds: Found) -> list[Question]:
        readers = who(found, bounds.readers)
        others = [one for one in asked[place] if not (readers and behind.none_but(one.cell, readers))]
        return [one for one in others if one.tells(bounds.low, bounds.high, most_persons(one, bounds), narrow)]

    for here in sorted(chosen, key=lambda one: int(school[one])):
        place = int(part.places[here])
        first = search.first_readers(here, lambda bounds, place=place: bool(telling(place, bounds)))  # type: ignore[misc]
        if first is not None:
            for question in telling(place, first):
                yield question.weakness(first.low, first.high, who(found, first.readers))
