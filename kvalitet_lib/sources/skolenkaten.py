"""Skolinspektionen's Skolenkäten, per school, as Skolverket's Planned Educations v4 answers it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kvalitet_lib.sources.numerals import UnreadableError, number
from kvalitet_lib.sources.published_cells import PublishedCell, published
from kvalitet_lib.sources.refusal import refuse
from kvalitet_lib.sources.skolverket_api import Answer, answers, kind_of
from kvalitet_lib.sources.skolverket_rows import SCHOOL_CODE, Faults, Figure, figures_filled, period_year
from kvalitet_lib.sources.source import Circumstances, Delivery, Filled
from kvalitet_lib.sources.validation import validated

AREAS = {
    "security": "trygghet",
    "workingEnvironment": "studiero",
    "support": "stod",
    "inspiration": "stimulans",
    "satisfaction": "nojdhet",
    "recommend": "rekommendation",
}
WHO = re.compile(r"(pupils|custodians)(gran|gr|gy|fsk)")
GUARDIANS = {"gr": "vardnadshavare", "fsk": "vardnadshavare_fsk", "gran": "vardnadshavare_gran"}


@dataclass(frozen=True)
class Skolenkaten:
    """Indices 0-10 per area, with the number of answers as ``n``, and the response rate.

    Pupils' indices are published per year group: ``skolenkaten_trygghet_ak8``. Where a school had one year
    group only, that is also all its pupils' index, ``skolenkaten_trygghet``; where it had two, the agency
    publishes no common one and we make none up. Guardians' are ``skolenkaten_vardnadshavare_trygghet``. Spring
    term 2024 is school year 2023-24. Shares of answers are not kept.

    Guardians' answers do not say whose guardians: it is read from the recorded address, or else from the name of
    the file; without either they are left out, and noted.
    """

    name: str = "skolenkaten"

    def recognises(self, delivery: Delivery) -> bool:
        """By the fields of the first answer that has any."""
        first = next((answer.body for answer in answers(delivery) if answer.body), {})
        return kind_of(first) == "survey"

    def read(self, delivery: Delivery, circumstances: Circumstances) -> list[Filled]:
        faults, figures = Faults(), list[Figure]()
        unused: Counter[str] = Counter()
        for answer in answers(delivery):
            who = WHO.search(answer.url) or WHO.search(delivery.file_name)
            if kind_of(answer.body) != "survey":
                unused["no answers to a survey"] += 1
            elif "schoolYearMetrics" in answer.body:
                figures += list(_pupils(answer, faults))
            elif who and who[2] in GUARDIANS:
                figures += list(_indices(answer.body, GUARDIANS[who[2]] + "_{}", answer.ordinal, faults))
            else:
                unused["neither address nor file name says whose guardians answered"] += 1
        refuse(delivery.file_name, *faults.listed(), table="published_values")
        notes = [f"{count} documents not used: {why}" for why, count in unused.items()]
        return validated(delivery.file_name, [figures_filled(self.name, figures, notes)])


def _pupils(answer: Answer, faults: Faults) -> Iterator[Figure]:
    """Each year group's indices; a lone year group's also as the school's."""
    year_groups = answer.body["schoolYearMetrics"] or []
    for metrics in year_groups:
        said = str(metrics.get("schoolYear") or "").replace("ar", "gy")
        yield from _indices(metrics, f"{{}}_{said}" if said else "{}", answer.ordinal, faults)
        if said and len(year_groups) == 1:
            yield from _indices(metrics, "{}", answer.ordinal, faults)


def _indices(metrics: Mapping[str, Any], named: str, ordinal: int, faults: Faults) -> Iterator[Figure]:
    """One group of respondents: its index in each area that was asked about, and its response rate."""
    unit = str(metrics.get("schoolUnitCode") or "")
    if not SCHOOL_CODE.fullmatch(unit):
        faults.add("schoolUnitCode", "not a code of 8 digits", ordinal)
    try:
        year = period_year(str(metrics.get("semester")))
        answered, asked = _count(metrics.get("noOfAnswers")), _count(metrics.get("noInGroup"))
    except UnreadableError:
        faults.add("semester, noOfAnswers, noInGroup", "not a term and whole numbers", ordinal)
        return
    texts = {area: _average(metrics, field) for field, area in AREAS.items()}
    rate = metrics.get("answeringFrequency")
    for area, text, share, n in (*((a, t, False, answered) for a, t in texts.items()), ("svarsfrekvens", rate, True, asked)):
        if text is None:  # not asked
            continue
        try:
            cell = published(str(text).removesuffix("%"), share=share)
        except UnreadableError:
            faults.add(area, "not an index or a share", ordinal)
            continue
        indicator = f"skolenkaten_{named.format(area)}"
        yield Figure(indicator, "school", unit, None, "all", year, "all", _hidden(cell, str(text), answered), n, ordinal)


def _average(metrics: Mapping[str, Any], field: str) -> Any:
    """The index of an area, in the nested form of the answer or the flat one."""
    nested = metrics.get(f"{field}Metrics")
    return nested.get("average") if isinstance(nested, dict) else metrics.get(f"{field}Average")


def _hidden(cell: PublishedCell, text: str, answered: float | None) -> PublishedCell:
    """A dash where somebody answered hides a figure; where nobody did there is none."""
    status = "too_few" if cell.status == "missing" and answered else cell.status
    return replace(cell, status=status, original=text)


def _count(text: Any) -> float | None:
    return None if text in (None, "-", "") else number(str(text))


SOURCES = (Skolenkaten(),)
