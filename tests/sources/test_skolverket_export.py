"""Skolverket's exports: every figure is found again, under the right unit, indicator, group and school year."""

from __future__ import annotations

import csv
import re
import time
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import load_workbook

from kvalitet_lib.errors import DeliveryError
from kvalitet_lib.municipality import Municipality
from kvalitet_lib.sources.skolverket_columns import meaning
from kvalitet_lib.sources.skolverket_export import SkolverketExport
from kvalitet_lib.sources.source import Circumstances, Delivery, Filled

HERE = Circumstances(
    Municipality(country="se", code="0114", name="Upplands Väsby", languages=("sv",), audiences={}, trust=()), lambda text: text
)
MUNICIPAL = "data/agency/skolverket_kommun_exporter"
SCHOOL = "data/agency/skolverket_slutbetyg_ak9_skolenhet_2024_25"
OWNERS = {"Samtliga": "all", "Kommunal": "municipal", "Enskild": "independent"}
GROUPS = {"Totalt": "all", "Samtliga": "all", "Flickor": "girl", "Pojkar": "boy"}
SUBJECTS = {
    "Svenska": "svenska",
    "Svenska som andraspråk": "svenska_som_andrasprak",
    "Engelska": "engelska",
    "Matematik": "matematik",
}
ENROLMENT = "skolverket_grundskola_antal_elever_per_arskurs"
LICENSED, LICENSED_SLUG = "med lärarlegitimation och behörighet", "med_lararlegitimation_och_behorighet"
STAFF = f"skolverket_grundskola_personalstatistik_{LICENSED_SLUG}"
COSTS = "skolverket_gymnasieskola_kostnader_per_kommun"
OVER_TIME = "skolverket_grundskola_jamforelse_av_betygsresultat_over_tid"

