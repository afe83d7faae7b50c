"""Four real municipalities: their agency files, read anew without the project's own readers, and their pages taken apart."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import yaml
from python_calamine import CalamineWorkbook

from kvalitet_lib.cli.home import Home
from kvalitet_lib.cli.taking import take_all
from kvalitet_lib.sources import Circumstances, files_in
from kvalitet_lib.sources.pseudonyms import Pseudonyms
from kvalitet_lib.store import Store

MUNICIPALITIES = {"0580": "Linköping", "0581": "Norrköping", "1496": "Skövde", "1494": "Lidköping"}
YEAR = "2024/25"
GRADES = "skolverket_slutbetyg_ak9_skolenhet_2024_25"
SERIES = "skolverket_serier_2025/serier_lang.csv"
SCHOOLS = "skolverket_serier_2025/skolor_2025.csv"
ANSWERS = "skolverket_planned_educations_v4_inspelade/statistics_gr_1.jsonl"
OVER_TIME = "skolverket_kommun_exporter/Grundskola - Jämförelse av betygsresultat över tid 2025 Kommun_Åk9.xlsx"
ELIGIBLE = "skolverket_kommun_exporter/behorighet_grundskola_2024_25.csv"
YEAR_6 = (
    "skolverket_kommun_exporter/Grundskola - Betyg årskurs 6, andel som fått godkänt betyg (A-E), samtliga elever 2025 Kommun.csv"
)
SIMILAR = "kolada_kpi_metadata_v3/municipality_groups_members.csv"
FILES = (GRADES, SERIES, SCHOOLS, ANSWERS, OVER_TIME, ELIGIBLE, YEAR_6, SIMILAR)
TRUST = ("local", "skolverket_export", "skolverket_api", "skolverket_series", "kolada", "published")

IN_ANSWERS = {
    "averageGradesMeritRating9thGrade": "meritvarde",
    "ratioOfPupilsIn9thGradeWithAllSubjectsPassed": "alla_amnen_ak9",
    "ratioOfPupilsIn6thGradeWithAllSubjectsPassed": "alla_amnen_ak6",
    "ratioOfPupils9thGradeEligibleForNationalProgramYR": "behorighet_yrkesprogram",
    "ratioOfPupils9thGradeEligibleForNationalProgramES": "behorighet_estetiskt",
    "ratioOfPupils9thGradeEligibleForNationalProgramSAEKHU": "behorighet_ekonomi_humaniora_samhalle",
    "ratioOfPupils9thGradeEligibleForNationalProgramNATE": "behorighet_natur_teknik",
    "averageResultNationalTestsSubjectSVE6thGrade": "np6_svenska",
    "averageResultNationalTestsSubjectMA6thGrade": "np6_matematik",
    "averageResultNationalTestsSubjectENG6thGrade": "np6_engelska",
    "averageResultNationalTestsSubjectSVE9thGrade": "np9_svenska",
    "averageResultNationalTestsSubjectMA9thGrade": "np9_matematik",
    "averageResultNationalTestsSubjectENG9thGrade": "np9_engelska",
    "certifiedTeachersQuota": "lararbehorighet",
    "studentsPerTeacherQuota": "elever_per_larare",
}
IN_SERIES = {"meritvarde": "meritvarde", "behorighet": "behorighet_yrkesprogram"}
HIDDEN = {
    "MISSING": ".",
    "OMITTED_DUE_TO_BASED_ON_FEW_PUPILS": "..",
    "TEACHERS_EXCLUDED_DUE_TO_NO_REQUIRED_LEGITIMATION": ".",
}
ELIGIBLE_FOR = (
    "behorighet_yrkesprogram",
    "behorighet_estetiskt",
    "behorighet_ekonomi_humaniora_samhalle",
    "behorighet_natur_teknik",
)

Cells = dict[tuple[str, str, str], str]  # (unit, indicator, school year) → the cell as the agency wrote it


def rows_of(path: Path, separator: str = ";") -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [[cell.strip() for cell in row] for row in csv.reader(file, delimiter=separator)]


def grades_file(agency: Path) -> list[list[str]]:
    """One row a school: name, code, municipality, its code, owner, its name, its number, pupils, passed all, eligible, merit."""
    (path,) = (agency / GRADES).glob("*.csv")
    return [row for row in rows_of(path) if len(row) == 11 and re.fullmatch(r"\d{8}", row[1])]


def similar_group(agency: Path, name: str) -> tuple[str, set[str]]:
    """Id and members of Kolada's group of municipalities with similar schools."""
    rows = [row for row in rows_of(agency / SIMILAR, ",") if row[1] == f"Liknande kommuner grundskola, {name}, 2024"]
    return rows[0][0], {row[2] for row in rows}


def stated_by_each_source(agency: Path) -> dict[str, Cells]:
    """What each source says of the schools; a hidden figure is ``..`` and a missing one ``.`` in all of them."""
    export: Cells = {}
    for row in grades_file(agency):
        for indicator, cell in zip(("alla_amnen_ak9", "behorighet_yrkesprogram", "meritvarde"), row[8:], strict=True):
            export[row[1], indicator, YEAR] = cell
    answers: Cells = {}
    for line in (agency / ANSWERS).read_text(encoding="utf-8").splitlines():
        body = json.loads(line)["json"].get("body") or {}
        for name, indicator in IN_ANSWERS.items():
            for figure in body.get(name) or []:
                if figure["timePeriod"]:
                    answers[body["schoolUnit"], indicator, figure["timePeriod"]] = HIDDEN.get(
                        figure["valueType"], figure["value"]
                    )
    series: Cells = {}
    for code, indicator, year, value in rows_of(agency / SERIES, ",")[1:]:
        if indicator in IN_SERIES:
            series[code, IN_SERIES[indicator], year] = value.replace(".", ",")
    return {"skolverket_export": export, "skolverket_api": answers, "skolverket_series": series}


