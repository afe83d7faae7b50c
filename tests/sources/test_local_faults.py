"""What can go wrong with a local delivery is refused whole, with column, rule and lines, and without a single value."""

from __future__ import annotations

import traceback
from datetime import date

import pandas as pd
import pytest

from kvalitet_lib.errors import Fault
from kvalitet_lib.sources.local_identity import is_identity_number
from kvalitet_lib.sources.local_rules import begun_school_years
from tests.sources.door import (
    CLEAN,
    NO_GRADES,
    NO_SURVEY,
    NO_TEST,
    SE_ABSENCE,
    SE_GRADES,
    SE_PUPILS,
    SE_SURVEY,
    SE_TEST,
    changed,
    deliver,
    faults,
    refusal,
    told,
    without,
    workbook,
)

# kind, line, column, what someone wrote there, code
WRONG_CELLS = [
    ("se_grades", 3, "betyg", "G", "INVALID_VALUE"),
    ("se_grades", 3, "betyg", "..", "INVALID_VALUE"),
    ("se_grades", 3, "betyg", "", "MISSING_VALUE"),
    ("no_grades", 3, "standpunktkarakter", "7", "INVALID_VALUE"),
    ("se_grades", 3, "ämne", "MA;TE".replace(";", "/"), "INVALID_VALUE"),
    ("se_grades", 3, "skolenhetskod", "9001234", "INVALID_VALUE"),
    ("se_grades", 3, "skolenhetskod", "9OO12345", "INVALID_VALUE"),
    ("no_grades", 3, "organisasjonsnummer", "312345006", "INVALID_VALUE"),
    ("no_grades", 3, "organisasjonsnummer", "31234500", "INVALID_VALUE"),
    ("se_grades", 3, "läsår", "2023/25", "INVALID_VALUE"),
    ("se_grades", 3, "läsår", "", "MISSING_VALUE"),
    ("se_grades", 3, "läsår", "2089/90", "INVALID_VALUE"),
    ("se_grades", 3, "läsår", "2023-09-01", "INVALID_VALUE"),
    ("se_grades", 3, "årskurs", "2024-09-01", "INVALID_VALUE"),
    ("se_grades", 3, "årskurs", "11", "INVALID_VALUE"),
    ("no_grades", 3, "trinn", "11", "INVALID_VALUE"),
    ("se_grades", 3, "kön", "okänt", "INVALID_VALUE"),
    ("se_grades", 3, "meritvärde", "340,5", "INVALID_VALUE"),
    ("se_grades", 3, "meritvärde", "-10", "INVALID_VALUE"),
    ("se_grades", 3, "meritvärde", "tvåhundra", "INVALID_VALUE"),
    ("se_grades", 3, "meritvärde", "inf", "INVALID_VALUE"),
    ("se_grades", 3, "meritvärde", "1e2", "INVALID_VALUE"),
    ("se_grades", 3, "meritvärde", "1_2", "INVALID_VALUE"),
    ("se_grades", 3, "meritvärde", "١٧٢", "INVALID_VALUE"),
    ("se_grades", 3, "meritvärde", "12:30", "INVALID_VALUE"),
    ("se_grades", 3, "meritvärde", "172.5", "INVALID_VALUE"),
    ("se_absence", 3, "schemalagd_tid", "1.234", "AMBIGUOUS_NUMBER"),
    ("no_grades", 3, "skolepoeng", "60,5", "INVALID_VALUE"),
    ("no_test", 2, "mestringsnivå", "4", "INVALID_VALUE"),
    ("no_test", 3, "mestringsnivå", "6", "INVALID_VALUE"),
    ("no_test", 3, "prøvedato", "2023-02-31", "INVALID_VALUE"),
    ("no_test", 3, "status", "kanskje", "INVALID_VALUE"),
    ("se_test", 3, "provbetyg", "G", "INVALID_VALUE"),
    ("se_survey", 3, "trygghet", "9", "INVALID_VALUE"),
    ("se_survey", 3, "trygghet", "5", "INVALID_VALUE"),
    ("no_survey", 3, "trivsel", "0", "INVALID_VALUE"),
    ("se_absence", 3, "månad", "2023-13", "INVALID_VALUE"),
    ("se_absence", 3, "månad", "2024-08", "INVALID_VALUE"),
    ("se_absence", 3, "ogiltig_frånvaro", "89", "INVALID_VALUE"),
    ("no_absence", 3, "fraværsdager", "201", "INVALID_VALUE"),
    ("se_upper", 3, "betygspoäng", "23", "INVALID_VALUE"),
    ("se_upper", 3, "examen", "kanske", "INVALID_VALUE"),
    ("se_upper", 3, "år_sedan_start", "9", "INVALID_VALUE"),
    ("se_pupils", 3, "föräldrars_utbildning", "doktor", "INVALID_VALUE"),
    ("se_staffing", 3, "heltidstjänster_med_behörighet", "7", "INVALID_VALUE"),
    ("se_staffing", 3, "verksamhet", "kök", "INVALID_VALUE"),
    ("no_staffing", 3, "trinngruppe", "1-5", "INVALID_VALUE"),
    ("se_schools", 3, "kommunkod", "114", "INVALID_VALUE"),
    ("se_schools", 3, "huvudman", "okänd", "INVALID_VALUE"),
    ("no_schools", 2, "kommunenummer", "301", "INVALID_VALUE"),
    ("se_agency", 3, "andel_behöriga", "100,1", "INVALID_VALUE"),
    ("se_agency", 3, "genomsnittligt_meritvärde", "341", "INVALID_VALUE"),
    ("no_agency", 3, "grunnskolepoeng", "61", "INVALID_VALUE"),
    ("no_agency", 3, "grunnskolepoeng", "høyt", "INVALID_VALUE"),
    ("published_se", 3, "indikator", "medelbetyg", "INVALID_VALUE"),
    ("published_se", 3, "nivå", "stadsdel", "INVALID_VALUE"),
    ("published_se", 3, "enhet", "114", "INVALID_VALUE"),
    ("published_no", 2, "verdi", "105", "INVALID_VALUE"),
    ("se_grades", 3, "elevid", "", "MISSING_VALUE"),
    ("se_grades", 3, "elevid", "2,01E+11", "MANGLED_ID"),
    ("se_grades", 3, "elevid", "=SUM(A1)", "INVALID_VALUE"),
    ("se_grades", 5, "elevid", "Totalt", "TOTAL_ROW"),
    ("se_grades", 3, "elevid", "199001012385", "DIRECT_IDENTIFIER"),
    ("no_grades", 3, "elevnummer", "01019012480", "DIRECT_IDENTIFIER"),
]


