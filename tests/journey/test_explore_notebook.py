"""The first look runs from top to bottom, and nothing it draws can pass for a released figure."""

from __future__ import annotations

import base64
import io

import nbformat
import numpy as np
import pandas as pd
import papermill
import pytest
from PIL import Image, ImageColor

from kvalitet_lib.explore import differences, quality, stamp
from kvalitet_lib.explore.charts import USUAL, Sides
from kvalitet_lib.indicators import Kind, all_indicators
from kvalitet_lib.present.theme import THEME
from kvalitet_lib.store import Store
from kvalitet_lib.texts import Texts
from tests.conftest import ROOT

NOTEBOOK = ROOT / "notebooks" / "explore" / "first_look.ipynb"


def first_look(home, folder, **parameters) -> nbformat.NotebookNode:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("KVALITET_HOME", str(home.folder))
        papermill.execute_notebook(str(NOTEBOOK), str(folder / "run.ipynb"), parameters, cwd=str(folder), progress_bar=False)
    return nbformat.read(folder / "run.ipynb", as_version=4)


def outputs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [output for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output]


def pictures(notebook: nbformat.NotebookNode) -> list[Image.Image]:
    drawn = [output.data["image/png"] for output in outputs(notebook) if "image/png" in output.data]
    return [Image.open(io.BytesIO(base64.b64decode(one))) for one in drawn]


def has_the_band(picture: Image.Image) -> bool:
    """Most of the uppermost row of picture points is in the stamp's colour."""
    top = np.asarray(picture.convert("RGB"))[1]
    return bool((top == ImageColor.getrgb(THEME.palette.orange)).all(axis=1).mean() > 0.9)


@pytest.fixture(scope="module")
def looked(small_home, tmp_path_factory) -> nbformat.NotebookNode:
    return first_look(small_home, tmp_path_factory.mktemp("first_look"), language="sv")


def test_the_first_look_draws_every_side_of_the_indicator(looked):
    assert len(pictures(looked)) == 5


def test_every_chart_is_stamped_on_its_face_in_its_file_and_in_words(looked):
    said = Texts("sv").say("dashboard.internal_stamp")
    assert all(has_the_band(picture) for picture in pictures(looked))
    assert {picture.info["Description"] for picture in pictures(looked)} == {said}
    drawn = [output for output in outputs(looked) if "image/png" in output.data]
    assert all(output.metadata["image/png"]["alt"].startswith(said) for output in drawn)


def test_no_table_of_the_first_look_shows_a_pupil(looked, small_home):
    pupils = set(Store(small_home.private)["pupils"]["pupil"])
    shown = " ".join(output.data.get("text/html", "") + output.data.get("text/plain", "") for output in outputs(looked))
    assert not [pupil for pupil in pupils if pupil in shown]


def test_the_first_look_runs_on_norwegian_data_too(small_norwegian_home, tmp_path):
    looked = first_look(small_norwegian_home, tmp_path, language="nb")
    said = Texts("nb").say("dashboard.internal_stamp")
    assert {picture.info["Description"] for picture in pictures(looked)} == {said}
    assert len(pictures(looked)) == 5


def test_a_stamp_covers_nothing_that_was_drawn():
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4, 3))
    axes = figure.add_axes((0.1, 0.1, 0.8, 0.9))
    title = figure.suptitle("title", y=1)
    stamped = stamp(figure, "alt", "en")
    band = figure.artists[0].get_y()
    assert axes.get_position().y1 <= band + 1e-9
    assert title.get_position()[1] <= band + 1e-9
    assert stamped.text in {words.get_text() for words in figure.texts}


@pytest.mark.parametrize("country", ["se", "no"])
def test_the_usual_indicator_exists_and_can_be_counted(country):
    assert all_indicators(country)[USUAL[country]].count is not None


def test_an_unknown_indicator_is_refused_by_name(small_home):
    from kvalitet_lib.errors import ContractError

    with pytest.raises(ContractError, match="no indicator 'meritpoang'"):
        Sides.of("meritpoang", dict(Store(small_home.private)), small_home.municipality())


def test_pupils_with_grades_but_no_row_in_the_register_are_counted():
    tables = {
        "pupils": pd.DataFrame({"pupil": ["a", "b"], "school_year": "2024-25"}),
        "grades": pd.DataFrame({"pupil": ["a", "b", "c", "c"], "school_year": "2024-25"}),
    }
    found = quality.pupils_not_registered(tables).iloc[0]
    assert (found["pupils"], found["not_registered"]) == (3, 1)
    assert found["share"] == pytest.approx(1 / 3)


def test_a_year_the_register_does_not_cover_is_no_fault_of_its_pupils():
    tables = {
        "pupils": pd.DataFrame({"pupil": ["a"], "school_year": "2024-25"}),
        "grades": pd.DataFrame({"pupil": ["a"], "school_year": "2019-20"}),
    }
    assert quality.pupils_not_registered(tables).empty


def test_missing_shares_name_the_emptiest_column_first():
    tables = {"absence": pd.DataFrame({"school": ["1", "1"], "absent_days": [None, None], "absent_hours": [1.0, None]})}
    found = quality.missing_shares(tables)
    assert found["column"].tolist() == ["absent_days", "absent_hours"]
    assert found["missing"].tolist() == [1.0, 0.5]


def test_a_stated_merit_value_that_the_grades_do_not_give_is_found(small_home):
    tables = dict(Store(small_home.private))
    merit = all_indicators("se")["meritvarde"]
    assert quality.stated_against_computed(tables, merit)["agree"].eq(1).all()
    raised = {**tables, "grades": tables["grades"].assign(stated_points=tables["grades"]["stated_points"] + 10)}
    found = quality.stated_against_computed(raised, merit)
    assert found["agree"].eq(0).all()
    assert found["mean_difference"].tolist() == pytest.approx([10.0] * len(found))


def test_schools_that_share_one_value_are_seldom_told_apart_and_others_nearly_always():
    draw = np.random.default_rng(7)
    sizes = draw.integers(30, 90, size=(200, 12))

    def found(shares: np.ndarray) -> float:
        rows = [
            pd.DataFrame({"school_year": str(place), "n": n, "count": draw.binomial(n, shares), "estimate": 0.0, "upper": 0.0})
            for place, n in enumerate(sizes)
        ]
        return float(differences.between_schools(pd.concat(rows), Kind.SHARE)["p"].lt(0.05).mean())

    assert found(np.full(12, 0.3)) < 0.10
    assert found(np.linspace(0.1, 0.5, 12)) > 0.95


def test_the_funnel_holds_as_many_schools_as_it_says_when_chance_is_all():
    draw = np.random.default_rng(11)
    n = draw.integers(40, 400, size=4000)
    schools = pd.DataFrame({"n": n, "estimate": draw.binomial(n, 0.3) / n, "upper": np.nan})
    lines = differences.funnel(schools, Kind.SHARE)
    assert lines is not None
    for level, (low, high) in lines.limits.items():
        inside = schools["estimate"].between(np.interp(n, lines.n, low), np.interp(n, lines.n, high)).mean()
        assert inside == pytest.approx(level, abs=0.012)
    assert lines.trend == pytest.approx(np.full(100, 0.3), abs=0.02)
