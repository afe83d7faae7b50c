"""Intervals against published numbers and what other programs answer."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from kvalitet_lib.statistics import garwood, median_interval, share_of_amounts, student_t, weighted_mean_interval, wilson


def test_wilson_agrees_with_the_example_of_newcombe():
    lower, upper = wilson([81], [263])
    assert (lower[0], upper[0]) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_wilson_agrees_with_r_on_every_reference_case(shared: Path):
    cases = json.loads((shared / "statistics" / "reference_answers.json").read_text())["cases"]
    answers = {answer["name"]: answer for case in cases if case["id"] == "wilson" for answer in case["answers"]}
    wilsons = {name: answer for name, answer in answers.items() if name.endswith(" Wilson")}
    assert len(wilsons) == 6
    for name, answer in wilsons.items():
        successes, trials = map(int, name.split()[0].split("/"))
        lower, upper = wilson([successes], [trials])
        assert (lower[0], upper[0]) == pytest.approx(answer["value"], abs=answer["tol_abs"]), name


def test_wilson_never_claims_certainty_when_everyone_or_no_one_succeeds():
    lower, upper = wilson([0, 20], [20, 20])
    assert lower[0] == 0 and upper[0] > 0.1
    assert upper[1] == 1 and lower[1] < 0.9


def test_wilson_takes_posts_that_are_not_whole():
    between = wilson([7.5], [10.5])[0][0]
    assert wilson([7.0], [10.0])[0][0] < between < wilson([8.0], [11.0])[0][0]


def test_wilson_of_no_one_is_unknown():
    assert np.isnan(wilson([0, np.nan], [0, 5])).all()


def test_t_interval_agrees_with_the_textbook_quantile():
    lower, upper = student_t([10.0], [2.0], [9])
    assert (lower[0], upper[0]) == pytest.approx((10 - 2.306 * 2 / 3, 10 + 2.306 * 2 / 3), abs=1e-3)


def test_one_person_or_persons_all_alike_give_no_interval_of_a_mean():
    assert np.isnan(student_t([10.0, 10.0], [np.nan, 0.0], [1, 3])).all()


def test_garwood_agrees_with_the_published_table_of_poisson_limits():
    lower, upper = garwood([0, 1, 10], [1, 1, 1])
    assert lower == pytest.approx([0, 0.0253, 4.7954], abs=1e-4)
    assert upper == pytest.approx([3.6889, 5.5716, 18.3904], abs=1e-4)


def test_garwood_is_per_post():
    assert np.array(garwood([120], [10])) * 10 == pytest.approx(np.array(garwood([120], [1])))
    assert np.isnan(garwood([10], [0])).all()


def test_median_interval_of_ten_persons_goes_from_the_second_to_the_ninth():
    lower, upper = median_interval([5, 1, 9, 3, 7, 2, 8, 4, 10, 6], [0] * 10, 1)
    assert (lower[0], upper[0]) == (2, 9)


def test_fewer_than_six_persons_cannot_bound_a_median_at_95_percent():
    lower, upper = median_interval(list(range(5)) + list(range(6)), [0] * 5 + [1] * 6, 3)
    assert np.isnan(lower[[0, 2]]).all() and np.isnan(upper[[0, 2]]).all()
    assert (lower[1], upper[1]) == (0, 5)


def test_median_interval_keeps_groups_apart_whatever_the_order_of_the_rows():
    values, group = np.arange(60.0), np.tile([0, 1, 2], 20)
    shuffled = np.random.default_rng(1).permutation(60)
    assert np.array_equal(median_interval(values, group, 3), median_interval(values[shuffled], group[shuffled], 3))


def test_hours_of_one_pupil_do_not_count_as_independent():
    hours = np.full(20, 900.0)
    absent = np.tile([0.0, 180.0], 10)
    lower, upper = share_of_amounts(absent, hours, np.zeros(20, dtype=int), 1)
    narrow_lower, narrow_upper = wilson([absent.sum()], [hours.sum()])
    assert upper[0] - lower[0] > 5 * (narrow_upper[0] - narrow_lower[0])


def test_a_share_of_hours_is_as_uncertain_as_its_pupils_when_each_is_absent_always_or_never():
    absent = np.repeat([0.0, 100.0], [60, 40])
    lower, upper = share_of_amounts(absent, np.full(100, 100.0), np.zeros(100, dtype=int), 1)
    inflated = stats.t.ppf(0.975, 99) / stats.norm.ppf(0.975)
    trials = 99 / inflated**2
    assert (lower[0], upper[0]) == pytest.approx([bound[0] for bound in wilson([0.4 * trials], [trials])])


def test_a_share_of_hours_of_one_pupil_has_no_interval():
    assert np.isnan(share_of_amounts([10.0], [100.0], [0], 1)).all()


def test_pooling_equal_groups_narrows_the_interval_by_the_square_root_of_their_number():
    mean, lower, upper = weighted_mean_interval([[10.0] * 4], [[8.0] * 4], [[12.0] * 4], [[25.0] * 4])
    assert (mean[0], lower[0], upper[0]) == pytest.approx((10, 9, 11))


def test_pooling_weighs_by_persons():
    mean, _, _ = weighted_mean_interval([[0.0, 1.0]], [[0.0, 1.0]], [[0.0, 1.0]], [[30.0, 10.0]])
    assert mean[0] == pytest.approx(0.25)
