"""How well risks tell those with an event from those without, and what acting on them would bring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from kvalitet_lib.statistics.intervals import Floats


@dataclass(frozen=True)
class Auc:
    """The probability that somebody with the event has a higher risk than somebody without; 0.5 is chance."""

    estimate: float
    standard_error: float

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Normal interval, cut at 0 and 1."""
        half = float(stats.norm.ppf((1 + level) / 2)) * self.standard_error
        return max(self.estimate - half, 0.0), min(self.estimate + half, 1.0)


def auc(outcome: ArrayLike, risk: ArrayLike, cluster: NDArray[np.int64] | None = None) -> Auc:
    """Area under the curve, with DeLong's standard error.

    Parameters
    ----------
    outcome : array_like, shape (m,)
        1 where the event happened, else 0.
    risk : array_like, shape (m,)
        Higher where it is thought more likely; only the order counts, and those alike count half.
    cluster : array of int, shape (m,), optional
        Numbered from 0 without gaps: pupils of one school, who may be alike. Without it everyone is regarded as independent.

    Returns
    -------
    Auc
        NaN where everyone has the same outcome; without a standard error where only one has the other.

    References
    ----------
    DeLong, E. R., DeLong, D. M. & Clarke-Pearson, D. L. (1988). Comparing the areas under two or more correlated
    receiver operating characteristic curves. Biometrics 44(3), 837-845.
    Sun, X. & Xu, W. (2014). Fast implementation of DeLong's algorithm. IEEE Signal Process. Lett. 21(11), 1389-1393.
    Obuchowski, N. A. (1997). Nonparametric analysis of clustered ROC curve data. Biometrics 53(2), 567-578 (clusters).
    """
    event, value = np.asarray(outcome, dtype=bool), np.asarray(risk, dtype=np.float64)
    events, others = int(event.sum()), int((~event).sum())
    if not events or not others:
        return Auc(float("nan"), float("nan"))
    ranks = stats.rankdata(value)
    of_events = (ranks[event] - stats.rankdata(value[event])) / others
    of_others = 1 - (ranks[~event] - stats.rankdata(value[~event])) / events
    area = float(of_events.mean())
    if events < 2 or others < 2:
        return Auc(area, float("nan"))
    if cluster is None:
        return Auc(area, float(np.sqrt(of_events.var(ddof=1) / events + of_others.var(ddof=1) / others)))
    return Auc(area, _clustered(of_events - area, of_others - area, cluster[event], cluster[~event]))


def _clustered(of_events: Floats, of_others: Floats, at_event: NDArray[np.int64], at_other: NDArray[np.int64]) -> float:
    clusters = int(max(at_event.max(), at_other.max())) + 1
    events, others = len(of_events), len(of_others)
    sums = [np.bincount(at, values, clusters) for at, values in ((at_event, of_events), (at_other, of_others))]
    holding = [len(np.unique(at)) for at in (at_event, at_other)]
    if min(holding) < 2:
        return float("nan")
    parts = [
        held / (held - 1) * float((one**2).sum()) / many**2
        for held, one, many in zip(holding, sums, (events, others), strict=True)
    ]
    shared = clusters / (clusters - 1) * float((sums[0] * sums[1]).sum()) / (events * others)
    return float(np.sqrt(max(sum(parts) + 2 * shared, 0.0)))


@dataclass(frozen=True)
class Flagged:
    """What warning everyone at or above a threshold gives; all arrays have the shape of the thresholds.

    Attributes
    ----------
    true, false : ndarray
        Flagged persons with the event, and without.
    missed, spared : ndarray
        Persons not flagged with the event, and without.
    """

    threshold: Floats
    true: Floats
    false: Floats
    missed: Floats
    spared: Floats

    @classmethod
    def at(cls, outcome: ArrayLike, risk: ArrayLike, thresholds: ArrayLike) -> Flagged:
        """Count at each threshold.

        Parameters
        ----------
        outcome, risk : array_like, shape (m,)
        thresholds : array_like, shape (t,)
            Probabilities.
        """
        event, value = np.asarray(outcome, dtype=bool), np.asarray(risk, dtype=np.float64)
        at = np.atleast_1d(np.asarray(thresholds, dtype=np.float64))
        with_event, without = np.sort(value[event]), np.sort(value[~event])
        missed, spared = (np.searchsorted(one, at, side="left").astype(np.float64) for one in (with_event, without))
        return cls(at, len(with_event) - missed, len(without) - spared, missed, spared)

    @property
    def net_benefit(self) -> Floats:
        """True warnings per person, less false ones at the odds of the threshold: what the threshold says a false one costs.

        References
        ----------
        Vickers, A. J. & Elkin, E. B. (2006). Decision curve analysis: a novel method for evaluating prediction models.
        Med. Decis. Making 26(6), 565-574.
        """
        return self._benefit(self.true, self.false)

    @property
    def net_benefit_of_all(self) -> Floats:
        """The same when everybody is flagged; when nobody is it is 0."""
        return self._benefit(self.true + self.missed, self.false + self.spared)

    def _benefit(self, true: Floats, false: Floats) -> Floats:
        everyone = self.true + self.false + self.missed + self.spared
        odds = self.threshold / np.where(self.threshold < 1, 1 - self.threshold, np.nan)
        return (true - false * odds) / everyone


def rates(count: ArrayLike, of: ArrayLike) -> Floats:
    """Shares; NaN of nobody."""
    parts, whole = np.asarray(count, dtype=np.float64), np.asarray(of, dtype=np.float64)
    return np.divide(parts, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
