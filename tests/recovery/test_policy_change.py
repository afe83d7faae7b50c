"""A measure's effect is found, intervals cover it, chance is not taken for it, nor is going back to the usual."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.analyses.policy_change import policy_change
from kvalitet_lib.statistics.staggered_adoption import group_time_effects
from kvalitet_lib.statistics.staggered_summaries import SUMMARIES, combine, estimates, simultaneous
from kvalitet_lib.statistics.two_way_effects import few_cluster_tests, two_way_design
from kvalitet_lib.statistics.wild_bootstrap import wild_bootstrap

NEVER = np.inf
TIMES = np.arange(6)
IN_TURN = np.array([3.0] * 5 + [4.0] * 4 + [NEVER] * 21)
AT_ONCE = np.array([3.0] * 8 + [NEVER] * 22)
ONE_BY_ONE = np.array([2.0, 3.0, 4.0, *[NEVER] * 17])
SIMULATIONS = 500


def outcomes(cohort: np.ndarray, rng: np.random.Generator, grows: float = 0.0, lasting: float = 0.0) -> np.ndarray:
    """Schools by year: a level of their own, a common course, chance that may last, and an effect of 1 (and growing)."""
    chance = rng.normal(size=(len(cohort), 6))
    for year in range(1, 6):
        chance[:, year] += lasting * chance[:, year - 1]
    since = np.where(np.isinf(cohort)[:, None], -1, TIMES - np.where(np.isinf(cohort), 0, cohort)[:, None])
    effect = np.where(since >= 0, 1 + grows * since, 0)
    return rng.normal(0, 2, (len(cohort), 1)) + rng.normal(size=6) + chance + effect


@pytest.mark.parametrize(
    ("cohort", "more", "shape"),
    [
        (IN_TURN, {}, {}),
        (IN_TURN, {"control": "not_yet"}, {"grows": 0.5}),
        (AT_ONCE, {"base": "all"}, {"lasting": 0.5}),
        (ONE_BY_ONE, {}, {}),
        (np.array([3.0] * 4 + [NEVER] * 8), {}, {}),
    ],
    ids=["in turn", "not yet treated, growing", "all years before, lasting chance", "one school a year", "twelve schools"],
)
def test_intervals_of_all_summaries_cover_the_effect(cohort, more, shape):
    rng, held = np.random.default_rng(20), dict.fromkeys(SUMMARIES, 0)
    for _ in range(SIMULATIONS):
        effects = group_time_effects(outcomes(cohort, rng, **shape), cohort, TIMES, **more)
        true = np.where(effects.after, 1 + shape.get("grows", 0) * (effects.time - effects.group), 0)
        for kind in SUMMARIES:
            overall = combine(effects, kind)[1]
            lower, upper = estimates(effects, overall).interval()
            held[kind] += bool(lower[0] <= overall.factors[0] @ true <= upper[0])
    assert {kind for kind in SUMMARIES if not 0.93 <= held[kind] / SIMULATIONS <= 0.97} == set(), held


def test_bands_hold_for_all_years_at_once():
    rng, held = np.random.default_rng(21), 0
    for _ in range(500):
        effects = group_time_effects(outcomes(AT_ONCE, rng), AT_ONCE, TIMES)
        each = combine(effects, "dynamic")[0]
        found, critical = estimates(effects, each), simultaneous(effects, each)
        true = (each.label >= 0).astype(float)
        held += bool((np.abs(found.estimate - true) <= critical * found.standard_error_few).all())
    assert 0.93 <= held / 500 <= 0.98  # carried over to few degrees of freedom, the critical value is a little wide


@pytest.mark.parametrize("estimator", ["doubly_robust", "regression"])
def test_intervals_cover_when_intake_is_held_equal(estimator: str):
    drdid = pytest.importorskip("drdid.drdid")
    rng, held, simulations = np.random.default_rng(22), 0, 500
    cohort, times = AT_ONCE, TIMES[:5]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(simulations):
            intake = (rng.normal(size=30) + 0.4 * np.isfinite(cohort))[:, None, None] + np.zeros((30, 5, 1))
            rows = outcomes(cohort, rng)[:, :5] + 0.5 * intake[:, :, 0] * times
            effects = group_time_effects(
                rows, cohort, times, covariates=intake, estimator=estimator,
                doubly_robust=lambda later, earlier, *rest: drdid.drdid_panel(later, earlier, *rest),
            )  # fmt: skip
            lower, upper = estimates(effects, combine(effects, "simple")[1]).interval()
            held += bool(lower[0] <= 1 <= upper[0])
    assert 0.93 <= held / simulations <= 0.97


def test_cr2_and_the_wild_bootstrap_cover_with_few_treated_schools_where_cr1_does_not():
    rng, simulations = np.random.default_rng(23), 600
    held = {"CR1 as if many": 0, "CR2": 0, "wild": 0}
    cohort = np.array([3.0] * 5 + [NEVER] * 15)
    for _ in range(simulations):
        design = two_way_design(outcomes(cohort, rng, lasting=0.5), cohort, TIMES)
        tests = few_cluster_tests(design)
        for name, kind, freedom in (("CR1 as if many", "CR1", np.inf), ("CR2", "CR2", tests["CR2"].freedom)):
            one = tests[kind]
            held[name] += bool(abs(one.estimate - 1) <= stats.t.ppf(0.975, freedom) * one.standard_error)
        wild = wild_bootstrap(design.outcome, design.interest, design.others, design.units, null=1.0, draws=999, interval=False)
        held["wild"] += bool(wild.p >= 0.05)
    share = {name: count / simulations for name, count in held.items()}
    assert share["CR1 as if many"] < 0.93
    assert 0.93 <= share["CR2"] <= 0.97 and 0.93 <= share["wild"] <= 0.97, share


def towns(effect: float, picked: bool, base: str, seed: int, count: int) -> list[Finding | None]:
    """Findings of so many municipalities of 16 schools; None where the interval holds 0, so that nothing can be claimed.

    Five years; the measure comes in the fourth, to the six schools lowest in the third or to any six. To find out whether the
    interval holds 0 takes a hundredth of the time that all guards do.
    """
    rng, years, findings = np.random.default_rng(seed), np.arange(2020, 2025), []
    for _ in range(count):
        level = rng.normal(0, 1, (16, 1)) + rng.normal(0, 1, (16, 5))
        order = np.argsort(level[:, 2]) if picked else rng.permutation(16)
        start = np.where(np.isin(np.arange(16), order[:6]), 2023, 0)
        level[start > 0, 3:] += effect
        effects = group_time_effects(level, np.where(start > 0, start, NEVER), years, base=base)
        told = estimates(effects, combine(effects, "simple")[1]).p[0] < 0.05
        rows = pd.DataFrame({"school": np.repeat(np.arange(16), 5), "school_year": np.tile(years, 16)})
        rows = rows.assign(result=level.ravel(), treated_from=np.repeat(start, 5))
        findings.append(policy_change(rows, "result", base=base) if told else None)
    return findings


def share(findings: list[Finding | None], least: Claim) -> float:
    return sum(finding is not None and finding.claim >= least for finding in findings) / len(findings)


def test_no_effect_is_seldom_taken_for_one_and_more_seldom_for_the_measures():
    findings = towns(0.0, picked=False, base="varying", seed=24, count=500)
    most = stats.binom.ppf(0.99, 500, 0.05) / 500  # what 5 per cent may become by chance in 500 towns
    assert share(findings, Claim.DIFFERS) <= most
    assert share(findings, Claim.SUGGESTS_EFFECT) <= 0.025


def test_a_large_effect_is_found_in_most_towns_and_ascribed_to_the_measure():
    findings = towns(2.5, picked=False, base="all", seed=25, count=40)
    assert share(findings, Claim.DIFFERS) > 0.9
    assert share(findings, Claim.SUGGESTS_EFFECT) > 0.6
    guards = [one for finding in findings if finding for one in finding.checks if one.id == "policy_change_picked_when_low"]
    assert np.mean([guard.passed is False for guard in guards]) < 0.25  # it seldom barks where nobody was picked


def test_where_the_lowest_were_picked_and_nothing_was_done_the_guard_notices():
    findings = towns(0.0, picked=True, base="varying", seed=26, count=120)
    told = [finding for finding in findings if finding is not None]
    assert len(told) > 0.3 * 120  # without the guard, this often chance would be taken for the measure's effect
    guards = [one for finding in told for one in finding.checks if one.id == "policy_change_picked_when_low"]
    assert np.mean([guard.passed is False for guard in guards]) > 0.9
    assert share(findings, Claim.SUGGESTS_EFFECT) <= 0.05
