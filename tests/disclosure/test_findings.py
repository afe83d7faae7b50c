"""What leaves of an analysis' answer: nothing of few, nothing of what a figure beside it hides, nothing one could subtract."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.analyses import ANALYSES
from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Basis, Finding
from kvalitet_lib.disclosure.findings_files import findings_in, write_findings
from kvalitet_lib.disclosure.findings_standing import standing_findings
from kvalitet_lib.disclosure.findings_whitelist import SHOWN, UNTOLD, Rows, Whitelist, answers
from kvalitet_lib.disclosure.standing import Standing
from kvalitet_lib.errors import ReleaseError
from kvalitet_lib.indicators import all_indicators
from tests.disclosure.answers import CODE, YEAR, answer, figures, leaves, told
from tests.disclosure.figures import INTERNAL, PUBLIC
from tests.whiteboard import table

ALL_LARGE = """
    school | n  | raw      | shrunken | lower   | upper | rank_lower | pupil
    -------+----+----------+----------+---------+-------+------------+------
    c      | 52 | 9.87654  | 7.12345  | 1.23456 | 12.9  | 1          | p1
    a      | 47 | -3.21987 | -2.2     | -8.1    | 3.3   | 4          | p2
    b      | 61 | 0.4      | 0.3      | -4.9    | 5.1   | 3          | p3
    d      | 43 | 1.4      | 1.3      | -4.9    | 6.1   | 2          | p4
    e      | 48 | 1.4      | 1.3      | -4.9    | 6.1   | 2          | p5
    f      | 49 | 1.4      | 1.3      | -4.9    | 6.1   | 2          | p6
    g      | 50 | 1.4      | 1.3      | -4.9    | 6.1   | 2          | p7
    h      | 50 | 1.4      | 1.3      | -4.9    | 6.1   | 2          | p8
