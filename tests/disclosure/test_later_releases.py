"""The same municipalities let out more releases of the same years: what was kept stays kept, and few changes tell nothing."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from kvalitet_lib.attack import attack
from kvalitet_lib.disclosure.release import Release, releases_in
from tests.disclosure.seeded import AUDIENCES, YEARS, Town, one_of_fifty, town

FIGURES = {"made-up municipalities": 50, "versions": 3, "found after the last": 0}


@pytest.mark.parametrize("seed", range(FIGURES["made-up municipalities"]))
def test_nothing_is_found_after_a_pupil_has_joined_and_after_a_delivery_has_been_replaced(seed, first_releases, tmp_path):
    first = one_of_fifty(seed)
    versions = [first, first.one_more_pupil(seed), first.another_delivery(seed + 1000)]
    assert len(versions) == FIGURES["versions"]
    shutil.copytree(first_releases(seed), tmp_path, dirs_exist_ok=True)
    for day, version in enumerate(versions[1:], 2):
        latest = {audience: version.released(tmp_path, audience, day).folder for audience in AUDIENCES}
    before = {audience: [one for one in releases_in(tmp_path / audience) if one != latest[audience]] for audience in AUDIENCES}
    known = {audience: _known(versions[-1], Release(latest[audience])) for audience in AUDIENCES}
    public = attack(latest["public"], before["public"], known["public"])
    internal = attack(latest["internal"], [*before["internal"], *before["public"], latest["public"]], known["internal"])
    assert len(public) + len(internal) == FIGURES["found after the last"]


def _known(place: Town, release: Release) -> pd.DataFrame:
    """What is true now, but for tables that stand although a few have changed: those say what was true before."""
    figures = place.figures
    behind = pd.MultiIndex.from_frame(figures[["indicator", "school_year"]]).isin(
        [tuple(one) for one in release.about["standing"]]
    )
    return figures[~behind]


def test_where_one_pupil_has_joined_and_one_is_corrected_the_year_stands_as_it_was_let_out(tmp_path):
    place = town(3, 6)
    before = place.released(tmp_path, "public", 1).all_figures()
    after = place.one_more_pupil(3).released(tmp_path, "public", 2).all_figures()
    assert before["school_year"].eq(YEARS[-1]).any()
    assert after.equals(before)


def test_where_a_delivery_has_been_replaced_the_new_figures_are_let_out(tmp_path):
    place = town(2, 4)
    before = place.released(tmp_path, "public", 1).all_figures()
    after = place.another_delivery(1002).released(tmp_path, "public", 2).all_figures()
    figure = ["indicator", "level", "unit", "school_year", "breakdown", "group"]
    both = before[before["shown"].eq("yes")].merge(after[after["shown"].eq("yes")], on=figure)
    newest = both["school_year"].eq(YEARS[-1])
    assert both.loc[newest, "n_x"].ne(both.loc[newest, "n_y"]).mean() > 0.5
    assert both.loc[~newest, "n_x"].eq(both.loc[~newest, "n_y"]).all()


def test_the_same_figures_released_again_are_the_same_release(tmp_path):
    place = town(5, 4)
    first, again = place.released(tmp_path, "public"), place.released(tmp_path, "public")
    assert first.folder == again.folder
