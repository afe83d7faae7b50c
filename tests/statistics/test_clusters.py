"""Standard errors by cluster against sandwich, pyfixest, closed forms and brute force."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.clusters import cluster_covariance, least_squares, satterthwaite, two_way_covariance


def se(covariance: np.ndarray, place: int = 1) -> float:
    return float(np.sqrt(covariance[place, place]))


@pytest.fixture(scope="module")
def petersen(shared) -> tuple[pd.DataFrame, dict]:
    cases = json.loads((shared / "statistics" / "reference_answers.json").read_text())["cases"]
    answers = next(case for case in cases if case["id"] == "petersen")["answers"]
    return pd.read_csv(shared / "statistics" / "data" / "petersen.csv"), {one["name"]: one["value"] for one in answers}


def test_petersens_data_give_what_sandwich_gives(petersen):
    rows, told = petersen
    fit = least_squares(rows["y"], np.column_stack([np.ones(len(rows)), rows["x"]]))
    assert fit.coefficients == pytest.approx([told["coef"]["(Intercept)"], told["coef"]["x"]], rel=1e-10)
    assert se(fit.classical) == pytest.approx(told["se_ols"], rel=1e-10)
    assert se(fit.hc1) == pytest.approx(told["se_hc1"], rel=1e-10)
    assert se(cluster_covariance(fit, rows["firm"])) == pytest.approx(told["se_firm"], rel=1e-10)
    assert se(cluster_covariance(fit, rows["year"])) == pytest.approx(told["se_year"], rel=1e-10)
    assert se(two_way_covariance(fit, rows["firm"], rows["year"])) == pytest.approx(told["se_two"], rel=1e-10)
    multi0 = two_way_covariance(fit, rows["firm"], rows["year"], both="CR0")
    assert se(multi0) == pytest.approx(told["se_two_multi0"], rel=1e-10)


def test_clusters_may_be_words_and_rows_in_any_order(petersen):
    rows = petersen[0].sample(frac=1, random_state=3)
    fit = least_squares(rows["y"], np.column_stack([np.ones(len(rows)), rows["x"]]))
    words = ("firm " + rows["firm"].astype(str)).to_numpy()
    assert se(cluster_covariance(fit, words)) == pytest.approx(petersen[1]["se_firm"], rel=1e-10)


def test_pyfixest_agrees_in_two_ways_only_with_the_conventional_number_of_clusters(petersen):
    pyfixest = pytest.importorskip("pyfixest")
    rows, told = petersen
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        usual = pyfixest.feols("y ~ x", rows, vcov={"CRV1": "firm + year"})
        conventional = pyfixest.feols("y ~ x", rows, vcov={"CRV1": "firm + year"}, ssc=pyfixest.ssc(G_df="conventional"))
    assert float(conventional.se()["x"]) == pytest.approx(told["se_two"], rel=1e-7)
    assert float(usual.se()["x"]) == pytest.approx(0.0553, abs=5e-5)


def two_groups(sizes: tuple[int, int] = (4, 9)) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    treated = np.repeat([1.0, 0.0], sizes)
    return rng.normal(size=sum(sizes)) + treated, np.column_stack([np.ones(sum(sizes)), treated])


def test_cr2_of_two_means_is_welchs_variance_with_satterthwaites_degrees_of_freedom():
    outcome, design = two_groups((4, 9))
    fit, rows = least_squares(outcome, design), np.arange(13)
    welch = outcome[:4].var(ddof=1) / 4 + outcome[4:].var(ddof=1) / 9
    assert cluster_covariance(fit, rows, "CR2")[1, 1] == pytest.approx(welch)
    freedom = (1 / 4 + 1 / 9) ** 2 / (1 / 4**2 / 3 + 1 / 9**2 / 8)
    assert satterthwaite(fit, rows, [0, 1]) == pytest.approx(freedom)


def test_rows_that_repeat_within_a_cluster_count_as_one():
    outcome, design = two_groups((4, 9))
    fit = least_squares(np.repeat(outcome, 5), np.repeat(design, 5, axis=0))
    welch = outcome[:4].var(ddof=1) / 4 + outcome[4:].var(ddof=1) / 9
    assert cluster_covariance(fit, np.repeat(np.arange(13), 5), "CR2")[1, 1] == pytest.approx(welch)


def unbalanced(seed: int = 2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    clusters = rng.permutation(np.repeat(np.arange(7), [2, 3, 3, 4, 5, 6, 9]))
    design = np.column_stack([np.ones(32), rng.normal(size=32), clusters < 2])
    return rng.normal(size=32), design, clusters


def test_cr2_is_unbiased_when_rows_are_independent():
    _, design, clusters = unbalanced()
    # The covariance is a square form of the outcome: its mean over independent outcomes is the sum over single ones.
    of_one = [cluster_covariance(least_squares(one, design), clusters, "CR2") for one in np.eye(32)]
    assert sum(of_one) == pytest.approx(np.linalg.inv(design.T @ design), abs=1e-10)


def test_cr3_is_the_jackknife_over_clusters():
    outcome, design, clusters = unbalanced()
    fit = least_squares(outcome, design)
    without = [least_squares(outcome[clusters != one], design[clusters != one, :2]) for one in range(7)]
    plain = least_squares(outcome, design[:, :2])
    moved = np.array([one.coefficients - plain.coefficients for one in without])
    assert cluster_covariance(plain, clusters, "CR3") == pytest.approx(6 / 7 * moved.T @ moved)
    assert len(fit.coefficients) == 3


def test_clusters_own_levels_may_be_dummies_or_taken_out_beforehand():
    outcome, design, clusters = unbalanced()
    dummies = (clusters[:, None] == np.arange(7)).astype(float)
    full = least_squares(outcome, np.column_stack([design[:, 1], dummies]))
    mean = dummies @ np.linalg.inv(dummies.T @ dummies) @ dummies.T
    inside = least_squares(outcome - mean @ outcome, (design[:, 1] - mean @ design[:, 1])[:, None])
    for kind in ("CR0", "CR2"):
        assert cluster_covariance(inside, clusters, kind)[0, 0] == pytest.approx(cluster_covariance(full, clusters, kind)[0, 0])
    assert satterthwaite(inside, clusters, [1]) == pytest.approx(satterthwaite(full, clusters, [1, *np.zeros(7)]))


def test_a_weight_of_two_is_a_row_that_stands_there_twice():
    outcome, design, clusters = unbalanced()
    weights = 1.0 + (clusters == 3)
    twice = np.repeat(np.arange(32), weights.astype(int))
    weighted, repeated = least_squares(outcome, design, weights), least_squares(outcome[twice], design[twice])
    assert weighted.coefficients == pytest.approx(repeated.coefficients)
    assert cluster_covariance(weighted, clusters, "CR0") == pytest.approx(cluster_covariance(repeated, clusters[twice], "CR0"))


def test_impossible_requests_are_refused_in_words():
    outcome, design, clusters = unbalanced()
    with pytest.raises(ContractError, match="say the same thing"):
        least_squares(outcome, np.column_stack([design, design[:, 1] * 2]))
    fit = least_squares(outcome, design)
    with pytest.raises(ContractError, match="CR0, CR1, CR2, CR3"):
        cluster_covariance(fit, clusters, "HC3")
    with pytest.raises(ContractError, match="at least two clusters"):
        cluster_covariance(fit, np.zeros(32))
