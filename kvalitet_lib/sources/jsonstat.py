"""Tables of statistics by region and year, answered as JSON-stat 2 by SSB (KOSTRA), SCB or Skolverket.

Known contents get our ids; others the agency's own words in snake case. A dimension besides region, time, contents and
sex becomes part of the id, unless its category is the total.

A calendar year Y is the school year that ends in Y, except for what is counted in the autumn (``AUTUMN``): groups are
counted by GSI on 1 October, so KOSTRA's year Y is the school year that begins in Y. This is our reading of KOSTRA.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from kvalitet_lib.errors import Fault
from kvalitet_lib.sources.answer_cache import unwrapped
from kvalitet_lib.sources.calendar_terms import school_year
from kvalitet_lib.sources.jsonstat_dataset import Dataset, categories, is_dataset, role, tidy
from kvalitet_lib.sources.naming import snake_case
from kvalitet_lib.sources.numerals import UnreadableError
from kvalitet_lib.sources.refusal import refuse
from kvalitet_lib.sources.skolverket_rows import figures_filled
from kvalitet_lib.sources.source import Circumstances, Delivery, Filled
from kvalitet_lib.sources.validation import validated

KNOWN = {"KOSgrstr20000": "gruppestorrelse_2", "KOSgrunnskolepoe0000": "grunnskolepoeng"}
AUTUMN = ("KOSgrstr20000",)
AGENCIES = {"statistisk sentralbyrå": "ssb", "statistics norway": "ssb", "scb": "scb", "statistics sweden": "scb"}
NATIONS = {"ssb": "NO", "scb": "SE", "skolverket": "SE"}
SEX = re.compile(r"k[oöø](n|nn)|kj[oø]nn|sex", re.IGNORECASE)
SEXES = {
    **dict.fromkeys(("män", "pojkar", "menn", "gutter", "men", "boys", "males"), "boy"),
    **dict.fromkeys(("kvinnor", "flickor", "kvinner", "jenter", "women", "girls", "females"), "girl"),
}
TOTAL = re.compile(r"(totalt?|totals?|samtliga|alle|alla|begge|båda|i alt|both|all)\b", re.IGNORECASE)
# '-' is nil: there is nothing of the kind. It is not turned into 0, which for a mean would be wrong.
SYMBOLS = {".": "not_applicable", "-": "not_applicable", "..": "missing", "...": "missing", "…": "missing", ":": "too_few"}
SYMBOLS_OF = {"skolverket": SYMBOLS | {"..": "too_few", ".": "missing", "-": "missing"}}
PER_CENT = ("prosent", "procent", "percent", "per cent", "%")


class JsonStatTable:
    """One table with the dimensions region, time and contents."""

    name = "jsonstat"

    def recognises(self, delivery: Delivery) -> bool:
        return any(is_dataset(answer) for answer in unwrapped(delivery.documents)[:1])

    def read(self, delivery: Delivery, circumstances: Circumstances) -> list[Filled]:
        dataset = unwrapped(delivery.documents)[0]
        agency = agency_of(dataset)
        if not dataset.get("value"):
            note = "a description of a table, without values; there is nothing in it to store"
            return validated(delivery.file_name, [figures_filled(agency, [], [note])])
        region, time, contents = _dimensions(dataset)
        refuse(delivery.file_name, *_lacking(region, time, contents), table="published_values")
        cells = tidy(dataset, delivery.file_name)
        refuse(delivery.file_name, *_time_faults(dataset, str(time)), *_sex_faults(dataset), table="published_values")
        nation = NATIONS.get(agency, circumstances.municipality.nation)
        keys = _keys(dataset, cells, (str(region), str(time), str(contents)), nation)
        rows = keys.join(_figures(dataset, cells, str(contents), agency))
        rows = rows.assign(source=agency, owner_type="all", n=math.nan)
        lines = pd.Series(range(1, len(rows) + 1), index=rows.index, dtype="int64")
        headers = {"unit": str(region), "school_year": str(time), "indicator": str(contents)}
        return validated(delivery.file_name, [Filled("published_values", rows, lines)], headers)


def agency_of(dataset: Dataset) -> str:
    """``ssb``, ``scb``, ``skolverket``, or the source's own words in snake case."""
    said = str(dataset.get("source") or "").strip()
    return AGENCIES.get(said.casefold()) or snake_case(said) or "pxweb"


