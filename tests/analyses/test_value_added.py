"""Value added: what is guaranteed of the answer, whatever frame it is asked of."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.value_added import of_municipality, value_added
from kvalitet_lib.errors import ContractError
from tests.analyses.made_up_schools import pupils, town
from tests.statistics.reference import answers

FORMULA = "points ~ prior + girl + C(education)"


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture(scope="module")
def exam(shared) -> pd.DataFrame:
    return pd.read_csv(shared / "statistics" / "data" / "exam.csv")


def check(finding, name: str):
    return next(one for one in finding.checks if one.id == name)


def test_the_exam_schools_are_those_of_the_reference(shared, exam):
    told = answers(shared, "exam_va")
    finding = value_added(exam, "normexam ~ standLRT", draws=20_000)
    schools = finding.tables["schools"].set_index("school")
    blup = pd.read_csv(shared / "statistics" / "data" / "ref_exam_blup_lme4.csv", index_col="school")
    ranks = pd.read_csv(shared / "statistics" / "data" / "ref_exam_rank_sim.csv", index_col="school")
    assert finding.numbers["log_likelihood"] == pytest.approx(told["ri_reml.logLik"], abs=1e-6)
    assert finding.numbers["school_variance"] == pytest.approx(told["ri_reml.var[school:(Intercept)]"], rel=1e-6)
    assert finding.numbers["residual_variance"] == pytest.approx(told["ri_reml.var[Residual:NA]"], rel=1e-6)
    assert finding["standLRT"]["estimate"] == pytest.approx(told["ri_reml.fixef[standLRT]"], abs=1e-7)
    assert finding["standLRT"]["standard_error"] == pytest.approx(told["ri_reml.se[standLRT]"], rel=1e-6)
    assert (schools["n"] == blup["n"]).all()
    assert schools["shrunken"].to_numpy() == pytest.approx(blup["blup"].to_numpy(), abs=1e-7)
    assert schools["conditional_sd"].to_numpy() == pytest.approx(blup["cond_sd"].to_numpy(), abs=1e-7)
    assert (schools["lower"].gt(0) | schools["upper"].lt(0)).sum() == finding.numbers["schools_clear"] == 31
    assert (schools["lower_pair"].gt(0) | schools["upper_pair"].lt(0)).sum() == finding.numbers["schools_clear_pair"] == 37
    assert (schools["rank_mean"] - ranks["rank_mean"]).abs().max() < 1
    assert (schools[["rank_lower", "rank_upper"]].to_numpy() - ranks[["rank_lo", "rank_hi"]].to_numpy()).max() <= 1
    assert (schools["p_top_quartile"] - ranks["p_top_quartile"]).abs().max() <= 0.02
    assert finding.numbers["rank_width"] == pytest.approx(told["mean width of 95% rank interval"], abs=0.3)
    assert finding.numbers["sure_of_top_quartile"] == pytest.approx(told["n schools with P(top quartile)>.95"], abs=1)


def test_slopes_and_levels_of_the_reference_are_reached_from_the_finding(shared, exam):
    told = answers(shared, "exam_va") | answers(shared, "egsingle")
    slope = value_added(exam, "normexam ~ standLRT", random_slope="standLRT").numbers
    assert slope["school_slope_variance"] == pytest.approx(told["rs_reml.var[school:standLRT]"], rel=1e-4)
    assert slope["school_slope_covariance"] == pytest.approx(told["rs_reml.var[school:(Intercept):standLRT]"], rel=1e-4)
    assert slope["log_likelihood"] == pytest.approx(told["rs_reml.logLik"], abs=1e-5)
    years = pd.read_csv(shared / "statistics" / "data" / "egsingle.csv")
    by_level = {"schoolid": "year", "childid": "year"}
    growth = value_added(years, "math ~ year", school="schoolid", levels=("schoolid", "childid"), random_slope=by_level)
    assert growth.numbers["variance[childid:year]"] == pytest.approx(told["growth3.var[childid:year]"], rel=5e-4)
    covariance = told["growth3.var[childid:(Intercept):year]"]
    assert growth.numbers["covariance[childid:Intercept:year]"] == pytest.approx(covariance, rel=5e-4)
    assert growth.numbers["school_variance"] == pytest.approx(told["growth3.var[schoolid:(Intercept)]"], rel=5e-4)
    assert growth["year"]["standard_error"] == pytest.approx(told["growth3.se[year]"], rel=1e-4)
    assert growth.numbers["log_likelihood"] == pytest.approx(told["growth3.logLik"], abs=1e-5)


def test_intervals_reach_one_point_nine_six_errors_for_one_school_and_one_point_three_nine_for_two():
    schools = value_added(pupils(), FORMULA).tables["schools"]
    assert ((schools["upper"] - schools["shrunken"]) / schools["standard_error"]).round(2).eq(1.96).all()
    assert ((schools["upper_pair"] - schools["shrunken"]) / schools["standard_error"]).round(2).eq(1.39).all()
    assert (schools["standard_error"] >= schools["conditional_sd"]).all()


def test_schools_stand_out_only_once_the_number_of_schools_is_reckoned_with():
    schools = value_added(pupils(schools=40, between=0.25), FORMULA).tables["schools"]
    assert schools["p_adjusted"].to_numpy() == pytest.approx(multipletests(schools["p"], method="fdr_bh")[1])
    assert 0 < schools["stands_out"].sum() < schools["p"].lt(0.05).sum()
    assert (schools["stands_out"] == schools["p_adjusted"].lt(0.05)).all()


def test_small_schools_are_drawn_more_and_everyone_towards_nothing():
    rows = pupils(schools=20, size=60)
    rows = rows[rows["school"].gt("s009") | rows.groupby("school").cumcount().lt(5)]
    schools = value_added(rows, FORMULA).tables["schools"]
    drawn = schools["shrunken"] / schools["raw"]
    assert drawn.between(0, 1).all()
    assert drawn[schools["n"].eq(5)].max() < drawn[schools["n"].eq(60)].min()
    assert schools["shrunken"].sum() == pytest.approx(0, abs=1e-9)


def test_no_place_is_told_but_as_an_interval_and_schools_stand_in_the_order_of_their_codes():
    finding = value_added(pupils(), FORMULA)
    schools = finding.tables["schools"]
    assert "rank" not in schools and schools["school"].is_monotonic_increasing
    assert (schools["rank_lower"] <= schools["rank_mean"]).all() and (schools["rank_mean"] <= schools["rank_upper"]).all()


def test_the_order_of_rows_types_and_index_change_nothing():
    rows = pupils()
    plain = value_added(rows, FORMULA)
    other = rows.assign(
        school=rows["school"].astype("category"),
        girl=pd.array(rows["girl"] == 1, dtype="boolean"),
        education=rows["education"].astype("string"),
        points=rows["points"].astype("Float64"),
    ).sample(frac=1, random_state=3)
    other.index = np.arange(len(other)) * 7 + 3
    before = other.copy(deep=True)
    again = value_added(other, FORMULA)
    assert again.estimates["estimate"].to_numpy() == pytest.approx(plain.estimates["estimate"].to_numpy(), rel=1e-7)
    same = ["shrunken", "rank_lower", "rank_upper", "p_top_quartile"]
    assert again.tables["schools"][same].to_numpy() == pytest.approx(plain.tables["schools"][same].to_numpy(), abs=1e-3)
    pd.testing.assert_frame_equal(other, before)


def test_value_added_goes_with_the_school_and_is_never_its_effect():
    finding = value_added(pupils(between=0.8), FORMULA)
    assert finding.claim is finding.design is Claim.GOES_WITH
    assert "value_added_not_effect" in finding.cannot_tell
    assert value_added(pupils(between=0.8), "points ~ 1").claim is Claim.DIFFERS


def test_what_is_held_equal_claims_nothing():
    finding = value_added(pupils(), FORMULA)
    claiming = finding.estimates["term"][finding.estimates["null"].notna()]
    assert sorted(claiming) == ["icc", "school"]
    assert {"Intercept", "prior", "girl", "variance"} <= set(finding.estimates["term"])


def test_schools_that_are_alike_carry_no_claim_and_nobody_stands_out():
    rows = pupils()
    centred = rows["points"] - rows.groupby("school")["points"].transform("mean")
    finding = value_added(rows.assign(points=centred), "points ~ girl")
    assert finding.numbers["school_variance"] == 0 and finding.claim is Claim.NOTHING
    assert check(finding, "schools_variance").passed is False
    schools = finding.tables["schools"]
    assert not schools["stands_out"].any() and (schools["upper"] > schools["lower"]).all()
    assert (schools["rank_lower"] <= 2).all() and (schools["rank_upper"] >= 24).all()


def test_few_schools_or_many_missing_lower_the_claim():
    few = value_added(pupils(schools=6, between=1), FORMULA)
    assert few.claim is Claim.DIFFERS and check(few, "enough_schools").passed is False
    rows = pupils(between=1)
    missing = value_added(rows.assign(prior=rows["prior"].where(rows.index % 3 > 0)), FORMULA)
    assert missing.claim is Claim.DIFFERS and check(missing, "little_missing").passed is False
    assert missing.basis.left_out == {"prior": 250} and missing.basis.missing == pytest.approx(1 / 3)


def test_pupils_without_an_earlier_result_who_do_less_well_lower_the_claim():
    rows = pupils(between=1)
    lowest = rows["points"].rank(pct=True) < 0.1
    selected = value_added(rows.assign(prior=rows["prior"].where(~lowest)), FORMULA)
    assert check(selected, "little_missing").passed and check(selected, "schools_lost_alike").passed is False
    assert selected.claim is Claim.DIFFERS
    by_lot = value_added(rows.assign(prior=rows["prior"].where(rows.index % 10 > 0)), FORMULA)
    assert check(by_lot, "schools_lost_alike").passed


def test_other_doubts_are_raised_by_what_they_doubt():
    rows = pupils(between=0.6)
    ceiling = value_added(rows.assign(points=rows["points"].clip(upper=rows["points"].quantile(0.7))), FORMULA)
    assert check(ceiling, "schools_ends").passed is False and ceiling.claim is Claim.DIFFERS
    passes = value_added(rows.assign(points=rows["points"] > 10), FORMULA)
    assert check(passes, "schools_outcome_amount").passed is False
    far = rows["points"].where(rows.index % 100 > 0, rows["points"] + 40)
    assert check(value_added(rows.assign(points=far), FORMULA), "schools_few_decide").passed is False
    rng = np.random.default_rng(2)
    fan = rows["points"] + rng.normal(size=len(rows)) * np.exp(rows["prior"])
    assert check(value_added(rows.assign(points=fan), FORMULA), "schools_even_spread").passed is False
    plain = value_added(rows, FORMULA)
    raised = ("schools_ends", "schools_outcome_amount", "schools_few_decide", "schools_even_spread", "schools_lost_alike")
    assert all(check(plain, name).passed for name in raised)


def test_it_is_said_when_one_number_per_school_is_too_few():
    steep, plain = value_added(pupils(slope=0.4), FORMULA), value_added(pupils(seed=4), FORMULA)
    assert check(steep, "value_added_one_slope").passed is False and check(steep, "value_added_one_slope").about == "prior"
    assert check(plain, "value_added_one_slope").passed
    by_school = value_added(pupils(slope=0.4), FORMULA, random_slope="prior")
    assert {"slope_prior", "slope_prior_conditional_sd"} <= set(by_school.tables["schools"])
    assert by_school.numbers["school_slope_variance"] > 0.05
    flat = value_added(pupils(seed=4), FORMULA, random_slope="prior")
    assert flat.claim is Claim.GOES_WITH, "a slope that does not vary takes nothing from the schools' own level"


def test_two_kinds_of_school_each_have_their_part():
    rows = pupils(schools=20, size=40)
    rng = np.random.default_rng(5)
    primary = rng.integers(0, 12, len(rows))
    rows = rows.assign(primary=primary, points=rows["points"] + rng.normal(0, 0.5, 12)[primary])
    finding = value_added(rows, FORMULA, second_school="primary")
    assert finding.numbers["school_variance"] == pytest.approx(0.16, rel=0.7)
    assert finding.numbers["second_school_variance"] == pytest.approx(0.25, rel=0.7)
    assert finding.numbers["p_schools"] < 1e-6


def test_movers_count_at_each_school_by_their_time_there():
    rows = pupils(schools=15, size=40)
    moved = (rows.index % 4 == 0) & rows["school"].ne("s003")
    rows = rows.assign(other=np.where(moved, "s003", None), here=np.where(moved, 0.25, 1.0), there=np.where(moved, 0.75, 0.0))
    both = value_added(rows, FORMULA, second_school="other", weights=("here", "there"))
    assert both.basis.rows == 600
    assert both.tables["schools"].set_index("school").loc["s003", "n"] == 40 + moved.sum()
    rest = value_added(rows, FORMULA, second_school="other", weights="there")
    assert rest.numbers["log_likelihood"] == pytest.approx(both.numbers["log_likelihood"], abs=1e-9)
    terms = value_added(
        rows.assign(here=4 * rows["here"], there=4 * rows["there"]), FORMULA, second_school="other", weights=("here", "there")
    )
    assert terms.numbers["log_likelihood"] == pytest.approx(both.numbers["log_likelihood"], abs=1e-9)
    assert terms.numbers["school_variance"] == pytest.approx(both.numbers["school_variance"], rel=1e-6)
    stayed = value_added(rows.assign(here=1.0, there=0.0), FORMULA, second_school="other", weights=("here", "there"))
    simple = value_added(rows, FORMULA)
    assert stayed.numbers["log_likelihood"] == pytest.approx(simple.numbers["log_likelihood"], abs=1e-6)
    effects = [one.tables["schools"]["shrunken"].to_numpy() for one in (stayed, simple)]
    assert effects[0] == pytest.approx(effects[1], abs=1e-4)
    nowhere = value_added(
        rows.assign(here=rows["here"].where(rows.index > 9, 0.0), there=rows["there"].where(rows.index > 9, 0.0)),
        FORMULA,
        second_school="other",
        weights=("here", "there"),
    )
    assert nowhere.basis.left_out == {"value_added_no_school": 10}


def test_classes_of_the_same_name_in_different_schools_are_different_classes():
    rows = pupils(schools=15, size=40)
    rows = rows.assign(group=rows.index % 2)
    named_alike = value_added(rows, FORMULA, levels=("group",))
    named_apart = value_added(rows.assign(group=rows["school"] + rows["group"].astype(str)), FORMULA, levels=("group",))
    assert named_alike.numbers["log_likelihood"] == pytest.approx(named_apart.numbers["log_likelihood"], abs=1e-9)
    assert check(named_alike, "value_added_labels").value == 2
    assert not any(one.id == "value_added_labels" for one in named_apart.checks)


def test_a_run_that_reckons_with_measurement_error_stands_beside_the_plain_one():
    rows = pupils(schools=40, background=0.8)
    rng = np.random.default_rng(6)
    rows = rows.assign(prior=rows["prior"] + rng.normal(0, 0.6, len(rows)))
    plain, beside = value_added(rows, FORMULA), value_added(rows, FORMULA, reliability={"prior": 0.82})
    assert beside.estimates["estimate"].equals(plain.estimates["estimate"])
    corrected = beside.tables["corrected"].set_index("term")
    assert corrected.loc["prior", "plain"] < 0.62 < 0.66 < corrected.loc["prior", "corrected"] < 0.76
    assert "shrunken_corrected" in beside.tables["schools"]
    assert check(plain, "value_added_reliability").passed is False and check(beside, "value_added_reliability").passed
    assert check(beside, "value_added_correction").passed is False, "weak intakes are credited with more"
    sure = value_added(rows, FORMULA, reliability={"prior": 1})
    assert sure.tables["schools"]["shrunken_corrected"].to_numpy() == pytest.approx(sure.tables["schools"]["shrunken"].to_numpy())
    assert check(sure, "value_added_correction").passed


def test_a_bootstrap_can_be_asked_for_and_agrees():
    finding = value_added(pupils(schools=60), FORMULA, replicates=400)
    drawn = finding.tables["bootstrap"].set_index("term")
    assert drawn.loc["prior", "standard_error"] == pytest.approx(finding["prior"]["standard_error"], rel=0.15)
    assert drawn.loc["icc", "lower"] == pytest.approx(finding.numbers["icc_lower"], rel=0.35)


def test_maximum_likelihood_can_be_asked_for(shared, exam):
    told = answers(shared, "exam_va")
    assert value_added(exam, "normexam ~ standLRT", method="ml").numbers["log_likelihood"] == pytest.approx(
        told["ri_ml.logLik"], abs=1e-6
    )


def test_the_same_seed_gives_the_same_finding_and_json_keeps_it():
    first, second = value_added(pupils(), FORMULA, seed=3), value_added(pupils(), FORMULA, seed=3)
    assert first.to_json() == second.to_json()


@pytest.mark.parametrize(
    ("rows", "formula", "more", "reason"),
    [
        (pupils().assign(points=np.nan), FORMULA, {}, "no_outcome"),
        (pupils().assign(points=5.0), FORMULA, {}, "same_outcome"),
        (pupils().assign(prior=np.nan), FORMULA, {}, "too_few_rows"),
        (pupils().iloc[:0], FORMULA, {}, "no_outcome"),
        (pupils(schools=1), FORMULA, {}, "too_few_schools"),
        (pupils(schools=2), FORMULA, {}, "too_few_schools"),
        (pupils(size=1), FORMULA, {}, "too_few_rows"),
        (pupils().sample(7, random_state=1), FORMULA + " + z + np.exp(prior)", {}, "too_few_rows"),
        (pupils().assign(prior=2.0), FORMULA, {}, "no_variation"),
        (pupils().assign(education="lower"), FORMULA, {}, "no_variation"),
        (pupils().assign(twice=lambda rows: 2 * rows["prior"]), FORMULA + " + twice", {}, "terms_coincide"),
        (pupils().assign(same=lambda rows: rows["school"]), FORMULA + " + same", {}, "terms_coincide"),
        (pupils().assign(points=lambda rows: 2 * rows["prior"]), FORMULA, {}, "schools_nothing_left"),
        (pupils().assign(same=lambda rows: rows["school"]), FORMULA, {"second_school": "same"}, "terms_coincide"),
        (pupils(), FORMULA, {"levels": ("pupil",)}, "value_added_one_each"),
        (pupils().assign(points=lambda rows: 2 * rows["prior"]), FORMULA, {"random_slope": "prior"}, "schools_nothing_left"),
        (pupils(), FORMULA, {"random_slope": "prior", "second_school": "school_year"}, "not_converged"),
        (pupils().assign(same=1.0), FORMULA, {"random_slope": "same"}, "terms_coincide"),
    ],
)
def test_what_cannot_be_answered_is_nothing_and_says_why(rows, formula, more, reason):
    finding = value_added(rows, formula, **more)
    assert finding.reason == reason and finding.claim is Claim.NOTHING and finding.estimates.empty


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"school": "skola"}, "'skola'"),
        ({"school": "girl"}, "beside the formula"),
        ({"school": ""}, "needs a column with each pupil's school"),
        ({"random_slope": "education"}, "is no number"),
        ({"random_slope": {"group": "prior"}}, "no level of this model"),
        ({"weights": ("here", "there")}, "weights say how much"),
        ({"second_school": "education", "weights": ("away", "prior")}, "'away'"),
        ({"second_school": "education", "weights": ("prior", "prior")}, "below 0"),
        ({"levels": ("education", "school")}, "comes first"),
        ({"reliability": {"prior": 0.0}}, "above 0"),
        ({"reliability": {"priors": 0.9}}, "no term of the formula"),
        ({"reliability": {"prior": 0.9}, "random_slope": "prior"}, "Leave out slopes"),
        ({"method": "bayes"}, "'reml' or 'ml'"),
        ({"confidence": 95}, "between 0 and 1"),
        ({"draws": 5}, "at least 100 draws"),
    ],
)
def test_wrong_use_is_told_in_words(more, told):
    with pytest.raises(ContractError, match=told):
        value_added(pupils(), FORMULA, **more)


def test_a_reliability_that_other_factors_contradict_is_refused():
    rng = np.random.default_rng(3)
    rows = pupils().assign(teacher_says=lambda rows: rows["prior"] + rng.normal(0, 0.3, len(rows)))
    with pytest.raises(ContractError, match="State a higher one"):
        value_added(rows, "points ~ prior + teacher_says", reliability={"prior": 0.5})


@pytest.mark.parametrize("formula", ["points", "~ prior", "points ~ nothing", "education ~ prior", "points ~ np.log(prior)"])
def test_a_formula_that_cannot_be_used_is_refused(formula):
    with pytest.raises(ContractError):
        value_added(pupils(), formula)


def test_an_earlier_result_that_bends_cannot_be_corrected_as_a_line():
    with pytest.raises(ContractError, match="straight line only"):
        value_added(pupils(), "points ~ prior + I(prior**2)", reliability={"prior": 0.9})


def test_a_column_that_is_there_twice_is_refused():
    rows = pupils()
    with pytest.raises(ContractError, match="several columns named 'prior'"):
        value_added(pd.concat([rows, rows[["prior"]]], axis="columns"), FORMULA)


def test_no_message_tells_of_a_pupil():
    rows = pupils().assign(secret="e13")
    for wrong in ({"school": "skola"}, {"random_slope": "secret"}):
        with pytest.raises(ContractError) as told:
            value_added(rows, FORMULA, **wrong)
        assert "e13" not in str(told.value)
    assert "e13" not in repr(value_added(rows, FORMULA))


def test_the_municipality_gets_an_answer_for_every_chain():
    findings = of_municipality(town())
    assert [dict(one.about) for one in findings] == [{"measure": "later", "earlier": "early"}]
    (finding,) = findings
    assert finding.outcome == "later" and finding.claim is Claim.GOES_WITH
    assert check(finding, "value_added_reliability").passed is None, "nobody has stated it"
    assert check(finding, "value_added_one_slope").about == "early"


def test_pupils_who_cannot_be_followed_are_counted_among_those_left_out():
    (finding,) = of_municipality(town(followed=0.8))
    assert finding.basis.left_out["earlier"] == pytest.approx(0.2 * 1500, abs=50)
    assert finding.basis.missing == pytest.approx(0.2, abs=0.04)


def test_school_years_from_which_nobody_can_be_followed_are_not_counted_as_missing():
    (finding,) = of_municipality(town(unfollowed_years=("2022-23",)))
    assert finding.basis.school_years == ("2023-24", "2024-25") and finding.basis.missing == 0
