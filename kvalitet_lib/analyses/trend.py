"""Is the change secured: for each school, and for all schools at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.checks import enough_schools, little_missing, one_family
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.analyses.municipal_rows import MunicipalRows
from kvalitet_lib.analyses.trend_rows import ALL, ANALYSIS, Breaks, SchoolYears, school_years
from kvalitet_lib.analyses.trend_schools import Trends, fitted_trends
from kvalitet_lib.indicators import Kind, all_indicators

FEWEST_YEARS = 4  # with fewer, what a year gave all schools cannot be told from a trend; own rule
CANNOT_TELL = ("why", "trend_goes_on", "trend_intake", "trend_between_years")


def trend(
    rows: pd.DataFrame,
    outcome: str = "estimate",
    *,
    school: str = "school",
    time: str = "school_year",
    weights: str = "",
    standard_error: str = "",
    denominator: str = "",
    breaks: Breaks = (),
    lags: int | None = None,
    confidence: float = 0.95,
) -> Finding:
    """Whether values rise or fall over the years, for each school and for all of them at once.

    Each school has a straight line, with a level of its own in every unbroken series. How much a year wobbles is learnt
    from all schools together, so that a school with five years is judged by more than three degrees of freedom; what a year
    gave all schools at once widens the interval of their mean. Series of sixteen points or more stand on their own, with
    standard errors after Newey and West.

    Parameters
    ----------
    rows : DataFrame
        One row is one school and year.
    outcome : str
        Column of values; with ``denominator``, of counts.
    school : str
        Column of schools; empty when all rows are one series.
    time : str
        Column of school years (``2024-25``), numbers, periods or dates.
    weights : str
        Column of persons behind each value. Without ``standard_error`` the sampling variance is taken to fall with them.
    standard_error : str
        Column of each value's known sampling error.
    denominator : str
        Column of persons of whom ``outcome`` counts some: the trend is that of the share.
    breaks : sequence, or mapping of school to sequence
        Times at which a new series begins. Series are never joined: the step between them is no change.
    lags : int, optional
        For Newey and West; their rule of thumb unless given.
    confidence : float

    Returns
    -------
    Finding
        Estimates: ``slope`` of ``all`` schools (when there are several) and of each, per year. Schools are one family:
        ``p_adjusted`` is over all of them (Benjamini-Hochberg); the mean of all is one question of its own. ``slope_sd``: by how
        much schools' slopes truly differ. Extra column: ``years``.
        Tables: ``schools`` (``school, n, years, first, last, slope, standard_error, lower, upper, p, p_adjusted, shrunken,
        kept, tau, tau_p, tau_smallest_p, durbin_watson, newey_west, method``, and ``cochran_armitage, cochran_armitage_p,
        dispersion`` of shares) and ``points`` (``school, school_year, at, estimate, n, segment, fitted``).
        Numbers: ``tests`` (schools adjusted for together), ``secured`` and ``below_alpha`` (schools that stand out after and
        before adjusting), ``slope_sd_raw``, ``slope_sd_true``, ``yearly_sd``, ``common_sd``, ``carry_over``,
        ``smallest_rank_p``, ``degrees_of_freedom``.

    Raises
    ------
    ContractError
        A column is missing or holds no numbers, a time cannot be told, or a school has two rows for a year.

    References
    ----------
    Benjamini, Y. & Hochberg, Y. (1995). J. R. Stat. Soc. B 57(1), 289-300.
    Knapp, G. & Hartung, J. (2003). Stat. Med. 22(17), 2693-2710.
    Newey, W. K. & West, K. D. (1987). Econometrica 55(3), 703-708.
    Smyth, G. K. (2004). Stat. Appl. Genet. Mol. Biol. 3(1), article 3.
    """
    known = school_years(rows, outcome, school, time, weights, standard_error, denominator, breaks)
    if reason := _why_not(rows, known, outcome):
        return Finding.nothing(ANALYSIS, outcome, reason, known.basis, confidence=confidence)
    try:
        found = fitted_trends(known, lags, confidence)
    except ValueError:
        return Finding.nothing(ANALYSIS, outcome, "trend_no_scatter", known.basis, confidence=confidence)
    if not found.tests:
        return Finding.nothing(ANALYSIS, outcome, "trend_too_short", known.basis, confidence=confidence)
    return Finding(
        ANALYSIS,
        outcome,
        Claim.DIFFERS,
        found.estimates,
        known.basis,
        checks=_checks(known, found, confidence),
        cannot_tell=CANNOT_TELL,
        tables={"schools": found.schools, "points": found.points},
        numbers=found.numbers,
        method=_method(found),
        confidence=confidence,
    )


def of_municipality(town: MunicipalRows) -> list[Finding]:
    """The trend of every main indicator; each indicator's schools are one family of tests."""
    findings = []
    for indicator in town.indicators:
        rows = town.school_years(indicator)
        share = all_indicators(town.country)[indicator].kind is Kind.SHARE
        rows = rows.assign(standard_error=_standard_errors(rows, town.confidence, share))
        found = trend(
            rows, weights="n", standard_error="standard_error", breaks=town.breaks(indicator), confidence=town.confidence
        )
        findings.append(replace(found, outcome=indicator, about={"indicator": indicator}))
    return findings


