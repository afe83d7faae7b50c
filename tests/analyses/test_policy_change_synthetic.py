"""What treated schools would have done without the measure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.analyses.policy_change_synthetic import synthetic
from kvalitet_lib.errors import ContractError
from tests.statistics.reference import answers

METHODS = ("synthetic_control", "synthetic_did", "did")
YEARS = [f"{year}-{(year + 1) % 100:02d}" for year in range(2010, 2022)]


def schools(effect: float = 0.0, donors: int = 24, treated: int = 1, seed: int = 1, starts: int = 8) -> pd.DataFrame:
    """Schools whose years share two common courses; the last ``treated`` gain ``effect`` from the ninth year on."""
    rng = np.random.default_rng(seed)
    n = donors + treated
    share = rng.dirichlet(np.ones(3), n)
    share[donors:] = share[:3].mean(axis=0)
    courses = np.cumsum(rng.normal(0, 3, (3, len(YEARS))), axis=1) + 200
    value = share @ courses + rng.normal(0, 0.7, (n, len(YEARS)))
    value[donors:, starts:] += effect
    rows = pd.DataFrame(value, columns=YEARS).assign(school=[f"school {place:02d}" for place in range(n)])
    rows = rows.melt("school", var_name="school_year", value_name="points")
    had = rows["school"].isin([f"school {place:02d}" for place in range(donors, n)])
    return rows.assign(measure=(had & rows["school_year"].ge(YEARS[starts])).astype(int))


def of(rows: pd.DataFrame, **more) -> Finding:
    named = {"unit": "school", "time": "school_year", "treated": "measure"} | more
    return synthetic(rows, "points", **named)


def passed(finding: Finding, check: str) -> bool | None:
    (found,) = (one for one in finding.checks if one.id == check)
    return found.passed


@pytest.fixture
def prop99(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "statistics" / "data" / "prop99_synthdid.csv")


@pytest.mark.parametrize(("method", "name"), [("synthetic_did", "sdid"), ("synthetic_control", "sc"), ("did", "did")])
def test_proposition_99_comes_out_as_in_synthdid(shared, prop99, method, name):
    told = answers(shared, "prop99")
    finding = synthetic(prop99, "PacksPerCapita", unit="State", time="Year", treated="treated", method=method)
    assert finding["effect"]["estimate"] == pytest.approx(told[name], abs=0.001)
    assert finding.numbers["effect_exact"] == pytest.approx(told[name], abs=0.15)
    if method == "synthetic_did":
        assert finding["effect"]["standard_error"] == pytest.approx(told["placebo SE of SDID (random)"], rel=0.25)
    if method == "synthetic_control":
        weights = finding.tables["unit_weights"].set_index("unit")["weight"]
        assert {state: weights[state] for state in told["SC weights"]} == pytest.approx(told["SC weights"], abs=0.005)


@pytest.mark.parametrize("method", METHODS[:2])
def test_a_planted_effect_is_found_and_suggested(method):
    finding = of(schools(effect=6.0), method=method)
    row = finding["effect"]
    assert row["lower"] < 6 < row["upper"] and row["lower"] > 0
    assert row["p"] == pytest.approx(1 / 25)
    assert finding.claim is Claim.SUGGESTS_EFFECT


def test_the_measure_may_be_named_in_four_ways():
    rows = schools(effect=6.0).assign(begun=lambda frame: np.where(frame["school"].eq("school 24"), YEARS[8], None))
    told = [
        of(rows),
        of(rows, treated="school 24", treated_from=YEARS[8]),
        of(rows, treated=["school 24"], treated_from={"school 24": YEARS[8]}),
        of(rows, treated=None, treated_from={"school 24": YEARS[8]}),
        of(rows, treated=None, treated_from="begun"),
    ]
    assert {one["effect"]["estimate"] for one in told} == {told[0]["effect"]["estimate"]}


def test_order_index_and_kinds_of_columns_do_not_matter():
    rows = schools(effect=3.0)
    plain = of(rows, method="synthetic_did")["effect"]["estimate"]
    number = rows["school"].str[-2:].astype(int)
    for odd in (
        rows.sample(frac=1, random_state=3).set_index(np.arange(len(rows)) * 3),
        rows.astype({"school": "category", "school_year": "category", "points": "Float64", "measure": "boolean"}),
        rows.assign(school=number),
        rows.assign(school_year=rows["school_year"].str[:4].astype("Int64")),
    ):
        assert of(odd, method="synthetic_did")["effect"]["estimate"] == pytest.approx(plain)


def test_the_frame_handed_in_is_left_alone():
    rows = schools()
    before = rows.copy(deep=True)
    of(rows)
    pd.testing.assert_frame_equal(rows, before)


def test_schools_that_began_at_different_times_are_averaged_by_how_much_was_seen_of_them():
    rows = schools(effect=6.0, treated=3)
    starts = {"school 24": YEARS[6], "school 25": YEARS[6], "school 26": YEARS[9]}
    finding = of(rows, treated=None, treated_from=starts, method="synthetic_did", seed=3)
    whole, early, late = finding.estimates["estimate"]
    assert finding.estimates["group"].tolist() == ["all", YEARS[6], YEARS[9]]
    assert whole == pytest.approx((2 * 6 * early + 1 * 3 * late) / 15)
    assert len(finding.tables["placebos"]) == 400
    assert finding.tables["unit_weights"].groupby("starts")["weight"].sum().tolist() == pytest.approx([1, 1])


def test_several_treated_can_be_judged_by_leaving_one_out():
    rows = schools(effect=6.0, treated=4)
    finding = of(rows, method="synthetic_did", inference="jackknife")
    row = finding["effect"]
    assert row["lower"] < 6 < row["upper"] and row["p"] < 0.01
    with pytest.raises(ContractError, match="two or more treated"):
        of(schools(), inference="jackknife")


def test_treated_beyond_every_donor_cannot_be_made_up_of_them():
    rows = schools(effect=6.0)
    rows.loc[rows["school"].eq("school 24"), "points"] += 60
    level, parallel = of(rows), of(rows, method="synthetic_did")
    assert passed(level, "synthetic_inside_donors") is False and passed(level, "synthetic_fits") is False
    assert level.claim <= Claim.DIFFERS
    assert {check.caps for check in level.checks if check.id in ("synthetic_inside_donors", "synthetic_fits")} == {Claim.DIFFERS}
    assert passed(parallel, "synthetic_inside_donors") is True
    assert parallel["effect"]["estimate"] == pytest.approx(6, abs=2)


def test_with_few_donors_no_effect_is_large_enough():
    finding = of(schools(effect=500.0, donors=12))
    assert passed(finding, "synthetic_enough_donors") is False
    assert finding["effect"]["p"] == pytest.approx(1 / 13)
    assert finding.claim is Claim.NOTHING


def test_one_donor_that_carries_all_is_told():
    rows = schools(effect=6.0)
    twin = rows[rows["school"].eq("school 03")].set_index("school_year")["points"]
    mine = rows["school"].eq("school 24")
    before = mine & rows["school_year"].lt(YEARS[8])
    rows.loc[before, "points"] = rows.loc[before, "school_year"].map(twin)
    finding = of(rows, exact=True)
    weights = finding.tables["unit_weights"].set_index("unit")["weight"]
    assert weights.idxmax() == "school 03" and weights.max() > 0.99
    assert passed(finding, "synthetic_several_donors") is False and finding.claim <= Claim.GOES_WITH


def test_an_effect_that_was_there_before_its_time_is_suspected():
    rows = schools(effect=6.0)
    early = rows["school"].eq("school 24") & rows["school_year"].between(YEARS[5], YEARS[7])
    rows.loc[early, "points"] += 8
    assert passed(of(rows, method="did"), "synthetic_no_early_effect") is False
    assert passed(of(schools(effect=6.0), method="did"), "synthetic_no_early_effect") is True


def test_what_each_placebo_and_each_left_out_donor_says_is_shown():
    finding = of(schools(effect=6.0))
    placebos, without = finding.tables["placebos"], finding.tables["without"]
    assert len(placebos) == 24 and set(placebos["units"]) == {f"school {place:02d}" for place in range(24)}
    weights = finding.tables["unit_weights"].set_index("unit")["weight"]
    assert set(without["unit"]) == set(weights.index[weights >= 0.01])
    gaps = finding.tables["gaps"]
    assert gaps.loc[gaps["after"], "gap"].mean() == pytest.approx(finding["effect"]["estimate"])
    assert (gaps["treated"] - gaps["synthetic"]).to_numpy() == pytest.approx(gaps["gap"].to_numpy())


def test_predictors_choose_the_donors_and_their_importances_are_the_readers():
    rows = schools(effect=6.0)
    kind = rows["school"].str[-2:].astype(int)
    rows["intake"] = np.where(kind.isin([0, 1, 24]), 10.0, 0.0) + kind * 1e-6
    rows["size"] = kind.where(kind < 24, 0.5).astype(float)
    finding = of(rows, predictors=("intake", "size"))
    weights = finding.tables["unit_weights"].set_index("unit")["weight"]
    assert weights["school 00"] + weights["school 01"] == pytest.approx(1, abs=0.01)
    # Very different importances, the same donors and the same fit before: only those are to be judged.
    others = [of(rows, predictors={"intake": one, "size": 1.0}) for one in (0.5, 50.0)]
    assert others[0].numbers["misfit"] == pytest.approx(others[1].numbers["misfit"], abs=0.05)


def test_schools_with_a_year_missing_are_left_out_and_counted():
    rows = schools(effect=6.0)
    rows.loc[rows["school"].eq("school 05") & rows["school_year"].eq(YEARS[2]), "points"] = np.nan
    finding = of(rows)
    assert finding.basis.left_out == {"points": 1, "synthetic_incomplete": 11}
    assert "school 05" not in set(finding.tables["unit_weights"]["unit"])


@pytest.mark.parametrize(
    ("rows", "more", "reason"),
    [
        (schools().assign(points=np.nan), {}, "no_outcome"),
        (schools().assign(points=1.0), {}, "same_outcome"),
        (schools(donors=1), {}, "synthetic_no_donors"),
        (schools(starts=2), {}, "synthetic_too_short"),
        (schools(donors=2), {}, "synthetic_no_placebos"),
        (schools().query(f"school != 'school 24' or school_year != '{YEARS[3]}'"), {}, "synthetic_treated_incomplete"),
        (schools().assign(intake=np.nan), {"predictors": ["intake"]}, "synthetic_predictor_unknown"),
    ],
    ids=["no values", "all the same", "one donor", "two years before", "two donors", "a year missing", "predictor unknown"],
)
def test_where_nothing_can_be_said_the_reason_is_told(rows, more, reason):
    finding = of(rows, **more)
    assert (finding.reason, len(finding.estimates), finding.claim) == (reason, 0, Claim.NOTHING)


@pytest.mark.parametrize(
    ("change", "more", "said"),
    [
        ({}, {"unit": "skola"}, "'skola'.*It has: school"),
        ({}, {"method": "magic"}, "no method 'magic'"),
        ({}, {"treated": None}, "say who had the measure"),
        ({}, {"treated": "school 99", "treated_from": YEARS[8]}, "no unit school 99"),
        ({}, {"treated": "school 24", "treated_from": YEARS[0]}, "outside the panel"),
        ({}, {"treated": ["school 24"], "treated_from": {"school 23": YEARS[8]}}, "does not say when"),
        ({"measure": 0}, {}, "nobody had the measure"),
        ({"measure": 2}, {}, "must be 0 without and 1 with"),
        ({"points": "many"}, {}, "numbers in 'points'"),
        ({"school": "one"}, {}, "several rows for the same 'school_year'"),
        ({}, {"predictors": "points"}, "as a sequence"),
        ({}, {"predictors": ["points"], "method": "did"}, "'synthetic_control' only"),
        ({}, {"predictors": {"points": -1.0}}, "0 or above"),
        ({}, {"inference": "bootstrap"}, "placebo, jackknife"),
    ],
)
def test_wrong_use_is_refused_with_what_and_where(change, more, said):
    with pytest.raises(ContractError, match=said):
        of(schools().assign(**change), **more)


def test_a_measure_that_ends_again_is_refused():
    rows = schools()
    rows.loc[rows["school_year"].eq(YEARS[10]), "measure"] = 0
    with pytest.raises(ContractError, match="ends again"):
        of(rows)


@pytest.mark.parametrize("method", METHODS)
def test_no_warning_leaks_and_a_finding_survives_being_written(method):
    with np.errstate(all="raise"):
        finding = of(schools(effect=1.0), method=method)
    assert Finding.from_json(finding.to_json()).claim is finding.claim
