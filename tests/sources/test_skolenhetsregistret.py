"""Skolenhetsregistret: who runs which school, with which year groups and how many pupils."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from kvalitet_lib.errors import DeliveryError
from kvalitet_lib.municipality import Municipality
from kvalitet_lib.sources.skolenhetsregistret import Skolenhetsregistret, school_year_named
from kvalitet_lib.sources.source import Circumstances, Delivery, Filled

HERE = Circumstances(
    Municipality(country="se", code="0114", name="Upplands Väsby", languages=("sv",), audiences={}, trust=()), lambda text: text
)
REAL = "data/agency/skolenhetsregistret_2020_06/grundskola.csv"
YEARS = [f"ÅR{year}" for year in range(1, 10)]
HEADER = ["HUVUDMANNATYP", "KOMMUN", "KOMMUNNAMN", "SKOLENHETSKOD", "NAMN", "FKLASS", *YEARS, "ELEVER FKLASS"]
HEADER += [f"ELEVER {year}" for year in YEARS] + ["INRIKTNING", "JURIDISK FORM"]
ASP = ["Kommunal", "0123", "Granby", "90012345", "Asp skola", *"JJJJJJJNNN", "30", *"123456000", "", "Kommuner"]
BJORK = ["Enskild", "0123", "Granby", "90012346", "Björk skola", *"NNNNNNNJNJ", "0", *"000000708", "Allmän", "Aktiebolag"]
STATE = ["Statlig", "0123", "Granby", "90012347", "Cypress skola", *"NNNNNNNJJJ", "0", *"000000555", "", "Staten"]


def read(path: Path) -> list[Filled]:
    delivery = Delivery(path)
    assert Skolenhetsregistret().recognises(delivery)
    return Skolenhetsregistret().read(delivery, HERE)


def register(folder: Path, *rows: list[str], name: str = "register_2020-06.csv") -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows([HEADER, *rows])
    return path


def faults(path: Path) -> set[tuple]:
    with pytest.raises(DeliveryError) as refused:
        read(path)
    return {(fault.column, fault.lines) for fault in refused.value.faults}


def test_every_unit_of_the_real_register_is_found_again(shared: Path) -> None:
    with (shared / REAL).open(encoding="utf-8", newline="") as opened:
        units = {row["SKOLENHETSKOD"]: row for row in csv.DictReader(opened)}
    schools, pupils = (part.rows.set_index(unit) for part, unit in zip(read(shared / REAL), ("school", "unit"), strict=True))
    assert len(units) == 4_894
    assert pupils.value.to_dict() == {code: sum(int(row[f"ELEVER {year}"]) for year in YEARS) for code, row in units.items()}
    assert set(pupils.school_year) == {"2019-20"}
    expected = {code: row for code, row in units.items() if row["HUVUDMANNATYP"] != "Region"}
    assert schools.name.to_dict() == {code: row["NAMN"].strip() for code, row in expected.items()}
    assert schools.municipality.to_dict() == {code: row["KOMMUN"] for code, row in expected.items()}
    assert schools.owner_type.value_counts().to_dict() == {"municipal": 4_044, "independent": 849}
    assert schools.valid_from.isna().all()


def test_flags_become_spans_of_year_groups(tmp_path: Path) -> None:
    schools = read(register(tmp_path, ASP, BJORK))[0].rows
    assert schools.year_groups.tolist() == ["F-6", "7, 9"]


def test_pupils_are_those_of_years_one_to_nine(tmp_path: Path) -> None:
    pupils = read(register(tmp_path, ASP, BJORK))[1].rows
    assert pupils[["unit", "value", "school_year", "owner_type"]].to_numpy().tolist() == [
        ["90012345", 21, "2019-20", "all"],
        ["90012346", 15, "2019-20", "all"],
    ]


def test_a_state_school_is_counted_but_is_neither_municipal_nor_independent(tmp_path: Path) -> None:
    schools, pupils = read(register(tmp_path, ASP, STATE))
    assert schools.rows.school.tolist() == ["90012345"]
    assert schools.notes == ("1 school units left out of schools: owners the tables do not know (Statlig)",)
    assert len(pupils.rows) == 2


def test_pupils_whose_school_year_nobody_says_are_left_out_and_that_is_said(tmp_path: Path) -> None:
    (schools,) = read(register(tmp_path, ASP, name="grundskola.csv"))
    assert "pupils left out" in schools.notes[0]


@pytest.mark.parametrize(
    ("path", "year"),
    [("register_2020-06.csv", "2019-20"), ("register_2020_09/grundskola.csv", "2020-21"), ("register_2020.csv", None)],
)
def test_june_is_the_end_of_a_school_year_and_september_the_beginning(path: str, year: str | None) -> None:
    assert school_year_named(Path(path)) == year


def test_a_row_whose_cells_are_shifted_is_told_with_its_line_and_columns(tmp_path: Path) -> None:
    shifted = [*BJORK[:4], "Björk", *BJORK[4:-1]]
    found = faults(register(tmp_path, ASP, shifted))
    assert ("FKLASS", (3,)) in found
    ended = [*BJORK[:-2], "82", "5"]
    assert faults(register(tmp_path, ASP, ended)) == {("JURIDISK FORM", (3,))}


def test_broken_cells_are_told_together_with_column_and_lines(tmp_path: Path) -> None:
    broken = ["Okänd", "123", "Granby", "9001234", *BJORK[4:]]
    assert faults(register(tmp_path, ASP, broken)) == {("HUVUDMANNATYP", (3,)), ("KOMMUN", (3,)), ("SKOLENHETSKOD", (3,))}


def test_a_row_with_a_cell_too_few_is_refused_with_its_line(tmp_path: Path) -> None:
    assert faults(register(tmp_path, ASP, BJORK[:-1])) == {("", (3,))}


def test_codes_keep_their_leading_zeros(tmp_path: Path) -> None:
    schools = read(register(tmp_path, ASP))[0].rows
    assert pd.unique(schools.municipality).tolist() == ["0123"]
