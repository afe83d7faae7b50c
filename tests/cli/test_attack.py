"""``kvalitet attack``: what is tried, what is told of what is found and what never is, and what the command ends with."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from kvalitet_lib.attack.weakness import CELL, Weakness
from kvalitet_lib.cli.home import Home
from kvalitet_lib.disclosure.release import Release, read_figures
from kvalitet_lib.spreadsheets import write_csv

NEVER = {"estimate": 0.4307, "lower": 0.1809, "upper": 0.7221, "n": 7.0}


@pytest.fixture
def public(sparse_home: Home, tmp_path: Path) -> Path:
    """A copy of a small public release, alone in its audience's folder."""
    release = Release.open(sparse_home.released / "public").folder
    copy = tmp_path / "released" / "public" / release.name
    shutil.copytree(release, copy)
    (copy.parent / "current").write_text(copy.name, encoding="utf-8")
    return copy


def file_with(release: Path, shown: str) -> Path:
    """A school's figures, at least one of them shown as is said."""
    files = sorted((release / "figures" / "school").glob("*.csv"))
    return next(path for path in files if read_figures(path)["shown"].eq(shown).any())


def changed(path: Path, row: int, **cells: object) -> tuple[str, ...]:
    """Overwrite cells of one row of a file of figures; the figure it is about."""
    rows = pd.read_csv(path, dtype="str", keep_default_na=False)
    for name, value in cells.items():
        rows.loc[row, name] = str(value)
    write_csv(rows, path)
    return tuple(rows.loc[row, CELL])


def first(path: Path, shown: str) -> int:
    return int(read_figures(path)["shown"].eq(shown).idxmax())


def line_of(cell: tuple[str, ...], said: str) -> str:
    return next((line for line in said.splitlines() if line.startswith(f"  {'  '.join(cell)}: ")), "")


def test_in_what_was_released_nothing_is_found_whoever_reads_it(kvalitet, small_home):
    said = kvalitet("attack", small_home.released, "--home", small_home.folder)
    assert said.code == 0
    assert said.out.count("Nothing was found.") == 2
    assert re.search(r"for internal\nTried: \d+ figures of its own, \d+ of them hidden; 7 heads.* 1 earlier release\.", said.out)
    assert "was not tried" not in said.out


def test_without_a_store_only_somebody_outside_is_tried_and_the_answer_says_so(kvalitet, public):
    said = kvalitet("attack", public)
    assert (said.code, "somebody outside only" in said.out, "--home PATH" in said.out) == (0, True, True)


def test_a_figure_only_another_audience_may_see_is_found_where_it_stands(kvalitet, public, sparse_home):
    internal = Release.open(sparse_home.released / "internal").folder
    files = sorted((public / "figures" / "school").glob("*.csv"))
    planted = None
    for path in files:
        here, there = read_figures(path), read_figures(internal / path.relative_to(public))
        both = here[CELL].assign(row=here.index)[here["shown"].eq("protected")].merge(there[there["shown"].eq("yes")], on=CELL)
        few = both[both["source"].eq("local") & both["n"].lt(10)]
        if len(few):
            one = few.iloc[0]
            told = {name: one[name] for name in ("estimate", "n", "missing", "status", "shown")}
            planted = changed(path, int(one["row"]), **told)
            break
    assert planted is not None
    said = kvalitet("attack", public)
    assert said.code == 7
    assert "is shown and should not be; anybody can tell" in line_of(planted, said.out)


def test_no_value_of_a_cell_is_told_in_words_or_as_json(kvalitet, public):
    path = file_with(public, "protected")
    cell = changed(path, first(path, "protected"), **NEVER, shown="yes", status="exists")
    for words in ((), ("--json",)):
        said = kvalitet("attack", public, *words)
        assert said.code == 7
        assert cell[0] in said.out
        assert not [value for value in ("0.4307", "0.43", "43.07", "0.1809", "0.7221") if value in said.out + said.err]
        assert "7.0" not in said.out + said.err


def test_a_word_that_says_why_a_figure_is_hidden_is_found(kvalitet, public):
    path = file_with(public, "protected")
    cell = changed(path, first(path, "protected"), shown="too_few")
    said = kvalitet("attack", public)
    assert (said.code, "says why it is hidden" in line_of(cell, said.out)) == (7, True)


def test_a_column_and_a_file_too_many_are_named(kvalitet, public):
    path = file_with(public, "protected")
    write_csv(pd.read_csv(path, dtype="str", keep_default_na=False).assign(count="3"), path)
    (public / "pupils.csv").write_text("name\nAnna\n", encoding="utf-8")
    said = kvalitet("attack", public)
    assert said.code == 7
    assert f"  {path.relative_to(public).as_posix()}  count: does not belong in a release; anybody can tell" in said.out
    assert "  pupils.csv: does not belong in a release; anybody can tell" in said.out
    assert "Anna" not in said.out


@pytest.fixture
def before(public) -> tuple[Path, tuple[str, ...]]:
    """A release made before, in which a small school group stood that is hidden now; and the figure."""
    older = public.parent.parent / "older" / "2020-01-01-0123456789"
    shutil.copytree(public, older)
    path = file_with(older, "protected")
    figures = read_figures(path)
    row = int((figures["shown"].eq("protected") & figures["breakdown"].eq("sex")).idxmax())
    return older, changed(path, row, n="6.0", estimate="0.5", shown="yes", status="exists")


