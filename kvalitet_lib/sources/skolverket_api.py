"""Answers of Skolverket's Planned Educations v4, recorded or just fetched: school units, statistics, SALSA."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from kvalitet_lib.sources.naming import snake_case
from kvalitet_lib.sources.numerals import UnreadableError
from kvalitet_lib.sources.published_cells import NAN, PublishedCell, published
from kvalitet_lib.sources.refusal import refuse
from kvalitet_lib.sources.skolverket_rows import (
    MUNICIPALITY_CODE,
    SCHOOL_CODE,
    Faults,
    Figure,
    School,
    figures_filled,
    owner_type,
    period_year,
    schools_filled,
    year_groups,
)
from kvalitet_lib.sources.source import Circumstances, Delivery, Filled
from kvalitet_lib.sources.validation import validated

# Year groups of a school are those of grundskola and of the förskoleklass before it.
YEAR_GROUP_FORMS = ("fsk", "gr")
COMPULSORY = {
    "studentsPerTeacherQuota": "elever_per_larare",
    "certifiedTeachersQuota": "lararbehorighet",
    "totalNumberOfPupils": "antal_elever",
    "ratioOfPupilsIn6thGradeWithAllSubjectsPassed": "alla_amnen_ak6",
    "ratioOfPupilsIn9thGradeWithAllSubjectsPassed": "alla_amnen_ak9",
    "averageGradesMeritRating9thGrade": "meritvarde",
    "ratioOfPupils9thGradeEligibleForNationalProgramYR": "behorighet_yrkesprogram",
    "ratioOfPupils9thGradeEligibleForNationalProgramES": "behorighet_estetiskt",
    "ratioOfPupils9thGradeEligibleForNationalProgramSAEKHU": "behorighet_ekonomi_humaniora_samhalle",
    "ratioOfPupils9thGradeEligibleForNationalProgramNATE": "behorighet_natur_teknik",
} | {
    f"averageResultNationalTestsSubject{code}{year}thGrade": f"np{year}_{subject}"
    for code, subject in {"SVE": "svenska", "SVA": "svenska_som_andrasprak", "ENG": "engelska", "MA": "matematik"}.items()
    for year in (6, 9)
}  # fmt: skip
SALSA = {
    "salsaAverageGradesIn9thGradeDeviation": "salsa_avvikelse_meritvarde",
    "salsaRequirementsReachedDeviation": "salsa_avvikelse_alla_amnen",
}
SHARES = re.compile(r"^(ratio|certifiedTeachersQuota|specialEducatorsQuota|salsa(Requirements|NewlyImmigrated|Boys))")
NO_FIGURE = {
    "MISSING": "missing",
    "OMITTED_DUE_TO_BASED_ON_FEW_PUPILS": "too_few",
    "TEACHERS_EXCLUDED_DUE_TO_NO_REQUIRED_LEGITIMATION": "not_applicable",
}
FIGURES = ("EXISTS", "ROUNDED_OFF_DUE_TO_FEW_PUPILS_NOT_ELIGIBLE")
FORM = re.compile(r"/(?:statistics|national-values)/(fsk|gran|gr|gyan|gy)\b")


class Answer(NamedTuple):
    """One answer without its wrappers. ``ordinal`` counts the documents of the file from 1."""

    ordinal: int
    url: str
    body: Mapping[str, Any]


def answers(delivery: Delivery) -> list[Answer]:
    """The answers in a file, whether as the interface gives them or in a recorder's wrapper with the address."""
    found = []
    for ordinal, document in enumerate(delivery.documents, start=1):
        recorded = isinstance(document, dict) and "json" in document
        url, answer = (str(document.get("url") or ""), document["json"]) if recorded else ("", document)
        body = answer.get("body") if isinstance(answer, dict) and "status" in answer else None
        found.append(Answer(ordinal, url, body if isinstance(body, dict) else {}))
    return found


