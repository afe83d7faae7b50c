"""JSON-stat 2: every cell at its place whatever form the array has, and known tables become published values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.errors import DeliveryError
from kvalitet_lib.municipality import Municipality
from kvalitet_lib.sources.jsonstat import SOURCES, level_and_unit, school_year_of
from kvalitet_lib.sources.jsonstat_dataset import categories, tidy
from kvalitet_lib.sources.source import Circumstances, Delivery
from tests.whiteboard import table

JSON_STAT, PXWEB_LISTS = SOURCES


def dimension(labels: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"category": {"index": {code: place for place, code in enumerate(labels)}, "label": labels, **more}}


KOSTRA: dict[str, Any] = {
    "version": "2.0",
    "class": "dataset",
    "label": "12255",
    "source": "Statistisk sentralbyrå",
    "id": ["KOKkommuneregion0000", "ContentsCode", "Tid"],
    "size": [3, 2, 2],
    "role": {"time": ["Tid"], "geo": ["KOKkommuneregion0000"], "metric": ["ContentsCode"]},
    "dimension": {
        "KOKkommuneregion0000": dimension({"3101": "Halden", "EKG05": "KOSTRA-gruppe 5", "EAK": "Landet"}),
        "ContentsCode": dimension(
            {"KOSgrstr20000": "Gruppestørrelse 2 (antall)", "KOSgrunnskolepoe0000": "Grunnskolepoeng (poeng)"},
            unit={"KOSgrstr20000": {"base": "antall", "decimals": 1}, "KOSgrunnskolepoe0000": {"base": "poeng", "decimals": 1}},
        ),
        "Tid": dimension({"2022": "2022", "2023": "2023"}),
    },
    "value": [15.8, 16.0, 41.2, None, None, 15.5, None, 42.0, 15.6, 15.9, None, 41.9],
    "status": {"3": ":", "4": "..", "6": ".", "9": "*", "10": "-"},
}


def with_(**parts: Any) -> dict[str, Any]:
    return {**KOSTRA, **parts}


def circumstances() -> Circumstances:
    own = Municipality(country="no", code="3101", name="Halden", languages=("nb",), audiences={}, trust=())
    return Circumstances(own, lambda text: text)


def read(folder: Path, dataset: dict[str, Any]) -> pd.DataFrame:
    path = folder / "table.json"
    path.write_text(json.dumps(dataset, ensure_ascii=False), encoding="utf-8")
    assert JSON_STAT.recognises(Delivery(path))
    (part,) = JSON_STAT.read(Delivery(path), circumstances())
    assert part.table == "published_values"
    return part.rows


# The general reader -------------------------------------------------------------------------------------------------


def test_the_last_dimension_runs_fastest() -> None:
    cells = tidy(KOSTRA)
    expected = table("""
        ContentsCode         | Tid  | value
        ---------------------+------+------
        KOSgrstr20000        | 2022 | 15.8
        KOSgrstr20000        | 2023 | 16.0
        KOSgrunnskolepoe0000 | 2022 | 41.2
    """)
    halden = cells[cells.KOKkommuneregion0000 == "3101"].iloc[:3]
    assert halden.ContentsCode.tolist() == expected.ContentsCode.tolist()
    assert halden.value.tolist() == expected.value.tolist()
    assert cells.iloc[-1].tolist() == ["EAK", "KOSgrunnskolepoe0000", "2023", 41.9, ""]


def test_values_and_status_by_position_are_the_same_as_in_an_array() -> None:
    sparse = {str(place): value for place, value in enumerate(KOSTRA["value"]) if value is not None}
    symbols = [KOSTRA["status"].get(str(place)) for place in range(12)]
    pd.testing.assert_frame_equal(tidy(with_(value=sparse, status=symbols)), tidy(KOSTRA))


def test_one_status_for_all_is_every_cells() -> None:
    assert set(tidy(with_(status="*")).status) == {"*"}
    assert set(tidy({key: part for key, part in KOSTRA.items() if key != "status"}).status) == {""}


def test_categories_come_in_the_order_of_their_positions_however_they_are_listed() -> None:
    turned = {"category": {"index": {"2023": 1, "2022": 0}, "label": {"2023": "b", "2022": "a"}}}
    listed = {"category": {"index": ["2022", "2023"], "label": {"2023": "b", "2022": "a"}}}
    for described in (turned, listed):
        assert list(categories({"dimension": {"Tid": described}}, "Tid").items()) == [("2022", "a"), ("2023", "b")]
    assert categories({"dimension": {"Tid": {"category": {"label": {"2024": "2024"}}}}}, "Tid") == {"2024": "2024"}


@pytest.mark.parametrize(
    ("parts", "column"),
    [
        ({"value": KOSTRA["value"][:-1]}, "value"),
        ({"value": {"12": 1.0}}, "value"),
        ({"status": [":"]}, "status"),
        ({"size": [3, 2, 3]}, "Tid"),
        ({"size": [3, 2]}, "id"),
        ({"dimension": {"Tid": KOSTRA["dimension"]["Tid"]}}, "KOKkommuneregion0000"),
    ],
)
def test_parts_that_do_not_fit_together_are_refused_with_which(parts: dict[str, Any], column: str) -> None:
    with pytest.raises(DeliveryError, match="json-stat2") as refusal:
        tidy(with_(**parts))
    assert column in [fault.column for fault in refusal.value.faults]


def _scb(shared: Path) -> dict[str, Any]:
    path = shared / "data/agency/jsonstat2_scb_pxwebapi2/TAB6471_data.json"
    return json.loads(path.read_text(encoding="utf-8"))


def test_every_cell_of_scbs_real_table_is_where_its_position_says(shared: Path) -> None:
    dataset = _scb(shared)
    cells = tidy(dataset)
    assert cells.value.tolist() == dataset["value"]
    cube = np.array(dataset["value"]).reshape(dataset["size"])
    for name, axis in zip(dataset["id"], range(5), strict=True):
        others = tuple(other for other in range(5) if other != axis)
        by_code = cells.groupby(name).value.sum()
        assert by_code[list(categories(dataset, name))].tolist() == cube.sum(axis=others).tolist()


def test_women_and_men_of_scbs_real_table_are_its_total_but_for_the_noise_scb_adds(shared: Path) -> None:
    by_sex = tidy(_scb(shared)).groupby("Kon").value.sum()
    assert by_sex["TotSa"] == pytest.approx(by_sex["1"] + by_sex["2"], rel=1e-4)


# As published values ------------------------------------------------------------------------------------------------


def test_kostras_contents_are_our_indicators_with_their_school_years(tmp_path: Path) -> None:
    rows = read(tmp_path, KOSTRA)
    assert rows.loc[[0, 2], ["source", "indicator", "level", "unit", "school_year", "value", "original"]].to_numpy().tolist() == [
        ["ssb", "gruppestorrelse_2", "municipality", "3101", "2022-23", 15.8, "15.8"],
        ["ssb", "grunnskolepoeng", "municipality", "3101", "2021-22", 41.2, "41.2"],
    ]
    assert rows.unit_name.iloc[0] == "Halden"
    assert rows[["level", "unit"]].drop_duplicates().to_numpy().tolist()[1:] == [["group", "EKG05"], ["nation", "NO"]]


def test_symbols_are_kept_as_what_they_mean_and_none_becomes_nought(tmp_path: Path) -> None:
    rows = read(tmp_path, KOSTRA)
    told = rows.loc[[3, 4, 6, 10], ["original", "status"]].to_numpy().tolist()
    assert told == [[":", "too_few"], ["..", "missing"], [".", "not_applicable"], ["-", "not_applicable"]]
    assert rows.loc[[3, 4, 6, 10], "value"].isna().all()
    assert rows.loc[[3, 4, 6, 10], "decimals"].isna().all()


def test_a_provisional_figure_keeps_its_value(tmp_path: Path) -> None:
    row = read(tmp_path, KOSTRA).loc[9]
    assert (row.status, row.value, row.original) == ("provisional", 15.9, "15.9")


def test_two_points_are_too_few_in_skolverkets_tables(tmp_path: Path) -> None:
    rows = read(tmp_path, with_(source="Skolverket"))
    assert (rows.loc[4].source, rows.loc[4].status) == ("skolverket", "too_few")


def test_per_cent_becomes_a_share_and_keeps_its_decimals(tmp_path: Path) -> None:
    contents = dimension({"KOSandel": "Andel lærere (prosent)"}, unit={"KOSandel": {"base": "prosent", "decimals": 1}})
    years = dimension({"2023": "2023"})
    share = with_(
        size=[3, 1, 1],
        value=[94.5, None, 93.0],
        status=None,
        dimension={**KOSTRA["dimension"], "ContentsCode": contents, "Tid": years},
    )
    rows = read(tmp_path, share)
    assert rows.indicator.unique().tolist() == ["andel_laerere_prosent"]
    assert rows.value.tolist()[::2] == [pytest.approx(0.945), pytest.approx(0.93)]
    assert (rows.original.iloc[2], rows.decimals.iloc[2]) == ("93.0", 1)


def _with_dimension(name: str, labels: dict[str, str], **extension: Any) -> dict[str, Any]:
    described = dimension(labels) | ({"extension": extension} if extension else {})
    return with_(
        id=["KOKkommuneregion0000", name, "ContentsCode", "Tid"],
        size=[1, len(labels), 1, 1],
        value=list(range(1, len(labels) + 1)),
        status=None,
        dimension={
            "KOKkommuneregion0000": dimension({"3101": "Halden"}),
            name: described,
            "ContentsCode": dimension({"KOSgrunnskolepoe0000": "Grunnskolepoeng"}),
            "Tid": dimension({"2023": "2023"}),
        },
    )


def test_sex_is_a_group_and_other_dimensions_stand_in_the_id(tmp_path: Path) -> None:
    by_sex = read(tmp_path, _with_dimension("Kjonn", {"0": "Begge kjønn", "1": "Gutter", "2": "Jenter"}))
    assert by_sex.group.tolist() == ["all", "boy", "girl"]
    assert by_sex.indicator.unique().tolist() == ["grunnskolepoeng"]
    by_owner = read(tmp_path, _with_dimension("Eier", {"T": "I alt", "P": "Private skoler"}, eliminationValueCode="T"))
    assert by_owner.indicator.tolist() == ["grunnskolepoeng", "grunnskolepoeng_private_skoler"]


def test_a_sex_that_is_neither_is_refused_rather_than_counted_as_all(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="not the total, girls or boys"):
        read(tmp_path, _with_dimension("Kjonn", {"1": "Gutter", "9": "Uoppgitt"}))


@pytest.mark.parametrize(
    ("code", "level", "unit"),
    [
        ("K_0301", "municipality", "0301"),
        ("00", "nation", "SE"),
        ("01", "county", "01"),
        ("2120000142", "owner", "2120000142"),
        ("2120000142-10017830", "school", "10017830"),
        ("EAKUO", "group", "EAKUO"),
    ],
)
def test_a_region_is_what_its_code_says(code: str, level: str, unit: str) -> None:
    assert level_and_unit(code, "SE") == (level, unit)


def test_school_years_are_themselves_and_calendar_years_end_in_spring_unless_counted_in_autumn() -> None:
    assert [school_year_of("2023/24"), school_year_of("2023"), school_year_of("2023", autumn=True)] == [
        "2023-24",
        "2022-23",
        "2023-24",
    ]


def test_monthly_figures_are_refused_with_what_to_ask_for_instead(tmp_path: Path) -> None:
    months = {**KOSTRA["dimension"], "Tid": dimension({"2024M01": "2024M01", "2024M02": "2024M02"})}
    with pytest.raises(DeliveryError, match="ask for a yearly table"):
        read(tmp_path, with_(dimension=months))


def test_a_table_without_regions_is_refused(tmp_path: Path) -> None:
    described = {"Skole" if name == "KOKkommuneregion0000" else name: part for name, part in KOSTRA["dimension"].items()}
    with pytest.raises(DeliveryError, match="region  the table has no such dimension"):
        read(
            tmp_path,
            with_(id=["Skole", "ContentsCode", "Tid"], role={"time": ["Tid"], "metric": ["ContentsCode"]}, dimension=described),
        )


def test_a_description_without_values_says_there_is_nothing_to_store(tmp_path: Path) -> None:
    assert read(tmp_path, {key: part for key, part in KOSTRA.items() if key not in ("value", "status")}).empty


@pytest.mark.parametrize("name", ["tables.json", "search.json", "config.json", "agg_Ålder10årJ.json"])
def test_pxwebs_own_lists_are_recognised_and_say_there_is_nothing_to_store(shared: Path, name: str) -> None:
    told = Delivery(shared / "data/agency/jsonstat2_scb_pxwebapi2" / name)
    assert PXWEB_LISTS.recognises(told) and not JSON_STAT.recognises(told)
    (part,) = PXWEB_LISTS.read(told, circumstances())
    assert part.rows.empty and "no figures in it to store" in part.notes[0]


def test_other_json_is_not_a_dataset(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text('{"class": "collection", "dimension": {}}', encoding="utf-8")
    assert not any(source.recognises(Delivery(path)) for source in SOURCES)
