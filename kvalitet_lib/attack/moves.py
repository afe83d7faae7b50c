"""Other tables a reader must hold possible, found as few-step moves away from one table that fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from kvalitet_lib.attack.printed import Floats
from kvalitet_lib.attack.relations import TOUCH, Relations

# What a change costs: one's own figures next to nothing, others' one; the change asked for is worth any of them.
OWN = 0.05
WANTED = 1e4
NOT_ASKED = -2
NO_COLUMNS = np.zeros(0, dtype=np.int32)
SETTINGS: dict[str, bool | int | str] = {"output_flag": False, "presolve": "off", "solver": "simplex", "threads": 1}


@dataclass(frozen=True)
class Move:
    """How another table differs: ``change`` per quantity of a part, and the schools whose figures change."""

    change: Floats
    schools: frozenset[int]


@dataclass(frozen=True)
class Program:
    """How far each of a part's quantities can be raised and lowered from one table that fits.

    Attributes
    ----------
    columns : sparse array, shape (rows, 2k)
        What raising and what lowering each quantity by one does to each relation.
    slack : two ndarray
        How far each relation may go down and up.
    room : ndarray, shape (2k,)
        How far each quantity may be raised, then how far lowered.
    at : ndarray, shape (k,)
        The table.
    school : ndarray of int, shape (k,)
        Whose each quantity is.
    """

    columns: sparse.csc_array
    slack: tuple[Floats, Floats]
    room: Floats
    at: Floats
    school: NDArray[np.int64]

    @classmethod
    def around(cls, at: Floats, given: Relations, low: Floats, high: Floats, school: NDArray[np.int64]) -> Program:
        """Changes of a table that keep its relations and its quantities within their bounds."""
        now = given.matrix @ at
        slack = np.minimum(given.low - now, 0.0), np.maximum(given.high - now, 0.0)
        columns = sparse.csc_array(sparse.hstack([given.matrix, -given.matrix]))
        return cls(columns, slack, np.concatenate([high - at, at - low]).clip(min=0), at, school)

    @property
    def size(self) -> int:
        return len(self.at)

    def solver(self, places: NDArray[np.int64]) -> highspy.Highs:
        """The linear programme of some of the quantities; the others stay as they are."""
        both = np.concatenate([places, places + self.size])
        starts, ends = self.columns.indptr[both], self.columns.indptr[both + 1]
        entries = np.repeat(starts - np.concatenate([[0], np.cumsum(ends - starts)[:-1]]), ends - starts)
        entries += np.arange(len(entries))
        rows, index = np.unique(self.columns.indices[entries], return_inverse=True)
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(both), len(rows)
        model.col_cost_ = np.ones(len(both))
        model.col_lower_, model.col_upper_ = np.zeros(len(both)), self.room[both]
        model.row_lower_, model.row_upper_ = (one[rows] for one in self.slack)
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(ends - starts)]).astype(np.int32)
        model.a_matrix_.index_, model.a_matrix_.value_ = index.astype(np.int32), self.columns.data[entries]
        solver = highspy.Highs()
        for option, value in SETTINGS.items():
            solver.setOptionValue(option, value)
        solver.passModel(model)
        return solver


class Moves:
    """A linear programme kept warm: only bounds and prices change between questions.

    The cost is the sum of all changes, so a move touches few schools.

    Parameters
    ----------
    program : Program
    schools : frozenset of int, optional
        Only these schools' figures, and the municipality's, may change: a smaller programme. All when not named.
    """

    def __init__(self, program: Program, schools: frozenset[int] | None = None) -> None:
        self.program = program
        mine = np.ones(program.size, dtype=bool) if schools is None else np.isin(program.school, [-1, *schools])
        self._places = np.flatnonzero(mine)
        self._room = program.room[np.concatenate([self._places, self._places + program.size])]
        self._school = program.school[self._places]
        self._columns = {one: _columns(self._school, one) for one in set(self._school.tolist())}
        self._own, self._closed = NOT_ASKED, frozenset[int]()
        self._solver = program.solver(self._places)

    def towards(self, wanted: Mapping[int, float], closed: frozenset[int] = frozenset()) -> Move:
        """The move that changes one school's quantities by so much each, up or down, or together as far as they go.

        Of all such moves without the closed schools, one that changes little else, and others' figures least of all.

        Parameters
        ----------
        wanted : mapping of int to float
            Places of quantities of one school, and the change wanted in each.
        closed : frozenset of int
            Schools whose figures stay as they are.
        """
        size = len(self._places)
        places, changes = np.searchsorted(self._places, list(wanted)), np.array(list(wanted.values()))
        own = int(self._school[places[0]])
        forth = np.where(changes > 0, places, places + size).astype(np.int32)
        back = np.where(changes > 0, places + size, places).astype(np.int32)
        if own in closed or not self._room[forth].any():
            return Move(np.zeros(self.program.size), frozenset())
        self._close(closed)
        self._price(own)
        both, none = np.concatenate([forth, back]), np.zeros(2 * len(forth))
        aims = np.concatenate([np.minimum(np.abs(changes), self._room[forth]), np.zeros(len(back))])
        self._solver.changeColsCost(len(forth), forth, np.full(len(forth), -WANTED))
        self._solver.changeColsBounds(len(both), both, none, aims)
        move = self._solved()
        self._solver.changeColsBounds(len(both), both, none, self._room[both])
        self._solver.changeColsCost(len(forth), forth, np.full(len(forth), OWN))
        return move

    def _solved(self) -> Move:
        self._solver.setBasis()
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            self._solver.clearSolver()
            self._solver.run()
        values = np.asarray(self._solver.getSolution().col_value)
        change = values[: len(self._places)] - values[len(self._places) :]
        change[np.abs(change) < TOUCH] = 0.0
        changed = np.zeros(self.program.size)
        changed[self._places] = change
        return Move(changed, frozenset(self._school[change != 0].tolist()) - {-1})

    def _close(self, schools: frozenset[int]) -> None:
        for school in (schools ^ self._closed) & self._columns.keys():
            columns = self._columns[school]
            upper = np.zeros(len(columns)) if school in schools else self._room[columns]
            self._solver.changeColsBounds(len(columns), columns, np.zeros(len(columns)), upper)
        self._closed = schools

    def _price(self, own: int) -> None:
        """One's own figures may change at will: no reader tried knows them."""
        if own != self._own:
            for school, price in ((self._own, 1.0), (own, OWN)):
                columns = self._columns.get(school, NO_COLUMNS)
                self._solver.changeColsCost(len(columns), columns, np.full(len(columns), price))
            self._own = own


def _columns(school: NDArray[np.int64], one: int) -> NDArray[np.int32]:
    places = np.flatnonzero(school == one)
    return np.concatenate([places, places + len(school)]).astype(np.int32)
