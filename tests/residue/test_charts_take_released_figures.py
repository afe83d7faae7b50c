"""Charts are drawn from what was released and from nothing else, and no drawing can be read back into rows."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable

import pandas as pd
import pytest

from kvalitet_lib.errors import ContractError
from kvalitet_lib.explore.charts import Sides
from kvalitet_lib.present import charts, html
from kvalitet_lib.present.blocks import Figure
from kvalitet_lib.present.charts import Group, Reference, dots, groups, swarm, trend
from kvalitet_lib.present.charts.canvas import NEVER_RELEASED
from kvalitet_lib.present.municipality_report import MunicipalityReport
from kvalitet_lib.present.school_report import SchoolReport
from tests.whiteboard import table

FIGURES = {"frames that charts take": 6, "columns that no chart takes": 5}
HOW = {"alt": "A chart.", "amount": "{:.0%}".format, "scale": (0.0, 1.0)}
YEARS = table("""
    school_year | estimate | lower | upper | shown
    ------------+----------+-------+-------+------
    2022-23     | 0.80     | 0.70  | 0.88  | yes
    2023-24     | 0.75     | 0.64  | 0.84  | yes
""")
SCHOOLS = table("""
    label     | estimate | lower | upper | shown
    ----------+----------+-------+-------+--------
    Ekskolan  | 0.80     | 0.70  | 0.88  | yes
    Bokskolan | 0.55     | 0.44  | 0.64  | yes
""")
Change = Callable[[pd.DataFrame], pd.DataFrame]
# One way in for every frame that a chart takes.
WAYS_IN = {
    "trend": {
        "points": lambda change: trend(change(YEARS), year=str, **HOW),
        "references": lambda change: trend(YEARS, [Reference("Riket", change(YEARS))], year=str, **HOW),
    },
    "dots": {"schools": lambda change: dots(change(SCHOOLS), hidden="–", **HOW)},
    "groups": {
        "first": lambda change: groups((Group("A", change(SCHOOLS)), Group("B", SCHOOLS)), hidden="–", **HOW),
        "second": lambda change: groups((Group("A", SCHOOLS), Group("B", change(SCHOOLS))), hidden="–", **HOW),
    },
    "swarm": {"schools": lambda change: swarm(change(SCHOOLS), "Ekskolan", **HOW)},
}
EVERY_WAY = [pytest.param(way, id=f"{name}-{frame}") for name, ways in WAYS_IN.items() for frame, way in ways.items()]


def test_every_chart_there_is_is_tried_here():
    drawing = {name for name in charts.__all__ if inspect.isfunction(getattr(charts, name))}
    assert drawing == set(WAYS_IN)
    assert (len(EVERY_WAY), len(NEVER_RELEASED)) == tuple(FIGURES.values())


@pytest.mark.parametrize("way", EVERY_WAY)
def test_rows_that_do_not_say_what_is_shown_are_refused(way):
    with pytest.raises(ContractError, match="do not say what is shown"):
        way(lambda rows: rows.drop(columns="shown"))


@pytest.mark.parametrize("column", sorted(NEVER_RELEASED))
@pytest.mark.parametrize("way", EVERY_WAY)
def test_rows_of_persons_and_counts_are_refused_whatever_they_say_is_shown(way, column):
    with pytest.raises(ContractError, match=column):
        way(lambda rows: rows.assign(**{column: 1}))


def test_a_pupil_and_a_respondent_are_among_what_no_chart_takes():
    assert {"pupil", "respondent", "count"} <= NEVER_RELEASED


@pytest.mark.parametrize("way", EVERY_WAY)
def test_a_value_in_a_hidden_row_changes_nothing_in_the_picture(way):
    def hidden(value: float) -> Change:
        return lambda rows: rows.assign(
            shown=["yes", "too_few"],
            **{name: [rows[name].iloc[0], value] for name in ("estimate", "lower", "upper")},
        )

    assert way(hidden(0.31)).png == way(hidden(0.97)).png
    assert way(lambda rows: rows).png != way(hidden(0.31)).png


def test_the_charts_for_statisticians_are_stamped_pictures_every_one():
    drawing = [one for name, one in vars(Sides).items() if inspect.isfunction(one) and not name.startswith("_")]
    returned = [inspect.signature(one).return_annotation for one in drawing if one is not Sides.of]
    assert len(returned) == 4
    assert set(returned) <= {"Stamped", "Stamped | None"}


@pytest.fixture(scope="module")
def pages(small_home) -> dict[str, tuple]:
    """The blocks of a school's page and of the municipality's."""
    release = small_home.released / "public"
    school = SchoolReport(release, "90012305", language="sv")
    whole = MunicipalityReport(release, "9001", language="sv")
    blocks = school.head() + school.at_a_glance() + school.all_areas() + school.girls_and_boys()
    return {"school": blocks, "municipality": whole.head() + whole.against_the_nation() + whole.schools_beside()}


@pytest.mark.parametrize("name", ["school", "municipality"])
def test_a_page_holds_pictures_and_five_fixed_shapes_and_no_other_drawing(name, pages):
    written = html.page(pages[name])
    shapes = set(re.findall(r"<svg.*?</svg>", written, re.DOTALL))
    assert len(shapes) <= 5
    assert all('class="shape"' in shape and "<text" not in shape and len(shape) < 400 for shape in shapes)
    outside = re.sub(r"<svg.*?</svg>", "", written, flags=re.DOTALL).lower()
    assert "image/svg" not in outside and "<path" not in outside and "<canvas" not in outside
    pictures = re.findall(r'src="data:([^;]+);', written)
    assert pictures and set(pictures) == {"image/png"}


def test_every_picture_of_a_page_is_a_png_without_a_word_in_it(pages):
    pictures = [figure.png for blocks in pages.values() for figure in figures_in(blocks)]
    assert len(pictures) > 10
    for png in pictures:
        assert png.startswith(b"\x89PNG")
        assert not {b"tEXt", b"zTXt", b"iTXt", b"eXIf"} & set(chunks(png))


def figures_in(blocks: tuple) -> list[Figure]:
    found = [block for block in blocks if isinstance(block, Figure)]
    return found + [panel.figure for block in blocks for panel in getattr(block, "panels", ())]


def chunks(png: bytes) -> list[bytes]:
    kinds, place = [], 8
    while place < len(png):
        kinds.append(png[place + 4 : place + 8])
        place += 12 + int.from_bytes(png[place : place + 4])
    return kinds


def test_no_module_draws_in_a_form_that_carries_its_rows(project):
    carrying = re.compile(
        r"(?i)\b(import|from)\s+(plotly|altair|bokeh|pygal|vega)|backend_svg|FigureCanvasSVG|format=[\"']svg|\.to_svg"
    )
    sources = [*(project / "kvalitet_lib").rglob("*.py"), *(project / "notebooks").rglob("*.py")]
    assert [path.name for path in sources if carrying.search(path.read_text(encoding="utf-8"))] == []