def _standard_errors(rows: pd.DataFrame, confidence: float, share: bool) -> pd.Series:
    """Read back from the intervals; where a group is too small to have one, from how persons spread in the others."""
    freedom = np.inf if share else (rows["n"] - 1).clip(lower=1)
    own = (rows["upper"] - rows["lower"]) / 2 / stats.t.ppf((1 + confidence) / 2, freedom)
    spread = float(np.sqrt((own**2 * rows["n"]).median()))
    return own.where(own.gt(0), spread / np.sqrt(rows["n"].where(rows["n"].gt(0))))


def _why_not(rows: pd.DataFrame, known: SchoolYears, outcome: str) -> str:
    if not len(rows) or rows[outcome].isna().all():
        return "no_outcome"
    if known.frame.empty:
        return "trend_too_short"
    return "same_outcome" if known.frame["value"].nunique() == 1 else ""


def _checks(known: SchoolYears, found: Trends, confidence: float) -> tuple[Check, ...]:
    years = known.frame["at"].nunique()
    alpha = 1 - confidence
    numbers = found.numbers
    made = [
        Check("trend_enough_years", years >= FEWEST_YEARS, Claim.NOTHING, years, FEWEST_YEARS),
        Check("trend_rank_could_tell", numbers["smallest_rank_p"] < alpha, Claim.DIFFERS, numbers["smallest_rank_p"], alpha),
        Check("trend_truly_differ", None, Claim.DIFFERS, numbers["slope_sd_true"], numbers["slope_sd_raw"]),
    ]
    if known.basis.schools is None or known.basis.schools < 2:
        made = made[:2]
    else:
        made.append(Check("trend_no_common_years", _told(found.common_p, alpha), Claim.DIFFERS, found.common_p, alpha))
        made.append(enough_schools(known.basis.schools))
    if known.breaks:
        made.append(Check("trend_series_begin_anew", None, Claim.DIFFERS, about=", ".join(known.breaks)))
    return (*made, little_missing(known.basis), one_family(int(numbers["tests"])))


def _told(p: float, alpha: float) -> bool | None:
    return None if np.isnan(p) else bool(p >= alpha)


def _method(found: Trends) -> str:
    parts = ["straight line per school with a level per unbroken series"]
    if found.pooled_schools:
        parts.append(
            "yearly variance by restricted maximum likelihood over all schools, with autocorrelation and effects common to a "
            "year, moderated per school (Smyth 2004), Satterthwaite degrees of freedom"
        )
    if found.long_schools:
        parts.append(f"Newey-West with {found.lags} lags and small-sample correction for series of 16 points or more")
    if ALL in set(found.estimates["group"]) and len(found.schools) > 1:
        parts.append("random-effects mean of slopes (restricted maximum likelihood, Knapp-Hartung)")
    return "; ".join([*parts, f"Benjamini-Hochberg over {int(found.numbers['tests'])} tests"])
