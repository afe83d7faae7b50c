"""Regression on columns measured with error: against the published formula, and where it must fall back on the plain one."""

from __future__ import annotations

import numpy as np
import pytest

from kvalitet_lib.statistics.group_sums import group_sums
from kvalitet_lib.statistics.measurement_error import corrected_random_intercept, errors_in_variables
from kvalitet_lib.statistics.random_intercept import fit_random_intercept


def drawn(seed: int, schools: int = 40, size: int = 60, reliability: float = 0.8):
    """Outcome, columns as measured, school; true coefficients are 0.2, 0.7 and -0.3, and the school's deviation 0.5."""
    rng = np.random.default_rng(seed)
    code = np.repeat(np.arange(schools), size)
    prior = rng.normal(size=len(code)) + 0.6 * rng.normal(size=schools)[code]
    background = 0.5 * prior + rng.normal(size=len(code))
    error = np.sqrt((1 - reliability) / reliability * prior.var())
    y = 0.2 + 0.7 * prior - 0.3 * background + rng.normal(0, 0.5, schools)[code] + rng.normal(0, 0.6, len(code))
    return y, np.column_stack([np.ones(len(code)), prior + rng.normal(0, error, len(code)), background]), code


def test_least_squares_is_corrected_by_the_published_formula():
    y, x, _ = drawn(1)
    n, reliability = len(y), np.array([1, 0.8, 1])
    variance = np.array([0, x[:, 1].var(ddof=1), x[:, 2].var(ddof=1)])
    expected = np.linalg.solve(x.T @ x / n - (n - 1) / n * np.diag((1 - reliability) * variance), x.T @ y / n)
    assert errors_in_variables(y, x, reliability) == pytest.approx(expected, rel=1e-10)


def test_one_column_is_divided_by_its_reliability():
    rng = np.random.default_rng(2)
    x = np.column_stack([np.ones(500), rng.normal(size=500)])
    y = 1 + 0.5 * x[:, 1] + rng.normal(size=500)
    plain, corrected = errors_in_variables(y, x, [1, 1]), errors_in_variables(y, x, [1, 0.8])
    assert corrected[1] == pytest.approx(plain[1] / 0.8)
    assert plain == pytest.approx(np.linalg.lstsq(x, y)[0])


def test_without_error_the_mixed_model_is_that_of_restricted_maximum_likelihood():
    y, x, code = drawn(3, schools=12, size=20)
    plain, corrected = fit_random_intercept(group_sums(y, x, code)), corrected_random_intercept(y, x, code, np.ones(3))
    assert corrected.coefficients == pytest.approx(plain.coefficients, abs=1e-9)
    assert corrected.ratio == pytest.approx(plain.ratio, rel=1e-7)
    assert corrected.within_variance == pytest.approx(plain.within_variance, rel=1e-9)
    assert corrected.effects == pytest.approx(plain.effects, abs=1e-8)
    assert corrected.conditional_sd == pytest.approx(plain.conditional_sd, rel=1e-6)


def test_what_error_hides_is_put_back():
    y, x, code = drawn(4, schools=300)
    plain, corrected = fit_random_intercept(group_sums(y, x, code)), corrected_random_intercept(y, x, code, [1, 0.8, 1])
    assert plain.coefficients[1] < 0.6 and plain.coefficients[2] > -0.24
    assert corrected.coefficients == pytest.approx([0.2, 0.7, -0.3], abs=0.05)
    assert corrected.between_variance == pytest.approx(0.25, abs=0.06)


def test_schools_with_a_weak_intake_are_credited_with_more_once_error_is_reckoned_with():
    y, x, code = drawn(5, schools=200, reliability=0.7)
    plain, corrected = fit_random_intercept(group_sums(y, x, code)), corrected_random_intercept(y, x, code, [1, 0.7, 1])
    intake = np.bincount(code, x[:, 1]) / 60
    assert np.corrcoef(corrected.effects - plain.effects, intake)[0, 1] < -0.95


def test_leaving_out_schools_one_at_a_time_is_what_the_errors_come_from():
    y, x, code = drawn(6, schools=8, size=15)
    whole = corrected_random_intercept(y, x, code, [1, 1, 1])
    each = []
    for one in range(8):
        kept = code != one
        v = np.eye(kept.sum()) + whole.ratio * (code[kept][:, None] == code[kept])
        inverse = np.linalg.inv(v)
        each.append(np.linalg.solve(x[kept].T @ inverse @ x[kept], x[kept].T @ inverse @ y[kept]))
    spread = np.sqrt(7 / 8 * ((each - np.mean(each, axis=0)) ** 2).sum(axis=0))
    assert whole.standard_errors == pytest.approx(spread, rel=1e-8)


def test_a_factor_that_rests_on_one_school_has_no_error_of_its_own():
    y, x, code = drawn(7, schools=6, size=20)
    alone = np.column_stack([x, code == 2])
    assert np.isnan(corrected_random_intercept(y, alone, code, [1, 0.9, 1, 1]).standard_errors).all()


def test_a_reliability_that_leaves_nothing_of_the_column_is_refused():
    y, x, code = drawn(8, schools=10)
    with pytest.raises(ValueError, match="lower than the data allow"):
        errors_in_variables(y, x, [1, 0.05, 1])
    with pytest.raises(ValueError, match="lower than the data allow"):
        corrected_random_intercept(y, x, code, [1, 0.05, 1])
