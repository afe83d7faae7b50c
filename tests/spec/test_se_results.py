"""Swedish results and intake: given these rows, this number."""

from __future__ import annotations

import pandas as pd
import pytest

from kvalitet_lib.indicators.se_results import INDICATORS
from tests.spec.swedish_grade_sheets import ALL_EIGHT, ALL_SIXTEEN, grades, straight
from tests.whiteboard import table

BY_ID = {one.id: one for one in INDICATORS}
BEHORIGHET = {
    "behorighet_yrkesprogram",
    "behorighet_estetiskt",
    "behorighet_ekonomi_humaniora_samhalle",
    "behorighet_natur_teknik",
}
# Another pupil at the same school, so that the school has delivered every subject.
CLASSMATE = straight("classmate", "E")


def numerator(indicator: str, *sheets: pd.DataFrame, **more: pd.DataFrame) -> dict[str, float]:
    """The numerator of each pupil but the classmate."""
    counted = BY_ID[indicator].count(pd.concat([*sheets, CLASSMATE], ignore_index=True), **more)
    return counted[counted.pupil.ne("classmate")].set_index("pupil").numerator.to_dict()


# meritvarde


def test_the_merit_value_is_the_sum_of_the_sixteen_grades():
    assert numerator("meritvarde", straight("a", "E"), straight("b", "A", MA="B", EN="F")) == {"a": 160, "b": 14 * 20 + 17.5}


def test_only_the_sixteen_best_subjects_count():
    assert numerator("meritvarde", straight("a", "C", TSP="A", DA="E")) == {"a": 15 * 15 + 20}


def test_a_passed_modern_language_taken_as_sprakval_is_a_seventeenth():
    assert numerator("meritvarde", straight("a", "A", M2="A")) == {"a": 340}


def test_the_seventeenth_is_added_even_when_it_is_the_weakest_grade():
    assert numerator("meritvarde", straight("a", "A", ML="A", M2="E")) == {"a": 330}


def test_the_seventeenth_is_added_even_with_fewer_than_sixteen_other_subjects():
    assert numerator("meritvarde", straight("a", "C", ALL_EIGHT, M2="C")) == {"a": 9 * 15}


def test_a_failed_modern_language_adds_nothing():
    assert numerator("meritvarde", straight("a", "C", M2="F"), straight("b", "C", M2="-")) == {"a": 240, "b": 240}


def test_a_modern_language_not_taken_as_sprakval_only_replaces_a_weaker_grade():
    assert numerator("meritvarde", straight("a", "E", M1="A")) == {"a": 15 * 10 + 20}


def test_the_delivery_may_say_itself_which_language_is_the_sprakval():
    sheet = pd.concat([straight("a", "E", M1="A"), straight("b", "E", M2="A")], ignore_index=True)
    said = sheet.subject.eq("M1").astype("boolean").where(sheet.subject.isin(["M1", "M2"]))
    assert numerator("meritvarde", sheet.assign(language_choice=said)) == {"a": 180, "b": 170}


def test_only_a_modern_language_can_be_the_seventeenth_whatever_is_said_of_sprakval():
    sheet = straight("a", "E", ML="A")
    assert numerator("meritvarde", sheet.assign(language_choice=sheet.subject.eq("ML").astype("boolean"))) == {"a": 15 * 10 + 20}


def test_mother_tongue_replaces_a_weaker_grade_but_is_never_an_extra_one():
    assert numerator("meritvarde", straight("a", "E", ML="A")) == {"a": 15 * 10 + 20}


def test_pupils_without_any_pass_are_outside_the_mean_and_not_missing():
    assert numerator("meritvarde", straight("a", "F"), straight("b", "-"), straight("c", "F", IDH="E")) == {"c": 10}


def test_the_value_the_delivering_system_states_is_used_as_it_is():
    partial = grades("""
        pupil | stated_points | SV | MA
        ------+---------------+----+---
        a     | 172.5         | A  | B
        b     | 0             | F  | F
    """)
    assert BY_ID["meritvarde"].count(partial).set_index("pupil").numerator.to_dict() == {"a": 172.5}


def test_a_delivery_with_a_few_subjects_only_gives_no_merit_value_and_no_share():
    partial = straight("a", "A", ["SV", "MA"])
    for indicator in {"meritvarde", "alla_amnen_ak9", *BEHORIGHET}:
        assert BY_ID[indicator].count(partial).numerator.isna().tolist() == [True], indicator


def test_a_block_grade_gives_no_merit_value_since_it_is_not_said_how_often_it_counts():
    blocks = [subject for subject in ALL_SIXTEEN if subject not in ("BI", "FY", "KE")]
    value = numerator("meritvarde", straight("a", "E", blocks, NO="A"), straight("b", "F", blocks, NO="F"))
    assert list(value) == ["a"]
    assert pd.isna(value["a"])


def test_a_block_grade_beside_its_single_subjects_is_not_counted_again():
    assert numerator("meritvarde", straight("a", "E", NO="A", SO="A")) == {"a": 160}


