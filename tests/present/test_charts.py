"""Charts show what is known, show what is hidden as hidden, and are drawn alike every time."""

from __future__ import annotations

import io

import matplotlib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from kvalitet_lib.errors import ContractError
from kvalitet_lib.present.charts import Group, Level, Reference, dots, groups, swarm, trend
from kvalitet_lib.present.charts.canvas import apart, few_ticks, limits, shortened, text_width
from kvalitet_lib.present.charts.trend import unbroken
from kvalitet_lib.present.theme import THEME
from tests.whiteboard import table

HOW = {"alt": "Behörighet över tre år.", "amount": "{:.0%}".format, "scale": (0.0, 1.0)}

THREE_YEARS = table("""
    school_year | estimate | lower | upper
    ------------+----------+-------+------
    2021-22     | 0.801    | 0.70  | 0.88
    2022-23     | 0.753    | 0.64  | 0.84
    2023-24     | 0.854    | 0.76  | 0.91
""").assign(shown="yes")

SCHOOLS = table("""
    label      | estimate | lower | upper | shown    | verdict
    -----------+----------+-------+-------+----------+--------
    Ekskolan   | 0.80     | 0.70  | 0.88  | yes      | similar
    Bokskolan  | 0.55     | 0.44  | 0.64  | yes      | below
    Almskolan  | 0.62     | 0.60  | 0.64  | protected | too_few
    Lindskolan | 0.95     | 0.90  | 0.98  | yes      | above
""")


def year(school_year: str) -> str:
    return f"{school_year[2:4]}/{school_year[5:]}"


def drawn(points: pd.DataFrame, references=(), **more) -> bytes:
    return trend(points, references, year=year, **HOW, **more).png


def hidden(points: pd.DataFrame, place: int, estimate: float = np.nan) -> pd.DataFrame:
    rows = points.copy()
    rows.loc[place, ["estimate", "lower", "upper"]] = estimate
    rows.loc[place, "shown"] = "protected"
    return rows


def own_colour_between_the_points(png: bytes) -> bool:
    """Whether the own line's colour is found a quarter of the way into the picture's plot, between first and second year."""
    picture = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
    blue = np.abs(picture - np.array(matplotlib.colors.to_rgb(THEME.palette.blue)) * 255).sum(axis=2) < 30
    plot = np.flatnonzero(blue.any(axis=0))
    start = 72  # past the labels of the scale, picture points
    left = plot[plot > start].min()
    return bool(blue[:, left + 60 : left + 90].any())


def test_a_year_between_two_shown_years_is_joined_by_a_line():
    assert own_colour_between_the_points(drawn(THREE_YEARS))


def test_no_line_is_drawn_to_a_hidden_year():
    assert not own_colour_between_the_points(drawn(hidden(THREE_YEARS, 1)))


def test_no_line_is_drawn_over_a_break_in_the_series():
    assert not own_colour_between_the_points(drawn(THREE_YEARS, breaks=["2022-23"]))


def test_whatever_stands_in_a_hidden_row_the_picture_is_the_same():
    assert drawn(hidden(THREE_YEARS, 1, 0.01)) == drawn(hidden(THREE_YEARS, 1))
    assert dots(SCHOOLS, hidden="–", **HOW).png == dots(SCHOOLS.assign(estimate=[0.8, 0.55, 0.1, 0.95]), hidden="–", **HOW).png
    assert swarm(SCHOOLS, "Ekskolan", **HOW).png == swarm(SCHOOLS.drop(index=2), "Ekskolan", **HOW).png


def test_a_hidden_year_is_told_apart_from_a_year_nobody_measured():
    assert drawn(hidden(THREE_YEARS, 1)) != drawn(THREE_YEARS.drop(index=1))


def test_a_rounded_figure_shows_its_bounds_and_no_point():
    rounded = hidden(THREE_YEARS, 1)
    rounded.loc[1, ["lower", "upper", "shown"]] = [0.9, 1.0, "rounded"]
    assert drawn(rounded) != drawn(hidden(THREE_YEARS, 1))
    assert not own_colour_between_the_points(drawn(rounded))


def test_years_are_joined_only_within_one_series_without_gaps():
    estimates = pd.Series([1.0, 2.0, np.nan, 4.0, 5.0, 6.0], index=range(2018, 2024))
    assert [list(run.index) for run in unbroken(estimates, ["2022-23"])] == [[2018, 2019], [2021], [2022, 2023]]


