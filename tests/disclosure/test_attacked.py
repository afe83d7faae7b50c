"""An attacker who knows nothing of the protection finds what a broken gate lets out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.attack import attack
from kvalitet_lib.disclosure import printed, protect, publish
from kvalitet_lib.disclosure.tables import Tables
from tests.disclosure.seeded import Town, town

FIGURES = {"planted faults": 10}


def found(place: Town, folder: Path, audience: str = "public") -> list[str]:
    release = place.released(folder, audience)
    return [weakness.kind for weakness in attack(release.folder, (), place.known_by_heads)]


def _nothing_besides(choice, figures, persons, pool):
    return choice.hidden.copy(), choice.few.copy()


def _no_more(quantity, sums, nested, pool):
    return np.empty(0, int)


def _without(across: bool):
    whole = protect.tables_of

    def tables_of(cells, own_schools):
        tables = whole(cells, own_schools)
        kept = tables.across[tables.relation] != across
        number = np.cumsum(tables.across != across) - 1
        return Tables(number[tables.relation[kept]], tables.cell[kept], tables.sign[kept], tables.across[tables.across != across])

    return tables_of


def _keeps(column: str):
    whole = printed.printed

    def faulty(batch, *rest):
        told = whole(batch, *rest)
        return told.assign(**{column: told[column].fillna(batch[column])})

    return faulty


def _says_why(batch, *rest):
    told = printed.printed(batch, *rest)
    return told.assign(shown=told["shown"].mask(told["shown"].eq("protected") & batch["n"].lt(10), "too_few"))


def _no_ends(batch, sensitive, audience):
    return pd.Series("", index=batch.index)


def _all_visible(batch, shown):
    return batch


PLANTED = {
    "nothing is hidden for the sake of others": [(protect, "choose", _nothing_besides), (protect, "more_to_hide", _no_more)],
    "sums across schools are forgotten": [(protect, "tables_of", _without(True)), (protect, "more_to_hide", _no_more)],
    "sums within schools are forgotten": [(protect, "tables_of", _without(False)), (protect, "more_to_hide", _no_more)],
    "a hidden figure keeps its number of persons": [(publish, "printed", _keeps("n"))],
    "a hidden figure keeps its interval": [(publish, "printed", _keeps("lower"))],
    "the release says why a figure is hidden": [(publish, "printed", _says_why)],
    "shares leave with four decimals": [(printed, "decimals_of", lambda one: 4)],
    "nearly all and nearly none are shown": [("kvalitet_lib.disclosure.primary", "_ends", _no_ends)],
    "comparisons are made from all figures": [(publish, "_visible", _all_visible)],
    "groups half as large are shown": [
        ("kvalitet_lib.disclosure.primary", "smallest_groups", lambda batch, *_: pd.Series(5.0, index=batch.index))
    ],
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_fault_planted_in_the_protection_is_found(fault, tmp_path, monkeypatch):
    for where, name, faulty in PLANTED[fault]:
        if isinstance(where, str):
            monkeypatch.setattr(f"{where}.{name}", faulty)
        else:
            monkeypatch.setattr(where, name, faulty)
    assert found(town(1, 6), tmp_path)


def test_in_the_same_release_without_a_fault_nothing_is_found(tmp_path):
    assert found(town(1, 6), tmp_path) == []


def test_as_many_faults_are_planted_as_is_said():
    assert len(PLANTED) == FIGURES["planted faults"]
