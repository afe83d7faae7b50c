"""Local deliveries as schools send them: every kind loads, and messy files that are right are read right."""

from __future__ import annotations

import pytest

from kvalitet_lib.contracts import CONTRACTS
from kvalitet_lib.sources.source import Delivery
from kvalitet_lib.sources.validation import hold
from tests.sources.door import (
    CLEAN,
    NO_ABSENCE,
    NO_GRADES,
    NO_SURVEY,
    NO_TEST,
    SE_ABSENCE,
    SE_GRADES,
    SE_PUPILS,
    SE_SURVEY,
    SE_TEST,
    SE_UPPER,
    SOURCES,
    changed,
    circumstances,
    deliver,
    workbook,
)

EXAMPLES = {
    "no_absence": ("absence", 12), "no_agency": ("published_values", 27), "no_grades": ("grades", 24),
    "no_survey": ("survey_answers", 45), "no_test": ("tests", 12), "se_absence": ("absence", 12),
    "se_agency": ("published_values", 27), "se_grades": ("grades", 24), "se_survey": ("survey_answers", 45),
    "se_test": ("tests", 12), "se_upper": ("upper_secondary", 12),
}  # fmt: skip


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_example_delivery_is_recognised_by_one_kind_and_loads_as_it_stands(shared, kind):
    delivery = Delivery(shared / "data" / "deliveries" / f"{kind}_clean.csv")
    (source,) = [source for source in SOURCES if source.recognises(delivery)]
    (filled,) = source.read(delivery, circumstances())
    assert (source.name, filled.table, len(filled.rows)) == (kind, *EXAMPLES[kind])
    assert filled.lines.tolist()[0] == 2
    assert hold(CONTRACTS[filled.table], filled.rows, filled.lines) == []


@pytest.mark.parametrize("kind", CLEAN)
def test_every_kind_fills_its_table_in_the_contracts_columns_and_types(kind):
    filled = deliver(CLEAN[kind])
    contract = CONTRACTS[filled.table]
    assert list(filled.rows.columns) == list(contract.to_schema().columns)
    assert hold(contract, filled.rows, filled.lines) == []


def test_no_agency_file_is_taken_for_a_local_delivery(shared):
    files = [path for path in (shared / "data" / "agency").rglob("*") if path.suffix in (".csv", ".xlsx", ".txt")]
    taken = [path.name for path in files if any(source.recognises(Delivery(path)) for source in SOURCES)]
    assert len(files) > 20 and taken == []


def test_pupil_ids_leave_the_door_as_pseudonyms_with_their_leading_zeros_counted():
    assert deliver(SE_GRADES).rows.pupil.tolist()[0] == "p_004711"


def test_grades_keep_the_subjects_code_and_streck_is_a_grade():
    grades = deliver(SE_GRADES).rows
    assert grades.subject.tolist() == ["SV", "MA", "SV", "SV"]
    assert grades.grade.tolist() == ["A", "B", "-", "E"]
    assert grades.stated_points.tolist() == [172.5, 172.5, 182.5, 192.5]


def test_a_grade_in_year_nine_is_final_and_in_other_years_a_terms_unless_the_delivery_says():
    assert set(deliver(SE_GRADES).rows.assessment) == {"final"}
    assert set(deliver(SE_GRADES.replace(";9;9", ";6;6")).rows.assessment) == {"term"}
    said = SE_GRADES.replace("meritvärde\n", "betygstyp\n").replace(",5\n", "\n")
    assert set(
        deliver(said.replace("172\n", "slutbetyg\n").replace("182\n", "terminsbetyg\n").replace("192\n", "\n")).rows.assessment
    ) == {
        "final",
        "term",
    }


def test_an_exam_grade_beside_the_overall_one_becomes_a_row_of_its_own():
    beside = "\n".join(
        row + more for row, more in zip(NO_GRADES.split("\n"), (";eksamenskarakter", ";4", ";", ";5", ""), strict=True)
    )
    grades = deliver(beside).rows
    assert grades[["subject", "grade", "assessment"]].values.tolist() == [
        ["NOR1259", "1", "final"],
        ["MAT1015", "IV", "final"],
        ["NOR1259", "6", "final"],
        ["NOR1259", "4", "exam_written"],
        ["NOR1259", "5", "exam_written"],
    ]


def test_a_survey_becomes_one_row_per_statement_asked_and_a_blank_is_no_answer():
    answers = deliver(SE_SURVEY).rows
    assert answers[answers.respondent == "p_S1000"].set_index("item").answer.to_dict() | {"stod": None} == {
        "trygghet": 1,
        "studiero": 4,
        "stod": None,
    }
    assert answers.steps.tolist() == [4] * 6 and answers.answer.isna().sum() == 1
    assert set(deliver(NO_SURVEY).rows["item"]) == {"trivsel", "mobbing", "stotte_fra_larer"}


def test_free_text_is_never_stored_and_the_loader_is_told():
    filled = deliver(SE_SURVEY)
    assert not filled.rows.astype("str").stack().str.contains("idrott").any()
    assert filled.notes == ("free text is never stored: fritext",)


def test_all_absence_is_excused_and_unexcused_together_and_unknown_when_only_one_is_given():
    assert deliver(SE_ABSENCE).rows.absent_hours.tolist() == [8.0, 1.5]
    without_excused = "\n".join(row.rpartition(";")[0] for row in SE_ABSENCE.strip().split("\n"))
    assert deliver(without_excused).rows.absent_hours.isna().all()
    assert deliver(NO_ABSENCE).rows[["absent_days", "absent_hours", "period"]].values.tolist() == [
        [0, 12, "year"],
        [11, 4, "year"],
    ]


