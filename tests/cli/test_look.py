"""What the owner of the store may look at: what was delivered, figures and comparisons, and what they mean."""

from __future__ import annotations

import csv
import io
import json

import pytest

from kvalitet_lib.analyses import ANALYSES
from kvalitet_lib.cli.look import INTERNAL
from kvalitet_lib.contracts import CONTRACTS
from kvalitet_lib.indicators import all_indicators
from kvalitet_lib.measure import measure
from kvalitet_lib.store import Store
from kvalitet_lib.texts import LANGUAGES, Texts

ONE = "alla_amnen_ak9"


def rows_of_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_status_names_every_delivery_that_still_counts_and_the_releases(kvalitet, small_home):
    said = kvalitet("status", "--home", small_home.folder)
    assert said.code == 0
    assert all(name in said.out for name in ("betyg_ak9_2024-25.csv", "grades", "release for public: ", "release for internal: "))


def test_status_as_json_has_one_row_for_each_delivery_and_table(kvalitet, small_home):
    rows = json.loads(kvalitet("status", "--home", small_home.folder, "--format", "json").out)
    kept = Store(small_home.private).deliveries()
    assert [(one["fingerprint"], one["rows"]) for one in rows] == list(zip(kept["fingerprint"], kept["rows"], strict=True))


def test_status_of_an_empty_home_says_what_to_do(kvalitet, home):
    said = kvalitet("status", "--home", home)
    assert (said.code, "kvalitet load PATH" in said.out) == (0, True)


def test_an_unknown_format_is_refused(kvalitet, small_home):
    assert kvalitet("status", "--home", small_home.folder, "--format", "xlsx").code == 2


def test_measured_figures_are_the_same_as_csv_and_as_json_and_as_the_library_has_them(kvalitet, small_home):
    words = ("measure", ONE, "--home", small_home.folder, "--format")
    as_csv, as_json = kvalitet(*words, "csv"), kvalitet(*words, "json")
    figures = measure(all_indicators("se")[ONE], Store(small_home.private), ["school"]).to_frame()
    assert [row["school"] for row in rows_of_csv(as_csv.out)] == list(figures["school"])
    assert [float(row["estimate"]) for row in rows_of_csv(as_csv.out)] == pytest.approx(list(figures["estimate"]))
    assert [row["estimate"] for row in json.loads(as_json.out)] == pytest.approx(list(figures["estimate"]))


def test_what_is_not_disclosure_controlled_says_so_beside_and_not_inside_the_figures(kvalitet, small_home):
    for verb in ("measure", "compare"):
        said = kvalitet(verb, ONE, "--home", small_home.folder, "--format", "csv")
        assert said.err.strip() == INTERNAL
        assert INTERNAL not in said.out


def test_figures_are_broken_down_by_what_one_asks_for(kvalitet, small_home):
    said = kvalitet("measure", ONE, "--by", "municipality", "--by", "sex", "--home", small_home.folder, "--format", "csv")
    assert {row["sex"] for row in rows_of_csv(said.out)} == {"girl", "boy"}


def test_comparisons_are_of_the_indicator_asked_for(kvalitet, small_home):
    rows = rows_of_csv(kvalitet("compare", ONE, "--home", small_home.folder, "--format", "csv").out)
    assert {row["indicator"] for row in rows} == {ONE}
    assert {"nation", "municipality", "own_earlier"} <= {row["reference"] for row in rows}


@pytest.mark.parametrize("words", [("measure", "happiness"), ("compare", "happiness"), ("measure", ONE, "--by", "shoe_size")])
def test_an_indicator_or_breakdown_there_is_not_ends_with_exit_code_1_and_words(kvalitet, small_home, words):
    said = kvalitet(*words, "--home", small_home.folder)
    assert said.code == 1
    assert "kvalitet " in said.err or "sex" in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_indicators_card_is_printed_in_every_language(kvalitet, language):
    said = kvalitet("explain", "meritvarde", "-l", language).out
    flat = " ".join(said.split())
    assert all(Texts(language).say(f"indicators.meritvarde.{part}") in flat for part in ("name", "means", "says_nothing_about"))
    assert all_indicators("se")["meritvarde"].rule in flat


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("analysis", ANALYSES)
def test_an_analysis_card_is_printed_in_every_language(kvalitet, analysis, language):
    flat = " ".join(kvalitet("explain", analysis, "-l", language).out.split())
    parts = ("name", "question", "means", "says_nothing_about")
    assert all(" ".join(Texts(language).say(f"analyses.{analysis}.{part}").split()) in flat for part in parts)


def test_an_indicators_own_language_is_that_of_its_country(kvalitet):
    assert Texts("sv").say("indicators.meritvarde.name") in kvalitet("explain", "meritvarde").out


def test_a_tables_contract_names_every_column(kvalitet):
    said = kvalitet("explain", "pupils").out
    assert all(name in said for name in CONTRACTS["pupils"].to_schema().columns)


@pytest.mark.parametrize(
    ("listed", "some"),
    [("indicators", "meritvarde"), ("tables", "grades"), ("deliveries", "se_grades"), ("analyses", "value_added")],
)
def test_all_there_is_can_be_listed(kvalitet, listed, some):
    assert some in kvalitet("explain", listed).out


def test_something_unknown_is_answered_with_what_is_near(kvalitet):
    said = kvalitet("explain", "merit")
    assert (said.code, "Did you mean: meritvarde" in said.err) == (1, True)
