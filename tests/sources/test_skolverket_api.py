"""Planned Educations v4: every recorded answer is read, and a value's type decides what it means."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kvalitet_lib.errors import DeliveryError
from kvalitet_lib.municipality import Municipality
from kvalitet_lib.sources.skolenkaten import Skolenkaten
from kvalitet_lib.sources.skolverket_api import SkolverketApi
from kvalitet_lib.sources.skolverket_series import SkolverketSeries
from kvalitet_lib.sources.source import Circumstances, Delivery, Filled

HERE = Circumstances(
    Municipality(country="se", code="0114", name="Upplands Väsby", languages=("sv",), audiences={}, trust=()), lambda text: text
)
RECORDED = "data/agency/skolverket_planned_educations_v4_inspelade"
EXAMPLES = "data/agency/skolverket_openapi_planned_educations_v4/exempel"
FEW, NEARLY_ALL = "OMITTED_DUE_TO_BASED_ON_FEW_PUPILS", "ROUNDED_OFF_DUE_TO_FEW_PUPILS_NOT_ELIGIBLE"
NO_LICENCE = "TEACHERS_EXCLUDED_DUE_TO_NO_REQUIRED_LEGITIMATION"
FIELDS = {
    "specialTeacherPositions": "skolverket_gr_special_teacher_positions",
    "specialEducatorsQuota": "skolverket_gr_special_educators_quota",
    "studentsPerTeacherQuota": "elever_per_larare",
    "certifiedTeachersQuota": "lararbehorighet",
    "totalNumberOfPupils": "antal_elever",
    "ratioOfPupilsIn6thGradeWithAllSubjectsPassed": "alla_amnen_ak6",
    "averageResultNationalTestsSubjectSVE6thGrade": "np6_svenska",
    "averageResultNationalTestsSubjectENG6thGrade": "np6_engelska",
    "averageResultNationalTestsSubjectMA6thGrade": "np6_matematik",
    "averageResultNationalTestsSubjectSVA6thGrade": "np6_svenska_som_andrasprak",
    "averageResultNationalTestsSubjectSVE9thGrade": "np9_svenska",
    "averageResultNationalTestsSubjectENG9thGrade": "np9_engelska",
    "averageResultNationalTestsSubjectMA9thGrade": "np9_matematik",
    "averageResultNationalTestsSubjectSVA9thGrade": "np9_svenska_som_andrasprak",
    "ratioOfPupilsIn9thGradeWithAllSubjectsPassed": "alla_amnen_ak9",
    "averageGradesMeritRating9thGrade": "meritvarde",
    "ratioOfPupils9thGradeEligibleForNationalProgramYR": "behorighet_yrkesprogram",
    "ratioOfPupils9thGradeEligibleForNationalProgramES": "behorighet_estetiskt",
    "ratioOfPupils9thGradeEligibleForNationalProgramSAEKHU": "behorighet_ekonomi_humaniora_samhalle",
    "ratioOfPupils9thGradeEligibleForNationalProgramNATE": "behorighet_natur_teknik",
}
SHARES = {name for name in FIELDS if name.startswith("ratio")} | {"certifiedTeachersQuota", "specialEducatorsQuota"}
STATUS = {"EXISTS": "exists", "MISSING": "missing", FEW: "too_few", NEARLY_ALL: "rounded", NO_LICENCE: "not_applicable"}


def read(path: Path) -> list[Filled]:
    delivery = Delivery(path)
    source = Skolenkaten() if Skolenkaten().recognises(delivery) else SkolverketApi()
    assert source.recognises(delivery), path.name
    return source.read(delivery, HERE)


def answer(folder: Path, body: Any, url: str = "", name: str = "answer.json") -> Path:
    document = {"status": "OK", "message": "Success", "body": body}
    path = folder / name
    path.write_text(json.dumps({"url": url, "json": document} if url else document), encoding="utf-8")
    return path


def statistics(**series: list[dict[str, Any]]) -> dict[str, Any]:
    link = {"href": "https://example.org/v4/school-units/90012345/statistics/gr"}
    return {"schoolUnit": "90012345", **series, "docLinks": None, "_links": {"self": link}}


def figure(value: str | None, kind: str, period: str | None = "2024/25") -> dict[str, Any]:
    return {"value": value, "valueType": kind, "timePeriod": period}


def test_every_figure_of_a_thousand_recorded_answers_is_found_again(shared: Path) -> None:
    path = shared / RECORDED / "statistics_gr_1.jsonl"
    expected, types = {}, Counter[str]()
    bodies = [json.loads(line)["json"]["body"] for line in path.read_text(encoding="utf-8").splitlines()]
    for body in bodies:
        for field, indicator in FIELDS.items():
            for given in body[field]:
                if given["timePeriod"]:
                    text, kind = given["value"], given["valueType"]
                    about = text.startswith("cirka")
                    exact = kind == "EXISTS" and not about
                    value = round(float(text.replace(",", ".")) / (100 if field in SHARES else 1), 6) if exact else -99
                    year = given["timePeriod"].replace("/", "-")
                    expected[indicator, body["schoolUnit"], year] = (text, "rounded" if about else STATUS[kind], value)
                    types[kind] += 1
    (part,) = read(path)
    keys = part.rows[["indicator", "unit", "school_year"]].itertuples(index=False, name=None)
    found = zip(part.rows.original, part.rows.status, part.rows.value.round(6).fillna(-99), strict=True)
    assert dict(zip(keys, found, strict=True)) == expected
    assert len(bodies) == 1_013
    assert types == {"EXISTS": 37_588, FEW: 5_482, "MISSING": 4_342, NEARLY_ALL: 1_821, NO_LICENCE: 557}


def test_the_register_reads_alike_from_pages_and_from_single_units(shared: Path) -> None:
    pages, units = (read(shared / RECORDED / f"{name}.jsonl")[0].rows for name in ("school_units_lista_1", "school_unit_1"))
    assert len(pages) == 432
    assert pages.owner_type.value_counts().to_dict() == {"municipal": 234, "independent": 198}
    pd.testing.assert_frame_equal(*(rows.sort_values("school", ignore_index=True) for rows in (pages, units)))


def test_recorded_files_one_answer_each_are_read_too(shared: Path) -> None:
    lengths = {path.name[:7]: len(read(path)[0].rows) for path in (shared / RECORDED / "original_exempel").glob("*.json")}
    assert len(lengths) == 4
    assert lengths.pop("compact") == 0
    assert min(lengths.values()) > 50


def test_all_examples_of_the_interface_are_read_or_said_to_fill_no_table(shared: Path) -> None:
    parts = {path.stem.removeprefix("v4_"): read(path) for path in (shared / EXAMPLES).glob("*.json")}
    unused = {name for name, filled in parts.items() if all(part.rows.empty for part in filled)}
    assert len(parts) == 25
    assert unused == {
        "school_units_schoolunitcode_nestedsurveys", "school_units_schoolunitcode_surveys",
        "school_units_schoolunitcode_statistics", "support_municipality_schoolunit",
    }  # fmt: skip
    for name in unused:
        assert parts[name][0].notes == ("1 documents not used: links, maps or lists of names, which fill no table",)


def test_salsa_and_the_nation_stand_in_the_examples(shared: Path) -> None:
    salsa = read(shared / EXAMPLES / "v4_statistics_all_schools_salsa.json")[0].rows.set_index(["unit", "indicator"])
    assert salsa.loc[("68613823", "salsa_avvikelse_meritvarde"), ["value", "school_year"]].tolist() == [-20, "2022-23"]
    assert salsa.loc[("68613823", "salsa_avvikelse_alla_amnen"), "value"] == pytest.approx(0.10)
    nation = read(shared / EXAMPLES / "v4_statistics_national_values_gr.json")[0].rows
    merit = nation[nation.indicator.eq("meritvarde") & nation.school_year.eq("2022-23")].iloc[0]
    assert (merit.level, merit.unit, merit.value) == ("nation", "SE", 228.5)


def test_one_school_and_form_of_schooling_never_says_the_same_thing_twice(shared: Path) -> None:
    gymnasium = read(shared / EXAMPLES / "v4_school_units_schoolunitcode_statistics_gy.json")[0].rows
    assert {"skolverket_gy_students_per_teacher_quota", "skolverket_gy_ek_students_per_teacher_quota"} <= set(gymnasium.indicator)
    assert not gymnasium.duplicated(["indicator", "unit", "school_year"]).any()


def test_salsa_has_the_same_names_here_and_in_the_series(tmp_path: Path, shared: Path) -> None:
    here = set(read(shared / EXAMPLES / "v4_statistics_all_schools_salsa.json")[0].rows.indicator)
    path = shared / "data/agency/skolverket_serier_2025/skolor_2025.csv"
    series = {name for name in SkolverketSeries().read(Delivery(path), HERE)[0].rows.indicator if "salsa" in name}
    assert series <= here


def test_the_type_decides_what_a_value_means(tmp_path: Path) -> None:
    body = statistics(
        averageGradesMeritRating9thGrade=[
            figure("230,5", "EXISTS"),
            figure("..", FEW, "2023/24"),
            figure(".", "MISSING", "2022/23"),
        ],
        ratioOfPupils9thGradeEligibleForNationalProgramYR=[figure("~100", NEARLY_ALL)],
        certifiedTeachersQuota=[figure("*", NO_LICENCE)],
        totalNumberOfPupils=[figure("cirka 270", "EXISTS")],
        ratioOfPupilsIn6thGradeWithAllSubjectsPassed=[figure(None, "MISSING", None)],
    )
    rows = read(answer(tmp_path, body))[0].rows.set_index(["indicator", "school_year"])
    assert rows.status.to_dict() == {
        ("meritvarde", "2024-25"): "exists",
        ("meritvarde", "2023-24"): "too_few",
        ("meritvarde", "2022-23"): "missing",
        ("behorighet_yrkesprogram", "2024-25"): "rounded",
        ("lararbehorighet", "2024-25"): "not_applicable",
        ("antal_elever", "2024-25"): "rounded",
    }
    assert rows.value.dropna().to_dict() == {("meritvarde", "2024-25"): 230.5}
    assert rows.loc[("antal_elever", "2024-25"), ["lower", "upper"]].tolist() == [265, 275]


@pytest.mark.parametrize("series", [figure("230", "GUESSED"), figure("many", "EXISTS"), figure("230", "EXISTS", "2024/26")])
def test_what_we_do_not_know_is_a_fault_with_field_and_document(tmp_path: Path, series: dict[str, Any]) -> None:
    with pytest.raises(DeliveryError) as refused:
        read(answer(tmp_path, statistics(averageGradesMeritRating9thGrade=[series])))
    assert [(fault.column, fault.lines) for fault in refused.value.faults] == [("averageGradesMeritRating9thGrade", (1,))]


def test_a_broken_school_unit_is_told_by_field_and_document(tmp_path: Path) -> None:
    unit = {"code": "9001234", "name": "Asp", "geographicalAreaCode": "12", "principalOrganizerType": "?", "typeOfSchooling": []}
    with pytest.raises(DeliveryError) as refused:
        read(answer(tmp_path, unit))
    assert {fault.column for fault in refused.value.faults} == {"code", "geographicalAreaCode", "principalOrganizerType"}


def test_the_register_knows_the_name_of_our_own_municipality_only(tmp_path: Path) -> None:
    gr = {"code": "gr", "schoolYears": ["7", "8", "9"]}
    unit = {"name": "Asp", "principalOrganizerType": "Kommunal", "typeOfSchooling": [gr], "abroadSchool": False}
    listed = [
        {**unit, "code": "90012345", "geographicalAreaCode": "0114"},
        {**unit, "code": "90012346", "geographicalAreaCode": "0123"},
    ]
    abroad = {**unit, "code": "90012347", "geographicalAreaCode": None, "abroadSchool": True}
    (schools,) = read(answer(tmp_path, {"_embedded": {"listedSchoolUnits": [*listed, abroad]}}))
    assert schools.rows[["school", "municipality_name", "year_groups"]].to_numpy().tolist() == [
        ["90012345", "Upplands Väsby", "7-9"],
        ["90012346", "", "7-9"],
    ]


def test_answers_without_a_body_are_counted_and_not_stored(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    there = {"status": "OK", "body": statistics(meritvarde=[])}
    path.write_text("\n".join(json.dumps(one) for one in (there, {"status": "NOT_FOUND", "body": None})), encoding="utf-8")
    (part,) = read(path)
    assert part.notes == ("1 documents not used: no answer",)


def test_json_of_another_agency_is_not_taken_for_skolverkets(tmp_path: Path) -> None:
    path = tmp_path / "kolada.json"
    path.write_text(json.dumps({"values": [], "count": 0}), encoding="utf-8")
    assert not SkolverketApi().recognises(Delivery(path))
    assert not Skolenkaten().recognises(Delivery(path))
