"""Swedish local deliveries: the columns of each kind and the headers they go by."""

from __future__ import annotations

from dataclasses import replace

from kvalitet_lib.sources import local_shapes as shapes
from kvalitet_lib.sources.cells import months, sexes, wholes, yes_or_no
from kvalitet_lib.sources.local_columns import Field, LocalKind
from kvalitet_lib.sources.local_rules import (
    EDUCATION,
    NOT_A_NAME,
    SWEDISH_GRADES,
    SWEDISH_TESTS,
    answers,
    bands,
    begun_school_years,
    codes,
    ids,
    in_words,
    names,
    past_days,
    school_units,
    year_groups_to,
)

ITEMS = {
    "trygghet": ("trygghet",),
    "studiero": ("studiero", "arbetsro"),
    "stod": ("stöd",),
    "stimulans": ("stimulans",),
    "nojdhet": ("nöjdhet",),
    "rekommendation": ("rekommendation", "rekommendera"),
    "delaktighet": ("delaktighet", "inflytande"),
    "trivsel": ("trivsel",),
}
STEPS = 4

PUPIL = Field("pupil", ("elevid", "elev-id", "elev", "pupil_id"), ids, required=True, rule="not an id")
SCHOOL = Field("school", ("skolenhetskod", "enhetskod", "skolkod", "school_unit_code"), school_units, required=True,
               rule="not a school unit code of 8 digits")  # fmt: skip
SCHOOL_NAME = Field("school_name", ("skola", "skolnamn", "skolenhet", "school"), names, rule=NOT_A_NAME)
SCHOOL_YEAR = Field("school_year", ("läsår", "skolår", "school_year"), begun_school_years, required=True,
                    rule="not a school year written like 2023/24, or one that has not begun")  # fmt: skip
YEAR_GROUP = Field("year_group", ("årskurs", "åk", "year_group"), year_groups_to(9), required=True,
                   rule="not a year group from F to 9, or gy1-gy3")  # fmt: skip
CLASS = Field("class_name", ("klass", "class"), names, rule=NOT_A_NAME)
SEX = Field("sex", ("kön", "sex"), sexes, rule="not flicka or pojke")

PUPILS = LocalKind(
    "se_pupils",
    "pupils",
    (
        PUPIL, SCHOOL, SCHOOL_NAME, SCHOOL_YEAR, YEAR_GROUP,
        Field("class_name", ("klass", "class"), names, own=True, rule=NOT_A_NAME),
        Field("sex", SEX.headers, sexes, own=True, rule=SEX.rule),
        Field("parents_education", ("föräldrars_utbildning", "föräldrarnas utbildning", "parents_education"),
              in_words(EDUCATION), own=True,
              rule="not förgymnasial, gymnasial or eftergymnasial"),
        Field("newly_arrived", ("nyinvandrad", "nyanländ", "newly_arrived"), yes_or_no, own=True),
        Field("second_language", ("svenska_som_andraspråk", "sva", "second_language"), yes_or_no, own=True),
    ),
    checks=(shapes.one_sex_each,),
)  # fmt: skip

GRADES = LocalKind(
    "se_grades",
    "grades",
    (
        PUPIL, SCHOOL, SCHOOL_NAME, SCHOOL_YEAR, YEAR_GROUP, CLASS, SEX,
        Field("subject", ("ämne", "ämneskod", "subject"), codes(r"[A-ZÅÄÖ][A-ZÅÄÖ0-9_-]{0,11}"),
              required=True, rule="not a subject code"),
        Field("grade", ("betyg", "grade"), in_words(SWEDISH_GRADES), required=True, own=True, rule="not A-F or - (streck)"),
        Field("assessment", ("betygstyp", "assessment"), in_words({"slutbetyg": "final", "terminsbetyg": "term"}), own=True,
              rule="not slutbetyg or terminsbetyg"),
        Field("language_choice", ("språkval", "moderna_språk_språkval", "language_choice"), yes_or_no, own=True),
        Field("stated_points", ("meritvärde", "merit_value"), most=340, own=True),
    ),
    shape=shapes.swedish_grades,
    checks=(shapes.one_sex_each,),
)  # fmt: skip

TESTS = LocalKind(
    "se_test",
    "tests",
    (
        PUPIL, SCHOOL, SCHOOL_NAME, SCHOOL_YEAR, YEAR_GROUP, CLASS, SEX,
        Field("test", ("ämne", "prov", "test", "subject"), in_words(SWEDISH_TESTS), required=True, rule="not SV, SVA, MA or EN"),
        Field("part", ("delprov", "part"), names, own=True, rule=NOT_A_NAME),
        Field("points", ("poäng", "provpoäng", "points"), most=1000, own=True),
        Field("test_grade", ("provbetyg", "test_grade"),
              in_words({grade: grade for grade in "ABCDEF"}), own=True, rule="not A-F"),
        Field("passed", ("uppnått_kravnivå", "uppnått kravnivån", "passed"), yes_or_no, own=True),
        Field("took_part", ("deltagit", "took_part"), yes_or_no, own=True, rule="not ja or nej"),
        Field("test_date", ("provdatum", "test_date"), past_days, rule="not a day in the calendar that has been"),
    ),
    shape=shapes.swedish_tests,
    checks=(shapes.one_sex_each, shapes.day_within_school_year),
)  # fmt: skip

