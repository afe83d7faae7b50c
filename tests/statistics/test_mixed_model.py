"""Mixed models with several random terms: against lme4, statsmodels, full matrices, and in their limits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM

from kvalitet_lib.statistics.group_sums import group_sums
from kvalitet_lib.statistics.mixed_curvature import curvature
from kvalitet_lib.statistics.mixed_model import fit_mixed_model, profile_deviance
from kvalitet_lib.statistics.mixed_terms import RandomTerm
from kvalitet_lib.statistics.random_intercept import fit_random_intercept
from tests.statistics.dense_mixed import dense
from tests.statistics.reference import answers


@pytest.fixture(scope="module")
def pupils_over_years(shared) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rows = pd.read_csv(shared / "statistics" / "data" / "egsingle.csv")
    code = [pd.factorize(rows[name], sort=True)[0] for name in ("schoolid", "childid")]
    return rows["math"].to_numpy(), np.column_stack([np.ones(len(rows)), rows["year"]]), *code


@pytest.fixture(scope="module")
def crossed() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Outcome, columns, and two kinds of school that cross each other."""
    rng = np.random.default_rng(8)
    first, second = rng.integers(0, 12, 150), rng.integers(0, 7, 150)
    first[:12], second[:7] = np.arange(12), np.arange(7)
    x = np.column_stack([np.ones(150), rng.normal(size=150)])
    y = x @ [1, 0.5] + rng.normal(0, 0.7, 12)[first] + (rng.normal(0, [0.5, 0.3], (7, 2))[second] * x).sum(axis=1)
    return y + rng.normal(size=150), x, first, second


def test_pupils_in_schools_over_years_are_fitted_as_by_lme4(shared, pupils_over_years):
    told = answers(shared, "egsingle")
    y, x, school, pupil = pupils_over_years
    fit = fit_mixed_model(y, x, [RandomTerm.of(school), RandomTerm.of(pupil)])
    assert fit.converged and fit.at_boundary == (False, False)
    for at, name in enumerate(("(Intercept)", "year")):
        assert fit.coefficients[at] == pytest.approx(told[f"ri3.fixef[{name}]"], abs=2e-6)
        assert fit.standard_errors[at] == pytest.approx(told[f"ri3.se[{name}]"], rel=1e-4)
    assert fit.covariances[0][0, 0] == pytest.approx(told["ri3.var[schoolid:(Intercept)]"], rel=1e-4)
    assert fit.covariances[1][0, 0] == pytest.approx(told["ri3.var[childid:(Intercept)]"], rel=1e-4)
    assert fit.residual_variance == pytest.approx(told["ri3.var[Residual:NA]"], rel=1e-4)
    assert fit.log_likelihood == pytest.approx(told["ri3.logLik"], abs=1e-5)


def test_slopes_that_vary_on_two_levels_are_fitted_as_by_lme4(shared, pupils_over_years):
    told = answers(shared, "egsingle")
    y, x, school, pupil = pupils_over_years
    fit = fit_mixed_model(y, x, [RandomTerm.of(school, x), RandomTerm.of(pupil, x)])
    assert fit.converged
    for at, name in enumerate(("(Intercept)", "year")):
        assert fit.coefficients[at] == pytest.approx(told[f"growth3.fixef[{name}]"], abs=5e-6)
        assert fit.standard_errors[at] == pytest.approx(told[f"growth3.se[{name}]"], rel=1e-4)
    for level, found in zip(("schoolid", "childid"), fit.covariances, strict=True):
        assert found[0, 0] == pytest.approx(told[f"growth3.var[{level}:(Intercept)]"], rel=5e-4)
        assert found[1, 1] == pytest.approx(told[f"growth3.var[{level}:year]"], rel=5e-4)
        assert found[0, 1] == pytest.approx(told[f"growth3.var[{level}:(Intercept):year]"], rel=5e-4)
    assert fit.residual_variance == pytest.approx(told["growth3.var[Residual:NA]"], rel=1e-4)
    assert fit.log_likelihood == pytest.approx(told["growth3.logLik"], abs=1e-5)


def test_slopes_that_vary_between_schools_are_fitted_as_by_lme4(shared):
    told = answers(shared, "exam_va")
    rows = pd.read_csv(shared / "statistics" / "data" / "exam.csv")
    code, x = pd.factorize(rows["school"], sort=True)[0], np.column_stack([np.ones(len(rows)), rows["standLRT"]])
    fit = fit_mixed_model(rows["normexam"], x, [RandomTerm.of(code, x)])
    (found,) = fit.covariances
    for at, name in enumerate(("(Intercept)", "standLRT")):
        assert fit.coefficients[at] == pytest.approx(told[f"rs_reml.fixef[{name}]"], abs=5e-6)
        assert fit.standard_errors[at] == pytest.approx(told[f"rs_reml.se[{name}]"], rel=1e-4)
        assert found[at, at] == pytest.approx(told[f"rs_reml.var[school:{name}]"], rel=1e-4)
    assert found[0, 1] == pytest.approx(told["rs_reml.var[school:(Intercept):standLRT]"], rel=1e-4)
    assert fit.residual_variance == pytest.approx(told["rs_reml.var[Residual:NA]"], rel=1e-5)
    assert fit.log_likelihood == pytest.approx(told["rs_reml.logLik"], abs=1e-5)