def kind_of(body: Mapping[str, Any]) -> str:
    """What an answer holds: units, unit, statistics, national, salsa, survey, unused; empty when we do not know it."""
    if "schoolYearMetrics" in body or "semester" in body:
        return "survey"
    if "compulsorySchoolUnitSalsaMetricList" in body:
        return "salsa"
    embedded = body.get("_embedded") or {}
    if "listedSchoolUnits" in embedded:
        return "units"
    if "typeOfSchooling" in body and "code" in body:
        return "unit"
    if "schoolUnit" in body or "programMetrics" in body:
        return "statistics"
    if "certifiedTeachersQuota" in body:
        return "national"
    # Links to other answers, positions on a map, and lists of names to choose from.
    unused = set(body) == {"_links"} or "compactSchoolUnits" in embedded or "geographicalAreas" in body
    return "unused" if unused else ""


@dataclass(frozen=True)
class SkolverketApi:
    """School units, published figures per school and nation, and SALSA, as the interface answers.

    Figures of grundskola get our ids; those of other forms of schooling are named ``skolverket_<form>_<field>``,
    with the programme's code in upper secondary school. ``*``, teachers whose subject asks for no certificate,
    is ``not_applicable``. School units have no date: ``valid_from`` stays empty. Answers that hold nothing we
    keep (links, maps, lists of names) are counted in a note.
    """

    name: str = "skolverket_api"

    def recognises(self, delivery: Delivery) -> bool:
        """By the fields of the first answer that has any."""
        first = next((answer.body for answer in answers(delivery) if answer.body), {})
        return kind_of(first) not in ("", "survey")

    def read(self, delivery: Delivery, circumstances: Circumstances) -> list[Filled]:
        faults, figures, schools = Faults(), list[Figure](), list[School]()
        unused: Counter[str] = Counter()
        for answer in answers(delivery):
            kind = kind_of(answer.body)
            if kind in ("units", "unit"):
                listed = answer.body["_embedded"]["listedSchoolUnits"] if kind == "units" else [answer.body]
                schools += [school for unit in listed for school in _school(unit, answer.ordinal, circumstances, faults)]
            elif kind in ("statistics", "national", "salsa"):
                figures += list(READERS[kind](answer, faults))
            elif kind == "unused":
                unused["links, maps or lists of names, which fill no table"] += 1
            else:
                unused["no answer" if not answer.body else "another kind of answer than the rest"] += 1
        refuse(delivery.file_name, *faults.listed(), table="published_values" if figures else "schools")
        notes = [f"{count} documents not used: {why}" for why, count in unused.items()]
        filled = [schools_filled(schools)] if schools else []
        if figures or not schools:
            filled.insert(0, figures_filled(self.name, figures))
        first = filled[0]
        return validated(delivery.file_name, [Filled(first.table, first.rows, first.lines, tuple(notes)), *filled[1:]])


def _school(unit: Mapping[str, Any], ordinal: int, circumstances: Circumstances, faults: Faults) -> Iterator[School]:
    """The school unit as a row; none for schools abroad and for owners the tables do not know."""
    if unit.get("abroadSchool"):
        return
    code, municipality = str(unit.get("code") or ""), str(unit.get("geographicalAreaCode") or "")
    for field, text, pattern in (("code", code, SCHOOL_CODE), ("geographicalAreaCode", municipality, MUNICIPALITY_CODE)):
        if not pattern.fullmatch(text):
            faults.add(field, "not a code of 8 digits" if field == "code" else "not four digits", ordinal)
    try:
        owner = owner_type(str(unit.get("principalOrganizerType") or ""))
    except UnreadableError:
        faults.add("principalOrganizerType", "not Kommunal, Fristående or another known owner", ordinal)
        return
    if owner in ("municipal", "independent"):
        forms = [form for form in unit.get("typeOfSchooling") or [] if form.get("code") in YEAR_GROUP_FORMS]
        groups = year_groups(int(year) for form in forms for year in form.get("schoolYears") or [] if str(year).isdigit())
        # The interface gives the municipality's code alone; we know the name of our own.
        ours = circumstances.municipality
        name = ours.name if ours.code == municipality else ""
        yield School(code, str(unit.get("name") or ""), municipality, name, owner, groups, None, ordinal)


