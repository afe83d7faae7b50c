"""How far pupils have come: growth percentiles by school, and every doubt about them."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.analyses.growth import growth, of_municipality
from kvalitet_lib.errors import ContractError
from tests.analyses.made_up_town import town as municipality


def town(schools: int = 12, pupils: int = 70, lifts: dict[int, float] | None = None, seed: int = 1) -> pd.DataFrame:
    """Pupils of schools of one size; a lift is in standard deviations of what the earlier score leaves open."""
    rng = np.random.default_rng(seed)
    school = np.repeat(np.arange(schools), pupils)
    lift = np.array([(lifts or {}).get(one, 0.0) for one in school])
    earlier = rng.normal(size=len(school))
    rows = pd.DataFrame({
        "pupil": [f"p{place}" for place in range(len(school))],
        "unit": [f"school {one:02d}" for one in school],
        "year": np.where(np.arange(len(school)) % 2, "2023-24", "2024-25"),
        "sex": np.where(rng.random(len(school)) < 0.5, "girl", "boy"),
        "math_now": np.round(50 + 10 * (0.8 * earlier + 0.6 * (rng.normal(size=len(school)) + lift)), 2),
        "math_before": np.round(50 + 10 * earlier, 2),
    })  # fmt: skip
    return rows.assign(reading_before=np.round(50 + 8 * earlier + 6 * rng.normal(size=len(school)), 2))


def asked(rows: pd.DataFrame, **more) -> Finding:
    return growth(rows, "math_now", ["math_before"], school="unit", **more)


def checks(finding: Finding) -> dict:
    return {check.id: check for check in finding.checks}


@pytest.fixture(scope="module")
def lifted() -> pd.DataFrame:
    return town(lifts={3: 1.0, 7: -1.0})


@pytest.fixture(scope="module")
def finding(lifted) -> Finding:
    return asked(lifted, group="sex", pupil="pupil", school_year="year")


def test_a_school_that_lifts_its_pupils_goes_together_with_growth_and_the_others_do_not(finding):
    said = finding.to_frame().query("term == 'school'").set_index("group")
    assert said.loc["school 03", "estimate"] > 70 and said.loc["school 07", "estimate"] < 30
    assert sorted(said.index[said["claim"].eq("goes_with")]) == ["school 03", "school 07"]
    assert finding.claim is Claim.GOES_WITH


def test_schools_are_adjusted_for_their_number_and_groups_among_themselves(finding):
    rows = finding.estimates.set_index(["term", "group"])
    smallest = rows.loc["school", "p"].min()
    assert rows.loc["school", "p_adjusted"].min() == pytest.approx(min(12 * smallest, rows.loc["school", "p_adjusted"].min()))
    assert set(rows.loc["sex"].index) == {"girl", "boy"}
    assert rows.loc["sex", "p_adjusted"].min() <= 2 * rows.loc["sex", "p"].min()
    assert finding.numbers["tests"] == 14 == checks(finding)["one_family"].value


def test_the_basis_the_tables_and_the_pupils_are_what_was_asked_for(finding, lifted):
    assert (finding.basis.rows, finding.basis.schools, finding.basis.pupils) == (840, 12, 840)
    assert finding.basis.school_years == ("2023-24", "2024-25")
    assert list(finding.tables) == ["schools", "groups", "school_years"]
    assert finding.tables["schools"]["n"].sum() == finding.tables["school_years"]["n"].sum() == 840
    assert set(finding.pupils) == {"pupil", "unit", "sex", "year", "percentile", "priors"}
    assert finding.pupils["percentile"].between(1, 99).all()


def test_results_per_pupil_are_never_written(finding):
    written = finding.to_json()
    assert "p17" not in written and "percentile" not in json.loads(written)["tables"].get("schools", {})["columns"]
    again = Finding.from_json(written)
    assert again.pupils is None
    pd.testing.assert_frame_equal(again.tables["schools"], finding.tables["schools"])


def test_the_order_of_rows_the_index_and_the_types_of_columns_do_not_matter(lifted):
    plain = asked(lifted).tables["schools"]
    odd = lifted.sample(frac=1, random_state=2).set_index("pupil", drop=False)
    odd["unit"] = odd["unit"].astype("category")
    odd["math_now"] = odd["math_now"].astype("Float64")
    odd["math_before"] = odd["math_before"].astype("object")
    pd.testing.assert_frame_equal(asked(odd).tables["schools"], plain)
    numbered = lifted.assign(unit=lifted["unit"].str[-2:].astype("int64") * 10)
    assert asked(numbered).tables["schools"]["estimate"].sum() == pytest.approx(plain["estimate"].sum())


def test_the_callers_frame_is_left_alone_and_nothing_warns(lifted):
    before = lifted.copy(deep=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asked(lifted, group=["sex"], school_year="year", target=60.0)
        asked(lifted.assign(unit="one school"))
    pd.testing.assert_frame_equal(lifted, before)


def test_pupils_without_the_latest_earlier_score_are_left_out_and_counted():
    rows = town()
    rows.loc[rows.index[::4], "math_before"] = np.nan
    found = asked(rows, pupil="pupil")
    assert found.basis.rows == 630 and found.basis.left_out == {"math_before": 210}
    assert found.tables["schools"]["missing"].mean() == pytest.approx(0.25)
    assert checks(found)["little_missing"].passed is False and found.claim <= Claim.DIFFERS


def test_pupils_without_the_second_earlier_score_are_held_against_the_first_alone():
    rows = town(20, 60)
    lacking = rows.index % 5 == 0
    rows.loc[lacking, "reading_before"] = np.nan
    found = growth(rows, "math_now", ["math_before", "reading_before"], school="unit")
    assert found.basis.rows == 1200 and found.numbers["priors"] == 2
    assert found.pupils["priors"].value_counts().to_dict() == {2: 960, 1: 240}
    alone = growth(rows, "math_now", "math_before", school="unit")
    assert (found.pupils["percentile"][lacking] == alone.pupils["percentile"][lacking]).all()


def test_a_later_year_is_held_against_an_earlier_one_and_may_lie_above_it_as_a_whole():
    earlier, later = town(seed=1), town(seed=2, lifts=dict.fromkeys(range(12), 0.5))
    found = asked(later, norm=earlier)
    assert found["all"]["estimate"] == pytest.approx(69, abs=6) and found["all"]["null"] == 50
    assert found["all"]["p"] < 0.001 and "growth_centred" not in checks(found)
    assert np.isnan(asked(later)["all"]["null"])


def test_given_knots_and_boundaries_are_used():
    rows = town()
    usual = asked(rows)
    bent = asked(rows, knots={"math_before": [40, 60]}, boundaries={"math_before": (0, 100)})
    assert not bent.pupils["percentile"].equals(usual.pupils["percentile"])
    with pytest.raises(ContractError, match="no earlier score here"):
        asked(rows, knots={"math_now": [40]})


def test_who_has_not_come_so_far_is_projected_by_those_who_have():
    rows = town(10, 60)
    waiting = rows.index % 3 == 0
    true = (rows.loc[waiting, "math_now"] >= 55).mean()
    rows.loc[waiting, "math_now"] = np.nan
    found = asked(rows, target=55.0, pupil="pupil")
    whole = found.tables["on_the_way"].iloc[0]
    assert found.basis.rows == 400 and found.basis.missing == 0
    assert whole["n"] == 200 and whole["expected"] == pytest.approx(true, abs=0.07)
    assert whole["lower"] < whole["estimate"] < whole["upper"]
    assert "growth_without_score" not in checks(found)
    assert found.to_frame().query("term == 'on_the_way'")["claim"].eq("nothing").all()


def test_pupils_on_the_way_may_come_in_a_frame_of_their_own_and_then_the_rows_without_a_score_are_lost():
    rows = town(10, 60)
    coming = rows[rows.index % 3 == 0].drop(columns="sex").assign(math_now=np.nan)
    rows.loc[(rows.index % 3 == 1) & rows["math_before"].lt(45), "math_now"] = np.nan
    found = asked(rows, target=55.0, coming=coming)
    assert found.tables["on_the_way"]["n"].iloc[0] == 200
    assert checks(found)["growth_without_score"].passed is False


def test_growth_so_far_decides_who_is_on_the_way_to_a_still_later_score():
    rows = town(12, 60)
    rng = np.random.default_rng(3)
    rows["math_last"] = 0.8 * rows["math_now"] + 10 + rng.normal(0, 5, len(rows))
    rows.loc[rows.index % 4 == 0, "math_last"] = np.nan
    found = asked(rows, target=52.0, toward="math_last")
    on = found.tables["on_the_way"].iloc[0]
    assert on["n"] == 180 and 0.2 < on["estimate"] < 0.7
    nobody = asked(rows, target=1e9, toward="math_last").tables["on_the_way"].iloc[0]
    assert nobody["estimate"] == 0 and nobody["expected"] < 0.01


def test_of_pupils_who_stand_alike_those_who_have_come_further_are_on_the_way():
    rows = town()
    rng = np.random.default_rng(3)
    rows["math_last"] = 0.8 * rows["math_now"] + 10 + rng.normal(0, 5, len(rows))
    waiting = pd.DataFrame({"unit": ["fast"] * 20 + ["slow"] * 20, "math_now": 50.0, "math_before": [40.0] * 20 + [60.0] * 20})
    found = asked(rows, target=51.0, toward="math_last", coming=waiting).tables["on_the_way"].set_index("school")
    assert found.loc["fast", "estimate"] == 1 and found.loc["slow", "estimate"] == 0
    assert found.loc["fast", "expected"] == found.loc["slow", "expected"] == pytest.approx(0.42, abs=0.1)


def test_error_in_the_earlier_score_is_reckoned_with_when_its_size_is_said():
    rows = town(4, 30)
    found = asked(rows, reliability=0.9)
    assert found.tables["schools"]["mean_corrected"].notna().all()
    assert checks(found)["growth_prior_error"].passed is True
    assert checks(asked(rows))["growth_prior_error"].passed is None
    with pytest.raises(ContractError, match="reliability"):
        asked(rows, reliability=0.0)


def failing(**changes) -> Finding:
    return asked(town().assign(**changes))


def test_scores_in_two_steps_allow_no_claim_at_all():
    coarse = failing(math_now=lambda rows: rows["math_now"].gt(50).astype(float))
    assert checks(coarse)["growth_centred"].passed is False and coarse.claim is Claim.NOTHING


def test_a_ceiling_lowers_the_claim():
    found = asked(town(lifts={3: 1.5}).assign(math_now=lambda rows: rows["math_now"].clip(upper=54)))
    assert checks(found)["growth_ends"].passed is False and checks(found)["growth_ends"].about == "math_now"
    assert found.claim is Claim.DIFFERS


def test_few_schools_lower_the_claim():
    found = asked(town(6, 140, lifts={3: 1.5}))
    assert checks(found)["enough_schools"].passed is False and found.claim is Claim.DIFFERS


def test_a_norm_of_few_pupils_lowers_the_claim():
    found = asked(town(10, 15, lifts={3: 2.0}))
    assert checks(found)["growth_norm_sharp"].passed is False and found.claim <= Claim.DIFFERS


def test_a_strong_intake_that_goes_with_growth_is_noticed():
    rows = town()
    number = rows["unit"].str[-2:].astype(int) - 5.5
    rows = rows.assign(math_before=rows["math_before"] + number, math_now=rows["math_now"] + 1.8 * number)
    assert checks(asked(rows))["growth_intake"].passed is False
    assert checks(asked(town()))["growth_intake"].passed is True


def test_an_error_that_would_move_a_school_out_of_its_interval_lowers_the_claim():
    rng = np.random.default_rng(5)
    school = np.repeat(np.arange(4), 60)
    true = np.repeat([-1.5, -0.5, 0.5, 1.5], 60) + 0.5 * rng.normal(size=240)
    rows = pd.DataFrame(
        {"unit": school, "math_now": true + 0.2 * rng.normal(size=240), "math_before": true + rng.normal(size=240)}
    )
    assert checks(asked(rows, reliability=0.6))["growth_prior_error"].passed is False


def test_a_yardstick_that_does_not_fit_at_every_level_lowers_the_claim():
    rows = town()
    wave = 20 * np.sin((rows["math_before"] - 50) * 0.7)
    bent = asked(rows.assign(math_now=rows["math_now"] + wave))
    assert checks(bent)["growth_calibrated"].passed is False and bent.claim <= Claim.DIFFERS
    assert checks(asked(rows))["growth_calibrated"].passed is True


def test_coarse_scores_make_curves_cross_and_that_is_told():
    rows = town()
    found = asked(rows.assign(math_now=rows["math_now"].round(-1), math_before=rows["math_before"].round(-1)))
    assert checks(found)["growth_crossing"].passed is False
    assert checks(asked(rows))["growth_crossing"].passed is True


def test_those_without_an_earlier_score_are_held_against_the_others():
    rows = town()
    by_chance, weak = rows.index % 8 == 0, rows["math_now"].lt(38)
    lost = [rows.assign(math_before=rows["math_before"].mask(who)) for who in (by_chance, weak)]
    assert [checks(asked(one))["growth_without_prior"].passed for one in lost] == [True, False]


def test_a_school_of_late_years_in_a_drifting_scale_is_noticed():
    rows = town()
    late = rows["unit"].lt("school 06") & (rows.index % 8 > 0)
    rows["year"] = np.where(late, "2024-25", "2023-24")
    drifted = rows.assign(math_now=rows["math_now"] + 6 * late)
    assert checks(asked(rows, school_year="year"))["growth_years_alike"].passed is True
    assert checks(asked(drifted, school_year="year"))["growth_years_alike"].passed is False


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"math_now": np.nan}, "no_outcome"),
        ({"math_now": 5.0}, "same_outcome"),
        ({"math_before": 5.0}, "no_variation"),
        ({"math_before": np.nan}, "too_few_rows"),
    ],
)
def test_what_cannot_be_answered_is_answered_with_why(changes, reason):
    found = failing(**changes)
    assert found.reason == reason and found.claim is Claim.NOTHING and found.estimates.empty


def test_fewer_than_a_hundred_pupils_have_no_growth_and_an_empty_frame_neither():
    assert asked(town(4, 20)).reason == "too_few_rows"
    assert asked(town().iloc[:0]).reason == "no_outcome"


def test_a_school_with_one_pupil_has_no_interval_and_claims_nothing():
    rows = town()
    rows.loc[0, "unit"] = "lonely"
    lonely = asked(rows).to_frame().query("group == 'lonely'").iloc[0]
    assert checks(asked(rows))["growth_few_pupils"].passed is None
    assert lonely["n"] == 1 and np.isnan(lonely["lower"]) and np.isnan(lonely["p"]) and lonely["claim"] == "nothing"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda rows: growth(rows, "math", ["math_before"]), "'math'"),
        (lambda rows: growth(rows, "math_now", []), "one or more earlier scores"),
        (lambda rows: growth(rows, "math_now", ["math_now"]), "none 'math_now' itself"),
        (lambda rows: growth(rows, "sex", ["math_before"]), "'sex' is no number"),
        (lambda rows: growth(rows, "math_now", ["math_before"], school="schol"), "'schol'"),
        (lambda rows: growth(rows, "math_now", ["math_before"], confidence=95), "between 0 and 1"),
        (lambda rows: growth(pd.concat([rows, rows]), "math_now", ["math_before"], pupil="pupil"), "one row is one pupil"),
        (lambda rows: growth(rows, "math_now", ["math_before"], target=1.0, toward="later"), "'later'"),
        (lambda rows: growth(rows, "math_now", ["math_before"], norm=rows.drop(columns="math_before")), "'math_before'"),
    ],
)
def test_what_is_asked_wrongly_is_refused_in_words_without_a_pupils_value(wrong, said):
    with pytest.raises(ContractError, match=said) as refused:
        wrong(town())
    assert "p17" not in str(refused.value)


def test_the_municipality_is_told_of_schools_groups_and_who_is_on_the_way():
    (found,) = of_municipality(municipality(lifted="s04", lift=8.0))
    assert (found.outcome, found.about) == ("np9", {"earlier": "np8", "later": "np9"})
    said = found.to_frame().query("term == 'school'").set_index("group")["claim"]
    assert said["s04"] != "nothing" and (said.drop("s04") == "nothing").sum() >= 10
    assert set(found.estimates["term"]) == {"all", "school", "sex", "parents_education", "on_the_way"}
    assert found.basis.left_out["earlier"] == 72 and found.basis.left_out["later"] == 72
    assert checks(found)["growth_years_alike"].value < 2


def test_newcomers_with_low_results_do_not_make_the_others_seem_to_rise():
    town = municipality()
    new = town.results["measure"].eq("np9") & town.results["pupil"].str.fullmatch("p1-.*1")
    value = town.results["value"] - 40 * new
    of_year = value.groupby([town.results["school_year"], town.results["measure"]])
    lowered = town.results.assign(value=value, z=(value - of_year.transform("mean")) / of_year.transform("std"))
    assert lowered.loc[~new & lowered["school_year"].eq("2024-25") & lowered["measure"].eq("np9"), "z"].mean() > 0.2
    (found,) = of_municipality(replace(town, results=lowered))
    years = found.tables["school_years"].groupby("school_year")["mean"].mean()
    assert years.to_numpy() == pytest.approx([50, 50], abs=2.5)


def test_pupils_who_are_not_there_yet_are_counted_at_the_school_where_they_are_now():
    town = municipality()
    (found,) = of_municipality(town)
    on = found.tables["on_the_way"].set_index("school")
    assert on.loc["", "n"] == 324 and on["n"].iloc[1:].sum() == 324
    reached = town.leavers["eligible"].mean()
    assert on.loc["", "expected"] == pytest.approx(reached, abs=0.06)


def test_where_nobody_can_be_followed_that_is_the_answer():
    (found,) = of_municipality(replace(municipality(), chains=()))
    assert found.reason == "growth_no_chain" and found.outcome == "np9"