@pytest.mark.parametrize(("kind", "line", "column", "wrong", "code"), WRONG_CELLS)
def test_a_wrong_cell_is_refused_by_column_and_line(kind, line, column, wrong, code):
    assert told(changed(CLEAN[kind], line, column, wrong)) == [(column, code, (line,))]


@pytest.mark.parametrize(
    ("kind", "column"),
    [(kind, column) for kind, text in CLEAN.items() for column in text.split("\n")[0].split(";")],
)
def test_a_column_that_is_missing_is_named_or_not_needed(kind, column):
    try:
        deliver(without(CLEAN[kind], column))
    except AssertionError:
        pytest.fail("the delivery is no longer recognised")
    except Exception as error:
        assert [(fault.column, fault.code) for fault in error.faults] == [(column, "MISSING_COLUMN")]


def test_a_column_twice_is_refused_under_the_same_or_another_name():
    assert told(SE_GRADES.replace("klass;", "kön;"))[0] == ("kön", "DUPLICATE_COLUMN", (1,))
    assert {column for column, code, _ in told(SE_GRADES.replace("klass;", "sex;"))} >= {"kön", "sex"}


def test_a_header_alone_is_no_delivery():
    assert told(SE_GRADES.split("\n")[0] + "\n") == [("", "NO_ROWS", (1,))]


def test_the_header_repeated_in_the_table_is_refused():
    assert told(SE_GRADES + SE_GRADES.split("\n")[0] + "\n") == [("", "REPEATED_HEADER", (6,))]


@pytest.mark.parametrize(
    "row", ["004714;90012345;Norrskolan;2023/24;9;9A;flicka;SV;A", "004714;90012345;N;2023/24;9;9A;flicka;SV;A;1;2"]
)
def test_a_row_with_too_few_or_too_many_cells_is_refused(row):
    assert told(SE_GRADES + row + "\n" + SE_GRADES.split("\n")[3] + "\n") == [("", "RAGGED_ROW", (6,))]


def test_content_without_a_header_is_refused():
    assert told(SE_GRADES.replace(";klass;", ";;")) == [("(column 6)", "MISSING_HEADER", (1,))]


def test_two_grades_for_one_pupil_in_one_subject_are_a_conflict_and_both_lines_are_named():
    twice = SE_GRADES + changed(SE_GRADES, 2, "betyg", "F").split("\n")[1] + "\n"
    (fault,) = faults(twice)
    assert (fault.column, fault.code, fault.lines) == ("elevid", "CONFLICTING_DUPLICATE", (2, 6))
    assert "ämne" in fault.rule and "läsår" in fault.rule


def test_a_pupil_with_two_sexes_is_refused():
    assert told(changed(SE_GRADES, 3, "kön", "pojke")) == [("kön", "CONFLICTING_VALUES", (2, 3))]


