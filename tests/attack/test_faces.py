"""Rules a release breaks on its face: one row, one column or one file is enough to see it."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from kvalitet_lib.attack import attack
from kvalitet_lib.errors import ReleaseError
from tests.attack.drawn import POLICY, SHARE, drawn, told

SHOWN = {
    "nine pupils": ("meritvarde", "n=9, estimate=210.0", "shown n"),
    "nine answers to a survey": ("skolenkaten_trygghet", "n=9, estimate=7.0", "shown n"),
    "two posts": ("lararbehorighet", "n=2.4, estimate=0.8", "shown n"),
    "two posts behind a ratio of pupils to posts": ("elever_per_larare", "n=30, estimate=12.5", "shown n"),
    "a median of 29": ("fravaersdager_median", "n=29, estimate=4.0, method=order", "shown"),
    "four who passed": (SHARE, "n=40, estimate=0.1, method=wilson", "shown count"),
    "four who did not pass": (SHARE, "n=40, estimate=0.9, method=wilson", "shown count"),
    "a share with three decimals": (SHARE, "n=400, estimate=0.511, method=wilson", "shown"),
    "a mean with two decimals": ("meritvarde", "n=40, estimate=210.25", "shown"),
    "a share without data with three decimals": ("meritvarde", "n=40, estimate=210.0, missing=0.125", "shown"),
    "a number of persons that is not whole": ("meritvarde", "n=40.5, estimate=210.0", "shown"),
    "the interval of a mean of nine": ("meritvarde", "n=9, estimate=210.0, lower=190.0, upper=230.0", "shown n, shown"),
}
HARMLESS = {
    "ten pupils": ("meritvarde", "n=10, estimate=210.0"),
    "the interval of a mean of ten": ("meritvarde", "n=10, estimate=210.0, lower=190.0, upper=230.0"),
    "three posts": ("lararbehorighet", "n=3, estimate=0.8"),
    "three posts behind a ratio of pupils to posts": ("elever_per_larare", "n=39, estimate=12.5"),
    "a median of 30": ("fravaersdager_median", "n=30, estimate=4.0, method=order"),
    "five who passed": (SHARE, "n=40, estimate=0.13, method=wilson"),
    "five who did not pass": (SHARE, "n=40, estimate=0.88, method=wilson"),
    "half a post": ("lararbehorighet", "n=40.5, estimate=0.8"),
    "a share of posts of few": ("lararbehorighet", "n=20, estimate=0.95"),
}


def row(tmp_path: Path, indicator: str, cells: str) -> Path:
    """A release of one figure, as printed."""
    release = drawn("unit | n\na | 40", indicator=indicator).written(tmp_path / "r")
    return overwritten(release, cells)


def overwritten(release: Path, cells: str) -> Path:
    path = release / "figures" / "school" / "a.csv"
    rows = pd.read_csv(path, dtype="str", keep_default_na=False)
    for cell in filter(None, cells.split(", ")):
        name, value = cell.split("=")
        rows.loc[0, name] = value
    rows.to_csv(path, index=False)
    return release


@pytest.mark.parametrize("what", SHOWN)
def test_a_figure_that_should_not_be_shown_is_found(tmp_path, what):
    indicator, cells, kinds = SHOWN[what]
    found = {f"{one.kind} {one.quantity}".strip() for one in attack(row(tmp_path, indicator, cells))}
    assert found == set(kinds.split(", "))


@pytest.mark.parametrize("what", HARMLESS)
def test_a_figure_at_the_limit_is_no_finding(tmp_path, what):
    assert attack(row(tmp_path, *HARMLESS[what])) == ()


HIDDEN = "shown=protected, status=, estimate=, n="


@pytest.mark.parametrize("why", ["too_few", "all_or_none", "complement"])
def test_a_word_that_says_why_a_figure_is_hidden_is_found(tmp_path, why):
    release = row(tmp_path, SHARE, f"{HIDDEN}, shown={why}")
    assert told(release) == {"reason a all"}


@pytest.mark.parametrize("word", ["perhaps", "", "few"])
def test_a_word_no_release_uses_is_found(tmp_path, word):
    assert told(row(tmp_path, SHARE, f"{HIDDEN}, shown={word}")) == {"extra a all"}


@pytest.mark.parametrize("left", ["estimate=0.5", "lower=0.3", "upper=0.7", "missing=0.1", "shrunken=0.5", "original=~100"])
def test_a_value_left_beside_a_hidden_figure_is_found(tmp_path, left):
    assert "extra a all" in told(row(tmp_path, SHARE, f"{HIDDEN}, {left}"))


@pytest.mark.parametrize(("band", "found"), [("lower=0.6, upper=0.8", False), ("lower=0.7, upper=0.8", True), ("", True)])
def test_a_coarse_figure_says_its_fifth_of_the_scale_and_no_more(tmp_path, band, found):
    release = drawn("unit | n | count | shown\na | 50 | 35 | 60–80", indicator=SHARE).written(tmp_path / "r")
    assert ("extra a all" in told(overwritten(release, band or "original=about 70"))) is found


def plain(tmp_path: Path, **about) -> Path:
    return drawn("unit | n\na | 40\nb | 50", about=about).written(tmp_path / "r")


def test_columns_that_do_not_belong_are_named_with_their_file(tmp_path):
    release = plain(tmp_path)
    for path, column in (("units.csv", "head"), ("figures/school/a.csv", "count")):
        pd.read_csv(release / path, dtype="str").assign(**{column: "x"}).to_csv(release / path, index=False)
    assert told(release) == {"extra units.csv head", "extra figures/school/a.csv count"}


@pytest.mark.parametrize(
    "name", ["pupils.csv", "figures/pupils.csv", "figures/school/.a.csv.swp", "figures/class/7a.csv", "a.db"]
)
def test_files_that_do_not_belong_are_named(tmp_path, name):
    release = plain(tmp_path)
    (release / name).parent.mkdir(exist_ok=True)
    (release / name).write_text("pupil\n", encoding="utf-8")
    assert told(release) == {f"extra {name}"}


@pytest.mark.parametrize(
    ("free_text", "header", "found"),
    [
        (True, "school_year,respondents,question,text", set()),
        (True, "school_year,respondents,question,text,sex", {"extra comments/school/a.csv"}),
        (False, "school_year,respondents,question,text", {"extra comments/school/a.csv"}),
    ],
)
def test_answers_in_people_s_own_words_belong_where_the_audience_reads_them_and_without_who_they_are(
    tmp_path, free_text, header, found
):
    release = plain(tmp_path, policy={**POLICY, "free_text": free_text})
    (release / "comments" / "school").mkdir(parents=True)
    (release / "comments" / "school" / "a.csv").write_text(f"{header}\n", encoding="utf-8")
    assert told(release) == found


def test_rows_of_another_unit_rows_twice_and_units_without_a_name_are_found(tmp_path):
    release = plain(tmp_path)
    a, b = (release / "figures" / "school" / f"{unit}.csv" for unit in "ab")
    whole = b.read_text()
    b.write_text(whole + a.read_text().splitlines()[1] + "\n", encoding="utf-8")
    assert told(release) == {"extra a all"}
    b.write_text(whole, encoding="utf-8")
    assert told(release) == set()
    a.write_text(a.read_text() + a.read_text().splitlines()[1] + "\n", encoding="utf-8")
    assert told(release) == {"extra a all"}
    units = pd.read_csv(release / "units.csv", dtype="str")
    units[units["unit"].ne("b")].to_csv(release / "units.csv", index=False)
    assert told(release) == {"extra a all", "extra figures/school/b.csv"}


@pytest.mark.parametrize("policy", [None, {**POLICY, "smallest_group": "10"}, {**POLICY, "smallest_group": 0}])
def test_a_release_that_does_not_say_its_thresholds_is_refused(tmp_path, policy):
    with pytest.raises(ReleaseError, match="policy"):
        attack(plain(tmp_path, policy=policy))


@pytest.mark.parametrize("about", [{"disagreements": 7}, {"municipality": "x"}, {"municipality": {"confidence": "all"}}])
def test_what_a_release_says_of_itself_in_an_odd_way_is_passed_over(tmp_path, about):
    assert attack(plain(tmp_path, **about)) == ()


@pytest.mark.parametrize("torn", ["", "\x00", '"a', "indicator,level\n", "a,b\n1,2,3\n"])
def test_a_file_that_is_no_table_is_refused_by_its_name_without_its_cells(tmp_path, torn):
    release = plain(tmp_path)
    (release / "figures" / "school" / "a.csv").write_text(torn, encoding="utf-8")
    with pytest.raises(ReleaseError, match=r"figures/school/a\.csv"):
        attack(release)
    (release / "release.json").write_text(json.dumps(["audience"]), encoding="utf-8")
    with pytest.raises(ReleaseError, match=r"release\.json"):
        attack(release)
