"""Growth percentiles against the SGP package, and what norms, trajectories and corrections guarantee."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.growth_error import corrected_means
from kvalitet_lib.statistics.growth_medians import group_growth
from kvalitet_lib.statistics.growth_norms import GrowthNorms, known_in_a_row, misfit
from kvalitet_lib.statistics.growth_percentiles import HUNDRED, GrowthNorm, needed, trajectories
from kvalitet_lib.statistics.splines import Spline
from tests.statistics.reference import answers


@dataclass(frozen=True)
class SgpCase:
    """The reference case: pupils, the SGP package's percentiles, and the norms made here."""

    said: dict[str, Any]
    pupils: pd.DataFrame
    expected: pd.DataFrame
    schools: pd.DataFrame
    norms: GrowthNorms

    @property
    def one(self) -> GrowthNorm:
        return self.norms.norms[0]


@pytest.fixture(scope="module")
def sgp(shared: Path) -> SgpCase:
    folder = shared / "statistics" / "data"
    pupils = pd.read_csv(folder / "sgp_math_g5.csv")
    norms = GrowthNorms.of(pupils["ss5"], pupils[["ss4", "ss3"]])
    expected = pd.read_csv(folder / "ref_sgp_math_g5.csv")
    return SgpCase(answers(shared, "sgp_math_g5"), pupils, expected, pd.read_csv(folder / "ref_sgp_school.csv"), norms)


def test_every_percentile_with_one_earlier_score_is_that_of_the_sgp_package(sgp):
    found = sgp.one.percentiles(sgp.pupils["ss5"], sgp.pupils["ss4"])
    assert (found == sgp.expected["sgp1"]).all() and len(found) == sgp.said["n"]
    assert found.mean() == pytest.approx(sgp.said["mean sgp1"], abs=1e-9)
    assert np.quantile(found, [0.1, 0.25, 0.5, 0.75, 0.9]) == pytest.approx(sgp.said["deciles of sgp1 (.1,.25,.5,.75,.9)"])


def test_every_percentile_with_two_is_too_and_those_who_lack_the_second_are_held_against_the_first_alone(sgp):
    found = sgp.norms.percentiles(sgp.pupils["ss5"], sgp.pupils[["ss4", "ss3"]])
    assert (found == sgp.expected["sgp2"]).all()
    assert sgp.pupils["ss3"].isna().sum() > 400
    assert np.corrcoef(found, sgp.expected["sgp1"])[0, 1] == pytest.approx(sgp.said["cor(sgp1,sgp2)"], abs=1e-9)


@pytest.mark.parametrize(("place", "column"), [(0, "ss4"), (1, "ss3")])
def test_knots_and_boundaries_are_those_of_the_sgp_package(sgp, place, column):
    spline = sgp.norms.norms[1].splines[place]
    assert spline.knots == pytest.approx(sgp.said[f"knots {column}"])
    assert spline.boundaries == pytest.approx(sgp.said[f"boundaries {column}"])


@pytest.mark.parametrize("tau", ["0.005", "0.105", "0.495", "0.505", "0.905", "0.995"])
def test_coefficients_are_those_of_quantreg(sgp, tau):
    column = int(np.argmin(np.abs(sgp.one.fit.taus - float(tau))))
    assert sgp.one.fit.coefficients[:, column] == pytest.approx(sgp.said[f"coef prior1 tau={tau}"], abs=1e-8)


def test_coefficients_of_two_earlier_scores_are_those_of_quantreg(sgp):
    column = int(np.argmin(np.abs(HUNDRED - 0.505)))
    assert sgp.norms.norms[1].fit.coefficients[:, column] == pytest.approx(sgp.said["coef prior2 tau=.505"], abs=1e-8)


def test_fitted_quantiles_are_those_of_quantreg(sgp):
    norm = GrowthNorm.of(sgp.pupils["ss5"], sgp.pupils["ss4"], taus=np.arange(1, 10) / 10)
    expected = np.array(sgp.said["fitted quantiles at ss4=400,500,600,700"])
    assert norm.quantiles([400, 500, 600, 700]) == pytest.approx(expected, abs=1e-8)


def test_school_medians_and_means_are_those_of_the_sgp_package(sgp):
    code = np.searchsorted(sgp.schools["school"], sgp.pupils["school"])
    found = group_growth(sgp.expected["sgp1"], code, len(sgp.schools), len(sgp.pupils), own_norm=True)
    assert found.median == pytest.approx(sgp.schools["msgp"].to_numpy())
    assert found.mean == pytest.approx(sgp.schools["mean_sgp"].to_numpy())
    assert found.n == pytest.approx(sgp.schools["n"].to_numpy())


