"""Blocks carry content faithfully and refuse what a reader could not perceive."""

from __future__ import annotations

import dataclasses
import json

import pytest

from kvalitet_lib.errors import ContractError, ReportError
from kvalitet_lib.present.blocks import (
    BLOCKS_MIME,
    Banner,
    Blocks,
    Cell,
    Column,
    Figure,
    FigureGrid,
    Heading,
    Mark,
    PageHead,
    PageWords,
    Paragraph,
    Table,
    slug,
    together,
)
from kvalitet_lib.present.page import Page

HEAD = PageHead("Skolan", "sv", PageWords("Hoppa", "Innehåll"))


def test_every_block_survives_the_journey_through_a_notebook_file(every_block):
    assert Blocks.from_json(json.loads(json.dumps(every_block.to_json()))) == every_block


def test_the_sample_uses_every_kind_of_block(every_block):
    from kvalitet_lib.present import blocks

    kinds = {field.default for name in dir(blocks) if dataclasses.is_dataclass(getattr(blocks, name))
             for field in dataclasses.fields(getattr(blocks, name)) if field.name == "kind"}  # fmt: skip
    assert {block.kind for block in every_block} == kinds


def test_a_notebook_shows_blocks_as_html_and_keeps_them_as_data(every_block):
    shown = every_block._repr_mimebundle_()
    assert '<div class="kvalitet">' in shown["text/html"]
    assert Blocks.from_json(shown[BLOCKS_MIME]) == every_block


def test_blocks_join_into_blocks():
    joined = together([Heading("a"), Blocks([Paragraph("b")])]) + Paragraph("c")
    assert isinstance(joined, Blocks)
    assert repr(joined) == "<Blocks: heading, paragraph, paragraph>"
    assert isinstance(joined[1:], Blocks)


@pytest.mark.parametrize("alt", ["", "  "])
def test_a_figure_without_a_text_alternative_is_refused(every_block, alt):
    png = next(block.png for block in every_block if isinstance(block, Figure))
    with pytest.raises(ContractError, match="text alternative"):
        Figure(png, alt)


def test_a_verdict_without_a_word_is_refused():
    with pytest.raises(ContractError, match="needs a word"):
        Mark("above", "")


def test_a_table_without_caption_or_with_an_uneven_row_is_refused():
    with pytest.raises(ContractError, match="caption"):
        Table("", (Column("a"),), ())
    with pytest.raises(ContractError, match="1 cells"):
        Table("t", (Column("a"),), ((Cell("1"), Cell("2")),))


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "http://example.org", "//example.org", "data:text/html,x", "/etc/passwd"]
)
def test_a_cell_links_to_https_or_beside_the_page_and_nowhere_else(address):
    with pytest.raises(ContractError, match="neither https"):
        Cell("a", href=address)


@pytest.mark.parametrize("address", ["https://example.org/a?b=c", "hagaskolan.html", "sv/haga.html#resultat"])
def test_ordinary_addresses_are_accepted(address):
    assert Cell("a", href=address).href == address


@pytest.mark.parametrize(
    "said", [{}, {"blocks": [{"kind": "script"}]}, {"blocks": [{"kind": "heading", "text": "a", "level": 1}]}]
)
def test_json_that_is_not_blocks_is_refused(said):
    with pytest.raises(ContractError, match="not blocks"):
        Blocks.from_json(said)


def test_a_page_has_one_head():
    with pytest.raises(ReportError, match="one PageHead"):
        Page.of(Blocks([Paragraph("a")]))
    with pytest.raises(ReportError, match="one PageHead"):
        Page.of(Blocks([HEAD, HEAD]))


@pytest.mark.parametrize("level, panels_level", [(3, 3), (2, 4)])
def test_a_heading_that_skips_a_level_is_refused(every_block, level, panels_level):
    grid = next(block for block in every_block if isinstance(block, FigureGrid))
    body = [Heading("a", level), dataclasses.replace(grid, level=panels_level)]
    with pytest.raises(ReportError, match="the one before it is of level"):
        Page.of(Blocks([HEAD, *body]))


def test_a_heading_without_words_is_refused():
    with pytest.raises(ContractError, match="heading needs a text"):
        Heading(" ")


def test_a_page_without_a_banner_is_titled_by_its_head():
    assert Page.of(Blocks([HEAD])).banner == Banner("Skolan")


def test_headings_that_say_the_same_get_anchors_of_their_own():
    page = Page.of(Blocks([HEAD, Heading("Närvaro"), Heading("Närvaro", 3), Heading("Main")]))
    assert [block.anchor for block in page.body] == ["narvaro", "narvaro-2", "main-2"]


@pytest.mark.parametrize(
    "text, anchor", [("Närvaro & trygghet", "narvaro-trygghet"), ("Blåsjø Æ 2024/25", "blasjo-ae-2024-25"), ("…", "section")]
)
def test_anchors_are_plain_letters(text, anchor):
    assert slug(text) == anchor
