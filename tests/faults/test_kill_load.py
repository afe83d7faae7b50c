"""A load that is killed leaves the old store or the new one, whole; loading again ends as if nothing had happened."""

from __future__ import annotations

import pytest

from tests.faults.killing import AFTER, BEFORE, MOMENTS
from tests.faults.points import FIRST_KEY, IN_LOAD, kills
from tests.faults.state import drafts, leftovers, store_state

FIGURES = {"kill points in load": 14, "kills per point": 3}
TURNING_POINT = "the new store takes its place"
STEPS = [point.what for point in IN_LOAD]


def test_there_are_as_many_points_as_promised():
    assert {"kill points in load": len(FIRST_KEY) + len(IN_LOAD), "kills per point": len(MOMENTS)} == FIGURES


@pytest.fixture(scope="session")
def undisturbed(loaded, tmp_path_factory):
    """Old and new state of a load that nobody kills."""
    desk = loaded.copy(tmp_path_factory.mktemp("undisturbed"))
    old = store_state(desk.home)
    desk.load(well=True)
    new = store_state(desk.home)
    assert len(old) < len(new)
    return old, new


def allowed(kill, old, new):
    """What may be in the store after a kill: both only in the midst of the one step that turns old into new."""
    turning = STEPS.index(kill.point.what) - STEPS.index(TURNING_POINT)
    if turning < 0 or (turning == 0 and kill.moment == BEFORE):
        return [old]
    return [new] if turning > 0 or kill.moment == AFTER else [old, new]


@pytest.mark.parametrize("kill", kills(IN_LOAD), ids=str)
def test_a_killed_load_leaves_old_or_new_and_loading_again_ends_right(kill, loaded, fresh, undisturbed):
    desk = fresh(loaded)
    killed = desk.load(kill=kill)
    assert (killed.was_killed, killed.orphans) == (True, ())
    assert store_state(desk.home) in allowed(kill, *undisturbed)
    assert len(drafts(desk.place)) <= 1

    desk.load(well=True)
    assert store_state(desk.home) == undisturbed[1]
    assert leftovers(desk.place) == []


@pytest.mark.parametrize("kill", kills(FIRST_KEY), ids=str)
def test_a_first_load_killed_while_the_key_is_made_leaves_no_key_or_a_whole_one_that_stays(kill, bare, fresh):
    desk = fresh(bare)
    key = desk.home / "key" / "pseudonyms.key"
    killed = desk.load(kill=kill)
    assert (killed.was_killed, killed.orphans) == (True, ())
    made = key.read_text() if key.exists() else ""
    assert len(made) in (0, 64)
    assert len(drafts(desk.place)) <= 1

    desk.load(well=True)
    assert key.read_text().startswith(made)
    assert set(store_state(desk.home)) == {"schools", "staffing", "deliveries"}
    assert leftovers(desk.place) == []