def level_and_unit(code: str, nation: str) -> tuple[str, str]:
    """What a region's code stands for.

    Four digits are a municipality, two a county, ``00``, ``0`` and KOSTRA's ``EAK`` the nation, ten digits an owner and
    ``owner-school`` a school unit; everything else, such as KOSTRA's ``EKG05`` or ``EAKUO``, is a group.
    """
    municipality = re.fullmatch(r"(?:K[-_])?(\d{4})", code)
    school = re.fullmatch(r"(?:\d{10}-)?(\d{8,9})", code)
    if code in ("0", "00", "EAK"):
        return "nation", nation
    if municipality:
        return "municipality", municipality[1]
    if school:
        return "school", school[1]
    if re.fullmatch(r"\d{2}", code):
        return "county", code
    return ("owner" if re.fullmatch(r"\d{10}", code) else "group"), code


def school_year_of(time: str, autumn: bool = False) -> str:
    """The school year of ``2023``, ``2023/24`` or ``2023-2024``; raises UnreadableError for months, terms and quarters."""
    if re.fullmatch(r"(19|20)\d\d", time):
        begins = int(time) if autumn else int(time) - 1
        return f"{begins}-{(begins + 1) % 100:02d}"
    return school_year(time)


def _dimensions(dataset: Dataset) -> tuple[str | None, str | None, str | None]:
    ids = [str(name) for name in dataset.get("id", [])]
    region = role(dataset, "geo") or next((name for name in ids if "region" in name.casefold()), None)
    return region, role(dataset, "time"), role(dataset, "metric") or next((name for name in ids if name == "ContentsCode"), None)


def _lacking(region: str | None, time: str | None, contents: str | None) -> list[Fault]:
    advice = "Ask for a table by region and year, with its contents."
    named = {"region": region, "time": time, "contents": contents}
    return [
        Fault(name, "the table has no such dimension", "MISSING_COLUMN", advice=advice)
        for name, there in named.items()
        if not there
    ]


def _time_faults(dataset: Dataset, time: str) -> list[Fault]:
    advice = "One row here is one school year: ask for a yearly table."
    for code in categories(dataset, time):
        try:
            school_year_of(code)
        except UnreadableError:
            return [Fault(time, "not years or school years", advice=advice)]
    return []


def _sex_faults(dataset: Dataset) -> list[Fault]:
    sex = _sex_of(dataset)
    if sex is None or all(_sexes(dataset, sex).values()):
        return []
    return [Fault(sex, "not the total, girls or boys", advice="Ask for the total, women and men only.")]


def _sex_of(dataset: Dataset) -> str | None:
    return next((str(name) for name in dataset["id"] if SEX.fullmatch(str(name))), None)


def _sexes(dataset: Dataset, dimension: str) -> dict[str, str]:
    """Code → all, girl or boy; empty for any other category."""
    labels = categories(dataset, dimension)
    return {code: SEXES.get(label.strip().casefold(), "all" if TOTAL.match(label) else "") for code, label in labels.items()}


