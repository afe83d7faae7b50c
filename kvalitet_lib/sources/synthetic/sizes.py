"""How large the planted effects are in each country."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Sizes on the outcome: merit value (SE) or grunnskolepoeng (NO), shares 0-1, survey index.

    ``improving`` and ``rising`` are per year, ``education`` per level. ``lenient`` is the share of pupils with a higher
    grade than test in mathematics (SE) or the mean final mark in mathematics (NO).
    """

    girls: float
    education: float
    excellent: float
    improving: float
    measure: float
    lenient: float
    rising: float
    attendance: float
    unsafe: float
    bullied: float


SIZES = {
    "se": Sizes(
        girls=20,
        education=25,
        excellent=18,
        improving=3,
        measure=4,
        lenient=0.25,
        rising=0.03,
        attendance=-0.02,
        unsafe=-1.2,
        bullied=0.0,
    ),
    "no": Sizes(
        girls=4,
        education=3,
        excellent=2.5,
        improving=0.5,
        measure=0.6,
        lenient=0.5,
        rising=0.03,
        attendance=-0.02,
        unsafe=-0.4,
        bullied=0.08,
    ),
}
