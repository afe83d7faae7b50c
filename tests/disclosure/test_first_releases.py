"""Fifty made-up municipalities let out their first releases: nobody can work out what they mean to keep."""

from __future__ import annotations

import pytest

from kvalitet_lib.attack import attack
from kvalitet_lib.disclosure.release import releases_in
from tests.disclosure.seeded import town

FIGURES = {"made-up municipalities": 50, "found in their first releases": 0}
SCHOOLS = (2, 3, 4, 5, 3, 6, 2, 4, 3, 8)


@pytest.mark.parametrize("seed", range(FIGURES["made-up municipalities"]))
def test_nothing_is_found_in_the_first_releases_by_anybody_outside_or_by_heads_alone_and_in_pairs(seed, tmp_path):
    place = town(seed, SCHOOLS[seed % len(SCHOOLS)])
    public = place.released(tmp_path, "public")
    internal = place.released(tmp_path, "internal")
    found = [
        *attack(public.folder, (), place.known_by_heads),
        *attack(internal.folder, releases_in(tmp_path / "public"), place.known_by_heads),
    ]
    assert len(found) == FIGURES["found in their first releases"]
