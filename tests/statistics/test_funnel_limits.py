"""A funnel with over-dispersion against FunnelPlotR, and exact limits against R."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.funnel_limits import (
    Scores,
    dispersion,
    exact_limits,
    exact_p,
    known_overdispersion,
    limits_around,
    p_of_shares,
    what_winsorising_leaves,
    winsorised,
)
from tests.statistics.reference import answers

COLUMNS = {"OD95": (0.95, True), "OD99": (0.998, True), "95": (0.95, False), "99": (0.998, False)}


def schools(shared: Path) -> tuple[pd.DataFrame, Scores]:
    rows = pd.read_csv(shared / "statistics" / "data" / "funnel_schools.csv")
    return rows, Scores.of_shares(rows["prof"], rows["n"])


def test_target_phi_and_tau2_agree_with_funnelplotr(shared: Path):
    said, (rows, scores) = answers(shared, "funnel"), schools(shared)
    found = dispersion(scores)
    assert len(rows) == said["k"]
    assert scores.back(scores.target) == pytest.approx(said["target"], abs=1e-9)
    assert found.phi == pytest.approx(said["phi"], abs=1e-6)
    assert found.tau2 == pytest.approx(said["tau2"], abs=1e-8)


def test_every_limit_and_outlier_agrees_with_funnelplotr(shared: Path):
    said = answers(shared, "funnel")
    theirs = pd.read_csv(shared / "statistics" / Path(said["limits and outlier flags per school"]))
    rows, scores = schools(shared)
    theirs = theirs.set_index("group").loc[rows["school"]]
    found = dispersion(scores)
    assert scores.z == pytest.approx(theirs["Uzscore"], abs=1e-6)
    assert winsorised(scores.z, 0.1) == pytest.approx(theirs["Wuzscore"], abs=1e-6)
    for end, (level, widened) in COLUMNS.items():
        spread = found.spread(scores.error, "additive" if widened else "none")
        lower, upper = (scores.back(one) for one in limits_around(scores.target, spread, level))
        names = (f"{end}LCL", f"{end}UCL") if widened else (f"LCL{end}", f"UCL{end}")
        assert lower == pytest.approx(theirs[names[0]], abs=1e-6)
        assert upper == pytest.approx(theirs[names[1]], abs=1e-6)
        if end == "OD99":
            share = rows["prof"] / rows["n"]
            outside = (share < lower) | (share > upper)
            assert outside.astype(int).tolist() == theirs["outlier"].tolist()
            assert outside.sum() == said["n_outliers_adjusted"]


def test_without_over_dispersion_half_of_all_schools_lie_outside(shared: Path):
    rows, scores = schools(shared)
    lower, upper = (scores.back(one) for one in limits_around(scores.target, scores.error, 0.95))
    share = rows["prof"] / rows["n"]
    assert ((share < lower) | (share > upper)).sum() == 41


def test_exact_limits_agree_with_r(shared: Path):
    said = answers(shared, "funnel")["exact binomial limits .1/2.5/97.5/99.9% at n=20,50,100,200"]
    target = answers(shared, "funnel")["target"]
    for n, *limits in said:
        (low, high), (lowest, highest) = (exact_limits(target, [n], level) for level in (0.95, 0.998))
        assert [lowest[0], low[0], high[0], highest[0]] == pytest.approx(limits, abs=1e-9)


def test_limits_never_leave_the_scale():
    scores = Scores.of_shares([9, 18, 30], [10, 20, 31])
    lower, upper = (scores.back(one) for one in limits_around(scores.target, 10 * scores.error, 0.998))
    assert (lower == 0).all() and (upper == 1).all()


def test_what_winsorising_takes_off_is_made_good_on_average():
    rng = np.random.default_rng(5)
    n = np.full(40, 60)
    found = [
        dispersion(Scores.of_means(rng.normal(0, np.sqrt(1 + 0.5), 40), np.ones(40)))
        for _ in range(2000)
    ]  # fmt: skip
    assert n.size == 40
    assert np.mean([one.tau2_in_full for one in found]) == pytest.approx(0.5, abs=0.03)
    assert np.mean([one.tau2 for one in found]) < 0.2  # the published estimate is far too small when the spread is normal
    assert what_winsorising_leaves(40, 0.0) == pytest.approx(1, abs=0.02)


def test_without_spread_the_test_is_the_exact_binomial_one():
    count, n = np.array([3, 10, 20]), np.array([20, 20, 20])
    angle = float(np.arcsin(np.sqrt(0.5)))
    assert p_of_shares(count, n, angle, 0.0, np.inf) == pytest.approx(exact_p(count, n, 0.5))
    assert exact_p([3], [20], 0.5)[0] == pytest.approx(stats.binomtest(3, 20, 0.5).pvalue)


def test_more_spread_between_units_makes_each_less_unlikely():
    p = [p_of_shares([5], [40], float(np.arcsin(np.sqrt(0.3))), tau2, 30.0)[0] for tau2 in (0.0, 0.01, 0.05)]
    assert p[0] < p[1] < p[2]


def test_multiplicative_limits_are_never_narrower_than_chance():
    scores = Scores.of_means([10.0, 10.1, 9.9, 10.0], [1.0, 1.0, 2.0, 1.0])
    found = dispersion(scores)
    assert found.spread(scores.error, "multiplicative") == pytest.approx(scores.error)
    with pytest.raises(ContractError, match="additive"):
        known_overdispersion("multiplikative")