# What each column is, written down by hand: header (after its group's) → indicator.
COLUMNS = {
    "slutbetyg": {
        "Antal elever": "antal_elever_ak9",
        "Andel (%) elever som uppfyllt betygskriterierna i alla ämnen": "alla_amnen_ak9",
        "Andel (%) elever behöriga till yrkesprog.": "behorighet_yrkesprogram",
        "Genomsnittligt meritvärde (17 ämnen)": "meritvarde",
    },
    "betyg årskurs 6": {
        "Antal elever": "antal_elever_ak6",
        "Antal ämnesbetyg (genomsnitt)": "skolverket_grundskola_betyg_arskurs_6_antal_amnesbetyg_genomsnitt",
        "Andel (%) elever som fått godkänt betyg i alla ämnen": "alla_amnen_ak6",
        "Andel (%) elever som ej fått godkänt betyg i ett ämne": "ej_godkant_ett_amne_ak6",
        "Andel (%) elever som ej fått godkänt betyg i fler, alternativt alla ämnen": "ej_godkant_flera_amnen_ak6",
    },
    "behörighet till gymnasieskolan": {
        "Antal elever": "antal_elever_ak9",
        "Andel (%) elever behöriga till yrkesprog.": "behorighet_yrkesprogram",
        "Andel elever (%) behöriga till estetiskt program": "behorighet_estetiskt",
        "Andel elever (%) behöriga till Ekonomi-, humanistiska och samhällsvetenskaps- program": (
            "behorighet_ekonomi_humaniora_samhalle"
        ),
        "Andel elever (%) behöriga till Naturvetenskapligt och tekniskt program": "behorighet_natur_teknik",
    },
    "nationella prov": {
        "Andel (%) elever som deltagit": "np9_{}_deltagit",
        "Antal elever med provbetyg A-F": "np9_{}_antal_provbetyg",
        "Andel (%) med provbetyg A-E": "np9_{}_godkant",
        "Genomsnittlig betygspoäng": "np9_{}",
    },
    "personalstatistik": {
        "#Heltidstjänster Totalt antal": "skolverket_heltidstjanster_larare",
        f"#Heltidstjänster Antal {LICENSED}": f"{STAFF}_heltidstjanster_antal_{LICENSED_SLUG}",
        f"#Heltidstjänster Andel {LICENSED}": "lararbehorighet",
        "#Heltidstjänster Förstelärare": f"{STAFF}_heltidstjanster_forstelarare",
        "#Tjänstgörande lärare Totalt antal": f"{STAFF}_tjanstgorande_larare_totalt_antal",
        **{
            f"#Tjänstgörande lärare {what} {LICENSED} i minst ett ämne": (
                f"{STAFF}_tjanstgorande_larare_{what.lower()}_{LICENSED_SLUG}_i_minst_ett_amne"
            )
            for what in ("Antal", "Andel")
        },
        "#Tjänstgörande lärare Förstelärare": f"{STAFF}_tjanstgorande_larare_forstelarare",
    },
    "per årskurs": {
        "Andel (%) flickor, årskurs 1-9": f"{ENROLMENT}_andel_flickor_arskurs_1_9",
        "Andel (%) elever med utländsk bakgrund, åk 1-9": f"{ENROLMENT}_andel_elever_med_utlandsk_bakgrund_ak_1_9",
        "Andel (%) elever med föräldrar med eftergymnasial utb., åk 1-9": "foraldrar_eftergymnasial",
        **{f"Elever, årskurs {year}": f"{ENROLMENT}_elever_arskurs_{year}" for year in range(1, 10)},
        "Elever, årskurs 1-9": "antal_elever",
    },
    "kostnader": {
        "Genomsnittligt elevantal": f"{COSTS}_genomsnittligt_elevantal",
        "Totalt": f"{COSTS}_totalt",
        "Undervisning": f"{COSTS}_undervisning",
        **{
            f"{what} per elev": f"{COSTS}_{word}_per_elev"
            for what, word in {
                "Totalt": "totalt", "Undervisning": "undervisning", "Lokaler": "lokaler", "Måltider": "maltider",
                "Lärverktyg": "larverktyg", "Elevhälsa": "elevhalsa", "Övrigt": "ovrigt",
            }.items()
        },
    },
}  # fmt: skip
ITEMS = {
    "Totalt antal elever årskurs 9": "antal_elever_ak9",
    "- andel (%) flickor": f"{OVER_TIME}_andel_flickor",
    "- andel (%) pojkar": f"{OVER_TIME}_andel_pojkar",
    "- andel (%) elever med utländsk bakgrund": f"{OVER_TIME}_andel_elever_med_utlandsk_bakgrund",
    "- andel (%) med föräldrar med eftergymnasial utbildning": f"{OVER_TIME}_andel_med_foraldrar_med_eftergymnasial_utbildning",
    "Genomsnittligt meritvärde (17 ämnen)": "meritvarde",
    "Genomsnittligt meritvärde (16 ämnen)": f"{OVER_TIME}_genomsnittligt_meritvarde_16_amnen",
    "Andel (%) behöriga till yrkesprogram": "behorighet_yrkesprogram",
    "Andel (%) som fått godkänt betyg i alla ämnen": "alla_amnen_ak9",
}


def read(path: Path) -> list[Filled]:
    delivery = Delivery(path)
    assert SkolverketExport().recognises(delivery)
    return SkolverketExport().read(delivery, HERE)


def figures(path: Path) -> pd.DataFrame:
    return read(path)[0].rows


def by_key(rows: pd.DataFrame) -> dict[tuple, tuple]:
    """(indicator, unit, owner, school year, group) → original and the value it must have."""
    keys = rows[["indicator", "unit", "owner_type", "school_year", "group"]].itertuples(index=False, name=None)
    return dict(zip(keys, zip(rows.original, rows.value.round(6).fillna(-99), strict=True), strict=True))


def value_of(text: str, share: bool) -> float:
    """The figure as one would type it off the paper; -99 for a mark."""
    if not re.fullmatch(r"-?[\d ]+(,\d+)?", text):
        return -99
    return round(float(text.replace(" ", "").replace(",", ".")) / (100 if share else 1), 6)


