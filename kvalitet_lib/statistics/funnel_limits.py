"""Where units of each size are expected in a funnel, when chance alone, or chance and the usual spread, set them apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.intervals import Bounds, Floats

Overdispersion = Literal["none", "additive", "multiplicative"]
OVERDISPERSION: tuple[Overdispersion, ...] = get_args(Overdispersion)
DRAWS = 4000
MANY = 400  # with more units the factor stands still


@dataclass(frozen=True)
class Scores:
    """Units on the scale where chance is the same for all shares, or as they are.

    Attributes
    ----------
    value : ndarray, shape (k,)
        Arcsines of square roots of shares, or shares or means as they are.
    error : ndarray, shape (k,)
        Standard deviation that chance gives each of them.
    target : float
        The common value, on the same scale.
    arcsine : bool
        Whether the scale is the arcsine's.
    """

    value: Floats
    error: Floats
    target: float
    arcsine: bool = False

    @classmethod
    def of_shares(
        cls, numerators: ArrayLike, denominators: ArrayLike, target: float | None = None, arcsine: bool = True
    ) -> Scores:
        """Scores of shares.

        Parameters
        ----------
        numerators, denominators : array_like, shape (k,)
            ``0 <= numerators <= denominators``, denominators above 0.
        target : float, optional
            A share in (0, 1); the common share when not given.
        arcsine : bool
            Whether to take the arcsine of the square root, which makes chance alike for all shares.
        """
        count, n = np.asarray(numerators, dtype=np.float64), np.asarray(denominators, dtype=np.float64)
        common = float(count.sum() / n.sum()) if target is None else target
        if arcsine:
            return cls(np.arcsin(np.sqrt(count / n)), 1 / (2 * np.sqrt(n)), float(np.arcsin(np.sqrt(common))), True)
        return cls(count / n, np.sqrt(common * (1 - common) / n), common)

    @classmethod
    def of_means(cls, means: ArrayLike, errors: ArrayLike, target: float | None = None) -> Scores:
        """Scores of means with their standard errors; without a target, the mean of all by precision."""
        value, error = np.asarray(means, dtype=np.float64), np.asarray(errors, dtype=np.float64)
        weight = 1 / error**2
        return cls(value, error, float((weight * value).sum() / weight.sum()) if target is None else target)

    @property
    def z(self) -> Floats:
        """How many standard deviations of chance each unit lies from the target."""
        return (self.value - self.target) / self.error

    def back(self, values: ArrayLike) -> Floats:
        """From this scale to shares, or means; what lies beyond the ends of the scale of shares is its end."""
        there = np.asarray(values, dtype=np.float64)
        return np.sin(np.clip(there, 0, np.pi / 2)) ** 2 if self.arcsine else there


@dataclass(frozen=True)
class Dispersion:
    """How much more units scatter than chance would have them do.

    Attributes
    ----------
    phi : float
        Mean of the squared (winsorised) z-scores; 1 when chance is all.
    tau2 : float
        Variance between units beside chance, on the scores' scale; 0 when the spread is no larger than chance's.
    factor : float
        What winsorising leaves of the sum of squares when z-scores are normal. ``phi`` and ``tau2`` are the published ones,
        not divided by it.
    tau2_in_full : float
        Variance between units with the factor made good, so that tests hold their level.
    phi_in_full : float
        The same for ``phi``, at least 1.
    """

    phi: float
    tau2: float
    factor: float
    tau2_in_full: float
    phi_in_full: float

    def spread(self, error: ArrayLike, overdispersion: Overdispersion, in_full: bool = False) -> Floats:
        """Standard deviation around the target of units whose chance is ``error``."""
        own = np.asarray(error, dtype=np.float64)
        if overdispersion == "additive":
            return np.sqrt(own**2 + (self.tau2_in_full if in_full else self.tau2))
        if overdispersion == "multiplicative":
            return own * np.sqrt(max(1.0, self.phi_in_full if in_full else self.phi))
        return own


def known_overdispersion(name: str) -> Overdispersion:
    """The way of that name to allow for more spread than chance.

    Raises
    ------
    ContractError
        There is none.
    """
    if name not in OVERDISPERSION:
        raise ContractError(f"There is no over-dispersion {name!r} for a funnel; there are: {', '.join(OVERDISPERSION)}.")
    return name


def dispersion(scores: Scores, winsorise: float = 0.1) -> Dispersion:
    """Over-dispersion of units, with the most extreme drawn in so that real outliers do not widen their own limits.

    Parameters
    ----------
    scores : Scores
        At least three units.
    winsorise : float
        Share of the z-scores at each end that is drawn in to the next quantile (type 7), in [0, 0.5).

    References
    ----------
    Spiegelhalter, D. J. (2005). Handling over-dispersion of performance indicators. Qual. Saf. Health Care 14(5), 347-351.
    Spiegelhalter, D. J. et al. (2012). Statistical methods for healthcare regulation: rating, screening and surveillance.
    J. R. Stat. Soc. A 175(1), 1-47.
    """
    z, weight = scores.z, 1 / scores.error**2
    units = len(z)
    squares = float((winsorised(z, winsorise) ** 2).sum())
    factor = what_winsorising_leaves(min(units, MANY), winsorise)
    room = float(weight.sum() - (weight**2).sum() / weight.sum())

    def between(sum_of_squares: float) -> float:
        return max(0.0, (sum_of_squares - (units - 1)) / room)

    in_full = max(1.0, squares / factor / (units - 1))
    return Dispersion(squares / units, between(squares), factor, between(squares / factor), in_full)


def winsorised(z: ArrayLike, share: float) -> Floats:
    """Scores with those beyond the ``share`` and ``1 - share`` quantiles drawn in to them."""
    values = np.asarray(z, dtype=np.float64)
    return np.clip(values, *np.quantile(values, [share, 1 - share]))


@cache
def what_winsorising_leaves(units: int, share: float) -> float:
    """Mean sum of squares of winsorised normal scores around their mean, as a share of ``units - 1``; found by drawing."""
    drawn = np.random.default_rng(units).normal(size=(DRAWS, units))
    drawn -= drawn.mean(axis=1, keepdims=True)
    low, high = np.quantile(drawn, [share, 1 - share], axis=1, keepdims=True)
    return float((np.clip(drawn, low, high) ** 2).sum(axis=1).mean() / (units - 1))


def limits_around(target: float, spread: ArrayLike, level: float) -> Bounds:
    """Normal limits around a target, on the scores' scale."""
    half = stats.norm.ppf((1 + level) / 2) * np.asarray(spread, dtype=np.float64)
    return target - half, target + half


