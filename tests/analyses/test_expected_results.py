"""Results against intake: R's answers for SALSA, what small schools are worth, and what is never said."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.expected_results import expected_results, of_municipality
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.errors import ContractError
from kvalitet_lib.present.finding_doubts import doubts
from kvalitet_lib.texts import LANGUAGES, Texts
from tests.statistics.reference import answers

INTAKE = ["education", "newcomers", "boys"]
SALSA = ["parents_edu", "pct_newly_immigrated", "pct_boys"]


def made(schools: int = 40, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "school": [f"s{at}" for at in range(schools)], "education": rng.uniform(1.8, 2.8, schools),
            "newcomers": rng.beta(1, 12, schools), "boys": rng.normal(0.51, 0.05, schools),
            "pupils": rng.integers(15, 150, schools), "known": rng.uniform(0.8, 1, schools),
        }
    )  # fmt: skip
    rows["error"] = 60 / np.sqrt(rows["pupils"])
    noise = rng.normal(0, np.sqrt(100 + rows["error"] ** 2))
    return rows.assign(merit=90 + 60 * rows["education"] - 80 * rows["newcomers"] - 20 * rows["boys"] + noise)


@pytest.fixture(scope="module")
def schools() -> pd.DataFrame:
    return made()


@pytest.fixture(scope="module")
def finding(schools: pd.DataFrame) -> Finding:
    return expected_results(schools, "merit", INTAKE, pupils="pupils", known="known", standard_error="error")


def salsa(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "statistics" / "data" / "salsa_skane_2025.csv")


@pytest.mark.parametrize("outcome", ["merit", "pass"])
def test_the_formula_behind_what_skolverket_publishes_is_found_again(shared: Path, outcome: str):
    said = answers(shared, "salsa_skane_2025")
    found = expected_results(salsa(shared), f"{outcome}_model", SALSA, school="skolenhet")
    for term, name in zip(["intercept", *SALSA], ["(Intercept)", *SALSA], strict=True):
        assert found[term]["estimate"] == pytest.approx(said[f"{outcome} coef {name}"], rel=1e-9)
    assert found.numbers["r_squared"] == pytest.approx(said[f"{outcome} R2"], abs=1e-10)
    assert found.numbers["residual_deviation"] == pytest.approx(said[f"{outcome} residual SD"], abs=1e-9)


def test_what_is_published_stands_beside_ours_with_the_difference(shared: Path):
    said, rows = answers(shared, "salsa_skane_2025"), salsa(shared)
    published = {"published_expected": "merit_model", "published_deviation": "merit_resid"}
    found = expected_results(rows, "merit_actual", SALSA, school="skolenhet", **published)
    assert found.numbers["published_rounding"] == said["max |F-B-R|"]
    assert found.numbers["published_r_squared"] == pytest.approx(said["merit R2"], abs=1e-10)
    assert found.numbers["published_residual_deviation"] == pytest.approx(said["merit residual SD"], abs=1e-9)
    table = found.tables["schools"].set_index("school")
    assert table["published_deviation"].to_dict() == rows.set_index("skolenhet")["merit_resid"].astype(float).to_dict()
    assert (table["deviation"] - table["published_deviation"]).to_numpy() == pytest.approx(table["difference"].to_numpy())
    assert found.numbers["published_correlation"] > 0.95


def test_a_deviation_goes_with_nothing_in_the_formula_by_the_way_it_is_made(shared: Path):
    rows = salsa(shared)
    table = expected_results(rows, "merit_actual", SALSA, school="skolenhet").tables["schools"]
    assert np.corrcoef(table["deviation"], rows["parents_edu"])[0, 1] == pytest.approx(0, abs=1e-10)
    assert np.corrcoef(table["actual"], rows["parents_edu"])[0, 1] > 0.7
    assert table["deviation"].lt(0).mean() == pytest.approx(0.5, abs=0.1)


def test_errors_residuals_and_prediction_are_those_of_statsmodels(schools: pd.DataFrame):
    found = expected_results(schools, "merit", INTAKE)
    theirs = sm.OLS(schools["merit"], sm.add_constant(schools[INTAKE])).fit()
    formula, table = found.tables["formula"], found.tables["schools"]
    assert formula["standard_error"].to_numpy() == pytest.approx(theirs.get_robustcov_results("HC3").bse)
    assert formula["ordinary_error"].to_numpy() == pytest.approx(theirs.bse.to_numpy())
    assert table["studentised"].to_numpy() == pytest.approx(theirs.get_influence().resid_studentized_external)
    predicted = theirs.get_prediction().summary_frame(alpha=0.05)
    assert table["expected_lower"].to_numpy() == pytest.approx(predicted["obs_ci_lower"].to_numpy())


def test_a_school_is_told_from_the_others_just_when_its_interval_leaves_out_nought(finding: Finding):
    rows = finding.estimates[finding.estimates["term"].eq("deviation")]
    outside = rows["lower"].gt(0) | rows["upper"].lt(0)
    assert outside.tolist() == rows["p"].lt(0.05).tolist()
    assert rows["p_adjusted"].ge(rows["p"]).all()
    studentised = (rows["estimate"] / rows["standard_error"]).to_numpy()
    assert studentised == pytest.approx(finding.tables["schools"]["studentised"].to_numpy())
    assert rows["estimate"].to_numpy() == pytest.approx(finding.tables["schools"]["deviation"].to_numpy())


def test_coefficients_describe_and_claim_nothing(finding: Finding):
    coefficients = finding.estimates[finding.estimates["term"].ne("deviation")]
    assert coefficients["null"].isna().all() and coefficients["p"].isna().all()
    assert coefficients["term"].tolist() == ["intercept", *INTAKE]
    assert finding.design == Claim.DIFFERS


def test_one_family_of_as_many_tests_as_there_are_schools(finding: Finding):
    assert finding.numbers["tests"] == 40
    assert (finding.checks[-1].id, finding.checks[-1].value) == ("one_family", 40)


def test_small_schools_have_wider_intervals_and_are_mostly_noise(finding: Finding):
    table = finding.tables["schools"].sort_values("n")
    width = table["expected_upper"] - table["expected_lower"]
    few, many = table["n"].lt(30), table["n"].gt(100)
    assert width[few].mean() > 1.3 * width[many].mean()
    assert table.loc[few, "noise"].min() > 0.5 > table.loc[many, "noise"].max()
    assert (table["shrunken"].abs() <= table["deviation"].abs()).all()
    assert table["chance_upper"].sub(table["deviation"]).to_numpy() == pytest.approx(
        1.959964 * 60 / np.sqrt(table["n"].to_numpy())
    )


def test_without_standard_errors_nobody_is_told_that_sizes_were_allowed_for(schools: pd.DataFrame):
    found = expected_results(schools, "merit", INTAKE)
    assert "expected_size_unknown" in {check.id for check in found.checks}
    assert "noise" not in found.tables["schools"]


def test_schools_are_weighed_alike_unless_a_weight_is_named(schools: pd.DataFrame):
    found = expected_results(schools, "merit", INTAKE, weights="pupils")
    theirs = smf.wls("merit ~ education + newcomers + boys", schools, weights=schools["pupils"]).fit()
    assert found["education"]["estimate"] == pytest.approx(theirs.params["education"])
    assert found.numbers["r_squared"] == pytest.approx(theirs.rsquared)
    assert found.numbers["residual_deviation"] == pytest.approx(np.sqrt(theirs.scale))
    assert "weighted by pupils" in found.method
    width = found.tables["schools"].eval("expected_upper - expected_lower")
    assert width[schools["pupils"].idxmin()] > 2 * width[schools["pupils"].idxmax()]


def test_small_schools_and_those_of_unknown_background_are_left_out_by_the_rules_of_salsa(schools: pd.DataFrame):
    rows = schools.copy()
    rows.loc[[0, 1, 2, 3], "pupils"] = [14, 14, 14, 15]
    rows.loc[[9, 10], "known"] = [0.749, 0.75]
    rows.loc[20, "merit"] = np.nan
    found = expected_results(rows, "merit", INTAKE, pupils="pupils", known="known")
    assert found.basis.left_out == {"expected_few_pupils": 3, "expected_little_known": 1, "merit": 1}
    assert found.basis.schools == 35
    assert found.basis.pupils == rows["pupils"].drop([0, 1, 2, 9, 20]).sum()


def test_a_school_that_decides_by_itself_is_named(schools: pd.DataFrame):
    rows = schools.assign(newcomers=np.where(schools.index == 7, 0.9, 0.05 + schools["newcomers"] * 0.001))
    found = expected_results(rows, "merit", INTAKE)
    check = {check.id: check for check in found.checks}["expected_no_school_decides"]
    assert (check.passed, check.about) == (False, "s7") and check.value > 0.9


def test_a_school_with_a_coefficient_of_its_own_has_no_deviation_and_nothing_is_claimed(schools: pd.DataFrame):
    rows = schools.assign(lone=(schools.index == 7).astype(int), merit=schools["merit"].where(schools.index != 3, 900.0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = expected_results(rows, "merit", ["education", "lone"])
    lone = found.estimates[found.estimates["group"].eq("s7")].iloc[0]
    assert lone[["standard_error", "lower", "upper", "null", "p"]].isna().all()
    assert found.claim == Claim.NOTHING


def test_a_school_far_outside_is_said_to_differ_and_no_more(schools: pd.DataFrame):
    rows = schools.assign(merit=schools["merit"].where(schools.index != 3, 320.0))
    found = expected_results(rows, "merit", INTAKE, standard_error="error")
    told = found.to_frame().query("claim != 'nothing'")
    assert told["group"].tolist() == ["s3"] and told["claim"].tolist() == ["differs"]


def test_deviations_that_are_pupils_chance_lower_the_trust(schools: pd.DataFrame):
    found = expected_results(schools.assign(error=12.0), "merit", INTAKE, standard_error="error")
    check = {check.id: check for check in found.checks}["expected_more_than_chance"]
    assert check.passed is False and check.value > 0.5


def test_schools_keep_the_order_of_the_rows(finding: Finding, schools: pd.DataFrame):
    assert finding.tables["schools"]["school"].tolist() == schools["school"].tolist()


def test_columns_of_any_kind_and_a_formula_give_the_same_answer(schools: pd.DataFrame, finding: Finding):
    other = schools.sample(frac=1, random_state=2).set_index(pd.Index(np.arange(40) * 3)).assign(
        pupils=lambda rows: rows["pupils"].astype("Int64"), education=lambda rows: rows["education"].astype("Float64"),
        school=lambda rows: rows["school"].astype("category"), boys=lambda rows: rows["boys"].astype(object),
    )  # fmt: skip
    before = other.copy()
    how = {"pupils": "pupils", "known": "known", "standard_error": "error"}
    found = expected_results(other, "merit", INTAKE, **how)
    pd.testing.assert_frame_equal(other, before)
    order = ["term", "group"]
    ours, theirs = (one.estimates.sort_values(order, ignore_index=True) for one in (found, finding))
    pd.testing.assert_frame_equal(ours, theirs)
    formula = expected_results(schools, "merit ~ education + newcomers + boys", **how)
    pd.testing.assert_frame_equal(formula.estimates, finding.estimates)


NOTHING = {
    "no_outcome": lambda rows: rows.assign(merit=np.nan),
    "too_few_schools": lambda rows: rows.iloc[:8],
    "same_outcome": lambda rows: rows.assign(merit=220.0),
    "no_variation": lambda rows: rows.assign(boys=0.5),
    "terms_coincide": lambda rows: rows.assign(boys=1 - rows["newcomers"]),
    "exact_fit": lambda rows: rows.assign(merit=10 + 3 * rows["education"]),
}


@pytest.mark.parametrize("reason", NOTHING)
def test_where_there_is_no_answer_the_reason_is_said(schools: pd.DataFrame, reason: str):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = expected_results(NOTHING[reason](schools), "merit", INTAKE, pupils="pupils")
    assert found.reason == reason and found.estimates.empty and found.claim == Claim.NOTHING
    assert all(Texts(language).has(f"reasons.{reason}") for language in LANGUAGES)


@pytest.mark.parametrize(
    ("change", "how", "said"),
    [
        ({}, {"background": ["shoe"]}, "'shoe'"),
        ({}, {"background": []}, "columns of the intake"),
        ({}, {"background": ["merit"]}, "each once"),
        ({}, {"outcome": "merit ~ boys"}, "Leave out background"),
        ({"school": "s1"}, {}, "two rows"),
        ({"pupils": 0}, {"weights": "pupils"}, "'pupils' must lie above 0"),
        ({"error": -1.0}, {"standard_error": "error"}, "'error' must lie above 0"),
        ({"known": 90.0}, {"known": "known"}, "share and lies in 0-1"),
        ({"pupils": "many"}, {"pupils": "pupils"}, "'pupils' is no number"),
        ({"merit": "good"}, {}, "'merit' is no number"),
    ],
)
def test_a_question_asked_wrongly_is_refused_with_what_to_do(schools, change, how, said):
    asked = {"outcome": "merit", "background": INTAKE, **how}
    with pytest.raises(ContractError, match=said):
        expected_results(schools.assign(**change), **asked)


def test_every_doubt_has_its_words_in_every_language(schools: pd.DataFrame, finding: Finding):
    rough = expected_results(schools, "merit", INTAKE)
    for language in LANGUAGES:
        told = pd.concat([doubts(finding, language), doubts(rough, language)])
        assert not told["answer"].str.contains("{", regex=False).any()


@dataclass(frozen=True)
class Town:
    """What of_municipality asks of a municipality's rows."""

    leavers: pd.DataFrame
    values: pd.DataFrame
    country: str = "se"
    outcome: str = "meritvarde"
    confidence: float = 0.95

    def published(self, indicator: str) -> pd.DataFrame:
        return self.values[self.values["indicator"].eq(indicator)]


