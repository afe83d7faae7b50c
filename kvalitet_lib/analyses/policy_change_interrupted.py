"""What one series did when a measure began: an interrupted time series, with or without one to compare with."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.analyses.policy_change_interrupted_checks import checks_of
from kvalitet_lib.analyses.policy_change_interrupted_models import COUNT_MODELS, MODELS, Fitted, Terms, fit, terms_of
from kvalitet_lib.analyses.policy_change_interrupted_rows import Columns, Interruption, interruption
from kvalitet_lib.analyses.rows import need_columns
from kvalitet_lib.errors import ContractError

ANALYSIS = "policy_change"
CANNOT_TELL = ("why", "its_same_time", "its_line_goes_on")
SPARE = 3  # points beside the model's terms, without which nothing is left to judge it by


def interrupted(
    rows: pd.DataFrame,
    outcome: str,
    *,
    time: str,
    starts: Any,
    unit: str = "",
    comparison: Any = None,
    population: str = "",
    season: float = 0,
    harmonics: int = 2,
    slope_change: bool = False,
    model: str = "",
    lags: int | None = None,
    per: float = 1.0,
    confidence: float = 0.95,
) -> Finding:
    """Whether a series changed its level, or its slope, when something began.

    The line before is drawn on, and what came after is held against it. With a comparison, only what changed beyond the
    comparison's own change counts.

    Parameters
    ----------
    rows : DataFrame
        One row is one period (of one unit).
    outcome : str
        Column of counts, or of levels.
    time : str
        Column of numbers, school years, periods or dates.
    starts : same as the column's values
        The first period in which the measure was there.
    unit : str
        Column that tells series apart. All units but the comparison's are added up (levels are averaged).
    comparison : value or values of ``unit``, optional
        Units that nothing was done to. Models of counts give them a level and slope of their own; other models take the
        difference between the two series.
    population : str
        Column of persons, or time, at risk: an offset for counts; other models take the rate, ``per`` so many persons.
    season : float
        Length of the season in units of the time, e.g. 12 for months; 0 for none. ``harmonics`` pairs follow it.
    slope_change : bool
        Whether the slope may change, too: a term after x (time - last period before), so that ``level`` is the step there.
    model : str
        ``poisson``; ``quasi`` (Poisson with the dispersion found; the default with a population); ``ols`` with standard
        errors after Newey and West (the default without); ``gls_ar1``, first-order autocorrelation by maximum likelihood.
    lags : int, optional
        For Newey and West: the season, or their rule of thumb, unless given. With models of counts, 0 unless given.
    confidence : float

    Returns
    -------
    Finding
        Estimates: one row per term, ``level`` and ``slope`` among them. Models of counts give ratios (``null`` 1), whose
        ``standard_error`` is that of their logarithm, the extra column ``coefficient``. Intervals of ``ols`` and ``gls_ar1``
        take in that autocorrelation is itself estimated, and hold from 16 points on; ``standard_error`` is what other
        programs print.
        Tables: ``series`` (``time, at, after, observed, fitted, untouched``, and ``series`` where there are two).
        Numbers: ``points_before``, ``points_after``, ``degrees_of_freedom``, and, where the model has them, ``dispersion``,
        ``dispersion_p``, ``correlation``, ``lags``, ``durbin_watson``, ``autocorrelation_p``, ``slope_change_p``,
        ``curved_before_p``, ``last_before`` (standardised).

    Raises
    ------
    ContractError
        A column is missing or impossible, a period has several rows, the start lies outside the series, or there is no such
        model.

    References
    ----------
    Lopez Bernal, J., Cummins, S. & Gasparrini, A. (2017). Interrupted time series regression for the evaluation of public
    health interventions: a tutorial. Int. J. Epidemiol. 46(1), 348-355, with its published correction.
    Lopez Bernal, J., Cummins, S. & Gasparrini, A. (2018). The use of controls in interrupted time series studies of public
    health interventions. Int. J. Epidemiol. 47(6), 2082-2093.
    """
    need_columns(rows, [outcome, time, unit, population], "policy_change (interrupted)")
    chosen = model or ("quasi" if population else "ols")
    if chosen not in MODELS:
        raise ContractError(f"policy_change (interrupted): there is no model {model!r}; there are: {', '.join(MODELS)}.")
    if comparison is not None and chosen in COUNT_MODELS and lags:
        raise ContractError("policy_change (interrupted): lags with a comparison need model='ols', which takes the difference.")
    counts = chosen in COUNT_MODELS
    told = interruption(rows, Columns(outcome, time, unit, population), starts, comparison, counts, per)
    about = {"design": "interrupted"}
    if told.frame.empty:
        reason = "no_outcome" if not len(rows) or rows[outcome].isna().all() else "too_few_rows"
        return Finding.nothing(ANALYSIS, outcome, reason, told.basis, confidence=confidence, about=about)
    _within(told)
    terms = terms_of(told, chosen, season, harmonics, slope_change)
    if reason := _why_not(told, terms, counts):
        return Finding.nothing(ANALYSIS, outcome, reason, told.basis, confidence=confidence, about=about)
    found = fit(terms, chosen, lags, season, told.step, confidence)
    if not found.converged:
        return Finding.nothing(ANALYSIS, outcome, "not_converged", told.basis, confidence=confidence, about=about)
    checks, numbers = checks_of(told, terms, found, chosen, season, harmonics, slope_change, confidence)
    return Finding(
        ANALYSIS,
        outcome,
        Claim.SUGGESTS_EFFECT,
        found.estimates.assign(missing=told.basis.missing),
        told.basis,
        checks=checks,
        cannot_tell=CANNOT_TELL,
        tables={"series": _series(told, terms, found)},
        numbers=found.numbers | numbers,
        method=_method(told, found, chosen, season, harmonics, slope_change),
        confidence=confidence,
        about=about,
    )


def _within(told: Interruption) -> None:
    after = told.treated["after"]
    if after.all() or not after.any():
        raise ContractError(
            "policy_change (interrupted): the start lies outside the series, so there is nothing before it, or nothing after. "
            "Give the first period in which the measure was there, as the column of times writes it."
        )


def _why_not(told: Interruption, terms: Terms, counts: bool) -> str:
    if len(terms.outcome) < terms.matrix.shape[1] + SPARE:
        return "its_too_short"
    if not terms.full_rank:
        return "terms_coincide"
    if np.ptp(terms.outcome) == 0:
        return "same_outcome"
    if counts and (told.frame.groupby(["series", "after"])["value"].sum() == 0).any():
        return "its_no_counts"
    left = terms.outcome - terms.matrix @ np.linalg.lstsq(terms.matrix, terms.outcome, rcond=None)[0]
    return "its_no_scatter" if not counts and left @ left <= 1e-18 * float(terms.outcome @ terms.outcome) else ""


def _series(told: Interruption, terms: Terms, found: Fitted) -> pd.DataFrame:
    """What was seen, what the model says, and what it would have said had nothing happened."""
    frame = told.treated
    if len(terms.outcome) > len(frame):
        frame = told.frame
    elif told.comparison is not None:
        frame = frame[frame["at"].isin(terms.at)].reset_index(drop=True)
    table = frame[["time", "at", "after"]].assign(observed=terms.outcome, fitted=found.fitted, untouched=found.untouched)
    return table.assign(series=frame["series"]) if len(terms.outcome) > len(told.treated) else table


def _method(told: Interruption, found: Fitted, model: str, season: float, pairs: int, slope_change: bool) -> str:
    names = {
        "poisson": "Poisson regression",
        "quasi": "Poisson regression with the dispersion found (quasi-Poisson)",
        "ols": "least squares",
        "gls_ar1": "generalised least squares with first-order autocorrelation (maximum likelihood; interval averaged over it)",
    }
    parts = ["interrupted time series", names[model], "step and change of slope" if slope_change else "step"]
    if season:
        parts.append(f"{pairs} pairs of harmonics")
    if lag := int(found.numbers.get("lags", 0)):
        parts.append(f"Newey-West with {lag} lags and small-sample correction")
    if told.comparison is not None:
        parts.append("against a comparison series" if model in COUNT_MODELS else "of the difference from a comparison series")
    return ", ".join(parts)
