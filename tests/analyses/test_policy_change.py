"""What changed when a measure came: the frames it takes, what it refuses, and the guards that lower its claim."""

from __future__ import annotations

import json
import sys
import warnings
from itertools import product
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.analyses.measures import Measure
from kvalitet_lib.analyses.policy_change import of_municipality, policy_change
from kvalitet_lib.analyses.policy_change_checks import no_single_unit, same_series
from kvalitet_lib.analyses.policy_change_town import with_the_same_intake
from kvalitet_lib.errors import ContractError
from kvalitet_lib.texts import LANGUAGES, Texts

YEARS = [f"20{year}-{year + 1}" for year in range(17, 24)]


@pytest.fixture(autouse=True)
def no_warning_leaks():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def school_years(effect: float = 4.0, treated: int = 8, schools: int = 30, first: int = 4, seed: int = 1) -> pd.DataFrame:
    """One row per school and school year; the first schools have the measure from the fifth year."""
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(
        [(f"s{school:02}", year, place) for school in range(schools) for place, year in enumerate(YEARS)],
        columns=["school", "school_year", "place"],
    )
    had = rows["school"].lt(f"s{treated:02}")
    level = rng.normal(220, 8, schools)[rows["school"].str[1:].astype(int)]
    rows["result"] = level + rows.pop("place") * 0.5 + rng.normal(0, 1.5, len(rows))
    rows["result"] += effect * (had & rows["school_year"].ge(YEARS[first]))
    rows["treated_from"] = np.where(had, YEARS[first], "")
    return rows


def check(finding: Finding, name: str):
    return next(one for one in finding.checks if one.id == f"policy_change_{name}")


def test_a_true_effect_with_a_quiet_past_suggests_an_effect():
    finding = policy_change(school_years(), "result")
    assert finding.claim is Claim.SUGGESTS_EFFECT
    assert finding["effect"]["lower"] < 4.0 < finding["effect"]["upper"]
    assert [one.id for one in finding.checks if one.passed is False] == []
    assert (finding.numbers["treated"], finding.numbers["compared"], finding.basis.schools) == (8, 22, 30)


def test_no_effect_claims_nothing():
    assert policy_change(school_years(0.0), "result").claim is Claim.NOTHING


@pytest.fixture(scope="module")
def counties(shared) -> tuple[pd.DataFrame, dict]:
    cases = json.loads((shared / "statistics" / "reference_answers.json").read_text())["cases"]
    answers = next(case for case in cases if case["id"] == "mpdta_cs")["answers"]
    return pd.read_csv(shared / "statistics" / "data" / "mpdta.csv"), {one["name"]: one["value"] for one in answers}


@pytest.mark.parametrize("control", ["never", "not_yet"])
def test_every_figure_of_the_minimum_wage_data_is_in_the_finding(counties, control: str):
    rows, told = counties
    variant = f"{control.replace('_', '')}_nocov"
    finding = policy_change(
        rows, "lemp", unit="countyreal", time="year", treated_from="first.treat", control=control, design="staggered"
    )
    table = pd.DataFrame(told[f"{variant} ATT(g,t) table"])
    assert finding.tables["att"][["group", "time"]].to_numpy().tolist() == table[["g", "t"]].to_numpy().tolist()
    assert finding.tables["att"]["standard_error"].to_numpy() == pytest.approx(table["se"].to_numpy(), abs=1e-7)
    for kind in ("simple", "dynamic", "group", "calendar"):
        assert finding.numbers[kind] == pytest.approx(told[f"{variant} {kind} overall"], abs=1e-7)
        assert finding.numbers[f"{kind}_standard_error"] == pytest.approx(told[f"{variant} {kind} se"], rel=5e-3)
    assert finding.tables["event"]["estimate"].to_numpy() == pytest.approx(told[f"{variant} dynamic egt/att/se"]["att"], abs=1e-7)
    assert finding.numbers["pre_trend_p"] == pytest.approx(told[f"{variant} pre-trend Wald p"], abs=1e-4)
    assert finding.numbers["two_way"] == pytest.approx(-0.03655, abs=5e-6)
    assert finding["effect"]["estimate"] == finding.numbers["simple"]


