"""The PDF says the same to a screen reader, and is made the same way every time."""

from __future__ import annotations

import io
import multiprocessing
import shutil
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from kvalitet_lib.errors import ReportError
from kvalitet_lib.present.blocks import (
    Blocks,
    Bullets,
    Column,
    Definitions,
    Figure,
    FigureGrid,
    Heading,
    KeyFigures,
    PageHead,
    PageWords,
    Paragraph,
    Questions,
    Table,
)
from kvalitet_lib.present.pdf import pdf, write_pdf
from tests.present.hostile import attacked

pikepdf = pytest.importorskip("pikepdf")
MADE = datetime(2025, 11, 21, 12, tzinfo=UTC)
UA = "{http://www.aiim.org/pdfua/ns/id/}part"


@pytest.fixture(scope="module")
def made(every_block) -> bytes:
    return pdf(every_block, MADE)


@pytest.fixture(scope="module")
def opened(made):
    with pikepdf.open(io.BytesIO(made)) as document:
        yield document


def elements(node):
    """Every structure element, in reading order."""
    if isinstance(node, pikepdf.Array):
        for one in node:
            yield from elements(one)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from elements(node.K)


def text_of(content: bytes, tmp_path) -> str:
    program = shutil.which("pdftotext") or pytest.skip("pdftotext (poppler-utils) is not installed")
    (tmp_path / "page.pdf").write_bytes(content)
    return subprocess.run([program, "-layout", tmp_path / "page.pdf", "-"], check=True, capture_output=True, text=True).stdout


def test_the_file_declares_pdf_ua_and_is_tagged(opened):
    with opened.open_metadata() as facts:
        assert facts[UA] == "1"
    assert opened.Root.MarkInfo.Marked
    assert opened.Root.ViewerPreferences.DisplayDocTitle


@pytest.mark.parametrize("language", ["sv", "nb", "en"])
def test_the_file_knows_its_language_and_title(language):
    head = PageHead("Ekskolan", language, PageWords("a", "b"))
    with pikepdf.open(io.BytesIO(pdf(Blocks([head, Paragraph("c")]), MADE))) as document:
        assert document.Root.Lang == language
        with document.open_metadata() as facts:
            assert facts["dc:title"] == "Ekskolan"


def test_every_picture_has_its_text_alternative_in_reading_order(opened, every_block):
    wanted = []
    for block in every_block:
        wanted += [panel.figure.alt for panel in block.panels] if isinstance(block, FigureGrid) else []
        wanted += [block.alt] if isinstance(block, Figure) else []
    assert [str(one.Alt) for one in elements(opened.Root.StructTreeRoot.K) if one.S == "/Figure"] == wanted


def test_headings_lists_tables_and_paragraphs_are_tagged_as_such(opened):
    names = [str(one.S) for one in elements(opened.Root.StructTreeRoot.K)]
    assert names.count("/H1") == 5 and names.count("/Table") == 2 and names.count("/TH") == 8
    assert names.count("/Caption") == 2
    assert {"/Title", "/H2", "/H3", "/L", "/P", "/THead"} <= set(names)


def test_the_outline_lists_the_sections(opened):
    with opened.open_outline() as outline:
        assert [entry.title for entry in outline.root][:2] == ["I korthet", "Utveckling över tid"]


def test_the_text_holds_numbers_verdicts_and_page_numbers(made, tmp_path):
    text = text_of(made, tmp_path).replace("\u00a0", " ")
    for said in ("86 %", "213–229", "−9,5", "Under riket", "Över riket", "För få elever", "Sida 1 av", "Ängslunda kommun"):
        assert said in text


def test_the_same_page_and_moment_give_the_same_bytes(made, every_block):
    assert pdf(every_block, MADE) == made


def test_an_attack_in_every_text_is_printed_as_text(every_block, tmp_path):
    text = text_of(pdf(attacked(every_block), MADE), tmp_path)
    assert '#panic("x")$x$' in text and "{{7*7}}" in text


def test_empty_blocks_and_other_alphabets_do_not_stop_the_file():
    head = PageHead("Ekskolan", "sv", PageWords("a", "b"))
    empty = [
        KeyFigures(()),
        Bullets(()),
        Definitions(()),
        FigureGrid(()),
        Questions(()),
        Paragraph(""),
        Paragraph("Школа Ω Łódź Ŧ"),
    ]
    table = Table("t", (Column("a"),), ())
    assert pdf(Blocks([head, Heading("b"), *empty, table]), MADE).startswith(b"%PDF")


def test_a_sign_that_no_typeface_has_is_left_out_and_other_alphabets_are_printed(tmp_path):
    head = PageHead("Ek\u202eskolan", "sv", PageWords("a", "b"))
    text = text_of(pdf(Blocks([head, Paragraph("Ek\ufeffskolan \u2028Школа Łódź Ŧ")]), MADE), tmp_path)
    assert "Ekskolan Школа Łódź Ŧ" in " ".join(text.split())


def test_a_sign_we_have_no_shape_for_becomes_a_question_mark_and_the_file_is_made(tmp_path):
    head = PageHead("Ekskolan", "sv", PageWords("a", "b"))
    text = text_of(pdf(Blocks([head, Paragraph("Ekskolan 学校 🏫.")]), MADE), tmp_path)
    assert "Ekskolan ?? ?." in text


def send_pdf(say, blocks) -> None:
    say.send_bytes(pdf(blocks, MADE))


@pytest.mark.skipif(sys.platform != "linux", reason="pages' processes are forked on Linux alone")
def test_a_process_forked_from_one_that_has_made_a_pdf_makes_the_same_to_the_last_byte(made, every_block):
    """Typst's threads do not follow into it, and neither may the page wait for them."""
    forking = multiprocessing.get_context("fork")
    shapeless = Blocks([PageHead("Ekskolan", "sv", PageWords("a", "b")), Paragraph("Ekskolan 学校 🏫.")])
    pages = {"with every block": (every_block, made), "refused at first": (shapeless, pdf(shapeless, MADE))}
    for blocks, here in pages.values():
        listen, say = forking.Pipe(duplex=False)
        forked = forking.Process(target=send_pdf, args=(say, blocks), daemon=True)
        forked.start()
        assert listen.poll(60)
        assert listen.recv_bytes() == here
        forked.join()


def test_only_our_own_typeface_is_in_the_file(opened):
    names = {str(font.BaseFont) for page in opened.pages for font in page.Resources.get("/Font", {}).values()}
    assert names and all("Inter" in name for name in names)


def test_blocks_that_are_no_page_are_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(ReportError, match="one PageHead"):
        write_pdf(Blocks([Paragraph("a")]), tmp_path / "page.pdf")
    assert list(tmp_path.iterdir()) == []