def matrix(level, columns, weight=None) -> np.ndarray:
    """A term's full matrix, written out one person at a time."""
    level = np.atleast_2d(level.T).T
    weight = np.ones(level.shape) if weight is None else weight
    q = columns.shape[1]
    z = np.zeros((len(columns), (level.max() + 1) * q))
    for person, (levels, weights) in enumerate(zip(level, weight, strict=True)):
        for one, share in zip(levels, weights, strict=True):
            z[person, one * q : (one + 1) * q] += share * columns[person]
    return z


def assert_same(fit, y, x, matrices, reml=True):
    there = dense(y, x, matrices, fit.covariances, fit.residual_variance, reml)
    assert fit.log_likelihood == pytest.approx(there.log_likelihood, abs=1e-7)
    assert fit.coefficients == pytest.approx(there.coefficients, abs=1e-7)
    assert fit.covariance == pytest.approx(there.covariance, rel=1e-6)
    for found, effects, conditional in zip(fit.effects, there.effects, there.conditional, strict=True):
        assert found.predicted == pytest.approx(effects, abs=1e-6)
        assert found.conditional == pytest.approx(conditional, abs=1e-6)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("slopes", [(False, False), (False, True), (True, True)])
def test_crossed_schools_agree_with_full_matrices(crossed, slopes, reml):
    y, x, first, second = crossed
    columns = [x if one else np.ones((150, 1)) for one in slopes]
    fit = fit_mixed_model(y, x, [RandomTerm.of(first, columns[0]), RandomTerm.of(second, columns[1])], reml)
    assert fit.converged
    assert_same(fit, y, x, [matrix(first, columns[0]), matrix(second, columns[1])], reml)


def test_pupils_in_classes_in_schools_agree_with_full_matrices():
    rng = np.random.default_rng(9)
    school = np.repeat(np.arange(6), 20)
    group = np.repeat(np.arange(24), 5)
    x = np.column_stack([np.ones(120), rng.normal(size=120)])
    slope = (rng.normal(0, [0.6, 0.3], (6, 2))[school] * x).sum(axis=1)
    y = x @ [2, 1] + slope + rng.normal(0, 0.6, 24)[group] + rng.normal(0, 0.8, 120)
    fit = fit_mixed_model(y, x, [RandomTerm.of(school, x), RandomTerm.of(group)])
    assert fit.converged
    assert_same(fit, y, x, [matrix(school, x), matrix(group, np.ones((120, 1)))])


def test_movers_agree_with_full_matrices():
    rng = np.random.default_rng(10)
    code = rng.integers(0, 10, (200, 2))
    share = rng.uniform(0.2, 1, 200)
    share[:120] = 1.0
    weight = np.column_stack([share, 1 - share])
    x = np.column_stack([np.ones(200), rng.normal(size=200)])
    effects = rng.normal(0, 0.8, 10)
    y = x @ [0, 0.6] + (effects[code] * weight).sum(axis=1) + rng.normal(size=200)
    fit = fit_mixed_model(y, x, [RandomTerm.of(code, None, weight)])
    assert fit.converged
    assert_same(fit, y, x, [matrix(code, np.ones((200, 1)), weight)])
    beside = rng.integers(0, 25, 200)
    beside[:25] = np.arange(25)
    both = fit_mixed_model(y, x, [RandomTerm.of(code, None, weight), RandomTerm.of(beside)])
    assert_same(both, y, x, [matrix(code, np.ones((200, 1)), weight), matrix(beside, np.ones((200, 1)))])


def test_nothing_lies_higher_than_the_answer(crossed):
    y, x, first, second = crossed
    matrices = [matrix(first, np.ones((150, 1))), matrix(second, x)]
    fit = fit_mixed_model(y, x, [RandomTerm.of(first), RandomTerm.of(second, x)])
    rng = np.random.default_rng(1)
    for _ in range(40):
        moved = [one + (m := rng.normal(0, 0.05, one.shape)) @ m.T for one in fit.covariances]
        rest = fit.residual_variance * np.exp(rng.normal(0, 0.05))
        assert dense(y, x, matrices, moved, rest).log_likelihood <= fit.log_likelihood + 1e-7


def test_one_intercept_per_school_is_the_closed_form_with_the_same_degrees_of_freedom(crossed):
    y, x, first, _ = crossed
    general, closed = fit_mixed_model(y, x, [RandomTerm.of(first)]), fit_random_intercept(group_sums(y, x, first))
    assert general.log_likelihood == pytest.approx(closed.log_likelihood, abs=1e-8)
    assert general.covariances[0][0, 0] == pytest.approx(closed.between_variance, rel=1e-4)
    assert general.freedom == pytest.approx(closed.freedom, rel=1e-3)
    assert general.effects[0].predicted[:, 0] == pytest.approx(closed.effects, abs=1e-5)


