"""Difference-in-differences: those who got a measure, before and after, beside those who did not or not yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from kvalitet_lib.analyses import policy_change_checks as doubt
from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.checks import enough_schools, little_missing
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.analyses.policy_change_effects import Setting, effects_of, tables_of
from kvalitet_lib.analyses.policy_change_estimators import other_estimators
from kvalitet_lib.analyses.policy_change_guards import (
    LastYear,
    last_year,
    leave_one_out,
    placebo_in_place,
    placebos_in_time,
    regression_of,
    tests_for_few,
    years_before,
)
from kvalitet_lib.analyses.policy_change_panel import NAME, Panel
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.staggered_adoption import GroupTime
from kvalitet_lib.statistics.staggered_summaries import SUMMARIES, before_test
from kvalitet_lib.statistics.two_way_effects import few_cluster_tests, simple_comparisons, two_way_design

CANNOT_TELL = ("policy_change_at_the_same_time", "policy_change_elsewhere", "policy_change_how_chosen")
FEWEST_UNITS = 4
FEWEST_COMPARED = 2
MOST_TO_BOOTSTRAP = 200  # with more units, tests for few clusters say nothing that the others do not


def differences(panel: Panel, outcome: str, setting: Setting, others: bool = False) -> Finding:
    """The finding of a panel; see :func:`kvalitet_lib.analyses.policy_change.policy_change`.

    Parameters
    ----------
    others : bool
        Whether pyfixest's estimators are to stand beside.
    """
    shared: Mapping[str, Any] = {"confidence": setting.confidence, "about": {"design": "staggered"}}
    told_of: Mapping[str, Any] = {"basis": panel.basis, **shared}
    if not len(panel.units) or len(panel.times) < 2:
        return Finding.nothing(NAME, outcome, "policy_change_no_panel", **told_of)
    if not panel.treated.any():
        return Finding.nothing(NAME, outcome, "policy_change_nobody_treated", **told_of)
    if (~panel.treated).sum() < FEWEST_COMPARED and setting.control == "never":
        return Finding.nothing(NAME, outcome, "policy_change_no_comparison", **told_of)
    if len(panel.units) < FEWEST_UNITS:
        return Finding.nothing(NAME, outcome, "too_few_schools", **told_of)
    if np.ptp(panel.outcomes) == 0:
        return Finding.nothing(NAME, outcome, "same_outcome", **told_of)
    if reason := _same_said(panel):
        return Finding.nothing(NAME, outcome, reason, **told_of)
    effects = effects_of(panel, setting)
    if not effects.after.any():
        return Finding.nothing(NAME, outcome, "policy_change_no_comparison", **told_of)
    tables = tables_of(panel, effects, setting)
    simple = tables["overall"].iloc[0]
    if not simple["standard_error_few"] > 0:
        return Finding.nothing(NAME, outcome, "policy_change_no_spread", **told_of)
    last = last_year(panel, setting)
    numbers: dict[str, float] = {}
    checks = _guards(panel, effects, setting, last, tables, numbers)
    if others:
        tables["estimators"] = other_estimators(panel, setting.confidence)
    return Finding(
        NAME,
        outcome,
        Claim.SUGGESTS_EFFECT,
        _estimates(panel, simple, last),
        panel.basis,
        tuple(checks),
        CANNOT_TELL,
        tables,
        numbers,
        _method(setting, panel),
        **shared,
    )


def _same_said(panel: Panel) -> str:
    """Why covariates cannot be held equal: one does not vary, or others say it."""
    held = panel.covariates.transpose(2, 0, 1)
    if any(np.ptp(one) == 0 for one in held):
        return "no_variation"
    columns = np.array([np.ones(panel.outcomes.size), *(((one - one.mean()) / one.std()).ravel() for one in held)])
    return "" if np.linalg.matrix_rank(columns) == len(columns) else "terms_coincide"


def _estimates(panel: Panel, simple: pd.Series, last: LastYear) -> pd.DataFrame:
    shared = {"group": "", "n": len(panel.units), "missing": panel.basis.missing, "treated": int(panel.treated.sum())}
    rows = [{"term": "effect", **simple.drop("summary").to_dict(), "null": 0.0, **shared}]
    if len(last.longer):
        # Without a null: it stands beside the effect to be compared with, and is no second attempt at a claim.
        rows.append({"term": "effect_without_last_year", **last.longer.iloc[0].to_dict(), **shared})
    return pd.DataFrame(rows)


def _guards(
    panel: Panel,
    effects: GroupTime,
    setting: Setting,
    last: LastYear,
    tables: dict[str, pd.DataFrame],
    numbers: dict[str, float],
) -> list[Check]:
    """Every doubt tested; what was found is added to tables and numbers."""
    simple, alpha = tables["overall"].iloc[0], setting.alpha
    effect, told = float(simple["estimate"]), bool(simple["p"] < alpha)
    for kind, row in zip(SUMMARIES, tables["overall"].to_dict("records"), strict=True):
        numbers |= {kind: row["estimate"], f"{kind}_standard_error": row["standard_error"]}
    p_before, p_few, tested = before_test(effects)
    numbers |= {"pre_trend_p": p_before, "pre_trend_p_few": p_few, "pre_trend_cells": tested}
    numbers |= {"dip": last.dip, "dip_standard_error": last.standard_error, "dip_p": last.p_against(effect)}
    in_time = placebos_in_time(panel, setting)
    p_place, in_place = placebo_in_place(panel, setting)
    tables["placebos"] = pd.concat([part for part in (in_time, in_place) if len(part)] or [in_time], ignore_index=True)
    tables["leave_one_out"] = leave_one_out(panel, setting, effects)
    numbers |= {"dealt_out_p": p_place, "treated": int(panel.treated.sum()), "compared": int((~panel.treated).sum())}
    units = len(panel.units)
    checks = [
        enough_schools(units),
        little_missing(panel.basis),
        doubt.complete_units(panel.incomplete, units + panel.incomplete),
        doubt.enough_treated(int(panel.treated.sum())),
        doubt.years_before_enough(years_before(panel, setting)),
        doubt.trend_before(p_few, alpha),
        doubt.picked_when_low(last, effect, told, alpha),
        doubt.placebo_in_time(in_time, alpha),
        doubt.placebo_in_place(p_place, told, alpha),
        doubt.no_single_unit(tables["leave_one_out"], effect, told),
    ]
    wild_p = _few_units(panel, setting, effects, tables, numbers)
    if units < doubt.FEW_UNITS:
        checks.append(doubt.few_units(wild_p, told, alpha))
    if effects.adjusted_for:
        checks.append(doubt.alike_enough(effects.unlike, len(effects)))
    if panel.always:
        checks.append(doubt.always_treated(panel.always))
    return [*checks, *_two_way(panel, tables, numbers)]


def _few_units(
    panel: Panel, setting: Setting, effects: GroupTime, tables: dict[str, pd.DataFrame], numbers: dict[str, float]
) -> float:
    """The wild bootstrap's p; NaN where there are units enough to do without."""
    if len(panel.units) > MOST_TO_BOOTSTRAP:
        return np.nan
    design, name = regression_of(panel, effects)
    try:
        tables["few_units"], wild = tests_for_few(design, name, setting.confidence)
    except ContractError:  # with covariates, fewer units to compare with than the regression has columns for them
        return np.nan
    numbers |= {"wild_p": wild.p, "wild_lower": wild.lower, "wild_upper": wild.upper}
    return wild.p


