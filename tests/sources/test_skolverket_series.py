"""Series and SALSA per school from a third party: nothing is dated that the file does not date."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from kvalitet_lib.errors import DeliveryError
from kvalitet_lib.municipality import Municipality
from kvalitet_lib.sources.skolverket_series import SkolverketSeries
from kvalitet_lib.sources.source import Circumstances, Delivery

HERE = Circumstances(
    Municipality(country="se", code="0114", name="Upplands Väsby", languages=("sv",), audiences={}, trust=()), lambda text: text
)
INDICATORS = {"meritvarde": "meritvarde", "behorighet": "behorighet_yrkesprogram", "np": "np9_medel"}
SERIES = """kod,indicator,school_year,value
90012345,meritvarde,2023/24,268.0
90012345,behorighet,2023/24,91.5
90012345,np,2023/24,13.4
"""
SCHOOLS = """kod,namn,kommun,huvudman,elever,meritvarde,behorighet,np,andelGodkand,lararbehorighet,salsaDev,salsaActual,salsaCalc,salsaReqDev,salsaParents
90012345,Asp skola,Granby,Kommunal,590.0,264.4,95.0,15.1,87.9,84.0,-17.0,264.0,281.0,-5.0,2.6
90012346,Björk skola,Granby,Fristående,40.0,231.0,,12.5,76.2,76.9,,,,,
"""  # noqa: E501


def figures(path: Path) -> pd.DataFrame:
    delivery = Delivery(path)
    assert SkolverketSeries().recognises(delivery)
    (part,) = SkolverketSeries().read(delivery, HERE)
    return part.rows


def write(folder: Path, text: str, name: str = "skolor_2025.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_every_row_of_the_real_series_is_found_again_with_its_year(shared: Path) -> None:
    path = shared / "data/agency/skolverket_serier_2025/serier_lang.csv"
    expected = {
        (INDICATORS[row["indicator"]], row["kod"], row["school_year"].replace("/", "-")): (
            row["value"],
            round(float(row["value"]) / (100 if row["indicator"] == "behorighet" else 1), 6),
        )
        for row in rows_of(path)
    }
    rows = figures(path)
    keys = rows[["indicator", "unit", "school_year"]].itertuples(index=False, name=None)
    assert dict(zip(keys, zip(rows.original, rows.value.round(6), strict=True), strict=True)) == expected
    assert len(expected) == 18_138


def test_figures_of_the_real_table_of_schools_agree_with_the_series_wherever_both_have_them(shared: Path) -> None:
    folder = shared / "data/agency/skolverket_serier_2025"
    schools, series = (figures(folder / name) for name in ("skolor_2025.csv", "serier_lang.csv"))
    key = ["indicator", "unit", "school_year"]
    both = schools.merge(series, on=key, suffixes=("", "_series"))
    assert len(both) == 1_487
    assert both.value.equals(both.value_series)


def test_salsa_of_every_school_is_found_again(shared: Path) -> None:
    path = shared / "data/agency/skolverket_serier_2025/skolor_2025.csv"
    rows = figures(path).set_index(["indicator", "unit"]).value
    given = [row for row in rows_of(path) if row["salsaDev"]]
    assert len(given) == 1_487
    assert rows["salsa_avvikelse_meritvarde"].to_dict() == {row["kod"]: float(row["salsaDev"]) for row in given}
    assert rows["salsa_avvikelse_alla_amnen"].round(6).to_dict() == {row["kod"]: float(row["salsaReqDev"]) / 100 for row in given}


def test_a_figure_whose_year_the_file_does_not_say_is_left_out(tmp_path: Path) -> None:
    rows = figures(write(tmp_path, SCHOOLS))
    assert set(rows[rows.unit.eq("90012346")].indicator) == {"antal_elever"}
    merit = rows[rows.indicator.eq("meritvarde")]
    assert merit[["unit", "school_year", "value"]].to_numpy().tolist() == [["90012345", "2024-25", 264.4]]
    assert not {"behorighet_yrkesprogram", "alla_amnen_ak9", "lararbehorighet", "np9_medel"} & set(rows.indicator)


def test_a_merit_value_that_salsa_does_not_confirm_is_left_out(tmp_path: Path) -> None:
    rows = figures(write(tmp_path, SCHOOLS.replace(",264.4,", ",262.0,")))
    assert "meritvarde" not in set(rows.indicator)
    assert "salsa_avvikelse_meritvarde" in set(rows.indicator)


def test_pupils_are_rounded_to_ten_and_counted_in_the_next_school_year(tmp_path: Path) -> None:
    pupils = figures(write(tmp_path, SCHOOLS)).query("indicator == 'antal_elever' and unit == '90012345'").iloc[0]
    assert (pupils.status, pupils.lower, pupils.upper, pupils.school_year) == ("rounded", 585, 595, "2025-26")
    assert (pupils.original, pupils.unit_name) == ("590.0", "Asp skola")


def test_whole_points_and_decimals_are_told_apart(tmp_path: Path) -> None:
    rows = figures(write(tmp_path, SCHOOLS)).query("unit == '90012345'").set_index("indicator")
    assert rows.loc["salsa_avvikelse_meritvarde", ["value", "decimals"]].tolist() == [-17, 0]
    assert rows.loc["salsa_avvikelse_alla_amnen", ["value", "decimals"]].tolist() == [-0.05, 0]
    assert rows.loc["meritvarde", "decimals"] == 1
    assert figures(write(tmp_path, SERIES)).decimals.tolist() == [1, 1, 1]


def test_without_a_year_in_its_name_the_table_of_schools_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError) as refused:
        figures(write(tmp_path, SCHOOLS, "skolor.csv"))
    assert [fault.code for fault in refused.value.faults] == ["MISSING_PERIOD"]


def test_broken_rows_are_told_together_with_column_and_lines(tmp_path: Path) -> None:
    broken = SERIES.replace("90012345,meritvarde", "9001234,meritvarde").replace("behorighet,2023/24", "trivsel,2023/24")
    with pytest.raises(DeliveryError) as refused:
        figures(write(tmp_path, broken.replace("np,2023/24,13.4", "np,2023/24,13;4")))
    found = {(fault.column, fault.lines) for fault in refused.value.faults}
    assert found == {("kod", (2,)), ("indicator", (3,)), ("value", (4,))}


def test_a_row_too_short_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError) as refused:
        figures(write(tmp_path, SERIES.replace("90012345,behorighet,", "90012345,")))
    assert [(fault.code, fault.lines) for fault in refused.value.faults] == [("RAGGED_ROW", (3,))]