def test_statsmodels_agrees_on_varying_slopes_in_small_data():
    rng = np.random.default_rng(11)
    code = np.repeat(np.arange(40), 12)
    x = np.column_stack([np.ones(480), rng.normal(size=480)])
    y = x @ [1, 0.5] + (rng.normal(0, [0.7, 0.4], (40, 2))[code] * x).sum(axis=1) + rng.normal(size=480)
    fit, other = fit_mixed_model(y, x, [RandomTerm.of(code, x)]), MixedLM(y, x, code, exog_re=x).fit()
    assert fit.log_likelihood == pytest.approx(other.llf, abs=1e-3)
    assert fit.covariances[0] == pytest.approx(np.asarray(other.cov_re), abs=2e-3)
    assert fit.standard_errors == pytest.approx(np.asarray(other.bse_fe), rel=0.005)


def test_a_standard_deviation_that_starts_at_nothing_is_found_all_the_same():
    # The slope of the likelihood is 0 at a standard deviation of 0, whether or not it falls from there.
    rng = np.random.default_rng(12)
    code = np.repeat(np.arange(30), 10)
    x = np.column_stack([np.ones(300), rng.normal(size=300)])
    for sizes in ([0.02, 0.6], [1.5, 0.05], [3.0, 3.0]):
        y = x @ [1, 0.5] + (rng.normal(0, sizes, (30, 2))[code] * x).sum(axis=1) + rng.normal(size=300)
        fit = fit_mixed_model(y, x, [RandomTerm.of(code, x)])
        assert fit.converged
        assert fit.log_likelihood >= fit_mixed_model(y, x, [RandomTerm.of(code)]).log_likelihood - 1e-8


def test_slopes_far_steeper_than_the_residual_are_found_from_every_start(monkeypatch):
    rng = np.random.default_rng(14)
    code = np.repeat(np.arange(10), 12)
    x = np.column_stack([np.ones(120), 5 + 10 * rng.normal(size=120)])
    y = x @ [0, 0.5] + (rng.normal(0, [0.05, 1.0], (10, 2))[code] * x).sum(axis=1) + rng.normal(size=120)
    fit = fit_mixed_model(y, x, [RandomTerm.of(code, x)])
    assert fit.converged
    for start in ((0.02, 0.0), (0.3, 0.2), (2.0, -0.2)):
        monkeypatch.setattr("kvalitet_lib.statistics.mixed_model.STARTS", (start,))
        assert fit_mixed_model(y, x, [RandomTerm.of(code, x)]).log_likelihood <= fit.log_likelihood + 1e-4


def test_what_a_further_step_would_gain_is_known(crossed):
    y, x, first, second = crossed
    fit = fit_mixed_model(y, x, [RandomTerm.of(first), RandomTerm.of(second)])
    away = fit.theta + np.array([0.02, -0.03])
    gained = profile_deviance(fit.equations, fit.equations.at(away), True) + 2 * fit.log_likelihood
    assert curvature(fit.equations, away, True).promised == pytest.approx(gained, rel=0.1)
    assert fit.curves.promised < 1e-6


def test_a_variance_of_nothing_is_said_to_lie_at_the_boundary(crossed):
    _, x, first, _ = crossed
    rng = np.random.default_rng(13)
    alike = np.repeat(np.arange(15), 10)
    noise = rng.normal(size=150)
    noise -= np.bincount(alike, noise)[alike] / 10  # groups that are exactly alike
    fit = fit_mixed_model(noise, x[:, :1], [RandomTerm.of(alike), RandomTerm.of(first)])
    assert fit.converged and fit.at_boundary[0]
    assert fit.covariances[0][0, 0] == 0 and (fit.effects[0].predicted == 0).all()


def test_two_terms_that_are_the_same_are_not_said_to_have_converged(crossed):
    y, x, first, _ = crossed
    fit = fit_mixed_model(y, x, [RandomTerm.of(first), RandomTerm.of(first)])
    assert not fit.converged


def test_what_does_not_fit_together_is_refused(crossed):
    y, x, first, _ = crossed
    with pytest.raises(ValueError, match="same thing"):
        fit_mixed_model(y, np.column_stack([x, x[:, 1]]), [RandomTerm.of(first)])
    with pytest.raises(ValueError, match="same thing"):
        RandomTerm.of(first, np.column_stack([x, x[:, 1]]))
    with pytest.raises(ValueError, match="without gaps"):
        RandomTerm.of(first + 1)
    with pytest.raises(ValueError, match="more persons"):
        fit_mixed_model(y[:2], x[:2], [RandomTerm.of([0, 1])])
