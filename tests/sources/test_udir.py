"""Elevundersøkelsen from Udir: each figure once, with the right number behind it, and nothing hidden becomes a number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kvalitet_lib.errors import DeliveryError
from kvalitet_lib.municipality import Municipality
from kvalitet_lib.sources.source import Circumstances, Delivery, Filled
from kvalitet_lib.sources.udir import SOURCES, indicator_of

PLACE = {
    "Skoleaarnavn": "2024-25",
    "Trinnnavn": "Videregående trinn 1",
    "EierformNavn": "Alle eierformer",
    "EnhetNavn": "Granlia skole ",
}
SCORE = {
    "Spoersmaalgruppe": "Støtte fra lærer",
    "Spoersmaalnavn": "Alle spørsmål",
    "Kjoenn": "Alle kjønn",
    "Score": "3,9",
    "Standardavvik": "0,9",
    "AntallBesvart": "1 166",
    **{f"AndelSvaralternativ{step}": None for step in range(1, 6)},
    **PLACE,
}
QUESTION = {
    **SCORE,
    "Spoersmaalnavn": "Bryr lærerne seg om deg?",
    **dict(zip([f"AndelSvaralternativ{step}" for step in range(1, 6)], ["*", "*", "24,6", "36,9", "27,0"], strict=True)),
}
BULLYING = {
    "Spoersmaalgruppe": "Mobbing på skolen",
    "Spoersmaalnavn": "Alle spørsmål",
    "Kjoenn": "Jente",
    "AndelMobbet": "4,8",
    "AntallBesvart": "8",
    **PLACE,
    "Trinnnavn": "Alle trinn",
}
PARTICIPATION = {**PLACE, "AndelDeltatt": "88,3", "AntallBesvart": "166", "AntallInvitert": "188", "Trinnnavn": "7. trinn"}
COUNTRY = {**BULLYING, "EnhetNavn": "Hele landet"}

(UDIR,) = SOURCES


def circumstances() -> Circumstances:
    own = Municipality(country="no", code="9901", name="Fjordvik", languages=("nb",), audiences={}, trust=())
    return Circumstances(own, lambda text: text)


def delivery(folder: Path, *records: dict[str, Any]) -> Delivery:
    path = folder / "tabell.json"
    path.write_text(json.dumps(list(records), ensure_ascii=False), encoding="utf-8")
    return Delivery(path)


def filled(told: Delivery) -> Filled:
    assert UDIR.recognises(told)
    (part,) = UDIR.read(told, circumstances())
    assert part.table == "published_values"
    return part


def read(folder: Path, *records: dict[str, Any]) -> pd.DataFrame:
    return filled(delivery(folder, *records)).rows.set_index("indicator", drop=False)


def test_a_score_has_its_respondents_behind_it_and_its_spread_beside_it(tmp_path: Path) -> None:
    rows = read(tmp_path, SCORE)
    score = rows.loc["elevundersokelsen_stotte_fra_larer_vg1"]
    assert (score.value, score.n, score.original, score.decimals) == (3.9, 1166, "3,9", 1)
    assert (score.level, score.unit, score.unit_name, score.school_year) == (
        "school",
        "navn:granlia_skole",
        "Granlia skole",
        "2024-25",
    )
    assert rows.loc["elevundersokelsen_stotte_fra_larer_vg1_standardavvik"].value == 0.9
    assert len(rows) == 2


def test_answer_shares_are_shares_and_a_star_is_hidden_not_nought(tmp_path: Path) -> None:
    rows = read(tmp_path, QUESTION)
    question = "elevundersokelsen_sporsmal_bryr_laererne_seg_om_deg_vg1"
    assert rows.loc[f"{question}_svar_5"].value == pytest.approx(0.27)
    hidden = rows.loc[f"{question}_svar_1"]
    assert (hidden.status, hidden.original) == ("too_few", "*") and pd.isna(hidden.value)


def test_bullied_pupils_are_never_taken_for_the_respondents(tmp_path: Path) -> None:
    rows = read(tmp_path, BULLYING)
    share = rows.loc["mobbing_pa_skolen"]
    assert (share.value, share.group) == (pytest.approx(0.048), "girl") and pd.isna(share.n)
    assert rows.loc["mobbing_pa_skolen_antall"].value == 8


def test_participation_says_how_many_were_invited_and_answered(tmp_path: Path) -> None:
    rows = read(tmp_path, PARTICIPATION)
    assert rows.value.to_dict() == {
        "elevundersokelsen_besvart_trinn_7": 166,
        "elevundersokelsen_invitert_trinn_7": 188,
        "elevundersokelsen_deltakelse_trinn_7": pytest.approx(0.883),
    }
    assert rows.loc["elevundersokelsen_deltakelse_trinn_7"].n == 188


@pytest.mark.parametrize(
    ("trinn", "suffix"),
    [
        ("Alle trinn", ""),
        ("Videregående trinn 3", "_vg3"),
        ("Vg1", "_vg1"),
        ("Trinn 10", "_trinn_10"),
        ("7. årstrinn", "_trinn_7"),
    ],
)
def test_a_year_group_stands_in_the_id_and_all_together_have_the_plain_one(trinn: str, suffix: str) -> None:
    assert indicator_of("Trivsel", "Alle spørsmål", trinn) == f"elevundersokelsen_trivsel{suffix}"


def test_rows_repeated_exactly_are_read_once(tmp_path: Path) -> None:
    part = filled(delivery(tmp_path, SCORE, SCORE, SCORE))
    assert len(part.rows) == 2
    assert part.notes[0] == "3 rows, 1 of them distinct"


def test_a_schools_row_for_all_owner_forms_goes_before_its_own(tmp_path: Path) -> None:
    own = SCORE | {"EierformNavn": "Privat eiet", "Score": "3,8"}
    assert read(tmp_path, own, SCORE).loc["elevundersokelsen_stotte_fra_larer_vg1"].value == 3.9
    assert read(tmp_path, own).loc["elevundersokelsen_stotte_fra_larer_vg1"].value == 3.8


def test_the_country_keeps_its_owner_forms_apart(tmp_path: Path) -> None:
    rows = read(tmp_path, COUNTRY, COUNTRY | {"EierformNavn": "Privat eiet", "AndelMobbet": "5,1"}).loc[["mobbing_pa_skolen"]]
    assert rows[["level", "unit", "owner_type"]].to_numpy().tolist() == [["nation", "NO", "all"], ["nation", "NO", "independent"]]


def test_an_organisation_number_goes_before_the_name(tmp_path: Path) -> None:
    assert set(read(tmp_path, SCORE | {"Organisasjonsnummer": "312345005"}).unit) == {"312345005"}


@pytest.mark.parametrize(
    ("column", "cell"),
    [("Skoleaarnavn", "2024"), ("EierformNavn", "Ukjent eier"), ("Kjoenn", "Annet kjønn"), ("Score", "god"), ("EnhetNavn", " ")],
)
def test_a_broken_row_is_refused_by_column_and_record_without_what_it_says(tmp_path: Path, column: str, cell: str) -> None:
    with pytest.raises(DeliveryError) as refusal:
        read(tmp_path, SCORE, SCORE | {column: cell})
    (fault,) = refusal.value.faults
    assert (fault.column, fault.lines, bool(fault.advice)) == (column, (2,), True)
    assert cell == " " or cell not in str(refusal.value).replace("2024-25", "")


def test_two_different_scores_for_the_same_thing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="rows that differ"):
        read(tmp_path, SCORE, SCORE | {"Score": "4,0"})


def test_the_list_of_years_is_recognised_and_says_there_is_nothing_to_store(tmp_path: Path) -> None:
    path = tmp_path / "years.json"
    path.write_text('{"TidID": [202412, 202512]}', encoding="utf-8")
    part = filled(Delivery(path))
    assert part.rows.empty and "nothing in it to store" in part.notes[0]


@pytest.mark.parametrize("text", ["[]", "[1]", '{"TidID": 5}', '[{"Score": "3,9"}]', "a;b\n1;2\n"])
def test_other_documents_are_not_elevundersokelsen(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(text, encoding="utf-8")
    assert not UDIR.recognises(Delivery(path))


def _real(shared: Path, table: int) -> tuple[pd.DataFrame, Filled]:
    path = shared / f"data/agency/udir_elevundersokelsen_eksport_en_skole/tabell_{table}.json"
    told = pd.DataFrame(json.loads(path.read_text(encoding="utf-8"))).drop_duplicates()
    return told, filled(Delivery(path))


@pytest.mark.parametrize(("table", "rows", "distinct"), [(152, 2680, 1340), (154, 240, 120), (155, 30, 30)])
def test_the_real_tables_have_as_many_distinct_rows_as_counted_by_hand(
    shared: Path, table: int, rows: int, distinct: int
) -> None:
    told, part = _real(shared, table)
    assert len(told) == distinct
    assert part.notes[0] == f"{rows} rows, {distinct} of them distinct"
    assert part.notes[1].startswith(f"{distinct // 2} rows for a school's own owner form")


def test_every_real_score_is_the_same_cell_by_cell(shared: Path) -> None:
    told, part = _real(shared, 152)
    told = told[told.EierformNavn == "Alle eierformer"]
    ids = [indicator_of(*row) for row in told[["Spoersmaalgruppe", "Spoersmaalnavn", "Trinnnavn"]].itertuples(index=False)]
    rows = part.rows.set_index(["indicator", "school_year"])
    scores = rows.loc[list(zip(ids, told.Skoleaarnavn, strict=True))]
    assert len(scores) == 670
    assert scores.original.tolist() == told.Score.tolist()
    assert scores.value.tolist() == told.Score.str.replace(",", ".").astype(float).tolist()
    assert scores.n.tolist() == told.AntallBesvart.astype(float).tolist()
    steps = pd.concat([told[f"AndelSvaralternativ{step}"] for step in range(1, 6)])
    stored = part.rows[part.rows.indicator.str.contains(r"_svar_\d$")]
    assert len(stored) == steps.notna().sum()
    assert (stored.status == "too_few").sum() == steps.eq("*").sum()
    assert stored.value.sum() == pytest.approx(
        steps[steps.notna() & steps.ne("*")].str.replace(",", ".").astype(float).sum() / 100
    )


def test_every_real_bullying_figure_is_the_same_and_84_in_120_stay_hidden(shared: Path) -> None:
    told, part = _real(shared, 154)
    assert (told.AndelMobbet == "*").sum() == 84
    told = told[told.EierformNavn == "Alle eierformer"]
    ids = [indicator_of(*row) for row in told[["Spoersmaalgruppe", "Spoersmaalnavn", "Trinnnavn"]].itertuples(index=False)]
    shares = part.rows.set_index(["indicator", "school_year"]).loc[list(zip(ids, told.Skoleaarnavn, strict=True))]
    assert shares.original.tolist() == told.AndelMobbet.tolist()
    assert (shares.status == "too_few").sum() == 42
    assert shares.n.isna().all()
