"""What a funnel says of units, refuses and leaves unsaid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.analyses.funnel import funnel, of_municipality
from kvalitet_lib.analyses.municipal_rows import MunicipalRows
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics import wilson
from kvalitet_lib.store import Store
from kvalitet_lib.texts import LANGUAGES, Texts
from tests.statistics.reference import answers


def schools(units: int = 40, share: float = 0.8, spread: float = 0.0, seed: int = 1) -> pd.DataFrame:
    """One row is one school; ``spread`` is a standard deviation on the arcsine scale."""
    rng = np.random.default_rng(seed)
    n = rng.integers(20, 150, units)
    truth = np.sin(np.clip(np.arcsin(np.sqrt(share)) + spread * rng.normal(size=units), 0, np.pi / 2)) ** 2
    reached = rng.binomial(n, truth)
    return pd.DataFrame({"school": [f"s{one:02}" for one in range(units)], "n": n, "reached": reached})


def failed(finding: Finding) -> set[str]:
    return {check.id for check in finding.checks if check.passed is False}


def test_every_number_of_the_reference_case_is_in_the_finding(shared: Path):
    said = answers(shared, "funnel")
    rows = pd.read_csv(shared / "statistics" / "data" / "funnel_schools.csv")
    found = funnel(rows, numerator="prof", denominator="n")
    assert found.basis.schools == found.numbers["tests"] == said["k"]
    assert found.numbers["target"] == found["target"]["estimate"] == pytest.approx(said["target"], abs=1e-9)
    assert found.numbers["phi"] == pytest.approx(said["phi"], abs=1e-6)
    assert found.numbers["tau2"] == pytest.approx(said["tau2"], abs=1e-8)
    theirs = pd.read_csv(shared / "statistics" / Path(said["limits and outlier flags per school"]))
    ours = found.tables["schools"].set_index("school")
    theirs = theirs.assign(group=theirs["group"].astype(str)).set_index("group").loc[ours.index]
    for our, their in {"95": "OD95", "99_8": "OD99"}.items():
        assert ours[f"lower_{our}"].to_numpy() == pytest.approx(theirs[f"{their}LCL"], abs=1e-6)
        assert ours[f"upper_{our}"].to_numpy() == pytest.approx(theirs[f"{their}UCL"], abs=1e-6)
        chance = their.removeprefix("OD")
        assert ours[f"chance_lower_{our}"].to_numpy() == pytest.approx(theirs[f"LCL{chance}"], abs=1e-6)
    assert ours["outside_99_8"].ne("").astype(int).tolist() == theirs["outlier"].tolist()
    assert found.numbers["outside_99_8"] == said["n_outliers_adjusted"]
    assert (found.numbers["outside_chance_95"], found.numbers["outside_chance_99_8"]) == (41, 21)
    assert (found.numbers["outside_95"], found.numbers["outside_99_8"]) == (4, 1)


def test_the_finding_says_which_limits_are_drawn():
    rows = schools(spread=0.15)
    for way, word in {"additive": "additive", "multiplicative": "phi", "none": "chance alone"}.items():
        found = funnel(rows, numerator="reached", denominator="n", overdispersion=way)
        assert found.about["limits"] == way and word in found.method and "95 %, 99.8 %" in found.method


def test_each_school_is_told_with_its_own_interval_and_its_p_corrected_for_all():
    rows = schools()
    found = funnel(rows, numerator="reached", denominator="n")
    own = found.estimates[found.estimates["term"].eq("school")]
    lower, upper = wilson(rows["reached"], rows["n"])
    assert own["group"].tolist() == rows["school"].tolist()
    assert np.array_equal(own[["lower", "upper"]], np.column_stack([lower, upper]))
    assert (own["p_adjusted"] >= own["p"]).all() and own["null"].eq(found.numbers["target"]).all()
    assert found.numbers["outside_by_chance_95"] == pytest.approx(2.0)


def test_a_school_far_out_is_claimed_and_its_neighbours_are_not():
    rows = schools(seed=3)
    rows.loc[7, "reached"] = int(rows.loc[7, "n"] * 0.2)
    found = funnel(rows, numerator="reached", denominator="n")
    told = found.to_frame().query("claim != 'nothing'")
    assert told["group"].tolist() == ["s07"] and told["claim"].tolist() == ["differs"]
    assert found.tables["schools"].set_index("school").loc["s07", "outside_99_8"] == "below"


def test_limits_of_chance_alone_claim_nothing_where_schools_scatter_more():
    found = funnel(schools(spread=0.2), numerator="reached", denominator="n", overdispersion="none")
    assert found.estimates["p_adjusted"].lt(0.05).any()
    assert "funnel_spread_allowed" in failed(found) and found.claim is Claim.NOTHING


def test_whether_it_is_adjusted_for_risk_is_for_the_caller_to_say():
    rows = schools()
    assert "funnel_risk_adjusted" in failed(funnel(rows, numerator="reached", denominator="n"))
    assert "funnel_risk_adjusted" not in failed(funnel(rows, numerator="reached", denominator="n", risk_adjusted=True))


def test_single_pupils_and_counts_of_them_give_the_same_funnel():
    rows = schools(12)
    reached = [one for n, count in zip(rows["n"], rows["reached"], strict=True) for one in [1.0] * count + [0.0] * (n - count)]
    pupils = pd.DataFrame({"school": np.repeat(rows["school"], rows["n"]), "reached": reached})
    by_pupil, by_school = funnel(pupils, numerator="reached"), funnel(rows, numerator="reached", denominator="n")
    pd.testing.assert_frame_equal(by_pupil.tables["schools"], by_school.tables["schools"])


def test_means_of_pupils_have_the_pooled_spread():
    rng = np.random.default_rng(2)
    pupils = pd.DataFrame({"school": np.repeat([f"s{one}" for one in range(9)], 25), "points": rng.normal(220, 50, 225)})
    found = funnel(pupils, mean="points", overdispersion="none")
    told = pupils.groupby("school")["points"].agg(["mean", "std", "size"]).reset_index()
    again = funnel(told, mean="mean", standard_deviation="std", n="size", overdispersion="none")
    pooled = np.sqrt((told["std"] ** 2).mean() / 25)
    assert found.tables["schools"]["error"].to_numpy() == pytest.approx(np.full(9, pooled))
    assert again.tables["schools"]["lower_95"].to_numpy() == pytest.approx(found.tables["schools"]["lower_95"])
    assert found["target"]["estimate"] == pytest.approx(pupils["points"].mean())
    assert "exact_lower_95" not in found.tables["schools"]


def test_means_with_standard_errors_need_no_number_of_persons():
    rows = pd.DataFrame({"unit": list("abcde"), "value": [1.0, 1.2, 0.9, 1.1, 5.0], "se": [0.1, 0.2, 0.1, 0.1, 0.3]})
    found = funnel(rows, mean="value", standard_error="se", unit="unit", target=1.0, winsorise=0.2)
    assert found["target"]["estimate"] == 1.0 and found.basis.pupils is None
    assert (found.tables["limits"].query("kind == 'drawn'")["upper"] > 1).all()


def test_exact_limits_in_the_table_are_the_binomial_ones():
    found = funnel(schools(), numerator="reached", denominator="n")
    lines = found.tables["limits"].query("kind == 'exact' and level == 0.95")
    assert (lines["n"] % 1 == 0).all() and ((lines["lower"] * lines["n"]).round(9) % 1 == 0).all()


def test_odd_types_order_and_index_change_nothing():
    rows = schools(15)
    odd = rows.sample(frac=1, random_state=1).astype({"n": "Int64", "reached": "Float64", "school": "category"})
    odd.index = pd.Index(np.zeros(len(odd)))
    before = odd.copy(deep=True)
    plain, found = (funnel(one, numerator="reached", denominator="n") for one in (rows, odd))
    pd.testing.assert_frame_equal(plain.estimates, found.estimates)
    pd.testing.assert_frame_equal(odd, before)
    numbered = funnel(rows.assign(school=range(15)), numerator="reached", denominator="n")
    assert sorted(numbered.estimates["p"].dropna()) == pytest.approx(sorted(plain.estimates["p"].dropna()))


def test_missing_rows_and_schools_of_nobody_are_left_out_and_counted():
    rows = schools(10)
    rows["reached"] = rows["reached"].astype(float)
    rows.loc[0, "reached"], rows.loc[1, ["n", "reached"]] = np.nan, 0
    found = funnel(rows, numerator="reached", denominator="n")
    assert found.basis.schools == 8 and found.basis.left_out == {"reached": 1}
    assert found.basis.missing == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (schools(2), "too_few_schools"),
        (schools(10).assign(reached=lambda one: one["n"]), "same_outcome"),
        (schools(10).assign(reached=0), "same_outcome"),
        (schools(10).assign(reached=np.nan), "no_outcome"),
        (schools(10).assign(n=0, reached=0), "too_few_schools"),
    ],
)
def test_what_cannot_be_answered_says_why(rows: pd.DataFrame, reason: str):
    found = funnel(rows, numerator="reached", denominator="n")
    assert (found.reason, found.claim) == (reason, Claim.NOTHING)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "either a share"),
        ({"numerator": "reached", "mean": "n"}, "either a share"),
        ({"numerator": "reached", "n": "n"}, "numerator and a denominator"),
        ({"mean": "reached", "standard_deviation": "n"}, "n='…'"),
        ({"numerator": "n", "denominator": "reached"}, "rows have a numerator"),
        ({"numerator": "reached", "denominator": "antal"}, "'antal'"),
        ({"numerator": "school"}, "no numbers"),
        ({"numerator": "reached", "denominator": "n", "transform": "logit"}, "arcsine"),
        ({"numerator": "reached", "denominator": "n", "overdispersion": "some"}, "additive"),
        ({"numerator": "reached", "denominator": "n", "winsorise": 0.5}, "winsorise"),
        ({"numerator": "reached", "denominator": "n", "limits": (0.998, 0.95)}, "rising"),
        ({"numerator": "reached", "denominator": "n", "target": 1.0}, "between 0 and 1"),
    ],
)
def test_wrong_use_is_refused_with_what_to_do(wrong: dict, said: str):
    with pytest.raises(ContractError, match=said):
        funnel(schools(), **wrong)


def test_a_school_with_two_means_is_asked_to_be_one_year():
    rows = pd.DataFrame({"school": ["a", "a", "b"], "value": [1.0, 2, 3], "se": [1.0, 1, 1]})
    with pytest.raises(ContractError, match="one school year"):
        funnel(rows, mean="value", standard_error="se")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_check_has_its_words(language: str):
    texts, found = Texts(language), funnel(schools(), numerator="reached", denominator="n")
    assert all(texts.has(f"checks.{check.id}.asks") for check in found.checks)
    assert all(texts.has(f"cannot_tell.{name}") for name in found.cannot_tell)
    assert {"funnel_rank", "funnel_intake"} <= set(found.cannot_tell)


@pytest.mark.parametrize("home", ["small_home", "small_norwegian_home"])
def test_the_municipalitys_funnels_say_their_limits_and_whether_they_are_adjusted(home: str, request: pytest.FixtureRequest):
    where = request.getfixturevalue(home)
    found = of_municipality(MunicipalRows(dict(Store(where.private)), where.municipality()))
    assert len(found) >= 2
    assert all(one.reason or one.about["limits"] == "additive" for one in found)
    assert all(("adjusted" in one.about) != ("funnel_risk_adjusted" in failed(one)) for one in found if not one.reason)
