"""Messy deliveries that are right: numbers, years, codes and words written in the ways people write them."""

from __future__ import annotations

from tests.sources.door import (
    CLEAN,
    NO_ABSENCE,
    NO_GRADES,
    NO_STAFFING,
    SE_ABSENCE,
    SE_AGENCY,
    SE_GRADES,
    SE_PUPILS,
    SE_TEST,
    SE_UPPER,
    changed,
)
from tests.sources.messy import Messy, cell, in_forms, messy, says

GUID = "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}"
VILLAGE = "Å skola & förskola (F-3), ”Ån”"
EMPTY = float("nan")
FIRST = SE_GRADES.split("\n")[1]


def hours(of: str, written: str, value: float) -> list[Messy]:
    return cell(of, "se_absence", "schemalagd_tid", written, "possible_hours", value)


NUMBERS = [
    *hours("a thousand by a space", "1 088", 1088),
    *hours("a thousand by a no-break space", "1\u00a0088", 1088),
    *hours("a thousand by a narrow no-break space", "1\u202f088", 1088),
    *hours("a thousand by a thin space", "1\u2009088", 1088),
    *hours("a thousand by a figure space", "1\u2007088", 1088),
    *hours("a thousand by a space, and decimals", "1 088,25", 1088.25),
    *hours("a thousand by a point, where decimals follow", "1.088,5", 1088.5),
    *hours("a plus", "+88", 88),
    *hours("decimals of nothing", "88,0", 88),
    *hours("spaces around a number", "  88\u00a0", 88),
    *hours("zeros before a number", "088", 88),
    *cell("no zero before the comma", "se_test", "poäng", ",5", "points", 0.5),
    *cell("a Norwegian thousand", "no_staffing", "elevtimer", "1 120 000", "pupil_hours", 1_120_000),
    says("a per cent sign", SE_AGENCY.replace("82,0", "82,0 %").replace("~100", "77,5%"),
         "se_agency", "value", [221.4, EMPTY, 0.82, 0.775]),
    says("about a hundred", SE_AGENCY, "se_agency", "status", ["exists", "too_few", "exists", "rounded"]),
    says("marks of the agencies", CLEAN["no_agency"].replace("5,3", ":"),
         "no_agency", "status", ["exists", "too_few", "too_few", "missing"]),
    says("points for decimals in every number", SE_TEST.replace(",5;", ".5;"), "se_test", "points", [10.5, 11.5]),
    says("nothing where a number may lack", SE_GRADES.replace("192,5", ""),
         "se_grades", "stated_points", [172.5, 172.5, 182.5, EMPTY]),
]  # fmt: skip


def year(of: str, written: str) -> list[Messy]:
    return in_forms(of, SE_GRADES.replace("2023/24", written), "se_grades")