def test_only_final_grades_of_year_nine_enter_the_merit_value():
    term = straight("a", "A").assign(assessment="term")
    year_eight = straight("b", "A").assign(year_group=8)
    assert numerator("meritvarde", term, year_eight) == {}


# alla_amnen_ak9


def test_a_pupil_with_one_f_or_one_streck_has_not_passed_all_subjects():
    sheets = straight("a", "E"), straight("b", "A", SL="F"), straight("c", "A", SL="-"), straight("d", "F")
    assert numerator("alla_amnen_ak9", *sheets) == {"a": 1, "b": 0, "c": 0, "d": 0}


def test_all_subjects_are_those_of_the_pupils_own_education():
    assert numerator("alla_amnen_ak9", straight("a", "E", ALL_EIGHT), straight("b", "E", ML="F")) == {"a": 1, "b": 0}


# behorighet_yrkesprogram, behorighet_estetiskt, behorighet_ekonomi_humaniora_samhalle, behorighet_natur_teknik


@pytest.mark.parametrize("without", ["SV", "EN", "MA"])
def test_nobody_is_eligible_without_swedish_english_and_mathematics(without):
    for programme in BEHORIGHET:
        assert numerator(programme, straight("a", "A", M2="A", **{without: "F"})) == {"a": 0}


def test_svenska_som_andrasprak_does_as_well_as_svenska():
    sheet = straight("a", "E").replace({"subject": {"SV": "SVA"}})
    assert {programme: numerator(programme, sheet)["a"] for programme in BEHORIGHET} == dict.fromkeys(BEHORIGHET, 1)


def test_vocational_programmes_ask_for_eight_passes():
    eight, seven = straight("eight", "E", ALL_EIGHT), straight("seven", "E", ALL_EIGHT, SL="F")
    assert numerator("behorighet_yrkesprogram", eight, seven) == {"eight": 1, "seven": 0}


def test_higher_education_preparatory_programmes_ask_for_twelve_passes():
    twelve = straight("twelve", "E", [*ALL_EIGHT, "M2", "TK", "BI", "GE"])
    eleven = straight("eleven", "E", [*ALL_EIGHT, "M2", "TK", "BI"], GE="F")
    assert numerator("behorighet_estetiskt", twelve, eleven) == {"twelve": 1, "eleven": 0}


@pytest.mark.parametrize("subject", ["GE", "HI", "RE", "SH"])
def test_economics_humanities_and_social_science_ask_for_every_social_subject(subject):
    sheet = straight("a", "E", **{subject: "F"})
    assert numerator("behorighet_ekonomi_humaniora_samhalle", straight("b", "E"), sheet) == {"b": 1, "a": 0}
    assert numerator("behorighet_natur_teknik", sheet) == {"a": 1}


@pytest.mark.parametrize("subject", ["BI", "FY", "KE"])
def test_science_and_technology_ask_for_every_science_subject(subject):
    sheet = straight("a", "E", **{subject: "F"})
    assert numerator("behorighet_natur_teknik", straight("b", "E"), sheet) == {"b": 1, "a": 0}
    assert numerator("behorighet_ekonomi_humaniora_samhalle", sheet) == {"a": 1}


def test_pupils_without_any_pass_are_in_the_denominator_of_eligibility():
    counted = BY_ID["behorighet_yrkesprogram"].count(pd.concat([straight("a", "F"), straight("b", "E")]))
    assert (counted.numerator.sum(), counted.denominator.sum()) == (1, 2)


def test_where_eligibility_hangs_on_how_a_block_grade_counts_there_is_no_answer():
    singles = [subject for subject in ALL_SIXTEEN if subject not in ("BI", "FY", "KE")]
    science = numerator("behorighet_natur_teknik", straight("a", "E", singles, NO="E"), straight("b", "E", singles, NO="F"))
    assert pd.isna(science["a"])
    assert science["b"] == 0
    assert numerator("behorighet_yrkesprogram", straight("a", "E", singles, NO="E")) == {"a": 1}


def test_a_pupil_of_the_register_without_grades_is_missing_and_not_failed():
    pupils = table("""
        pupil     | school   | school_year | year_group | sex  | parents_education | newly_arrived | second_language
        ----------+----------+-------------+------------+------+-------------------+---------------+----------------
        a         | 90012345 | 2024-25     | 9          | girl | higher            | no            | no
        silent    | 90012345 | 2024-25     | 9          | boy  | lower             | yes           | yes
        younger   | 90012345 | 2024-25     | 8          | boy  | lower             | no            | no
        elsewhere | 90012999 | 2024-25     | 9          | boy  | lower             | no            | no
    """)
    for indicator in ("behorighet_yrkesprogram", "alla_amnen_ak9", "meritvarde"):
        value = numerator(indicator, straight("a", "E"), pupils=pupils)
        assert set(value) == {"a", "silent"}
        assert pd.isna(value["silent"])


