"""How large an effect chance finds: the same estimate for units that did nothing, and with each treated unit left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.synthetic_control import Synthetic, against

FEWEST_DONORS = 2  # left for a placebo to be compared with
DRAWS = 400
Estimate = Callable[[NDArray[np.int64], NDArray[np.int64], int], Synthetic]


@dataclass(frozen=True)
class Placebos:
    """Effects found for units that did nothing. Arrays have one element per draw.

    Attributes
    ----------
    effects, misfits, ratios : ndarray, shape (m,)
        Effect, root mean squared gap before, and gap after beside gap before, of each draw.
    who : ndarray of int, shape (m, treated)
        Which controls stood for the treated.
    exhaustive : bool
        Whether every control stood in turn.
    """

    effects: Floats
    misfits: Floats
    ratios: Floats
    who: NDArray[np.int64]
    exhaustive: bool

    @property
    def standard_error(self) -> float:
        """Standard deviation of the effects; NaN with fewer than two."""
        return float(self.effects.std(ddof=1)) if len(self.effects) > 1 else np.nan

    def p(self, effect: float) -> float:
        """Share of effects, the one found among them, that are at least as far from 0 (permutation test)."""
        return float((1 + (np.abs(self.effects) >= abs(effect) * (1 - 1e-12)).sum()) / (1 + len(self.effects)))

    def p_of_ratio(self, ratio: float) -> float:
        """Share of ratios, the one found among them, that are at least as large."""
        return float((1 + (self.ratios >= ratio * (1 - 1e-12)).sum()) / (1 + len(self.ratios)))


def average(fitted: Sequence[Synthetic], treated: Sequence[int]) -> tuple[float, float, float]:
    """Effect, misfit and ratio of several cohorts, each weighted by its treated points (units x times after)."""
    weights = np.array([count * one.after for one, count in zip(fitted, treated, strict=True)], dtype=np.float64)
    parts = np.array([[one.effect, one.misfit, one.ratio] for one in fitted])
    effect, misfit, ratio = weights @ parts / weights.sum()
    return float(effect), float(misfit), float(ratio)


def placebos(
    controls: int, cohorts: Sequence[tuple[int, int]], estimate: Estimate, generator: np.random.Generator, draws: int = DRAWS
) -> Placebos:
    """The estimate repeated with controls in the place of the treated.

    One treated unit: every control takes its place in turn. Several: so many at random, as many times as ``draws``.

    Parameters
    ----------
    controls : int
        How many there are, numbered from 0.
    cohorts : sequence of (int, int)
        For each cohort, how many are treated and how many points lie before.
    estimate : function of (kept, standing, before)
        The estimate with the controls ``standing`` in the place of the treated and those ``kept`` to compare with.
    generator : numpy Generator

    Returns
    -------
    Placebos
        Empty when fewer than two controls would be left to compare with.

    References
    ----------
    Abadie, A., Diamond, A. & Hainmueller, J. (2010). J. Am. Stat. Assoc. 105(490), 493-505.
    Arkhangelsky, D., Athey, S., Hirshberg, D. A., Imbens, G. W. & Wager, S. (2021). Am. Econ. Rev. 111(12), 4088-4118
    (algorithm 4).
    """
    counts = [count for count, _ in cohorts]
    treated = sum(counts)
    if controls - treated < FEWEST_DONORS:
        nothing = np.empty(0)
        return Placebos(nothing, nothing, nothing, np.empty((0, treated), dtype=np.int64), treated == 1)
    if treated == 1:
        who = np.arange(controls)[:, None]
    else:
        who = np.array([generator.permutation(controls)[:treated] for _ in range(draws)])
    found = []
    for standing in who:
        kept = np.setdiff1d(np.arange(controls), standing)
        groups = np.split(standing, np.cumsum(counts)[:-1])
        fitted = [estimate(kept, group, before) for group, (_, before) in zip(groups, cohorts, strict=True)]
        found.append(average(fitted, counts))
    effects, misfits, ratios = np.array(found).T
    return Placebos(effects, misfits, ratios, who, treated == 1)


def jackknife_error(controls: ArrayLike, cohorts: Sequence[Floats], fitted: Sequence[Synthetic]) -> float:
    """Standard error from leaving out one unit at a time, with the weights kept.

    Parameters
    ----------
    controls : array_like, shape (controls, times)
    cohorts : sequence of ndarray, shape (treated, times)
        Values of the treated of each cohort.
    fitted : sequence of Synthetic
        What was found for each cohort with everybody in.

    Returns
    -------
    float
        NaN when a cohort has one treated unit only, or one control has all the weight.

    References
    ----------
    Arkhangelsky, D., Athey, S., Hirshberg, D. A., Imbens, G. W. & Wager, S. (2021). Am. Econ. Rev. 111(12), 4088-4118
    (algorithm 3).
    """
    panel = np.asarray(controls, dtype=np.float64)
    if min(len(one) for one in cohorts) < 2 or any((one.unit_weights > 0).sum() < 2 for one in fitted):
        return np.nan
    counts = [len(one) for one in cohorts]
    whole = [one.mean(axis=0) for one in cohorts]
    without = []
    for left_out in range(len(panel)):
        kept = np.delete(panel, left_out, axis=0)
        again = [
            _reweighed(kept, ours, np.delete(one.unit_weights, left_out), one) for ours, one in zip(whole, fitted, strict=True)
        ]
        without.append(average(again, counts)[0])
    for cohort, rows in enumerate(cohorts):
        for left_out in range(len(rows)):
            ours = np.delete(rows, left_out, axis=0).mean(axis=0)
            again = [
                *fitted[:cohort],
                _reweighed(panel, ours, fitted[cohort].unit_weights, fitted[cohort]),
                *fitted[cohort + 1 :],
            ]
            fewer = [count - (place == cohort) for place, count in enumerate(counts)]
            without.append(average(again, fewer)[0])
    effects = np.array(without)
    return float(np.sqrt((len(effects) - 1) / len(effects) * ((effects - effects.mean()) ** 2).sum()))


def _reweighed(controls: Floats, ours: Floats, weights: Floats, fitted: Synthetic) -> Synthetic:
    return against(controls, ours, weights / weights.sum(), fitted.time_weights, level=True)
