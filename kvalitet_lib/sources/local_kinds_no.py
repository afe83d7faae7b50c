"""Norwegian local deliveries: the columns of each kind and the headers they go by."""

from __future__ import annotations

from dataclasses import replace

from kvalitet_lib.sources import local_shapes as shapes
from kvalitet_lib.sources.cells import sexes, wholes, yes_or_no
from kvalitet_lib.sources.local_columns import Field, LocalKind
from kvalitet_lib.sources.local_rules import (
    EDUCATION,
    NORWEGIAN_GRADES,
    NOT_A_NAME,
    answers,
    bands,
    begun_school_years,
    codes,
    ids,
    in_words,
    names,
    organisations,
    past_days,
    year_groups_to,
)

ITEMS = {
    "trivsel": ("trivsel",),
    "mobbing": ("mobbing", "mobbet"),
    "motivasjon": ("motivasjon",),
    "stotte_fra_larer": ("støtte_fra_lærer", "støtte fra lærerne", "stotte_fra_larer"),
    "stotte_hjemmefra": ("støtte_hjemmefra",),
    "faglig_utfordring": ("faglig_utfordring",),
    "vurdering_for_laering": ("vurdering_for_læring",),
    "laeringskultur": ("læringskultur",),
    "mestring": ("mestring",),
    "elevdemokrati": ("elevdemokrati", "elevdemokrati og medvirkning"),
    "felles_regler": ("felles_regler",),
}
STEPS = 5

PUPIL = Field("pupil", ("elevnummer", "elev-nr", "elevid", "elev", "pupil_id"), ids, required=True, rule="not an id")
SCHOOL = Field("school", ("organisasjonsnummer", "orgnr", "org.nr", "organisation_number"), organisations, required=True,
               rule="not an organisation number of 9 digits whose check digit is right")  # fmt: skip
SCHOOL_NAME = Field("school_name", ("skolenavn", "skole", "skolens navn", "school"), names, rule=NOT_A_NAME)
SCHOOL_YEAR = Field("school_year", ("skoleår", "school_year"), begun_school_years, required=True,
                    rule="not a school year written like 2023-24, or one that has not begun")  # fmt: skip
YEAR_GROUP = Field("year_group", ("trinn", "årstrinn", "klassetrinn", "year_group"), year_groups_to(10), required=True,
                   rule="not a year group from 1 to 10, or Vg1-Vg3")  # fmt: skip
CLASS = Field("class_name", ("klasse", "class"), names, rule=NOT_A_NAME)
SEX = Field("sex", ("kjønn", "sex"), sexes, rule="not jente or gutt")

PUPILS = LocalKind(
    "no_pupils",
    "pupils",
    (
        PUPIL, SCHOOL, SCHOOL_NAME, SCHOOL_YEAR, YEAR_GROUP,
        Field("class_name", ("klasse", "class"), names, own=True, rule=NOT_A_NAME),
        Field("sex", SEX.headers, sexes, own=True, rule=SEX.rule),
        Field("parents_education", ("foreldres_utdanning", "foreldrenes utdanning", "parents_education"),
              in_words(EDUCATION), own=True,
              rule="not grunnskole, videregående or høyere"),
        Field("newly_arrived", ("nyankommet", "nyankommen", "newly_arrived"), yes_or_no, own=True),
        Field("second_language", ("særskilt_norsk", "særskilt_norskopplæring", "second_language"), yes_or_no, own=True),
    ),
    checks=(shapes.one_sex_each,),
)  # fmt: skip

ASSESSMENTS = {
    "standpunkt": "final",
    **dict.fromkeys(("eksamen_skriftlig", "skriftlig eksamen"), "exam_written"),
    **dict.fromkeys(("eksamen_muntlig", "muntlig eksamen"), "exam_oral"),
}
GRADE_RULE = "not 1-6, IV or FRI"
GRADES = LocalKind(
    "no_grades",
    "grades",
    (
        PUPIL, SCHOOL, SCHOOL_NAME, SCHOOL_YEAR, YEAR_GROUP, CLASS, SEX,
        Field("subject", ("fagkode", "fag", "subject"), codes(r"[A-ZÆØÅ][A-ZÆØÅ0-9_-]{0,11}"),
              required=True, rule="not a subject code"),
        Field("grade", ("standpunktkarakter", "standpunkt", "karakter", "grade"),
              in_words(NORWEGIAN_GRADES), required=True, own=True,
              rule=GRADE_RULE),
        Field("assessment", ("vurderingstype", "vurdering", "assessment"), in_words(ASSESSMENTS), own=True,
              rule="not standpunkt, eksamen_skriftlig or eksamen_muntlig"),
        Field("exam_grade", ("eksamenskarakter", "skriftlig_eksamenskarakter"),
              in_words(NORWEGIAN_GRADES), own=True, rule=GRADE_RULE),
        Field("oral_exam_grade", ("muntlig_eksamenskarakter",), in_words(NORWEGIAN_GRADES), own=True, rule=GRADE_RULE),
        Field("stated_points", ("skolepoeng", "grunnskolepoeng"), most=60, own=True),
    ),
    shape=shapes.norwegian_grades,
    checks=(shapes.one_sex_each,),
)  # fmt: skip

