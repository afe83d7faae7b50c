"""Kolada: figures as the interface (v2, v3) gives them, reshaped or flattened by others; groups of municipalities; lists.

Kolada's figures for a group of municipalities are unweighted means of those that have a value. In year 6 it shows 95 per
cent where 1-4 of at least 40 pupils do not pass every subject (``N15540`` and its sisters), and nothing in the figure
tells that it is rounded.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from kvalitet_lib.errors import Fault
from kvalitet_lib.sources.answer_cache import unwrapped
from kvalitet_lib.sources.kolada_kpis import kpi_of, school_year_of
from kvalitet_lib.sources.naming import codes_by_name, same_name, unit_of
from kvalitet_lib.sources.published_cells import PublishedCell
from kvalitet_lib.sources.refusal import refuse
from kvalitet_lib.sources.sheet import Sheet
from kvalitet_lib.sources.skolverket_rows import Figure, figures_filled
from kvalitet_lib.sources.source import Circumstances, Delivery, Filled
from kvalitet_lib.sources.validation import validated

KPI = re.compile(r"[A-Z]\d{5}")
MUNICIPALITY = re.compile(r"\d{4}")
GROUPS = {"T": "all", "K": "girl", "M": "boy"}
FLAT = {"gender", "value", "kpi", "year", "municipality_id"}
MEMBERS = {"group_id", "group_title", "member_id", "member_title"}
KPI_LIST = {"id", "title", "description", "operating_area"}
MUNICIPALITY_LIST = {"id", "title", "type"}
NAMED_KPIS = re.compile(rb"\A(?:\xef\xbb\xbf)?[A-Z]\d{5}\xc2\xa4")
NOTHING = ("", "NA", "null")
RULES = {
    "kpi": "not a key figure's id such as N15505",
    "period": "not a year",
    "gender": "not T, K or M",
    "value": "not a number",
}


class Said(NamedTuple):
    """One figure in any of the shapes, before it is judged; ``value`` is as delivered, ``line`` the line or ordinal."""

    kpi: str
    place: str
    place_name: str | None
    year: str
    gender: str
    value: Any
    status: str
    line: int


class KoladaFigures:
    """Key figures: ``{values: [{kpi, municipality|ou, period, values}]}``, name → KPI → year → sex, or flattened CSV."""

    name = "kolada"

    def recognises(self, delivery: Delivery) -> bool:
        answers = unwrapped(delivery.documents)
        if answers:
            return _is_data(answers[0]) or _is_by_kpi(answers[0]) or _is_by_name(answers[0])
        return not NAMED_KPIS.match(delivery.content) and _first_with(delivery.sheets, FLAT) is not None

    def read(self, delivery: Delivery, circumstances: Circumstances) -> list[Filled]:
        own = circumstances.municipality
        codes = {same_name(own.name): own.code} | codes_by_name(circumstances.mappings, "municipality_names")
        said = list(_said(delivery, codes))
        refuse(delivery.file_name, *_faults(said), table="published_values")
        figures = [_figure(one) for one in said]
        headers = {"indicator": "kpi", "unit": "municipality", "school_year": "period", "group": "gender"}
        return validated(delivery.file_name, [figures_filled(self.name, figures)], headers)


class KoladaGroups:
    """Groups of municipalities with their members, from the interface or as CSV; fills ``reference_groups``."""

    name = "kolada_groups"

    def recognises(self, delivery: Delivery) -> bool:
        answers = unwrapped(delivery.documents)
        if answers:
            return any("members" in item for item in _items(answers[0])[:1])
        return not NAMED_KPIS.match(delivery.content) and _first_with(delivery.sheets, MEMBERS) is not None

    def read(self, delivery: Delivery, circumstances: Circumstances) -> list[Filled]:
        sheet = _first_with(delivery.sheets, MEMBERS)
        members = _members_in_sheet(sheet) if sheet else list(_members_in_answers(unwrapped(delivery.documents)))
        names = ["group", "title", "member", "member_name", "line"]
        told = pd.DataFrame(members, columns=names).astype(dict.fromkeys(names[:4], "str"))
        filled = Filled("reference_groups", told[names[:4]], told["line"].astype("int64"))
        return validated(delivery.file_name, [filled], {"group": "group_id", "member": "member_id", "title": "group_title"})


class KoladaLists:
    """Lists of municipalities or of key figures, and empty answers: recognised so that a folder can be loaded, not stored."""

    name = "kolada_lists"

    def recognises(self, delivery: Delivery) -> bool:
        answers = unwrapped(delivery.documents)
        if answers:
            items = _items(answers[0])[:1]
            listed = any({"id", "title"} <= set(item) and "members" not in item for item in items)
            return listed or _is_empty(answers[0]) or _is_names_by_code(answers[0])
        if NAMED_KPIS.match(delivery.content):
            return True
        headers = [set(_header(sheet)) for sheet in delivery.sheets]
        return any(header >= KPI_LIST or header == MUNICIPALITY_LIST for header in headers)

    def read(self, delivery: Delivery, circumstances: Circumstances) -> list[Filled]:
        note = "a list of names and ids from Kolada; there are no figures in it to store"
        return validated(delivery.file_name, [figures_filled(KoladaFigures.name, [], [note])])


def _said(delivery: Delivery, codes: Mapping[str, str]) -> Iterator[Said]:
    answers = unwrapped(delivery.documents)
    if not answers:
        sheet = _first_with(delivery.sheets, FLAT)
        yield from _in_sheet(sheet) if sheet else ()
    elif _is_data(answers[0]):
        yield from _in_answers(answers)
    elif _is_by_kpi(answers[0]):
        yield from _in_tree(answers[0], "0000", "Riket", 1)
    else:
        for line, (name, tree) in enumerate(answers[0].items(), 1):
            yield from _in_tree(tree, unit_of(name, codes, "municipality_names"), name, line)


def _in_answers(answers: Iterable[Any]) -> Iterator[Said]:
    line = 0
    for answer in answers:
        for item in _items(answer):
            line += 1
            place = str(item.get("municipality") or item.get("ou") or "")
            for one in item.get("values") or []:
                deleted = one.get("isdeleted") or item.get("isdeleted")
                value, status = (None, "isdeleted") if deleted else (one.get("value"), str(one.get("status") or ""))
                yield Said(
                    str(item.get("kpi")), place, None, str(item.get("period")), str(one.get("gender")), value, status, line
                )


def _in_tree(tree: Mapping[str, Any], place: str, name: str, line: int) -> Iterator[Said]:
    for kpi, years in tree.items():
        for year, genders in years.items():
            for gender, value in genders.items():
                yield Said(kpi, place, name, year, gender, value, "", line)


def _in_sheet(sheet: Sheet) -> Iterator[Said]:
    header = _header(sheet)
    for row, line in zip(sheet.rows[1:], sheet.lines[1:], strict=True):
        cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
        name, status = cells.get("municipality"), cells.get("status", "")
        place, value = cells.get("municipality_id", ""), cells.get("value", "")
        yield Said(cells.get("kpi", ""), place, name, cells.get("year", ""), cells.get("gender", ""), value, status, line)


def _faults(said: Iterable[Said]) -> list[Fault]:
    wrong: dict[str, set[int]] = {}
    for one in said:
        passes = {
            "kpi": KPI.fullmatch(one.kpi),
            "period": re.fullmatch(r"(19|20)\d\d", one.year),
            "gender": one.gender in GROUPS,
            "value": _number(one.value) is not None or _is_nothing(one.value),
        }
        for column, passed in passes.items():
            if not passed:
                wrong.setdefault(column, set()).add(one.line)
    advice = "Ask Kolada again, or deliver the answer unchanged."
    return [Fault(column, RULES[column], lines=tuple(sorted(lines)), advice=advice) for column, lines in wrong.items()]


def _figure(said: Said) -> Figure:
    kpi = kpi_of(said.kpi)
    level, unit = level_and_unit(said.place)
    owner = "all" if level == "school" else kpi.owner_type
    year = school_year_of(said.kpi, int(said.year))
    cell = _cell(said, kpi.share, kpi.decimals)
    return Figure(kpi.indicator, level, unit, said.place_name, owner, year, GROUPS[said.gender], cell, None, said.line)


def level_and_unit(place: str) -> tuple[str, str]:
    """``0000`` is the nation, ``0001`` a region, ``0180`` a municipality, ``G35865`` a group, ``V15E144001301`` a unit."""
    if place == "0000":
        return "nation", "SE"
    if MUNICIPALITY.fullmatch(place):
        return ("county" if place.startswith("00") else "municipality"), place
    if place.startswith("namn:"):
        return "municipality", place
    return ("group" if re.fullmatch(r"G\d+", place) else "school"), place


def _cell(said: Said, share: bool, decimals: int) -> PublishedCell:
    value = _number(said.value)
    if value is None:
        return PublishedCell(math.nan, math.nan, math.nan, "missing", said.status, None)
    return PublishedCell(value / 100 if share else value, math.nan, math.nan, "exists", str(said.value), decimals)


def _number(value: Any) -> float | None:
    """A finite number, or None. Kolada writes a decimal point, also in a spreadsheet's text."""
    if isinstance(value, bool) or _is_nothing(value):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _is_nothing(value: Any) -> bool:
    return value is None or value in NOTHING