def odd_frames(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    year = rows["school_year"].str[:4].astype(int)
    start = pd.to_numeric(rows["treated_from"].str[:4])
    return {
        "shuffled": rows.sample(frac=1, random_state=1),
        "categories": rows.astype({"school": "category", "school_year": "category"}),
        "numbers": rows.assign(school=rows["school"].str[1:].astype(int), school_year=year, treated_from=start),
        "nullable": rows.assign(
            school_year=year.astype("Int64"), treated_from=start.astype("Int64"), result=rows["result"].astype("Float64")
        ),
        "zero is never": rows.assign(school_year=year, treated_from=start.fillna(0).astype(int)),
        "dates": rows.assign(
            school_year=pd.to_datetime(year.astype(str)), treated_from=pd.to_datetime(start.map("{:.0f}".format), errors="coerce")
        ),
        "slashes": rows.assign(
            school_year=rows["school_year"].str.replace("-", "/20"), treated_from=rows["treated_from"].str.replace("-", "/20")
        ),
    }


@pytest.mark.parametrize("kind", odd_frames(school_years()))
def test_any_tidy_frame_gives_the_same_answer(kind: str):
    rows = school_years()
    given = odd_frames(rows)[kind]
    before = given.copy()
    found, usual = policy_change(given, "result"), policy_change(rows, "result")
    assert found["effect"]["estimate"] == pytest.approx(usual["effect"]["estimate"])
    assert found.numbers["dealt_out_p"] == usual.numbers["dealt_out_p"]
    pd.testing.assert_frame_equal(given, before)


def test_a_column_of_ones_from_when_the_measure_came_says_the_same_as_its_first_period():
    rows = school_years()
    rows["has"] = (rows["treated_from"].ne("") & rows["school_year"].ge(rows["treated_from"])).astype("boolean")
    found = policy_change(rows.drop(columns="treated_from"), "result", treated="has")
    assert found["effect"]["estimate"] == policy_change(rows, "result")["effect"]["estimate"]
    rows.loc[rows.index[6], "has"] = False
    with pytest.raises(ContractError, match="ends again"):
        policy_change(rows, "result", treated="has")
    with pytest.raises(ContractError, match="must be 1"):
        policy_change(rows.assign(has="yes"), "result", treated="has")


def test_pupils_are_made_into_means_that_weigh_as_many_as_they_are():
    means = school_years().assign(pupils=lambda rows: 2 + rows["school"].str[1:].astype(int) % 3)
    pupils = means.loc[means.index.repeat(means["pupils"])].reset_index(drop=True)
    found, weighted = policy_change(pupils, "result"), policy_change(means, "result", weights="pupils")
    assert found["effect"]["estimate"] == pytest.approx(weighted["effect"]["estimate"])
    assert (found.basis.rows, found.basis.schools) == (len(pupils), 30)


def test_what_is_left_out_is_counted_by_why():
    rows = school_years()
    rows.loc[0, "result"] = np.nan  # the first school now lacks a year
    rows.loc[rows["school"].eq("s29"), "treated_from"] = YEARS[0]
    rows.loc[rows["school"].eq("s28") & rows["school_year"].eq(YEARS[2]), "school_year"] = "1999-00"
    found = policy_change(rows, "result")
    assert found.basis.schools == 27
    assert found.basis.left_out == {
        "result": 1, "policy_change_thin_period": 1, "policy_change_incomplete_unit": 12, "policy_change_always_treated": 7
    }  # fmt: skip
    assert check(found, "always_treated").value == 1


def low_last_year(rows: pd.DataFrame, depth: float) -> pd.DataFrame:
    """The treated had a bad year, by chance, just before the measure."""
    bad = rows["treated_from"].ne("") & rows["school_year"].eq(YEARS[3])
    return rows.assign(result=rows["result"] - depth * bad)


def test_schools_picked_after_a_bad_year_are_noticed_and_nothing_is_ascribed_to_the_measure():
    finding = policy_change(low_last_year(school_years(0.0), 5.0), "result")
    assert finding["effect"]["p"] < 0.001
    assert check(finding, "picked_when_low").passed is False
    assert check(finding, "picked_when_low").value == pytest.approx(finding.numbers["dip"])
    assert finding.claim is Claim.DIFFERS
    assert abs(finding["effect_without_last_year"]["estimate"]) < 1.5


def test_a_dip_that_hides_an_effect_does_not_speak_against_it():
    finding = policy_change(low_last_year(school_years(6.0), -3.0), "result")
    assert finding["effect"]["estimate"] > 0 and check(finding, "picked_when_low").passed is True


def test_schools_already_on_their_way_fail_the_trend_and_the_placebo_in_time():
    rows = school_years(0.0)
    rising = rows["treated_from"].ne("") * rows["school_year"].map(YEARS.index) * 3.0
    finding = policy_change(rows.assign(result=rows["result"] + rising), "result")
    assert check(finding, "trend_before").passed is False
    assert check(finding, "placebo_in_time").passed is False
    assert finding.claim is Claim.DIFFERS


def test_an_effect_that_one_school_carries_is_not_the_measures():
    rows = school_years(0.0, treated=4)
    rows.loc[rows["school"].eq("s00") & rows["school_year"].ge(YEARS[4]), "result"] += 60
    finding = policy_change(rows, "result")
    only = check(finding, "no_single_unit")
    assert only.about == "s00"
    assert only.passed is not True and finding.claim < Claim.GOES_WITH


def test_half_of_an_effect_must_be_left_whichever_school_is_left_out():
    without = pd.DataFrame({"unit": ["a", "b"], "estimate": [4.1, 2.1]})
    assert no_single_unit(without, 4.0, told=True).passed is True
    assert no_single_unit(without.assign(estimate=[4.1, 1.9]), 4.0, told=True).passed is False
    assert no_single_unit(without.assign(estimate=[-4.1, -1.9]), -4.0, told=True).about == "b"
    assert no_single_unit(without.assign(estimate=[4.1, np.nan]), 4.0, told=True).passed is False


def test_few_treated_schools_and_few_years_lower_the_claim():
    one = policy_change(school_years(30.0, treated=1), "result", design="staggered")
    assert check(one, "enough_treated").passed is False and one.claim <= Claim.DIFFERS
    rows = school_years(10.0, first=1)
    short = policy_change(rows, "result")
    assert check(short, "years_before").passed is False and short.claim is Claim.DIFFERS
    assert [check(short, name).passed for name in ("picked_when_low", "trend_before", "placebo_in_time")] == [None] * 3


def test_the_measure_in_turn_says_what_the_usual_regression_mixes_in():
    rows = school_years(0.0, treated=12)
    rows.loc[rows["school"].lt("s06"), "treated_from"] = YEARS[2]
    years_since = rows["school_year"].str[:4].astype(int) - pd.to_numeric(rows["treated_from"].str[:4])
    grows = (years_since + 1).clip(lower=0).fillna(0)
    finding = policy_change(rows.assign(result=rows["result"] + 2.0 * grows), "result", control="not_yet")
    assert finding.tables["event"].set_index("event")["estimate"][[0, 1, 2]].tolist() == pytest.approx([2, 4, 6], abs=1.2)
    assert finding.numbers["two_way"] < finding["effect"]["lower"]
    assert check(finding, "came_in_turn").limit == pytest.approx(100 * finding.numbers["unsound_share"])
    assert finding.numbers["unsound_share"] > 0.05


def test_other_estimators_stand_beside_and_say_whom_they_cannot_use():
    pytest.importorskip("pyfixest")
    rows = school_years(4.0)
    rows.loc[rows["school"].lt("s03"), "treated_from"] = YEARS[1]  # one year before: did2s fails with them in
    beside = policy_change(rows, "result", others=True).tables["estimators"].set_index("estimator")
    assert beside.loc["did2s", "left_out"] == 3
    assert beside["estimate"].notna().all()
    usual = policy_change(rows, "result")
    assert beside.loc["two_way", "estimate"] == pytest.approx(usual.numbers["two_way"], rel=1e-6)
    assert beside.loc["sun_abraham", "estimate"] == pytest.approx(usual["effect"]["estimate"], rel=1e-6)


def with_intake(strength: float, apart: float) -> pd.DataFrame:
    rows = school_years(4.0)
    rng = np.random.default_rng(3)
    share = (rng.normal(size=30) + apart * (np.arange(30) < 8))[rows["school"].str[1:].astype(int)]
    rows["intake"] = share
    return rows.assign(result=rows["result"] + strength * share * rows["school_year"].map(YEARS.index))


@pytest.mark.parametrize("estimator", ["doubly_robust", "regression"])
def test_covariates_that_go_with_the_trend_are_held_equal(estimator: str):
    pytest.importorskip("drdid")
    rows = with_intake(strength=6.0, apart=1.2)
    naive = policy_change(rows, "result")["effect"]["estimate"]
    held = policy_change(rows, "result", covariates=["intake"], estimator=estimator)
    assert abs(held["effect"]["estimate"] - 4.0) < 0.5 * abs(naive - 4.0)
    assert held["effect"]["lower"] < 4.0 < held["effect"]["upper"]
    assert check(held, "alike_enough").passed is True


@pytest.mark.parametrize(("package", "more"), [("drdid.drdid", {"covariates": ["intake"]}), ("pyfixest", {"others": True})])
def test_what_needs_a_package_that_is_not_there_says_how_to_get_it(monkeypatch, package: str, more: dict):
    monkeypatch.setitem(sys.modules, package, None)
    rows = with_intake(strength=1.0, apart=0.5)
    with pytest.raises(ContractError, match=r"pip install 'kvalitet\[effects\]'"):
        policy_change(rows, "result", **more)
    assert policy_change(rows, "result", covariates=["intake"], estimator="regression").claim is Claim.SUGGESTS_EFFECT


def test_schools_too_unlike_to_be_made_comparable_are_said_to_be_so():
    pytest.importorskip("drdid")
    finding = policy_change(with_intake(strength=0.1, apart=9.0), "result", covariates=["intake"])
    assert check(finding, "alike_enough").passed is False
    assert finding.claim < Claim.SUGGESTS_EFFECT


NOTHING = {
    "no_outcome": lambda rows: rows.assign(result=np.nan),
    "policy_change_nobody_treated": lambda rows: rows.assign(treated_from=""),
    "policy_change_no_comparison": lambda rows: rows.assign(
        treated_from=rows["school"].map(lambda school: YEARS[3 + int(school[1:]) % 2])
    ),
    "policy_change_no_panel": lambda rows: rows[rows["school_year"].eq(YEARS[0])],
    "too_few_schools": lambda rows: rows[rows["school"].isin(["s07", "s08", "s09"])],
    "same_outcome": lambda rows: rows.assign(result=1.0),
    "policy_change_no_spread": lambda rows: rows.assign(result=rows["school_year"].map(YEARS.index).astype(float)),
}


@pytest.mark.parametrize("reason", NOTHING)
def test_where_nothing_can_be_said_the_finding_says_why(reason: str):
    finding = policy_change(NOTHING[reason](school_years()), "result", design="staggered")
    assert (finding.reason, finding.claim) == (reason, Claim.NOTHING)
    assert all(Texts(language).has(f"reasons.{reason}") for language in LANGUAGES)


def test_covariates_that_say_nothing_or_the_same_are_named():
    rows = school_years().assign(flat=1.0, a=lambda rows: rows["result"] % 7, b=lambda rows: 2 * (rows["result"] % 7) + 1)
    assert policy_change(rows, "result", covariates="flat").reason == "no_variation"
    assert policy_change(rows, "result", covariates=["a", "b"]).reason == "terms_coincide"


def test_wrong_use_is_refused_in_words():
    rows = school_years()
    for more, said in (
        ({"unit": "skola"}, "'skola'"),
        ({"design": "magic"}, "Choose one of"),
        ({"control": "all"}, "Choose one of"),
        ({"confidence": 95}, "between 0 and 1"),
        ({"anticipation": -1}, "0 or more"),
        ({"covariates": ["school"]}, "must be numbers"),
        ({"season": 12}, "'season'"),
        ({"weights": "result", "design": "synthetic"}, "staggered"),
    ):
        with pytest.raises(ContractError, match=said):
            policy_change(rows, "result", **more)
    with pytest.raises(ContractError, match="more than one value"):
        policy_change(rows.assign(treated_from=rows["school_year"]), "result")
    with pytest.raises(ContractError, match="in order"):
        policy_change(rows.assign(school_year=[1, "two"] * (len(rows) // 2)), "result")


def test_the_design_follows_from_who_had_the_measure():
    everywhere = school_years().assign(treated_from=YEARS[4])
    assert policy_change(everywhere.groupby("school_year", as_index=False).first(), "result").about["design"] == "interrupted"
    one = pd.DataFrame(product(range(9), range(2000, 2018)), columns=["school", "school_year"])
    one["result"] = one["school"] + one["school_year"] + one["school"] * one["school_year"] % 3.0
    one["treated_from"] = np.where(one["school"].eq(0), 2013, 0)
    assert policy_change(one, "result").about["design"] == "synthetic_did"
    assert "Difference-in-differences" in policy_change(school_years(), "result").method


def test_a_finding_survives_being_written_and_read():
    finding = policy_change(school_years(), "result")
    with warnings.catch_warnings():  # of pandas' own reading of JSON
        warnings.simplefilter("ignore")
        again = Finding.from_json(finding.to_json())
    assert again.claim is finding.claim and again.checks == finding.checks
    for name, table in finding.tables.items():
        assert again.tables[name].shape == table.shape


def test_intake_is_held_equal_by_what_goes_with_it_within_schools_and_years():
    rng = np.random.default_rng(5)
    pupils = pd.DataFrame({"school": np.repeat(["a", "b"], 400), "school_year": np.tile(["2020-21", "2021-22"], 400)})
    pupils["girl"] = rng.binomial(1, np.where(pupils["school"].eq("a"), 0.8, 0.2)).astype(float)
    pupils = pupils.assign(education=0.0, newly_arrived=np.nan, second_language=rng.binomial(1, 0.2, 800).astype(float))
    pupils["outcome"] = 20 * pupils["girl"] - 10 * pupils["second_language"] + 3 * pupils["school"].eq("b")
    means = with_the_same_intake(pupils).set_index(["school", "school_year"])["estimate"]
    assert (means["b"] - means["a"]).tolist() == pytest.approx([3, 3])


def town(*measures: Measure) -> SimpleNamespace:
    """What of_municipality asks of a municipality: forty pupils a school and year, and one indicator besides."""
    rows = school_years().rename(columns={"result": "estimate"})
    rng = np.random.default_rng(6)
    pupils = rows.loc[rows.index.repeat(40)].reset_index(drop=True)
    pupils["outcome"] = pupils["estimate"] + rng.normal(0, 3, len(pupils))
    pupils = pupils.assign(girl=rng.binomial(1, 0.5, len(pupils)), education=0.0, newly_arrived=0.0, second_language=0.0)
    return SimpleNamespace(
        outcome="meritvarde",
        country="se",
        tables=dict.fromkeys(["grades"]),
        confidence=0.95,
        measures=measures,
        leavers=pupils,
        school_years=lambda indicator: rows[["school", "school_year", "estimate"]].assign(n=40),
        breaks=lambda indicator: (YEARS[2],),
    )


def test_a_municipality_gets_one_finding_for_each_declared_measure_corrected_together():
    had = {f"s{number:02}": YEARS[4] for number in range(8)}
    declared = [Measure(name=name, title=name, indicator=name, schools=had) for name in ("meritvarde", "alla_amnen_ak6")]
    findings = of_municipality(town(*declared))
    assert [(one.about["measure"], one.outcome) for one in findings] == [
        (name, name) for name in ("meritvarde", "alla_amnen_ak6")
    ]
    assert all(one["effect"]["lower"] < 4 < one["effect"]["upper"] for one in findings)
    assert all(one["effect"]["p_adjusted"] >= one["effect"]["p"] and one.numbers["tests"] == 2 for one in findings)
    assert all(check(one, "same_series").passed is None for one in findings)  # a new series began in the third year
    assert "background" in findings[0].method and "background" not in findings[1].method


def test_a_measure_for_something_not_delivered_is_told_as_such():
    (finding,) = of_municipality(town(Measure(name="one", title="one", indicator="franvaro_10", schools={"s00": YEARS[4]})))
    assert (finding.reason, finding.about["measure"]) == ("no_outcome", "one")


def test_a_new_series_while_the_measure_was_there_speaks_against_it():
    assert same_series((), YEARS, YEARS[4]).passed is True
    assert same_series((YEARS[0],), YEARS, YEARS[4]).passed is True
    assert same_series((YEARS[2],), YEARS, YEARS[4]).passed is None
    late = same_series((YEARS[2], YEARS[4]), YEARS, YEARS[4])
    assert (late.passed, late.about) == (False, f"{YEARS[2]}, {YEARS[4]}")


def test_a_municipality_without_declared_measures_has_no_findings():
    assert of_municipality(town()) == []
