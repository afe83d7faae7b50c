"""Which schools lie further from the others than chance, and the usual spread between schools, would have them?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.checks import enough_schools, little_missing, one_family
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.analyses.funnel_limits_drawn import Drawn, said
from kvalitet_lib.analyses.funnel_units import NAME, Named, Units, units_of
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.funnel_limits import dispersion, known_overdispersion
from kvalitet_lib.statistics.multiplicity import benjamini_hochberg

if TYPE_CHECKING:
    from kvalitet_lib.analyses.municipal_rows import MunicipalRows

FEWEST_UNITS = 3  # two units say nothing about how much units scatter
FEWEST_EXPECTED = 5.0  # expected with or without what is counted: fewer, and normal limits are rough; the usual rule of thumb
TRANSFORMS = ("arcsine", "none")
CANNOT_TELL = ("funnel_rank", "funnel_intake", "why", "unmeasured")


def funnel(
    rows: pd.DataFrame,
    *,
    numerator: str = "",
    denominator: str = "",
    mean: str = "",
    standard_error: str = "",
    standard_deviation: str = "",
    n: str = "",
    unit: str = "school",
    target: float | None = None,
    overdispersion: str = "additive",
    transform: str = "arcsine",
    winsorise: float = 0.1,
    limits: tuple[float, ...] = (0.95, 0.998),
    risk_adjusted: bool = False,
    confidence: float = 0.95,
) -> Finding:
    """Units beside the limits within which chance, and the usual spread between units, would have them.

    Parameters
    ----------
    rows : DataFrame
        One row is one unit; of a share, rows of one unit are added up. Without ``denominator`` (or, of a mean, without any
        of ``standard_error, standard_deviation``) one row is one person.
    numerator, denominator : str
        Columns of a share's counts.
    mean, standard_error, standard_deviation, n : str
        Columns of a mean and either its standard error, or the standard deviation between persons (divisor n - 1) and their
        number. Standard deviations are pooled: persons are regarded as equally spread in all units.
    unit : str
        Column that names the units.
    target : float, optional
        What all are held against; the common share or mean when not given.
    overdispersion : str
        ``additive``: the limits also hold the usual spread between units. ``multiplicative``: chance is widened by a factor.
        ``none``: chance alone.
    transform : str
        Of shares: ``arcsine`` (of the square root) or ``none``.
    winsorise : float
        Share of units at each end that may not widen the limits, in [0, 0.5).
    limits : tuple of float
        Shares of units expected inside, the innermost first.
    risk_adjusted : bool
        Whether the figures are already adjusted for what units do not decide, such as whom they teach.
    confidence : float

    Returns
    -------
    Finding
        ``estimates``: ``target``, then one row per unit (``term`` is the unit's column, ``group`` its name, ``null`` the
        target) with its own Wilson or t interval. ``p`` says how often a unit of the usual spread lies as far out, and is
        corrected for how many units were looked at. ``tables``: ``schools``: per unit ``n, count, estimate, score, error,
        spread, z`` (on the scale of the limits), ``p, p_adjusted``, and for each level the drawn limits (``lower_95,
        upper_95``), those of chance alone (``chance_lower_95``), the exact binomial ones (``exact_lower_95``) and which side
        of the drawn limits the unit is (``outside_95``); ``limits``: the lines to draw, by ``n`` (of means by the persons,
        else by precision), ``kind`` (``drawn, chance, exact``) and ``level``. ``about["limits"]`` is the kind of over-dispersion
        the drawn limits allow for. ``numbers``: ``target, target_score, phi, tau2`` (as published), ``phi_in_full,
        tau2_in_full`` (what winsorising takes off made good, used for p), and for each level ``outside_95,
        outside_by_chance_95`` (expected), ``outside_chance_95, outside_exact_95`` (beyond the limits of chance).

    Raises
    ------
    ContractError
        Wrong use: columns, counts that cannot be, an unknown transform or over-dispersion.

    Notes
    -----
    A funnel sorts nobody: units inside are not told apart, and units outside may teach other pupils. Adjust for risk first;
    the check ``funnel_risk_adjusted`` says whether that was done. Winsorised over-dispersion is too small when the spread
    is real and normal (with 10 % at each end about two thirds of it are left): the drawn limits are the published ones, and
    claims rest on p-values in which that is made good. A limit beyond the end of the scale is drawn at the end.

    References
    ----------
    Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance. Stat. Med. 24(8), 1185-1202.
    Spiegelhalter, D. J. et al. (2012). Statistical methods for healthcare regulation: rating, screening and surveillance.
    J. R. Stat. Soc. A 175(1), 1-47.
    """
    way = known_overdispersion(overdispersion)
    _check_settings(transform, winsorise, limits, target, bool(numerator))
    named = Named(unit, numerator, denominator, mean, standard_error, standard_deviation, n)
    units = units_of(rows, named, confidence)
    if reason := _no_answer(units, named, rows):
        return Finding.nothing(NAME, named.outcome, reason, units.basis, confidence=confidence)
    scores = units.scores(target, transform == "arcsine")
    drawn = Drawn(units, scores, dispersion(scores, winsorise), way, limits)
    p = drawn.p()
    adjusted, _ = benjamini_hochberg(p, np.zeros(len(p), dtype=np.int64))
    schools = drawn.table().assign(p=p, p_adjusted=adjusted)
    centre = float(scores.back(scores.target))
    estimates = [{"term": "target", "estimate": centre, "n": np.nansum(units.n) if np.isfinite(units.n).any() else np.nan}]
    estimates += [
        {"term": unit, "group": name, "estimate": value, "standard_error": error, "lower": lower, "upper": upper, "null": centre,
         "p": p_one, "p_adjusted": p_all, "n": persons}
        for name, value, error, lower, upper, p_one, p_all, persons in zip(
            units.names, units.value, units.error, units.lower, units.upper, p, adjusted, units.n, strict=True
        )
    ]  # fmt: skip
    numbers = drawn.numbers(schools)
    return Finding(
        NAME, named.outcome, Claim.DIFFERS, pd.DataFrame(estimates).assign(missing=units.basis.missing), units.basis,
        _checks(units, drawn, numbers, risk_adjusted), CANNOT_TELL, {"schools": schools, "limits": drawn.lines()}, numbers,
        drawn.method(transform, winsorise), confidence=confidence, about={"limits": way},
    )  # fmt: skip


def _check_settings(transform: str, winsorise: float, limits: tuple[float, ...], target: float | None, shares: bool) -> None:
    if transform not in TRANSFORMS:
        raise ContractError(f"{NAME} knows no transform {transform!r}; there are: {', '.join(TRANSFORMS)}.")
    if not 0 <= winsorise < 0.5:
        raise ContractError(f"{NAME}: winsorise is a share of the units at each end, from 0 up to but not with 0.5.")
    if not limits or not all(0 < level < 1 for level in limits) or list(limits) != sorted(set(limits)):
        raise ContractError(f"{NAME}: limits are shares of units expected inside, rising, e.g. (0.95, 0.998).")
    if target is not None and not (np.isfinite(target) and (0 < target < 1 or not shares)):
        raise ContractError(f"{NAME}: the target of a share lies between 0 and 1.")


def _no_answer(units: Units, named: Named, rows: pd.DataFrame) -> str:
    if rows[named.outcome].isna().all():
        return "no_outcome"
    if len(units) < FEWEST_UNITS:
        return "too_few_schools"
    return "same_outcome" if np.ptp(units.value) <= 0 and (not units.shares or units.value[0] in (0, 1)) else ""


def _checks(units: Units, drawn: Drawn, numbers: dict[str, float], risk_adjusted: bool) -> tuple[Check, ...]:
    innermost = said(drawn.levels[0])
    allowed = drawn.dispersion.tau2 <= 0 or drawn.overdispersion != "none"
    by_chance, found = numbers[f"outside_by_chance_{innermost}"], numbers[f"outside_{innermost}"]
    checks = [
        enough_schools(len(units)),
        little_missing(units.basis),
        Check("funnel_risk_adjusted", risk_adjusted, Claim.DIFFERS),
        Check("funnel_spread_allowed", allowed, Claim.NOTHING, drawn.dispersion.phi, 1.0),
        Check("funnel_by_chance", None, Claim.DIFFERS, by_chance, found),
    ]
    if units.shares:
        share = numbers["target"]
        small = int((units.n * min(share, 1 - share) < FEWEST_EXPECTED).sum())
        checks.append(Check("funnel_large_units", small == 0, Claim.DIFFERS, small, FEWEST_EXPECTED))
    return (*checks, one_family(len(units)))


def of_municipality(town: MunicipalRows) -> list[Finding]:
    """Pupils eligible for upper secondary school, by school.

    The newest school year; all years since the last break; and all years beside what ``early_warning`` foretells for the
    school's own pupils from models that have not seen the school, where those risks hold.
    """
    from kvalitet_lib.analyses.municipal_rows import ELIGIBLE

    indicator = ELIGIBLE[town.country]
    leavers = town.leavers.rename(columns={"eligible": indicator}).dropna(subset=indicator)
    leavers = leavers[leavers["school_year"].ge(max(town.breaks(indicator), default=""))]
    if leavers.empty:
        return []
    newest = leavers[leavers["school_year"].eq(leavers["school_year"].max())]
    findings = [
        _in_years(funnel(rows, numerator=indicator, confidence=town.confidence), rows, about)
        for rows, about in ((newest, {"school_year": str(newest["school_year"].iloc[0])}), (leavers, {}))
    ]
    adjusted = _beside_foretold(town, indicator)
    return findings if adjusted is None else [*findings, adjusted]


def _in_years(found: Finding, rows: pd.DataFrame, about: dict[str, str]) -> Finding:
    years = tuple(sorted(rows["school_year"].unique()))
    return replace(found, basis=replace(found.basis, school_years=years), about={**found.about, **about})


def _beside_foretold(town: MunicipalRows, indicator: str) -> Finding | None:
    """Each school's share of eligible pupils above (or below) what was foretold for its own pupils."""
    from kvalitet_lib.analyses.early_warning import risks_of_municipality

    risks = risks_of_municipality(town)
    if risks is None or risks.pupils is None or any(check.passed is False and not check.caps for check in risks.checks):
        return None
    pupils = risks.pupils.assign(chance=risks.pupils["risk"] * (1 - risks.pupils["risk"]), n=1.0)
    schools = pupils.groupby("school")[["n", "risk", "event", "chance"]].sum().reset_index()
    schools[indicator] = (schools["risk"] - schools["event"]) / schools["n"]
    schools["error"] = np.sqrt(schools["chance"]) / schools["n"]
    found = funnel(
        schools, mean=indicator, standard_error="error", n="n", target=0.0, risk_adjusted=True, confidence=town.confidence
    )
    # What is missing is missing of the pupils risks were foretold for, not of these sums.
    checks = tuple(little_missing(risks.basis) if check.id == "little_missing" else check for check in found.checks)
    estimates = found.estimates.assign(missing=risks.basis.missing)
    basis = replace(risks.basis, schools=found.basis.schools)
    told = replace(found, checks=checks, estimates=estimates, basis=basis)
    return _in_years(told, pupils, {"adjusted": "foretold"})
