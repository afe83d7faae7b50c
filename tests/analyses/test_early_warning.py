"""What is said of risks foretold, what is refused, and that nothing of a single pupil gets out."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.early_warning import early_warning, of_municipality
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.analyses.municipal_rows import MunicipalRows
from kvalitet_lib.errors import ContractError
from kvalitet_lib.store import Store
from kvalitet_lib.texts import LANGUAGES, Texts
from tests.statistics.reference import answers

FACTORS = ["prior", "absent", "sex"]


def pupils(schools: int = 12, size: int = 60, seed: int = 1, strength: float = 1.5) -> pd.DataFrame:
    """One row is one pupil, with an id nobody could mistake."""
    rng = np.random.default_rng(seed)
    n = schools * size
    prior, absent, sex = rng.normal(size=n), rng.beta(2, 20, n), rng.choice(["girl", "boy"], n)
    log_odds = -1.8 - strength * prior + 4 * absent + 0.3 * (sex == "boy")
    return pd.DataFrame(
        {
            "pupil": [f"canary-{one:05}" for one in range(n)],
            "school": np.repeat([f"s{one:02}" for one in range(schools)], size),
            "school_year": rng.choice(["2022-23", "2023-24", "2024-25"], n),
            "prior": prior,
            "absent": absent,
            "sex": sex,
            "home": rng.choice(["x", "y", "z"], n),
            "failed": (rng.random(n) < 1 / (1 + np.exp(-log_odds))).astype(float),
        }
    )


def warn(rows: pd.DataFrame, **more) -> Finding:
    asked = {"school": "school", "cohort": "school_year", "groups": ("sex", "home"), "pupil": "pupil"} | more
    return early_warning(rows, "failed", asked.pop("factors", FACTORS), **asked)


def failed(finding: Finding) -> set[str]:
    return {check.id for check in finding.checks if check.passed is False}


@pytest.fixture(scope="module")
def finding() -> Finding:
    return warn(pupils())


def test_the_reference_case_is_a_finding_too(shared: Path):
    said = answers(shared, "early_warning")
    rows = pd.read_csv(shared / "statistics" / "data" / "student_por.csv", sep=";")
    numbers = ["failures", "absences", "Medu", "age", "studytime", "G3"]
    rows[numbers] = rows[numbers].apply(pd.to_numeric)
    rows = rows.assign(fail=rows["G3"] < 10, odd=np.arange(len(rows)) % 2 == 0)
    factors = ["failures", "absences", "Medu", "age", "sex", "studytime", "school"]
    found = early_warning(rows, "fail", factors, trained_on="odd", threshold=0.2)
    assert found["auc"]["estimate"] == pytest.approx(said["auc_test"], abs=1e-5)
    assert found["auc"][["lower", "upper"]].tolist() == pytest.approx(said["auc_ci"], abs=1e-5)
    assert found["brier"]["estimate"] == pytest.approx(said["brier"], abs=1e-5)
    assert found["calibration_in_the_large"]["estimate"] == pytest.approx(said["calib_in_large"], abs=1e-5)
    assert found["calibration_slope"]["estimate"] == pytest.approx(said["calib_slope"], abs=1e-5)
    assert found["observed_to_expected"]["estimate"] == pytest.approx(said["OE"], abs=1e-5)
    assert found.tables["coefficients"]["estimate"].tolist() == pytest.approx(list(said["coef_train"].values()), abs=1e-5)
    theirs = pd.read_csv(shared / "statistics" / Path(said["test predictions"]))
    assert found.pupils is not None and found.pupils["risk"].to_numpy() == pytest.approx(theirs["p"], abs=1e-7)
    assert (found.pupils.index + 1).tolist() == theirs["row"].tolist()
    for name, value in said["val.prob (Emax,E90,Eavg use lowess)"].items():
        assert value == "NA" or found.numbers[name] == pytest.approx(value, rel=0.01), name
    every = early_warning(rows, "fail", factors, cohort="odd", threshold=0.2).tables["coefficients"]
    assert every["estimate"].tolist() == pytest.approx(list(said["coef_all"].values()), abs=1e-5)
    assert every["standard_error"].tolist() == pytest.approx(list(said["se_all"].values()), abs=1e-5)


def test_a_good_auc_with_a_slope_of_three_quarters_carries_no_claim(shared: Path):
    rows = pd.read_csv(shared / "statistics" / "data" / "student_por.csv", sep=";")
    numbers = ["failures", "absences", "Medu", "age", "studytime", "G3"]
    rows[numbers] = rows[numbers].apply(pd.to_numeric)
    rows = rows.assign(fail=rows["G3"] < 10, odd=np.arange(len(rows)) % 2 == 0)
    factors = ["failures", "absences", "Medu", "age", "sex", "studytime", "school"]
    found = early_warning(rows, "fail", factors, trained_on="odd")
    assert found["auc"]["estimate"] > 0.8 and found["auc"]["p_adjusted"] < 0.001
    assert "ew_calibration_slope" in failed(found) and found.claim is Claim.NOTHING


def test_no_model_that_foretells_a_pupil_has_seen_the_pupils_school_or_cohort(finding: Finding):
    rows = pupils()
    chosen = rows["school"].eq("s04") & rows["school_year"].eq("2023-24")
    others = rows["school"].ne("s04") & rows["school_year"].ne("2023-24")
    matrix = sm.add_constant(rows[["prior", "absent"]].assign(sex=rows["sex"].eq("girl").astype(float)))
    fit = sm.Logit(rows.loc[others, "failed"], matrix[others]).fit(disp=0)
    assert finding.pupils is not None
    assert finding.pupils.loc[chosen, "risk"].to_numpy() == pytest.approx(fit.predict(matrix[chosen]), rel=1e-4)


def test_changing_what_happened_at_a_school_never_changes_its_own_risks(finding: Finding):
    rows = pupils()
    here = rows["school"].eq("s02")
    rows.loc[here, "failed"] = 1 - rows.loc[here, "failed"]
    again = warn(rows)
    assert again.pupils is not None and finding.pupils is not None
    assert np.array_equal(again.pupils.loc[here, "risk"], finding.pupils.loc[here, "risk"])
    assert not np.allclose(again.pupils.loc[~here, "risk"], finding.pupils.loc[~here, "risk"])


def test_nothing_of_a_single_pupil_is_in_anything_that_is_written_or_shown(finding: Finding):
    assert finding.pupils is not None and "canary-00000" in set(finding.pupils["pupil"])
    risks = [f"{risk:.6g}" for risk in finding.pupils["risk"]]
    for shown in (
        repr(finding),
        str(finding),
        finding.to_json(),
        finding.to_frame().to_csv(),
        finding.method,
        str(finding.numbers),
    ):
        assert "canary" not in shown
        assert not [risk for risk in risks if risk in shown]
    tables = " ".join(table.to_csv(float_format="%.6g") for table in finding.tables.values())
    assert "canary" not in tables and not [risk for risk in risks if risk in tables]
    assert Finding.from_json(finding.to_json()).pupils is None


def test_no_figure_rests_on_fewer_than_ten_pupils():
    rows = pupils()
    rows.loc[rows.index[rows["failed"].eq(1)][:4], "home"] = "rare"
    rows.loc[rows.index[rows["failed"].eq(0)][:5], "home"] = "rare"
    found = warn(rows)
    rare = found.estimates[found.estimates["group"].eq("rare")]
    assert len(rare) and rare[["estimate", "lower", "upper", "p"]].isna().all().all()
    table = found.tables["groups"].set_index("group").loc["rare"]
    assert table[["events", "expected", "auc"]].isna().all()
    assert (found.tables["calibration"]["n"] >= 10).all()
    shown = found.tables["thresholds"].dropna(subset="flagged")
    assert (shown["flagged"] * len(rows)).round(6).between(10, len(rows) - 10).all()


def test_errors_per_group_are_those_counted_by_hand(finding: Finding):
    told = finding.pupils
    assert told is not None
    sex = pupils()["sex"]
    for group in ("girl", "boy"):
        missed = told[sex.eq(group) & told["event"].eq(1)]["flagged"].eq(False).mean()
        alarms = told[sex.eq(group) & told["event"].eq(0)]["flagged"].mean()
        rows = finding.estimates[finding.estimates["group"].eq(group)].set_index("term")
        assert rows.loc["missed:sex", "estimate"] == pytest.approx(missed)
        assert rows.loc["false_alarm:sex", "estimate"] == pytest.approx(alarms)
    assert finding.numbers["threshold"] == pytest.approx(pupils()["failed"].mean())


def test_a_group_that_is_missed_more_often_is_told():
    rows = pupils(schools=30, strength=2.5)
    rows["failed"] = np.where(rows["sex"].eq("girl") & rows["prior"].gt(0.3) & (rows.index % 3 == 0), 1.0, rows["failed"])
    found = warn(rows, factors=["prior", "absent"])
    assert "ew_equal_missed" in failed(found)
    assert [check.about for check in found.checks if check.id == "ew_equal_missed" and not check.passed] == ["sex"]


def test_a_good_model_may_say_that_outcomes_differ_by_risk_and_no_more(finding: Finding):
    assert finding.claim is Claim.DIFFERS and finding.design is Claim.DIFFERS
    assert finding["auc"]["null"] == 0.5
    told = finding.claims[finding.estimates["term"].isin(["calibration_slope", "brier", "missed"])]
    assert set(told) == {Claim.NOTHING}


def test_factors_that_foretell_nothing_claim_nothing():
    found = warn(pupils(strength=1.5).assign(prior=np.random.default_rng(9).normal(size=720), absent=0.1 * (np.arange(720) % 7)))
    assert found.claim is Claim.NOTHING and "ew_calibration_slope" in failed(found)


def test_a_cohort_unlike_the_others_is_told_by_observed_to_expected():
    rows = pupils()
    rows.loc[rows["school_year"].ne("2024-25") & (rows.index % 2 == 0), "failed"] = 0
    found = early_warning(
        rows.assign(earlier=rows["school_year"].ne("2024-25")), "failed", FACTORS, trained_on="earlier", threshold=0.2
    )
    assert "ew_observed_to_expected" in failed(found) and found.claim is Claim.NOTHING


def test_a_factor_that_separates_is_a_reason_and_firths_penalty_an_answer():
    rows = pupils()
    rows["certain"] = np.where(rows["failed"].eq(1) & (rows.index % 2 == 0), 1, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = warn(rows, factors=[*FACTORS, "certain"])
        penalised = warn(rows, factors=[*FACTORS, "certain"], penalty="firth")
    assert (found.reason, found.claim) == ("ew_separation", Claim.NOTHING) and found.pupils is None
    assert not penalised.reason and np.isfinite(penalised.tables["coefficients"]["estimate"]).all()
    assert penalised["observed_to_expected"]["estimate"] == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda rows: rows.assign(failed=np.nan), "no_outcome"),
        (lambda rows: rows.assign(failed=1.0), "same_outcome"),
        (lambda rows: rows.assign(failed=0.0), "same_outcome"),
        (lambda rows: rows.assign(prior=2.0), "no_variation"),
        (lambda rows: rows.assign(sex="girl"), "no_variation"),
        (lambda rows: rows.assign(prior=np.nan), "too_few_rows"),
        (lambda rows: rows.assign(absent=rows["prior"] * 3), "terms_coincide"),
        (lambda rows: rows.assign(failed=(rows.index < 6).astype(float)), "ew_few_events"),
        (lambda rows: rows.assign(school="s00", school_year="2024-25"), "ew_no_other_pupils"),
        (lambda rows: rows.assign(sex=np.where(rows["school"].eq("s01") & (rows.index % 2 == 0), "x", "y")), "ew_in_one_place"),
    ],
)
def test_what_cannot_be_answered_says_why(change, reason: str):
    found = warn(change(pupils()))
    assert (found.reason, found.claim, found.pupils is None) == (reason, Claim.NOTHING, True)
    assert all(Texts(language).has(f"reasons.{reason}") for language in LANGUAGES)


def test_one_school_is_foretold_from_other_cohorts_alone():
    found = warn(pupils().assign(school="s00"))
    assert not found.reason and "cross-fitted by school_year (3 models)" in found.method
    assert "ew_schools_allowed_for" in failed(found)


def test_a_school_with_one_pupil_is_no_obstacle():
    rows = pupils()
    rows.loc[0, "school"] = "alone"
    found = warn(rows)
    assert not found.reason and found.pupils is not None and np.isfinite(found.pupils["risk"]).all()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"school": "", "cohort": ""}, "no model has seen"),
        ({"factors": ["prior", "failed"]}, "from itself"),
        ({"factors": ["nothing"]}, "'nothing'"),
        ({"groups": ("kön",)}, "'kön'"),
        ({"event": 7}, "never 7"),
        ({"threshold": 1.0}, "between 0 and 1"),
        ({"penalty": "ridge"}, "firth"),
    ],
)
def test_wrong_use_is_refused_with_what_to_do(wrong: dict, said: str):
    with pytest.raises(ContractError, match=said):
        warn(pupils(), **wrong)


def test_an_outcome_with_more_than_two_values_is_refused_without_telling_them():
    with pytest.raises(ContractError, match="3 values") as refused:
        warn(pupils().assign(failed=lambda rows: rows.index % 3 + 0.7131))
    assert "0.7131" not in str(refused.value)


def test_odd_types_order_index_and_coding_change_nothing(finding: Finding):
    rows = pupils()
    odd = rows.sample(frac=1, random_state=2)
    odd["failed"] = odd["failed"].astype("boolean")
    odd[["sex", "home"]] = odd[["sex", "home"]].astype("category")
    odd["school"] = odd["school"].str[1:].astype("Int64")
    before = odd.copy(deep=True)
    found = warn(odd)
    pd.testing.assert_frame_equal(odd, before)
    pd.testing.assert_frame_equal(found.estimates, finding.estimates, rtol=1e-6)
    assert found.pupils is not None and finding.pupils is not None
    assert np.allclose(found.pupils["risk"].sort_index(), finding.pupils["risk"])
    turned = warn(rows.assign(failed=1 - rows["failed"]), event=0)
    assert turned["auc"]["estimate"] == pytest.approx(finding["auc"]["estimate"])
    written = warn(rows, factors="prior + absent + C(sex)")
    assert written["auc"]["estimate"] == pytest.approx(finding["auc"]["estimate"])


def test_results_per_pupil_keep_the_callers_index_also_when_rows_are_missing():
    rows = pupils().set_index(pd.Index([f"row {one}" for one in range(720)]))
    rows.iloc[[3, 100], rows.columns.get_loc("prior")] = np.nan
    found = warn(rows)
    assert found.pupils is not None and len(found.pupils) == 718
    assert found.pupils["pupil"].equals(rows.loc[found.pupils.index, "pupil"])
    assert found.basis.left_out == {"prior": 2}


def test_many_factors_for_few_events_are_doubted():
    rng = np.random.default_rng(3)
    rows = pupils(schools=10, size=30)
    more = [f"noise_{one}" for one in range(12)]
    rows[more] = rng.normal(size=(300, 12))
    assert "ew_events_per_factor" in failed(warn(rows, factors=[*FACTORS, *more]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_check_has_its_words(finding: Finding, language: str):
    texts = Texts(language)
    assert all(texts.has(f"checks.{check.id}.asks") for check in finding.checks)
    assert all(texts.has(f"cannot_tell.{name}") for name in finding.cannot_tell)


@pytest.mark.parametrize("home", ["small_home", "small_norwegian_home"])
def test_the_municipalitys_risks_are_told_without_any_pupil(home: str, request: pytest.FixtureRequest):
    where = request.getfixturevalue(home)
    town = MunicipalRows(dict(Store(where.private)), where.municipality())
    for one in of_municipality(town):
        text = one.to_json() + repr(one)
        assert not [pupil for pupil in town.leavers["pupil"] if pupil in text]
        assert one.claim <= Claim.DIFFERS


def test_of_many_schools_some_are_left_out_together_and_still_none_is_seen_by_its_own_model():
    rows = pupils(schools=90, size=12)
    found = warn(rows, cohort="")
    assert found.numbers["models"] == 40
    here = rows["school"].eq("s77")
    turned = rows.assign(failed=np.where(here, 1 - rows["failed"], rows["failed"]))
    again = warn(turned, cohort="")
    assert again.pupils is not None and found.pupils is not None
    assert np.array_equal(again.pupils.loc[here, "risk"], found.pupils.loc[here, "risk"])


def test_what_says_whom_to_learn_from_must_be_yes_or_no():
    with pytest.raises(ContractError, match="true or false"):
        warn(pupils().assign(train="no"), trained_on="train")