def test_the_programme_na_is_natural_science_and_not_missing():
    assert deliver(SE_UPPER).rows.programme.tolist() == ["NA", "EK"]
    assert deliver(SE_UPPER).rows.degree.tolist() == [True, False]


def test_a_pupil_who_was_exempt_has_a_row_without_points():
    tests = deliver(NO_TEST).rows
    assert tests.status.tolist() == ["taken", "taken", "exempt"]
    assert tests.scale_points.isna().tolist() == [False, False, True]


def test_a_part_that_is_empty_means_the_whole_test_and_no_result_means_not_taken():
    tests = deliver(SE_TEST.replace(";B;10,5;A", ";;;")).rows
    assert tests.part.isna().tolist() == [True, False] and tests.status.tolist() == ["absent", "taken"]


def test_words_for_background_become_the_tables_own_values():
    pupils = deliver(SE_PUPILS).rows
    assert pupils[["sex", "parents_education", "newly_arrived", "year_group"]].values.tolist() == [
        ["girl", "higher", False, 9],
        ["boy", "lower", True, 0],
    ]


@pytest.mark.parametrize(
    ("how", "messy"),
    [
        ("byte order mark", b"\xef\xbb\xbf" + SE_GRADES.encode()),
        ("Latin-1", SE_GRADES.encode("latin-1")),
        ("UTF-16 with its mark", SE_GRADES.encode("utf-16")),
        ("Windows line ends", SE_GRADES.replace("\n", "\r\n").encode()),
        ("separator at the end of each row", SE_GRADES.replace("\n", ";\n").encode()),
        ("sep= in the first line", b"sep=;\n" + SE_GRADES.encode()),
        ("tabs", SE_GRADES.replace(";", "\t").encode()),
        ("bars", SE_GRADES.replace(";", "|").encode()),
        ("titles above", ("Utdrag ur elevregistret\nUttag 2024-06-14\n\n" + SE_GRADES).encode()),
        ("a note below", (SE_GRADES + "Källa: elevregistret den 14 juni\n").encode()),
        ("blank lines", SE_GRADES.replace("\n004712", "\n\n;;;;;;;;;\n004712").encode()),
        ("quoted cells", SE_GRADES.replace("Norrskolan", '"Norr;skolan"').encode()),
        ("headers written otherwise", SE_GRADES.replace("skolenhetskod", "SKOL-ENHETSKOD").replace("läsår", " Lasar").encode()),
        ("other ways to write the year", SE_GRADES.replace("2023/24", "2023–24").encode()),
        ("other words for sex", SE_GRADES.replace("flicka", "F").replace("pojke", "P").encode()),
        ("spaces around cells", SE_GRADES.replace(";A;", "; a ;").encode()),
        ("an unknown column", SE_GRADES.replace("\n", ";x\n").encode()),
    ],
)  # fmt: skip
def test_a_messy_file_that_is_right_gives_the_same_rows(how, messy):
    expected, read = deliver(SE_GRADES).rows, deliver(messy).rows
    assert read.equals(expected), how


def test_a_workbook_gives_the_same_rows_as_the_text_file():
    rows = [row.split(";") for row in SE_GRADES.strip().split("\n")]
    typed = [rows[0], *([*row[:4], int(row[4]), *row[5:9], float(row[9].replace(",", "."))] for row in rows[1:])]
    assert deliver(workbook([["Betyg"], [], *typed]), "betyg.xlsx").rows.equals(deliver(SE_GRADES).rows)


def test_a_thousand_may_be_written_with_a_no_break_space():
    assert deliver(CLEAN["no_staffing"].replace("120 000", "120\u00a0000")).rows.pupil_hours.tolist()[0] == 120_000


def test_the_class_7e2_is_a_class_and_not_a_number():
    assert deliver(SE_PUPILS.replace(";9A;", ";7E2;")).rows.class_name.tolist()[0] == "7E2"


def test_rows_repeated_exactly_are_read_once_and_noted():
    filled = deliver(SE_GRADES + SE_GRADES.split("\n")[1] + "\n")
    assert len(filled.rows) == 4 and "repeat" in filled.notes[0]


def test_a_pupil_who_moved_has_a_row_at_each_school():
    moved = SE_PUPILS + "004711;90012346;Söderskolan;2023/24;9;9B;flicka;eftergymnasial;nej;nej\n"
    assert deliver(moved).rows.school.tolist() == ["90012345", "90012345", "90012346"]


def test_columns_the_delivery_lacks_are_empty_and_typed():
    pupils = deliver("elevid;skolenhetskod;läsår;årskurs;kön\n1;90012345;2023/24;9;\n").rows
    assert pupils.sex.isna().all() and str(pupils.newly_arrived.dtype) == "boolean"


def test_an_unknown_column_is_named_to_the_loader_and_not_stored():
    assert deliver(SE_GRADES.replace("\n", ";x\n").replace("meritvärde;x", "meritvärde;matlåda")).notes == (
        "columns we do not know, not stored: matlåda",
    )


def test_norwegian_words_for_a_grade_are_understood_in_any_case():
    assert deliver(changed(NO_GRADES, 2, "standpunktkarakter", "fri")).rows.grade.tolist()[0] == "FRI"
