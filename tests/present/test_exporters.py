"""A notebook becomes a page of its blocks and of nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import nbformat
import pytest

from kvalitet_lib.errors import ReportError
from kvalitet_lib.present.blocks import Blocks
from kvalitet_lib.present.exporters import KvalitetHTMLExporter, KvalitetPDFExporter, blocks_in
from kvalitet_lib.present.html import page
from kvalitet_lib.present.pdf import pdf

MADE = datetime(2025, 11, 21, tzinfo=UTC)


def cell(*outputs, source="secret_source = 1"):
    return nbformat.v4.new_code_cell(source, outputs=list(outputs))


def shown(blocks: Blocks, kind: str = "execute_result"):
    return nbformat.v4.new_output(kind, data=blocks._repr_mimebundle_())


def notebook(*cells):
    return nbformat.v4.new_notebook(cells=list(cells))


@pytest.fixture(scope="module")
def executed(every_block):
    """Blocks shown in three cells, among prints, a foreign table and a text cell."""
    chatter = nbformat.v4.new_output("stream", name="stderr", text="secret_warning")
    foreign = nbformat.v4.new_output(
        "display_data", data={"text/html": "<script>alert(1)</script>", "text/plain": "secret_plain"}
    )
    cells = [
        cell(chatter, shown(every_block[:3])),
        nbformat.v4.new_markdown_cell("secret_prose"),
        cell(foreign, shown(every_block[3:9], "display_data")),
        cell(shown(every_block[9:])),
    ]
    return notebook(*cells)


def test_the_blocks_come_back_in_the_order_they_were_shown(executed, every_block):
    assert blocks_in(executed) == every_block


def test_the_exported_page_is_the_page_of_its_blocks_without_code_or_prints(executed, every_block):
    html, resources = KvalitetHTMLExporter().from_notebook_node(executed)
    assert html == page(every_block)
    assert "secret" not in html and "<script" not in html
    assert resources["output_extension"] == ".html"


def test_html_in_an_output_is_never_trusted(every_block):
    output = shown(every_block)
    output.data["text/html"] = "<script>alert(1)</script>"
    html, _ = KvalitetHTMLExporter().from_notebook_node(notebook(cell(output)))
    assert html == page(every_block)


def test_the_exported_pdf_is_the_pdf_of_its_blocks(executed, every_block):
    content, resources = KvalitetPDFExporter(made=MADE).from_notebook_node(executed)
    assert content == pdf(every_block, MADE)
    assert resources["output_extension"] == ".pdf"


@pytest.mark.parametrize("exporter", [KvalitetHTMLExporter, KvalitetPDFExporter])
def test_no_page_is_made_of_a_notebook_that_failed_and_its_message_is_not_repeated(exporter, every_block):
    failure = nbformat.v4.new_output("error", ename="KeyError", evalue="pupil 17", traceback=["pupil 17"])
    with pytest.raises(ReportError, match="KeyError") as refused:
        exporter().from_notebook_node(notebook(cell(shown(every_block)), cell(failure)))
    assert "17" not in str(refused.value)


def test_a_notebook_that_showed_nothing_is_refused():
    with pytest.raises(ReportError, match="showed nothing"):
        blocks_in(notebook(cell()))


def test_the_notebook_file_survives_validation_with_blocks_inside(executed):
    nbformat.validate(nbformat.from_dict(executed))
