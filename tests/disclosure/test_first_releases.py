"""Fifty made-up municipalities let out their first releases: nobody can work out what they mean to keep."""

from __future__ import annotations

import pytest

from kvalitet_lib.attack import attack
from kvalitet_lib.disclosure.release import Release, releases_in
from tests.disclosure.seeded import one_of_fifty

FIGURES = {"made-up municipalities": 50, "found in their first releases": 0}


@pytest.mark.parametrize("seed", range(FIGURES["made-up municipalities"]))
def test_nothing_is_found_in_the_first_releases_by_anybody_outside_or_by_heads_alone_and_in_pairs(seed, first_releases):
    folder, known = first_releases(seed), one_of_fifty(seed).known_by_heads
    public, internal = (Release.open(folder / audience).folder for audience in ("public", "internal"))
    found = [*attack(public, (), known), *attack(internal, releases_in(folder / "public"), known)]
    assert len(found) == FIGURES["found in their first releases"]