def csv_again(path: Path) -> dict[tuple, tuple]:
    """The same file, read by itself: header by header, with the table of columns above."""
    with path.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.reader(opened, delimiter=";"))
    title = next(row[0] for row in rows if row and " - " in row[0]).lower()
    columns = next(names for words, names in COLUMNS.items() if words in title)
    period = next(row[0] for row in rows if row and row[0].startswith("Valt")).split(": ")[1]
    year = period.replace("/", "-") if "/" in period else f"{int(period) - 1}-{period[2:]}"
    top = next(place for place, row in enumerate(rows) if row and row[0] in ("Kommun", "Skola"))
    above = rows[top - 1] if rows[top - 1] and rows[top - 1][0] == "" and any(rows[top - 1]) else []
    header = rows[top]
    place = {name: header.index(name) for name in header if name}
    found = {}
    for row in rows[top + 1 :]:
        if row and row[0].startswith("Rapportbeskrivning"):
            break
        if not any(row):
            continue
        owner = "all" if header[0] == "Skola" else OWNERS.get(row[place["Typ av huvudman"]])
        for column, name in enumerate(header):
            label = above[column] if above and name in GROUPS else f"{above[column]} {name}" if above else name
            if owner and label in columns:
                indicator = columns[label].format(SUBJECTS[row[place["Ämne"]]] if "Ämne" in place else "")
                group = GROUPS[name] if above and name in GROUPS else GROUPS[row[place["Kön"]]] if "Kön" in place else "all"
                unit = row[1] or row[0]
                found[indicator, unit, owner, year, group] = (row[column], value_of(row[column], "ndel" in label))
    return found


@pytest.fixture
def exports(shared: Path) -> dict[str, Path]:
    return {path.name: path for folder in (MUNICIPAL, SCHOOL) for path in sorted((shared / folder).glob("*.[cx][sl]*"))}


def test_every_cell_of_every_real_csv_export_is_found_again_and_nothing_else(exports: dict[str, Path]) -> None:
    files = [path for path in exports.values() if path.suffix == ".csv"]
    assert len(files) == 12
    for path in files:
        expected = csv_again(path)
        assert len(expected) > 2_900, path.name
        assert by_key(figures(path)) == expected, path.name


def test_every_cell_of_the_ten_year_workbook_is_found_again_one_sheet_per_owner(exports: dict[str, Path]) -> None:
    path = next(path for name, path in exports.items() if "över tid" in name)
    workbook = load_workbook(str(path))
    expected = {}
    for sheet, owner in OWNERS.items():
        rows = workbook.get_sheet_by_name(sheet).to_python()
        top = next(place for place, row in enumerate(rows) if row[0] == "Kommun")
        for row in rows[top + 1 :]:
            for year, cell in zip(rows[top][5:], row[5:], strict=True):
                number = isinstance(cell, float)
                written = (f"{int(cell)}" if cell.is_integer() else f"{cell}".replace(".", ",")) if number else cell
                value = round(cell / (100 if "ndel" in row[4] else 1), 6) if number else -99
                expected[ITEMS[row[4]], row[1], owner, year.replace("/", "-"), "all"] = (written, value)
    assert len(expected) == 64_710
    assert by_key(figures(path)) == expected


def test_the_workbook_and_the_csv_of_one_export_give_the_same_figures(exports: dict[str, Path]) -> None:
    text, workbook = (figures(path) for name, path in exports.items() if "årskurs 6" in name and "2025" in name)
    compared = ["indicator", "unit", "owner_type", "school_year", "group", "value", "lower", "upper", "n", "status"]
    pd.testing.assert_frame_equal(text[compared], workbook[compared])


def test_marks_are_counted_as_the_agency_wrote_them_in_the_school_file(exports: dict[str, Path]) -> None:
    published, schools = read(next(path for name, path in exports.items() if "Slutbetyg" in name))
    marks = published.rows.groupby(["indicator", "original"]).size()
    expected = {
        ("antal_elever_ak9", ".."): 113, ("alla_amnen_ak9", ".."): 122, ("alla_amnen_ak9", "."): 64,
        ("behorighet_yrkesprogram", "~100"): 354, ("behorighet_yrkesprogram", ".."): 129, ("behorighet_yrkesprogram", "."): 34,
        ("meritvarde", ".."): 114, ("meritvarde", "."): 18,
    }  # fmt: skip
    assert {key: marks[key] for key in expected} == expected
    status = published.rows.groupby(["indicator", "status"]).size()
    assert status["behorighet_yrkesprogram", "rounded"] == 354
    assert status["antal_elever_ak9", "too_few"] == 113
    assert published.rows.value.notna().equals(published.rows.status.eq("exists"))
    assert schools.rows.owner_type.value_counts().to_dict() == {"municipal": 1178, "independent": 536}
    assert set(schools.rows.valid_from) == {"2024-25"}


