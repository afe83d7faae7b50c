"""How far down or up a list each unit may stand, by simulation: the only ranks that are ever told."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from kvalitet_lib.statistics.intervals import Floats

MOST_DRAWN = 4_000_000  # effects drawn in all: with more than 200 units, 20,000 draws are made fewer
TOP = 0.25  # of the units


@dataclass(frozen=True, repr=False)
class Ranks:
    """Where units may stand when the highest is 1; all of shape (J,).

    Attributes
    ----------
    mean, lower, upper : ndarray
        Expected rank, and the interval that holds the rank with the level asked for.
    top : ndarray
        Probability of being among the highest quarter, 0-1.
    """

    mean: Floats
    lower: Floats
    upper: Floats
    top: Floats


def simulate_ranks(effects: ArrayLike, errors: ArrayLike, *, draws: int = 10_000, seed: int = 1, level: float = 0.95) -> Ranks:
    """Draw every unit's effect from its normal distribution, rank each draw, and see where each unit lands.

    Parameters
    ----------
    effects, errors : array_like, shape (J,)
        Estimates and their standard errors. Where an error is unknown or 0, nothing sets the units apart, and every order
        is held to be as likely as another.
    draws, seed : int
        At most so many draws, fewer where there are many units. The same seed gives the same ranks.
    level : float
        In (0, 1).

    References
    ----------
    Goldstein, H. & Spiegelhalter, D. J. (1996). League tables and their limitations. J. R. Stat. Soc. A 159(3), 385-443.
    Leckie, G. & Goldstein, H. (2009). The limitations of using school league tables to inform school choice.
    J. R. Stat. Soc. A 172(4), 835-851.
    """
    centre, error = np.asarray(effects, dtype=np.float64), np.asarray(errors, dtype=np.float64)
    if not (error > 0).all():
        centre, error = np.zeros(centre.shape), np.ones(centre.shape)
    units = len(centre)
    times = max(1, min(draws, MOST_DRAWN // units))
    drawn = centre + error * np.random.default_rng(seed).standard_normal((times, units))
    ranks = np.empty((times, units), dtype=np.int32)
    np.put_along_axis(ranks, np.argsort(-drawn, axis=1), np.arange(1, units + 1, dtype=np.int32)[None, :], axis=1)
    ranks.sort(axis=0)
    tail = (1 - level) / 2
    lower, upper = (ranks[max(math.ceil(one * times) - 1, 0)].astype(np.float64) for one in (tail, 1 - tail))
    return Ranks(ranks.mean(axis=0), lower, upper, (ranks <= max(1, int(units * TOP))).mean(axis=0))


def pairs_told_apart(effects: ArrayLike, errors: ArrayLike, level: float = 0.95) -> float:
    """Share of all pairs of units whose difference is larger than chance explains at this level, 0-1.

    No correction is made for the number of pairs.

    Parameters
    ----------
    effects, errors : array_like, shape (J,)
        Estimates and their standard errors, taken as independent.
    """
    centre, error = np.asarray(effects, dtype=np.float64), np.asarray(errors, dtype=np.float64)
    quantile, units, apart = stats.norm.ppf((1 + level) / 2), len(centre), 0
    for at in range(units - 1):
        distance = np.abs(centre[at + 1 :] - centre[at])
        apart += int((distance > quantile * np.hypot(error[at + 1 :], error[at])).sum())
    return apart / (units * (units - 1) / 2) if units > 1 else float("nan")
