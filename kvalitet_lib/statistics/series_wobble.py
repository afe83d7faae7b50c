"""How much a year moves a school beyond sampling, how far that carries over, and what it gives all schools at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.series_block import ENOUGH, Block

# Finer steps are finer than a handful of years can tell; without negative ones, chance would always be overrated.
CARRY_OVERS = (-0.4, -0.2, 0.0, 0.2, 0.4, 0.6, 0.8)
INDIFFERENT = 0.02  # of twice the log likelihood
MOST_ROOT = 2.5  # yearly spread, beside that around plain lines, beyond which none is looked for
MOST_RATIO = 6.0  # yearly spread beside that of sampling, where only the persons are known
FLAT = 1e-12  # scatter below this share of the values' own is rounding


@dataclass(frozen=True)
class Wobble:
    """Variance components of yearly values around their lines.

    Attributes
    ----------
    yearly : float
        Variance of what a year gives one school.
    carry_over : float
        Correlation of that with the next year's, -0.4 to 0.8.
    sampling : ndarray, shape (k, t)
        Variance of each value from the persons behind it; 0 where that is not known.
    common : float
        Variance of what a year gives all schools, never below 0.
    common_uncertainty : float
        Half the variance of ``common`` as an estimate, as Satterthwaite's formula needs it.
    freedom : float
        Degrees of freedom behind the whole scatter (Satterthwaite).
    residual_freedom : float
        Points less parameters, over all series.
    known : bool
        Whether ``sampling`` is known rather than found: no slope is then surer than sampling allows.
    common_p : float
        p of years that give all schools nothing in common (F); NaN where it cannot be tested.
    """

    yearly: float
    carry_over: float
    sampling: Floats
    common: float
    common_uncertainty: float
    freedom: float
    residual_freedom: float
    known: bool
    common_p: float

    def covariance(self, block: Block, shared: bool) -> Floats:
        """Covariance of each series' points, with or without what all schools share."""
        return _covariance(block, self.yearly, self.carry_over, self.sampling, self.common if shared else 0.0)


def wobble(block: Block, variances: Floats | None, sizes: Floats | None) -> Wobble:
    """Variance components by restricted maximum likelihood, after taking out what all schools share in a year.

    Parameters
    ----------
    block : Block
    variances, sizes : ndarray, shape (k, t), optional
        Known sampling variances, or numbers of persons; see ``short_series.slopes``.

    Raises
    ------
    ValueError
        All points lie exactly on their lines.
    """
    sampling, known = _sampling(block, variances, sizes)
    reference = _scatter_of_plain_lines(block)
    calm = _without_years(block)
    tries = [one for one in CARRY_OVERS if one >= 0 or block.regular]
    searches = [_best(block, calm, sampling, known, reference, carry_over) for carry_over in tries]
    # Of two that fit alike, the smaller: where a year hardly moves anybody, nothing tells how far that carries over.
    _, yearly, carry_over = min(searches, key=lambda one: one[0] + INDIFFERENT * abs(one[2]))
    shape = _covariance(block, yearly, carry_over, sampling)
    whole = float(block.fit(shape).scatter.sum())
    shared = _Shared.of(block, shape)
    left = float(block.freedom.sum()) - shared.freedom
    within = (whole - shared.scatter) / left
    if known:  # persons vary as much as they are known to, however quiet the years may seem
        within = max(1.0, within)
    if not shared.freedom:
        return Wobble(within * yearly, carry_over, within * sampling, 0.0, 0.0, left, left, known, np.nan)
    across = shared.scatter / shared.freedom
    per_excess = shared.freedom / shared.room
    return Wobble(
        within * yearly,
        carry_over,
        within * sampling,
        max(0.0, (across - within) * per_excess),
        per_excess**2 * (across**2 / shared.freedom + within**2 / left),
        (shared.scatter + left * within) ** 2 / (shared.freedom * across**2 + left * within**2),
        left + shared.freedom,
        known,
        float(stats.f.sf(across / within, shared.freedom, left)),
    )


@dataclass(frozen=True)
class _Shared:
    """What all series share in a year: its coefficients, their squared size, degrees of freedom and expected growth."""

    by_year: Floats
    scatter: float
    freedom: int
    room: float

    @classmethod
    def of(cls, block: Block, covariance: Floats) -> _Shared:
        projections = block.projections(covariance)
        beside = projections @ block.years
        information = np.einsum("kty,ktz->yz", block.years, beside)
        told = np.einsum("kty,kt->y", beside, block.value)
        size, direction = np.linalg.eigh(information)
        real = size > ENOUGH * max(size.max(), np.finfo(float).tiny)
        freedom = int(real.sum())
        if block.freedom.sum() - freedom < 1:  # one series, or too few: what is shared cannot be told from the rest
            return cls(np.zeros(len(told)), 0.0, 0, 0.0)
        by_year = (direction[:, real] / size[real]) @ (direction[:, real].T @ told)
        return cls(by_year, float(told @ by_year), freedom, float(np.trace(information)))


def _without_years(block: Block) -> tuple[Floats, float]:
    """Values less what all share in a year, and by how much the scatter that is left must grow for it."""
    shared = _Shared.of(block, block.diagonal(1.0))
    freedom = float(block.freedom.sum())
    return block.value - block.years @ shared.by_year, freedom / (freedom - shared.freedom)


def _scatter_of_plain_lines(block: Block) -> float:
    """Mean squared distance from unweighted lines."""
    scatter = float(block.fit(block.diagonal(1.0)).scatter.sum())
    if scatter <= FLAT * float((block.value**2).sum()):
        raise ValueError("all points lie exactly on their lines: nothing shows how much a year wobbles")
    return scatter / float(block.freedom.sum())


def _sampling(block: Block, variances: Floats | None, sizes: Floats | None) -> tuple[Floats, bool]:
    """Sampling variances, or what they are proportional to; and whether they are known."""
    if variances is not None:
        return variances, True
    if sizes is None:
        return np.zeros(block.there.shape), False
    persons = sizes[block.there]
    relative = np.divide(persons.mean(), sizes, out=np.zeros(sizes.shape), where=block.there)
    return relative, False


def _best(
    block: Block, calm: tuple[Floats, float], sampling: Floats, known: bool, reference: float, carry_over: float
) -> tuple[float, float, float]:
    """Restricted likelihood (negative), yearly variance and carry-over at the best yearly variance for one carry-over."""
    value, growth = calm
    freedom = float(block.freedom.sum())

    def badness(root: float) -> float:
        fit = block.fit(_covariance(block, root**2, carry_over, sampling), value)
        scatter = growth * float(fit.scatter.sum())
        return fit.log_volume + (scatter if known else freedom * float(np.log(scatter)))

    if not sampling.any():
        return badness(1.0), 1.0, carry_over
    scale = float(np.sqrt(reference)) if known else 1.0
    most = MOST_ROOT if known else MOST_RATIO
    found = optimize.minimize_scalar(
        lambda step: badness(scale * step), bounds=(0, most), method="bounded", options={"xatol": 1e-2}
    )
    return float(found.fun), float((scale * found.x) ** 2), carry_over


def _covariance(block: Block, yearly: float, carry_over: float, sampling: Floats, common: float = 0.0) -> Floats:
    """Covariance of each series' points, with an identity where there are none; shape (k, t, t)."""
    alike = np.sign(carry_over) ** block.apart * abs(carry_over) ** block.apart if carry_over else block.apart == 0
    return np.asarray(yearly * alike + block.diagonal(sampling + common))
