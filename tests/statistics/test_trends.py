"""Trend of one series, and slopes of many short ones."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from kvalitet_lib.statistics.autocorrelation import breusch_godfrey, durbin_watson, newey_west, usual_lags
from kvalitet_lib.statistics.moderation import moderate
from kvalitet_lib.statistics.multiplicity import adjusted_p
from kvalitet_lib.statistics.random_effects import between_interval, pool
from kvalitet_lib.statistics.short_series import slopes
from kvalitet_lib.statistics.trends import cochran_armitage, kendall
from tests.statistics.reference import answers

# Annual flow of the Nile at Aswan, 1871-1970, in 10^8 cubic metres (Cobb 1978, Biometrika 65, 243-251).
NILE = [
    1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958, 1140,
    1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050, 969,
    831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759,
    781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890,
    744, 749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740,
]  # fmt: skip
YEARS = np.arange(1871, 1971)
LINE = np.column_stack([np.ones(100), YEARS])
# Smokers among patients with lung cancer in four studies: the example of R's prop.trend.test (Fleiss 1981).
SMOKERS, PATIENTS = [83, 90, 129, 70], [86, 93, 136, 82]


def test_the_nile_falls_as_much_as_r_says(shared):
    told = answers(shared, "trend_tests")
    run = newey_west(LINE, NILE, 4)
    assert kendall(NILE, YEARS).tau == pytest.approx(told["Nile Kendall tau"], abs=1e-6)
    assert run.coefficients[1] == pytest.approx(told["Nile OLS slope"], abs=1e-7)
    assert run.standard_errors[1] == pytest.approx(told["Nile Newey-West lag4 SE (adjusted)"], rel=1e-6)
    assert durbin_watson(run.residuals) == pytest.approx(told["Nile Durbin-Watson"], abs=1e-7)


def test_fewer_smokers_in_later_studies_as_r_tests_it(shared):
    told = answers(shared, "trend_tests")
    found = cochran_armitage(SMOKERS, PATIENTS)
    assert found.statistic == pytest.approx(told["Cochran-Armitage chisq (83,90,129,70 of 86,93,136,82)"], abs=1e-6)
    assert found.p == pytest.approx(told["p"], abs=1e-8)


@pytest.mark.parametrize(("points", "smallest"), [(4, 2 / 24), (5, 2 / 120), (6, 2 / 720)])
def test_a_series_that_only_rises_reaches_the_smallest_p_that_its_length_allows_and_no_other_does(points, smallest):
    rising = kendall(np.arange(points), np.arange(points))
    assert rising.p == pytest.approx(smallest) == rising.smallest_p
    swapped = [1, 0, *range(2, points)]
    assert kendall(swapped, np.arange(points)).p > smallest


def test_the_smallest_p_of_four_and_five_points_are_those_of_the_reference(shared):
    told = answers(shared, "trend_tests")
    assert kendall(range(5), range(5)).p == pytest.approx(told["exact two-sided MK p, perfectly monotone n=5"], abs=1e-9)
    assert kendall(range(4), range(4)).p == pytest.approx(told["same, n=4"], abs=1e-9)


def test_a_series_that_never_changes_has_no_rank_trend():
    assert math.isnan(kendall([3, 3, 3], [1, 2, 3]).tau)


def test_shares_of_nobody_and_of_everybody_have_no_trend():
    assert math.isnan(cochran_armitage([5, 6], [5, 6]).statistic)
    assert math.isnan(cochran_armitage([0, 0, 0], [5, 6, 7]).p)


def test_shares_that_scatter_more_than_chance_are_tested_against_their_own_scatter():
    found = cochran_armitage([10, 40, 12, 45], [50, 50, 50, 50])
    assert found.dispersion > 10
    assert found.p < 0.001 < 0.2 < found.dispersed_p


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("benjamini_hochberg", "BH"),
        ("benjamini_yekutieli", "BY"),
        ("holm", "holm"),
        ("hommel", "hommel"),
        ("bonferroni", "bonferroni"),
    ],
)
def test_adjusted_p_are_those_of_r(shared, method, name):
    told = answers(shared, "fdr")
    assert adjusted_p(told["p"], method) == pytest.approx(told[name], abs=1e-10)


def test_of_the_fifteen_trials_four_stand_under_benjamini_hochberg_and_three_under_bonferroni(shared):
    told = answers(shared, "fdr")
    standing = [(adjusted_p(told["p"], one) < 0.05).sum() for one in ("benjamini_hochberg", "bonferroni")]
    assert standing == told["rejections at .05: BH, Bonferroni"]


def test_there_is_no_unknown_way_to_adjust():
    with pytest.raises(ValueError, match="benjamini_hochberg, "):
        adjusted_p([0.1], "bh")


def test_newey_west_without_lags_is_the_robust_covariance_of_white():
    rng = np.random.default_rng(1)
    line = np.column_stack([np.ones(40), np.arange(40)])
    value = rng.normal(size=40)
    run = newey_west(line, value, 0, adjust=False)
    inverse = np.linalg.inv(line.T @ line)
    white = inverse @ (line.T * run.residuals**2) @ line @ inverse
    assert run.covariance == pytest.approx(white)


def test_breusch_godfrey_finds_neighbours_alike_and_nothing_in_independent_errors():
    rng = np.random.default_rng(3)
    shocks = rng.normal(size=200)
    alike = np.convolve(shocks, 0.7 ** np.arange(20))[:200]
    line = np.column_stack([np.ones(200), np.arange(200)])
    for value, found in ((alike, True), (shocks, False)):
        assert (breusch_godfrey(line, newey_west(line, value, 0).residuals, 2)[1] < 0.01) == found


def test_the_rule_of_thumb_for_lags():
    assert [usual_lags(n) for n in (5, 40, 100, 200)] == [2, 3, 4, 4]


def test_schools_of_one_pattern_get_ordinary_slopes_and_one_standard_error_with_everybodys_degrees_of_freedom():
    rng = np.random.default_rng(5)
    value, time = rng.normal(size=(12, 5)), np.tile(np.arange(5.0), 12)
    found = slopes(value.ravel(), time, np.repeat(np.arange(12), 5))
    ordinary = [stats.linregress(np.arange(5), one).slope for one in value]
    if found.wobble.carry_over == 0:
        assert found.slope == pytest.approx(ordinary)
    assert np.ptp(found.standard_error) == pytest.approx(0)
    assert (found.freedom > 20).all()


def test_a_step_where_a_new_series_begins_is_no_slope():
    rng = np.random.default_rng(7)
    time = np.tile(np.arange(8.0), 10)
    wobble = rng.normal(size=80)
    step = np.where(time >= 4, 100.0, 0.0)
    series = np.repeat(np.arange(10), 8)
    joined, apart = slopes(wobble + step, time, series), slopes(wobble + step, time, series, segments=(time >= 4).astype(int))
    without = slopes(wobble, time, series, segments=(time >= 4).astype(int))
    assert joined.mean > 10
    assert apart.slope == pytest.approx(without.slope)


def test_a_slope_that_its_breaks_explain_cannot_be_told():
    time, series = np.r_[np.tile(np.arange(5.0), 6), [0.0, 1.0]], np.r_[np.repeat(np.arange(6), 5), [6, 6]]
    value = np.random.default_rng(1).normal(size=32)
    found = slopes(value, time, series, segments=np.r_[np.zeros(30, dtype=int), [0, 1]])
    assert np.isnan(found.slope[6]) and np.isnan(found.standard_error[6])
    assert np.isfinite(found.slope[:6]).all() and np.isfinite(found.mean)


def test_what_moves_all_schools_in_a_year_widens_the_interval_of_their_mean():
    rng = np.random.default_rng(11)
    own, time, series = rng.normal(size=(30, 5)), np.tile(np.arange(5.0), 30), np.repeat(np.arange(30), 5)
    common = np.array([0.0, 6.0, -6.0, 6.0, 0.0])
    calm, moved = slopes(own.ravel(), time, series), slopes((own + common).ravel(), time, series)
    assert calm.wobble.common_p > 0.05 > 0.001 > moved.wobble.common_p
    assert moved.mean_error > 5 * calm.mean_error
    assert moved.mean_freedom < 5


def test_no_slope_is_surer_than_the_known_sampling_errors_allow_however_quiet_the_years_seem():
    rng = np.random.default_rng(12)
    time, series = np.tile(np.arange(5.0), 8), np.repeat(np.arange(8), 5)
    found = slopes(0.1 * rng.normal(size=40), time, series, variances=np.full(40, 4.0))
    assert (found.standard_error >= np.sqrt(4 / 10) - 1e-9).all()
    assert (found.chance >= 4 / 10 - 1e-9).all()


def test_points_exactly_on_their_lines_show_no_wobble_and_are_refused():
    time, series = np.tile(np.arange(5.0), 3), np.repeat(np.arange(3), 5)
    with pytest.raises(ValueError, match="exactly on their lines"):
        slopes(2 * time + series, time, series)


def test_two_points_each_are_too_few():
    with pytest.raises(ValueError, match="long enough"):
        slopes([1.0, 2.0, 3.0, 5.0], [0.0, 1.0, 0.0, 1.0], [0, 0, 1, 1])


# Thirteen trials of BCG vaccine (Colditz et al. 1994, JAMA 271, 698-702): tuberculosis and none, vaccinated and not.
BCG = np.array([
    (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761),
    (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232), (17, 1699, 65, 1600),
    (186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825),
])  # fmt: skip


def test_pooling_agrees_with_the_example_that_viechtbauer_prints():
    ill, well, ill_without, well_without = BCG.T
    estimate = np.log(ill / (ill + well)) - np.log(ill_without / (ill_without + well_without))
    variance = 1 / ill - 1 / (ill + well) + 1 / ill_without - 1 / (ill_without + well_without)
    found = pool(estimate, variance)
    assert (found.mean, found.between) == pytest.approx((-0.7145, 0.3132), abs=5e-5)
    assert found.heterogeneity == pytest.approx(152.233, abs=5e-4)
    assert between_interval(estimate, variance) == pytest.approx((0.1197, 1.1115), abs=5e-5)


def test_schools_that_do_not_differ_are_all_drawn_to_their_mean():
    found = pool([1.0, 1.1, 0.9, 1.0], [1.0, 1.0, 1.0, 1.0])
    assert found.between == 0
    assert found.shrunken == pytest.approx([1.0] * 4)
    assert between_interval([1.0, 1.1, 0.9, 1.0], [1.0, 1.0, 1.0, 1.0])[0] == 0


@pytest.mark.parametrize("variances", [[1.0], [1.0, 0.0], [1.0, np.nan]])
def test_pooling_refuses_what_has_no_variance(variances):
    with pytest.raises(ValueError, match="variance above 0"):
        pool(np.ones(len(variances)), variances)


def test_variances_that_differ_no_more_than_chance_become_one_and_others_keep_their_own():
    rng = np.random.default_rng(2)
    freedom = np.full(60, 3.0)
    alike = rng.chisquare(3, 60) / 3
    moderated, prior = moderate(alike, freedom)
    assert prior > 30
    assert np.ptp(moderated) < 0.5 * np.ptp(alike)
    kept, weak = moderate(alike * np.exp(rng.normal(0, 1.5, 60)), freedom)
    assert weak < 5
    assert np.ptp(kept) > 5


def test_moderation_recovers_how_much_variances_differ():
    rng = np.random.default_rng(4)
    prior, freedom = 8.0, np.full(4000, 3.0)
    truth = prior * 2.0 / rng.chisquare(prior, 4000)
    moderated, found = moderate(truth * rng.chisquare(3, 4000) / 3, freedom)
    assert found == pytest.approx(prior, rel=0.25)
    assert np.corrcoef(moderated, truth)[0, 1] > 0.5
