"""Published figures a municipality has in a table of its own: one figure a row, or one column a figure."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd

from kvalitet_lib.indicators import all_indicators
from kvalitet_lib.sources import local_kinds_no, local_kinds_se
from kvalitet_lib.sources.cells import SEX
from kvalitet_lib.sources.local_columns import Broken, Field, LocalKind
from kvalitet_lib.sources.local_kinds_comments import COMMENT_KINDS
from kvalitet_lib.sources.local_rules import NOT_A_NAME, begun_school_years, in_words, names, units
from kvalitet_lib.sources.local_source import LocalSource
from kvalitet_lib.sources.numerals import ambiguous, decimal_sign
from kvalitet_lib.sources.published_cells import published_cells
from kvalitet_lib.sources.source import Source

SOURCE = "published"
LEVELS = {
    **dict.fromkeys(("skola", "skole", "skolenhet", "school"), "school"),
    **dict.fromkeys(("huvudman", "skoleeier", "owner"), "owner"),
    **dict.fromkeys(("kommun", "kommune", "municipality"), "municipality"),
    **dict.fromkeys(("län", "fylke", "county"), "county"),
    **dict.fromkeys(("grupp", "gruppe", "group"), "group"),
    **dict.fromkeys(("riket", "nasjonalt", "nation", "landet"), "nation"),
}
UNIT_FORMS = {"school": "[0-9]{8,9}", "municipality": "[0-9]{4}", "nation": "SE|NO"}
NATIONS = {"riket": "SE", "sverige": "SE", "se": "SE", "0000": "SE", "nasjonalt": "NO", "norge": "NO", "no": "NO"}
GROUPS = {**SEX, **dict.fromkeys(("alla", "alle", "all", "samtliga", "totalt"), "all")}
NO_FIGURE = "neither a number nor a mark such as .. or ~100, or outside the range of its indicator"
KNOWN = all_indicators()
INDICATORS = in_words({indicator: indicator for indicator in KNOWN})
PERSONS = ("antal_elever", "antall_elever")


def figures(texts: pd.Series, indicator: str, n: pd.Series, sign: str = ",") -> tuple[pd.DataFrame, list[int]]:
    """One indicator's figures as published, and the positions of those that cannot be read or cannot be."""
    known = KNOWN[indicator]
    least, most = known.scale
    cells, unreadable = published_cells(texts, sign, known.is_share, n)
    outside = (cells.value < least) | (cells.value > most)
    two_readings = ambiguous(texts) if sign != "," else []
    return cells, sorted({*unreadable, *two_readings, *(position for position, is_so in enumerate(outside) if is_so)})


def persons(rows: pd.DataFrame, columns: tuple[str, ...]) -> pd.Series:
    """How many persons stand behind each figure, where that is stated as a plain number."""
    stated = [published_cells(rows[column])[0].value for column in columns if column in rows]
    return stated[0] if stated else pd.Series(float("nan"), index=rows.index)


def long_figures(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[int]]:
    """The figures of a table with one figure a row, each on its own indicator's scale."""
    n = persons(rows, ("persons",))
    sign = decimal_sign([rows.figure])
    cells, failed = [published_cells(rows.figure.iloc[:0])[0]], []
    for indicator, texts in rows.figure.groupby(rows.indicator):
        read, positions = figures(texts, str(indicator), n.loc[texts.index], sign)
        cells.append(read)
        failed += list(texts.index[positions])
    return pd.concat(cells), sorted(rows.index.get_indexer(failed))


def long_faults(rows: pd.DataFrame) -> list[Broken]:
    """Figures that cannot be read, and codes that do not fit the level."""
    forms = rows.level.map(UNIT_FORMS).fillna("")
    units = enumerate(zip(forms, national(rows), strict=True))
    unfit = [position for position, (form, unit) in units if form and not _fits(form, unit)]
    found = [
        ("figure", NO_FIGURE, "INVALID_VALUE", long_figures(rows)[1]),
        ("unit", "not a code of the level stated", "INVALID_VALUE", unfit),
    ]
    return [one for one in found if one[3]]


def national(rows: pd.DataFrame) -> pd.Series:
    """The units, with ``SE`` or ``NO`` for the nation however it is written."""
    nation = rows.unit.str.casefold().map(NATIONS)
    return rows.unit.mask(rows.level.eq("nation") & nation.notna(), nation)


def long_shape(rows: pd.DataFrame) -> pd.DataFrame:
    """Published values from one figure a row."""
    cells = long_figures(rows)[0].reindex(rows.index)
    group = rows["group"] if "group" in rows else pd.Series(None, index=rows.index, dtype="str")
    about = rows.assign(unit=national(rows), group=group.fillna("all"), n=persons(rows, ("persons",)))
    return about.join(cells.assign(status=cells.status.fillna("missing"))).assign(source=SOURCE, owner_type="all")