TOOK_PART = {
    **dict.fromkeys(("deltatt", "deltok", "gjennomført"), "taken"),
    **dict.fromkeys(("ikke_deltatt", "ikke deltatt", "fravær", "ikke møtt", "ikke_møtt"), "absent"),
    **dict.fromkeys(("fritatt", "fritak"), "exempt"),
}
TEST_NAMES = {
    **dict.fromkeys(("lesing", "lesing på norsk"), "lesing"),
    "regning": "regning",
    **dict.fromkeys(("engelsk", "lesing på engelsk"), "engelsk"),
}
TESTS = LocalKind(
    "no_test",
    "tests",
    (
        PUPIL, SCHOOL, SCHOOL_NAME, SCHOOL_YEAR, YEAR_GROUP, CLASS, SEX,
        Field("test", ("prøve", "prøvenavn", "test"), in_words(TEST_NAMES), required=True, own=True,
              rule="not lesing, regning or engelsk"),
        Field("status", ("status", "deltakelse"), in_words(TOOK_PART), required=True,
              rule="not deltatt, ikke_deltatt or fritatt"),
        Field("scale_points", ("skalapoeng", "scale_points"), most=100, required=True, own=True),
        Field("level", ("mestringsnivå", "nivå", "level"), wholes, own=True, rule="not a level from 1 to 5"),
        Field("test_date", ("prøvedato", "dato", "test_date"), past_days, own=True,
              rule="not a day in the calendar that has been"),
    ),
    checks=(shapes.one_sex_each, shapes.level_within_year_group, shapes.day_within_school_year),
)  # fmt: skip

RESPONDENTS = {
    **dict.fromkeys(("elev", "elever"), "pupil"),
    **dict.fromkeys(("foresatt", "foresatte"), "guardian"),
    **dict.fromkeys(("ansatt", "ansatte"), "staff"),
}
SURVEY = LocalKind(
    "no_survey",
    "survey_answers",
    (
        Field("respondent", ("svarnummer", "svar-nr", "svarid", "respondent_id"), ids, required=True, own=True, rule="not an id"),
        SCHOOL, SCHOOL_NAME, SCHOOL_YEAR, YEAR_GROUP, CLASS, SEX,
        Field("respondents", ("svargruppe", "respondents"), in_words(RESPONDENTS), own=True, rule="not elev, foresatt or ansatt"),
        *(Field(item, headers, answers(STEPS),
                own=True, rule=f"not an answer from 1 to {STEPS}") for item, headers in ITEMS.items()),
    ),
    shape=shapes.statements(tuple(ITEMS), STEPS),
)  # fmt: skip

ABSENCE = LocalKind(
    "no_absence",
    "absence",
    (
        PUPIL, SCHOOL, SCHOOL_NAME, SCHOOL_YEAR, replace(YEAR_GROUP, required=False), CLASS, SEX,
        Field("absent_days", ("fraværsdager", "dager", "absent_days"), most=200, required=True, own=True),
        Field("absent_hours", ("fraværstimer", "timer", "absent_hours"), most=2000, required=True, own=True),
    ),
    shape=shapes.norwegian_absence,
)  # fmt: skip

PROVISIONS = {
    "grunnskole": "school",
    "barnehage": "preschool",
    **dict.fromkeys(("sfo", "skolefritidsordning", "aks"), "after_school"),
}
BANDS = {**{band: band for band in ("1-4", "5-7", "8-10")}, "1–4": "1-4", "5–7": "5-7", "8–10": "8-10", "alle": "all"}
STAFFING = LocalKind(
    "no_staffing",
    "staffing",
    (
        SCHOOL, SCHOOL_NAME, SCHOOL_YEAR,
        Field("provision", ("virksomhet", "provision"), in_words(PROVISIONS), required=True,
              rule="not grunnskole, barnehage or sfo"),
        Field("year_band", ("trinngruppe", "year_band"), in_words(BANDS), own=True, rule="not 1-4, 5-7, 8-10 or alle"),
        Field("children", ("antall_barn_elever", "antall barn/elever", "children"), most=5000, own=True),
        Field("staff_fte", ("årsverk", "staff_fte"), most=1000, required=True, own=True),
        Field("qualified_fte", ("årsverk_med_godkjent_utdanning", "qualified_fte"), most=1000, own=True),
        Field("pupil_hours", ("elevtimer", "pupil_hours"), most=5e6, own=True),
        Field("teacher_hours", ("lærertimer", "teacher_hours"), most=1e6, own=True),
    ),
    shape=shapes.norwegian_staffing,
)  # fmt: skip

OWNERS = {"offentlig": "municipal", "kommunal": "municipal", "privat": "independent"}
SCHOOLS = LocalKind(
    "no_schools",
    "schools",
    (
        SCHOOL,
        Field("name", ("skolenavn", "skole", "navn", "school"), names, required=True, rule=NOT_A_NAME),
        Field("municipality", ("kommunenummer", "kommunenr", "municipality_code"), codes("[0-9]{4}"),
              required=True, rule="not four digits"),
        Field("municipality_name", ("kommune", "municipality"), names, required=True, rule=NOT_A_NAME),
        Field("owner_type", ("eierform", "eier", "owner_type"),
              in_words(OWNERS), required=True, own=True, rule="not offentlig or privat"),
        Field("year_groups", ("trinn", "year_groups"), bands, required=True, rule="not year groups such as F-9"),
        Field("valid_from", ("gyldig_fra", "valid_from"), begun_school_years, own=True, rule=SCHOOL_YEAR.rule),
        Field("valid_to", ("gyldig_til", "valid_to"), begun_school_years, own=True, rule=SCHOOL_YEAR.rule),
        Field("successor", ("erstattes_av", "successor"), organisations, own=True, rule=SCHOOL.rule),
    ),
)  # fmt: skip

NORWEGIAN_KINDS = (PUPILS, GRADES, TESTS, SURVEY, ABSENCE, STAFFING, SCHOOLS)
