"""The same pupils over the years: who is who, what is compared with what, and what those lost may do to it."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.cohorts import cohorts, of_municipality
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.errors import ContractError
from tests.analyses.made_up_town import town as municipality
from tests.whiteboard import table

COLUMNS = {"pupil": "pupil", "school": "school", "school_year": "school_year"}
WHO = table("""
    pupil | school | school_year | level | points
    ------+--------+-------------+-------+-------
    a     | North  | 2023-24     | 8     | 10
    b     | North  | 2023-24     | 8     | 12
    c     | North  | 2023-24     | 8     | 14
    d     | North  | 2023-24     | 8     | 16
    e     | North  | 2023-24     | 8     | 18
    f     | South  | 2023-24     | 8     | 20
    g     | South  | 2023-24     | 8     | 22
    h     | South  | 2023-24     | 8     | -
    x     | North  | 2023-24     | 9     | 15
    y     | North  | 2023-24     | 9     | 17
    z     | South  | 2023-24     | 9     | 19
    a     | North  | 2024-25     | 9     | 11
    b     | North  | 2024-25     | 9     | 15
    c     | North  | 2024-25     | 9     | 15
    d     | South  | 2024-25     | 9     | 17
    f     | South  | 2024-25     | 9     | 23
    g     | South  | 2024-25     | 9     | -
    h     | South  | 2024-25     | 9     | 20
    i     | North  | 2024-25     | 9     | 30
    j     | South  | 2024-25     | 9     | 31