def wide_faults(rows: pd.DataFrame) -> list[Broken]:
    """Figures that cannot be read, column by column."""
    n = persons(rows, PERSONS)
    delivered = [one for one in rows.columns if one in KNOWN]
    sign = decimal_sign([rows[one] for one in delivered])
    read = {one: figures(rows[one], one, n, sign)[1] for one in delivered}
    return [(one, NO_FIGURE, "INVALID_VALUE", failed) for one, failed in read.items() if failed]


def wide_shape(rows: pd.DataFrame) -> pd.DataFrame:
    """Published values from one school and year a row, one figure a column."""
    n = persons(rows, PERSONS)
    delivered = [one for one in rows.columns if one in KNOWN]
    sign = decimal_sign([rows[one] for one in delivered])
    about = rows.drop(columns=delivered).assign(source=SOURCE, level="school", owner_type="all", group="all", n=n)
    return pd.concat([about.assign(indicator=one).join(figures(rows[one], one, n, sign)[0]) for one in delivered])


def wide_kind(name: str, about: tuple[Field, ...], headers: dict[str, tuple[str, ...]]) -> LocalKind:
    """A kind in which every indicator may be a column, by its id or by one of ``headers``."""
    school, school_name, *rest = about
    columns = (Field(indicator, (*headers.get(indicator, ()), indicator), own=True) for indicator in KNOWN)
    fields = (replace(school, column="unit"), replace(school_name, column="unit_name"), *rest, *columns)
    return LocalKind(name, "published_values", fields, shape=wide_shape, checks=(wide_faults,))


def long_kind(name: str, headers: dict[str, tuple[str, ...]]) -> LocalKind:
    """A kind with one figure a row."""
    fields = (
        Field("level", headers["level"], in_words(LEVELS), required=True, own=True, rule="not a level we know"),
        Field("unit", headers["unit"], units, required=True, rule="not the code of a unit"),
        Field("unit_name", headers["unit_name"], names, rule=NOT_A_NAME),
        Field("indicator", headers["indicator"], INDICATORS, required=True, own=True, rule="not an indicator we know"),
        Field("school_year", headers["school_year"], begun_school_years, required=True, rule=local_kinds_se.SCHOOL_YEAR.rule),
        Field("group", headers["group"], in_words(GROUPS), rule="not all, girls or boys"),
        Field("figure", headers["figure"], required=True, own=True),
        Field("persons", headers["persons"]),
    )
    return LocalKind(name, "published_values", fields, shape=long_shape, checks=(long_faults,))


PUBLISHED_SE = long_kind(
    "published",
    {
        "level": ("nivå", "level"),
        "unit": ("enhet", "enhetskod", "unit"),
        "unit_name": ("enhetsnamn", "unit_name"),
        "indicator": ("indikator", "indicator"),
        "school_year": ("läsår", "school_year"),
        "group": ("grupp", "kön", "group"),
        "figure": ("värde", "value"),
        "persons": ("antal", "persons"),
    },
)
PUBLISHED_NO = long_kind(
    "published_no",
    {
        "level": ("nivå",),
        "unit": ("enhet",),
        "unit_name": ("enhetsnavn",),
        "indicator": ("indikator",),
        "school_year": ("skoleår",),
        "group": ("gruppe", "kjønn"),
        "figure": ("verdi",),
        "persons": ("antall",),
    },
)
SE_AGENCY = wide_kind(
    "se_agency",
    (local_kinds_se.SCHOOL, local_kinds_se.SCHOOL_NAME, local_kinds_se.SCHOOL_YEAR),
    {
        "behorighet_yrkesprogram": ("andel_behöriga", "andel_behöriga_yrkesprogram"),
        "meritvarde": ("genomsnittligt_meritvärde",),
        "alla_amnen_ak9": ("andel_godkända_alla_ämnen",),
        "lararbehorighet": ("andel_behöriga_lärare",),
        "elever_per_larare": ("elever_per_lärare",),
    },
)
NO_AGENCY = wide_kind(
    "no_agency",
    (local_kinds_no.SCHOOL, local_kinds_no.SCHOOL_NAME, local_kinds_no.SCHOOL_YEAR),
    {
        "mobbing_pa_skolen": ("andel_mobbet",),
        "gruppestorrelse_2": ("gruppestørrelse_2",),
        "laerere_med_godkjent_utdanning": ("andel_lærere_med_godkjent_utdanning",),
    },
)

PUBLISHED_KINDS = (PUBLISHED_SE, PUBLISHED_NO, SE_AGENCY, NO_AGENCY)
RIVALS = (*PUBLISHED_KINDS, *local_kinds_se.SWEDISH_KINDS, *local_kinds_no.NORWEGIAN_KINDS, *COMMENT_KINDS)
PUBLISHED_SOURCES: tuple[Source, ...] = tuple(LocalSource(kind, RIVALS, kind.name) for kind in PUBLISHED_KINDS)
SOURCES = PUBLISHED_SOURCES


def _fits(form: str, unit: object) -> bool:
    return not isinstance(unit, str) or re.fullmatch(form, unit) is not None
