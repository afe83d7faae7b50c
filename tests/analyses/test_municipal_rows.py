"""A municipality's tables become the frames that analyses take, and nothing is guessed on the way."""

from __future__ import annotations

import pandas as pd
import pytest

from kvalitet_lib.analyses.municipal_rows import MunicipalRows
from kvalitet_lib.store import Store
from tests.whiteboard import table


@pytest.fixture(scope="module", params=["se", "no"])
def town(request, small_home, small_norwegian_home) -> MunicipalRows:
    home = small_home if request.param == "se" else small_norwegian_home
    return MunicipalRows(dict(Store(home.private)), home.municipality())


def test_a_leaver_is_one_row_at_one_school_with_what_is_known(town):
    leavers = town.leavers
    assert not leavers.duplicated(["pupil", "school_year"]).any()
    assert leavers["outcome"].notna().mean() > 0.95
    assert leavers["absent"].between(0, 1).all() and set(leavers["girl"].dropna()) == {0.0, 1.0}
    assert set(leavers["eligible"].dropna()) <= {0.0, 1.0}


def test_results_stand_beside_the_others_of_the_same_year(town):
    spread = town.results.groupby(["measure", "school_year"])["z"].agg(["mean", "std"])
    assert spread["mean"].abs().max() < 1e-9
    assert (spread["std"] - 1).abs().max() < 1e-9


def test_pupils_are_followed_from_one_measure_to_the_next_in_the_usual_number_of_years(small_norwegian_home):
    town = MunicipalRows(dict(Store(small_norwegian_home.private)), small_norwegian_home.municipality())
    assert town.chains == (("np8", "np9"), ("np9", "grunnskolepoeng"))
    for earlier, later in town.chains:
        pairs = town.pairs(earlier, later)
        assert not pairs.duplicated(["pupil", "school_year"]).any()
        years = pairs["school_year"].str[:4].astype(int) - pairs["year_earlier"].str[:4].astype(int)
        assert set(years) == {1}
        assert pairs["girl"].notna().all()
    assert town.leavers["prior"].notna().mean() > 0.5


def test_who_took_longer_between_two_measures_is_not_followed(small_home):
    grades = table("""
        pupil | school   | school_year | year_group | sex  | subject | grade | assessment | language_choice | stated_points
        ------+----------+-------------+------------+------+---------+-------+------------+-----------------+--------------
        p1    | 90012302 | 2021-22     | 6          | girl | MA      | C     | term       |                 | -
        p1    | 90012301 | 2024-25     | 9          | girl | MA      | A     | final      |                 | 200
        p2    | 90012301 | 2020-21     | 6          | boy  | MA      | C     | term       |                 | -
        p2    | 90012301 | 2024-25     | 9          | boy  | MA      | B     | final      |                 | 150
    """)
    town = MunicipalRows({"grades": grades}, small_home.municipality())
    pairs = town.pairs("betyg_ak6", "meritvarde")
    assert pairs[["pupil", "school", "school_earlier", "earlier", "later"]].to_numpy().tolist() == [
        ["p1", "90012301", "90012302", 15.0, 200.0]
    ]


def test_a_figure_of_a_school_and_year_is_the_one_that_is_measured(town):
    figures = town.school_years(town.outcome)
    own = town.leavers.dropna(subset="outcome").groupby(["school", "school_year"])["outcome"].mean()
    both = figures.set_index(["school", "school_year"])["estimate"]
    pd.testing.assert_series_equal(both.sort_index(), own.sort_index(), check_names=False)


def test_other_owners_and_other_municipalities_schools_are_left_out(small_home):
    tables = dict(Store(small_home.private))
    schools = tables["schools"]
    ours = MunicipalRows(tables, small_home.municipality()).leavers["school"].unique()
    sold = schools.assign(owner_type=schools["owner_type"].where(schools["school"].ne(ours[0]), "independent"))
    left = MunicipalRows(tables | {"schools": sold}, small_home.municipality())
    assert ours[0] not in set(left.leavers["school"]) | set(left.results["school"]) | set(
        left.school_years(left.outcome)["school"]
    )


def test_absence_of_a_pupil_who_moved_is_of_the_whole_year(small_home):
    absence = table("""
        pupil | school   | school_year | period  | possible_hours | absent_hours | unexcused_hours | absent_days
        ------+----------+-------------+---------+----------------+--------------+-----------------+------------
        p1    | 90012301 | 2024-25     | 2024-09 | 100            | 10           | -               | -
        p1    | 90012302 | 2024-25     | 2024-11 | 300            | 10           | -               | -
        p2    | 90012301 | 2024-25     | 2024-09 | 100            | -            | -               | -
    """)
    grades = table("""
        pupil | school   | school_year | year_group | sex  | subject | grade | assessment | language_choice | stated_points
        ------+----------+-------------+------------+------+---------+-------+------------+-----------------+--------------
        p1    | 90012302 | 2024-25     | 9          | girl | MA      | A     | final      |                 | 200
        p2    | 90012301 | 2024-25     | 9          | boy  | MA      | B     | final      |                 | 150
    """)
    leavers = MunicipalRows({"absence": absence, "grades": grades}, small_home.municipality()).leavers.set_index("pupil")
    assert leavers["absent"].to_dict() == {"p1": 0.05, "p2": pytest.approx(float("nan"), nan_ok=True)}
    assert leavers["outcome"].to_dict() == {"p1": 200.0, "p2": 150.0}
    assert leavers[["girl", "prior", "qualified", "class_size"]].isna().all(axis=None)


def test_without_any_table_there_are_frames_without_rows(small_home):
    empty = MunicipalRows({}, small_home.municipality())
    assert (len(empty.leavers), len(empty.results), empty.chains, empty.indicators) == (0, 0, (), ())
    assert len(empty.published(empty.outcome)) == 0
