"""What would have happened without: a weighted mean of units that did nothing, fitted to the time before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.simplex import nearest_weights, stepwise_weights

METHODS = ("synthetic_control", "synthetic_did", "did")
SLIGHT = 1e-6  # of the noise, as synthdid: no more than what chooses one answer where several fit alike
ENOUGH = 1e-5  # of the noise, as synthdid: a step that gains less ends the search


@dataclass(frozen=True)
class Synthetic:
    """Treated units against their synthetic comparison.

    Attributes
    ----------
    effect : float
        Mean gap after, less the baseline's.
    unit_weights : ndarray, shape (controls,)
        Not below 0; they add up to 1.
    time_weights : ndarray, shape (before,)
        What each earlier point weighs in the baseline; all 0 for synthetic control, which has none.
    gaps : ndarray, shape (times,)
        Treated less synthetic at each point, less the baseline.
    misfit : float
        Root mean squared gap before; a method that has a baseline is not blamed for an even distance.
    """

    effect: float
    unit_weights: Floats
    time_weights: Floats
    gaps: Floats
    misfit: float

    @property
    def ratio(self) -> float:
        """Root mean squared gap after, beside that before."""
        after = float(np.sqrt((self.gaps[-self.after :] ** 2).mean()))
        return after / self.misfit if self.misfit > 0 else np.inf

    @property
    def after(self) -> int:
        """Points after."""
        return len(self.gaps) - len(self.time_weights)


def synthetic(values: ArrayLike, treated: int, before: int, method: str, *, as_synthdid: bool = False) -> Synthetic:
    """Synthetic control, synthetic difference-in-differences, or plain difference-in-differences of one block.

    Parameters
    ----------
    values : array_like, shape (units, times)
        Controls first, the ``treated`` last; the first ``before`` points are before.
    treated, before : int
        At least 1 each, with at least one control and one point after.
    method : str
        One of ``METHODS``.
    as_synthdid : bool
        Weights by the steps of the R package instead of the best ones, to agree with what it prints.

    References
    ----------
    Abadie, A., Diamond, A. & Hainmueller, J. (2010). Synthetic control methods for comparative case studies.
    J. Am. Stat. Assoc. 105(490), 493-505.
    Arkhangelsky, D., Athey, S., Hirshberg, D. A., Imbens, G. W. & Wager, S. (2021). Synthetic difference-in-differences.
    Am. Econ. Rev. 111(12), 4088-4118.
    """
    panel = np.asarray(values, dtype=np.float64)
    controls = len(panel) - treated
    ours, theirs = panel[controls:].mean(axis=0), panel[:controls]
    unit_weights, time_weights = _weights(theirs, ours, treated, before, method, as_synthdid)
    return against(theirs, ours, unit_weights, time_weights, level=method != "synthetic_control")


def against(theirs: Floats, ours: Floats, unit_weights: Floats, time_weights: Floats, level: bool) -> Synthetic:
    """Treated units against controls with weights that are already known.

    Parameters
    ----------
    theirs, ours : ndarray, shape (controls, times) and (times,)
    level : bool
        Whether an even distance before is nothing to blame the comparison for.
    """
    before = len(time_weights)
    gaps = ours - unit_weights @ theirs
    distance = gaps[:before] - (gaps[:before].mean() if level else 0.0)
    gaps = gaps - time_weights @ gaps[:before]
    return Synthetic(float(gaps[before:].mean()), unit_weights, time_weights, gaps, float(np.sqrt((distance**2).mean())))


def predictor_weights(donors: ArrayLike, treated: ArrayLike, importance: ArrayLike) -> Floats:
    """Weights of donors whose predictors come closest to those of the treated, given how much each predictor counts.

    Which importances are right is not in the figures: very different ones can choose the same donors. Judge the donors'
    weights and how well they fit the time before, never the importances.

    Parameters
    ----------
    donors : array_like, shape (predictors, donors)
    treated : array_like, shape (predictors,)
    importance : array_like, shape (predictors,)
        Not below 0; only their proportions matter.

    Returns
    -------
    ndarray, shape (donors,)
    """
    root = np.sqrt(np.asarray(importance, dtype=np.float64))
    return nearest_weights(np.asarray(donors, dtype=np.float64) * root[:, None], np.asarray(treated, dtype=np.float64) * root)


def noise(values: Floats) -> float:
    """Standard deviation of the change from one point to the next, over all rows of ``values``."""
    changes = np.diff(values, axis=1)
    return float(changes.std(ddof=1)) if changes.size > 1 else 0.0


def _weights(theirs: Floats, ours: Floats, treated: int, before: int, method: str, as_synthdid: bool) -> tuple[Floats, Floats]:
    controls, times = theirs.shape
    if method == "did":
        return np.full(controls, 1 / controls), np.full(before, 1 / before)
    earlier = theirs[:, :before]
    level = noise(earlier) or 1.0  # controls that never move are weighted evenly

    def closest(columns: Floats, target: Floats, spread: float) -> Floats:
        ridge = len(target) * spread**2
        return (
            stepwise_weights(columns, target, ridge, ENOUGH * level) if as_synthdid else nearest_weights(columns, target, ridge)
        )

    if method == "synthetic_control":
        return closest(earlier.T, ours[:before], SLIGHT * level), np.zeros(before)
    # Arkhangelsky et al. (2021): the more treated points there are, the more evenly are units weighted.
    even = (treated * (times - before)) ** 0.25 * level
    shape = (earlier - earlier.mean(axis=1, keepdims=True)).T
    later = theirs[:, before:].mean(axis=1)
    return (
        closest(shape, ours[:before] - ours[:before].mean(), even),
        closest(earlier - earlier.mean(axis=0), later - later.mean(), SLIGHT * level),
    )
