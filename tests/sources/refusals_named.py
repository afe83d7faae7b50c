"""The refusals that have a name in the battery, each in the forms in which it can come. Workbooks have their own."""

from __future__ import annotations

from tests.sources.door import (
    SE_GRADES,
    SE_SURVEY,
    changed,
    without,
)
from tests.sources.refusals import Refusal, cell, in_every_form, in_text, refused, with_column

HEADER, FIRST, *REST = SE_GRADES.strip().split("\n")
BODY = "\n".join([FIRST, *REST]) + "\n"

FILE = [
    refused("empty", b"", "EMPTY_FILE"),
    *in_every_form("header only", HEADER, "NO_ROWS", lines=(1,)),
    refused("truncated", SE_GRADES[: SE_GRADES.rindex("Söder") + 3], "TRUNCATED", lines=(5,)),
    refused("binary", bytes(range(256)) * 8, "NOT_WHAT_IT_SAYS"),
]
HEADERS = [
    *in_every_form("a column missing", without(SE_GRADES, "betyg"), "MISSING_COLUMN", "betyg", (1,)),
    *in_every_form("a column twice", SE_GRADES.replace("klass;", "meritvärde;"), "DUPLICATE_COLUMN", "meritvärde", (1,)),
    *in_every_form("no header", BODY, "MISSING_HEADER", lines=(1,)),
    *in_every_form("another kind", "kund;belopp;datum\nAndersson;1200;2024-03-01\n", "UNKNOWN_KIND"),
    *in_every_form("the header repeated", f"{SE_GRADES}{HEADER}\n{FIRST}\n", "REPEATED_HEADER", lines=(6,)),
    *in_text("20 000 columns", f"{HEADER}{';x' * 20_000}\n{FIRST}{';1' * 20_000}\n", "TOO_MANY_COLUMNS", lines=(1, 2)),
]
ENCODING = [
    refused("Latin-1 bytes in UTF-8", SE_GRADES.encode() + FIRST.replace("Norr", "Väster").encode("latin-1") + b"\n",
            "MIXED_ENCODING", lines=(6,)),
    *in_every_form("encoded twice", SE_GRADES.replace("Söderskolan", "SÃ¶derskolan"), "MOJIBAKE", lines=(5,)),
    *in_every_form("letters lost", SE_GRADES.replace("Söderskolan", "S\ufffdderskolan"), "LOST_CHARACTERS", lines=(5,)),
    *in_text("a zero byte", SE_GRADES.replace("Söder", "S\0der"), "CONTROL_CHARACTERS", lines=(5,)),
    *in_every_form("text shown backwards", SE_GRADES.replace("Söder", "\u202eSöder"), "CONTROL_CHARACTERS", lines=(5,)),
    refused("UTF-16 without its mark", SE_GRADES.encode("utf-16-le"), "UNKNOWN_ENCODING"),
]  # fmt: skip
DIALECT = [
    *in_text("a field too many", SE_GRADES.replace(";182,5", ";182,5;7"), "RAGGED_ROW", lines=(4,)),
    *in_text("a field too few", SE_GRADES.replace(";-;182,5", ";-"), "RAGGED_ROW", lines=(4,)),
    refused("an open quotation mark", SE_GRADES.replace("Söderskolan", '"Söderskolan'), "UNCLOSED_QUOTE", lines=(5,)),
    *in_text("a giant field", SE_GRADES.replace("Söderskolan", "ö" * 200_000), "FIELD_TOO_LONG", lines=(5,)),
]
NUMBERS = [
    *cell("a word for a number", "se_grades", "meritvärde", "tvåhundra"),
    *cell("infinity", "se_grades", "meritvärde", "inf"),
    *cell("1e308", "se_absence", "schemalagd_tid", "1e308"),
    *cell("1_2", "se_absence", "ogiltig_frånvaro", "1_2"),
    *cell("digits of another script", "se_grades", "meritvärde", "١٧٢"),
    *cell("a negative number", "se_absence", "ogiltig_frånvaro", "-3"),
    *cell("over the maximum", "se_grades", "meritvärde", "340,5"),
    *cell("over the maximum of a Norwegian certificate", "no_grades", "skolepoeng", "60,5"),
    *cell("over a hundred per cent", "se_agency", "andel_behöriga", "100,1"),
    *cell("1.234 with decimal commas", "se_absence", "schemalagd_tid", "1.234", "AMBIGUOUS_NUMBER"),
    *cell("a time of day", "se_absence", "ogiltig_frånvaro", "12:30"),
    *cell("more absent than scheduled", "se_absence", "ogiltig_frånvaro", "89"),
]
CODES = [
    *cell("an unknown grade", "se_grades", "betyg", "MVG"),
    *cell("grade 7", "no_grades", "standpunktkarakter", "7"),
    *cell("a unit code too short", "se_grades", "skolenhetskod", "9001234"),
    *cell("the letter O in a unit code", "se_grades", "skolenhetskod", "9OO12345"),
    *cell("a wrong check digit", "no_grades", "organisasjonsnummer", "312345006"),
    *cell("mastery level 4 of 3", "no_test", "mestringsnivå", "4", line=2),
    *cell("year group 11", "se_grades", "årskurs", "11"),
    *cell("answer 9", "se_survey", "trygghet", "9"),
    *cell("two points as a pupil's grade", "se_grades", "betyg", ".."),
]
DATES = [
    *cell("2023/25", "se_grades", "läsår", "2023/25"),
    *cell("a blank year", "se_grades", "läsår", "", "MISSING_VALUE"),
    *cell("a school year to come", "se_grades", "läsår", "2089/90"),
    *cell("31 February", "no_test", "prøvedato", "2024-02-31"),
    *cell("a year turned into a date", "se_grades", "läsår", "2023-11-01"),
    *cell("a year group turned into a date", "no_grades", "trinn", "10.jan"),
]
PUPILS = [
    *cell("a blank id", "se_grades", "elevid", "", "MISSING_VALUE"),
    *in_every_form("two grades for one key", SE_GRADES + FIRST.replace(";A;", ";F;"), "CONFLICTING_DUPLICATE", "elevid", (2, 6)),
    *cell("an id as 2,01E+11", "se_grades", "elevid", "2,01E+11", "MANGLED_ID"),
    *in_every_form("one pupil with two sexes", changed(SE_GRADES, 3, "kön", "pojke"), "CONFLICTING_VALUES", "kön", (2, 3)),
    *cell("a formula for an id", "se_grades", "elevid", "=A2&1"),
    *in_every_form("a total row", f"{SE_GRADES}Totalt;;;;;;;;;182,5\n", "TOTAL_ROW", "elevid", (6,)),
]
IDENTIFIERS = [
    *in_every_form("a column of identity numbers", with_column(SE_GRADES, "personnummer", ["", "", "", ""]),
                   "DIRECT_IDENTIFIER", "personnummer", (1,)),
    *cell("an identity number for an id", "se_grades", "elevid", "199001012385", "DIRECT_IDENTIFIER"),
    *in_every_form("a column of names", with_column(SE_GRADES, "Elevens namn", ["Ali Ek"] * 4),
                   "DIRECT_IDENTIFIER", "Elevens namn", (1,)),
    *in_every_form("a telephone number in free text", SE_SURVEY.replace("Mer idrott", "Ring 070-123 45 67"),
                   "DIRECT_IDENTIFIER", "fritext", (3,)),
    *in_every_form("an e-mail address in free text", SE_SURVEY.replace("Mer idrott", "Skriv till ali@example.org"),
                   "DIRECT_IDENTIFIER", "fritext", (3,)),
]  # fmt: skip

# As the battery counts them: three maxima, two mangled dates and two ways to reach someone are one refusal each.
BATTERY: dict[str, tuple[list[Refusal], int]] = {
    "file": (FILE, 4),
    "header": (HEADERS, 6),
    "encoding": (ENCODING, 6),
    "dialect": (DIALECT, 4),
    "numbers": (NUMBERS, 10),
    "codes": (CODES, 9),
    "dates": (DATES, 5),
    "pupils": (PUPILS, 6),
    "identifiers": (IDENTIFIERS, 4),
}
ONE_IN_THE_BATTERY = {
    "over the maximum of a Norwegian certificate": "over the maximum",
    "over a hundred per cent": "over the maximum",
    "a year group turned into a date": "a year turned into a date",
    "an e-mail address in free text": "a telephone number in free text",
}
NAMED = [refusal for refusals, _ in BATTERY.values() for refusal in refusals]