def pupils(count: int, seed: int = 1, **shape: float) -> tuple[np.ndarray, np.ndarray]:
    """A later and an earlier score that go together by 0.8."""
    rng = np.random.default_rng(seed)
    earlier = rng.normal(size=count)
    return 0.8 * earlier + 0.6 * rng.normal(size=count) + shape.get("rise", 0.0), earlier


def test_percentiles_are_even_among_those_with_low_and_with_high_earlier_scores():
    later, earlier = pupils(4000)
    found = GrowthNorm.of(later, earlier).percentiles(later, earlier)
    assert found.min() == 1 and found.max() == 99
    for part in np.array_split(np.argsort(earlier), 4):
        assert np.quantile(found[part], [0.25, 0.5, 0.75]) == pytest.approx([25, 50, 75], abs=3)


def test_percentiles_do_not_depend_on_the_unit_of_either_score():
    later, earlier = pupils(600)
    plain = GrowthNorm.of(later, earlier).percentiles(later, earlier)
    for size, start in ((1000, 5e4), (1e-6, 0.0)):
        score, prior = size * later + start, 10 * earlier - 3
        assert (GrowthNorm.of(score, prior).percentiles(score, prior) == plain).mean() > 0.99


def test_a_pupil_the_curve_passes_through_does_not_lie_above_it():
    later, earlier = (np.round(10 * one) for one in pupils(400))
    norm = GrowthNorm.of(later, earlier)
    quantiles = np.round(norm.quantiles(earlier), 5)
    assert (quantiles == later[:, None]).any(axis=1).mean() > 0.5
    assert (norm.percentiles(later, earlier) == np.clip((quantiles < later[:, None]).sum(axis=1), 1, 99)).all()


def test_fitted_quantiles_rise_for_every_pupil_where_they_cross():
    later, earlier = pupils(150)
    norm = GrowthNorm.of(later, earlier)
    assert norm.crossing(earlier) > 0
    assert (np.diff(norm.quantiles(earlier), axis=1) >= 0).all()


def test_new_pupils_are_held_against_an_earlier_year_and_those_beyond_it_at_its_edge():
    later, earlier = pupils(1500)
    norm = GrowthNorm.of(later, earlier)
    better = pupils(1500, seed=2, rise=0.6)
    assert np.median(norm.percentiles(*better)) == pytest.approx(100 * stats.norm.cdf(1), abs=3)
    assert norm.splines[0].beyond([100.0, 0.0, -100.0]) == 2
    assert norm.quantiles([100.0]) == pytest.approx(norm.quantiles([norm.splines[0].boundaries[1]]))


def test_an_earlier_score_with_three_values_has_fewer_columns_and_still_even_percentiles():
    later, earlier = pupils(900)
    coarse = np.round(earlier.clip(-1, 1))
    norm = GrowthNorm.of(later, coarse)
    assert norm.fit.dropped
    found = norm.percentiles(later, coarse)
    assert [np.median(found[coarse == value]) for value in (-1, 0, 1)] == pytest.approx([50] * 3, abs=1)


def test_a_norm_says_what_it_cannot_be_made_of():
    later, earlier = pupils(50)
    with pytest.raises(ContractError, match="two different values"):
        GrowthNorm.of(later, np.ones(50))
    with pytest.raises(ContractError, match="missing or infinite"):
        GrowthNorm.of(later, np.where(earlier > 0, np.nan, earlier))
    with pytest.raises(ContractError, match="1 earlier scores"):
        GrowthNorm.of(later, earlier).percentiles(later, np.column_stack([earlier, earlier]))
    with pytest.raises(ContractError, match="between its two boundaries"):
        Spline((3.0, 1.0), (0.0, 4.0))


def test_a_spline_column_for_each_knot_and_three_more_add_up_to_one_beside_the_first():
    spline = Spline.of(np.arange(101.0))
    assert spline.knots == pytest.approx((20, 40, 60, 80)) and spline.boundaries == pytest.approx((-10, 110))
    basis = spline.basis(np.linspace(-10, 110, 50))
    assert basis.shape == (50, 7) == (50, spline.columns)
    assert (basis >= 0).all() and (basis.sum(axis=1) <= 1 + 1e-12).all()
    assert basis[-1] == pytest.approx([0] * 6 + [1])


def test_only_scores_in_a_row_from_the_latest_count():
    gaps = [[1, 1, 1], [1, np.nan, 1], [np.nan, 1, 1], [1, 1, np.nan]]
    assert known_in_a_row(gaps).tolist() == [3, 1, 0, 2]


