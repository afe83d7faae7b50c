"""What a finding about a gap holds, refuses and leaves unsaid."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.analyses.group_gap import group_gap, of_municipality
from kvalitet_lib.analyses.municipal_rows import MunicipalRows
from kvalitet_lib.errors import ContractError
from kvalitet_lib.store import Store
from kvalitet_lib.texts import LANGUAGES, Texts
from tests.statistics.reference import answers

COLUMNS = ["age", "female", "LTHS", "some.college", "college", "advanced.degree"]


def pupils(schools: int = 12, size: int = 30, seed: int = 1, gap: float = 1.0) -> pd.DataFrame:
    """One row is one pupil; girls lie ``gap`` ahead, half of it with ``prior``."""
    rng = np.random.default_rng(seed)
    n = schools * size
    girl = rng.random(n) < 0.5
    prior = rng.normal(size=n) + gap / 2 * girl
    education = rng.integers(-1, 2, n)
    return pd.DataFrame(
        {
            "pupil": [f"e{one:04}" for one in range(n)],
            "school": np.repeat([f"s{one:02}" for one in range(schools)], size),
            "school_year": rng.choice(["2022-23", "2023-24", "2024-25"], n),
            "sex": np.where(girl, "girl", "boy"),
            "prior": prior,
            "kind": rng.choice(["a", "b", "c"], n),
            "education": education.astype(float),
            "points": 10 + prior + gap / 2 * girl + 0.3 * education + rng.normal(size=n),
        }
    )


def gap_of(rows: pd.DataFrame, **more) -> Finding:
    asked = {"of": ("girl", "boy"), "school": "school", "school_year": "school_year", "pupil": "pupil", "draws": 200} | more
    return group_gap(rows, "points", "sex", **asked)


@pytest.fixture(scope="module")
def finding() -> Finding:
    return gap_of(pupils(), explained_by=["prior", "kind"], gradient="education")


def test_every_number_of_the_reference_case_is_in_the_finding(shared: Path):
    rows = pd.read_csv(shared / "statistics" / "data" / "oaxaca_chicago.csv")
    rows["wage"] = np.exp(rows["ln.real.wage"])
    found = group_gap(rows, "wage", "foreign.born", explained_by=COLUMNS, draws=50)
    said = answers(shared, "oaxaca_chicago")
    for name in ("endowments", "coefficients", "interaction"):
        assert found[name]["estimate"] == pytest.approx(said[f"threefold coef({name})"], abs=1e-6)
    (twofold,) = (value for name, value in said.items() if name.startswith("twofold"))
    names = dict(zip([1, 0, 0.5, -1, -2], ["A", "B", "reimers", "neumark", "pooled"], strict=True))
    table = found.tables["references"].set_index("reference")
    for one in twofold:
        row = table.loc[names.get(one["group.weight"], "cotton")]
        assert row["explained"] == pytest.approx(one["coef(explained)"], abs=1e-6)
        assert row["unexplained"] == pytest.approx(one["coef(unexplained)"], abs=1e-6)
        assert row["unexplained_a"] == pytest.approx(one["coef(unexplained A)"], abs=1e-6)
    assert table.loc["cotton", "weight_of_a"] == pytest.approx(0.4309309309309, abs=1e-12)
    means = found.estimates[found.estimates["term"].eq("mean")]["estimate"]
    assert means.tolist() == pytest.approx([said["means"]["y.A"], said["means"]["y.B"]], abs=1e-7)
    assert found["gap"]["estimate"] == pytest.approx(said["means"]["y.diff"], abs=1e-7)


@pytest.mark.parametrize("reference", ["A", "B", "cotton", "reimers", "neumark", "pooled"])
def test_the_reference_asked_for_is_the_one_shown_and_said(reference: str):
    found = gap_of(pupils(), explained_by=["prior"], reference=reference)
    row = found.tables["references"].set_index("reference").loc[reference]
    assert found["explained"]["estimate"] == row["explained"] and found["explained"]["group"] == reference
    assert f"reference: {reference}" in found.method
    assert found["explained"]["estimate"] + found["unexplained"]["estimate"] == pytest.approx(found["gap"]["estimate"])


@pytest.mark.parametrize("wrong", ["nuemark", "Neumark", "two", ""])
def test_a_reference_that_does_not_exist_is_refused_rather_than_guessed(wrong: str):
    with pytest.raises(ContractError, match="neumark"):
        gap_of(pupils(), explained_by=["prior"], reference=wrong)


def test_the_strongest_claim_is_that_groups_differ(finding: Finding):
    assert finding["gap"]["p_adjusted"] < 1e-3
    assert finding.claim is Claim.DIFFERS
    assert "gap_discrimination" in finding.cannot_tell


def test_a_formula_and_named_columns_give_the_same_division():
    rows = pupils()
    named, written = (gap_of(rows, explained_by=factors) for factors in (["prior", "kind"], "prior + C(kind)"))
    assert named.tables["references"]["explained"].tolist() == pytest.approx(written.tables["references"]["explained"].tolist())


def test_terms_add_up_to_the_parts_with_and_without_baselines():
    rows = pupils()
    for baselines in (False, True):
        found = gap_of(rows, explained_by=["prior", "kind"], baselines=baselines)
        terms = found.tables["terms"]
        assert {"kind=b", "kind=c"} <= set(terms["term"]) and ("kind=a" in set(terms["term"])) == baselines
        for name in ("endowments", "coefficients", "interaction", "explained", "unexplained"):
            assert terms[name].sum() == pytest.approx(found[name]["estimate"])


def test_between_and_within_schools_add_up_to_the_gap(finding: Finding):
    parts = finding["between_schools"]["estimate"] + finding["within_schools"]["estimate"]
    assert parts == pytest.approx(finding["gap"]["estimate"])
    assert finding.numbers["share_between_schools"] == pytest.approx(
        finding["between_schools"]["estimate"] / finding["gap"]["estimate"]
    )


def test_a_gap_that_chance_may_have_made_has_no_share_between_schools():
    found = gap_of(pupils(gap=0.0))
    assert found.claim is Claim.NOTHING
    assert np.isnan(found.numbers["share_between_schools"])


def test_segregation_stands_beside_what_random_allocation_gives(finding: Finding):
    rows = finding.tables["segregation"]
    assert set(rows["school_year"]) == {"", "2022-23", "2023-24", "2024-25"}
    assert rows["estimate"].between(rows["chance_lower"], rows["chance_upper"]).mean() > 0.7
    assert finding["dissimilarity"]["null"] == rows["expected"].iloc[0] > 0.05


def test_the_gap_of_each_school_year_and_its_change_are_told(finding: Finding):
    years = finding.tables["school_years"]
    assert years["school_year"].tolist() == ["2022-23", "2023-24", "2024-25"]
    slope = np.polyfit([0, 1, 2], years["gap"], 1)[0]
    assert finding["gap_change"]["estimate"] == pytest.approx(slope)
    assert (years["n_a"] + years["n_b"]).sum() == 360


def test_a_year_left_out_counts_as_two_steps():
    rows = pupils().query("school_year != '2023-24'")
    more = pupils(seed=9).assign(school_year="2020-21")
    found = gap_of(pd.concat([rows, more]))
    years = found.tables["school_years"]
    assert found["gap_change"]["estimate"] == pytest.approx(np.polyfit([0, 2, 4], years["gap"], 1)[0])


def test_each_schools_gradient_is_drawn_towards_the_mean(finding: Finding):
    schools = finding.tables["schools"]
    mean = finding["gradient"]["estimate"]
    assert mean == pytest.approx(0.3, abs=0.25)
    assert ((schools["shrunken"] - mean).abs() <= (schools["slope"] - mean).abs() + 1e-12).all()
    assert (schools["shrunken_upper"] - schools["shrunken_lower"] < schools["upper"] - schools["lower"]).all()


@pytest.mark.parametrize(
    ("kind", "values", "of"),
    [
        ("numbers", [1, 0], (1, 0)),
        ("floats", [1.0, 0.0], (1, 0)),
        ("booleans", [True, False], (True, False)),
        ("text that says numbers", ["1", "0"], (1, 0)),
    ],
)
def test_groups_of_any_type_are_the_same_groups(kind: str, values: list, of: tuple):
    rows = pupils()
    plain = gap_of(rows)["gap"]["estimate"]
    coded = rows.assign(sex=[values[0] if one == "girl" else values[1] for one in rows["sex"]])
    assert gap_of(coded, of=of)["gap"]["estimate"] == pytest.approx(plain), kind
    assert group_gap(coded, "points", "sex", draws=50)["gap"]["estimate"] == pytest.approx(-plain), "without of, 0 is A"


def test_odd_types_order_and_index_change_nothing():
    rows = pupils()
    odd = rows.sample(frac=1, random_state=3)
    odd.index = pd.Index(np.arange(len(odd)) // 2, name="twice")
    odd["school"] = odd["school"].astype("category").cat.add_categories(["s99"])
    odd["sex"] = odd["sex"].astype("category")
    odd["kind"] = odd["kind"].astype("category").cat.add_categories(["z"])
    odd["education"] = odd["education"].astype("Int64")
    before = odd.copy(deep=True)
    plain, found = (gap_of(one, explained_by=["prior", "kind"], gradient="education") for one in (rows, odd))
    pd.testing.assert_frame_equal(plain.estimates, found.estimates, rtol=1e-6)
    pd.testing.assert_frame_equal(odd, before)


def test_missing_values_are_counted_where_they_count():
    rows = pupils()
    rows.loc[:35, "points"] = np.nan
    rows.loc[100:135, "prior"] = np.nan
    rows.loc[200, "sex"] = None
    found = gap_of(rows, explained_by=["prior"])
    assert found.basis.left_out == {"points": 36, "sex": 1}
    assert found.basis.missing == pytest.approx(37 / 360)
    assert (found["gap"]["n"], found["gap_divided"]["n"]) == (323, 287)
    assert found["endowments"]["missing"] == pytest.approx(36 / 323)
    assert {check.id: check.passed for check in found.checks}["gap_factors_known"] is True


def test_pupils_of_other_groups_are_left_out_and_not_called_missing():
    rows = pupils()
    found = group_gap(rows, "points", "kind", of=("a", "c"), draws=50)
    assert found.basis.left_out == {"gap_other_group": int(rows["kind"].eq("b").sum())} and found.basis.missing == 0


def test_a_category_found_in_one_group_only_is_a_clear_reason():
    rows = pupils()
    rows["club"] = np.where(rows["sex"].eq("girl"), "none", rows["kind"])
    found = gap_of(rows, explained_by=["prior", "club"])
    assert found.reason == "gap_in_one_group_only" and "club=" in found.about["terms"]
    assert found.claim is Claim.NOTHING and found.estimates.empty


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda rows: rows.assign(points=np.nan), "no_outcome"),
        (lambda rows: rows.assign(points=7.0), "same_outcome"),
        (lambda rows: rows[rows["sex"].eq("girl") | rows.index.isin(rows.index[rows["sex"].eq("boy")][:1])], "too_few_rows"),
        (lambda rows: rows.assign(prior=1.0), "no_variation"),
        (lambda rows: rows.assign(kind="a"), "no_variation"),
        (lambda rows: rows.assign(again=rows["prior"] * 2), "terms_coincide"),
        (lambda rows: rows.groupby("sex").head(3), "too_few_rows"),
        (lambda rows: rows.assign(prior=np.nan), "too_few_rows"),
    ],
)
def test_what_cannot_be_answered_says_why(change, reason: str):
    rows = change(pupils())
    factors = [name for name in ("prior", "kind", "again") if name in rows]
    found = gap_of(rows, explained_by=factors)
    assert (found.reason, found.claim) == (reason, Claim.NOTHING)
    assert all(Texts(language).has(f"reasons.{reason}") for language in LANGUAGES)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"of": ("girl", "grl")}, "no row has 'grl'"),
        ({"of": ("girl", "girl")}, "two different groups"),
        ({"of": None, "outcome": "points", "group": "kind"}, "has 3"),
        ({"explained_by": ["nothing"]}, "'nothing'"),
        ({"explained_by": ["sex"]}, "itself"),
        ({"explained_by": "prior - 1"}, "constant"),
        ({"explained_by": "prior +* 2"}, "formula"),
        ({"outcome": "kind"}, "no numbers"),
        ({"gradient": "education", "school": ""}, "school="),
        ({"school": "skola"}, "'skola'"),
        ({"draws": 3}, "at least 50"),
    ],
)
def test_wrong_use_is_refused_with_what_to_do(wrong: dict, said: str):
    asked = {"outcome": "points", "group": "sex", "of": ("girl", "boy"), "school": "school"} | wrong
    with pytest.raises(ContractError, match=said):
        group_gap(pupils(), **asked)


def test_no_value_of_a_pupil_stands_in_an_error():
    rows = pupils().assign(sex="canary-2741")
    with pytest.raises(ContractError) as refused:
        group_gap(rows, "points", "sex")
    assert "canary" not in str(refused.value)


def test_few_in_a_group_leave_nothing_to_claim():
    rows = pupils(gap=3.0)
    few = pd.concat([rows[rows["sex"].eq("girl")].head(9), rows[rows["sex"].eq("boy")]])
    found = gap_of(few, school="")
    assert found["gap"]["p"] < 0.01 and found.claim is Claim.NOTHING
    assert {check.id for check in found.checks if check.passed is False} >= {"gap_enough_in_group"}


def test_with_too_few_schools_pupils_are_drawn_and_the_doubt_is_told():
    found = gap_of(pupils(schools=3))
    assert "bootstrap of 90 rows" in found.method
    assert {check.id for check in found.checks if check.passed is False} >= {"enough_schools", "gap_schools_drawn"}


def test_a_factor_too_rare_in_one_group_leaves_no_interval_and_a_failed_check():
    rows = pupils()
    rare = np.zeros(len(rows))
    boys = rows.index[rows["sex"].eq("boy") & rows["school"].eq("s03")][:2]
    rare[boys] = 1
    rare[rows.index[rows["sex"].eq("girl")][::5]] = 1
    found = gap_of(rows.assign(rare=rare), explained_by=["prior", "rare"])
    assert np.isnan(found["coefficients"]["standard_error"]) and np.isfinite(found["gap"]["standard_error"])
    assert "gap_draws_answered" in {check.id for check in found.checks if check.passed is False}


def test_groups_far_apart_and_references_that_disagree_are_doubted():
    rows = pupils(gap=5.0)
    rows["points"] += np.where(rows["sex"].eq("girl"), 3, 0) * rows["prior"]
    found = gap_of(rows, explained_by=["prior"])
    assert {"gap_common_ground", "gap_reference"} <= {check.id for check in found.checks if check.passed is False}


def test_a_finding_survives_being_written_and_tells_no_pupil(finding: Finding):
    text = finding.to_json()
    again = Finding.from_json(text)
    pd.testing.assert_frame_equal(again.estimates, finding.estimates)
    assert set(json.loads(text)["tables"]) == {"references", "terms", "coefficients", "school_years", "segregation", "schools"}
    assert "e00" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_check_and_limit_has_its_words(finding: Finding, language: str):
    texts = Texts(language)
    assert all(texts.has(f"checks.{check.id}.asks") for check in finding.checks)
    assert all(texts.has(f"cannot_tell.{name}") for name in finding.cannot_tell)


@pytest.mark.parametrize("home", ["small_home", "small_norwegian_home"])
def test_the_municipalitys_own_gaps_are_told_with_their_doubts(home: str, request: pytest.FixtureRequest):
    where = request.getfixturevalue(home)
    found = of_municipality(MunicipalRows(dict(Store(where.private)), where.municipality()))
    assert {one.about["breakdown"] for one in found} >= {"sex", "parents_education"}
    assert all(one.reason or np.isfinite(one["gap"]["estimate"]) for one in found)
    assert all(one.claim <= Claim.DIFFERS for one in found)
