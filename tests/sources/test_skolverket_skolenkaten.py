"""Skolenkäten: an index is never shared between respondents, and a dash is never a number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kvalitet_lib.errors import DeliveryError
from kvalitet_lib.municipality import Municipality
from kvalitet_lib.sources.skolenkaten import Skolenkaten
from kvalitet_lib.sources.source import Circumstances, Delivery, Filled

HERE = Circumstances(
    Municipality(country="se", code="0114", name="Upplands Väsby", languages=("sv",), audiences={}, trust=()), lambda text: text
)
EXAMPLES = "data/agency/skolverket_openapi_planned_educations_v4/exempel"


def read(path: Path) -> Filled:
    delivery = Delivery(path)
    assert Skolenkaten().recognises(delivery)
    return Skolenkaten().read(delivery, HERE)[0]


def answer(folder: Path, body: dict[str, Any], name: str = "answer.json", url: str = "") -> Path:
    document = {"status": "OK", "message": "Success", "body": body}
    path = folder / name
    path.write_text(json.dumps({"url": url, "json": document} if url else document), encoding="utf-8")
    return path


def survey(year_group: str = "", **more: Any) -> dict[str, Any]:
    asked = {"schoolYear": year_group, "noInGroup": "60", "answeringFrequency": "83%"} if year_group else {}
    return {
        "schoolUnitCode": "90012345", "semester": "VT24", "noOfAnswers": "50", "securityAverage": "8,2",
        "workingEnvironmentAverage": "-", "recommendAverage": None, **asked, **more,
    }  # fmt: skip


def by_indicator(part: Filled) -> pd.DataFrame:
    return part.rows.set_index("indicator")


def test_pupils_indices_stand_per_year_group_with_the_number_who_answered(tmp_path: Path) -> None:
    rows = by_indicator(read(answer(tmp_path, {"schoolYearMetrics": [survey("ak5"), survey("ak8", securityAverage="7,1")]})))
    assert rows.loc["skolenkaten_trygghet_ak5", ["value", "n", "school_year", "group"]].tolist() == [8.2, 50, "2023-24", "all"]
    assert rows.loc["skolenkaten_trygghet_ak8", "value"] == 7.1
    assert rows.loc["skolenkaten_svarsfrekvens_ak8", ["value", "n"]].tolist() == [0.83, 60]
    assert "skolenkaten_trygghet" not in rows.index


def test_a_lone_year_groups_index_is_also_the_schools(tmp_path: Path) -> None:
    rows = by_indicator(read(answer(tmp_path, {"schoolYearMetrics": [survey("ak8")]})))
    assert rows.loc["skolenkaten_trygghet", "value"] == rows.loc["skolenkaten_trygghet_ak8", "value"] == 8.2


def test_a_dash_hides_a_figure_where_somebody_answered_and_is_none_where_nobody_did(tmp_path: Path) -> None:
    hidden = by_indicator(read(answer(tmp_path, {"schoolYearMetrics": [survey("ak8")]})))
    nobody = by_indicator(read(answer(tmp_path, {"schoolYearMetrics": [survey("ak8", noOfAnswers="0")]})))
    assert hidden.loc["skolenkaten_studiero", ["status", "original"]].tolist() == ["too_few", "-"]
    assert nobody.loc["skolenkaten_studiero", "status"] == "missing"
    assert not hidden.index.str.contains("rekommendation").any()  # not asked


def test_guardians_are_told_apart_by_address_or_file_name_or_left_out(tmp_path: Path) -> None:
    url = "https://example.org/v4/school-units/90012345/surveys/custodiansgr"
    recorded = read(answer(tmp_path, survey(), url=url))
    named = read(answer(tmp_path, survey(), name="surveys_custodiansfsk.json"))
    unknown = read(answer(tmp_path, survey()))
    assert set(recorded.rows.indicator) == {"skolenkaten_vardnadshavare_trygghet", "skolenkaten_vardnadshavare_studiero"}
    assert set(named.rows.indicator) == {"skolenkaten_vardnadshavare_fsk_trygghet", "skolenkaten_vardnadshavare_fsk_studiero"}
    assert unknown.rows.empty
    assert unknown.notes == ("1 documents not used: neither address nor file name says whose guardians answered",)


def test_flat_and_nested_answers_of_the_examples_say_the_same(shared: Path) -> None:
    for who in ("pupilsgy", "custodiansfsk", "custodiansgran"):
        flat, nested = (
            read(shared / EXAMPLES / f"v4_school_units_schoolunitcode_{kind}_{who}.json").rows
            for kind in ("surveys", "nestedsurveys")
        )
        pd.testing.assert_frame_equal(flat[flat.indicator.isin(nested.indicator)].reset_index(drop=True), nested)


def test_the_example_school_has_its_five_indices_for_year_five(shared: Path) -> None:
    rows = by_indicator(read(shared / EXAMPLES / "v4_school_units_schoolunitcode_surveys_pupilsgr.json"))
    found = {
        area: rows.loc[f"skolenkaten_{area}_ak5", "value"] for area in ("nojdhet", "trygghet", "studiero", "stod", "stimulans")
    }
    assert found == {"nojdhet": 7.9, "trygghet": 8.2, "studiero": 5.5, "stod": 7.7, "stimulans": 6.0}
    assert rows.loc["skolenkaten_svarsfrekvens_ak5", ["value", "n"]].tolist() == [0.88, 180]


@pytest.mark.parametrize(
    ("wrong", "column"),
    [({"semester": "våren"}, "semester, noOfAnswers, noInGroup"), ({"securityAverage": "bra"}, "trygghet")],
)
def test_what_is_not_a_term_or_an_index_is_a_fault_with_its_document(tmp_path: Path, wrong: dict[str, str], column: str) -> None:
    with pytest.raises(DeliveryError) as refused:
        read(answer(tmp_path, {"schoolYearMetrics": [survey("ak8", **wrong)]}))
    assert {(fault.column, fault.lines) for fault in refused.value.faults} == {(column, (1,))}