"""


def schools(**sizes: int) -> pd.DataFrame:
    """The same schools with other numbers of pupils."""
    drawn = table(ALL_LARGE)
    return drawn.assign(n=[sizes.get(school, n) for school, n in zip(drawn["school"], drawn["n"], strict=True)])


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> str:
    """An analysis of which estimates of every term may leave."""
    monkeypatch.setitem(SHOWN, "cohorts", Whitelist(Rows(answers())))
    return "cohorts"


def test_what_is_not_named_never_leaves_whatever_an_analysis_puts_there():
    pupils = pd.DataFrame({"pupil": ["Kanarie"], "risk": [0.9]})
    finding = answer(ALL_LARGE, pupils=pupils, numbers={"icc": 0.123456, "worst_pupil": 17.0}, about={"teacher": "Kanarie"})
    finding = replace(finding, tables={**finding.tables, "pupils": pupils, "worst": pupils})
    shown = leaves(finding)
    assert set(shown.tables) == {"schools"}
    assert {"rank_lower", "pupil"} & set(shown.tables["schools"]) == set()
    assert shown.numbers == {"icc": 0.12}
    assert shown.pupils is None and "Kanarie" not in shown.to_json()


def test_every_analysis_says_what_of_it_may_leave_and_no_other_does():
    assert set(SHOWN) == set(ANALYSES)


def test_schools_stand_in_the_order_of_their_codes_and_in_tens_of_pupils_with_one_decimal_more_than_a_figure():
    shown = leaves(answer(ALL_LARGE)).tables["schools"]
    assert list(shown["school"]) == list("abcdefgh")
    assert list(shown["n"]) == [50, 60, 50, 40, 50, 50, 50, 50]
    assert shown.set_index("school").loc["c", ["raw", "shrunken", "lower"]].to_list() == [9.88, 7.12, 1.23]


def test_a_school_of_few_is_not_told_of_and_those_of_few_are_more_than_heads_who_pool_could_tell():
    shown = leaves(answer(schools(a=9))).tables["schools"]
    assert told(shown) == set("bcgh")
    assert shown.loc[shown["shown"].ne("yes")].drop(columns=["school", "shown"]).isna().all(axis=None)


@pytest.mark.parametrize("word", ["protected", "agency", "rounded"])
def test_a_school_of_which_the_figure_is_hidden_is_not_told_of_either(word):
    shown = leaves(answer(ALL_LARGE), figures({"c": word})).tables["schools"]
    assert "c" not in told(shown) and len(told(shown)) == 4


def test_a_school_without_a_figure_because_nobody_has_data_hides_nothing():
    assert len(told(leaves(answer(ALL_LARGE), figures({"c": "missing"})).tables["schools"])) == 8


def test_one_hidden_year_of_those_an_answer_rests_on_is_enough_and_others_are_not():
    seen = pd.concat([figures(), figures({"c": "protected"}, years=["2021-22"])])
    only_now = answer(ALL_LARGE, analysis="school_differences")
    years = replace(only_now.basis, school_years=("2021-22", YEAR))
    assert "c" in told(leaves(only_now, seen).tables["schools"])
    assert "c" not in told(leaves(replace(only_now, basis=years), seen).tables["schools"])


def test_where_no_single_year_could_be_worked_out_only_one_hidden_in_all_of_them_is_silent():
    some = pd.concat([figures(), figures({"c": "protected"}, years=["2021-22"])])
    every = figures({"c": "protected"}, years=["2021-22", YEAR])
    pooled = answer(ALL_LARGE)
    pooled = replace(pooled, basis=replace(pooled.basis, school_years=("2021-22", YEAR)))
    assert "c" in told(leaves(pooled, some).tables["schools"])
    assert "c" not in told(leaves(pooled, every).tables["schools"])


def test_results_that_are_no_indicator_are_silent_where_a_figure_on_the_same_results_is():
    seen = figures({"c": "protected"}, indicator="np6_svenska")
    assert "c" not in told(leaves(answer(ALL_LARGE, outcome="prov_ak6"), seen).tables["schools"])
    assert "c" in told(leaves(answer(ALL_LARGE, outcome="prov_ak3"), seen).tables["schools"])


def test_schools_the_answer_rests_on_and_does_not_list_count_as_hidden():
    listed = schools().iloc[:7]
    finding = answer(listed)
    assert len(told(leaves(finding).tables["schools"])) == 4
    assert len(told(leaves(replace(finding, basis=replace(finding.basis, schools=7))).tables["schools"])) == 7


def test_estimates_of_schools_are_held_to_the_same_rules(plain):
    rows = [{"term": "slope", "group": school, "estimate": 1.0, "n": 40.0, "null": 0.0} for school in "abcdefgh"]
    few = leaves(answer("", *rows[:-1], {**rows[-1], "n": 9.0}, analysis=plain)).estimates
    assert few.loc[few["group"].eq("h"), "shown"].item() == "protected"
    unsaid = leaves(answer("", *rows[:-1], {**rows[-1], "n": np.nan}, analysis=plain)).estimates
    assert unsaid.loc[unsaid["group"].eq("h"), "shown"].item() == "protected"


def test_of_two_groups_one_of_few_takes_the_other_with_it(plain):
    rows = [{"term": "mean", "group": group, "estimate": 200.0, "n": n} for group, n in (("girl", 391), ("boy", 9))]
    gap = {"term": "gap", "estimate": 3.0, "null": 0.0, "n": 400}
    shown = leaves(answer("", *rows, gap, analysis=plain)).estimates
    assert list(shown["shown"]) == ["protected", "protected", "yes"]


def test_a_group_of_which_the_municipalitys_figure_is_hidden_is_not_told_of(plain):
    hidden = figures().iloc[:1].assign(level="municipality", unit=CODE, breakdown="parents_education", group="lower")
    seen = pd.concat([figures(), hidden.assign(shown="protected")])
    rows = [{"term": "mean", "group": group, "estimate": 200.0, "n": 200} for group in ("lower", "higher")]
    assert leaves(answer("", *rows, analysis=plain), seen).estimates["shown"].iloc[0] == "protected"
    assert leaves(answer("", *rows, analysis=plain, about={"breakdown": "sex"}), seen).estimates["shown"].iloc[0] == "yes"


def test_intervals_of_few_tell_no_spread_and_medians_need_thirty():
    few = leaves(answer(schools(a=8, b=8)), audience=INTERNAL).tables["schools"].set_index("school")
    assert few.loc["a", "shown"] == "yes" and few.loc["a", ["lower", "upper"]].isna().all() and few.loc["a", "raw"] == -3.22
    medians = [{"term": "school", "group": school, "n": n, "estimate": 61.4} for school, n in (("a", 29), ("b", 30))]
    growth = leaves(answer("", *medians, analysis="growth")).estimates
    assert growth["estimate"].isna().to_list() == [True, False] and growth.loc[1, "estimate"] == 61


def test_a_model_with_fewer_than_ten_degrees_of_freedom_is_not_shown_at_all():
    few = answer(ALL_LARGE, numbers={"degrees_of_freedom": 9.0, "icc": 0.1})
    assert leaves(few).reason == "protected"
    assert leaves(few).estimates.empty and not leaves(few).tables and not leaves(few).numbers
    assert leaves(replace(few, numbers={"degrees_of_freedom": 10.0})).reason == ""
    assert leaves(answer(ALL_LARGE, basis=Basis(10, 8, 400, (YEAR,)))).reason == "protected"


def test_an_answer_resting_on_few_has_nothing_left_but_its_reason_and_one_without_an_answer_keeps_its_own():
    few = leaves(answer(basis=Basis(9, 2, 9, (YEAR,))))
    assert (few.reason, few.claim, len(few.estimates)) == ("protected", Claim.NOTHING, 0)
    assert few.basis.pupils is None
    none = leaves(Finding.nothing("value_added", "meritvarde", "too_few_schools", Basis(400, 2, 400)))
    assert none.reason == "too_few_schools"


def test_what_it_rests_on_is_told_in_steps_and_those_left_out_only_where_they_are_many():
    basis = leaves(answer(basis=Basis(398, 8, 396, (YEAR,), 0.0312, {"prior": 3, "outcome": 24}))).basis
    assert (basis.rows, basis.pupils, basis.schools, basis.missing) == (400, 400, 8, 0.03)
    assert basis.left_out == {"outcome": 20}


def test_a_doubt_keeps_its_outcome_and_loses_the_name_of_a_school_that_is_not_told_of():
    checks = tuple(Check("one_school_decides", False, Claim.NOTHING, 0.123456, 1.0, school) for school in ("a", "b"))
    shown = leaves(answer(checks=checks), figures({"a": "protected"})).checks
    assert [(one.passed, one.caps, one.about) for one in shown] == [(False, 0, ""), (False, 0, "b")]
    assert shown[0].value == 0.123


@pytest.mark.parametrize(
    ("doubt", "value", "missing", "told"),
    [
        ("gap_enough_in_group", 9.0, 0.0, None),
        ("gap_enough_in_group", 47.0, 0.0, 50.0),
        ("ew_equal_alarms", 0.3, 0.0, None),
        ("schools_lost_alike", 0.7, 0.02, None),
        ("schools_lost_alike", 0.7, 0.1, 0.7),
    ],
)
def test_a_doubt_about_few_or_about_one_group_has_no_number(doubt, value, missing, told):
    basis = Basis(400, 8, 400, (YEAR,), missing)
    shown = leaves(answer(checks=(Check(doubt, False, Claim.DIFFERS, value, 10.0, "sex"),), basis=basis)).checks[0]
    assert shown.passed is False and shown.caps == Claim.DIFFERS
    assert (shown.about, shown.value) == ("sex", told) if told else (shown.about == UNTOLD and np.isnan(shown.value))


def test_rounding_makes_no_claim_stronger_and_takes_none_away_that_a_p_decides(plain):
    told_from_chance = {"term": "x", "estimate": 1.0, "null": 0.0, "n": 400, "p": 0.0497, "lower": 0.001, "upper": 2.0}
    shown = leaves(answer("", told_from_chance, told_from_chance | {"p": 0.0501}, analysis=plain))
    assert list(shown.estimates["p"]) == [0.049, 0.051]
    assert [claim.key for claim in shown.claims] == ["differs", "nothing"]


def test_a_share_has_no_decimal_more_than_its_figure(plain):
    row = {"term": "mean", "group": "", "estimate": 0.81234, "lower": 0.7777, "upper": 0.8444, "n": 400}
    shown = leaves(answer("", row, outcome="alla_amnen_ak6", analysis=plain)).estimates
    assert shown.loc[0, ["estimate", "lower", "upper"]].to_list() == [0.81, 0.78, 0.84]


def test_findings_of_a_release_are_plain_files_read_in_the_order_of_a_page(tmp_path):
    shown = [leaves(answer(ALL_LARGE, analysis="growth")), leaves(answer(ALL_LARGE)), leaves(answer(analysis="growth"))]
    write_findings(tmp_path, shown)
    assert sorted(path.name for path in (tmp_path / "findings").iterdir()) == [
        "growth-1.json",
        "growth-2.json",
        "value_added-1.json",
    ]
    read = findings_in(tmp_path)
    assert [one.analysis for one in read] == ["value_added", "growth", "growth"]
    assert read[0].to_json() == shown[1].to_json()
    write_findings(tmp_path, [])
    assert findings_in(tmp_path) == [] and not (tmp_path / "findings").exists()


def test_a_file_that_is_no_finding_is_refused_in_words(tmp_path):
    (tmp_path / "findings").mkdir()
    (tmp_path / "findings" / "growth-1.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ReleaseError, match="kvalitet release"):
        findings_in(tmp_path)


GAPS = """
    school_year | n_a | n_b
    2021-22     | 300 | 80
    2022-23     | 300 | 9
    2023-24     | 300 | 12
    2024-25     | 300 | 90