def test_a_figure_hidden_now_but_shown_in_a_release_beside_it_is_found_without_being_asked(kvalitet, public, before):
    older, cell = before
    shutil.copytree(older, public.parent / older.name)
    said = kvalitet("attack", public.parent)
    assert "1 earlier release." in said.out
    assert (said.code, "can be worked out exactly" in line_of(cell, said.out)) == (7, True)


def test_releases_named_as_seen_are_taken_instead_of_those_beside_it(kvalitet, public, before):
    older, cell = before
    assert kvalitet("attack", public).code == 0
    said = kvalitet("attack", public, "--earlier", older, "--earlier", public)
    assert (said.code, "2 earlier releases." in said.out) == (7, True)
    assert "can be worked out exactly" in line_of(cell, said.out)


def test_a_release_of_another_audience_that_its_readers_also_read_is_taken_as_seen(kvalitet, sparse_home, public, before):
    internal = public.parent.parent / "internal" / "2026-01-01-9876543210"
    shutil.copytree(Release.open(sparse_home.released / "internal").folder, internal)
    tried = json.loads(kvalitet("attack", internal, "--json").out)["releases"][0]["tried"]
    assert tried["earlier"] == [str(public)]
    assert json.loads(kvalitet("attack", public, "--json").out)["releases"][0]["tried"]["earlier"] == []


def test_json_is_one_document_with_everything_that_was_tried_and_found(kvalitet, public):
    path = file_with(public, "protected")
    cell = changed(path, first(path, "protected"), shown="too_few")
    told = json.loads(kvalitet("attack", public, "--json").out)
    assert set(told) == {"narrow", "releases"}
    (one,) = told["releases"]
    assert set(one) == {"release", "audience", "tried", "found"}
    assert set(one["tried"]) == {"figures", "hidden", "heads", "earlier"}
    assert [set(found) for found in one["found"]] == [set(Weakness.__dataclass_fields__)] * len(one["found"])
    assert ("reason", *cell) in [(found["kind"], *(found[name] for name in CELL)) for found in one["found"]]


def test_more_than_forty_things_are_counted_and_left_to_json(kvalitet, public):
    said = kvalitet("attack", public, "--narrow", 40)
    assert said.code == 7
    lines = [line for line in said.out.splitlines() if line.startswith("  ")]
    assert len(lines) == 41
    more = int(re.fullmatch(r"  … and (\d+) more; all of them:  kvalitet attack .* --json", lines[-1])[1])
    assert f"{40 + more} things can be told" in said.out


def nothing(public: Path) -> None:
    shutil.rmtree(public)
    public.mkdir()


def a_file(public: Path) -> None:
    shutil.rmtree(public)
    public.write_text("released")


def gone(public: Path) -> None:
    shutil.rmtree(public)


def half(public: Path) -> None:
    shutil.rmtree(public / "figures")


def unsigned(public: Path) -> None:
    (public / "release.json").unlink()


def torn(public: Path) -> None:
    text = (public / "release.json").read_text()
    (public / "release.json").write_text(text[: len(text) // 2])


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (nothing, "is no release: it has no release.json, units.csv, figures"),
        (a_file, "is a file, not a release's folder"),
        (gone, "is not there"),
        (half, "is only half a release: it has no figures"),
        (unsigned, "is only half a release: it has no release.json"),
        (torn, "release.json cannot be read"),
    ],
)
def test_what_is_no_whole_release_is_refused_in_words_with_exit_code_1(kvalitet, public, broken, told):
    broken(public)
    said = kvalitet("attack", public)
    assert (said.code, told in said.err, said.out, "Traceback" in said.err) == (1, True, "", False)
    as_json = kvalitet("attack", public, "--json")
    assert (as_json.code, json.loads(as_json.out)["releases"], told in as_json.err) == (1, [], True)


def test_an_audience_whose_newest_release_is_gone_is_told_of(kvalitet, public):
    shutil.rmtree(public)
    said = kvalitet("attack", public.parent)
    assert (said.code, "names no release that is there" in said.err) == (1, True)


def test_the_store_must_be_of_the_same_municipality_and_hold_something(kvalitet, public, sparse_home, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    settings = sparse_home.settings.read_text(encoding="utf-8")
    (elsewhere / "municipality.yml").write_text(settings, encoding="utf-8")
    said = kvalitet("attack", public, "--home", elsewhere)
    assert (said.code, "kvalitet load PATH" in said.err) == (1, True)
    (elsewhere / "municipality.yml").write_text(settings.replace('code: "9001"', 'code: "9002"'), encoding="utf-8")
    said = kvalitet("attack", public, "--home", elsewhere)
    assert (said.code, "is of another municipality than" in said.err) == (1, True)


@pytest.mark.parametrize("narrow", ["0", "-3", "nan", "inf"])
def test_a_limit_that_would_find_nothing_or_everything_is_refused(kvalitet, public, narrow):
    said = kvalitet("attack", public, f"--narrow={narrow}")
    assert (said.code, "usually 3" in said.err) == (1, True)
