"""Growth percentiles find what is planted, no more often anything else than they say, and their intervals hold the truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.analyses.growth import growth
from kvalitet_lib.statistics.growth_medians import group_growth
from kvalitet_lib.statistics.medians import group_medians

MUNICIPALITIES, SCHOOLS, PUPILS = 200, 10, 16
HIGHEST_OF_NOMINAL = stats.binom.ppf(0.995, MUNICIPALITIES, 0.05) / MUNICIPALITIES  # 9 %: what 5 % may come to by chance


def municipality(rng: np.random.Generator, lifts: np.ndarray, pupils: int = PUPILS) -> pd.DataFrame:
    """Lifts are in standard deviations of what the earlier score leaves open; schools' intakes differ."""
    school = np.repeat(np.arange(len(lifts)), pupils)
    earlier = rng.normal(size=len(school)) + 0.5 * rng.normal(size=len(lifts))[school]
    later = 0.8 * earlier + 0.6 * (rng.normal(size=len(school)) + lifts[school])
    return pd.DataFrame({"school": school, "earlier": np.round(50 + 10 * earlier, 2), "later": np.round(50 + 10 * later, 2)})


@pytest.fixture(scope="module")
def without_effect() -> list[Finding]:
    """Findings of municipalities in which all schools are alike."""
    rng = np.random.default_rng(11)
    return [growth(municipality(rng, np.zeros(SCHOOLS)), "later", "earlier", school="school") for _ in range(MUNICIPALITIES)]


def test_where_no_school_differs_one_is_called_different_in_no_more_than_five_municipalities_in_a_hundred(without_effect):
    share = np.mean([one.tables["schools"]["p_adjusted"].lt(0.05).any() for one in without_effect])
    assert share <= HIGHEST_OF_NOMINAL


def test_percentiles_are_even_and_schools_lie_about_the_middle(without_effect):
    pupils = np.concatenate([one.pupils["percentile"] for one in without_effect])
    assert np.quantile(pupils, [0.1, 0.25, 0.5, 0.75, 0.9]) == pytest.approx([10, 25, 50, 75, 90], abs=4)
    schools = pd.concat([one.estimates[one.estimates["term"].eq("school")] for one in without_effect])
    assert (schools["estimate"] - schools["null"]).mean() == pytest.approx(0, abs=1)


def test_intervals_hold_the_middle_where_no_school_differs(without_effect):
    schools = pd.concat([one.estimates[one.estimates["term"].eq("school")] for one in without_effect])
    assert 0.93 <= (schools["lower"].le(schools["null"]) & schools["upper"].ge(schools["null"])).mean() <= 0.97
    means = pd.concat([one.tables["schools"].assign(middle=one.pupils["percentile"].mean()) for one in without_effect])
    assert 0.93 <= (means["mean_lower"].le(means["middle"]) & means["mean_upper"].ge(means["middle"])).mean() <= 0.97


def test_intervals_hold_the_true_medians_of_schools_that_differ_and_such_schools_are_found():
    rng = np.random.default_rng(12)
    held, found = [], []
    for _ in range(48):
        lifts = np.append(rng.normal(0, 0.3, SCHOOLS), 1.2)
        answer = growth(municipality(rng, lifts, 40), "later", "earlier", school="school")
        schools = answer.tables["schools"].assign(place=lambda rows: rows["school"].astype(int)).sort_values("place")
        # A pupil at the middle of a school lies above this share of all the schools' pupils with the same earlier score.
        true = np.array([100 * stats.norm.cdf(lift - lifts).mean() for lift in lifts])
        held.append((schools["lower"] <= true) & (true <= schools["upper"]))
        found.append(schools["p_adjusted"].iloc[-1] < 0.05)
    assert 0.93 <= np.mean(held) <= 0.97 and np.size(held) >= 500
    assert np.mean(found) > 0.95


@pytest.mark.parametrize("pupils", [8, 15, 40, 120])
def test_interpolated_intervals_hold_the_median_of_even_and_of_skewed_values(pupils):
    rng = np.random.default_rng(pupils)
    group = np.repeat(np.arange(4000), pupils)
    for values, true in ((rng.integers(1, 100, len(group)), 50), (rng.exponential(size=len(group)), np.log(2))):
        found = group_medians(values, group, 4000, true)
        assert 0.93 <= ((found.lower <= true) & (true <= found.upper)).mean() <= 0.97
        assert (found.p < 0.05).mean() == pytest.approx(0.05, abs=0.02)


@pytest.mark.parametrize("schools", [2, 3, 5])
def test_intervals_hold_although_few_schools_are_most_of_their_own_norm(schools):
    """Percentiles among all pupils: a school of a third of them shares two thirds of the chance of a sample of its own."""
    rng = np.random.default_rng(schools)
    held = []
    for _ in range(600):
        values = rng.normal(size=schools * 30)
        place = np.argsort(np.argsort(values))
        percentile = np.clip(np.ceil(100 * (place + 0.5) / len(values)), 1, 99)
        found = group_growth(percentile, np.repeat(np.arange(schools), 30), schools, len(values), own_norm=True)
        held.append((found.lower <= 50.5) & (found.upper >= 49.5))
    assert 0.93 <= np.mean(held) <= 0.975


def test_the_chance_of_reaching_a_target_is_as_often_right_as_it_says():
    rng = np.random.default_rng(13)
    expected, came = [], []
    for _ in range(8):
        rows = municipality(rng, np.zeros(SCHOOLS), 60)
        waiting = rows.index % 2 == 0
        hidden = rows.assign(later=rows["later"].mask(waiting))
        expected.append(growth(hidden, "later", "earlier", target=55.0).tables["on_the_way"]["expected"].iloc[0])
        came.append(rows.loc[waiting, "later"].ge(55).mean())
    assert np.mean(expected) == pytest.approx(np.mean(came), abs=0.02)