def test_earlier_scores_that_too_few_have_are_not_used():
    later, earlier = pupils(600)
    second = np.where(np.arange(600) < 200, earlier**3, np.nan)
    assert len(GrowthNorms.of(later, np.column_stack([earlier, second]), fewest=100).norms) == 2
    few = np.where(np.arange(600) < 140, earlier**3, np.nan)  # ten for each of fifteen columns are more
    assert len(GrowthNorms.of(later, np.column_stack([earlier, few]), fewest=100).norms) == 1
    norms = GrowthNorms.of(later, np.column_stack([earlier, second]), fewest=300)
    assert len(norms.norms) == 1
    found = norms.percentiles(later, np.column_stack([earlier, second]))
    assert (found == norms.norms[0].percentiles(later, earlier)).all()


def test_a_norm_bent_otherwise_than_its_curve_is_found_to_fit_badly():
    rng = np.random.default_rng(3)
    earlier = rng.normal(size=4000)
    straight, bent = earlier + rng.normal(size=4000), 3 * np.sin(6 * earlier) + rng.normal(size=4000)
    gaps = [misfit(GrowthNorm.of(later, earlier).percentiles(later, earlier), earlier)[0] for later in (straight, bent)]
    assert gaps[0] < 0.06 < 0.3 < gaps[1]
    assert np.isnan(misfit([50.0] * 30, np.arange(30.0))[0])


def test_what_is_needed_is_the_lowest_percentile_that_reaches_the_target():
    ends = np.arange(1.0, 100)[None, :]
    assert needed(np.repeat(ends, 4, axis=0), 40.0)[0] == 40
    assert needed(ends, 0.5).tolist() == [1] and needed(ends, 200.0).tolist() == [100]


def test_the_percentile_needed_is_the_share_of_pupils_like_them_that_fell_short():
    later, earlier = pupils(6000)
    ends = trajectories([GrowthNorm.of(later, earlier)], np.array([-1.0, 0.0, 1.0]))
    expected = 100 * stats.norm.cdf((0.3 - 0.8 * np.array([-1, 0, 1])) / 0.6)
    assert needed(ends, 0.3) == pytest.approx(expected, abs=4)


def test_two_steps_ahead_go_on_from_where_the_first_has_led():
    later, earlier = pupils(3000)
    rng = np.random.default_rng(4)
    last = 0.5 * later + rng.normal(size=3000)
    chain = [GrowthNorm.of(later, earlier), GrowthNorm.of(last, later)]
    found = trajectories(chain, [1.0])[0]
    middle = 0.8 + 0.6 * stats.norm.ppf(np.arange(1, 100) / 100)
    assert found[[9, 49, 89]] == pytest.approx((0.5 * middle + stats.norm.ppf(np.arange(1, 100) / 100))[[9, 49, 89]], abs=0.15)


def test_a_group_that_is_its_own_norm_lies_in_the_middle_and_is_not_tested():
    found = group_growth(np.arange(1.0, 100), np.zeros(99, dtype=int), 1, 99, own_norm=True)
    assert found.median[0] == 50 and np.isnan([found.lower[0], found.p[0], found.mean_lower[0]]).all()


def test_a_group_half_of_its_norm_is_known_as_well_as_two_samples_would_have_it():
    rng = np.random.default_rng(5)
    values, group = rng.uniform(1, 99, 4000), np.arange(4000) % 2
    own, other = (group_growth(values, group, 2, 4000, own_norm=is_own) for is_own in (True, False))
    ratio = (own.upper - own.lower) / (other.upper - other.lower)
    assert ratio == pytest.approx(np.sqrt([0.5 / 1.5] * 2))


def test_p_lies_below_the_level_where_the_interval_leaves_out_the_middle():
    rng = np.random.default_rng(6)
    values, group = rng.uniform(1, 99, 6000), np.repeat(np.arange(300), 20)
    for own in (True, False):
        found = group_growth(values, group, 300, 6000, own_norm=own, level=0.8)
        outside = (found.lower > 50) | (found.upper < 50)
        assert (outside == (found.p < 0.2)).all() and outside.sum() > 20


def test_error_in_the_earlier_score_is_carried_back_most_of_the_way():
    rng = np.random.default_rng(7)
    school = np.repeat(np.arange(10), 50)
    intake = np.linspace(-0.8, 0.8, 10)
    true = intake[school] + rng.normal(0, 0.8, len(school))
    measured = true + rng.normal(0, np.sqrt(true.var() / 9), len(school))  # reliability 0.9
    later = true + rng.normal(0, 0.5, len(school))
    plain = GrowthNorm.of(later, measured).percentiles(later, measured)
    slope = np.polyfit(intake, np.bincount(school, plain) / 50, 1)[0]
    corrected = np.polyfit(intake, corrected_means(later, measured[:, None], school, 10, 0.9), 1)[0]
    assert slope > 3 and abs(corrected) < slope / 2
    with pytest.raises(ContractError, match="reliability"):
        corrected_means(later, measured[:, None], school, 10, 1.5)
