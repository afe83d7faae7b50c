"""A report is refused before anything starts when it would tell its notebook something it does not understand."""

from __future__ import annotations

import pytest

from kvalitet_lib.errors import ContractError, SettingsError
from kvalitet_lib.execution import batch
from kvalitet_lib.execution.parameters import ReportSettings, checked
from kvalitet_lib.execution.plan import Wish
from tests.execution.desk import PAGE, PARAMETERS, SETTINGS, A, made, notebook, pages

GIVEN = {"school": A, "school_year": "2024-25", "language": "sv", "release": "x"}


def test_parameters_that_are_the_notebooks_own_are_passed_on_as_they_are(tmp_path):
    assert checked(notebook(tmp_path) / "page.ipynb", GIVEN) == GIVEN


def test_a_misspelt_name_is_named_beside_those_the_notebook_has(tmp_path):
    told = {"shcool": A, **{name: value for name, value in GIVEN.items() if name != "school"}}
    with pytest.raises(ContractError) as refused:
        checked(notebook(tmp_path) / "page.ipynb", told)
    assert "shcool" in str(refused.value)
    assert "The notebook has: school, school_year, language, release." in str(refused.value)


def test_a_name_the_notebook_has_and_is_not_told_is_missed(tmp_path):
    with pytest.raises(ContractError, match="language: field required"):
        checked(notebook(tmp_path) / "page.ipynb", {name: value for name, value in GIVEN.items() if name != "language"})


@pytest.mark.parametrize(("stated", "value"), [("str", 90000001), ("int", "9"), ("int", True), ("bool", "yes"), ("float", "1")])
def test_a_value_of_another_type_than_the_notebook_states_is_refused(tmp_path, stated, value):
    folder = notebook(tmp_path, parameters=f"school = None  # type: {stated}")
    with pytest.raises(ContractError, match="school: input should be a valid"):
        checked(folder / "page.ipynb", {"school": value})


def test_every_wrong_parameter_is_named_at_once(tmp_path):
    with pytest.raises(ContractError) as refused:
        checked(notebook(tmp_path) / "page.ipynb", {"shcool": A, "school": 9, "language": "sv", "release": "x"})
    assert all(name in str(refused.value) for name in ("shcool", "school:", "school_year"))


def test_a_notebook_must_state_the_type_of_each_parameter(tmp_path):
    folder = notebook(tmp_path, parameters='school = ""  # type: str\nschool_year = None')
    with pytest.raises(ContractError, match="parameter school_year has no type"):
        checked(folder / "page.ipynb", GIVEN)


def test_a_notebook_without_a_parameters_cell_is_refused(tmp_path):
    with pytest.raises(ContractError, match="no cell tagged 'parameters'"):
        checked(notebook(tmp_path, parameters="# nothing") / "page.ipynb", {})


def test_no_page_is_begun_when_a_parameter_is_wrong(tmp_path, release, monkeypatch):
    def no_page_may_begin(*_):
        raise AssertionError("a page was begun")

    monkeypatch.setattr(batch, "_start", no_page_may_begin)
    folder = notebook(tmp_path / "notebooks", PAGE, parameters=PARAMETERS.replace("school =", "shcool ="))
    with pytest.raises(ContractError, match="school"):
        made(tmp_path / "out", folder, release)
    assert pages(tmp_path / "out") == []


def test_a_report_whose_notebook_is_not_there_is_refused(tmp_path, release):
    with pytest.raises(SettingsError, match=r"There is no notebook .*page\.ipynb"):
        made(tmp_path / "out", tmp_path, release)


@pytest.mark.parametrize("year", ["2024", "2024/25", "banana"])
def test_a_school_year_that_is_none_is_refused(tmp_path, release, year):
    with pytest.raises(ContractError, match="is not a school year"):
        made(tmp_path / "out", notebook(tmp_path, PAGE), release, Wish(school_year=year))


def test_an_unknown_report_is_refused_with_those_there_are(tmp_path):
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "school.yml").write_text("")
    with pytest.raises(SettingsError, match="There is no report 'shool'; there are: school"):
        ReportSettings.read(tmp_path, "shool")


def test_a_reports_settings_are_read_as_they_stand(tmp_path):
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "page.yml").write_text(
        "notebook: page.ipynb\neach: school\naudience: public\nformats: [html]\nlanguages: [en]\n"
    )
    assert ReportSettings.read(tmp_path, "page") == SETTINGS
