"""What something unmeasured would have to be like: frames in, checks out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.unmeasured import contour, robustness_checks, sensitivity, sensitivity_of, strengths
from kvalitet_lib.errors import ContractError
from tests.statistics.reference import answers

DARFUR = "peacefactor ~ directlyharmed + age + farmer_dar + herder_dar + pastvoted + hhsize_darfur + female + village"


@pytest.fixture
def pupils() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    rows = pd.DataFrame({"prior": rng.normal(size=200), "girl": rng.integers(0, 2, 200), "school": rng.choice(list("abcd"), 200)})
    rows["absent"] = 0.4 * rows["prior"] + rng.normal(size=200)
    return rows.assign(points=rows["absent"] + 2 * rows["prior"] + 0.5 * rows["girl"] + rng.normal(size=200))


def test_darfur_from_a_formula(shared: Path):
    said = answers(shared, "darfur_sens")
    rows = pd.read_csv(shared / "statistics" / "data" / "darfur.csv").sample(frac=1, random_state=1)
    found = sensitivity(rows, DARFUR, "directlyharmed", benchmarks=["female"])
    assert found.estimate == pytest.approx(said["estimate"], abs=1e-9)
    assert (found.t, found.freedom) == (pytest.approx(said["t_statistic"], abs=1e-8), said["dof"])
    assert found.robustness_value == pytest.approx(said["rv_q"], abs=1e-9)
    assert found.robustness_value_alpha == pytest.approx(said["rv_qa"], abs=1e-9)
    assert found.bounds["adjusted_estimate"].tolist() == pytest.approx(
        [row["adjusted_estimate"] for row in said["bounds 1x,2x,3x female"]], abs=1e-9
    )


def test_columns_of_any_kind_and_rows_in_any_order_give_the_same(pupils: pd.DataFrame):
    formula = "points ~ absent + prior + girl + school"
    plain = sensitivity(pupils, formula, "absent", benchmarks=["prior", ["girl", "school"]])
    other = pupils.sample(frac=1, random_state=2).set_index(pd.Index(range(5, 205)))
    other = other.assign(girl=other["girl"].astype("Int64"), school=other["school"].astype("category"))
    again = sensitivity(other, formula, "absent", benchmarks=["prior", ["girl", "school"]])
    pd.testing.assert_frame_equal(plain.to_frame(), again.to_frame())
    pd.testing.assert_frame_equal(plain.bounds, again.bounds)
    assert plain.bounds["covariate"].unique().tolist() == ["prior", "girl + school"]


def test_a_confounder_as_strong_as_one_left_out_on_purpose_gives_the_answer_with_it(pupils: pd.DataFrame):
    without = sensitivity(pupils, "points ~ absent + girl", "absent")
    with_it = sensitivity(pupils, "points ~ absent + girl + prior", "absent")
    own = strengths(
        pupils["points"].to_numpy(), pupils[["absent"]].to_numpy(), {"girl": pupils[["girl"]].to_numpy(float),
        "prior": pupils[["prior"]].to_numpy()}, {"prior": ("prior",)},
    ).iloc[0]  # fmt: skip
    grid = contour(without.estimate, without.standard_error, without.freedom, 0.9, 901)
    at = grid.iloc[((grid["r2_factor"] - own.r2_factor) ** 2 + (grid["r2_outcome"] - own.r2_outcome) ** 2).idxmin()]
    assert at["adjusted_estimate"] == pytest.approx(with_it.estimate, abs=0.01)


def test_covariates_that_say_the_same_are_as_strong_alone_as_what_the_others_leave_them(pupils: pd.DataFrame):
    y, factor = pupils["points"].to_numpy(), pupils[["absent"]].to_numpy()
    prior, girl = pupils[["prior"]].to_numpy(), pupils[["girl"]].to_numpy(float)
    once = strengths(y, factor, {"prior": prior, "girl": girl}).set_index("covariate")
    twice = strengths(y, factor, {"prior": prior, "girl": girl, "again": 2 * prior}).set_index("covariate")
    assert twice.loc["girl"].tolist() == pytest.approx(once.loc["girl"].tolist())
    assert twice.loc[["prior", "again"]].to_numpy() == pytest.approx(np.zeros((2, 2)), abs=1e-12)


def test_a_contour_begins_at_the_estimate_and_falls(pupils: pd.DataFrame):
    found = sensitivity(pupils, "points ~ absent + prior", "absent")
    grid = found.contour(0.3, 4)
    assert len(grid) == 16
    assert grid.iloc[0]["adjusted_estimate"] == pytest.approx(found.estimate)
    assert grid.iloc[-1]["adjusted_estimate"] == grid["adjusted_estimate"].min()


def test_a_covariate_that_would_take_the_answer_away_forbids_an_effect(pupils: pd.DataFrame):
    weak, strong = (pd.DataFrame({"covariate": ["x"], "r2_factor": [r], "r2_outcome": [r]}) for r in (0.001, 0.2))
    stands, falls = (robustness_checks(2.0, 0.4, 100, covariates=one)[-1] for one in (weak, strong))
    assert stands.id == falls.id == "unmeasured_like_measured"
    assert (stands.passed, falls.passed) == (True, False)
    assert falls.caps == Claim.GOES_WITH and falls.about == "x" and falls.value < 0 < stands.value


def test_what_chance_would_do_has_nothing_to_stand():
    covariates = pd.DataFrame({"covariate": ["x"], "r2_factor": [0.2], "r2_outcome": [0.2]})
    checks = robustness_checks(0.1, 0.4, 100, covariates=covariates, outcome_deviation=3.0)
    assert [check.id for check in checks] == ["unmeasured_strength", "unmeasured_e_value"]
    assert checks[0].limit == 0 and checks[1].limit == 1


def test_no_standard_error_gives_no_check_and_is_refused_when_asked_for_in_full():
    assert robustness_checks(1.0, float("nan"), 20) == ()
    assert robustness_checks(1.0, 0.5, 1) == ()
    with pytest.raises(ContractError, match="standard error above 0"):
        sensitivity_of(1.0, 0.0, 20)


def test_what_the_formula_does_not_hold_is_refused_by_name(pupils: pd.DataFrame):
    for factor, benchmarks, said in (("prior", ["shoe"], "'shoe'"), ("school", [], "one column"), ("absent", [], "one column")):
        with pytest.raises(ContractError, match=said):
            sensitivity(pupils, "points ~ prior + school", factor, benchmarks=benchmarks)
    with pytest.raises(ContractError, match="no row has a value"):
        sensitivity(pupils.assign(prior=np.nan), "points ~ prior + girl", "girl")
