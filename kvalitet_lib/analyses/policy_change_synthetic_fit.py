"""The estimate, the placebos around it, and what becomes of it without this donor or with an earlier start."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from kvalitet_lib.analyses.policy_change_synthetic_rows import Panel
from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.placebos import FEWEST_DONORS, Placebos, average, jackknife_error, placebos
from kvalitet_lib.statistics.synthetic_control import Synthetic, against, predictor_weights, synthetic

COUNTS = 0.01  # a donor with less weight than this decides nothing; own rule
EARLIER = 1 / 3  # of the time before, taken to lie after in the placebo in time; own rule
FEWEST_EARLY = 4  # times before, without which there is no placebo in time
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Answer:
    """What was found; see ``synthetic``.

    Attributes
    ----------
    fitted : tuple of Synthetic
        One per cohort.
    effect, standard_error, freedom, p : float
    placebos : Placebos
    without : list of (str, float)
        Effect without each donor that counts.
    numbers : dict
    """

    fitted: tuple[Synthetic, ...]
    effect: float
    standard_error: float
    freedom: float
    p: float
    placebos: Placebos
    without: list[tuple[str, float]]
    numbers: dict[str, float]


@dataclass(frozen=True, repr=False)
class Estimator:
    """One method on one panel, for any donors and any treated."""

    panel: Panel
    method: str
    importance: Floats

    def fit(self, kept: Places, ours: Floats, wanted: Floats, before: int, as_synthdid: bool = False) -> Synthetic:
        """Treated values (units, times) against some of the donors; ``wanted`` are the treated's predictors."""
        theirs = self.panel.theirs[kept, : ours.shape[1]]
        if len(self.importance):
            weights = predictor_weights(self.panel.predictors[kept].T, wanted, self.importance)
            return against(theirs, ours.mean(axis=0), weights, np.zeros(before), level=False)
        return synthetic(np.vstack([theirs, ours]), len(ours), before, self.method, as_synthdid=as_synthdid)

    def of_treated(self, kept: Places, as_synthdid: bool = False) -> list[Synthetic]:
        """Every cohort against some of the donors."""
        sizes = np.cumsum([len(self.panel.donors), *(len(one.units) for one in self.panel.cohorts)])
        return [
            self.fit(kept, one.values, self.panel.predictors[start:end].mean(axis=0), one.before, as_synthdid)
            for one, start, end in zip(self.panel.cohorts, sizes[:-1], sizes[1:], strict=True)
        ]

    def of_donors(self, kept: Places, standing: Places, before: int) -> Synthetic:
        """Donors in the place of the treated."""
        return self.fit(kept, self.panel.theirs[standing], self.panel.predictors[standing].mean(axis=0), before)

    def chance(self, seed: int) -> Placebos:
        cohorts = [(len(one.units), one.before) for one in self.panel.cohorts]
        return placebos(len(self.panel.donors), cohorts, self.of_donors, np.random.default_rng(seed))


def answer_of(panel: Panel, method: str, importance: Floats, inference: str, exact: bool, seed: int) -> Answer:
    """Fit every cohort, and everything that its effect is judged by."""
    counts = [len(one.units) for one in panel.cohorts]
    estimator = Estimator(panel, method, importance)
    everyone = np.arange(len(panel.donors))
    best = estimator.of_treated(everyone)
    fitted = best if exact or len(importance) else estimator.of_treated(everyone, as_synthdid=True)
    effect, misfit, ratio = average(fitted, counts)
    chance = estimator.chance(seed)
    some = len(chance.effects) > 0
    early, early_p = _early(panel, method, importance, seed)
    numbers = {
        "effect_exact": average(best, counts)[0],
        "misfit": misfit,
        "misfit_usual": float(np.median(chance.misfits)) if some else np.nan,
        "ratio": ratio,
        "permutation_p": chance.p(effect) if some else np.nan,
        "ratio_p": chance.p_of_ratio(ratio) if some else np.nan,
        "smallest_p": _smallest(len(panel.donors), panel.treated),
        "placebos": float(len(chance.effects)),
        "donors": float(len(panel.donors)),
        "donors_effective": float(min(1 / (one.unit_weights**2).sum() for one in fitted)),
        "early_effect": early,
        "early_p": early_p,
    }
    error, freedom = chance.standard_error, float(len(panel.donors) - 1)
    p = numbers["ratio_p" if method == "synthetic_control" else "permutation_p"]
    if inference == "jackknife":
        error = jackknife_error(panel.theirs, [one.values for one in panel.cohorts], fitted)
        p = float(2 * stats.t.sf(abs(effect) / error, freedom)) if error > 0 else np.nan
    without = _without(estimator, fitted, counts)
    return Answer(tuple(fitted), effect, error, freedom, p, chance, without, numbers)


def _smallest(donors: int, treated: int) -> float:
    """The smallest p that putting so many of the donors in the place of the treated can give."""
    return 1 / (1 + math.comb(donors, treated))


def _without(estimator: Estimator, fitted: Sequence[Synthetic], counts: Sequence[int]) -> list[tuple[str, float]]:
    """The effect when each donor that counts is left out, with the best weights of those that remain."""
    donors = estimator.panel.donors
    heaviest = np.max([one.unit_weights for one in fitted], axis=0)
    everyone = np.arange(len(donors))
    if len(donors) <= FEWEST_DONORS:
        return []
    return [
        (donors[place], average(estimator.of_treated(np.delete(everyone, place)), counts)[0])
        for place in np.flatnonzero(heaviest >= COUNTS)
    ]


def _early(panel: Panel, method: str, importance: Floats, seed: int) -> tuple[float, float]:
    """Effect of a start that never was, in the last third of the time before, and its p among the donors' own."""
    before = panel.cohorts[0].before
    if before < FEWEST_EARLY:
        return np.nan, np.nan
    pretended = before - max(1, round(before * EARLIER))
    cohorts = tuple(replace(one, values=one.values[:, :before], before=pretended) for one in panel.cohorts)
    early = Estimator(replace(panel, theirs=panel.theirs[:, :before], cohorts=cohorts), method, importance)
    effect, _, _ = average(early.of_treated(np.arange(len(panel.donors))), [len(one.units) for one in cohorts])
    chance = early.chance(seed)
    return effect, chance.p(effect) if len(chance.effects) else np.nan
