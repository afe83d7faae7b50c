"""What releases seen before add: figures hidden since, and figures that have changed by a pupil or a few."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from tests.attack.drawn import MEAN, SHARE, drawn, told

GIRLS = """
    unit | group | n     | shown
    a    | all   | {all} | yes
    a    | girl  | 6     | {girl}
    a    | boy   | {boy} | no
"""


def test_a_figure_hidden_now_but_shown_before_is_found(tmp_path):
    before = drawn(GIRLS.format(all=25, girl="yes", boy=19)).written(tmp_path / "before")
    now = drawn(GIRLS.format(all=25, girl="no", boy=19)).written(tmp_path / "now")
    assert told(now) == set()
    assert told(now, earlier=[before]) == {"recovered n a girl"}


def test_but_not_where_the_school_s_figures_have_changed_since(tmp_path):
    before = drawn(GIRLS.format(all=25, girl="yes", boy=19)).written(tmp_path / "before")
    now = drawn(GIRLS.format(all=45, girl="no", boy=39)).written(tmp_path / "now")
    assert told(now, earlier=[before]) == set()


def test_what_was_shown_before_and_has_not_changed_helps_to_tell_the_rest(tmp_path):
    """The boys stood in the first release and the girls in neither."""
    rows = "unit | group | n | shown\na | all | 25 | {all}\na | boy | 19 | {boy}\na | girl | 6 | no"
    before = drawn(rows.format(all="no", boy="yes")).written(tmp_path / "before")
    now = drawn(rows.format(all="yes", boy="no")).written(tmp_path / "now")
    assert told(before) == told(now) == set()
    assert told(now, earlier=[before]) == {"recovered n a girl"}


def test_a_ledger_tells_of_releases_that_are_gone(tmp_path):
    before = drawn(GIRLS.format(all=25, girl="yes", boy=19)).written(tmp_path / "before")
    now = drawn(GIRLS.format(all=25, girl="no", boy=19)).written(tmp_path / "now")
    shutil.copyfile(now / "figures" / "school" / "a.csv", now / "ledger.csv")
    assert told(now) == set()
    shutil.copyfile(before / "figures" / "school" / "a.csv", now / "ledger.csv")
    assert told(now) == {"recovered n a girl"}
    pd.read_csv(now / "ledger.csv", dtype="str").assign(count="1").to_csv(now / "ledger.csv", index=False)
    assert "extra ledger.csv count" in told(now)


@pytest.mark.parametrize(("pupils", "found"), [(26, {"derived n a all"}), (34, {"derived n a all"}), (35, set()), (25, set())])
def test_a_number_of_persons_that_changed_by_fewer_than_ten_tells_of_them(tmp_path, pupils, found):
    before = drawn("unit | n\na | 25").written(tmp_path / "before")
    now = drawn(f"unit | n\na | {pupils}").written(tmp_path / "now")
    assert told(now, earlier=[before]) == found


@pytest.mark.parametrize(("passed", "found"), [(31, {"derived count a all"}), (30, set()), (20, set())])
def test_a_count_of_the_same_persons_that_changed_by_one_pupil_tells_of_that_pupil(tmp_path, passed, found):
    before = drawn("unit | n | count\na | 50 | 30", indicator=SHARE).written(tmp_path / "before")
    now = drawn(f"unit | n | count\na | 50 | {passed}", indicator=SHARE).written(tmp_path / "now")
    assert told(now, earlier=[before]) == found


@pytest.mark.parametrize(("points", "found"), [(221.5, {"derived sum a all"}), (220.0, set()), (300.0, set())])
def test_a_mean_of_the_same_persons_that_changed_by_no_more_than_a_few_can_change_it_tells_of_them(tmp_path, points, found):
    """Of 50 pupils, fewer than ten can change a mean of points from 0 to 340 by up to 68."""
    before, now = (
        drawn(f"unit | n | estimate\na | 50 | {value}", indicator=MEAN).written(tmp_path / name)
        for name, value in (("before", 220.0), ("now", points))
    )
    assert told(now, earlier=[before]) == found


def test_a_head_who_knows_that_an_old_figure_no_longer_holds_is_not_misled_by_it(tmp_path):
    """One girl has become two: the old figure would give b's head the wrong answer for a, and is not used."""
    rows = """
        unit | group | n   | shown
        9001 | all   | 60  | yes
        9001 | girl  | {m} | no
        a    | all   | 30  | yes
        a    | girl  | 6   | no
        b    | all   | 30  | yes
        b    | girl  | {b} | {shown}
    """
    before = drawn(rows.format(m=12, b=6, shown="yes"))
    now = drawn(rows.format(m=13, b=7, shown="no"))
    release, earlier = now.written(tmp_path / "now"), [before.written(tmp_path / "before")]
    assert told(release, earlier=earlier) == {"recovered n b girl"}
    assert told(release, now.known, earlier) == set()
