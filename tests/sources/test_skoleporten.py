"""Skoleporten's export becomes published values cell by cell, and a broken one is refused with what, where and what next."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from kvalitet_lib.errors import DeliveryError, SettingsError
from kvalitet_lib.municipality import Municipality
from kvalitet_lib.sources.skoleporten import HEADER, SOURCES, indicator_of
from kvalitet_lib.sources.source import Circumstances, Delivery

FIVE, LATER = "Nasjonale prøver 5. trinn", "Nasjonale prøver ungdomstrinn"
ROWS = "\n".join(
    ";".join([unit, "Grunnskole", "Læringsresultater", *rest])
    for unit, *rest in (
        ("Granlia skole", FIVE, "Lesing", "2014-2015", "Offentlig", "Trinn 5", "Begge kjønn", "53", "Skalapoeng"),
        ("Granlia skole", FIVE, "Lesing", "2014-2015", "Offentlig", "Trinn 5", "Jenter", ".", "Skalapoeng"),
        ("Granlia skole", FIVE, "Lesing", "2014-2015", "Offentlig", "Trinn 5", "Gutter", "", "Skalapoeng"),
        ("Fjordvik kommune", LATER, "Regning", "2015-2016", "Offentlig", "Trinn 9", "Begge kjønn", "51", "Skalapoeng"),
        ("Nasjonalt", LATER, "Regning", "2015-2016", "Privat", "Trinn 9", "Begge kjønn", "52", "Skalapoeng"),
        (
            "Nasjonalt",
            "Grunnskolepoeng",
            "Fullført",
            "2015-2016",
            "Alle eierformer",
            "Alle trinn",
            "Begge kjønn",
            "98,1",
            "Prosent",
        ),
    )
)

(SKOLEPORTEN,) = SOURCES


def circumstances(*mappings: Path) -> Circumstances:
    own = Municipality(country="no", code="9901", name="Fjordvik", languages=("nb",), audiences={}, trust=())
    return Circumstances(own, lambda text: text, mappings)


def delivery(folder: Path, rows: str = ROWS, header: str = ";".join(HEADER)) -> Delivery:
    path = folder / "nedlasting.csv"
    path.write_bytes("\r\n".join([header, *rows.splitlines(), ""]).encode("utf-8-sig"))
    return Delivery(path)


def read(told: Delivery, *mappings: Path) -> pd.DataFrame:
    assert SKOLEPORTEN.recognises(told)
    (filled,) = SKOLEPORTEN.read(told, circumstances(*mappings))
    assert filled.table == "published_values"
    return filled.rows


def test_a_figure_keeps_its_unit_year_group_sex_and_text(tmp_path: Path) -> None:
    first = read(delivery(tmp_path)).iloc[0]
    kept = first[["indicator", "level", "unit", "unit_name", "owner_type", "school_year", "group", "value", "original"]]
    assert kept.tolist() == ["np5_lesing", "school", "navn:granlia_skole", "Granlia skole", "all", "2014-15", "all", 53.0, "53"]


def test_a_point_and_an_empty_cell_are_missing_and_never_zero(tmp_path: Path) -> None:
    girls, boys = read(delivery(tmp_path)).iloc[1], read(delivery(tmp_path)).iloc[2]
    assert (girls.group, girls.status, girls.original) == ("girl", "missing", ".")
    assert (boys.group, boys.status, boys.original) == ("boy", "missing", "")
    assert pd.isna(girls.value) and pd.isna(boys.value)


def test_rows_above_the_school_keep_which_owners_are_counted(tmp_path: Path) -> None:
    rows = read(delivery(tmp_path))
    assert rows.loc[3:, ["level", "unit", "owner_type"]].to_numpy().tolist() == [
        ["municipality", "9901", "municipal"],
        ["nation", "NO", "independent"],
        ["nation", "NO", "all"],
    ]


def test_per_cent_becomes_a_share_and_keeps_its_text(tmp_path: Path) -> None:
    last = read(delivery(tmp_path)).iloc[-1]
    assert (last.indicator, last.original, last.decimals) == ("grunnskolepoeng_fullfort", "98,1", 1)
    assert last.value == pytest.approx(0.981)


def test_a_mapping_file_turns_a_name_into_its_organisation_number(tmp_path: Path) -> None:
    mapping = tmp_path / "schools.yml"
    mapping.write_text('kind: school_names\ncodes:\n  "granlia  SKOLE": "312345005"\n', encoding="utf-8")
    other = tmp_path / "other.yml"
    other.write_text("kind: something_else\ncolumns: []\n", encoding="utf-8")
    assert read(delivery(tmp_path), other, mapping).unit.iloc[0] == "312345005"


def test_a_mapping_that_would_lose_leading_zeros_is_refused(tmp_path: Path) -> None:
    mapping = tmp_path / "schools.yml"
    mapping.write_text("kind: school_names\ncodes:\n  Granlia skole: 012345005\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"schools\.yml"):
        read(delivery(tmp_path), mapping)


@pytest.mark.parametrize(
    ("statistic", "part", "year_group", "unit", "id"),
    [
        ("Nasjonale prøver ungdomstrinn", "Engelsk", "Trinn 8", "Skalapoeng", "np8_engelsk"),
        ("Nasjonale prøver ungdomstrinn", "Regning", "Trinn 9", "Skalapoeng", "np9_regning"),
        (
            "Nasjonale prøver ungdomstrinn",
            "Lesing avgiverskole (Kun skolenivå)",
            "Trinn 8",
            "Skalapoeng",
            "np8_lesing_avgiverskole",
        ),
    ],
)
def test_only_scale_points_of_the_tests_themselves_are_our_indicators(
    statistic: str, part: str, year_group: str, unit: str, id: str
) -> None:
    assert indicator_of(statistic, part, year_group, unit) == id


def test_columns_are_read_by_name_whatever_their_order(tmp_path: Path) -> None:
    turned = [";".join(reversed(row.split(";"))) for row in [";".join(HEADER), *ROWS.splitlines()]]
    pd.testing.assert_frame_equal(read(delivery(tmp_path, "\n".join(turned[1:]), turned[0])), read(delivery(tmp_path)))


@pytest.mark.parametrize(
    ("place", "cell", "column"),
    [(5, "2014-2016", "Periode"), (8, "Annet", "Kjønn"), (6, "Fylkeskommunal", "Eierform"), (9, "femtitre", "Verdi")],
)
def test_a_broken_cell_is_refused_with_its_column_and_line_but_without_what_it_says(
    tmp_path: Path, place: int, cell: str, column: str
) -> None:
    rows = [row.split(";") for row in ROWS.splitlines()]
    rows[1][place] = cell
    with pytest.raises(DeliveryError) as refusal:
        read(delivery(tmp_path, "\n".join(";".join(row) for row in rows)))
    (fault,) = refusal.value.faults
    assert (fault.column, fault.lines, bool(fault.advice)) == (column, (3,), True)
    assert cell not in str(refusal.value)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    broken = ROWS.replace("2015-2016", "2015").replace(";53;", ";x;")
    with pytest.raises(DeliveryError) as refusal:
        read(delivery(tmp_path, broken))
    assert {(fault.column, fault.lines) for fault in refusal.value.faults} == {("Periode", (5, 6, 7)), ("Verdi", (2,))}


def test_a_row_cut_off_is_refused_with_its_line(tmp_path: Path) -> None:
    rows = ROWS.splitlines()
    with pytest.raises(DeliveryError, match="line 4"):
        read(delivery(tmp_path, "\n".join([*rows[:2], rows[2].rsplit(";", 3)[0], *rows[3:]])))


def test_two_different_figures_for_the_same_thing_are_refused(tmp_path: Path) -> None:
    first = ROWS.splitlines()[0]
    with pytest.raises(DeliveryError, match="lines 2, 8"):
        read(delivery(tmp_path, f"{ROWS}\n{first.replace(';53;', ';54;')}"))


def test_a_file_with_other_columns_is_not_skoleporten(tmp_path: Path) -> None:
    assert not SKOLEPORTEN.recognises(delivery(tmp_path, header=";".join(HEADER).replace("Måleenhet", "Enhet")))


def test_every_one_of_stavangers_6233_rows_is_the_same_cell_by_cell(shared: Path) -> None:
    path = shared / "data/agency/skoleporten_stavanger_nasjonale_prover/nedlasting.csv"
    told = pd.read_csv(path, sep=";", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    rows = read(Delivery(path))
    assert len(rows) == len(told) == 6233
    assert (rows.original == told.Verdi).all()
    assert (rows.unit_name == told.Enhetsnavn).all()
    assert (rows.school_year.str[:4] == told.Periode.str[:4]).all()
    assert (rows.school_year.str[-2:] == told.Periode.str[-2:]).all()
    assert (rows.group == told["Kjønn"].map({"Begge kjønn": "all", "Jenter": "girl", "Gutter": "boy"})).all()
    hidden = told.Verdi.isin([".", ""])
    assert hidden.sum() == 2678
    assert (rows.status == hidden.map({True: "missing", False: "exists"})).all()
    assert rows.value[~hidden].tolist() == told.Verdi[~hidden].astype(float).tolist()
    assert rows.value[hidden].isna().all()


def test_the_national_tests_among_them_are_the_rows_in_scale_points(shared: Path) -> None:
    path = shared / "data/agency/skoleporten_stavanger_nasjonale_prover/nedlasting.csv"
    rows = read(Delivery(path))
    tests = ["np5_lesing", "np5_regning", "np5_engelsk", "np8_lesing", "np8_regning", "np8_engelsk", "np9_lesing", "np9_regning"]
    counts = rows.indicator.value_counts()
    assert counts[tests].tolist() == [688, 693, 702, 326, 325, 330, 333, 334]
    assert rows[rows.indicator.isin(tests)].school_year.min() == "2014-15"