"""
FOUR_YEARS = ("2021-22", "2022-23", "2023-24", "2024-25")


def compared(smaller: int = 191) -> Finding:
    """Two groups over four years; in one year one of them has nine persons."""
    gap = {"term": "gap", "estimate": 3.0, "null": 0.0, "n": 1391.0}
    means = [{"term": "mean", "group": group, "estimate": 200.0, "n": n} for group, n in (("no", 1200.0), ("yes", smaller))]
    years = [gap | {"group": year, "n": 309.0} for year in FOUR_YEARS]
    basis = Basis(1391, 8, 1391, FOUR_YEARS)
    return answer(table(GAPS), *means, gap, *years, analysis="group_gap", about={"breakdown": "newly_arrived"}, basis=basis)


def of_years(finding: Finding) -> Finding:
    """Its table under the name the analysis gives it."""
    return replace(finding, tables={"school_years": finding.tables["schools"]})


def test_a_gap_rests_on_its_smaller_group_and_a_year_of_few_takes_another_with_it():
    shown = leaves(of_years(compared())).estimates
    told_years = shown.loc[shown["group"].isin(FOUR_YEARS) & shown["shown"].eq("yes"), "group"]
    assert list(told_years) == ["2021-22", "2024-25"]
    assert shown.set_index(["term", "group"]).loc[("gap", ""), "n"] == 190
    assert shown.set_index(["term", "group"]).loc[("gap", "2024-25"), "n"] == 90


def test_where_one_of_two_groups_is_of_few_nothing_is_said_of_how_they_differ():
    shown = leaves(of_years(compared(smaller=9)))
    assert (shown.reason, len(shown.estimates)) == ("protected", 0)


def test_a_years_gap_is_silent_where_a_figure_of_one_of_its_groups_is_hidden():
    hidden = figures(years=["2024-25"]).iloc[:1].assign(level="municipality", unit=CODE, breakdown="newly_arrived", group="yes")
    shown = leaves(of_years(compared()), pd.concat([figures(), hidden.assign(shown="protected")])).estimates
    assert "2024-25" not in set(shown.loc[shown["shown"].eq("yes"), "group"])
    assert shown.set_index(["term", "group"]).loc[("mean", "yes"), "shown"] == "yes"


def test_a_term_that_is_not_named_has_no_row():
    drawn = [{"term": term, "estimate": 3.0, "n": 400} for term in ("all", "on_the_way")]
    assert list(leaves(answer("", *drawn, analysis="growth")).estimates["term"]) == ["all"]


def test_a_share_that_few_have_or_lack_is_not_told():
    rows = [{"term": "missed", "estimate": share, "n": 40} for share in (0.1, 0.5, 0.9)]
    shown = leaves(answer("", *rows, analysis="early_warning", outcome="behorighet_yrkesprogram")).estimates
    assert list(shown["shown"]) == ["protected", "yes", "protected"]


def test_no_error_of_a_warning_is_told_of_a_group():
    rows = [{"term": term, "group": group, "estimate": 0.5, "n": 400} for term, group in (("missed:sex", "girl"), ("auc", ""))]
    shown = leaves(answer("", *rows, analysis="early_warning", outcome="behorighet_yrkesprogram")).estimates
    assert list(shown["term"]) == ["auc"]


@pytest.mark.parametrize(("treated", "reason"), [("abc", "protected"), ("bcd", ""), ("abcdefgh", "protected")])
def test_what_a_measure_did_is_not_told_where_it_would_tell_of_a_school_whose_figure_is_hidden(treated, reason):
    units = pd.DataFrame({"unit": list("abcdefgh"), "treated": [one in treated for one in "abcdefgh"], "estimate": 1.0})
    effect = {"term": "effect", "estimate": 3.0, "null": 0.0, "n": 8.0}
    finding = replace(answer("", effect, analysis="policy_change"), tables={"leave_one_out": units})
    shown = leaves(finding, figures({"a": "protected"}))
    assert (shown.reason, set(shown.tables)) == (reason, set())


@pytest.mark.parametrize("finding", [answer(ALL_LARGE), of_years(compared()), answer(ALL_LARGE, analysis="growth")])
def test_what_stands_as_it_was_let_out_leaves_the_same_again(finding):
    once = leaves(finding)
    assert leaves(once).to_json() == once.to_json()


def test_what_stands_is_silent_of_a_school_whose_figure_is_hidden_since():
    once = leaves(answer(ALL_LARGE))
    assert "c" not in told(leaves(once, figures({"c": "protected"})).tables["schools"])


@pytest.mark.parametrize(
    ("still", "stands"),
    [
        (Standing(), False),
        (Standing(frozenset({("meritvarde", YEAR)})), False),
        (Standing(frozenset({("meritvarde", YEAR)}), frozenset({("meritvarde", YEAR)})), True),
        (Standing(frozenset({("franvaro_10", YEAR)}), frozenset({("franvaro_10", YEAR)})), False),
    ],
    ids=["many have changed", "nobody has changed", "a few have changed", "a few have changed elsewhere"],
)
def test_after_a_few_have_changed_a_finding_stands_as_it_was_let_out(still, stands):
    before, now = leaves(answer(ALL_LARGE)), answer(ALL_LARGE, numbers={"icc": 0.2})
    batch = figures().assign(source="local")
    kept = standing_findings([now], [before], still, batch, all_indicators("se"), PUBLIC)
    assert kept == [before if stands else now]


def test_of_other_years_a_finding_is_another_one():
    behind = frozenset({("meritvarde", YEAR)})
    before, now = leaves(answer(ALL_LARGE)), answer(ALL_LARGE, basis=Basis(400, 8, 400, ("2023-24", YEAR)))
    batch = figures().assign(source="local")
    assert standing_findings([now], [before], Standing(behind, behind), batch, all_indicators("se"), PUBLIC) == [now]
