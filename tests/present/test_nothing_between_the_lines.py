"""A page holds what one reads on it and nothing else: no remark, no hidden part, no word of the machine it was made on."""

from __future__ import annotations

import getpass
import io
import re
import socket
import struct
from datetime import UTC, datetime

import pikepdf
import pytest

from kvalitet_lib.present.blocks import Blocks, Figure, FigureGrid
from kvalitet_lib.present.html import fragment, page
from kvalitet_lib.present.pdf import pdf

MADE = datetime(2025, 11, 21, tzinfo=UTC)
OF_A_MACHINE = re.compile(
    rb"(?<![\w/.])/(?:home|root|tmp|usr|var|opt|Users|mnt|srv)/\w|\b[A-Z]:\\\w|\bfile:/|site-packages|localhost"
)
OF_A_PICTURE = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"pHYs"}
OF_A_PDF = {"/Title", "/Author", "/Subject", "/Creator", "/CreationDate", "/ModDate"}
OF_XMP = {
    "title", "description", "creator", "language", "format", "CreatorTool", "CreateDate", "ModifyDate", "part", "NPages",
    "InstanceID", "DocumentID", "RenditionClass", "PDFVersion",
}  # fmt: skip


@pytest.fixture(scope="module")
def html(every_block) -> str:
    return page(every_block)


@pytest.fixture(scope="module")
def document(every_block):
    with pikepdf.open(io.BytesIO(pdf(every_block, MADE))) as opened:
        yield opened


def pictures(blocks: Blocks) -> list[Figure]:
    grids = [panel.figure for block in blocks if isinstance(block, FigureGrid) for panel in block.panels]
    return grids + [block for block in blocks if isinstance(block, Figure)]


def machine_words() -> list[bytes]:
    """What would tell whose machine this is; names too short to be told from words are left to the pattern."""
    return [name.encode() for name in (getpass.getuser(), socket.gethostname()) if len(name) > 5]


def test_a_page_has_no_remarks_no_hidden_parts_and_no_attributes_for_programs(html, every_block):
    for made in (html, fragment(every_block)):
        assert "<!--" not in made
        assert not re.search(r"<[^>]*\s(data-[\w-]+|hidden|style|on\w+)(=|\s|>)", made)
        assert not re.search(r"<(template|input|noscript|script|link|iframe|object)\b", made)


def test_a_page_says_of_itself_only_what_a_browser_needs(html):
    named = set(re.findall(r'<meta (?:name|http-equiv)="([^"]+)"', html))
    assert named == {"viewport", "description", "referrer", "Content-Security-Policy"}
    assert 'charset="utf-8"' in html


def test_a_picture_holds_no_text_no_time_and_no_program_s_name(every_block):
    for picture in pictures(every_block):
        kinds, place = set(), 8
        while place < len(picture.png):
            length, kind = struct.unpack(">I4s", picture.png[place : place + 8])
            kinds.add(kind)
            place += length + 12
        assert kinds <= OF_A_PICTURE


def test_a_pdf_says_of_itself_its_title_its_publisher_its_moment_and_the_program(document):
    assert set(document.docinfo.keys()) <= OF_A_PDF
    assert str(document.docinfo["/Creator"]).startswith("Typst")
    said = document.open_metadata(set_pikepdf_as_editor=False)
    assert {key.split("}")[1] for key in said} <= OF_XMP


def test_neither_a_page_nor_a_pdf_tells_of_the_machine_it_was_made_on(html, document):
    content = html.encode()
    for one in document.objects:
        if isinstance(one, pikepdf.Stream) and one.get("/Subtype") != "/Image" and "/Length1" not in one:
            content += one.read_bytes() if one.get("/Filter") in (None, "/FlateDecode") else b""
        elif isinstance(one, pikepdf.Dictionary):
            content += b" ".join(bytes(value) for value in dict(one.items()).values() if isinstance(value, pikepdf.String))
    assert OF_A_MACHINE.search(content) is None
    assert not [word for word in machine_words() if word in content]