@dataclass(frozen=True)
class Municipal:
    """One municipality's figure: as written, and the pupils behind it."""

    text: str
    pupils: float


def municipal_figures(agency: Path, owners: str) -> dict[str, dict[str, Municipal]]:
    """Indicator → municipality code → figure of 2024/25, for one kind of owner."""
    found: dict[str, dict[str, Municipal]] = {}
    sheet = CalamineWorkbook.from_path(str(agency / OVER_TIME)).get_sheet_by_name(owners).to_python()
    column = next(row for row in sheet if "Kommunkod" in row).index(YEAR)
    by_measure: dict[str, dict[str, object]] = {}
    for row in sheet:
        if re.fullmatch(r"\d{4}", str(row[1])):
            by_measure.setdefault(str(row[4]), {})[str(row[1])] = row[column]
    pupils = by_measure["Totalt antal elever årskurs 9"]
    measures = {
        "meritvarde": "Genomsnittligt meritvärde (17 ämnen)",
        "alla_amnen_ak9": "Andel (%) som fått godkänt betyg i alla ämnen",
    }
    for indicator, measure in measures.items():
        found[indicator] = {
            code: Municipal(_typed_in(cell), _number(_typed_in(pupils[code]))) for code, cell in by_measure[measure].items()
        }
    for row in rows_of(agency / ELIGIBLE):
        if len(row) > 10 and row[4] == owners and row[5] == "Samtliga":
            for indicator, text in zip(ELIGIBLE_FOR, row[7:11], strict=True):
                found.setdefault(indicator, {})[row[1]] = Municipal(text, _number(row[6]))
    for row in rows_of(agency / YEAR_6):
        if len(row) > 9 and row[4] == owners:
            found.setdefault("alla_amnen_ak6", {})[row[1]] = Municipal(row[7], _number(row[5]))
    return found


def weighted(figures: Mapping[str, Municipal]) -> float:
    """The mean over municipalities by number of pupils; ~100 counts as two and a half pupils short of all."""
    known = [(one.pupils - 2.5) / one.pupils * 100 if one.text == "~100" else _number(one.text) for one in figures.values()]
    pairs = [(value, one.pupils) for value, one in zip(known, figures.values(), strict=True) if value == value and one.pupils > 0]
    return sum(value * weight for value, weight in pairs) / sum(weight for _, weight in pairs)


def unweighted(figures: Mapping[str, Municipal], members: set[str]) -> float:
    known = [_number(figures[code].text) for code in members if code in figures]
    stated = [value for value in known if value == value]
    return sum(stated) / len(stated)


def _typed_in(cell: object) -> str:
    """A workbook's cell as one would type it: a whole number has no decimals there."""
    return f"{cell:g}".replace(".", ",") if isinstance(cell, float) else str(cell)


def _number(text: str) -> float:
    plain = re.sub(r"\s", "", text).replace(",", ".")
    return float(plain) if re.fullmatch(r"\d+(\.\d+)?", plain) else float("nan")


def loaded(folder: Path, agency: Path) -> Home:
    """A home with the agency's files in its store, for the first of the municipalities."""
    home = settle(Home(folder), agency, "0580")
    circumstances = Circumstances(home.municipality(), Pseudonyms.open(home.key), ())
    with Store(home.private).writing() as writer:
        outcomes = list(take_all(files_in([agency / name for name in FILES]), writer, circumstances))
    refused = [one.message for one in outcomes if one.outcome != "stored"]
    assert refused == []
    return home


def settle(home: Home, agency: Path, code: str, schools: str = "own") -> Home:
    """Write a municipality's settings."""
    group, _ = similar_group(agency, MUNICIPALITIES[code])
    rule = {"smallest_group": 10, "smallest_survey_group": 10, "smallest_count": 5, "source": "the test's own rule"}
    settings = {
        "country": "se",
        "code": code,
        "name": MUNICIPALITIES[code],
        "languages": ["sv", "en"],
        "audiences": {"public": rule},
        "trust": list(TRUST),
        "comparable": group,
        "schools": schools,
    }
    home.folder.mkdir(parents=True, exist_ok=True)
    (home.folder / "municipality.yml").write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return home


def another(home: Home, folder: Path, agency: Path, code: str, schools: str = "own") -> Home:
    """The same store under another municipality's settings."""
    copy = Home(folder)
    shutil.copytree(home.private, copy.private)
    return settle(copy, agency, code, schools)


@dataclass
class Tables(HTMLParser):
    """A page's tables and lists: caption → rows of cells' own texts, without what a cell adds in a note or a mark."""

    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    items: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)
    _caption: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    @classmethod
    def of(cls, page: Path) -> Tables:
        tables = cls()
        tables.feed(page.read_text(encoding="utf-8"))
        return tables

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("table", "caption", "tr", "td", "th", "span", "li"):
            self._open.append(tag)
        if tag == "caption":
            self._caption = ""
        elif tag == "tr":
            self.tables[self._caption].append([])
        elif tag in ("td", "th"):
            self.tables[self._caption][-1].append("")
        elif tag == "li":
            self.items.append("")

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()
        if tag == "caption":
            self.tables[self._caption] = []

    def handle_data(self, text: str) -> None:
        here = self._open[-1] if self._open else ""
        if here == "caption":
            self._caption += text
        elif here in ("td", "th"):
            row = self.tables[self._caption][-1]
            row[-1] = (row[-1] + text).strip(" \n")
        elif here == "li":
            self.items[-1] += text