def test_a_year_without_a_row_leaves_its_place_empty():
    said = []
    trend(THREE_YEARS.drop(index=1), year=lambda school_year: said.append(school_year) or year(school_year), **HOW)
    assert said == ["2021-22", "2022-23", "2023-24"]


def test_the_latest_value_is_written_only_when_the_latest_year_is_shown():
    written = []
    how = {**HOW, "amount": lambda value: written.append(value) or f"{value:.0%}"}
    trend(hidden(THREE_YEARS, 2), year=year, **how)
    assert 0.753 not in written
    trend(THREE_YEARS, year=year, **how)
    assert 0.854 in written


def test_a_chart_of_nothing_is_refused():
    with pytest.raises(ContractError, match="no school year"):
        drawn(THREE_YEARS.iloc[:0])


def test_the_same_figures_give_the_same_picture():
    nation = Reference("Riket", THREE_YEARS, dashed=True)
    assert drawn(THREE_YEARS, [nation]) == drawn(THREE_YEARS, [nation])


def test_drawing_leaves_matplotlib_as_it_was():
    before = dict(matplotlib.rcParams)
    drawn(THREE_YEARS)
    assert dict(matplotlib.rcParams) == before


def test_a_name_with_dollar_signs_is_a_name():
    drawn(THREE_YEARS, [Reference(r"$\frac{", THREE_YEARS)])
    dots(SCHOOLS.assign(label=r"$\nope$"), [Level("$", 0.8)], hidden="$$", **HOW)


def test_a_small_multiple_is_a_small_file_of_two_points_a_pixel():
    figure = trend(THREE_YEARS, year=year, **HOW)
    assert figure.size == (320, 190)
    assert Image.open(io.BytesIO(figure.png)).size == (640, 380)
    assert len(figure.png) < 15_000


def test_sixty_schools_fit_in_one_chart():
    many = pd.concat([SCHOOLS] * 15, ignore_index=True)
    assert dots(many, [Level("Riket", 0.8), Level("Kommunen", 0.79, dashed=True)], hidden="–", **HOW).size[1] > 60 * 20


def test_two_groups_keep_their_rows_in_step():
    pair = (Group("Flickor", SCHOOLS), Group("Pojkar", SCHOOLS.assign(estimate=0.7)))
    assert groups(pair, hidden="–", **HOW).size[1] > 4 * 20


def test_a_verdict_changes_the_shape_of_a_school_s_mark():
    assert dots(SCHOOLS, hidden="–", **HOW).png != dots(SCHOOLS.drop(columns="verdict"), hidden="–", **HOW).png


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_an_axis_holds_every_value_and_stays_within_what_is_possible(values):
    low, high = limits(values, (0.0, 1.0))
    assert 0 <= low <= min(values) and max(values) <= high <= 1
    assert high - low >= min(0.15, max(values)) - 1e-9
    assert all(low - 1e-6 <= tick <= high + 1e-6 for tick in few_ticks(low, high, str))


def test_an_axis_without_a_practical_end_is_measured_by_its_values():
    low, high = limits([395, 412], (0, 1_000_000))
    assert 100 < low < 395 and 412 < high < 700


@pytest.mark.parametrize("low, high", [(8, 17), (3.8, 4.4), (0.2, 0.35), (0, 0.8)])
def test_no_two_ticks_are_written_alike(low, high):
    labels = list(few_ticks(low, high, "{:.0f}".format).values())
    assert len(labels) == len(set(labels))
    assert all(abs(tick - float(label)) < 1e-9 for tick, label in few_ticks(8, 17, "{:.0f}".format).items())


@given(st.lists(st.floats(0, 100), min_size=1, max_size=5))
def test_names_at_the_ends_of_lines_never_overlap_and_keep_their_order(wanted):
    placed = apart(wanted, 14, 0, 100)
    assert np.diff(sorted(placed)).min(initial=14) >= 14 - 1e-6
    assert [placed[place] for place in np.argsort(wanted, kind="stable")] == sorted(placed)
    assert min(placed) >= -1e-6 and max(placed) <= 100 + 1e-6


def test_a_long_name_is_cut_to_its_room():
    cut = shortened("Granängsskolan F–9 med anpassad grundskola", 100)
    assert cut.endswith("…") and text_width(cut) <= 100
    assert shortened("Ek", 100) == "Ek"
