"""The same municipalities let out more releases of the same years: what was kept stays kept, and few changes tell nothing."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from kvalitet_lib.attack import Weakness, attack
from kvalitet_lib.disclosure.release import Release, releases_in
from kvalitet_lib.disclosure.standing import TABLE
from tests.disclosure.seeded import AUDIENCES, YEARS, Town, one_of_fifty, town

FIGURES = {"made-up municipalities": 50, "versions": 3, "found after the last": 0}


@pytest.mark.parametrize("seed", range(FIGURES["made-up municipalities"]))
def test_nothing_is_found_after_a_pupil_has_joined_and_after_a_delivery_has_been_replaced(seed, first_releases, tmp_path):
    first = one_of_fifty(seed)
    versions = [first, first.one_more_pupil(seed), first.another_delivery(seed + 1000)]
    assert len(versions) == FIGURES["versions"]
    shutil.copytree(first_releases(seed), tmp_path, dirs_exist_ok=True)
    made = {audience: [Release.open(tmp_path / audience)] for audience in AUDIENCES}
    for day, version in enumerate(versions[1:], 2):
        for audience in AUDIENCES:
            made[audience].append(version.released(tmp_path, audience, day))
    found = _found(versions, made["public"]) + _found(versions, made["internal"], releases_in(tmp_path / "public"))
    assert len(found) == FIGURES["found after the last"]
    assert _found(versions[:2], made["public"][:2]) == ()


def _found(versions: list[Town], releases: list[Release], also: Sequence[Path] = ()) -> tuple[Weakness, ...]:
    """What is found in the last of some releases, with those before it and others that its readers have seen."""
    latest = releases[-1].folder
    return attack(latest, [*(one.folder for one in releases if one.folder != latest), *also], _known(versions, releases))


def _known(versions: list[Town], releases: list[Release]) -> pd.DataFrame:
    """What heads know: of tables that stand although a few have changed, what was true when they were let out."""
    tables = pd.MultiIndex.from_frame(versions[-1].figures[TABLE].drop_duplicates())
    let_out = pd.Series(0, index=tables)
    for place, release in enumerate(releases):
        let_out[~tables.isin([tuple(one) for one in release.about["standing"]])] = place
    figures = pd.concat([version.figures.assign(version=place) for place, version in enumerate(versions)], ignore_index=True)
    when = let_out.reindex(pd.MultiIndex.from_frame(figures[TABLE])).to_numpy()
    return figures[figures["version"].eq(when)].drop(columns="version")


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
