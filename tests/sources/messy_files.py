"""Messy files that are right: encodings, separators, line ends, titles and notes, headers."""

from __future__ import annotations

import unicodedata

from tests.sources.door import NO_GRADES, NO_SURVEY, NO_TEST, SE_AGENCY, SE_GRADES, SE_PUPILS, SE_SURVEY
from tests.sources.messy import Messy, in_forms, messy, says
from tests.sources.refusals import with_column

HEADER, *ROWS = SE_GRADES.strip().split("\n")
PLAIN = str.maketrans("åäö", "aao")


def quoted(text: str, separator: str) -> str:
    """Cells that hold the separator, in quotation marks."""
    rows = [row.split(";") for row in text.strip().split("\n")]
    return "".join(separator.join(f'"{cell}"' if separator in cell else cell for cell in row) + "\n" for row in rows)


def reordered(text: str) -> str:
    return "".join(";".join(reversed(row.split(";"))) + "\n" for row in text.strip().split("\n"))


ENCODINGS = [
    messy("UTF-8 with its mark", SE_GRADES.encode("utf-8-sig")),
    messy("UTF-8 with its mark twice", b"\xef\xbb\xbf" + SE_GRADES.encode("utf-8-sig")),
    messy("UTF-16 with its mark", SE_GRADES.encode("utf-16")),
    messy("UTF-16 the other way round with its mark", b"\xfe\xff" + SE_GRADES.encode("utf-16-be")),
    messy("Latin-1", SE_GRADES.encode("latin-1")),
    messy("Latin-1 in Norway", NO_GRADES.encode("latin-1"), "no_grades"),
    messy("Windows with its dashes", SE_GRADES.replace(";-;", ";–;").encode("cp1252")),
    messy("letters in two parts, as Macs name them", unicodedata.normalize("NFD", SE_GRADES)),
    messy("invisible marks in cells", SE_GRADES.replace("004711", "004711\u200b").replace("90012345", "\u200e90012345")),
    messy("a soft hyphen in the header", SE_GRADES.replace("skolenhetskod", "skolenhets\u00adkod")),
]
LINES = [
    messy("Windows line ends", SE_GRADES.replace("\n", "\r\n")),
    messy("old Mac line ends", SE_GRADES.replace("\n", "\r")),
    messy("line ends of both kinds", SE_GRADES.replace("\n", "\r\n", 2)),
    messy("a carriage return too many", SE_GRADES.replace("\n", "\r\r\n")),
    messy("no line end at the end", SE_GRADES.rstrip()),
    messy("blank lines between", SE_GRADES.replace("\n004712", "\n\n;;;;;;;;;\n   \n004712")),
    messy("blank lines at the end", SE_GRADES + "\n\n;;;;;;;;;\n\n"),
    messy("a line break in a name", SE_GRADES.replace("Norrskolan", '"Norr-\nskolan"')),
    messy("a line break in a header", SE_GRADES.replace("skolenhetskod", '"skolenhets-\nkod"')),
]
SEPARATORS = [
    messy("tabs", SE_GRADES.replace(";", "\t"), file="tabs.txt"),
    messy("bars", SE_GRADES.replace(";", "|")),
    messy("commas, with decimal commas in quotation marks", quoted(SE_GRADES, ",")),
    messy("commas, and decimal points", SE_GRADES.replace(",", ".").replace(";", ",")),
    messy("semicolons, and decimal points", SE_GRADES.replace(",5", ".5")),
    says("published figures with decimal points", SE_AGENCY.replace(",", ".").replace(";", ","), "se_agency", "value", [221.4]),
    messy("all cells in quotation marks", "".join(f'"{row.replace(";", chr(34) + ";" + chr(34))}"\n' for row in [HEADER, *ROWS])),
    messy("a semicolon inside a name", SE_GRADES.replace("Norrskolan", '"Norr; skolan"')),
    messy("quotation marks inside a name", SE_GRADES.replace("Norrskolan", '"Skolan ""Norr"""')),
    messy(
        "commas in every answer of a survey", SE_SURVEY.replace("Mer idrott", "Mer idrott, musik, slöjd, och bild"), "se_survey"
    ),
    messy("sep= in the first line", "sep=;\r\n" + SE_GRADES),
    messy("SEP= after the mark of UTF-8", "\ufeffSEP=;\n" + SE_GRADES),
    messy("sep= saved by a spreadsheet again", "sep=;;;;;;;;;;\n" + SE_GRADES),
    messy("sep= a tab", "sep=\t\n" + SE_GRADES.replace(";", "\t")),
    messy("a separator at the end of every line", SE_GRADES.replace("\n", ";\n")),
    messy("a separator at the end of the rows alone", HEADER + "\n" + "".join(f"{row};\n" for row in ROWS)),
    messy("an empty column before the first", "".join(f";{row}\n" for row in [HEADER, *ROWS])),
]
AROUND = [
    *in_forms("a title above", f"Betyg årskurs 9;;;;;;;;;\nUttag 2024-06-14;;;;;;;;;\n;;;;;;;;;\n{SE_GRADES}", "se_grades"),
    messy("a title with labels and values", f"Skola:;Alla;Läsår:;2023/24\n\n{SE_GRADES}"),
    messy("names of groups above the header", f";;Skola;;;;Elev;Betyg;;\n{SE_GRADES}"),
    messy("nineteen lines above", "".join(f"Urval {n}\n" for n in range(19)) + SE_GRADES),
    *in_forms("a note below", f"{SE_GRADES}Källa: elevregistret den 14 juni;;;;;;;;;\n", "se_grades", "notes under the table"),
    messy("a note without separators", f"{SE_GRADES}\nKälla:Procapita\n", noted="notes under the table"),
    messy("a note without a line end", f"{SE_GRADES}Källa: elevregistret", noted="notes under the table"),
    messy("a note with the separator in it", f"{SE_GRADES}Källa: elevregistret; uttag den 14 juni\n", noted="1 lines of notes"),
    messy("a label and its value below", f"{SE_GRADES}\nAntal rader:;4\nUttaget av: NN\n", noted="2 lines of notes"),
    messy("a word in quotation marks below", f'{SE_GRADES}\n"*) Betyg enligt Lgr22"\n', noted="notes under the table"),
]
HEADERS = [
    *in_forms("capitals", HEADER.upper() + "\n" + "\n".join(ROWS), "se_grades"),
    *in_forms("spaces and hyphens", SE_GRADES.replace("skolenhetskod", " Skolenhets-kod "), "se_grades"),
    *in_forms("letters without rings and dots", "\n".join([HEADER.translate(PLAIN), *ROWS]), "se_grades"),
    *in_forms("Norwegian letters spelled out", NO_GRADES.replace("skoleår", "skoleaar").replace("kjønn", "kjoenn"), "no_grades"),
    *in_forms("letters without strokes", NO_TEST.replace("prøve", "prove").replace("mestringsnivå", "mestringsniva"), "no_test"),
    *in_forms("a unit in the header", SE_GRADES.replace("meritvärde", "Meritvärde (poäng)"), "se_grades"),
    *in_forms("other words", SE_GRADES.replace("elevid", "elev").replace("skolenhetskod", "enhetskod"), "se_grades"),
    *in_forms("English words", NO_GRADES.replace("elevnummer", "pupil_id").replace("trinn", "year_group"), "no_grades"),
    *in_forms("columns in another order", reordered(SE_GRADES), "se_grades"),
    *in_forms("columns in another order in Norway", reordered(NO_SURVEY), "no_survey"),
    *in_forms("a column we do not know", with_column(SE_GRADES, "busskort", ["ja", "", "nej", "ja"]), "se_grades", "busskort"),
    *in_forms("a code of the school's own", with_column(SE_PUPILS, "konto", ["40112233", "40112234"]), "se_pupils", "konto"),
    *in_forms("a date we do not know", with_column(SE_GRADES, "uttagen", ["01-09-2023"] * 4), "se_grades", "uttagen"),
]  # fmt: skip
MESSY_FILES: list[Messy] = [*ENCODINGS, *LINES, *SEPARATORS, *AROUND, *HEADERS]
