"""How much lies between schools is found as planted: exact intervals are exact, and schools that are alike are told so."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.school_differences import school_differences
from kvalitet_lib.statistics.group_sums import group_sums
from kvalitet_lib.statistics.random_intercept import fit_random_intercept
from kvalitet_lib.statistics.variance_ratio import alike_interval, between_groups_p
from tests.analyses.made_up_schools import pupils

TIMES = 700


def sums(rng: np.random.Generator, schools: int, alike: float):
    """A town of schools of very different sizes, with a factor of pupils and one of schools, and its true correlation."""
    code = np.repeat(np.arange(schools), rng.integers(3, 90, schools))
    x = np.column_stack([np.ones(len(code)), rng.normal(size=len(code)), rng.normal(size=schools)[code]])
    effect = rng.normal(0, np.sqrt(alike), schools)
    return group_sums(x @ [1, 0.5, 0.3] + effect[code] + rng.normal(0, np.sqrt(1 - alike), len(code)), x, code)


@pytest.mark.parametrize(("schools", "alike"), [(6, 0.1), (20, 0.02), (40, 0.15)])
def test_intervals_of_the_correlation_cover_whatever_the_number_of_schools(schools, alike):
    rng = np.random.default_rng(schools)
    limits = np.array([alike_interval(sums(rng, schools, alike)) for _ in range(TIMES)])
    held = ((limits[:, 0] <= alike) & (alike <= limits[:, 1])).mean()
    assert 0.93 <= held <= 0.97


def test_the_planted_correlation_is_found():
    rng = np.random.default_rng(2)
    found = [fit_random_intercept(sums(rng, 40, 0.1)).alike for _ in range(200)]
    assert np.mean(found) == pytest.approx(0.1, abs=0.006)


def test_alike_schools_are_found_to_differ_no_more_often_than_the_level_says():
    rng = np.random.default_rng(3)
    p = np.array([between_groups_p(sums(rng, 15, 0.0)) for _ in range(1000)])
    assert (p < 0.05).sum() == pytest.approx(50, abs=3 * np.sqrt(1000 * 0.05 * 0.95))
    assert stats.kstest(p, "uniform").pvalue > 0.001


def test_of_two_hundred_towns_with_alike_schools_few_are_told_that_schools_differ():
    claims = [
        school_differences(pupils(schools=12, size=20, between=0.0, seed=seed), "points", draws=100).claim for seed in range(200)
    ]
    # At most 20 of 200: 0.999 of a binomial of 0.05.
    assert sum(claim is not Claim.NOTHING for claim in claims) <= stats.binom.ppf(0.999, 200, 0.05)


def test_what_goes_with_intake_is_told_apart_from_what_does_not():
    explained = [
        school_differences(
            pupils(schools=60, size=20, between=0.3, background=0.6, seed=seed), "points ~ prior", draws=100
        ).numbers
        for seed in range(10)
    ]
    # Between schools 0.3 squared is planted, and 0.7 times 0.6 squared comes with intake.
    assert np.mean([one["adjusted_school_variance"] for one in explained]) == pytest.approx(0.09, rel=0.15)
    assert np.mean([one["school_variance"] for one in explained]) == pytest.approx(0.09 + 0.42**2, rel=0.15)