def test_about_a_hundred_per_cent_lies_one_to_four_pupils_short_of_all(exports: dict[str, Path]) -> None:
    rows = figures(next(path for name, path in exports.items() if "Slutbetyg" in name))
    rounded = rows[rows.status.eq("rounded") & rows.n.notna()]
    assert len(rounded) > 300
    assert (((1 - rounded.lower) * rounded.n).round(6) == 4).all()
    assert (((1 - rounded.upper) * rounded.n).round(6) == 1).all()


def test_the_number_of_pupils_is_behind_shares_of_pupils_but_not_behind_the_merit_mean(exports: dict[str, Path]) -> None:
    rows = figures(next(path for name, path in exports.items() if "Slutbetyg" in name)).set_index(["indicator", "unit"])
    pupils = rows.loc["antal_elever_ak9"].value
    assert rows.loc["alla_amnen_ak9"].n.equals(pupils.rename("n"))
    assert rows.loc["meritvarde"].n.isna().all()


def test_national_tests_give_the_same_indicators_every_year(exports: dict[str, Path]) -> None:
    found = {name[-15:-11]: set(figures(path).indicator) for name, path in exports.items() if "nationella prov" in name}
    assert found["2019"] == found["2023"]
    # Mathematics was never published for 2018: the papers had leaked.
    assert found["2019"] - found["2018"] == {f"np9_matematik{end}" for end in ("", "_deltagit", "_antal_provbetyg", "_godkant")}


def test_an_export_of_three_hundred_thousand_bytes_loads_in_well_under_three_seconds(exports: dict[str, Path]) -> None:
    for path in [path for name, path in exports.items() if ("2023" in name and "prov" in name) or "Slutbetyg" in name]:
        started = time.process_time()
        read(path)
        assert time.process_time() - started < 3


# Small files of the same shapes, made up.

TOOK_PART, GRADED, PASSED = "Andel (%) elever som deltagit", "Antal elever med provbetyg A-F", "Andel (%) med provbetyg A-E"
TESTS_BEFORE = f"""\ufeffStatistik från Skolverket, https://www.skolverket.se

Grundskola - Resultat nationella prov årskurs 9, provbetyg per kön - Engelska
Valt läsår: 2022/23

;;;;;;{TOOK_PART};{TOOK_PART};{GRADED};{GRADED};{PASSED};{PASSED};
Kommun;Kommun-kod;Län;Läns-kod;Typ av huvudman;Ämne;Totalt;Flickor;Totalt;Flickor;Totalt;Flickor;
Granby;0123;Påhittat län;01;Samtliga;Svenska som andraspråk;90,5;91,0;1 040;500;~100;..;
Granby;0123;Påhittat län;01;Statlig;Svenska som andraspråk;90,5;91,0;1 040;500;~100;..;

Rapportbeskrivning och definitioner etc.
Antal elever;Förklaring;
"""
TESTS_AFTER = f"""\ufeffStatistik från Skolverket, https://www.skolverket.se

Grundskola - Resultat nationella prov årskurs 9, provbetyg per kön - Engelska
Valt läsår: 2022/23
Fri text om provet.
Mer text.

;;;;;;{GRADED};{GRADED};{PASSED};{PASSED};{TOOK_PART};{TOOK_PART};
Kommun;Kommunkod;Län;Länskod;Typ av huvudman;Ämne;Totalt;Flickor;Totalt;Flickor;Totalt;Flickor;
Granby;0123;Påhittat län;01;Samtliga;Svenska som andraspråk;1 040;500;~100;..;90,5;91,0;
"""
SCHOOL_HEADER = ";".join([
    "Skola", "Skol-enhetskod", "Skolkommun", "Kommun-kod", "Typ av huvudman", "Huvudman", "Huvudman orgnr", "Antal elever",
    "Andel (%) elever som nått målen i alla ämnen", "Andel (%) elever behöriga till yrkesprog.",
    "Genomsnittligt meritvärde (17 ämnen)",
])  # fmt: skip
SCHOOLS = f"""Statistik från Skolverket, https://www.skolverket.se;;;;;;;;;;
;;;;;;;;;;
Grundskola - Slutbetyg årskurs 9, samtliga elever;;;;;;;;;;
Valt läsår: 2011/12;;;;;;;;;;
;;;;;;;;;;
{SCHOOL_HEADER}
Asp skola;90012345;Granby;0123;Kommunal;Granby kommun;2120000000;40;80,0;~100;221,4
Björk skola;90012346;Granby;0123;Enskild;Björk AB;5560000000;..;..;..;..
"""


