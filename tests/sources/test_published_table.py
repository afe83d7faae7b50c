"""Tables of published figures keep each figure's status, text and group; marks never become numbers."""

from __future__ import annotations

import pytest

from tests.sources.door import NO_AGENCY, PUBLISHED_NO, PUBLISHED_SE, SE_AGENCY, changed, deliver, told


def test_a_wide_table_becomes_one_row_per_figure_with_the_pupils_behind_it():
    figures = deliver(SE_AGENCY).rows.set_index(["unit", "indicator"])
    share = figures.loc[("90012345", "behorighet_yrkesprogram")]
    assert share[["value", "n", "original", "decimals"]].tolist() == [0.82, 60, "82,0", 1]
    assert figures.loc[("90012345", "meritvarde"), "value"] == 221.4
    assert set(figures.level) == {"school"} and set(figures.source) == {"published"} and set(figures.group) == {"all"}


def test_marks_in_a_wide_table_keep_their_meaning():
    figures = deliver(SE_AGENCY).rows.set_index(["unit", "indicator"])
    nearly_all = figures.loc[("90012346", "behorighet_yrkesprogram")]
    assert (nearly_all.status, nearly_all.lower, nearly_all.upper) == ("rounded", 0.9, 0.975)
    assert figures.loc[("90012346", "meritvarde"), "status"] == "too_few"
    norwegian = deliver(NO_AGENCY).rows.set_index(["unit", "indicator"])
    assert norwegian.loc[("312345374", "antall_elever"), "status"] == "too_few"
    assert (
        norwegian.loc[("312345374"), "n"].isna().all()
        and norwegian.loc[("312345374", "mobbing_pa_skolen"), "status"] == "missing"
    )


def test_every_indicator_may_be_a_column_by_its_id():
    more = SE_AGENCY.replace("andel_behöriga", "skolenkaten_trygghet").replace("82,0", "7,9").replace("~100", "8,1")
    assert deliver(more).rows.query("indicator == 'skolenkaten_trygghet'").value.tolist() == [7.9, 8.1]


def test_a_long_table_has_one_figure_a_row_for_any_level_and_group():
    figures = deliver(PUBLISHED_SE).rows
    assert figures[["level", "unit", "group", "status"]].values.tolist() == [
        ["school", "90012345", "all", "exists"],
        ["municipality", "0114", "girl", "rounded"],
        ["nation", "SE", "all", "exists"],
    ]
    assert figures.value.tolist()[2] == pytest.approx(0.846) and figures.upper.tolist()[1] == 39 / 40


def test_a_norwegian_long_table_is_read_alike():
    figures = deliver(PUBLISHED_NO).rows
    assert figures[["unit", "group", "status", "original"]].values.tolist() == [
        ["0301", "all", "exists", "5,3"],
        ["NO", "girl", "too_few", "*"],
    ]
    assert figures.n.tolist()[0] == 1250


def test_two_different_figures_for_the_same_thing_are_a_conflict():
    twice = PUBLISHED_SE + changed(PUBLISHED_SE, 2, "värde", "222,0").split("\n")[1] + "\n"
    assert [(code, lines) for _, code, lines in told(twice)] == [("CONFLICTING_DUPLICATE", (2, 5))]
