"""Risks that are true are found to be, their intervals hold the truth, and chance alone foretells nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kvalitet_lib.analyses import early_warning_tables as tables
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.early_warning import early_warning
from kvalitet_lib.statistics.calibration import calibration
from kvalitet_lib.statistics.discrimination import auc
from kvalitet_lib.statistics.resampling import t_test

SIMULATIONS, TOWNS = 500, 200


def hits(estimate: float, error: float, truth: float, freedom: float = np.inf) -> bool:
    lower, upper, _ = t_test([estimate], [error], freedom)
    return bool(lower[0] <= truth <= upper[0])


@pytest.mark.parametrize("schools", [0, 20])
def test_intervals_of_calibration_hold_the_truth_of_true_risks(schools: int):
    rng, held = np.random.default_rng(21), np.zeros(5)
    every = 1 / (1 + np.exp(1 - rng.normal(size=400_000)))
    brier = float((every * (1 - every)).mean())
    for _ in range(SIMULATIONS):
        risk = rng.choice(every, 400)
        event = (rng.random(400) < risk).astype(float)
        cluster = np.arange(400) % schools if schools else None
        found, freedom = calibration(event, risk, cluster), schools - 1 if schools else np.inf
        held += [
            hits(found.slope, found.slope_error, 1, freedom),
            hits(found.intercept, found.intercept_error, 0, freedom),
            hits(found.in_the_large, found.in_the_large_error, 0, freedom),
            hits(found.observed_to_expected, found.observed_to_expected_error, 1, freedom),
            hits(found.brier, found.brier_error, brier, freedom),
        ]
    assert all(0.93 <= share <= 0.97 for share in held / SIMULATIONS), held / SIMULATIONS


def test_delongs_interval_holds_the_true_auc():
    rng, truth = np.random.default_rng(22), float(stats.norm.cdf(1 / np.sqrt(2)))
    held = 0
    for _ in range(SIMULATIONS):
        event = np.r_[np.ones(40), np.zeros(160)]
        lower, upper = auc(event, rng.normal(size=200) + event).interval()
        held += lower <= truth <= upper
    assert 0.93 <= held / SIMULATIONS <= 0.97


def schools_alike(rng: np.random.Generator, schools: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Events and risks that pupils of one school share a part of."""
    school = np.repeat(np.arange(schools), 30)
    risk = rng.normal(size=len(school)) + 0.7 * rng.normal(size=schools)[school]
    event = rng.random(len(school)) < 1 / (1 + np.exp(1 - risk - 0.7 * rng.normal(size=schools)[school]))
    return event.astype(float), risk, school


def test_the_interval_by_school_holds_the_true_auc_where_pupils_of_a_school_are_alike_and_delongs_does_not():
    rng = np.random.default_rng(23)
    truth = auc(*schools_alike(rng, 20_000)[:2]).estimate
    by_school, by_pupil = 0, 0
    for _ in range(SIMULATIONS):
        event, risk, school = schools_alike(rng, 30)
        found = auc(event, risk, school)
        by_school += hits(found.estimate, found.standard_error, truth, 29)
        by_pupil += hits(found.estimate, auc(event, risk).standard_error, truth)
    assert 0.93 <= by_school / SIMULATIONS <= 0.97
    assert by_pupil / SIMULATIONS < 0.93


def town(rng: np.random.Generator, schools: int, size: int, strength: float) -> pd.DataFrame:
    n = schools * size
    prior, absent = rng.normal(size=(2, n))
    log_odds = -1.2 - strength * prior + 0.5 * strength * absent
    return pd.DataFrame(
        {
            "school": np.repeat(np.arange(schools), size),
            "cohort": rng.integers(0, 3, n),
            "prior": prior,
            "absent": absent,
            "sex": rng.choice(["girl", "boy"], n),
            "failed": rng.random(n) < 1 / (1 + np.exp(-log_odds)),
        }
    )


def test_risks_foretold_by_a_true_model_have_slope_1_and_intercept_0():
    rng = np.random.default_rng(24)
    rows = [
        early_warning(town(rng, 15, 200, 1.0), "failed", ["prior", "absent"], school="school", cohort="cohort") for _ in range(8)
    ]
    slopes, large = ([one[term]["estimate"] for one in rows] for term in ("calibration_slope", "calibration_in_the_large"))
    assert np.mean(slopes) == pytest.approx(1, abs=0.05)
    assert np.mean(large) == pytest.approx(0, abs=0.05)
    assert all(one.claim is Claim.DIFFERS for one in rows)


def test_too_many_factors_for_too_few_pupils_are_seen_in_the_slope():
    rng, slopes = np.random.default_rng(25), []
    for _ in range(8):
        rows = town(rng, 8, 25, 1.0)
        noise = [f"noise_{one}" for one in range(15)]
        rows[noise] = rng.normal(size=(200, 15))
        slopes.append(
            early_warning(rows, "failed", ["prior", "absent", *noise], school="school")["calibration_slope"]["estimate"]
        )
    assert np.mean(slopes) < 0.8


def test_where_nothing_foretells_at_most_one_town_in_twenty_is_told_that_anything_does():
    rng, told = np.random.default_rng(26), 0
    for _ in range(TOWNS):
        found = early_warning(
            town(rng, 3, 80, 0.0), "failed", ["prior", "absent"], school="school", groups=("sex",), threshold=0.25
        )
        told += found.claim is not Claim.NOTHING
    assert told / TOWNS <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / TOWNS)


def test_where_risks_are_alike_for_girls_and_boys_errors_are_seldom_said_to_differ():
    rng, told = np.random.default_rng(27), 0
    for _ in range(TOWNS):
        risk = 1 / (1 + np.exp(1.2 - 1.3 * rng.normal(size=360)))
        tested = tables.Tested((rng.random(360) < risk).astype(float), risk, None, 0.25, 0.95)
        groups = pd.Series(rng.choice(["girl", "boy"], 360))
        told += tables.corrected(tables.errors_of(tested, "sex", groups), 0.0)["p_adjusted"].lt(0.05).any()
    assert told / TOWNS <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / TOWNS)