@pytest.mark.parametrize("column", ["personnummer", "Fødselsnummer", "fodselsnummer", "SSN", "Namn", "Förnamn", "navn", "e-post"])
def test_a_column_that_says_who_a_pupil_is_is_refused(column):
    assert (column, "DIRECT_IDENTIFIER", (1,)) in told(SE_GRADES.replace("klass", column))


@pytest.mark.parametrize("text", ["ring 070-123 45 67", "skriv till nn@example.org", "19900101-2385", "tlf +47 912 34 567"])
def test_free_text_that_says_who_someone_is_is_refused_and_not_quoted(text):
    broken = SE_SURVEY.replace("Mer idrott", text)
    assert told(broken) == [("fritext", "DIRECT_IDENTIFIER", (3,))]
    assert text not in str(refusal(broken))


def test_identity_numbers_are_known_by_their_check_digits():
    assert is_identity_number("900101-2385") and is_identity_number("19900101 2385") and is_identity_number("01019012480")
    assert not is_identity_number("900101-2386") and not is_identity_number("01019012481")
    assert not is_identity_number("004711") and not is_identity_number("991301-2385")


def test_two_sheets_that_both_fit_are_refused():
    rows = [row.split(";") for row in SE_GRADES.strip().split("\n")]
    assert told(workbook(rows, rows), "betyg.xlsx") == [("", "TWO_FITTING_SHEETS", ())]


def test_all_faults_of_a_delivery_are_told_at_once():
    broken = changed(changed(changed(SE_GRADES, 2, "betyg", "X"), 4, "läsår", "2023/25"), 5, "skolenhetskod", "12")
    broken = changed(without(broken, "klass"), 5, "betyg", "Y").replace(";ämne;", ";ämne;").replace("kön", "förnamn")
    assert set(told(broken)) == {
        ("betyg", "INVALID_VALUE", (2, 5)),
        ("läsår", "INVALID_VALUE", (4,)),
        ("skolenhetskod", "INVALID_VALUE", (5,)),
        ("förnamn", "DIRECT_IDENTIFIER", (1,)),
    }


def test_lines_are_counted_as_an_editor_shows_them_below_titles_marks_and_blank_lines():
    broken = "Utdrag;;\n\n" + SE_GRADES.replace("\n004712", "\n\n004712").replace(";E;", ";Q;")
    assert told(b"\xef\xbb\xbf" + broken.encode()) == [("betyg", "INVALID_VALUE", (8,))]


def test_lines_are_counted_from_the_top_when_a_quoted_cell_holds_a_line_break():
    broken = SE_GRADES.replace("Norrskolan", '"Norr\nskolan"', 1).replace(";E;", ";Q;")
    assert told(broken) == [("betyg", "INVALID_VALUE", (6,))]


def test_lines_are_the_rows_of_the_sheet_in_a_workbook():
    rows = [row.split(";") for row in SE_GRADES.replace(";E;", ";Q;").strip().split("\n")]
    assert told(workbook([["Uttag"], [], *rows]), "betyg.xlsx") == [("betyg", "INVALID_VALUE", (7,))]


CANARIES = ("Kanariefågel", "kanarie@example.org", "8712345678901", "x9x9x9")


@pytest.mark.parametrize("kind", CLEAN)
@pytest.mark.parametrize("canary", CANARIES)
def test_no_cell_of_a_delivery_is_ever_in_an_error(kind, canary):
    header, *rows = CLEAN[kind].strip().split("\n")
    spoilt = "\n".join([header, *(";".join([canary] * (row.count(";") + 1)) for row in rows)])
    error = refusal(spoilt + "\n")
    shown = [str(error), repr(error), repr(error.args), repr(error.faults), "".join(traceback.format_exception(error))]
    assert not [text for text in shown if canary in text or canary.casefold() in text]
    assert error.__cause__ is None and error.__context__ is None


def test_one_column_of_nonsense_is_one_fault_however_many_rows_it_has():
    many = SE_PUPILS.split("\n")[0] + "\n" + "".join(f"{n};90012345;N;2023/24;9;9A;x;;;\n" for n in range(1000))
    (fault,) = faults(many)
    assert isinstance(fault, Fault) and fault.rows == 1000 and len(str(refusal(many))) < 1000


def test_a_school_year_begins_on_the_first_of_july():
    years = pd.Series(["2024/25"])
    assert begun_school_years(years, date(2024, 6, 30))[1] == [0]
    assert begun_school_years(years, date(2024, 7, 1))[1] == []


def test_a_delivery_of_another_kind_is_recognised_by_no_source():
    with pytest.raises(AssertionError, match=r"\[\]"):
        deliver("bok;isbn;hylla\nPippi;123;4\n")


def test_kinds_that_look_alike_are_told_apart():
    for text in (SE_GRADES, SE_TEST, SE_ABSENCE, SE_SURVEY, NO_GRADES, NO_TEST, NO_SURVEY):
        assert len(deliver(text).rows)
