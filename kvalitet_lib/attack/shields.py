"""What is known of one quantity's room: which schools' figures must change for it to be wide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from kvalitet_lib.attack.relations import TOUCH

Schools = frozenset[int]
OUTSIDE: Schools = frozenset()
MOST_KEPT = 40
# Of any two heads who pool, neither knows the schools of all three.
APART = 3


@dataclass
class Shields:
    """How far one quantity can go from the table at hand, and with whose help.

    A shield is a set of schools such that, if none of them is known to the readers, the quantity is wide for them.

    Attributes
    ----------
    at : float
        The quantity in the table at hand.
    whole : bool
        It is a whole number.
    apart : float
        How far apart two possible tables must be.
    """

    at: float
    whole: bool
    apart: float
    known: list[Schools] = field(default_factory=list)
    disjoint: list[Schools] = field(default_factory=list)
    steps: dict[float, list[Schools]] = field(default_factory=dict)

    def wanted(self, sign: int) -> float:
        """How far to go, up or down, to be wide at one stroke: whole steps, from a table that need not be whole itself."""
        if not self.whole:
            return sign * self.apart
        first = np.ceil(self.at - TOUCH) if sign > 0 else np.floor(self.at + TOUCH)
        return float(first - self.at) + sign * self.apart

    def roomier(self, above: float, below: float) -> float:
        """How far to go, up or down: the way that has more room."""
        return self.wanted(1 if above >= below else -1)

    def between(self, one: float, other: float) -> tuple[float, float]:
        """The bounds that two changes show, rounded inwards to whole numbers."""
        low, high = self.at + min(one, other), self.at + max(one, other)
        return (float(np.ceil(low - TOUCH)), float(np.floor(high + TOUCH))) if self.whole else (low, high)

    def far(self, one: float, other: float = 0.0) -> bool:
        low, high = self.between(one, other)
        return high - low >= self.apart - TOUCH

    def shown(self, change: float, schools: Schools) -> None:
        """Note that the quantity can change so when these schools' figures change too."""
        if self.far(change):
            self.add(schools)
            return
        same_way = (kept for step, kept in self.steps.items() if step * change > 0 and abs(step) >= abs(change))
        if any(fewer <= schools for kept in same_way for fewer in kept):
            return
        kept = self.steps.setdefault(change, [])
        if len(kept) < MOST_KEPT:
            kept.append(schools)
            for step, others in self.steps.items():
                if step * change < 0 and self.far(change, step):
                    for more in others:
                        self.add(schools | more)

    def add(self, shield: Schools) -> None:
        """Note that the quantity is wide for whoever knows none of these schools."""
        if not any(fewer <= shield for fewer in self.known):
            self.known = [more for more in self.known if not shield < more] + [shield]
            if all(shield.isdisjoint(other) for other in self.disjoint):
                self.disjoint.append(shield)

    def settled(self, heads: bool) -> bool:
        """Whether the shields at hand surely stop everybody: three apart stop every two heads."""
        return bool(self.known) and (not heads or len(self.disjoint) >= APART or not self.known[-1])

    def gaps(self, heads: bool) -> Iterator[Schools]:
        """Readers no shield stops, fewest first: nobody, one head, two; looks at the shields anew for each."""
        if not self.known:
            yield OUTSIDE
        if not heads or not self.known:
            return
        for head in sorted(self.known[0]):
            if all(head in shield for shield in self.known):
                yield frozenset({head})
        for one in sorted(self.known[0]):
            elsewhere = next((shield for shield in self.known if one not in shield), OUTSIDE)
            for other in sorted(elsewhere):
                if all(one in shield or other in shield for shield in self.known):
                    yield frozenset({one, other})