""")


def told(rows: pd.DataFrame, **more) -> Finding:
    return cohorts(rows, "points", **COLUMNS, **more)


def by_school(finding: Finding) -> pd.DataFrame:
    return finding.tables["schools"].set_index("school")


def checks(finding: Finding) -> dict:
    return {check.id: check for check in finding.checks}


def followed(schools: int = 10, pupils: int = 40, rise: float = 0.3, lost=None, seed: int = 1) -> pd.DataFrame:
    """Two years of the same pupils; ``lost`` takes earlier scores and random numbers and says who is gone."""
    rng = np.random.default_rng(seed)
    count = schools * pupils
    earlier = rng.normal(size=count)
    later = 0.7 * earlier + rise + 0.6 * rng.normal(size=count)
    both = pd.DataFrame({"pupil": np.arange(count), "school": np.arange(count) % schools, "earlier": earlier, "later": later})
    if lost is not None:
        both.loc[lost(earlier, rng.random(count)), "later"] = np.nan
    first = both.assign(school_year=2023, points=both["earlier"])
    last = both.dropna().assign(school_year=2024, points=lambda rows: rows["later"])
    return pd.concat([first, last])[["pupil", "school", "school_year", "points"]]


@pytest.fixture(scope="module")
def who() -> Finding:
    return told(WHO, year_group="level")


def test_everyone_is_counted_once_at_each_school(who):
    found = by_school(who)
    north, south, whole = (found.loc[name].to_dict() for name in ("North", "South", ""))
    names = ["then", "stayed", "moved_out", "lost", "no_result_now", "now", "moved_in", "new", "no_result_then"]
    assert [north[name] for name in names] == [5, 3, 1, 1, 0, 4, 0, 1, 0]
    assert [south[name] for name in names] == [2, 1, 0, 0, 1, 4, 1, 1, 1]
    assert [whole[name] for name in names] == [7, 4, 0, 1, 1, 8, 1, 2, 1]


def test_the_same_pupils_are_compared_with_themselves_at_the_later_school(who):
    found = by_school(who)
    assert found.loc["North", "same_pupils_estimate"] == pytest.approx((1 + 3 + 1) / 3)
    assert found.loc["South", "same_pupils_estimate"] == pytest.approx((1 + 3) / 2)
    whole = who["same_pupils"]
    expected = stats.ttest_1samp([1, 3, 1, 1, 3], 0)
    assert (whole["estimate"], whole["n"], whole["p"]) == pytest.approx((1.8, 5, expected.pvalue))
    assert (whole["lower"], whole["upper"]) == pytest.approx(tuple(expected.confidence_interval()))


def test_this_years_class_is_held_against_last_years_of_the_same_level(who):
    found = by_school(who)
    assert found.loc["North", "class_against_class_estimate"] == pytest.approx((11 + 15 + 15 + 30) / 4 - (15 + 17) / 2)
    assert found.loc["South", "class_against_class_estimate"] == pytest.approx((17 + 23 + 20 + 31) / 4 - 19)
    assert found.loc["North", "difference_estimate"] == pytest.approx(1.75 - 5 / 3)
    now, last = [11, 15, 15, 17, 23, 20, 30, 31], [15, 17, 19]
    assert who["class_against_class"]["p"] == pytest.approx(stats.ttest_ind(now, last, equal_var=False).pvalue)


def test_without_levels_everyone_now_is_held_against_everyone_then_and_those_who_stayed_stand_in_both():
    found = told(followed())
    first, second = followed().query("school_year == 2023")["points"], followed().query("school_year == 2024")["points"]
    whole = found["class_against_class"]
    assert whole["estimate"] == pytest.approx(second.mean() - first.mean())
    assert whole["p"] == pytest.approx(stats.ttest_rel(second, first).pvalue)
    assert found["difference"]["estimate"] == pytest.approx(0, abs=1e-12) and np.isnan(found["difference"]["p"])


def test_a_change_of_pupils_looks_like_a_rise_of_the_class_and_not_of_the_pupils():
    found = told(followed(rise=0.0, lost=lambda earlier, chance: (earlier < -0.3) & (chance < 0.9)))
    assert found["class_against_class"]["lower"] > 0.2
    assert found["difference"]["lower"] > 0.2
    assert checks(found)["cohorts_lost_alike"].passed is False


def test_those_lost_are_held_against_those_kept_and_the_basis_says_how_many(who):
    loss = who.tables["loss"].iloc[0]
    assert (loss["kept"], loss["lost"]) == (5, 2)
    assert loss["difference"] == pytest.approx((18 + 22) / 2 - (10 + 12 + 14 + 16 + 20) / 5)
    assert who.basis.rows == 5 and who.basis.left_out == {"cohorts_new": 2, "cohorts_lost": 1, "cohorts_no_result": 2}
    assert who.numbers["share_lost"] == pytest.approx(2 / 7)
    assert checks(who)["cohorts_few_lost"].passed is False


def test_a_claim_that_does_not_survive_reweighting_is_taken_back():
    rng = np.random.default_rng(3)
    earlier = np.repeat([-2.0, 2.0], 100)
    later = earlier + np.repeat([0.5, -0.5], 100) + 0.3 * rng.normal(size=200)
    kept = np.r_[np.ones(100, bool), np.arange(100) < 15]
    then = pd.DataFrame({"pupil": np.arange(200), "school": "s", "school_year": "2023-24", "points": earlier})
    now = then[kept].assign(school_year="2024-25", points=later[kept])
    found = told(pd.concat([then, now]))
    assert found["same_pupils"]["lower"] > 0 and abs(found.numbers["change_reweighted"]) < 0.1
    assert checks(found)["cohorts_reweighted"].passed is False and found.claim is Claim.NOTHING


def test_bounds_hold_whatever_became_of_those_lost():
    rows = followed(lost=lambda earlier, chance: chance < 0.2)
    found = told(rows)
    truth = followed()
    both = truth.pivot(index="pupil", columns="school_year", values="points")
    assert found.numbers["change_worst"] < (both[2024] - both[2023]).mean() < found.numbers["change_best"]
    assert found.numbers["change_reweighted_lower"] < 0.3 < found.numbers["change_reweighted_upper"]


def test_results_on_two_scales_allow_no_claim():
    rows = followed()
    found = told(rows.assign(points=rows["points"].where(rows["school_year"].eq(2023), 200 + 40 * rows["points"])))
    assert checks(found)["cohorts_same_scale"].passed is False and found.claim is Claim.NOTHING


def test_schools_are_adjusted_for_their_number_within_each_comparison():
    rows = followed(rise=0.0)
    lifted = rows["school"].eq(4) & rows["school_year"].eq(2024)
    found = told(rows.assign(points=rows["points"] + 1.0 * lifted))
    said = found.to_frame().query("term == 'same_pupils' and group != ''").set_index("group")
    assert said.loc["4", "claim"] == "differs" and (said.drop("4")["claim"] == "nothing").all()
    assert said["p_adjusted"].min() == pytest.approx(10 * said["p"].min())
    assert found.numbers["tests"] == checks(found)["one_family"].value == 20


def test_every_later_year_is_told_and_the_newest_is_the_answer():
    rows = followed()
    third = rows[rows["school_year"].eq(2024)].assign(school_year=2025, points=lambda now: now["points"] + 0.5)
    found = told(pd.concat([rows, third]))
    assert found.tables["school_years"]["school_year"].tolist() == ["2024", "2025"]
    assert found.basis.school_years == ("2025",) and found["same_pupils"]["estimate"] == pytest.approx(0.5)
    assert told(pd.concat([rows, third]), later=2024)["same_pupils"]["estimate"] == pytest.approx(0.25, abs=0.1)
    assert told(pd.concat([rows, third]), between=2)["same_pupils"]["estimate"] == pytest.approx(0.8, abs=0.15)


def test_the_order_of_rows_the_index_and_the_types_of_columns_do_not_matter_and_nothing_warns(who):
    odd = WHO.sample(frac=1, random_state=1).set_index("pupil", drop=False)
    odd["school"], odd["points"] = odd["school"].astype("category"), odd["points"].astype("Float64")
    odd["level"], odd["pupil"] = odd["level"].astype("Int64"), odd["pupil"].astype("object")
    before = odd.copy(deep=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = told(odd, year_group="level")
    pd.testing.assert_frame_equal(found.estimates, who.estimates)
    pd.testing.assert_frame_equal(odd, before)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (followed().query("school_year == 2023"), "cohorts_one_occasion"),
        (followed().assign(points=np.nan), "no_outcome"),
        (followed(1, 4), "too_few_rows"),
        (followed().iloc[:0], "no_outcome"),
    ],
)
def test_what_cannot_be_answered_is_answered_with_why(rows, reason):
    found = told(rows)
    assert found.reason == reason and found.claim is Claim.NOTHING


def test_pupils_who_all_change_alike_and_a_school_with_one_pupil_have_no_interval():
    rows = followed(rise=0.0)
    alike = rows.assign(points=rows.groupby("pupil")["points"].transform("first") + rows["school_year"].eq(2024))
    found = told(alike)
    assert found["same_pupils"]["estimate"] == pytest.approx(1) and found.claim is Claim.NOTHING
    rows.loc[rows["pupil"].eq(0), "school"] = 99
    lonely = told(rows).estimates.query("group == '99' and term == 'same_pupils'").iloc[0]
    assert lonely["n"] == 1 and np.isnan(lonely["lower"])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: cohorts(WHO, "mark", **COLUMNS), "'mark'"),
        (lambda: cohorts(WHO, "school", **COLUMNS), "'school' is no number"),
        (lambda: told(pd.concat([WHO, WHO])), "one pupil in one school year"),
        (lambda: told(WHO.assign(school_year="last year")), "four figures"),
        (lambda: told(WHO, later="2031-32"), "2031-32"),
        (lambda: told(WHO, at=9), "'year_group'"),
        (lambda: told(WHO, between=0), "between"),
        (lambda: told(WHO, confidence=1.0), "confidence"),
    ],
)
def test_what_is_asked_wrongly_is_refused_in_words(wrong, said):
    with pytest.raises(ContractError, match=said):
        wrong()


def test_the_municipality_is_told_of_its_newest_class_beside_those_who_can_be_followed():
    (found,) = of_municipality(municipality(lifted="s04", lift=8.0))
    assert (found.outcome, found.about["later"], found.about["school_year"]) == ("np9", "np9", "2024-25")
    assert found["same_pupils"]["estimate"] == pytest.approx(0, abs=1e-9) and np.isnan(found["same_pupils"]["null"])
    said = found.to_frame().query("term == 'same_pupils'").set_index("group")["claim"]
    assert said["s04"] == "differs" and (said == "differs").sum() <= 2
    whole = by_school(found).loc[""]
    assert (whole["stayed"], whole["lost"], whole["new"]) == (288, 36, 36)


def test_where_nobody_can_be_followed_that_is_the_answer():
    (found,) = of_municipality(replace(municipality(), chains=()))
    assert found.reason == "cohorts_no_chain"
