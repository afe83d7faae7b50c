"""Who can tell what: nobody in particular, one head, or two heads who pool what they know of their own schools."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kvalitet_lib.attack.moves import Move, Moves, Program
from kvalitet_lib.attack.quantities import NOBODYS
from kvalitet_lib.attack.shields import APART, OUTSIDE, Schools, Shields

# Schools in one circle: few enough for a quick programme, enough to find a partner among.
FEW_SCHOOLS = 5
# Smaller changes are not worth remembering.
HARDLY = 0.5


@dataclass(frozen=True)
class Found:
    """A quantity of a component that some readers can bound: from where to where."""

    place: int
    readers: Schools
    low: float
    high: float


class Search:
    """Which quantities of one component remain wide enough for which readers.

    Every move found is kept: it shows all the quantities it changes enough to be safe, from all readers whose schools
    it leaves alone. Only where no kept move does so is a linear programme solved.

    Parameters
    ----------
    program : Program
    whole : ndarray of bool, shape (k,)
        Quantities that are whole numbers.
    apart : float
        How far apart two possible tables must be in a quantity.
    asked : ndarray of int
        The quantities anybody will ask about.
    heads : bool
        Try the head of every school but the quantity's own, and every two of them.
    """

    def __init__(self, program: Program, whole: NDArray[np.bool_], apart: float, asked: NDArray[np.int64], heads: bool) -> None:
        self.program, self.moves, self.heads = program, Moves(program), heads
        self._of = {int(place): Shields(float(program.at[place]), bool(whole[place]), apart) for place in asked}
        self._open = np.zeros(program.size, dtype=bool)
        self._open[asked] = True
        for own in np.unique(program.school[asked]).tolist():
            for circle in self._circles(own):
                self._at_once(circle, asked[program.school[asked] == own].tolist())

    def first_readers(self, place: int, tells: Callable[[Found], bool]) -> Found | None:
        """The smallest group of readers that bounds a quantity too closely; None when there is none.

        ``tells`` says whether close bounds are a weakness at all.
        """
        for readers in self._of[place].gaps(self.heads) if self._open[place] else ():
            bounds = self._bounds(place, readers)
            if bounds is not None and tells(found := Found(place, readers, *bounds)):
                return found
        return None

    def highest(self, place: int, readers: Schools) -> float:
        """The highest a quantity can be for those readers."""
        move = self.moves.towards({place: float(self.program.room[place])}, readers)
        return float(self.program.at[place] + move.change[place])

    def _circles(self, own: int) -> Iterator[Schools]:
        """A few schools each, no school in two: shields in three of them stop every pair."""
        others = np.unique(self.program.school)
        others = np.random.default_rng(own + 2).permutation(others[(others != own) & (others != NOBODYS)])
        size = min(FEW_SCHOOLS, len(others) // APART)
        for start in range(APART if self.heads else 1) if size else ():
            yield frozenset(others[start * size : (start + 1) * size].tolist())

    def _at_once(self, circle: Schools, places: list[int]) -> None:
        """Change as many of one school's quantities as go together, then those left one by one, with a circle's help."""
        left = self._without_shield(circle, places)
        if not left:
            return
        moves = Moves(self.program, circle | {int(self.program.school[places[0]])})
        self._keep(moves.towards({place: self._of[place].roomier(*self._room(place)) for place in left}))
        for place in left:
            if self._without_shield(circle, [place]):
                self._ends(moves, place, OUTSIDE)

    def _room(self, place: int) -> tuple[float, float]:
        return float(self.program.room[place]), float(self.program.room[self.program.size + place])

    def _without_shield(self, circle: Schools, places: list[int]) -> list[int]:
        return [place for place in places if self._open[place] and not any(shield <= circle for shield in self._of[place].known)]

    def _bounds(self, place: int, readers: Schools) -> tuple[float, float] | None:
        """The lowest and highest a quantity can be for those readers; None, and one more shield, when that is far apart."""
        own = int(self.program.school[place])
        # Schools that other shields use are better left alone: three shields apart stop every pair.
        spared = frozenset().union(*self._of[place].known, readers) - {own}
        for closed in dict.fromkeys([spared, readers]):
            bounds = self._ends(self.moves, place, closed)
            if bounds is None:
                return None
        return bounds

    def _ends(self, moves: Moves, place: int, closed: Schools) -> tuple[float, float] | None:
        """How low and how high a quantity goes without the closed schools; None, and one more shield, when far enough."""
        shields, own = self._of[place], int(self.program.school[place])
        ends, touched = [], OUTSIDE
        first = 1 if self.program.room[place] >= self.program.room[self.program.size + place] else -1
        for sign in (first, -first):
            move = moves.towards({place: shields.wanted(sign)}, closed)
            ends.append(float(move.change[place]))
            self._keep(move)
            touched |= move.schools - {own}
            if shields.far(ends[-1]):
                return None
        if shields.far(*ends):
            shields.add(touched)
            return None
        return shields.between(*ends)

    def _keep(self, move: Move) -> None:
        """All that a move shows of the quantities still open."""
        for place in np.flatnonzero(self._open & (np.abs(move.change) > HARDLY)).tolist():
            shields = self._of[place]
            shields.shown(float(move.change[place]), move.schools - {int(self.program.school[place])})
            self._open[place] = not shields.settled(self.heads)
