"""Export from Udir's former Skoleporten: one row is one figure for one unit, period, year group and sex.

Units are named, not numbered. A mapping file (``kind: school_names``) gives their organisation numbers; a school
no mapping knows is kept as ``navn:`` and its name, so that nothing is lost and nothing is mistaken for a code.

Scale points of national tests are of the series before 2022; see the indicators' breaks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from kvalitet_lib.errors import Fault
from kvalitet_lib.sources.cells import Typed, one_of, school_years, typed
from kvalitet_lib.sources.naming import codes_by_name, same_name, snake_case, unit_of
from kvalitet_lib.sources.published_cells import published_cells
from kvalitet_lib.sources.refusal import refuse
from kvalitet_lib.sources.sheet import Sheet
from kvalitet_lib.sources.source import Circumstances, Delivery, Filled
from kvalitet_lib.sources.validation import validated

HEADER = (
    "Enhetsnavn", "Skoletype", "Vurderingsområde", "Statistikk", "Indikator/delskår", "Periode", "Eierform", "Trinn",
    "Kjønn", "Verdi", "Måleenhet",
)  # fmt: skip
GROUPS = {"Begge kjønn": "all", "Alle kjønn": "all", "Jenter": "girl", "Jente": "girl", "Gutter": "boy", "Gutt": "boy"}
OWNERS = {"Offentlig": "municipal", "Privat": "independent", "Alle eierformer": "all", "Alle eierforhold": "all"}
NATION = ("nasjonalt", "hele landet", "norge")
ALL_YEAR_GROUPS = ("", "alle trinn")
RULES = {
    "Periode": "not a school year written like 2014-2015",
    "Kjønn": f"not {', '.join(GROUPS)}",
    "Eierform": f"not {', '.join(OWNERS)}",
    "Verdi": "neither a figure nor a known mark such as . or *",
}


class Skoleporten:
    """Skoleporten's semicolon export, recognised by its eleven columns."""

    name = "skoleporten"

    def recognises(self, delivery: Delivery) -> bool:
        return any(set(HEADER) <= set(_header(sheet)) for sheet in delivery.sheets)

    def read(self, delivery: Delivery, circumstances: Circumstances) -> list[Filled]:
        sheet = next(sheet for sheet in delivery.sheets if set(HEADER) <= set(_header(sheet)))
        refuse(delivery.file_name, _uneven(sheet), table="published_values")
        told = _cells(sheet)
        lines = pd.Series(sheet.lines[1:], index=told.index, dtype="int64")
        schools = codes_by_name(circumstances.mappings, "school_names")
        municipalities = codes_by_name(circumstances.mappings, "municipality_names")
        municipalities.setdefault(same_name(circumstances.municipality.name), circumstances.municipality.code)

        columns: dict[str, Typed] = {
            "Periode": school_years(told["Periode"]),
            "Kjønn": typed(told["Kjønn"], one_of(GROUPS)),
            "Eierform": typed(told["Eierform"], one_of(OWNERS)),
        }
        per_cent = told["Måleenhet"].str.startswith(("Prosent", "Andel"))
        parts = [published_cells(told.loc[per_cent == share, "Verdi"], share=share) for share in (False, True)]
        figures = pd.concat([frame for frame, _ in parts]).sort_index()
        unread = [
            told.index[per_cent == share][row] for share, (_, failed) in zip((False, True), parts, strict=True) for row in failed
        ]
        failed = {name: failed for name, (_, failed) in columns.items()} | {"Verdi": sorted(unread)}
        refuse(delivery.file_name, *_faults(failed, lines), table="published_values")

        units = pd.DataFrame([_unit(name, schools, municipalities) for name in told["Enhetsnavn"]], columns=["level", "unit"])
        rows = figures.assign(
            source=self.name,
            indicator=[
                indicator_of(*row)
                for row in told[["Statistikk", "Indikator/delskår", "Trinn", "Måleenhet"]].itertuples(index=False)
            ],
            level=units.level,
            unit=units.unit,
            unit_name=told["Enhetsnavn"],
            # A school has one owner; only above the school does the owner tell which schools are counted.
            owner_type=columns["Eierform"][0].where(units.level != "school", "all"),
            school_year=columns["Periode"][0],
            group=columns["Kjønn"][0],
            n=float("nan"),
        )
        headers = {"school_year": "Periode", "unit": "Enhetsnavn", "indicator": "Indikator/delskår", "group": "Kjønn"}
        return validated(delivery.file_name, [Filled("published_values", rows, lines)], headers)


def indicator_of(statistic: str, part: str, year_group: str, unit: str) -> str:
    """Our id of a figure, e.g. ``np5_lesing``.

    Only scale points of ``Lesing``, ``Regning`` and ``Engelsk`` are the national tests' results. Points 1-3 of the years
    before 2014 and the results by sending school (avgiverskole) get ids of their own; so does everything that is no test.

    >>> indicator_of("Nasjonale prøver 5. trinn 2009-2013", "Lesing", "Trinn 5", "Gjennomsnittspoeng med én desimal (1-3)")
    'np5_lesing_gjennomsnittspoeng_med_en_desimal_1_3'
    """
    said = snake_case(re.sub(r"\(.*?\)", "", part))
    grade = re.search(r"\d+", year_group)
    if statistic.startswith("Nasjonale prøver") and grade:
        return f"np{grade[0]}_{said}" + ("" if unit == "Skalapoeng" else f"_{snake_case(unit)}")
    whose = "" if same_name(year_group) in ALL_YEAR_GROUPS else f"_{snake_case(year_group)}"
    return f"{snake_case(statistic)}_{said}{whose}"


def _header(sheet: Sheet) -> list[str]:
    return [cell.strip() for cell in sheet.rows[0]] if sheet.rows else []


def _cells(sheet: Sheet) -> pd.DataFrame:
    told = pd.DataFrame(sheet.rows[1:], columns=_header(sheet), dtype="str")[list(HEADER)]
    return told.apply(lambda column: column.str.strip())


def _uneven(sheet: Sheet) -> Fault | None:
    width = len(sheet.rows[0])
    lines = tuple(line for line, row in zip(sheet.lines, sheet.rows, strict=True) if len(row) != width)
    advice = "Export the file again; it may have been cut off or changed by hand."
    return Fault("", f"not {width} cells, as the header has", "UNEVEN_ROW", lines, advice) if lines else None


def _faults(failed: Mapping[str, list[int]], lines: pd.Series) -> list[Fault]:
    return [
        Fault(name, RULES[name], lines=tuple(int(lines.iloc[row]) for row in rows), advice="Export the file again, unchanged.")
        for name, rows in failed.items()
        if rows
    ]


def _unit(name: str, schools: Mapping[str, str], municipalities: Mapping[str, str]) -> tuple[str, str]:
    """Level and unit of a name: the nation, ``… kommune``, ``… fylke``, or else a school."""
    said = same_name(name)
    if said in NATION:
        return "nation", "NO"
    if said.endswith((" fylke", " fylkeskommune")):
        return "county", unit_of(name, {}, "school_names")
    if said.endswith(" kommune"):
        return "municipality", municipalities.get(said.removesuffix(" kommune")) or unit_of(name, municipalities, "school_names")
    return "school", unit_of(name, schools, "school_names")


SOURCES = (Skoleporten(),)