def write(folder: Path, text: str, name: str = "export.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def faults(folder: Path, text: str) -> set[tuple]:
    with pytest.raises(DeliveryError) as refused:
        read(write(folder, text))
    return {(fault.column, fault.code, fault.lines) for fault in refused.value.faults}


def test_columns_are_known_by_name_wherever_they_stand(tmp_path: Path) -> None:
    before, after = (figures(write(tmp_path, text)) for text in (TESTS_BEFORE, TESTS_AFTER))
    assert by_key(before) == by_key(after)
    passed = before[before.indicator.eq("np9_svenska_som_andrasprak_godkant")].set_index("group")
    assert passed.status.to_dict() == {"all": "rounded", "girl": "too_few"}
    assert passed.n.to_dict() == {"all": 1040, "girl": 500}
    assert passed.loc["all", ["lower", "upper"]].tolist() == [1036 / 1040, 1039 / 1040]


def test_a_group_named_once_over_several_columns_holds_for_all_of_them(tmp_path: Path) -> None:
    merged = TESTS_BEFORE.replace(
        f"{TOOK_PART};{TOOK_PART};{GRADED};{GRADED};{PASSED};{PASSED};", f"{TOOK_PART};;{GRADED};;{PASSED};;"
    )
    assert by_key(figures(write(tmp_path, merged))) == by_key(figures(write(tmp_path, TESTS_BEFORE)))


COSTS_OF_THREE = """Statistik från Skolverket, https://www.skolverket.se

Gymnasieskola - Kostnader per kommun
Valt år: 2022
Endast kommunal huvudman

Kommun;Kommun-kod;Län;Läns-kod;Typ av huvudman;Totalt per elev;
Riket;00;;;Kommunal;1 000;
Granby;0123;Påhittat län;01;Kommunal;-600;
Granbygdens gymnasieförbund;;;;Kommunal;900;
"""


def test_the_nation_and_municipalities_together_are_levels_of_their_own(tmp_path: Path) -> None:
    rows = figures(write(tmp_path, COSTS_OF_THREE))
    assert rows[["level", "unit", "value"]].to_numpy().tolist() == [
        ["nation", "SE", 1000],
        ["municipality", "0123", -600],
        ["owner", "Granbygdens gymnasieförbund", 900],
    ]


def test_a_municipality_without_its_code_is_a_fault(tmp_path: Path) -> None:
    assert faults(tmp_path, COSTS_OF_THREE.replace(";0123;", ";;")) == {("Kommun-kod", "INVALID_VALUE", (9,))}


def test_rows_of_owners_the_tables_do_not_know_are_left_out_and_said(tmp_path: Path) -> None:
    (part,) = read(write(tmp_path, TESTS_BEFORE))
    assert set(part.rows.owner_type) == {"all"}
    assert part.notes == ("1 rows left out: owners the tables do not know (Statlig)",)


def test_a_school_file_fills_the_register_from_its_school_year_on(tmp_path: Path) -> None:
    published, schools = read(write(tmp_path, SCHOOLS))
    assert schools.rows[["school", "municipality", "municipality_name", "owner_type", "valid_from"]].to_numpy().tolist() == [
        ["90012345", "0123", "Granby", "municipal", "2011-12"],
        ["90012346", "0123", "Granby", "independent", "2011-12"],
    ]
    assert set(published.rows.owner_type) == {"all"}
    assert published.lines.tolist() == [7] * 4 + [8] * 4


@pytest.mark.parametrize(
    "label", ["nått målen", "uppnått kunskapskraven", "uppfyllt betygskriterierna", "fått godkänt betyg (A-E)"]
)
def test_passing_every_subject_is_one_measure_under_all_its_names(label: str) -> None:
    found = meaning("Grundskola - Slutbetyg årskurs 9, samtliga elever", f"Andel (%) elever som {label} i alla ämnen", "9")
    assert (found.indicator, found.share, found.base) == ("alla_amnen_ak9", True, "antal_elever_ak9")


def test_a_column_we_do_not_know_keeps_the_agencys_words_and_its_figures(tmp_path: Path) -> None:
    rows = figures(write(tmp_path, SCHOOLS.replace("Genomsnittligt meritvärde (17 ämnen)", "Andel (%) som läser teckenspråk")))
    unknown = rows[rows.indicator.eq("skolverket_grundskola_slutbetyg_arskurs_9_andel_som_laser_teckensprak")]
    assert unknown.original.tolist() == ["221,4", ".."]


def test_the_same_header_in_another_form_of_schooling_is_another_measure() -> None:
    title = "Gymnasieskola - Personalstatistik med lärarlegitimation och behörighet"
    assert meaning(title, "#Heltidstjänster Andel med lärarlegitimation och behörighet").indicator.startswith(
        "skolverket_gymnasieskola"
    )


def test_a_calendar_year_is_the_school_year_that_ends_in_its_spring(tmp_path: Path) -> None:
    rows = figures(write(tmp_path, SCHOOLS.replace("Valt läsår: 2011/12", "Valt år: 2022")))
    assert set(rows.school_year) == {"2021-22"}


def test_broken_cells_are_told_together_with_column_and_lines(tmp_path: Path) -> None:
    broken = SCHOOLS.replace("90012345", "9001234").replace(";0123;Enskild", ";123;Enskildd").replace(";40;80,0", ";40;80.0.0")
    assert faults(tmp_path, broken) == {
        ("Skol-enhetskod", "INVALID_VALUE", (7,)),
        ("Kommun-kod", "INVALID_VALUE", (8,)),
        ("Typ av huvudman", "INVALID_VALUE", (8,)),
        ("Andel (%) elever som nått målen i alla ämnen", "INVALID_VALUE", (7,)),
    }


def test_a_fault_never_repeats_what_stood_in_the_cell(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError) as refused:
        read(write(tmp_path, SCHOOLS.replace(";40;80,0", ";40;hemligt")))
    assert "hemligt" not in str(refused.value)


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (("Kommunal;Granby kommun;2120000000;40;", "Kommunal;Granby kommun;2120000000;"), ("", "RAGGED_ROW", (7,))),
        (("221,4", "221,4;17"), ("", "RAGGED_ROW", (7,))),
        ((";Skol-enhetskod", ";Enhet"), ("Skol-enhetskod", "MISSING_COLUMN", ())),
        (("Valt läsår: 2011/12", "Valt läsår: 2011/13"), ("", "INVALID_VALUE", ())),
        (("Andel (%) elever behöriga till yrkesprog.", "Antal elever"), ("Antal elever", "DUPLICATE_COLUMN", ())),
    ],
)
def test_a_damaged_export_is_refused_saying_where(tmp_path: Path, damage: tuple[str, str], fault: tuple) -> None:
    assert fault in faults(tmp_path, SCHOOLS.replace(*damage))


def test_two_rows_of_one_school_that_differ_are_a_conflict(tmp_path: Path) -> None:
    assert any(
        code == "CONFLICTING_DUPLICATE" and set(lines) == {7, 8}
        for _, code, lines in faults(tmp_path, SCHOOLS.replace("90012346", "90012345"))
    )


def test_a_table_without_the_agencys_line_on_the_chosen_year_is_not_its_export(tmp_path: Path) -> None:
    assert not SkolverketExport().recognises(Delivery(write(tmp_path, "Skola;Skol-enhetskod;Antal\nAsp;90012345;3\n")))
