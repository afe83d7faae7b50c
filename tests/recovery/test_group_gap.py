"""Planted gaps and their parts are found, their intervals hold the truth, and where nothing differs little is claimed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.group_gap import group_gap
from kvalitet_lib.statistics.decomposition import Parts, TwoGroups
from kvalitet_lib.statistics.group_means import GroupMeans
from kvalitet_lib.statistics.random_effects import between_interval, pool
from kvalitet_lib.statistics.resampling import drawn, standard_error_of, t_test
from kvalitet_lib.statistics.segregation import (
    RandomAllocation,
    beyond_chance,
    dissimilarity,
    expected_dissimilarity,
    p_of_allocation,
)
from kvalitet_lib.statistics.slopes import Slopes

SIMULATIONS, TOWNS, DRAWS = 800, 200, 100
NAMES = [
    "gap",
    "endowments",
    "coefficients",
    "interaction",
    "A",
    "B",
    "cotton",
    "reimers",
    "neumark",
    "pooled",
    "within",
    "between",
]
Pupils = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def town(rng: np.random.Generator, schools: int) -> Pupils:
    """Outcome, matrix, group B or not, school: schools differ in level, in intake, in the gap itself and in who goes there."""
    sizes = rng.integers(15, 46, schools)
    school = np.repeat(np.arange(schools), sizes)
    n = len(school)
    share = 1 / (1 + np.exp(0.3 - 0.5 * rng.normal(size=schools)))
    in_b = rng.random(n) < share[school]
    level, intake, own_gap = rng.normal(size=(3, schools)) * [[0.3], [0.4], [0.15]]
    prior = rng.normal(size=n) + intake[school] - 0.5 * in_b
    books = (rng.random(n) < np.where(in_b, 0.3, 0.5)).astype(float)
    score = 1 + 0.6 * prior + 0.4 * books - 0.3 * in_b + 0.2 * in_b * prior + level[school] + own_gap[school] * in_b
    return score + rng.normal(size=n), np.column_stack([np.ones(n), prior, books]), in_b, school


def estimates(parts: Parts, within: np.ndarray) -> np.ndarray:
    threefold = [one.sum(axis=-1) for one in (parts.endowments, parts.coefficients, parts.interaction)]
    explained = np.moveaxis(parts.explained.sum(axis=-1), -1, 0)
    return np.stack([parts.gap, *threefold, *explained, within, parts.gap - within], axis=-1)


def found_in(pupils: Pupils, draws: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The estimates and their standard errors; without draws all schools are one unit."""
    outcome, matrix, in_b, school = pupils
    unit = school if draws else np.zeros_like(school)
    groups, means, units = (
        TwoGroups.of(outcome, matrix, in_b, unit),
        GroupMeans.of(outcome, in_b, unit, school),
        int(unit.max()) + 1,
    )

    def every(weights: np.ndarray) -> dict[str, np.ndarray]:
        return {"every": estimates(groups.parts(weights), means.within(weights))}

    observed = every(np.ones((1, units)))["every"][0]
    found = drawn(every, units, draws, seed)["every"] if draws else np.full((2, len(NAMES)), np.nan)
    return observed, standard_error_of(found, units)


def test_intervals_of_a_gap_and_of_all_its_parts_hold_the_truth_when_schools_are_drawn_anew():
    truth, _ = found_in(town(np.random.default_rng(99), 30_000), 0, 0)
    rng, hits = np.random.default_rng(4), np.zeros(len(NAMES))
    for seed in range(SIMULATIONS):
        observed, error = found_in(town(rng, 14), DRAWS, seed)
        lower, upper, _ = t_test(observed, error, 13)
        hits += (lower <= truth) & (truth <= upper)
    covered = dict(zip(NAMES, hits / SIMULATIONS, strict=True))
    assert all(0.93 <= share <= 0.97 for share in covered.values()), covered


def test_the_interval_of_a_gap_holds_the_truth_when_single_pupils_are_drawn():
    rng, hits = np.random.default_rng(5), 0
    for seed in range(SIMULATIONS):
        in_b = rng.random(60) < 0.4
        outcome = rng.normal(size=60) * np.where(in_b, 2, 1) + 0.5 * ~in_b
        means = GroupMeans.of(outcome, in_b, np.arange(60), np.zeros(60, dtype=int))
        gaps = drawn(lambda weights, means=means: {"gap": means.gaps(weights)[:, 0]}, 60, 200, seed)["gap"]
        lower, upper, _ = t_test(means.gaps(np.ones((1, 60)))[0], standard_error_of(gaps, 60), 59)
        hits += int(lower[0] <= 0.5 <= upper[0])
    assert 0.93 <= hits / SIMULATIONS <= 0.97