def test_a_pupil_who_moved_and_has_grades_at_the_new_school_is_not_missing_at_the_old():
    pupils = table("""
        pupil | school   | school_year | year_group | sex  | parents_education | newly_arrived | second_language
        ------+----------+-------------+------------+------+-------------------+---------------+----------------
        a     | 90012345 | 2024-25     | 9          | girl | higher            | no            | no
        a     | 90012346 | 2024-25     | 9          | girl | higher            | no            | no
    """)
    new_school = pd.concat([straight("a", "E"), straight("b", "E")]).assign(school="90012346")
    counted = BY_ID["behorighet_yrkesprogram"].count(pd.concat([new_school, CLASSMATE], ignore_index=True), pupils)
    assert counted[counted.pupil.eq("a")].school.tolist() == ["90012346"]


def test_grades_can_be_broken_down_by_what_the_register_knows():
    pupils = table("""
        pupil | school   | school_year | year_group | sex  | parents_education | newly_arrived | second_language
        ------+----------+-------------+------------+------+-------------------+---------------+----------------
        a     | 90012345 | 2024-25     | 9          | girl | higher            | no            | no
    """)
    for indicator in ("meritvarde", "alla_amnen_ak9", *BEHORIGHET):
        counted = BY_ID[indicator].count(straight("a", "E"), pupils=pupils)
        assert counted[list(BY_ID[indicator].breakdowns)].iloc[0].tolist() == ["girl", "higher", False]


def test_sex_in_the_delivery_of_grades_goes_before_the_register():
    counted = BY_ID["meritvarde"].count(straight("a", "E").assign(sex="boy"))
    assert counted.sex.tolist() == ["boy"]


# alla_amnen_ak6, ej_godkant_ett_amne_ak6, ej_godkant_flera_amnen_ak6

YEAR_SIX = grades(
    """
    pupil | BI | SV | EN | MA | BL | HKK    | IDH | MU | NO | SO | SL
    ------+----+----+----+----+----+--------+-----+----+----+----+---
    none  |    | E  | E  | E  | E  | E      | E   | E  | E  | E  | E
    one   |    | E  | F  | E  | E  | E      | E   | E  | E  | E  | E
    two   |    | E  | F  | E  | E  | streck | E   | E  | E  | E  | E
    all   |    | F  | F  | F  | F  | F      | F   | F  | F  | F  | F
    only  |    |    |    |    |    |        |     |    |    |    | F
    block | E  | E  | E  | E  | E  | E      | E   | E  | F  | E  | E
    """,
    year_group=6,
    assessment="term",
)


@pytest.mark.parametrize(
    ("indicator", "counted"),
    [
        ("alla_amnen_ak6", {"none", "block"}),
        ("ej_godkant_ett_amne_ak6", {"one"}),
        ("ej_godkant_flera_amnen_ak6", {"two", "all", "only"}),
    ],
)
def test_year_six_is_split_into_passed_in_all_failed_in_one_and_failed_in_several_or_all(indicator, counted):
    rows = BY_ID[indicator].count(YEAR_SIX)
    assert set(rows[rows.numerator.eq(1)].pupil) == counted
    assert rows.denominator.sum() == 6


@pytest.mark.parametrize("indicator", ["alla_amnen_ak6", "ej_godkant_ett_amne_ak6", "ej_godkant_flera_amnen_ak6"])
def test_a_year_six_delivery_with_a_few_subjects_only_is_missing(indicator):
    partial = YEAR_SIX[YEAR_SIX.subject.isin(["SV", "EN"])]
    assert BY_ID[indicator].count(partial).numerator.isna().all()


# salsa_avvikelse_meritvarde, salsa_avvikelse_alla_amnen


@pytest.mark.parametrize("indicator", ["salsa_avvikelse_meritvarde", "salsa_avvikelse_alla_amnen"])
def test_salsa_is_never_computed_here_but_taken_as_published(indicator):
    assert BY_ID[indicator].count is None
    assert BY_ID[indicator].needs == ()


# antal_elever, foraldrar_eftergymnasial, nyinvandrade

REGISTER = table("""
    pupil | school   | school_year | year_group | sex  | parents_education | newly_arrived
    ------+----------+-------------+------------+------+-------------------+--------------
    a     | 90012345 | 2024-25     | 0          | girl | higher            | yes
    b     | 90012345 | 2024-25     | 1          | girl | higher            | no
    c     | 90012345 | 2024-25     | 5          | boy  | upper_secondary   | yes
    d     | 90012345 | 2024-25     | 9          | boy  | -                 | -
    e     | 90012345 | 2024-25     | 11         | girl | higher            | yes
""")


def test_the_number_of_pupils_is_years_one_to_nine():
    assert BY_ID["antal_elever"].count(REGISTER).pupil.tolist() == ["b", "c", "d"]


@pytest.mark.parametrize(("indicator", "value"), [("foraldrar_eftergymnasial", [1, 0]), ("nyinvandrade", [0, 1])])
def test_the_share_of_pupils_is_of_those_in_years_one_to_nine_and_unknown_is_missing(indicator, value):
    counted = BY_ID[indicator].count(REGISTER)
    assert counted.numerator.dropna().tolist() == value
    assert counted.pupil[counted.numerator.isna()].tolist() == ["d"]
