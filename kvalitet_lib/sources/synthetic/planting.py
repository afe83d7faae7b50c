"""Effects of a known size: find the shift on the hidden scale that moves the reported outcome by exactly so much."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Score = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Takes hidden values of some rows, shape (m, k), and which rows they are; returns their outcome, shape (m,)."""


@dataclass(frozen=True)
class Effect:
    """Something that changes an outcome by ``size`` for each unit of exposure.

    Attributes
    ----------
    name : str
    size : float
        Wanted mean change of the outcome per unit of exposure, in the outcome's unit.
    exposure : ndarray, shape (n,)
        0 for those it does not reach.
    weights : ndarray, shape (k,)
        How strongly it works on each of the ``k`` hidden values of a row; 0 where not at all.
    between : tuple of float or None
        Where everyone is exposed to some degree (sex, parents' education): the two degrees to compare.
    """

    name: str
    size: float
    exposure: np.ndarray
    weights: np.ndarray
    between: tuple[float, float] | None = None

    def shifted(self, shift: float) -> np.ndarray:
        return shift * np.outer(self.exposure, self.weights)

    def realised(self, hidden: np.ndarray, shift: float, score: Score) -> float:
        """Mean change of the outcome per unit of exposure, between the same rows with and without the effect."""
        rows = np.arange(len(self.exposure)) if self.between else np.flatnonzero(self.exposure)
        exposed = self.exposure[rows]
        low, high = (np.full(len(rows), end) for end in self.between) if self.between else (np.zeros(len(rows)), exposed)
        without = hidden[rows] - shift * np.outer(exposed, self.weights)
        outcomes = [score(without + shift * np.outer(degree, self.weights), rows) for degree in (high, low)]
        return float(np.mean(outcomes[0] - outcomes[1]) / np.mean(high - low))


@dataclass(frozen=True)
class Planted:
    """Hidden values with every effect in place, and what each effect came to."""

    hidden: np.ndarray
    shifts: Mapping[str, float]
    realised: Mapping[str, float]


def plant(base: np.ndarray, effects: Sequence[Effect], score: Score, per_unit: float, rounds: int = 16) -> Planted:
    """Add all effects to the hidden values, each with the shift that gives it its size on the outcome.

    Parameters
    ----------
    base : ndarray, shape (n, k)
        Hidden values before any effect.
    per_unit : float
        First guess: the shift that changes the outcome by one unit.
    """
    shifts = {effect.name: effect.size * per_unit for effect in effects}

    def all_in_place() -> np.ndarray:
        return base + sum((effect.shifted(shifts[effect.name]) for effect in effects), np.zeros_like(base))

    for caution in np.linspace(1, 0.25, rounds):
        hidden = all_in_place()
        for effect in effects:
            if effect.size:
                reached = effect.realised(hidden, shifts[effect.name], score) / effect.size
                shifts[effect.name] *= float(np.clip(1 / reached, 0.6, 1.6)) ** caution if reached > 0 else 1.6
    hidden = all_in_place()
    return Planted(hidden, shifts, {effect.name: effect.realised(hidden, shifts[effect.name], score) for effect in effects})
