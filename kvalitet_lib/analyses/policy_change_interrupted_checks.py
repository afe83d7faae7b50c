"""What speaks against an interrupted time series: too few points, neighbours alike, a line that was not straight."""

from __future__ import annotations

import numpy as np
from scipy import stats

from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.checks import little_missing
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.policy_change_interrupted_models import COUNT_MODELS, Fitted, Terms, fit, terms_of
from kvalitet_lib.analyses.policy_change_interrupted_rows import Interruption
from kvalitet_lib.statistics.interrupted_series import harmonics as waves_of
from kvalitet_lib.statistics.intervals import Floats

FEWEST_POINTS = 8  # on each side; own rule
MOST_UNUSUAL = 2.0  # standard deviations of the last point before from the line; own rule


def checks_of(
    told: Interruption,
    terms: Terms,
    found: Fitted,
    model: str,
    season: float,
    pairs: int,
    slope_change: bool,
    confidence: float,
) -> tuple[tuple[Check, ...], dict[str, float]]:
    """All doubts, and the numbers they rest on."""
    alpha = 1 - confidence
    after = told.treated["after"].to_numpy(dtype=bool)
    before, then = int((~after).sum()), int(after.sum())
    last = float(found.residuals[before - 1])
    numbers = {
        "points_before": float(before),
        "points_after": float(then),
        "degrees_of_freedom": float(len(terms.outcome) - terms.matrix.shape[1]),
        "last_before": last,
        "curved_before_p": _curved_before(told, terms, season, pairs, model in COUNT_MODELS),
    }
    alike, allowed = found.numbers["autocorrelation_p"], found.numbers.get("lags", 0) > 0
    made = [
        Check("its_enough_points", min(before, then) >= FEWEST_POINTS, Claim.DIFFERS, min(before, then), FEWEST_POINTS),
        Check("its_comparison", told.comparison is not None, Claim.GOES_WITH),
        Check("its_independent", _stands(alike, alpha) if not allowed else True, Claim.NOTHING, alike, alpha),
        Check("its_usual_before", abs(last) <= MOST_UNUSUAL, Claim.GOES_WITH, abs(last), MOST_UNUSUAL),
        Check(
            "its_straight_before", _stands(numbers["curved_before_p"], alpha), Claim.GOES_WITH, numbers["curved_before_p"], alpha
        ),
        Check("its_nothing_else", None, Claim.SUGGESTS_EFFECT),
        little_missing(told.basis),
    ]
    if model == "poisson":
        p = found.numbers["dispersion_p"]
        made.insert(3, Check("its_as_poisson", _stands(p, alpha), Claim.NOTHING, p, alpha))
    if season:
        whole = min(before, then) * told.step / season
        made.insert(3, Check("its_season_covered", whole >= 1, Claim.DIFFERS, whole, 1.0))
    if not slope_change:
        numbers["slope_change_p"] = _slope_changed(told, model, season, pairs, confidence)
        p = numbers["slope_change_p"]
        made.append(Check("its_only_a_step", _stands(p, alpha), Claim.GOES_WITH, p, alpha))
    return tuple(made), numbers


def _stands(p: float, alpha: float) -> bool | None:
    return None if np.isnan(p) else bool(p >= alpha)


def _slope_changed(told: Interruption, model: str, season: float, pairs: int, confidence: float) -> float:
    """p of no change of slope, had one been asked for."""
    terms = terms_of(told, model, season, pairs, slope_change=True)
    if len(terms.outcome) <= terms.matrix.shape[1] + 1 or not terms.full_rank:
        return np.nan
    again = fit(terms, model, None, season, told.step, confidence)
    return float(again.estimates.set_index("term").loc["slope", "p"]) if again.converged else np.nan


def _curved_before(told: Interruption, terms: Terms, season: float, pairs: int, counts: bool) -> float:
    """p of a straight line before (t test of a squared term); of logged rates for counts. NaN when there is no room for it."""
    size = len(told.treated) if counts else len(terms.outcome)
    early = terms.matrix[:size, list(terms.names).index("level")] == 0
    at, value = terms.at[:size][early], terms.outcome[:size][early]
    if counts:
        people = terms.population[:size][early] if terms.population is not None else 1.0
        value = np.log((value + 0.5) / people)
    centred = at - at.mean()
    waves = waves_of(at, season, pairs) if season else np.empty((len(at), 0))
    design = np.column_stack([np.ones(len(at)), centred, waves, centred**2])
    return _last_p(design, value)


def _last_p(design: Floats, value: Floats) -> float:
    """p of the last column's coefficient being 0 (least squares)."""
    n, k = design.shape
    if n - k < 3 or np.linalg.matrix_rank(design) < k:
        return np.nan
    coefficients = np.linalg.lstsq(design, value, rcond=None)[0]
    left = value - design @ coefficients
    error = np.sqrt(float(left @ left) / (n - k) * np.linalg.inv(design.T @ design)[-1, -1])
    return float(2 * stats.t.sf(abs(coefficients[-1]) / error, n - k)) if error > 0 else np.nan
