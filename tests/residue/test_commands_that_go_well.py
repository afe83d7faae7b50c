"""Every command run well leaves no canary outside the private area: in no page, picture, log, name or left-over file."""

from __future__ import annotations

import stat

import httpx
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from kvalitet_lib.sources.pseudonyms import Pseudonyms
from kvalitet_lib.store import Store
from tests.execution.desk import PAGE, notebook
from tests.residue import canaries
from tests.residue.search import search
from tests.residue.watch import PSEUDONYM, Watch

FIGURES = {"canary texts": 300}
SCHOOL, ONE = "90012305", "franvaro_10"
SHOWS_ROWS = """
import logging, os, sys, warnings
from pathlib import Path
import pandas as pd
from IPython.display import HTML, display
rows = pd.read_csv(Path(os.environ["CANARY_ROWS"]), sep=";", dtype="str")
print(rows.to_string(), file=sys.stderr)
print(rows.to_string())
logging.getLogger().error(rows.to_string())
warnings.warn(rows.to_string())
display(rows, HTML(rows.to_html()), metadata={"note": rows.to_string()})
rows
"""
HIDES_WIDGETS = f"""
import ipywidgets
hidden = [ipywidgets.Text(text) for text in {canaries.WIDGETS}]
shown = ipywidgets.HTML(rows.to_html())
shown
"""
PARAMETERS = "\n".join(
    f'{name} = "{text}"  # type: str'
    for name, text in zip(("school", "school_year", "language", "release"), canaries.PARAMETERS, strict=False)
)
REPORT = "notebook: page.ipynb\neach: school\naudience: public\nformats: [html, pdf]\nlanguages: [sv]\n"


@pytest.fixture(scope="module")
def ran(begun, loaded) -> Watch:
    """Every command, one after the other, on one municipality, after it was loaded and released."""
    watch = begun
    write_report_of_rows(watch)
    rows = {"CANARY_ROWS": str(watch.home / "deliveries" / "elever_2024-25.csv")}
    for words in (
        ("demo", "--small", "--home", watch.root / "another"),
        ("load", watch.home / "deliveries", "--json"),
        ("status",),
        ("measure", ONE, "--by", "school", "--by", "sex"),
        ("compare", ONE, "--format", "json"),
        ("explain", "pupils"),
        ("form", "comments"),
        ("report", "school", "--school", SCHOOL, "-l", "sv", "--format", "html,pdf", "--out", watch.out),
        ("report", "municipality", "-l", "sv", "--format", "html", "--out", watch.out),
        ("report", "page", "--school", SCHOOL, "--out", watch.out),
        ("report", "page", "--school", SCHOOL, "--out", watch.out / "own", "--own-kernel"),
        ("forget", canaries.PUPILS[0], "--yes"),
        ("forget", "--before", "2023-24", "--yes"),
    ):
        done = watch.kvalitet(*words, **rows)
        assert done.returncode == 0, f"{words}: {done.stderr}"
    serve_a_dashboard(watch)
    work_at_the_desk(watch)
    return watch


def write_report_of_rows(watch: Watch) -> None:
    """A report whose notebook prints pupils' rows, hides widgets and has odd parameters, and at last shows a page."""
    unused = "\n".join(f"another_{place} = {text!r}" for place, text in enumerate(canaries.PARAMETERS[4:]))
    made = notebook(watch.desk / "made", SHOWS_ROWS, HIDES_WIDGETS, unused, PAGE, parameters=PARAMETERS)
    (made / "page.ipynb").replace(watch.desk / "notebooks" / "page.ipynb")
    (watch.desk / "params" / "reports" / "page.yml").write_text(REPORT)


def serve_a_dashboard(watch: Watch) -> None:
    with watch.served("dashboard") as (_, address):
        page = httpx.get(address, follow_redirects=True, timeout=60)
        assert page.status_code == 200
        watch.keep("dashboard", page.text)


