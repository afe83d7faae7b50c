"""Who is on the way: where pupils will come who grow as pupils like them usually have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.growth_rows import ANALYSIS, Pupils, codes_of
from kvalitet_lib.analyses.rows import Floats, need_columns
from kvalitet_lib.analyses.score_columns import scores
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.growth_norms import GrowthNorms
from kvalitet_lib.statistics.growth_percentiles import GrowthNorm, needed, trajectories
from kvalitet_lib.statistics.intervals import wilson

USUAL = 50  # the percentile of those who grow as half of the pupils like them do


@dataclass(frozen=True, repr=False)
class Ahead:
    """Pupils who have not come to the target's score yet.

    Attributes
    ----------
    pupils : Pupils
    needed : ndarray of float, shape (n,)
        The lowest growth percentile that leads to the target if it is kept all the way; 100 where none does, NaN where too
        little is known of the pupil.
    on_the_way : ndarray of bool, shape (n,)
        Whether the growth so far, where it is known, else the usual one, is enough.
    """

    pupils: Pupils
    needed: Floats
    on_the_way: np.ndarray

    @property
    def chance(self) -> Floats:
        """Share of pupils like them in the norm that reached the target, 0-1."""
        return np.clip(1 - (self.needed - 0.5) / 100, 0, 1)


def steps_of(rows: pd.DataFrame, score: str, toward: str | Sequence[str]) -> list[str]:
    """The later scores on the way to the target, the next first; empty when the target is one of the score itself.

    Raises
    ------
    ContractError
        A column is missing or is the score itself.
    """
    steps = [toward] if isinstance(toward, str) and toward else list(toward)
    need_columns(rows, steps, ANALYSIS)
    if len({score, *steps}) <= len(steps):
        raise ContractError(f"growth: the later scores must be others than {score!r}, and each named once; got {steps}.")
    return steps


def coming_of(rows: pd.DataFrame, everyone: Pupils, steps: Sequence[str]) -> np.ndarray:
    """Who has not come to the target's score: a mask of the rows."""
    return np.isnan(scores(rows, steps[-1], ANALYSIS)) if steps else np.isnan(everyone.score)


def ahead_of(
    pupils: Pupils, norm_rows: pd.DataFrame, norm: Pupils, steps: Sequence[str], norms: GrowthNorms, target: float, fewest: int
) -> Ahead | None:
    """Hold the pupils who are not there yet against those who have been.

    Parameters
    ----------
    pupils : Pupils
        Those who are not there yet.
    norm_rows : DataFrame
        Where the norm's later scores stand; rows in the order of ``norm``.
    steps : sequence of str
        See :func:`steps_of`. Without any, the target is one of the score itself.
    norms : GrowthNorms
        Of the score itself.
    fewest : int
        Pupils a norm needs.

    Returns
    -------
    Ahead or None
        None when nobody is on the way, or a step has too few pupils to make a norm of.
    """
    if not len(pupils):
        return None
    needs = np.full(len(pupils), np.nan)
    if not steps:
        uses = norms.uses(pupils.priors)
        for count, one in enumerate(norms.norms, start=1):
            some = uses == count
            needs[some] = needed(trajectories([one], pupils.priors[some, :count]), target)
        return Ahead(pupils, needs, needs <= USUAL) if np.isfinite(needs).any() else None
    depth = len(norms.norms)
    known = np.column_stack([pupils.score, pupils.priors])[:, :depth]
    usable = np.isfinite(known).all(axis=1)
    chain = _chain(norm_rows, np.column_stack([norm.score, norm.priors]), steps, depth, fewest)
    if not chain or not usable.any():
        return None
    needs[usable] = needed(trajectories(chain, known[usable]), target)
    so_far = norms.percentiles(pupils.score, pupils.priors)
    return Ahead(pupils, needs, np.where(np.isfinite(so_far), so_far, USUAL) >= needs)


def _chain(rows: pd.DataFrame, history: Floats, steps: Sequence[str], depth: int, fewest: int) -> list[GrowthNorm]:
    """A norm for each step, from as many earlier scores as the score's own; empty when one step has too few pupils."""
    chain: list[GrowthNorm] = []
    for step in steps:
        later = scores(rows, step, ANALYSIS)
        whole = np.isfinite(later) & np.isfinite(history[:, :depth]).all(axis=1)
        if whole.sum() < fewest or (np.ptp(history[whole, :depth], axis=0) == 0).any():
            return []
        chain.append(GrowthNorm.of(later[whole], history[whole, :depth]))
        history = np.column_stack([later, history])
    return chain


def on_the_way(ahead: Ahead, school: str, level: float) -> pd.DataFrame:
    """One row is one school, and one for all (``school`` empty): who is on the way to the target.

    Columns ``school``, ``estimate, lower, upper`` (share on the way, Wilson), ``expected`` (the share of pupils like them that
    reached it), ``n`` and ``missing`` (share of whom too little is known).
    """
    code, schools = codes_of(ahead.pupils, school) if school else (np.full(len(ahead.pupils), -1), [])
    known = np.isfinite(ahead.needed)
    rows = [("", np.ones(len(code), dtype=bool)), *((name, code == place) for place, name in enumerate(schools))]
    size = np.array([mask.sum() for _, mask in rows], dtype=np.float64)
    n = np.array([(mask & known).sum() for _, mask in rows], dtype=np.float64)
    reached = np.array([(ahead.on_the_way & mask & known).sum() for _, mask in rows], dtype=np.float64)
    chance = np.array([ahead.chance[mask & known].sum() for _, mask in rows])
    lower, upper = wilson(reached, n, level)
    persons = np.where(n > 0, n, np.nan)
    return pd.DataFrame(
        {
            "school": [name for name, _ in rows],
            "estimate": reached / persons,
            "lower": lower,
            "upper": upper,
            "expected": chance / persons,
            "n": n,
            "missing": 1 - n / np.where(size > 0, size, np.nan),
        }
    )
