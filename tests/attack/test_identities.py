"""How counts of the same persons hang together, by definition or by what is visible, and when that is believed."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.attack.drawn import drawn, told

ALL, ONE, SEVERAL = "alla_amnen_ak6", "ej_godkant_ett_amne_ak6", "ej_godkant_flera_amnen_ak6"


def test_all_subjects_one_missing_and_several_missing_are_everybody(tmp_path):
    """30 of 40 have passed all, 6 lack one: 4 lack several."""
    one = drawn(f"""
        indicator | unit | n  | count | shown
        {ALL}     | a    | 40 | 30    | yes
        {ONE}     | a    | 40 | 6     | yes
        {SEVERAL} | a    | 40 | 4     | no
    """)
    assert told(one.written(tmp_path / "r")) == {f"{SEVERAL} recovered count a all"}


def test_with_two_of_the_three_hidden_their_sum_leaves_room(tmp_path):
    one = drawn(f"""
        indicator | unit | n  | count | shown
        {ALL}     | a    | 40 | 30    | yes
        {ONE}     | a    | 40 | 6     | no
        {SEVERAL} | a    | 40 | 4     | no
    """)
    assert told(one.written(tmp_path / "r")) == set()


def test_absence_of_a_fifth_lies_within_that_of_a_tenth(tmp_path):
    """Of 40, 4 were away a fifth of the time and 6 a tenth: those away 15 per cent are 4, 5 or 6."""
    one = drawn("""
        indicator   | unit | n  | count | shown
        franvaro_10 | a    | 40 | 6     | yes
        franvaro_15 | a    | 40 | 5     | no
        franvaro_20 | a    | 40 | 4     | yes
    """)
    assert told(one.written(tmp_path / "r")) == {"franvaro_20 shown count a all", "franvaro_15 narrow count a all"}


def test_whoever_is_eligible_for_science_is_eligible_for_vocational_programmes(tmp_path):
    """40 of 42 are eligible for science, so none, one or two are not eligible for vocational programmes."""
    one = drawn("""
        indicator                | unit | n  | count | shown
        behorighet_natur_teknik  | a    | 42 | 40    | yes
        behorighet_estetiskt     | a    | 42 | 40    | no
        behorighet_yrkesprogram  | a    | 42 | 41    | no
    """)
    assert told(one.written(tmp_path / "r")) == {
        "behorighet_natur_teknik shown count a all",
        "behorighet_estetiskt narrow count a all",
        "behorighet_yrkesprogram narrow count a all",
    }


def test_nobody_s_grade_is_both_above_and_below_the_test(tmp_path):
    """Of 40, 38 have a higher grade than test: at most 2 have a lower one."""
    one = drawn("""
        indicator                     | unit | n  | count | shown
        hogre_betyg_an_prov_matematik | a    | 40 | 38    | yes
        lagre_betyg_an_prov_matematik | a    | 40 | 1     | no
    """)
    assert told(one.written(tmp_path / "r")) == {
        "hogre_betyg_an_prov_matematik shown count a all",
        "lagre_betyg_an_prov_matematik narrow count a all",
    }


def test_the_persons_of_one_indicator_are_those_of_another_that_counts_the_same_pupils(tmp_path):
    one = drawn(f"""
        indicator | unit | group | n  | count | shown
        {ALL}     | a    | all   | 40 | 30    | yes
        {ALL}     | a    | girl  | 34 | 25    | no
        {ALL}     | a    | boy   | 6  | 5     | no
        {ONE}     | a    | all   | 40 | 5     | no
        {ONE}     | a    | girl  | 34 | 5     | yes
        {ONE}     | a    | boy   | 6  | 0     | no
    """)
    found = told(one.written(tmp_path / "r"))
    assert {f"{ALL} recovered n a boy", f"{ONE} recovered n a boy"} <= found


# Two shares nobody has defined, which together are everybody wherever both are visible; at f and g the second is hidden.
LEARNED = """
    indicator | unit | n  | count | shown
    first     | a    | 20 | 8     | yes
    second    | a    | 20 | 12    | yes
    first     | b    | 30 | 20    | yes
    second    | b    | 30 | 10    | yes
    first     | c    | 40 | 22    | yes
    second    | c    | 40 | 18    | yes
    first     | d    | 50 | 26    | yes
    second    | d    | 50 | 24    | yes
    first     | e    | 60 | 33    | yes
    second    | e    | 60 | 27    | {e}
    first     | f    | 25 | 20    | yes
    second    | f    | 25 | {f}    | no
    first     | g    | 35 | 30    | yes
    second    | g    | 35 | 5     | no
