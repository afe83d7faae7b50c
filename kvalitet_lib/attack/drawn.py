"""Shrunken values: whether hidden schools took part in the mean that visible ones were drawn towards."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy import stats

from kvalitet_lib.attack.printed import Floats, half_a_unit, numbers
from kvalitet_lib.attack.reading import Seen
from kvalitet_lib.attack.rules import facts_of
from kvalitet_lib.attack.weakness import CELL, Weakness
from kvalitet_lib.indicators import Kind

# Ways the printed figures can have been before rounding; what they make possible is widened a little.
WAYS = 40
WIDER = 1.25
# The spread of schools whose interval is withheld is only guessed: theirs may be this much smaller or larger.
OTHER_SPREAD = (0.7, 1.0, 1.4)
FEWEST = {Kind.SHARE: 2, Kind.MEAN: 4}


def by_shrunken(seen: Seen) -> list[Weakness]:
    """Hidden schools without which the visible schools' shrunken values cannot be worked out."""
    rows = seen.figures[
        seen.figures["level"].eq("school") & seen.figures["breakdown"].eq("all") & seen.figures["source"].isin(["local", ""])
    ]
    weak: list[Weakness] = []
    for (indicator, _), schools in rows.groupby(["indicator", "school_year"]):
        hidden = schools[~schools["shown"].isin(["yes", "missing"])]
        visible = schools[schools["shown"].eq("yes") & schools["estimate"].ne("") & schools["n"].ne("")]
        kind = facts_of(str(indicator)).kind
        if len(hidden) and visible["shrunken"].ne("").any() and kind in FEWEST and not _explained(visible, kind, seen.level):
            weak += [Weakness("derived", "", *cell) for cell in hidden[CELL].itertuples(index=False, name=None)]
    return weak


def _explained(visible: pd.DataFrame, kind: Kind, level: float) -> bool:
    """Whether the visible schools alone, rounded as they are, give the printed shrunken values."""
    if len(visible) < FEWEST[kind]:
        return False
    allowed = np.array([facts_of(one).decimals for one in visible["indicator"]], dtype=np.int64)
    printed, off = numbers(visible["shrunken"]), half_a_unit(visible["shrunken"], allowed)
    ways = _shares(visible, allowed) if kind is Kind.SHARE else _means(visible, allowed, level)
    values = np.array([value for value in ways if np.isfinite(value).all()])
    if not len(values):
        return True
    low, high = values.min(axis=0), values.max(axis=0)
    room = (WIDER - 1) * (high - low) + off + 1e-9
    stated = ~np.isnan(printed)
    return bool((((printed >= low - room) & (printed <= high + room)) | ~stated).all())


def _before_rounding(visible: pd.DataFrame, allowed: np.ndarray) -> Iterator[tuple[Floats, Floats]]:
    """Estimates and numbers of persons as they can have been: all low, all high, as printed, and at random."""
    chance = np.random.default_rng(1)
    estimate, off = numbers(visible["estimate"]), half_a_unit(visible["estimate"], allowed)
    n = numbers(visible["n"])
    part = np.array([0.5 if facts_of(one).of_staff else 0.0 for one in visible["indicator"]])
    for way in range(WAYS):
        sides = np.full(len(n), way - 1.0) if way < 3 else chance.uniform(-1, 1, len(n))
        yield estimate + sides * off, np.maximum(n + part * chance.uniform(-1, 1, len(n)), 1e-9)


def _shares(visible: pd.DataFrame, allowed: np.ndarray) -> Iterator[Floats]:
    for share, n in _before_rounding(visible, allowed):
        yield drawn_shares(np.clip(share, 0, 1), n)


def _means(visible: pd.DataFrame, allowed: np.ndarray, level: float) -> Iterator[Floats]:
    half = (numbers(visible["upper"]) - numbers(visible["lower"])) / 2
    off = half_a_unit(visible["upper"], allowed)
    side = np.random.default_rng(2)
    for mean, n in _before_rounding(visible, allowed):
        width = np.maximum(half + off * side.uniform(-1, 1, len(n)), 1e-9)
        freedom = np.maximum(n - 1, 1)
        deviation = width * np.sqrt(n) / stats.t.ppf((1 + level) / 2, freedom)
        known = np.isfinite(deviation)
        if not known.any():
            continue
        pooled = (freedom[known] * deviation[known] ** 2).sum() / freedom[known].sum()
        for factor in OTHER_SPREAD if not known.all() else (1.0,):
            others = 1 + (factor - 1) * freedom[~known].sum() / freedom.sum()
            yield drawn_means(mean, pooled * others / n)


def drawn_shares(share: Floats, n: Floats) -> Floats:
    """Shares drawn towards the common one, with the beta-binomial moments of Kleinman (1973, JASA 68, 46-54)."""
    common = (share * n).sum() / n.sum()
    chance, freedom = common * (1 - common), len(n) - 1
    room = n.sum() - (n**2).sum() / n.sum() - freedom
    if chance <= 0 or room <= 0:
        return np.full(len(n), common)
    alike = min(max(((n * (share - common) ** 2).sum() / chance - freedom) / room, 0.0), 1.0)
    return common + n * alike / (n * alike + 1 - alike) * (share - common)


def drawn_means(mean: Floats, variance: Floats) -> Floats:
    """Means drawn towards the common one: DerSimonian-Laird variance, Morris' correction (1983, JASA 78, 47-55)."""
    precision, freedom = 1 / variance, len(mean) - 1
    centre = (precision * mean).sum() / precision.sum()
    excess = (precision * (mean - centre) ** 2).sum() - freedom
    between = max(0.0, excess / (precision.sum() - (precision**2).sum() / precision.sum()))
    weight = 1 / (variance + between)
    common = (weight * mean).sum() / weight.sum()
    return common + (1 - (freedom - 2) / freedom * variance / (variance + between)) * (mean - common)