def exact_limits(target: float, denominators: ArrayLike, level: float) -> Bounds:
    """Exact binomial limits: the smallest shares that a unit reaches or stays below with the tail's probability.

    A unit lies outside when its share is below the lower or above the upper limit; each happens by chance at most half of
    ``1 - level`` of the time.

    Parameters
    ----------
    target : float
        The common share, in (0, 1).
    denominators : array_like of int, shape (k,)
    level : float
        Share of units expected inside at least.

    References
    ----------
    Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance. Stat. Med. 24(8), 1185-1202.
    """
    n, tail = np.asarray(denominators, dtype=np.float64), (1 - level) / 2
    return stats.binom.ppf(tail, n, target) / n, stats.binom.ppf(1 - tail, n, target) / n


def exact_p(numerators: ArrayLike, denominators: ArrayLike, target: float) -> Floats:
    """How often chance alone takes a share as far from the target on its side, times two; at most 1."""
    count, n = np.asarray(numerators, dtype=np.float64), np.asarray(denominators, dtype=np.float64)
    tail = np.minimum(stats.binom.cdf(count, n, target), stats.binom.sf(count - 1, n, target))
    return np.minimum(2 * tail, 1.0)


NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(31)


def p_of_shares(numerators: ArrayLike, denominators: ArrayLike, target_angle: float, tau2: float, freedom: float) -> Floats:
    """How often a unit of the usual spread lies as far out as this one: binomial chance on top of normal arcsines.

    Exact binomial tails are averaged over the units' true arcsines, normal around the target; the answer's normal deviate is
    then held against Student's t, since the spread is known from few units only.

    Parameters
    ----------
    numerators, denominators : array_like, shape (k,)
    target_angle : float
        The target on the arcsine scale.
    tau2 : float
        Variance between units on that scale; 0 gives the exact binomial test.
    freedom : float
        Degrees of freedom behind the variance between units; infinity for a known one.
    """
    count, n = np.asarray(numerators, dtype=np.float64), np.asarray(denominators, dtype=np.float64)
    shares = np.sin(np.clip(target_angle + np.sqrt(tau2) * NODES, 0, np.pi / 2)) ** 2
    weight = WEIGHTS / WEIGHTS.sum()
    below = stats.binom.cdf(count[:, None], n[:, None], shares) @ weight
    above = stats.binom.sf(count[:, None] - 1, n[:, None], shares) @ weight
    p = np.clip(2 * np.minimum(below, above), 0, 1)
    return np.asarray(2 * stats.t.sf(stats.norm.isf(p / 2), freedom))