def _members_in_sheet(sheet: Sheet) -> list[tuple[str, str, str, str, int]]:
    header = _header(sheet)
    places = [header.index(name) for name in ("group_id", "group_title", "member_id", "member_title")]
    return [
        (*(row[place].strip() if place < len(row) else "" for place in places), line)  # type: ignore[misc]
        for row, line in zip(sheet.rows[1:], sheet.lines[1:], strict=True)
    ]


def _members_in_answers(answers: Iterable[Any]) -> Iterator[tuple[str, str, str, str, int]]:
    groups = [group for answer in answers for group in _items(answer)]
    for line, group in enumerate(groups, 1):
        for member in group.get("members") or []:
            code, name = member.get("member_id", member.get("id", "")), member.get("member_title", member.get("title", ""))
            yield str(group.get("id", "")), str(group.get("title", "")), str(code), str(name), line


def _items(answer: Any) -> list[dict[str, Any]]:
    """What an answer of the interface lists: ``{values: […], count: …}``."""
    values = answer.get("values") if isinstance(answer, dict) else None
    return [item for item in values if isinstance(item, dict)] if isinstance(values, list) else []


def _is_empty(answer: Any) -> bool:
    """What the interface answers where it has no figures."""
    return isinstance(answer, dict) and answer.get("values") == [] and "count" in answer


def _is_data(answer: Any) -> bool:
    return any({"kpi", "period", "values"} <= set(item) for item in _items(answer)[:1])


def _is_by_kpi(answer: Any) -> bool:
    """KPI → year → sex → value."""
    if not (isinstance(answer, dict) and answer and all(KPI.fullmatch(kpi) for kpi in answer)):
        return False
    by_year = [years for years in answer.values() if isinstance(years, dict)]
    return len(by_year) == len(answer) and all(isinstance(genders, dict) for years in by_year for genders in years.values())


def _is_by_name(answer: Any) -> bool:
    return isinstance(answer, dict) and bool(answer) and all(_is_by_kpi(tree) for tree in answer.values())


def _is_names_by_code(answer: Any) -> bool:
    return isinstance(answer, dict) and bool(answer) and all(MUNICIPALITY.fullmatch(key) for key in answer)


def _header(sheet: Sheet) -> list[str]:
    return [cell.strip() for cell in sheet.rows[0]] if sheet.rows else []


def _first_with(sheets: Iterable[Sheet], columns: set[str]) -> Sheet | None:
    return next((sheet for sheet in sheets if columns <= set(_header(sheet))), None)


SOURCES = (KoladaFigures(), KoladaGroups(), KoladaLists())