def _two_way(panel: Panel, tables: dict[str, pd.DataFrame], numbers: dict[str, float]) -> list[Check]:
    """The usual regression, and which simple comparisons it is made of."""
    design = two_way_design(panel.outcomes, panel.cohort, panel.times, panel.weights)
    two_way = few_cluster_tests(design, ["CR1"])["CR1"]
    parts = simple_comparisons(panel.outcomes, panel.cohort, panel.times)
    tables["comparisons"] = pd.DataFrame(
        {
            "group": panel.label(np.array([part.group for part in parts])),
            "against": [str(panel.labels[part.against]) if np.isfinite(part.against) else "" for part in parts],
            "kind": [part.kind for part in parts],
            "weight": [part.weight for part in parts],
            "estimate": [part.estimate for part in parts],
        }
    )
    unsound = sum(part.weight for part in parts if part.kind == "earlier")
    numbers |= {"two_way": two_way.estimate, "two_way_standard_error": two_way.standard_error, "unsound_share": unsound}
    in_turn = len(np.unique(panel.cohort[panel.treated])) > 1
    return [doubt.came_in_turn(two_way.estimate, unsound)] if in_turn else []


def _method(setting: Setting, panel: Panel) -> str:
    against = {"never": "never-treated", "not_yet": "not-yet-treated"}[setting.control]
    base = {"varying": "varying base period", "universal": "universal base period", "all": "mean of all periods before as base"}
    held = f", {setting.estimator.replace('_', ' ')} with covariates of the base period" if panel.covariates.shape[2] else ""
    early = f", {setting.anticipation:g} periods of anticipation" if setting.anticipation else ""
    return (
        f"Difference-in-differences: group-time average effects on the treated (Callaway and Sant'Anna 2021), {against} "
        f"comparison{held}{early}, {base[setting.base]}; CR2 intervals with Satterthwaite degrees of freedom, clustered on units"
    )