def _statistics(answer: Answer, faults: Faults) -> Iterator[Figure]:
    """One school unit's figures; in upper secondary school also those of each programme."""
    programmes = answer.body.get("programMetrics") or []
    unit = next((str(part["schoolUnit"]) for part in (answer.body, *programmes) if part.get("schoolUnit")), "")
    if not SCHOOL_CODE.fullmatch(unit):
        faults.add("schoolUnit", "not a code of 8 digits", answer.ordinal)
    form = _form(answer, faults)
    for part in (answer.body, *programmes):
        yield from _of_periods(part, form, "school", unit, answer.ordinal, faults)


def _national(answer: Answer, faults: Faults) -> Iterator[Figure]:
    yield from _of_periods(answer.body, _form(answer, faults), "nation", "SE", answer.ordinal, faults)


def _salsa(answer: Answer, faults: Faults) -> Iterator[Figure]:
    """SALSA of one or all schools; one period for the whole answer."""
    for school in answer.body["compulsorySchoolUnitSalsaMetricList"] or []:
        unit, name = str(school.get("schoolUnitCode") or ""), school.get("name")
        if not SCHOOL_CODE.fullmatch(unit):
            faults.add("schoolUnitCode", "not a code of 8 digits", answer.ordinal)
        for field, figure in school.items():
            if field.startswith("salsa") and isinstance(figure, dict):
                indicator = SALSA.get(field, f"skolverket_{_words(field)}")
                dated = {**figure, "timePeriod": answer.body.get("timePeriod")}
                yield from _figure(dated, field, indicator, "school", unit, name, answer.ordinal, faults)


READERS = {"statistics": _statistics, "national": _national, "salsa": _salsa}


def _form(answer: Answer, faults: Faults) -> str:
    """The form of schooling (fsk, gr, gran, gy, gyan), from the address, the answer's own link or its fields."""
    link = (answer.body.get("_links") or {}).get("self") or {}
    found = FORM.search(answer.url) or FORM.search(str(link.get("href")))
    if found:
        return found[1]
    if "programMetrics" in answer.body or "programCode" in answer.body:
        return "gy"
    if "averageGradesMeritRating9thGrade" in answer.body:
        return "gr"
    faults.add("_links", "neither address nor link says which form of schooling it is about", answer.ordinal, "MISSING_COLUMN")
    return ""


def _of_periods(part: Mapping[str, Any], form: str, level: str, unit: str, ordinal: int, faults: Faults) -> Iterator[Figure]:
    prefix = "_".join(word for word in ("skolverket", form, str(part.get("programCode") or "")) if word)
    for field, series in part.items():
        if field in ("programMetrics", "docLinks") or not isinstance(series, list):
            continue
        own = snake_case(f"{prefix} {_words(field)}")
        indicator = COMPULSORY.get(field, own) if form == "gr" else own
        for figure in series:
            yield from _figure(figure, field, indicator, level, unit, None, ordinal, faults)


def _figure(
    figure: Mapping[str, Any], field: str, indicator: str, level: str, unit: str, name: str | None, ordinal: int, faults: Faults
) -> Iterator[Figure]:
    """A dated figure. ``MISSING`` without a period says that there is no series, and is no figure."""
    period, kind = figure.get("timePeriod"), figure.get("valueType")
    if period is None and kind == "MISSING":
        return
    try:
        year = period_year(str(period))
        cell = _cell(kind, figure.get("value"), bool(SHARES.match(field)))
    except UnreadableError:
        faults.add(field, "a value, value type or period we do not know", ordinal)
        return
    yield Figure(indicator, level, unit, name, "all", year, "all", cell, None, ordinal)


def _cell(kind: Any, value: Any, share: bool) -> PublishedCell:
    """What a value and its type mean together; the type decides."""
    text = str(value if value is not None else "")
    if kind in NO_FIGURE:
        return PublishedCell(NAN, NAN, NAN, NO_FIGURE[kind], text, None)
    cell = published(text, share=share)
    if kind not in FIGURES or cell.status not in ("exists", "rounded"):
        raise UnreadableError
    return cell


def _words(field: str) -> str:
    """``salsaBoysQuota`` is ``salsa_boys_quota``."""
    return snake_case(re.sub(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[A-Z][a-z])", "_", field))


SOURCES = (SkolverketApi(),)
