"""The same pupils over the years: intervals hold the truth, nothing is found where nothing is, and selective loss is noticed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kvalitet_lib.analyses.cohorts import cohorts
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.statistics.same_persons import with_the_lost

MUNICIPALITIES = 200
HIGHEST_OF_NOMINAL = stats.binom.ppf(0.995, MUNICIPALITIES, 0.05) / MUNICIPALITIES  # 9 %: what 5 % may come to by chance
Lost = Callable[[np.ndarray, np.ndarray], np.ndarray]


def by_chance(earlier: np.ndarray, chance: np.ndarray) -> np.ndarray:
    return chance < 0.15


def the_weak(earlier: np.ndarray, chance: np.ndarray) -> np.ndarray:
    return chance < 0.3 / (1 + np.exp(1 + 1.5 * earlier))


def followed(schools: int, pupils: int, seed: int, lost: Lost, rise: float = 0.0) -> Finding:
    """A class level followed for a year; as many pupils come as are gone. Last year's class is of other pupils."""
    rng = np.random.default_rng(seed)
    count = schools * pupils
    earlier, last, new = rng.normal(size=count), rng.normal(rise / 2, 1, size=count), rng.normal(size=count)
    later = 0.7 * earlier + np.sqrt(0.51) * rng.normal(size=count) + rise
    gone = lost(earlier, rng.random(count))
    person, school = np.arange(count), np.arange(count) % schools
    parts = [
        (person, 2023, 8, earlier, np.ones(count, dtype=bool)),
        (person, 2024, 9, later, ~gone),
        (person + count, 2024, 9, new, gone),
        (person + 2 * count, 2023, 9, last, np.ones(count, dtype=bool)),
    ]
    frames = [
        pd.DataFrame({"pupil": who, "school": school, "year": year, "level": level, "points": points})[mask]
        for who, year, level, points, mask in parts
    ]
    columns = {"pupil": "pupil", "school": "school", "school_year": "year", "year_group": "level"}
    return cohorts(pd.concat(frames), "points", **columns)


@pytest.fixture(scope="module")
def without_change() -> list[Finding]:
    return [followed(8, 20, seed, by_chance) for seed in range(MUNICIPALITIES)]


def failed(finding: Finding, check: str) -> bool:
    return any(one.id == check and one.passed is False for one in finding.checks)


@pytest.mark.parametrize("term", ["same_pupils", "class_against_class", "difference"])
def test_where_nothing_changes_a_school_is_called_changed_in_no_more_than_five_municipalities_in_a_hundred(without_change, term):
    schools = [one.estimates[one.estimates["term"].eq(term) & one.estimates["group"].ne("")] for one in without_change]
    assert np.mean([rows["p_adjusted"].lt(0.05).any() for rows in schools]) <= HIGHEST_OF_NOMINAL


def test_loss_by_chance_is_called_selective_in_no_more_than_five_municipalities_in_a_hundred(without_change):
    assert np.mean([failed(one, "cohorts_lost_alike") for one in without_change]) <= HIGHEST_OF_NOMINAL


def test_loss_of_the_weak_is_noticed():
    assert np.mean([failed(followed(10, 40, seed, the_weak), "cohorts_lost_alike") for seed in range(25)]) > 0.9


@pytest.mark.parametrize("pupils", [12, 30])
def test_intervals_of_schools_hold_the_truth(pupils):
    answer = followed(800, pupils, pupils, by_chance, rise=0.4).estimates
    now = 0.4 * 0.85  # those who came have not risen
    for term, true in {"same_pupils": 0.4, "class_against_class": now - 0.2, "difference": now - 0.2 - 0.4}.items():
        rows = answer[answer["term"].eq(term) & answer["group"].ne("")]
        assert len(rows) >= 500 and 0.93 <= (rows["lower"].le(true) & rows["upper"].ge(true)).mean() <= 0.97, term


def test_a_planted_rise_is_found_and_told_from_a_change_of_pupils():
    found = [followed(10, 40, seed, by_chance, rise=0.3) for seed in range(12)]
    assert np.mean([one["same_pupils"]["lower"] > 0 for one in found]) > 0.95
    assert np.mean([one["difference"]["upper"] < 0 for one in found]) > 0.5


def test_the_reweighted_change_holds_the_change_of_all_when_the_weak_are_lost_and_the_plain_one_does_not():
    rng = np.random.default_rng(14)
    held, plain = [], []
    for _ in range(600):
        earlier = rng.normal(size=80)
        later = 0.5 * earlier + 0.3 + 0.7 * rng.normal(size=80)
        later[rng.random(80) < 1 / (1 + np.exp(1 + 2 * earlier))] = np.nan
        found = with_the_lost(earlier, later)
        change = (later - earlier)[np.isfinite(later)]
        half = stats.t.ppf(0.975, len(change) - 1) * change.std(ddof=1) / np.sqrt(len(change))
        held.append(found.lower <= 0.3 <= found.upper)
        plain.append(abs(change.mean() - 0.3) <= half)
    assert 0.93 <= np.mean(held) <= 0.97
    assert np.mean(plain) < 0.85
