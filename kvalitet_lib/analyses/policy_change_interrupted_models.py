"""The regressions of an interrupted time series, each giving the same answer: terms, intervals, what is left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from kvalitet_lib.analyses.policy_change_interrupted_rows import COMPARISON, TREATED, Interruption
from kvalitet_lib.statistics.ar1 import ar1_regression
from kvalitet_lib.statistics.autocorrelation import breusch_godfrey, durbin_watson, newey_west, usual_lags
from kvalitet_lib.statistics.interrupted_series import count_regression, harmonics, overdispersed
from kvalitet_lib.statistics.intervals import Floats

COUNT_MODELS = ("poisson", "quasi")
MODELS = (*COUNT_MODELS, "ols", "gls_ar1")
NORMAL_FROM = 30  # residual degrees of freedom from which, as in published analyses, the normal distribution is used; own rule
EFFECTS = ("level", "slope")


@dataclass(frozen=True)
class Terms:
    """The design: outcome (n,), matrix (n, k), names of its terms, and the same matrix had nothing happened."""

    outcome: Floats
    matrix: Floats
    names: tuple[str, ...]
    untouched: Floats
    population: Floats | None
    at: Floats

    @property
    def full_rank(self) -> bool:
        return int(np.linalg.matrix_rank(self.matrix)) == self.matrix.shape[1]


@dataclass(frozen=True)
class Fitted:
    """What one model found.

    Attributes
    ----------
    estimates : DataFrame
        One row is one term. Ratios for models of counts, whose ``standard_error`` is that of ``coefficient``, their logarithm.
    fitted, untouched : ndarray, shape (n,)
        As the model sees it, and had nothing happened.
    numbers : dict
        ``dispersion``, ``correlation``, ``lags``, ``durbin_watson``, ``autocorrelation_p``, ``dispersion_p``, where they are.
    residuals : ndarray, shape (n,)
        Standardised.
    converged : bool
    """

    estimates: pd.DataFrame
    fitted: Floats
    untouched: Floats
    numbers: dict[str, float]
    residuals: Floats
    converged: bool = True


def terms_of(told: Interruption, model: str, season: float, pairs: int, slope_change: bool) -> Terms:
    """Level, trend, season, and what the start changed.

    Models of counts keep the comparison as a series of its own, and ask what changed beyond it; other models take the
    difference between the two series, in which what moved both of them is no longer there.
    """
    frame, against = told.treated, told.comparison
    if against is not None and model not in COUNT_MODELS:
        frame = frame.merge(against[["at", "value"]], on="at", suffixes=("", "_there"))
        frame = frame.assign(value=frame["value"] - frame["value_there"])
    elif against is not None:
        frame = told.frame
    at, after = frame["at"].to_numpy(dtype=np.float64), frame["after"].to_numpy(dtype=np.float64)
    parts = {"intercept": np.ones(len(at)), "time": at, "level": after}
    if slope_change:
        parts["slope"] = after * (at - told.last_before)
    if against is not None and model in COUNT_MODELS:
        here = frame["series"].eq(TREATED).to_numpy(dtype=np.float64)
        shared = {f"{name}_{COMPARISON}" if name in EFFECTS else name: column for name, column in parts.items()}
        own = {"treated" if name == "intercept" else "treated_time" if name == "time" else name: here * column
               for name, column in parts.items()}  # fmt: skip
        parts = shared | own
    if season:
        waves = harmonics(at, season, pairs)
        parts |= {f"season_{number}": wave for number, wave in enumerate(waves.T, start=1)}
    matrix = np.column_stack(list(parts.values()))
    untouched = matrix * np.array([name not in EFFECTS for name in parts])
    population = frame["population"].to_numpy(dtype=np.float64) if model in COUNT_MODELS else None
    if population is not None and np.isnan(population).any():
        population = None
    return Terms(frame["value"].to_numpy(dtype=np.float64), matrix, tuple(parts), untouched, population, at)


def fit(terms: Terms, model: str, lags: int | None, season: float, step: float, confidence: float) -> Fitted:
    """One of ``MODELS``."""
    if model in COUNT_MODELS:
        return _counts(terms, model == "quasi", lags or 0, confidence)
    if model == "ols":
        return _least_squares(terms, lags, season / step, confidence)
    steps = np.rint(np.diff(terms.at) / step)
    found = ar1_regression(terms.matrix, terms.outcome, steps)
    lower, upper = found.interval(confidence)
    told = _frame(terms, found.coefficients, found.standard_errors, lower, upper, found.p)
    scale = float(np.sqrt(found.residuals @ found.residuals / found.freedom))
    numbers = {"correlation": found.correlation} | _left(found.matrix, found.residuals, season / step)
    ours = terms.matrix @ found.coefficients
    return Fitted(told, ours, terms.untouched @ found.coefficients, numbers, found.residuals / (scale or 1.0))


def _counts(terms: Terms, dispersed: bool, lags: int, confidence: float) -> Fitted:
    found = count_regression(terms.matrix, terms.outcome, terms.population)
    freedom = len(terms.outcome) - terms.matrix.shape[1]
    root = np.sqrt(found.fitted)
    numbers = {
        "dispersion": found.dispersion if dispersed else 1.0,
        "dispersion_p": overdispersed(found, terms.matrix.shape[1]),
    } | _left(terms.matrix * root[:, None], found.residuals, 0)
    if lags:
        # Pearson's residuals on a design weighted alike: least squares there is the last step of this regression.
        run = newey_west(terms.matrix * root[:, None], root * (terms.matrix @ found.coefficients) + found.residuals, lags)
        errors, (lower, upper), p = run.standard_errors, run.interval(confidence), run.p
        numbers["lags"] = float(lags)
    else:
        errors = found.standard_errors(dispersed)
        spread = stats.norm if not dispersed or freedom >= NORMAL_FROM else stats.t(freedom)
        reach = spread.ppf((1 + confidence) / 2) * errors
        lower, upper = found.coefficients - reach, found.coefficients + reach
        p = 2 * spread.sf(np.abs(found.coefficients) / errors)
    told = _frame(terms, found.coefficients, errors, lower, upper, p)
    for column in ("estimate", "lower", "upper"):
        told[column] = np.exp(np.clip(told[column], -700, 700))
    told["null"] += 1.0
    population = 1.0 if terms.population is None else terms.population
    without = population * np.exp(terms.untouched @ found.coefficients)
    return Fitted(told, found.fitted, without, numbers, found.residuals / np.sqrt(found.dispersion or 1.0), found.converged)


def _least_squares(terms: Terms, lags: int | None, season: float, confidence: float) -> Fitted:
    n, k = terms.matrix.shape
    used = min(n - 1, round(season) or usual_lags(n)) if lags is None else min(lags, n - 1)
    run = newey_west(terms.matrix, terms.outcome, used)
    lower, upper = run.interval(confidence)
    told = _frame(terms, run.coefficients, run.standard_errors, lower, upper, run.p)
    numbers = {"lags": float(used)} | _left(terms.matrix, run.residuals, season)
    scale = float(np.sqrt(run.residuals @ run.residuals / (n - k)))
    ours = terms.matrix @ run.coefficients
    return Fitted(told, ours, terms.untouched @ run.coefficients, numbers, run.residuals / (scale or 1.0))


def _frame(terms: Terms, coefficients: Floats, errors: Floats, lower: Floats, upper: Floats, p: Floats) -> pd.DataFrame:
    """One row per term; only what the start changed claims a difference."""
    effect = np.array([name in EFFECTS for name in terms.names])
    return pd.DataFrame({
        "term": terms.names, "group": "", "estimate": coefficients, "standard_error": errors, "lower": lower, "upper": upper,
        "null": np.where(effect, 0.0, np.nan), "p": np.where(effect, p, np.nan), "n": float(len(terms.outcome)),
        "coefficient": coefficients,
    })  # fmt: skip


def _left(matrix: Floats, residuals: Floats, season: float) -> dict[str, float]:
    """Whether what is left still resembles what was left before, up to a season or to the fourth neighbour."""
    room = len(residuals) - matrix.shape[1]
    lags = min(round(season) or 4, room // 3)
    p = breusch_godfrey(matrix, residuals, lags)[1] if lags >= 1 else np.nan
    return {"durbin_watson": durbin_watson(residuals), "autocorrelation_p": p}
