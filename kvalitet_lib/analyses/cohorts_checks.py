"""What may be doubted when a class is followed; each limit is our own choice unless its source is named."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.checks import MOST_MISSING
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.cohorts_rows import Followed
from kvalitet_lib.statistics.same_persons import Contrast, WithTheLost

ALIKE = 0.05  # standard deviations: What Works Clearinghouse, Standards Handbook: below this no adjustment is asked for
SAME_SPREAD = 1.5  # how many times one occasion's spread may be the other's on one scale; own rule


def few_lost(loss: WithTheLost) -> Check:
    """Whether few of those who began are without a result now."""
    return Check("cohorts_few_lost", loss.share <= MOST_MISSING, Claim.DIFFERS, 100 * loss.share, 100 * MOST_MISSING)


def lost_are_alike(followed: Followed, apart: Contrast, confidence: float) -> Check:
    """Whether those lost began where those kept did: fails when they did not, beyond chance and beyond what hardly matters."""
    spread = float(followed.began["earlier"].std())
    distance = float(apart.estimate[0]) / spread if spread > 0 else 0.0
    if np.isnan(distance):
        return Check("cohorts_lost_alike", True, Claim.DIFFERS, 0.0, ALIKE)
    told = bool(apart.p[0] < 1 - confidence and abs(distance) > ALIKE)
    return Check("cohorts_lost_alike", not told, Claim.DIFFERS, distance, ALIKE)


def holds_reweighted(loss: WithTheLost, same: pd.Series) -> Check:
    """Whether the change is told from none, and on the same side, when those kept are weighed as all who began were."""
    lost_the_claim = bool(same["lower"] > 0 and not loss.lower > 0) or bool(same["upper"] < 0 and not loss.upper < 0)
    return Check("cohorts_reweighted", not lost_the_claim, Claim.NOTHING, loss.reweighted, same["estimate"])


def bounded(loss: WithTheLost) -> Check:
    """Between what the change must lie whatever became of those lost: for the reader to bear in mind."""
    return Check("cohorts_bounds", None, Claim.DIFFERS, loss.worst, loss.best)


def turning(loss: WithTheLost) -> Check:
    """How unlike those kept the lost would have to be for there to be no change in all: for the reader to judge."""
    return Check("cohorts_turning", True if np.isnan(loss.turning) else None, Claim.DIFFERS, abs(loss.turning))


def same_scale(followed: Followed) -> Check:
    """Whether values are as spread on both occasions, as they would be on one scale."""
    both = followed.pupils[followed.matched]
    first, second = float(both["earlier"].std()), float(both["later"].std())
    if not (first > 0 and second > 0):
        return Check("cohorts_same_scale", None, Claim.NOTHING)
    ratio = max(first, second) / min(first, second)
    return Check("cohorts_same_scale", ratio <= SAME_SPREAD, Claim.NOTHING, ratio, SAME_SPREAD)


def towards_the_mean(followed: Followed) -> Check:
    """How far those who began low have risen by that alone: the correlation of the beginning with the change."""
    both = followed.pupils[followed.matched]
    change = followed.change
    if len(both) < 3 or np.ptp(change) == 0 or both["earlier"].nunique() < 2:
        return Check("cohorts_towards_mean", None, Claim.DIFFERS)
    found = float(np.corrcoef(both["earlier"].to_numpy(dtype=np.float64), change)[0, 1])
    return Check("cohorts_towards_mean", None, Claim.DIFFERS, found)
