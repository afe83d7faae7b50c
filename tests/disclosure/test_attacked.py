"""Faults planted in the protection: the attacker, who knows nothing of it, finds each, and nothing is published."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.disclosure import draft, printed, protect, publish, tested
from kvalitet_lib.disclosure.ledger import decimals_of
from kvalitet_lib.disclosure.populations import Groups, Known
from kvalitet_lib.disclosure.standing import Standing
from kvalitet_lib.disclosure.tables import Tables
from kvalitet_lib.errors import DisclosureError
from kvalitet_lib.measure.shrunken import FEWEST_SCHOOLS, with_shrunken
from tests.disclosure.seeded import town

FIGURES = {"planted faults": 16}


def _nothing_besides(choice, figures, persons, pool):
    return choice.hidden.copy(), choice.few.copy()


def _no_more(quantity, sums, nested, pool):
    return np.empty(0, int)


choose, more_to_hide, let_out = protect.choose, protect.more_to_hide, publish.let_out


def _against_nobody(choice, figures, persons, pool):
    return choose(choice, figures, persons, 0)


def _no_more_against_nobody(quantity, sums, nested, pool):
    return more_to_hide(quantity, sums, nested, 0)


def _known_nothing(cells):
    none = np.empty(0, int)
    return Known(Tables(none, none, np.empty(0), np.empty(0, bool)), np.empty((0, 2), int))


def _every_figure_its_own_group(cells):
    none = np.empty((0, 2), int)
    return Groups(np.arange(len(cells)), none, np.empty(0, bool), cells["n"].to_numpy(float), np.arange(len(cells)))


def _first_time(folder, *rest):
    return let_out(Path(folder) / "nowhere")


def _none_stands(*rest):
    return Standing()


def _none_has_changed(batch, *rest):
    return pd.Series(False, index=batch.index)


def _shrunken_from_all(batch, shown, indicators, audience, confidence):
    told = printed.printed(batch, shown, indicators, audience, confidence)
    visible = told["shown"].eq("yes") & told["source"].eq("local") & told["n"].ge(audience.smallest_deviation_group)
    of_all = with_shrunken(batch, indicators, confidence, FEWEST_SCHOOLS)["shrunken"]
    places = batch["indicator"].map({name: decimals_of(one) for name, one in indicators.items()})
    rounded = pd.Series([round(value, digits) for value, digits in zip(of_all, places, strict=True)], batch.index)
    return told.assign(shrunken=told["shrunken"].mask(visible, rounded))


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


def _no_ends(batch, *rest):
    return pd.Series("", index=batch.index)


def _all_visible(batch, shown):
    return batch


PLANTED = {
    "nothing is hidden for the sake of others": [(protect, "choose", _nothing_besides), (protect, "more_to_hide", _no_more)],
    "sums across schools are forgotten": [(protect, "tables_of", _without(True)), (protect, "more_to_hide", _no_more)],
    "sums within schools are forgotten": [(protect, "tables_of", _without(False)), (protect, "more_to_hide", _no_more)],
    "a hidden figure keeps its number of persons": [(draft, "printed", _keeps("n"))],
    "a hidden figure keeps its interval": [(draft, "printed", _keeps("lower"))],
    "the release says why a figure is hidden": [(draft, "printed", _says_why)],
    "shares leave with four decimals": [(printed, "decimals_of", lambda one: 4)],
    "nearly all and nearly none are shown": [("kvalitet_lib.disclosure.primary", "_ends", _no_ends)],
    "comparisons are made from all figures": [(draft, "_visible", _all_visible)],
    "groups half as large are shown": [
        ("kvalitet_lib.disclosure.primary", "smallest_groups", lambda batch, *_: pd.Series(5.0, index=batch.index))
    ],
    "heads are thought to know nothing": [
        (protect, "choose", _against_nobody),
        (protect, "more_to_hide", _no_more_against_nobody),
    ],
    "what makes up a whole is forgotten": [(protect, "known_of", _known_nothing)],
    "figures on the same persons are taken for figures on others": [(protect, "groups_of", _every_figure_its_own_group)],
    "shrunken values are made from all figures": [(draft, "printed", _shrunken_from_all)],
    "the year before is forgotten": [
        (publish, "let_out", _first_time),
        (publish, "last_figures", _first_time),
    ],
    "a small change is let out again": [(publish, "standing", _none_stands), (publish, "changed_by_few", _none_has_changed)],
}
LATER = ("the year before is forgotten", "a small change is let out again")
OF_MANY_SCHOOLS = ("shrunken values are made from all figures",)


def _in_place(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for where, name, faulty in PLANTED[fault]:
        if isinstance(where, str):
            monkeypatch.setattr(f"{where}.{name}", faulty)
        else:
            monkeypatch.setattr(where, name, faulty)


def _let_out(fault: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One release with the fault in place; or one without and then, after a few changes, one with it."""
    place = town(1, 13 if fault in OF_MANY_SCHOOLS else 6)
    if fault in LATER:
        place.released(folder, "public", 1)
        place = place.one_more_pupil(1)
    _in_place(fault, monkeypatch)
    place.released(folder, "public", 2)


@pytest.mark.parametrize("fault", PLANTED)
def test_a_fault_planted_in_the_protection_is_found_and_nothing_is_published(fault, tmp_path, monkeypatch):
    monkeypatch.setattr(tested, "ROUNDS", 0)
    with pytest.raises(DisclosureError) as refused:
        _let_out(fault, tmp_path, monkeypatch)
    assert refused.value.exit_code == 7
    assert len(list(tmp_path.glob("*/*/release.json"))) == (1 if fault in LATER else 0)
    assert not list(tmp_path.glob("*/.new-*"))


@pytest.mark.parametrize("like", ["nothing is hidden for the sake of others", *LATER, *OF_MANY_SCHOOLS])
def test_without_the_fault_the_same_releases_are_published_and_nothing_has_to_be_mended(like, tmp_path, monkeypatch):
    monkeypatch.setattr(tested, "ROUNDS", 0)
    monkeypatch.setitem(PLANTED, like, [])
    _let_out(like, tmp_path, monkeypatch)
    assert len(list(tmp_path.glob("*/*/release.json"))) == (2 if like in LATER else 1)


def test_as_many_faults_are_planted_as_is_said():
    assert len(PLANTED) == FIGURES["planted faults"]