YEARS = [
    *year("a year by a hyphen", "2023-24"),
    *year("a year by a dash", "2023–24"),
    *year("a year by a hyphen that does not break", "2023\u201124"),
    *year("a year by a low line", "2023_24"),
    *year("a year with spaces", "2023 / 24"),
    *year("two whole years", "2023/2024"),
    *year("two whole years by a hyphen", "2023-2024"),
    *year("two digits each", "23/24"),
    *year("six digits", "202324"),
    *year("eight digits", "20232024"),
    *year("the autumn term", "HT23"),
    *year("the spring term", "vt 2024"),
    *in_forms("the Norwegian spring", NO_GRADES.replace("2023-24", "Vår 2024"), "no_grades"),
    says("several years in one file", changed(SE_GRADES, 5, "läsår", "2022/23"),
         "se_grades", "school_year", [*["2023-24"] * 3, "2022-23"]),
    *cell("a month in digits", "se_absence", "månad", "202310", "period", "2023-10"),
    *cell("a day by points", "no_test", "prøvedato", "11.9.2023", "test_date", "2023-09-11"),
    *cell("a day by strokes, the year first", "no_test", "prøvedato", "2023/09/11", "test_date", "2023-09-11"),
    *cell("a day in digits", "no_test", "prøvedato", "20230911", "test_date", "2023-09-11"),
    *cell("a day at midnight", "no_test", "prøvedato", "2023-09-11 00:00:00", "test_date", "2023-09-11"),
]  # fmt: skip
CODES = [
    *cell("no-break spaces around a code", "se_grades", "skolenhetskod", "\u00a090012345\u00a0", "school", "90012345"),
    *cell("a no-break space inside a code", "se_grades", "skolenhetskod", "9001\u00a02345", "school", "90012345"),
    *cell("an organisation number in threes", "no_grades", "organisasjonsnummer", "312 345 005", "school", "312345005"),
    *cell("zeros before an id", "se_grades", "elevid", "000001", "pupil", "p_000001"),
    *cell("letters in an id", "se_grades", "elevid", "E-1001b", "pupil", "p_E-1001b"),
    *cell("an id of a system", "se_grades", "elevid", GUID, "pupil", f"p_{GUID}"),
    *cell("natural science", "se_upper", "studievägskod", "NA", "programme", "NA"),
    *cell("a programme in small letters", "se_upper", "studievägskod", "na", "programme", "NA"),
    *cell("a class like a number", "se_pupils", "klass", "7E2", "class_name", "7E2"),
    *cell("a class like a month", "se_pupils", "klass", "8Maj", "class_name", "8Maj"),
    *cell("a class with a colon", "se_pupils", "klass", "9:1", "class_name", "9:1"),
    *cell("no class", "se_pupils", "klass", "", "class_name", None),
    *cell("a subject in small letters", "se_grades", "ämne", "sv", "subject", "SV"),
    *cell("no ground for a grade", "no_grades", "standpunktkarakter", "IV", "grade", "IV"),
    *cell("exempt from a grade", "no_grades", "standpunktkarakter", "FRI", "grade", "FRI"),
    *cell("exempt in words", "no_grades", "standpunktkarakter", "Fritatt", "grade", "FRI"),
    *cell("a grade in small letters", "se_grades", "betyg", " a ", "grade", "A"),
    *cell("a dash for no grade", "se_grades", "betyg", "–", "grade", "-"),
    *cell("a minus for no grade", "se_grades", "betyg", "\u2212", "grade", "-"),
    *cell("streck in words", "se_grades", "betyg", "Streck", "grade", "-"),
    *cell("a year group with its word", "se_grades", "årskurs", "Åk 9", "year_group", 9),
    *cell("a year group with a zero", "se_grades", "årskurs", "09", "year_group", 9),
    *cell("the class before the first", "se_pupils", "årskurs", "F-klass", "year_group", 0),
    *cell("a Norwegian year group", "no_grades", "trinn", "10. trinn", "year_group", 10),
    *cell("sex as a letter", "se_pupils", "kön", "P", "sex", "boy"),
    *cell("sex in capitals", "se_pupils", "kön", "POJKE", "sex", "boy"),
    *cell("yes as a letter", "se_upper", "examen", "J", "degree", True),
    *cell("no answer in words", "se_survey", "trygghet", "Vet inte", "answer", None),
    *cell("a test by its name", "no_test", "prøve", "Lesing på norsk", "test", "lesing"),
    *cell("a village's school", "se_schools", "skola", VILLAGE, "name", VILLAGE),
]  # fmt: skip
ROWS = [
    messy("rows repeated exactly", f"{SE_GRADES}{FIRST}\n{FIRST}\n", noted="2 rows repeat"),
    messy("a row repeated with other spaces", f"{SE_GRADES}{FIRST.replace(';A;', '; a ;')}\n", noted="1 rows repeat"),
    says("a pupil who moved", f"{SE_GRADES}{FIRST.replace('90012345', '90012346')}\n",
         "se_grades", "school", [*["90012345"] * 3, *["90012346"] * 2]),
    says("a pupil who moved, in the register", SE_PUPILS + SE_PUPILS.split("\n")[1].replace("90012345", "90012346") + "\n",
         "se_pupils", "pupil", ["p_004711", "p_004712", "p_004711"]),
    says("a pupil who moved in the middle of a month", SE_ABSENCE + "066118;90012346;2023/24;2023-10;44;1;0\n",
         "se_absence", "absent_hours", [8, 1.5, 1]),
    says("a pupil with a grade last year too", f"{SE_GRADES}{FIRST.replace('2023/24', '2022/23').replace(';9;', ';8;')}\n",
         "se_grades", "assessment", [*["final"] * 4, "term"]),
    says("a pupil without figures", NO_ABSENCE + "004528;312345374;2023-24;;\n", "no_absence", "absent_days", [0, 11, EMPTY]),
    says("an after-school centre without teachers", NO_STAFFING, "no_staffing", "teacher_hours", [9500, EMPTY]),
    says("a programme without a degree yet", SE_UPPER.replace(";ja;", ";;"), "se_upper", "degree", [None, False]),
    messy("free text of no one", CLEAN["se_survey"].replace("Mer idrott", "Mer idrott 2023-2024, kl. 10.15!"), "se_survey",
          noted="free text is never stored"),
]  # fmt: skip
MESSY_CELLS: list[Messy] = [*NUMBERS, *YEARS, *CODES, *ROWS]