"""
# 20 of 25 and 30 of 35 leave five each: few enough to tell with a limit of six.
FEW = {"smallest_group": 10, "smallest_survey_group": 10, "smallest_count": 6}


FOLLOWS = {"second recovered count f all", "second recovered count g all"}


@pytest.mark.parametrize(("e", "believed"), [("yes", FOLLOWS), ("40–60", set()), ("no", set())])
def test_a_rule_seen_in_five_places_is_believed_and_in_four_not(tmp_path, e, believed):
    release = drawn(LEARNED.format(e=e, f=5), about={"policy": FEW}).written(tmp_path / "r")
    assert FOLLOWS & told(release) == believed


@pytest.mark.parametrize(("at_f", "believed"), [(5, FOLLOWS), (3, set())])
def test_a_rule_that_a_head_knows_to_be_broken_tells_nobody_anything(tmp_path, at_f, believed):
    one = drawn(LEARNED.format(e="yes", f=at_f), about={"policy": FEW})
    assert FOLLOWS & told(one.written(tmp_path / "r"), one.known) == believed


def echo(points: int, differs: bool = False) -> pd.DataFrame:
    """Schools where so many newly arrived pupils stand twice, as a share's count and as a group's persons; at one, hidden."""
    rows = ["indicator | unit | group | n | count | shown"]
    for place in range(points + 1):
        newly, everybody = (12 + place, 60 + place) if place < points else (7, 50)
        rows.append(f"nyinvandrade | s{place:02} | all | {everybody} | {newly + (differs and place == 3)} | yes")
        rows.append(f"meritvarde | s{place:02} | all | {everybody} | | yes")
        for group, persons in (("yes", newly), ("no", everybody - newly)):
            rows.append(f"meritvarde | s{place:02} | {group} | {persons} | | {'yes' if place < points else 'no'}")
    return drawn("\n".join(rows))


@pytest.mark.parametrize(("points", "differs", "seen"), [(10, False, True), (9, False, False), (12, True, False)])
def test_a_number_that_stands_in_two_places_ten_times_over_is_one_number(tmp_path, points, differs, seen):
    """The share of newly arrived pupils tells how many: as many as the group that is hidden beside it."""
    found = told(echo(points, differs).written(tmp_path / "r"))
    assert found == ({f"recovered n s{points:02} yes"} if seen else set())


@pytest.mark.parametrize(("points", "seen"), [(10, True), (9, False)])
def test_year_nine_under_the_register_s_year_groups_is_behind_the_final_grades_too(tmp_path, points, seen):
    """Of 40 pupils 20 are in year 9, as the grades say; 14 in year 7: so 6 in year 8."""
    rows = ["indicator | unit | group | n | shown"]
    for place in range(points + 1):
        sizes = {"7": 14, "8": 11 + place, "9": 20 + place} if place < points else {"7": 14, "8": 6, "9": 20}
        shown = {group: "yes" if place < points or group == "7" else "no" for group in sizes}
        rows.append(f"antal_elever | s{place:02} | all | {sum(sizes.values())} | yes")
        rows += [f"antal_elever | s{place:02} | {group} | {n} | {shown[group]}" for group, n in sizes.items()]
        rows.append(f"meritvarde | s{place:02} | all | {sizes['9']} | yes")
    found = told(drawn("\n".join(rows)).written(tmp_path / "r"))
    assert found == ({f"antal_elever recovered n s{points:02} 8"} if seen else set())
