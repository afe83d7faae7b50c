"""Where schools do not differ few lie outside a funnel; where they all differ a little, too; who truly lies far out is found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.analyses.finding import Basis
from kvalitet_lib.analyses.funnel import funnel
from kvalitet_lib.analyses.funnel_limits_drawn import Drawn
from kvalitet_lib.analyses.funnel_units import Units
from kvalitet_lib.statistics.funnel_limits import Overdispersion, dispersion, exact_limits, limits_around
from kvalitet_lib.statistics.multiplicity import benjamini_hochberg

TOWNS = 300
NOMINAL = 0.05 + 2 * np.sqrt(0.05 * 0.95 / TOWNS)


@dataclass(frozen=True)
class Singled:
    """How often schools were singled out, on average over towns: any after correction, one by p, and outside limits."""

    towns: float
    schools: float
    drawn: float
    exact: float


def shares(rng: np.random.Generator, share: float, spread: float, schools: int) -> Units:
    n = rng.integers(15, 150, schools).astype(float)
    truth = np.sin(np.clip(np.arcsin(np.sqrt(share)) + spread * rng.normal(size=schools), 0, np.pi / 2)) ** 2
    count = rng.binomial(n.astype(int), truth).astype(float)
    empty = np.full(schools, np.nan)
    return Units([str(one) for one in range(schools)], n, count, count / n, empty, empty, empty, Basis())


def means(rng: np.random.Generator, spread: float, schools: int) -> Units:
    n = rng.integers(15, 120, schools).astype(float)
    value = 220 + spread * rng.normal(size=schools) + 50 * rng.normal(size=schools) / np.sqrt(n)
    pooled = 50 * np.sqrt(rng.chisquare(n.sum() - schools) / (n.sum() - schools))
    empty = np.full(schools, np.nan)
    return Units([str(one) for one in range(schools)], n, empty, value, pooled / np.sqrt(n), empty, empty, Basis())


def singled_out(towns: list[Units], way: Overdispersion = "additive") -> Singled:
    found = []
    for units in towns:
        scores = units.scores(None, arcsine=True)
        drawn = Drawn(units, scores, dispersion(scores), way, (0.95,))
        p = drawn.p()
        adjusted, _ = benjamini_hochberg(p, np.zeros(len(p), dtype=int))
        lower, upper = limits_around(scores.target, drawn.dispersion.spread(scores.error, way), 0.95)
        outside = (units.value < scores.back(lower)) | (units.value > scores.back(upper))
        least, most = exact_limits(drawn.target, units.n, 0.95) if units.shares else (units.value, units.value)
        beyond = (units.value < least) | (units.value > most)
        found.append(((adjusted < 0.05).any(), (p < 0.05).mean(), outside.mean(), beyond.mean()))
    return Singled(*np.mean(found, axis=0))


@pytest.mark.parametrize("way", ["additive", "multiplicative", "none"])
@pytest.mark.parametrize("share", [0.6, 0.9])
def test_where_schools_do_not_differ_at_most_one_town_in_twenty_is_told_of_any_school(share: float, way: Overdispersion):
    rng = np.random.default_rng(11)
    found = singled_out([shares(rng, share, 0.0, 30) for _ in range(TOWNS)], way)
    assert found.towns <= NOMINAL and found.schools <= 0.05


def test_where_schools_do_not_differ_the_drawn_limits_and_the_exact_ones_hold_as_many_as_they_say():
    rng = np.random.default_rng(12)
    found = singled_out([shares(rng, 0.6, 0.0, 30) for _ in range(TOWNS)])
    assert found.drawn <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / (30 * TOWNS))
    assert found.exact <= 0.05


@pytest.mark.parametrize(("share", "schools"), [(0.5, 30), (0.85, 12), (0.85, 60)])
def test_where_all_schools_differ_as_usual_none_is_singled_out_more_than_its_level_allows(share: float, schools: int):
    rng = np.random.default_rng(13)
    found = singled_out([shares(rng, share, 0.1, schools) for _ in range(TOWNS)])
    assert found.towns <= NOMINAL and found.schools <= 0.055


def test_that_the_usual_differences_are_known_from_few_schools_only_is_allowed_for():
    rng = np.random.default_rng(1)
    found = singled_out([shares(rng, 0.5, 0.1, 72) for _ in range(2 * TOWNS)])
    assert found.towns <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / (2 * TOWNS))


def test_published_limits_alone_would_single_out_twice_as_many_where_all_schools_differ_as_usual():
    rng = np.random.default_rng(14)
    assert singled_out([shares(rng, 0.5, 0.1, 30) for _ in range(TOWNS)]).drawn > 0.085


@pytest.mark.parametrize("spread", [0.0, 6.0])
def test_means_are_held_to_the_same_level_with_and_without_usual_differences(spread: float):
    rng = np.random.default_rng(15)
    found = singled_out([means(rng, spread, 25) for _ in range(TOWNS)])
    assert found.towns <= NOMINAL and found.schools <= 0.055


def test_a_school_that_truly_lies_far_out_is_found_and_the_right_side_said():
    rng, found = np.random.default_rng(16), 0
    for _ in range(30):
        units = shares(rng, 0.85, 0.05, 30)
        rows = pd.DataFrame({"school": units.names, "n": units.n, "reached": units.count})
        rows.loc[4, ["n", "reached"]] = 120, rng.binomial(120, 0.5)
        answer = funnel(rows, numerator="reached", denominator="n")
        claimed = answer.to_frame().query("claim == 'differs'")["group"].tolist()
        found += claimed == ["4"] and answer.tables["schools"].set_index("school").loc["4", "outside_95"] == "below"
    assert found >= 26