def work_at_the_desk(watch: Watch) -> None:
    """Save, as JupyterLab does, an explored notebook that shows rows in every place a notebook has for them."""
    row = canaries.ROWS[0]
    outputs = [
        new_output("stream", name="stdout", text=row),
        new_output("execute_result", data={"text/html": row}, metadata={"note": row}, execution_count=1),
        new_output("error", ename="ValueError", evalue=row, traceback=[row]),
    ]
    widgets = {
        "application/vnd.jupyter.widget-state+json": {"version_major": 2, "version_minor": 0, "state": {"a": {"value": row}}}
    }
    explored = new_notebook(
        cells=[new_code_cell("store['pupils']", outputs=outputs, execution_count=1, metadata={"execution": {"row": row}})],
        metadata={"widgets": widgets, "papermill": {"parameters": {"pupil": row}}},
    )
    with watch.served("lab", "--no-browser") as (_, address):
        root, token = address.split("/lab?token=")
        headers = {"Authorization": f"token {token}"}
        for name in ("first_look.ipynb", "mine.ipynb"):
            model = {"type": "notebook", "format": "json", "content": explored}
            saved = httpx.put(f"{root}/api/contents/{name}", json=model, headers=headers, timeout=60)
            assert saved.status_code in (200, 201), saved.text
    kept = nbformat.read(watch.desk / "notebooks" / "explore" / "mine.ipynb", as_version=4)
    assert [cell.source for cell in kept.cells] == ["store['pupils']"]


def test_there_are_as_many_canaries_as_we_say_and_no_two_are_alike():
    texts = [*canaries.ROWS, *canaries.SURROUNDINGS]
    assert len(texts) == len(set(texts)) == FIGURES["canary texts"]
    assert all(canaries.ROW.lower() in text.lower() for text in canaries.ROWS)
    assert all(canaries.AROUND in text for text in canaries.SURROUNDINGS)


def test_every_canary_of_a_row_was_delivered(planted):
    content = "\n".join(path.read_text(encoding="utf-8-sig") for path in planted.iterdir())
    assert [text for text in canaries.ROWS if text not in content] == []


def test_pupils_are_in_the_store_by_pseudonym_and_what_nobody_asked_for_is_not_there_at_all(loaded):
    pseudonym = Pseudonyms.open(loaded / "key" / "pseudonyms.key")
    store = Store(loaded / "private")
    kept = {value for table in store.values() for column in table for value in table[column].dropna().astype(str)}
    assert {pseudonym(text) for text in [*canaries.PUPILS, *canaries.RESPONDENTS]} <= kept
    assert {*canaries.CLASSES, *canaries.PARTS, *canaries.SUBJECTS, *canaries.PROGRAMMES, *canaries.FREE_TEXT} <= kept
    assert search([loaded / "private"], [*canaries.PUPILS[:5], *canaries.RESPONDENTS[:5], "Åsa Kanarie"]) == []


def test_no_row_and_no_pseudonym_is_found_outside_the_private_area(ran):
    assert ran.rows_outside() == []


def test_no_name_of_a_person_machine_place_parameter_or_hidden_widget_is_found_in_what_is_published(ran):
    published = [path for place in (ran.home / "released", ran.out) for path in place.rglob("*") if path.is_file()]
    assert {path.suffix for path in published} >= {".html", ".pdf", ".csv", ".json"}
    assert ran.surroundings_published() == []


def test_no_parameter_and_no_widget_is_found_in_the_users_own_folders(ran):
    places = [ran.root / canaries.USER_HOME, ran.root / canaries.TEMPORARY]
    assert search(places, ["Fjarilparameter", "Fjarilwidget"]) == []


def test_no_temporary_file_is_left(ran):
    assert [path for path in (ran.root / canaries.TEMPORARY).rglob("*") if path.is_file()] == []


def test_no_database_lies_outside_the_private_area(ran):
    inside = (ran.home / "private", ran.root / "another")
    assert [path for path in ran.files() if path.read_bytes()[8:12] == b"DUCK" and not path.is_relative_to(inside[0])] == []


def test_the_private_area_and_the_key_are_their_owners_alone(ran):
    for folder in (ran.home / "private", ran.home / "key"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        modes = {path: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}
        assert {path: oct(mode) for path, mode in modes.items() if mode & 0o077} == {}


def test_the_page_of_a_notebook_that_prints_rows_is_made_all_the_same(ran):
    for folder in (ran.out / "public", ran.out / "own" / "public"):
        assert "All is well." in (folder / "sv" / f"school-{SCHOOL}.html").read_text(encoding="utf-8")
        assert (folder / "sv" / f"school-{SCHOOL}.pdf").read_bytes().startswith(b"%PDF")


def test_the_search_would_have_found_a_row_that_was_left(ran):
    left = ran.out / "public" / "sv" / "left.html"
    left.write_text(canaries.PUPILS[3], encoding="utf-8")
    pseudonymous = ran.root / canaries.TEMPORARY / "left.csv"
    pseudonymous.write_text("p_" + "0123456789abcdef" * 2)
    try:
        assert len(ran.rows_outside()) == 2
        assert search([pseudonymous], [PSEUDONYM])
    finally:
        left.unlink()
        pseudonymous.unlink()
