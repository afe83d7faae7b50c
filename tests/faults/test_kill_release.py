"""A release that is killed leaves each audience with its old release or its new one, whole; releasing again ends right."""

from __future__ import annotations

import pytest

from tests.faults.killing import MOMENTS
from tests.faults.points import IN_RELEASE, kills
from tests.faults.state import drafts, leftovers, release_state, releases, store_state

FIGURES = {"kill points in release": 7, "kills per point": 3}


def test_there_are_as_many_points_as_promised():
    assert {"kill points in release": len(IN_RELEASE), "kills per point": len(MOMENTS)} == FIGURES


@pytest.fixture(scope="session")
def undisturbed(released, tmp_path_factory):
    """Old and new state of a release that nobody kills, and what may lie on disk."""
    desk = released.copy(tmp_path_factory.mktemp("undisturbed"))
    old = release_state(desk.home)
    desk.release(well=True)
    new = release_state(desk.home)
    assert set(old) == set(new) == {"public", "internal"}
    assert all(old[audience] != new[audience] for audience in old)
    return old, new


@pytest.mark.parametrize("kill", kills(IN_RELEASE), ids=str)
def test_a_killed_release_leaves_old_or_new_and_releasing_again_ends_right(kill, released, fresh, undisturbed):
    old, new = undisturbed
    desk = fresh(released)
    stored = store_state(desk.home)
    killed = desk.release(kill=kill)
    assert (killed.was_killed, killed.orphans) == (True, ())
    now = release_state(desk.home)
    assert set(now) == set(old)
    assert all(now[audience] in (old[audience], new[audience]) for audience in now)
    assert releases(desk.home) <= set(old.values()) | set(new.values())
    assert len(drafts(desk.place)) <= 1
    assert store_state(desk.home) == stored

    desk.release(well=True)
    assert release_state(desk.home) == new
    assert releases(desk.home) == set(old.values()) | set(new.values())
    assert leftovers(desk.place) == []
