"""The wild cluster bootstrap against the same done by hand, and at its edges."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.clusters import cluster_covariance, least_squares
from kvalitet_lib.statistics.wild_bootstrap import WEBB, wild_bootstrap


def few_clusters(count: int = 8, treated: int = 3) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(4)
    clusters = np.concatenate([np.arange(count), rng.integers(0, count, 52)])
    others = np.column_stack([np.ones(len(clusters)), rng.normal(size=len(clusters))])
    interest = (clusters < treated) + 0.3 * rng.normal(size=len(clusters))
    outcome = others @ [1.0, 2.0] + 0.5 * interest + rng.normal(size=count)[clusters] + rng.normal(size=len(clusters))
    return {"outcome": outcome, "interest": interest, "others": others, "clusters": clusters}


def by_hand(outcome, interest, others, clusters, null: float) -> float:
    """Cameron, Gelbach and Miller's steps, every set of signs fitted anew."""

    def t(values: np.ndarray) -> float:
        fit = least_squares(values, np.column_stack([interest, others]))
        return (fit.coefficients[0] - null) / np.sqrt(cluster_covariance(fit, clusters, "CR0")[0, 0])

    restricted = least_squares(outcome - null * interest, others)
    fitted = others @ restricted.coefficients + null * interest
    signs = product([1.0, -1.0], repeat=int(clusters.max()) + 1)
    drawn = [t(fitted + np.array(one)[clusters] * restricted.residuals) for one in signs]
    return float((np.abs(drawn) >= abs(t(outcome)) * (1 - 1e-9)).mean())


@pytest.mark.parametrize("null", [0.0, 0.4, -1.0])
def test_all_sets_of_signs_give_what_fitting_each_anew_gives(null: float):
    rows = few_clusters()
    found = wild_bootstrap(**rows, null=null, kind="rademacher", interval=False)
    assert (found.complete, found.draws) == (True, 256)
    assert found.p == by_hand(**rows, null=null)


def test_the_interval_ends_where_the_test_begins_to_reject():
    rows = few_clusters()
    found = wild_bootstrap(**rows, kind="rademacher")
    for edge, outward in ((found.lower, -1e-6), (found.upper, 1e-6)):
        assert wild_bootstrap(**rows, null=edge + outward, kind="rademacher", interval=False).p < 0.05
        assert wild_bootstrap(**rows, null=edge - outward, kind="rademacher", interval=False).p >= 0.05
    assert found.lower < found.estimate < found.upper


def test_estimate_and_standard_error_are_those_of_the_regression():
    rows = few_clusters()
    fit = least_squares(rows["outcome"], np.column_stack([rows["interest"], rows["others"]]))
    found = wild_bootstrap(**rows)
    assert found.estimate == pytest.approx(fit.coefficients[0])
    assert found.standard_error == pytest.approx(np.sqrt(8 / 7 * cluster_covariance(fit, rows["clusters"], "CR0")[0, 0]))


def test_below_twelve_clusters_weights_have_six_values_with_mean_0_and_variance_1():
    assert wild_bootstrap(**few_clusters(8), interval=False).weights == "webb"
    assert wild_bootstrap(**few_clusters(12), interval=False).weights == "rademacher"
    assert (WEBB.mean(), (WEBB**2).mean()) == pytest.approx((0, 1))


def test_drawn_weights_come_close_to_all_of_them():
    rows = few_clusters(10)
    every = wild_bootstrap(**rows, kind="rademacher", draws=1024, interval=False).p
    drawn = wild_bootstrap(**rows, kind="rademacher", draws=1000, interval=False)
    assert not drawn.complete
    assert drawn.p == pytest.approx(every, abs=4 * np.sqrt(every * (1 - every) / 1000))


def test_weighted_rows_are_rows_multiplied_by_the_root_of_their_weight():
    rows = few_clusters()
    weights = np.random.default_rng(5).uniform(0.5, 3, 60)
    root = np.sqrt(weights)
    turned = {"outcome": rows["outcome"] * root, "interest": rows["interest"] * root, "others": rows["others"] * root[:, None]}
    found, same = wild_bootstrap(**rows, weights=weights), wild_bootstrap(**turned, clusters=rows["clusters"])
    assert (found.p, found.lower, found.upper) == pytest.approx((same.p, same.lower, same.upper))


def test_the_same_seed_gives_the_same_answer_whatever_clusters_are_called():
    rows = few_clusters(12)
    words = np.array(["school " + chr(97 + one) for one in rows["clusters"]])
    assert wild_bootstrap(**rows) == wild_bootstrap(**(rows | {"clusters": words}))


def test_with_one_treated_cluster_the_far_too_small_standard_error_is_not_believed():
    clusters = np.repeat(np.arange(14), 3)
    interest = (clusters == 0).astype(float)
    outcome = np.random.default_rng(6).normal(size=42) + 5 * interest
    found = wild_bootstrap(outcome, interest, np.ones((42, 1)), clusters)
    assert found.upper - found.lower > 20 * found.standard_error


def test_impossible_requests_are_refused_in_words():
    rows = few_clusters()
    with pytest.raises(ContractError, match="at least two clusters"):
        wild_bootstrap(**(rows | {"clusters": np.zeros(60)}))
    with pytest.raises(ContractError, match="say all that the column of interest says"):
        wild_bootstrap(**(rows | {"interest": rows["others"][:, 1]}))
    with pytest.raises(ContractError, match="webb or rademacher"):
        wild_bootstrap(**rows, kind="mammen")