RESPONDENTS = {**dict.fromkeys(("elev", "elever"), "pupil"), "vårdnadshavare": "guardian", "personal": "staff"}
SURVEY = LocalKind(
    "se_survey",
    "survey_answers",
    (
        Field("respondent", ("svarsid", "svars-id", "svarsnummer", "respondent_id"), ids, required=True,
              own=True, rule="not an id"),
        SCHOOL, SCHOOL_NAME, SCHOOL_YEAR, YEAR_GROUP, CLASS, SEX,
        Field("respondents", ("svarsgrupp", "respondents"), in_words(RESPONDENTS), own=True,
              rule="not elev, vårdnadshavare or personal"),
        *(Field(item, headers, answers(STEPS),
                own=True, rule=f"not an answer from 1 to {STEPS}") for item, headers in ITEMS.items()),
    ),
    shape=shapes.statements(tuple(ITEMS), STEPS),
)  # fmt: skip

ABSENCE = LocalKind(
    "se_absence",
    "absence",
    (
        PUPIL, SCHOOL, SCHOOL_NAME, SCHOOL_YEAR, replace(YEAR_GROUP, required=False), CLASS, SEX,
        Field("period", ("månad", "month"), months, rule="not a month written like 2023-10"),
        Field("possible_hours", ("schemalagd_tid", "schemalagda timmar", "possible_hours"), most=2000, required=True, own=True),
        Field("unexcused_hours", ("ogiltig_frånvaro", "unexcused_hours"), most=2000, own=True),
        Field("excused_hours", ("giltig_frånvaro", "anmäld_frånvaro", "excused_hours"), most=2000, own=True),
        Field("absent_hours", ("frånvaro_totalt", "total_frånvaro", "absent_hours"), most=2000, own=True),
    ),
    shape=shapes.swedish_absence,
    checks=(shapes.month_within_school_year, shapes.parts_within_whole("unexcused_hours", "absent_hours"),
            shapes.parts_within_whole("excused_hours", "absent_hours")),
)  # fmt: skip

UPPER = LocalKind(
    "se_upper",
    "upper_secondary",
    (
        PUPIL, SCHOOL, SCHOOL_NAME, SCHOOL_YEAR, CLASS, SEX,
        Field("programme", ("studievägskod", "studieväg", "programkod", "program", "programme"),
              codes(r"[A-ZÅÄÖ][A-ZÅÄÖ0-9]{1,11}"), required=True, own=True, rule="not a programme code such as NA"),
        Field("grade_points", ("betygspoäng", "grade_points"), most=22.5, own=True),
        Field("degree", ("examen", "gymnasieexamen", "degree"), yes_or_no, own=True),
        Field("years_since_start", ("år_sedan_start", "years_since_start"), wholes, own=True,
              rule="not a whole number from 1 to 6"),
    ),
    checks=(shapes.one_sex_each,),
)  # fmt: skip

PROVISIONS = {
    **dict.fromkeys(("grundskola", "förskoleklass och grundskola"), "school"),
    "förskola": "preschool",
    **dict.fromkeys(("fritidshem", "fritids"), "after_school"),
}
STAFFING = LocalKind(
    "se_staffing",
    "staffing",
    (
        SCHOOL, SCHOOL_NAME, SCHOOL_YEAR,
        Field("provision", ("verksamhet", "provision"),
              in_words(PROVISIONS), required=True, rule="not grundskola, förskola or fritidshem"),
        Field("children", ("antal_barn_elever", "antal barn/elever", "children"), most=5000, own=True),
        Field("staff_fte", ("heltidstjänster", "årsarbetare", "staff_fte"), most=1000, required=True, own=True),
        Field("qualified_fte", ("heltidstjänster_med_behörighet", "qualified_fte"), most=1000, own=True),
    ),
    shape=shapes.swedish_staffing,
)  # fmt: skip

OWNERS = {"kommunal": "municipal", "enskild": "independent", "fristående": "independent"}
SCHOOLS = LocalKind(
    "se_schools",
    "schools",
    (
        SCHOOL,
        Field("name", ("skola", "skolnamn", "skolenhet", "namn", "school"), names, required=True, rule=NOT_A_NAME),
        Field("municipality", ("kommunkod", "municipality_code"), codes("[0-9]{4}"), required=True, rule="not four digits"),
        Field("municipality_name", ("kommun", "municipality"), names, required=True, rule=NOT_A_NAME),
        Field("owner_type", ("huvudman", "huvudmannatyp", "owner_type"),
              in_words(OWNERS), required=True, rule="not kommunal or enskild"),
        Field("year_groups", ("årskurser", "year_groups"), bands, required=True, rule="not year groups such as F-9", own=True),
        Field("valid_from", ("giltig_från", "valid_from"), begun_school_years, own=True, rule=SCHOOL_YEAR.rule),
        Field("valid_to", ("giltig_till", "valid_to"), begun_school_years, own=True, rule=SCHOOL_YEAR.rule),
        Field("successor", ("ersätts_av", "successor"), school_units, own=True, rule=SCHOOL.rule),
    ),
)  # fmt: skip

SWEDISH_KINDS = (PUPILS, GRADES, TESTS, SURVEY, ABSENCE, UPPER, STAFFING, SCHOOLS)
