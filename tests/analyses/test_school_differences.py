"""How much lies between schools: what is guaranteed of the answer, whatever frame it is asked of."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.school_differences import of_municipality, school_differences
from kvalitet_lib.analyses.value_added import value_added
from kvalitet_lib.errors import ContractError
from tests.analyses.made_up_schools import pupils, town
from tests.statistics.reference import answers

FORMULA = "points ~ prior + C(education)"


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_the_null_model_of_the_exam_schools_is_that_of_the_reference(shared):
    told = answers(shared, "exam_va")
    rows = pd.read_csv(shared / "statistics" / "data" / "exam.csv")
    finding = school_differences(rows, "normexam ~ standLRT")
    between, within = told["null.var[school:(Intercept)]"], told["null.var[Residual:NA]"]
    assert finding.numbers["school_variance"] == pytest.approx(between, rel=1e-6)
    assert finding.numbers["icc"] == pytest.approx(between / (between + within), rel=1e-6)
    assert finding.numbers["log_likelihood"] == pytest.approx(told["null.logLik"], abs=1e-6)
    assert finding.numbers["adjusted_school_variance"] == pytest.approx(told["ri_reml.var[school:(Intercept)]"], rel=1e-6)
    assert finding.numbers["adjusted_log_likelihood"] == pytest.approx(told["ri_reml.logLik"], abs=1e-6)
    by_group = finding.estimates[finding.estimates["term"].eq("icc")].set_index("group")
    assert by_group.loc["null", "estimate"] == pytest.approx(0.1683, abs=1e-4)
    assert by_group.loc["adjusted", "estimate"] == pytest.approx(0.1422, abs=1e-4)
    assert by_group["lower"].lt(by_group["estimate"]).all() and by_group["upper"].gt(by_group["estimate"]).all()


def test_an_outcome_alone_is_enough():
    finding = school_differences(pupils(), "points")
    assert set(finding.estimates["group"]) == {"null", "null:school", "null:rest"}
    assert set(finding.tables) == {"schools"}
    assert finding.claim is finding.design is Claim.DIFFERS


def test_raw_values_are_the_schools_means_and_shrunken_ones_lie_between_them_and_the_mean_of_all():
    rows = pupils()
    finding = school_differences(rows, "points")
    schools = finding.tables["schools"].set_index("school")
    level = finding["Intercept"]["estimate"]
    assert schools["raw"].to_numpy() == pytest.approx(rows.groupby("school")["points"].mean().to_numpy())
    nearer = (schools["shrunken"] - level).abs() <= (schools["raw"] - level).abs()
    same_side = np.sign(schools["shrunken"] - level) == np.sign(schools["raw"] - level)
    assert nearer.all() and same_side.all()
    assert (schools["lower"] < schools["shrunken"]).all() and (schools["upper_pair"] < schools["upper"]).all()


def test_the_test_of_no_difference_is_the_analysis_of_variance():
    rows = pupils(between=0.1)
    finding = school_differences(rows, "points")
    p = stats.f_oneway(*(part["points"] for _, part in rows.groupby("school"))).pvalue
    assert finding["icc"]["p"] == finding["school"]["p"] == pytest.approx(p)


def test_intakes_that_differ_are_seen_in_what_is_left_when_they_are_held_equal():
    finding = school_differences(pupils(schools=40, between=0.3, background=1.0), FORMULA)
    assert finding.numbers["explained"] > 0.5
    assert finding.numbers["adjusted_icc"] < finding.numbers["icc"]
    beside = value_added(pupils(schools=40, between=0.3, background=1.0), FORMULA)
    assert beside.numbers["icc"] == pytest.approx(finding.numbers["adjusted_icc"], rel=1e-9)
    same = ["shrunken", "rank_lower", "p_top_quartile"]
    pd.testing.assert_frame_equal(finding.tables["schools_adjusted"][same], beside.tables["schools"][same])


def test_both_models_rest_on_the_same_pupils():
    rows = pupils()
    finding = school_differences(rows.assign(prior=rows["prior"].where(rows.index % 10 > 0)), FORMULA)
    assert finding.estimates["n"].unique() == [675]
    assert finding.basis.left_out == {"prior": 75}


def test_schools_that_differ_less_than_chance_are_said_to_be_alike():
    rows = pupils()
    centred = rows["points"] - rows.groupby("school")["points"].transform("mean")
    finding = school_differences(rows.assign(points=centred), "points")
    assert finding.claim is Claim.NOTHING and finding.numbers["icc"] == 0
    assert np.isnan(finding.numbers.get("explained", np.nan))
    assert not finding.tables["schools"]["stands_out"].any()


def test_no_bare_place_is_told():
    for table in school_differences(pupils(), FORMULA).tables.values():
        assert {"rank_lower", "rank_upper", "p_top_quartile"} <= set(table) and "rank" not in table
        assert table["school"].is_monotonic_increasing


def test_few_schools_and_amounts_with_few_values_are_doubted():
    failed = {one.id for one in school_differences(pupils(schools=5), "points").checks if one.passed is False}
    assert "enough_schools" in failed
    rows = pupils()
    passes = school_differences(rows.assign(points=pd.array(rows["points"] > 10, dtype="boolean")), "points")
    assert {"schools_outcome_amount"} <= {one.id for one in passes.checks if one.passed is False}


@pytest.mark.parametrize(
    ("rows", "asked", "reason"),
    [
        (pupils().assign(points=np.nan), "points", "no_outcome"),
        (pupils().assign(points=1), "points", "same_outcome"),
        (pupils(schools=1), "points", "too_few_schools"),
        (pupils(size=1), "points", "too_few_rows"),
        (pupils().assign(points=lambda rows: rows.groupby("school").ngroup()), "points", "schools_nothing_left"),
        (pupils().assign(prior=1), FORMULA, "no_variation"),
        (pupils().assign(twice=lambda rows: rows["prior"] * 2), FORMULA + " + twice", "terms_coincide"),
    ],
)
def test_what_cannot_be_answered_is_nothing_and_says_why(rows, asked, reason):
    finding = school_differences(rows, asked)
    assert finding.reason == reason and finding.claim is Claim.NOTHING


@pytest.mark.parametrize(
    ("asked", "more", "told"),
    [
        ("grade", {}, "'grade'"),
        ("points ~ grade", {}, "'grade'"),
        ("points", {"school": "skola"}, "'skola'"),
        ("school", {}, "beside the formula"),
        ("education", {}, "is no number"),
        ("points", {"confidence": 0}, "between 0 and 1"),
    ],
)
def test_wrong_use_is_told_in_words(asked, more, told):
    with pytest.raises(ContractError, match=told):
        school_differences(pupils(), asked, **more)


def test_an_outcome_may_have_any_name():
    named = pupils().rename(columns={"points": "poäng i år 9"})
    assert school_differences(named, "poäng i år 9").outcome == "poäng i år 9"


def test_the_municipality_gets_an_answer_for_every_measure_in_its_newest_year():
    findings = of_municipality(town())
    assert [dict(one.about) for one in findings] == [
        {"measure": "early", "school_year": "2021-22"},
        {"measure": "later", "school_year": "2024-25"},
    ]
    assert all(one.outcome == one.about["measure"] for one in findings)
    assert [one.claim for one in findings] == [Claim.NOTHING, Claim.DIFFERS], "intakes were made alike"
    assert {"icc", "adjusted_icc"} <= set(findings[1].numbers)
