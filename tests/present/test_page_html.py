"""A page can be read by everyone, on any screen, without asking anyone else for anything."""

from __future__ import annotations

import re

import pytest

from kvalitet_lib.present.blocks import Blocks, Figure, FigureGrid
from kvalitet_lib.present.html import fragment, page
from tests.present.hostile import ATTACK, attacked, texts_in


@pytest.fixture(scope="module")
def open_page(browser, tmp_path_factory):
    """Open HTML from a file at a width in CSS pixels; every request for anything else is noted in ``asked``."""
    folder = tmp_path_factory.mktemp("pages")
    opened = []

    def go(html: str, width: int = 1280, script: bool = False):
        path = folder / f"page{len(opened)}.html"
        path.write_text(html, encoding="utf-8")
        tab = browser.new_page(viewport={"width": width, "height": 900}, bypass_csp=script)
        tab.asked = []
        tab.on("request", lambda request: tab.asked.append(request.url))
        tab.goto(path.as_uri())
        opened.append(tab)
        return tab

    yield go
    for tab in opened:
        tab.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_no_barrier(open_page, every_block, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(open_page(page(every_block), width, script=True)).response["violations"]
    assert [(fault["id"], fault["impact"], fault["nodes"][0]["html"]) for fault in found] == []


@pytest.mark.parametrize("width", [320, 390, 640])
def test_nothing_makes_the_reader_scroll_sideways(open_page, every_block, width):
    tab = open_page(page(every_block), width)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_a_wide_table_scrolls_in_a_named_place_the_keyboard_reaches(open_page, every_block):
    tab = open_page(page(every_block), 320)
    wide = tab.evaluate("""
        [...document.querySelectorAll("*")]
            .filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX === "auto")
            .map(e => [e.tabIndex, e.getAttribute("aria-label")])
    """)
    assert wide and all(tab_index == 0 and label for tab_index, label in wide)


def test_the_page_asks_nobody_for_anything(open_page, every_block):
    tab = open_page(page(every_block))
    assert [url for url in tab.asked if not url.startswith(("file:", "data:"))] == []
    assert len([url for url in tab.asked if url.startswith("file:")]) == 1


def test_the_page_holds_no_script_and_forbids_any(every_block):
    html = page(every_block)
    assert "<script" not in html and "javascript:" not in html
    assert "default-src &#39;none&#39;" in html


def test_our_typeface_is_the_one_drawn(open_page, every_block):
    tab = open_page(page(every_block))
    assert tab.evaluate("document.fonts.check('600 16px Inter') && [...document.fonts].every(f => f.status === 'loaded')")


def test_the_document_knows_its_language_title_landmarks_and_one_first_heading(open_page, every_block):
    tab = open_page(page(every_block))
    assert tab.evaluate("document.documentElement.lang") == "sv"
    assert tab.title() == "Hagaskolan – underlag för kvalitetsdialog – Ängslunda kommun"
    assert [tab.locator(name).count() for name in ("h1", "header", "nav", "main", "footer")] == [1, 1, 1, 1, 1]


def test_the_first_stop_of_the_keyboard_leads_past_everything_to_the_content(open_page, every_block):
    tab = open_page(page(every_block))
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Hoppa till innehållet"
    assert tab.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "main"


def test_the_contents_lead_to_every_section(open_page, every_block):
    tab = open_page(page(every_block))
    missing = tab.evaluate("[...document.querySelectorAll('nav a')].filter(a => !document.querySelector(a.getAttribute('href')))")
    assert missing == []
    assert tab.locator("nav a").count() == tab.locator("main h2").count()


def test_no_id_is_given_twice(every_block):
    ids = re.findall(r'\bid="([^"]+)"', page(every_block))
    assert len(ids) == len(set(ids))


def test_every_picture_has_its_text_alternative(every_block):
    grids = [panel.figure for block in every_block if isinstance(block, FigureGrid) for panel in block.panels]
    figures = grids + [block for block in every_block if isinstance(block, Figure)]
    assert re.findall(r'<img [^>]*alt="([^"]+)"', page(every_block)) == [figure.alt for figure in figures]


def test_a_verdict_is_a_word_beside_its_shape(open_page, every_block):
    tab = open_page(page(every_block))
    words = tab.locator(".mark").all_inner_texts()
    assert {"Över riket", "I nivå med riket", "Under riket", "För få elever", "Osäkerheten är okänd"} <= set(words)
    assert tab.locator(".mark svg[aria-hidden=true]").count() == len(words)


def test_small_multiples_stand_three_two_and_one_beside_one_another(open_page, every_block):
    html = page(every_block)
    across = [
        open_page(html, width).evaluate(
            "getComputedStyle(document.querySelector('.grid.small')).gridTemplateColumns.split(' ').length"
        )
        for width in (1280, 800, 390)
    ]
    assert across == [3, 2, 1]


def test_lettering_in_small_multiples_is_shown_at_nine_pixels_or_more(open_page, every_block):
    tab = open_page(page(every_block), 390)
    shown = tab.evaluate("[...document.querySelectorAll('.grid.small img')].map(i => i.clientWidth / i.getAttribute('width'))")
    assert min(shown) * 11 >= 9


def test_an_attack_in_every_text_is_shown_as_text(open_page, every_block):
    bad = attacked(every_block)
    tab = open_page(page(bad), script=True)
    assert "hit" not in tab.title().split("<")[0]
    assert tab.locator("[onerror]").count() == 0
    assert tab.locator("img").count() == page(every_block).count("<img ")
    assert tab.content().count("{{7*7}}") >= texts_in(every_block.to_json()["blocks"]) - 4  # head and alt texts stand elsewhere
    assert ATTACK.split("{{")[0] in tab.locator("h1").inner_text()
    assert len([url for url in tab.asked if not url.startswith("data:")]) == 1


def test_an_attack_in_a_notebook_s_fragment_is_shown_as_text(every_block):
    assert "<img src=x" not in fragment(attacked(every_block))


def test_a_fragment_alone_styles_itself_and_nothing_else(every_block):
    style = fragment(Blocks(every_block[2:3])).split("</style>")[0].removeprefix("<style>")
    selectors = re.findall(r"(?:^|})\s*([^{}@]+)\{", style.replace("\n", " "))
    assert all(part.strip().startswith(".kvalitet") for selector in selectors for part in selector.split(","))