def town(country: str = "se") -> Town:
    rng = np.random.default_rng(3)
    school = np.repeat(np.arange(16), 60)
    n = len(school)
    leavers = pd.DataFrame(
        {
            "school": np.char.add("s", school.astype(str)), "school_year": rng.choice(["2022-23", "2023-24"], n),
            "education": rng.integers(-1, 2, n).astype(float), "newly_arrived": (rng.random(n) < 0.1).astype(float),
            "girl": rng.integers(0, 2, n).astype(float), "prior": rng.normal(size=n),
            "second_language": rng.integers(0, 2, n).astype(float),
        }
    )  # fmt: skip
    leavers["outcome"] = 200 + 25 * leavers["education"] + rng.normal(0, 50, n) + 10 * leavers["school_year"].eq("2023-24")
    values = pd.DataFrame({"indicator": ["salsa_avvikelse_meritvarde", "skolebidrag"] * 2, "school": ["s1", "s1", "s2", "s2"],
                           "school_year": "2023-24", "value": [4.0, 0.1, -3.0, 0.0]})  # fmt: skip
    return Town(leavers, values, country)


def test_a_municipality_gets_the_newest_year_and_all_years_together():
    newest, together = of_municipality(town())
    assert (newest.about["school_year"], together.about["school_year"]) == ("2023-24", "2022-23 – 2023-24")
    assert newest.outcome == "meritvarde"
    assert newest.estimates["term"].head(4).tolist() == ["intercept", "parents_education", "newly_arrived", "boys"]
    table = newest.tables["schools"].set_index("school")
    assert table.loc["s1", "published_deviation"] == 4 and np.isnan(table.loc["s3", "difference"])
    assert table["n"].sum() == town().leavers["school_year"].eq("2023-24").sum()
    assert together.tables["schools"]["n"].sum() == 960