def _keys(dataset: Dataset, cells: pd.DataFrame, dimensions: tuple[str, str, str], nation: str) -> pd.DataFrame:
    region, time, contents = dimensions
    sex = _sex_of(dataset)
    places = {code: level_and_unit(code, nation) for code in categories(dataset, region)}
    ids = {code: KNOWN.get(code) or snake_case(label) for code, label in categories(dataset, contents).items()}
    indicator = cells[contents].map(ids)
    for name in (str(name) for name in dataset["id"] if name not in (*dimensions, sex)):
        indicator = indicator + cells[name].map(_suffixes(dataset, name))
    autumn = cells[contents].isin(AUTUMN)
    years = {(code, late): school_year_of(code, late) for code in categories(dataset, time) for late in (False, True)}
    return pd.DataFrame(
        {
            "indicator": indicator,
            "level": cells[region].map({code: level for code, (level, _) in places.items()}),
            "unit": cells[region].map({code: unit for code, (_, unit) in places.items()}),
            "unit_name": cells[region].map(categories(dataset, region)),
            "school_year": [years[pair] for pair in zip(cells[time], autumn, strict=True)],
            "group": cells[sex].map(_sexes(dataset, sex)) if sex else "all",
        }
    ).astype("str")


def _suffixes(dataset: Dataset, dimension: str) -> dict[str, str]:
    """What a category adds to the id: nothing for the total, else its label."""
    total = (dataset["dimension"][dimension].get("extension") or {}).get("eliminationValueCode")
    labels = categories(dataset, dimension)
    return {code: "" if code == total or TOTAL.match(label) else f"_{snake_case(label)}" for code, label in labels.items()}


def _figures(dataset: Dataset, cells: pd.DataFrame, contents: str, agency: str) -> pd.DataFrame:
    units = dataset["dimension"][contents].get("category", {}).get("unit") or {}
    share = cells[contents].map({code: _per_cent(units.get(code)) for code in categories(dataset, contents)})
    given = cells["value"].notna()
    symbols = SYMBOLS_OF.get(agency, SYMBOLS)
    without = cells["status"].map(symbols).fillna("missing")
    decimals = [_decimals(units.get(code), value) for code, value in zip(cells[contents], cells["value"], strict=True)]
    originals = [
        f"{value:.{places}f}" if there else symbol
        for value, places, there, symbol in zip(cells["value"], decimals, given, cells["status"], strict=True)
    ]
    return pd.DataFrame(
        {
            "value": cells["value"].where(~share.astype(bool), cells["value"] / 100),
            "lower": math.nan,
            "upper": math.nan,
            "status": without.where(~given, cells["status"].map({"*": "provisional"}).fillna("exists")).astype("str"),
            "original": pd.Series(originals, index=cells.index, dtype="str"),
            "decimals": pd.Series(decimals, index=cells.index, dtype="Int64").where(given),
        }
    )


def _per_cent(unit: Any) -> bool:
    return isinstance(unit, Mapping) and str(unit.get("base", "")).strip().casefold().startswith(PER_CENT)


def _decimals(unit: Any, value: float) -> int:
    """As the table says; otherwise as many as the number has, six at most."""
    if isinstance(unit, Mapping) and isinstance(unit.get("decimals"), int):
        return min(int(unit["decimals"]), 6)
    written = f"{value:.6f}".rstrip("0") if not math.isnan(value) else "0."
    return len(written.rpartition(".")[2])


class PxWebLists:
    """PxWeb's lists of tables, its settings and aggregations: recognised so that a whole folder can be loaded, not stored."""

    name = "pxweb_lists"

    def recognises(self, delivery: Delivery) -> bool:
        return any(self._is_list(answer) for answer in unwrapped(delivery.documents)[:1])

    def read(self, delivery: Delivery, circumstances: Circumstances) -> list[Filled]:
        note = "a list or setting of PxWeb; there are no figures in it to store"
        return validated(delivery.file_name, [figures_filled(self.name, [], [note])])

    @staticmethod
    def _is_list(answer: Any) -> bool:
        said = set(answer) if isinstance(answer, Mapping) else set()
        aggregation = bool(said) and answer.get("type") in ("Aggregation", "Valueset")
        return {"language", "tables"} <= said or {"apiVersion", "dataFormats"} <= said or aggregation


SOURCES = (JsonStatTable(), PxWebLists())
