"""Whom do we see early to be at risk, how far can the risks be trusted, and are they as good for every group?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.checks import enough_schools, little_missing, one_family
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.early_warning_folds import Foretold, foretell
from kvalitet_lib.analyses.early_warning_rows import NAME, Asked, Pupils, few_events, pupils_of
from kvalitet_lib.analyses.early_warning_tables import (
    Tested,
    bins,
    by_group,
    coefficients,
    corrected,
    curve,
    errors_of,
    overall,
    thresholds,
)
from kvalitet_lib.analyses.factor_matrix import Factors
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.calibration import validation
from kvalitet_lib.statistics.discrimination import Flagged, auc

if TYPE_CHECKING:
    from kvalitet_lib.analyses.municipal_rows import MunicipalRows

EVENTS_PER_FACTOR = 10.0  # Peduzzi, P. et al. (1996), J. Clin. Epidemiol. 49(12), 1373-1379; a rule of thumb
SLOPES = (0.8, 1.25)  # outside these, risks are so much too extreme, or too timid, that they mislead; own rule
RATIOS = (0.8, 1.25)  # of events to events foretold; own rule
PENALTIES = ("none", "firth")
CANNOT_TELL = ("ew_one_pupil", "ew_help", "unmeasured")


def early_warning(
    rows: pd.DataFrame,
    outcome: str,
    factors: Sequence[str] | str,
    *,
    event: object = 1,
    school: str = "",
    cohort: str = "",
    groups: Sequence[str] = (),
    trained_on: str = "",
    threshold: float | None = None,
    penalty: str = "none",
    pupil: str = "",
    confidence: float = 0.95,
) -> Finding:
    """The risk of an event for each pupil, foretold by models that never saw the pupil's school or cohort, and its worth.

    Parameters
    ----------
    rows : DataFrame
        One row is one pupil.
    outcome : str
        Column with two values.
    factors : sequence of str, or str
        Columns known before: numbers as they are, categories as 0/1 columns against the first in order. Or the right side of
        a formula.
    event : object
        The value of ``outcome`` that is warned of.
    school, cohort : str
        Columns. The model that foretells a pupil's risk has learnt from other schools and other cohorts only; a column with
        one value is not used. Of more than forty schools several are left out together.
    groups : sequence of str
        Columns by which errors are compared.
    trained_on : str
        Instead of other schools and cohorts: a column that is true in the rows to learn from; the others are tested.
    threshold : float, optional
        Risk from which somebody is flagged; the share with the event when not given.
    penalty : str
        ``none`` (maximum likelihood), or ``firth`` where events are few or a factor separates them.
    pupil : str
        Column of ids, kept beside each risk.
    confidence : float

    Returns
    -------
    Finding
        ``pupils`` (alone) holds results of single pupils: ``event, risk, flagged`` beside ``pupil, school, cohort``, with the
        caller's index. ``estimates``: ``auc, calibration_slope, calibration_intercept, calibration_in_the_large,
        observed_to_expected, brier, net_benefit``; ``missed`` (share not flagged of those with the event) and ``false_alarm``
        (share flagged of those without), for all, for each group (``missed:<column>``) and against all others
        (``missed_difference:<column>``). ``tables``: ``coefficients`` (the model of all rows, or of ``trained_on``),
        ``thresholds`` (shares and net benefit at each threshold: the decision curve), ``calibration`` (pupils by tenths of
        risk), ``curve`` (smooth calibration), ``groups``. ``numbers``: ``n, events, threshold, models, events_per_factor,
        auc_delong_lower, auc_delong_upper``, and everything of ``statistics.calibration.validation``.

    Raises
    ------
    ContractError
        Wrong use: columns, an outcome that has not two values, nothing to keep apart what is learnt and what is tested.

    Notes
    -----
    Intervals allow for pupils of one school being alike when there are ten schools or more (AUC: Obuchowski's extension of
    DeLong; else sandwich standard errors; Student's t); with fewer, or no school, pupils are regarded as independent (AUC:
    DeLong). An AUC says only in which order pupils come: risks that are too extreme have the same AUC, so the claim falls when
    the calibration slope or the number of events foretold is off. The claim is that the outcome differs by foretold risk,
    nothing more: coefficients of a model made to foretell are not what would come of a change.

    References
    ----------
    Van Calster, B. et al. (2019). Calibration: the Achilles heel of predictive analytics. BMC Medicine 17, 230.
    DeLong, E. R., DeLong, D. M. & Clarke-Pearson, D. L. (1988). Comparing the areas under two or more correlated
    receiver operating characteristic curves. Biometrics 44(3), 837-845.
    Vickers, A. J. & Elkin, E. B. (2006). Decision curve analysis. Med. Decis. Making 26(6), 565-574.
    """
    if penalty not in PENALTIES:
        raise ContractError(f"{NAME} knows no penalty {penalty!r}; there are: {', '.join(PENALTIES)}.")
    if not (school or cohort or trained_on):
        raise ContractError(f"{NAME} tests risks on pupils no model has seen: say school='…', cohort='…' or trained_on='…'.")
    if threshold is not None and not 0 < threshold < 1:
        raise ContractError(f"{NAME}: the threshold is a risk between 0 and 1.")
    made = pupils_of(rows, Asked(outcome, factors, event, school, cohort, tuple(groups), trained_on, pupil))
    if reason := "no_outcome" if rows[outcome].isna().all() else made.reason:
        return Finding.nothing(NAME, outcome, reason, made.basis, confidence=confidence)
    foretold = foretell(made.event, made.factors, made.parts, made.learns, penalty == "firth")
    there = np.isfinite(foretold.risk)
    if reason := foretold.reason or ("ew_few_events" if few_events(made.event[there]) else ""):
        return Finding.nothing(NAME, outcome, reason, made.basis, confidence=confidence)
    at = float(made.event.mean()) if threshold is None else threshold
    tested = Tested(made.event[there], foretold.risk[there], made.schools(there), at, confidence)
    answer, tables = _answered(made, foretold, tested, there)
    numbers = _numbers(tested, foretold, made) | {"tests": float(answer["p"].notna().sum())}
    checks = [*([enough_schools(made.basis.schools or 0)] if school else []), little_missing(made.basis)]
    checks += [*_checks(tested, answer, numbers, bool(school)), one_family(int(numbers["tests"]))]
    return Finding(
        NAME, outcome, Claim.DIFFERS, answer, made.basis, tuple(checks), CANNOT_TELL, tables, numbers,
        _method(foretold, penalty, made, tested), confidence=confidence, pupils=made.results(rows.index, there, tested),
    )  # fmt: skip


def _answered(
    made: Pupils, foretold: Foretold, tested: Tested, there: np.ndarray
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    groups = made.groups(there)
    estimates = overall(tested) + errors_of(tested)
    for name, values in groups.items():
        estimates += errors_of(tested, name, values)
    learns = np.ones(len(made.event), dtype=bool) if made.learns is None else made.learns
    seen = Factors(made.factors.matrix[learns], made.factors.terms)
    tables = {
        "coefficients": coefficients(foretold.model, seen, made.event[learns], made.schools(learns), tested.level),
        "thresholds": thresholds(tested), "calibration": bins(tested), "curve": curve(tested), "groups": by_group(tested, groups),
    }  # fmt: skip
    return corrected(estimates, made.basis.missing), tables


def _numbers(tested: Tested, foretold: Foretold, made: Pupils) -> dict[str, float]:
    learnt = made.event if made.learns is None else made.event[made.learns]
    rarer = min(learnt.sum(), len(learnt) - learnt.sum())
    lower, upper = auc(tested.event, tested.risk).interval(tested.level)
    return {
        "n": float(len(tested.event)), "events": float(tested.event.sum()), "threshold": tested.threshold,
        "models": float(foretold.models), "events_per_factor": float(rarer / (made.factors.matrix.shape[1] - 1)),
        "auc_delong_lower": lower, "auc_delong_upper": upper, **validation(tested.event, tested.risk),
    }  # fmt: skip


def _checks(tested: Tested, answer: pd.DataFrame, numbers: dict[str, float], by_school: bool) -> list[Check]:
    value = answer.drop_duplicates("term").set_index("term")["estimate"]
    slope, ratio, per_factor = value["calibration_slope"], value["observed_to_expected"], numbers["events_per_factor"]
    flags = Flagged.at(tested.event, tested.risk, tested.threshold)
    best_without = max(0.0, float(flags.net_benefit_of_all[0]))
    checks = [
        Check("ew_calibration_slope", bool(SLOPES[0] <= slope <= SLOPES[1]), Claim.NOTHING, float(slope), SLOPES[0]),
        Check("ew_observed_to_expected", bool(RATIOS[0] <= ratio <= RATIOS[1]), Claim.NOTHING, float(ratio), RATIOS[0]),
        Check("ew_events_per_factor", bool(per_factor >= EVENTS_PER_FACTOR), Claim.DIFFERS, per_factor, EVENTS_PER_FACTOR),
        Check("ew_useful", bool(value["net_benefit"] > best_without), Claim.DIFFERS, tested.threshold),
        Check("ew_known_in_time", None, Claim.DIFFERS),
    ]
    if by_school:
        checks.append(Check("ew_schools_allowed_for", tested.school is not None, Claim.DIFFERS))
    return checks + _equal_errors(answer, tested.level)


def _equal_errors(answer: pd.DataFrame, level: float) -> list[Check]:
    """For each breakdown, the largest difference between a group and all others in what is missed and wrongly flagged."""
    checks = []
    for kind, name in (("missed_difference:", "ew_equal_missed"), ("false_alarm_difference:", "ew_equal_alarms")):
        differences = answer[answer["term"].str.startswith(kind) & answer["estimate"].notna()]
        for term, rows in differences.groupby("term", sort=False):
            points = 100 * float(rows["estimate"].abs().max())
            alike = not bool(rows["p_adjusted"].lt(1 - level).any())
            checks.append(Check(name, alike, Claim.DIFFERS, points, about=str(term).partition(":")[2]))
    return checks


def _method(foretold: Foretold, penalty: str, made: Pupils, tested: Tested) -> str:
    kind = "Firth-penalised logistic regression" if penalty == "firth" else "logistic regression"
    apart = [name for name in (made.asked.school, made.asked.cohort) if name and made.frame[name].nunique() > 1]
    how = (
        f"learnt where {made.asked.trained_on}, tested elsewhere"
        if made.asked.trained_on
        else f"cross-fitted by {' and '.join(apart)} ({foretold.models} models)"
    )
    errors = "clustered by school (AUC: Obuchowski)" if tested.school is not None else "pupils independent (AUC: DeLong)"
    return f"{kind}, {how}; {errors}; flagged from a risk of {tested.threshold:.4g}"


FACTORS = ("prior", "absent", "sex", "education", "newly_arrived", "second_language")
GROUPS = ("sex", "parents_education", "newly_arrived")
SEX, YES_NO = {1.0: "girl", 0.0: "boy"}, {1.0: "yes", 0.0: "no"}


def of_municipality(town: MunicipalRows) -> list[Finding]:
    """The risk of leaving compulsory school without being eligible, foretold from earlier results, absence and background."""
    found = risks_of_municipality(town)
    return [] if found is None else [found]


def risks_of_municipality(town: MunicipalRows) -> Finding | None:
    """One finding, with results per pupil; None where the tables say nothing of eligibility.

    Firth's penalty is used where a factor separates, or nearly, those who become eligible from those who do not.
    """
    from kvalitet_lib.analyses.municipal_rows import ELIGIBLE

    outcome = ELIGIBLE[town.country]
    leavers = town.leavers.rename(columns={"eligible": outcome})
    leavers = leavers[leavers["school_year"].ge(max(town.breaks(outcome), default=""))].reset_index(drop=True)
    if not leavers[outcome].notna().any():
        return None
    rows = leavers.assign(sex=leavers["girl"].map(SEX), newly_arrived=leavers["newly_arrived"].map(YES_NO))
    known = [name for name in FACTORS if rows[name].notna().any()]
    varying = [name for name in known if rows.dropna(subset=[outcome, *known])[name].nunique() > 1]
    if not varying:
        return None
    foretell_them = partial(
        early_warning, rows, outcome, varying, event=0, school="school", cohort="school_year", pupil="pupil", groups=GROUPS,
        confidence=town.confidence,
    )  # fmt: skip
    found = foretell_them()
    return foretell_them(penalty="firth") if found.reason in ("ew_separation", "not_converged") else found
