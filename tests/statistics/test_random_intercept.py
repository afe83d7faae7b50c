"""One random intercept from sums per school: against lme4, statsmodels, full matrices, and in its limits."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.optimize import minimize_scalar
from statsmodels.regression.mixed_linear_model import MixedLM

from kvalitet_lib.statistics.group_effects import effect_errors
from kvalitet_lib.statistics.group_sums import group_sums
from kvalitet_lib.statistics.random_intercept import deviance, fit_random_intercept
from kvalitet_lib.statistics.random_intercept_bootstrap import bootstrap
from kvalitet_lib.statistics.variance_ratio import alike_interval, between_groups_p, ratio_quantiles
from tests.statistics.dense_mixed import dense
from tests.statistics.reference import answers

MODELS = {
    "null": (("(Intercept)",), True),
    "ri_reml": (("(Intercept)", "standLRT"), True),
    "ri_ml": (("(Intercept)", "standLRT"), False),
    "ctx_reml": (("(Intercept)", "standLRT", "sexM", "schavg"), True),
}


@pytest.fixture(scope="module")
def exam(shared) -> pd.DataFrame:
    rows = pd.read_csv(shared / "statistics" / "data" / "exam.csv")
    return rows.assign(code=pd.factorize(rows["school"], sort=True)[0], sexM=rows["sex"].eq("M") * 1.0).assign(
        **{"(Intercept)": 1.0}
    )


@pytest.fixture(scope="module")
def uneven() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    code = np.repeat(np.arange(9), [1, 2, 3, 5, 8, 13, 4, 6, 1])
    x = np.column_stack([np.ones(len(code)), rng.normal(size=len(code)), rng.normal(size=9)[code]])
    return x @ [3.0, 0.5, -0.4] + rng.normal(size=9)[code] + rng.normal(size=len(code)), x, code


def fitted(exam: pd.DataFrame, name: str):
    columns, reml = MODELS[name]
    return fit_random_intercept(group_sums(exam["normexam"], exam[list(columns)], exam["code"]), reml)


@pytest.mark.parametrize("name", MODELS)
def test_it_is_the_model_lme4_fits(shared, exam, name):
    told, fit = answers(shared, "exam_va"), fitted(exam, name)
    for at, column in enumerate(MODELS[name][0]):
        assert fit.coefficients[at] == pytest.approx(told[f"{name}.fixef[{column}]"], abs=2e-7)
        assert fit.standard_errors[at] == pytest.approx(told[f"{name}.se[{column}]"], rel=1e-6)
    assert fit.between_variance == pytest.approx(told[f"{name}.var[school:(Intercept)]"], rel=1e-6)
    assert fit.within_variance == pytest.approx(told[f"{name}.var[Residual:NA]"], rel=1e-6)
    assert fit.log_likelihood == pytest.approx(told[f"{name}.logLik"], abs=1e-6)
    assert fit.converged


def test_it_prints_what_the_guide_to_mlwin_prints(shared, exam):
    told, fit = answers(shared, "exam_va"), fitted(exam, "ri_ml")
    found = {"const": fit.coefficients[0], "slope": fit.coefficients[1]}
    found |= {"sigma2_u": fit.between_variance, "sigma2_e": fit.within_variance}
    for name, value in found.items():
        assert value == pytest.approx(told[f"published ML: {name}"], abs=5e-4)


def test_schools_effects_and_their_errors_are_those_of_lme4(shared, exam):
    told = pd.read_csv(shared / "statistics" / "data" / "ref_exam_blup_lme4.csv")
    fit = fitted(exam, "ri_reml")
    assert fit.effects == pytest.approx(told["blup"].to_numpy(), abs=1e-7)
    assert fit.conditional_sd == pytest.approx(told["cond_sd"].to_numpy(), abs=1e-7)
    size = np.abs(fit.effects)
    assert (size > 1.96 * fit.conditional_sd).sum() == (size > 1.96 * effect_errors(fit)).sum() == 31
    assert (size > 1.39 * fit.conditional_sd).sum() == (size > 1.39 * effect_errors(fit)).sum() == 37


def test_statsmodels_by_lbfgs_still_says_that_schools_are_all_alike_and_we_do_not(exam):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = MixedLM(exam["normexam"], exam[["(Intercept)", "standLRT"]], exam["code"]).fit(method="lbfgs")
    assert other.converged and other.cov_re.iloc[0, 0] == 0 and not np.isfinite(other.llf)
    fit = fitted(exam, "ri_reml")
    assert fit.between_variance > 0.09 and np.isfinite(fit.log_likelihood)


def test_statsmodels_by_its_default_agrees_but_for_its_standard_errors(exam):
    columns = list(MODELS["ctx_reml"][0])
    other, fit = MixedLM(exam["normexam"], exam[columns], exam["code"]).fit(), fitted(exam, "ctx_reml")
    assert other.llf == pytest.approx(fit.log_likelihood, abs=1e-4)
    assert other.fe_params.to_numpy() == pytest.approx(fit.coefficients, abs=1e-4)
    # A variance already; among the parameters it is divided by the residual's.
    assert other.cov_re.iloc[0, 0] == pytest.approx(fit.between_variance, rel=1e-3)
    assert other.params.iloc[-1] * other.scale == pytest.approx(fit.between_variance, rel=1e-3)
    larger = other.bse_fe.to_numpy() / fit.standard_errors - 1
    assert larger.min() > -1e-5 and 5e-4 < larger.max() < 0.005


def test_no_part_of_the_project_uses_a_program_whose_variances_collapse(project):
    sources = [path.read_text(encoding="utf-8") for path in (project / "kvalitet_lib").rglob("*.py")]
    assert any("fit_random_intercept" in source for source in sources)
    assert [source for source in sources if re.search(r"BayesMixedGLM|MixedLM|smf\.mixedlm|method=.lbfgs", source)] == []


@pytest.mark.parametrize("reml", [True, False])
def test_the_likelihood_is_that_of_the_full_matrices_and_nowhere_higher(uneven, reml):
    y, x, code = uneven
    sums = group_sums(y, x, code)
    fit = fit_random_intercept(sums, reml)
    z = np.eye(9)[code]
    there = dense(y, x, [z], [np.array([[fit.between_variance]])], fit.within_variance, reml)
    assert fit.log_likelihood == pytest.approx(there.log_likelihood, abs=1e-9)
    assert fit.coefficients == pytest.approx(there.coefficients, abs=1e-9)
    assert fit.covariance == pytest.approx(there.covariance, abs=1e-9)
    assert fit.effects == pytest.approx(there.effects[0][:, 0], abs=1e-9)
    assert fit.conditional_sd == pytest.approx(np.sqrt(there.conditional[0][:, 0, 0]), abs=1e-9)
    best = minimize_scalar(lambda log_ratio: deviance(sums, np.exp([log_ratio]), reml)[0], bounds=(-8, 5), method="bounded")
    assert fit.log_likelihood >= -best.fun / 2 - 1e-9
    assert np.log(fit.ratio) == pytest.approx(best.x, abs=1e-3)


def test_units_and_levels_of_measurement_change_nothing_but_themselves(uneven):
    y, x, code = uneven
    turn = np.array([[1.0, 2020.0, -5.0], [0.0, 1e-3, 0.0], [0.0, 0.0, 1e4]])
    fit = fit_random_intercept(group_sums(y, x, code))
    other = fit_random_intercept(group_sums(1e6 + 40 * y, x @ turn, code))
    assert other.between_variance == pytest.approx(1600 * fit.between_variance, rel=1e-7)
    assert other.effects == pytest.approx(40 * fit.effects, rel=1e-6)
    assert turn @ other.coefficients == pytest.approx([1e6, 0, 0] + 40 * fit.coefficients, rel=1e-7)
    jacobian = (len(y) - 3) * np.log(40) + np.log(abs(np.linalg.det(turn)))
    assert other.log_likelihood == pytest.approx(fit.log_likelihood - jacobian, abs=1e-5)


def test_columns_without_an_intercept_are_fitted_as_they_are(uneven):
    y, x, code = uneven
    fit = fit_random_intercept(group_sums(y, x[:, 1:], code))
    there = dense(y, x[:, 1:], [np.eye(9)[code]], [np.array([[fit.between_variance]])], fit.within_variance)
    assert fit.log_likelihood == pytest.approx(there.log_likelihood, abs=1e-9)
    assert fit.coefficients == pytest.approx(there.coefficients, abs=1e-9)


def test_schools_that_differ_less_than_chance_have_no_variance_between_them():
    code = np.repeat(np.arange(6), 10)
    y = np.tile(np.arange(10.0), 6)  # all schools the same
    fit = fit_random_intercept(group_sums(y, np.ones((60, 1)), code))
    assert fit.ratio == 0 and fit.converged and (fit.effects == 0).all()
    assert fit.standard_errors[0] == pytest.approx(y.std(ddof=1) / np.sqrt(60))
    assert (effect_errors(fit) > 0).all(), "not knowing of a difference is not knowing that there is none"
    assert alike_interval(fit.sums)[0] == 0


def test_the_test_of_no_difference_is_the_analysis_of_variance(uneven):
    y, x, code = uneven
    sums = group_sums(y, x[:, :1], code)
    assert between_groups_p(sums) == pytest.approx(stats.f_oneway(*(y[code == one] for one in range(9))).pvalue, rel=1e-10)


def test_the_interval_ends_where_a_ratio_of_that_size_would_just_be_rejected(uneven):
    y, x, code = uneven
    sums = group_sums(y, x, code)
    lower, upper = ratio_quantiles(sums, [0.025, 0.975])
    own_levels = np.column_stack([x[:, 1], np.eye(9)[code]])
    within = np.linalg.lstsq(own_levels, y)[1][0]
    for ratio, level in ((lower, 0.025), (upper, 0.975)):
        v = np.eye(len(y)) + ratio * (code[:, None] == code)
        inverse = np.linalg.inv(v)
        left = y - x @ np.linalg.solve(x.T @ inverse @ x, x.T @ inverse @ y)
        f = ((left @ inverse @ left - within) / (9 + 1 - 3)) / (within / (len(y) - 9 - 1))
        assert stats.f.sf(f, 9 + 1 - 3, len(y) - 9 - 1) == pytest.approx(level, abs=1e-8)


def test_the_bootstrap_draws_what_drawing_persons_would_draw(uneven):
    y, x, code = uneven
    fit = fit_random_intercept(group_sums(y, x, code))
    drawn = bootstrap(fit, 4000, seed=2)
    rng = np.random.default_rng(3)
    sd = np.sqrt([fit.between_variance, fit.within_variance])
    by_person = [
        fit_random_intercept(
            group_sums(x @ fit.coefficients + rng.normal(size=9)[code] * sd[0] + rng.normal(size=len(y)) * sd[1], x, code)
        )
        for _ in range(300)
    ]
    for ours, theirs in (
        (drawn.alike, [one.alike for one in by_person]),
        (drawn.within_variance, [one.within_variance for one in by_person]),
        *((drawn.coefficients[:, at], [one.coefficients[at] for one in by_person]) for at in range(3)),
    ):
        assert stats.ks_2samp(ours, theirs).pvalue > 0.001
    assert (bootstrap(fit, 50, seed=2).alike == bootstrap(fit, 50, seed=2).alike).all()


def test_degrees_of_freedom_lie_near_the_schools_for_what_is_the_schools_and_near_the_pupils_for_what_is_theirs(exam):
    freedom = fitted(exam, "ctx_reml").freedom
    assert freedom[1] > 3900 and freedom[2] > 2000
    assert 50 < freedom[3] < 70


def test_what_cannot_be_estimated_is_refused():
    ones = np.ones((4, 1))
    with pytest.raises(ValueError, match="beyond"):
        fit_random_intercept(group_sums([1.0, 2, 3, 4], ones, [0, 1, 2, 3]))
    with pytest.raises(ValueError, match="finite"):
        group_sums([1.0, np.nan, 3, 4], ones, [0, 0, 1, 1])
    with pytest.raises(ValueError, match="without gaps"):
        group_sums([1.0, 2, 3, 4], ones, [0, 0, 2, 2])
    perfect = fit_random_intercept(group_sums([1.0, 1, 3, 3, 4, 4], np.ones((6, 1)), [0, 0, 1, 1, 2, 2]))
    assert not perfect.converged