def test_intervals_of_the_schools_gradient_and_of_how_much_it_differs_hold_the_truth():
    rng, hits = np.random.default_rng(6), np.zeros(2)
    for _ in range(SIMULATIONS):
        school = np.repeat(np.arange(15), rng.integers(20, 60, 15))
        education = rng.integers(-1, 2, len(school))
        slope = 0.5 + 0.3 * rng.normal(size=15)
        outcome = slope[school] * education + rng.normal(size=15)[school] + rng.normal(size=len(school))
        slopes = Slopes.fit(outcome, education, school, 15)
        lower, upper = pool(slopes.slope, slopes.variance).interval()
        least, most = between_interval(slopes.slope, slopes.variance)
        hits += [lower <= 0.5 <= upper, least <= 0.09 <= most]
    assert all(0.93 <= share <= 0.97 for share in hits / SIMULATIONS), hits / SIMULATIONS


def test_pupils_spread_at_random_are_seldom_called_segregated_and_their_baseline_is_unbiased():
    rng, told, beyond = np.random.default_rng(7), 0, []
    sizes = rng.integers(8, 60, 18)
    for seed in range(TOWNS):
        members = rng.multivariate_hypergeometric(sizes, 90)
        observed = float(dissimilarity(members, sizes))
        told += p_of_allocation(observed, RandomAllocation.draw(90, sizes, 199, seed).dissimilarity) < 0.05
        beyond.append(beyond_chance(observed, expected_dissimilarity(90, sizes)))
    assert told / TOWNS <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / TOWNS)
    assert abs(np.mean(beyond)) < 3 * np.std(beyond) / np.sqrt(TOWNS)


def pupils_of(rng: np.random.Generator, gap: float, gradient: float) -> pd.DataFrame:
    school = np.repeat(np.arange(8), 24)
    girl, education = rng.random(192) < 0.5, rng.integers(-1, 2, 192)
    points = rng.normal(size=192) + rng.normal(size=8)[school] * 0.3 + gap * girl + gradient * education
    return pd.DataFrame(
        {"school": school, "school_year": rng.integers(0, 3, 192), "girl": girl, "points": points, "education": education}
    )


def test_where_groups_do_not_differ_at_most_one_town_in_twenty_is_told_that_anything_does():
    rng, told = np.random.default_rng(8), 0
    for _ in range(TOWNS):
        rows = pupils_of(rng, 0.0, 0.0)
        found = group_gap(
            rows, "points", "girl", school="school", school_year="school_year", gradient="education",
            explained_by=["education"], draws=60,
        )  # fmt: skip
        told += found.claim is not Claim.NOTHING
    assert told / TOWNS <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / TOWNS)


def test_a_planted_gap_and_gradient_are_found():
    found = group_gap(
        pupils_of(np.random.default_rng(9), 1.0, 0.8), "points", "girl", of=(True, False), school="school", gradient="education"
    )
    for term, truth in (("gap", 1.0), ("within_schools", 1.0), ("gradient", 0.8)):
        row = found[term]
        assert row["p_adjusted"] < 0.01 and row["lower"] < truth < row["upper"], term


@pytest.mark.parametrize("share", [0.5])
def test_a_planted_part_that_goes_with_composition_is_found_whole(share: float):
    rng = np.random.default_rng(10)
    in_b, school = rng.random(4000) < 0.5, rng.integers(0, 40, 4000)
    prior = rng.normal(size=4000) + ~in_b
    rows = pd.DataFrame({"b": in_b.astype(int), "school": school, "prior": prior})
    rows["points"] = share * prior + (1 - share) * ~in_b + rng.normal(size=4000)
    found = group_gap(rows, "points", "b", explained_by=["prior"], school="school")
    for term, truth in (("explained", share), ("unexplained", 1 - share), ("endowments", share), ("interaction", 0.0)):
        assert found[term]["lower"] < truth < found[term]["upper"], term
