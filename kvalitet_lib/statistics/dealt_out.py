"""A placebo in place: what comes out when the same measure, at the same times, is dealt out among the units anew."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.staggered_adoption import GroupTime

DEALS = 1999
SAME = 1 - 1e-9  # deals that equal what was seen but for rounding count as at least as large
LARGEST = 40_000_000  # numbers held at once


def dealt_out_p(outcomes: ArrayLike, effects: GroupTime, factors: ArrayLike, deals: int = DEALS, seed: int = 1) -> float:
    """How large a share of deals gives at least as large a t value as the measure where it truly was.

    Dealing is right by construction when any unit might as well have had the measure, and no effect is no effect anywhere.
    Dividing by the standard error of each deal keeps it about right when units also differ in how much they vary. Where a
    group has a single unit there is no such standard error, and the effects themselves are held beside one another.

    Parameters
    ----------
    outcomes : array_like, shape (n, T)
        Without gaps.
    effects : GroupTime
        Made from them without covariates.
    factors : array_like, shape (c,)
        What each cell weighs in the effect.
    deals : int
        How many, the true one among them.

    Returns
    -------
    float
        In (0, 1]: never below one in ``deals``.

    References
    ----------
    MacKinnon, J. G. & Webb, M. D. (2020). Randomization inference for difference-in-differences with few treated clusters.
    J. Econom. 218(2), 435-450.
    """
    y, weighing = np.asarray(outcomes, dtype=np.float64), np.asarray(factors, dtype=np.float64)
    units, periods = y.shape
    path = ((effects.coefficients * weighing) @ effects.contrasts).reshape(-1)
    sizes = [(effects.cohort == group).sum() for group in np.unique(effects.group)]
    spread = _spread(effects, weighing).reshape(units, -1) if min(sizes) > 1 else None
    rng = np.random.default_rng(seed)
    places = np.tile(np.arange(units), (deals, 1))
    places[1:] = rng.permuted(places[1:], axis=1)
    at_once = max(1, LARGEST // (units * periods))
    found = np.concatenate(
        [_t(y[some].reshape(len(some), -1), path, spread) for some in np.array_split(places, -(-deals // at_once))]
    )
    return float((found >= found[0] * SAME).mean())


def _t(dealt: Floats, path: Floats, spread: Floats | None) -> Floats:
    effect = np.abs(dealt @ path)
    if spread is None:
        return effect
    error = np.sqrt(((dealt @ spread.T) ** 2).sum(axis=1))
    return effect / np.where(error > 0, error, np.inf)


def _spread(effects: GroupTime, factors: Floats) -> Floats:
    """What makes each unit's residual, over the root of one less its leverage, from all outcomes: shape (n, n, T)."""
    units = effects.units
    made = np.zeros((units, units, effects.contrasts.shape[1]))
    for own, contrast, factor in zip(effects.coefficients.T, effects.contrasts, factors, strict=True):
        if not factor:
            continue
        for side in (np.clip(own, 0, None), np.clip(own, None, 0)):
            share = np.abs(side)
            room = np.where(share < SAME, 1 - share, np.inf)
            part = (np.diag(share) - np.outer(share, share)) * (np.sign(side) / np.sqrt(room))[:, None]
            made += factor * part[:, :, None] * contrast
    return made