def test_what_norway_publishes_in_other_points_stands_beside_without_a_difference():
    newest, _ = of_municipality(town("no"))
    table = newest.tables["schools"].set_index("school")
    assert table.loc["s1", "published_deviation"] == 0.1 and "difference" not in table
    assert "prior" in newest.estimates["term"].tolist()


def test_a_year_in_which_everyone_got_more_is_no_merit_of_the_schools_that_were_large_then():
    rows = town().leavers
    keep = ~(rows["school"].eq("s1") & rows["school_year"].eq("2022-23"))
    leavers = rows.assign(outcome=rows["outcome"].where(rows["school_year"].eq("2022-23"), rows["outcome"] + 500))
    even, uneven = (of_municipality(Town(leavers[kept], town().values))[1] for kept in (rows["school"].ne(""), keep))
    difference = [one.tables["schools"].set_index("school").loc["s1", "deviation"] for one in (even, uneven)]
    assert abs(difference[0] - difference[1]) < 40


def test_no_leavers_give_no_finding_and_few_schools_a_reason():
    made_up = town()
    assert of_municipality(Town(made_up.leavers.assign(outcome=np.nan), made_up.values)) == []
    few = made_up.leavers[made_up.leavers["school"].isin(["s1", "s2", "s3"])]
    assert [one.reason for one in of_municipality(Town(few, made_up.values))] == ["too_few_schools"] * 2
