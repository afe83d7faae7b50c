"""The search for canaries finds one in every kind of container: a search that cannot find proves nothing."""

from __future__ import annotations

import base64
import gzip
import io
import json
import shutil
import sqlite3
import zipfile
from pathlib import Path

import duckdb
import nbformat
import pikepdf
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from kvalitet_lib.present import html, pdf
from kvalitet_lib.present.blocks import Banner, Blocks, Figure, PageHead, PageWords, Paragraph
from tests.residue.search import search

TEXT = "kanarie Ö17"
FIGURES = {"containers in which a canary is found": 29}


def png(*, packed: bool | None = None) -> bytes:
    words = PngInfo()
    if packed is None:
        words.add_text("Description", "nothing")
    elif packed:
        words.add_itxt("Description", TEXT, zip=True)
    else:
        words.add_itxt("Description", TEXT)
    file = io.BytesIO()
    Image.new("RGB", (4, 4)).save(file, "png", pnginfo=words)
    return file.getvalue()


def page(text: str = "", picture: bytes | None = None) -> Blocks:
    body = [Paragraph(text or "All is well.")] + ([Figure(picture, "A chart.")] if picture else [])
    return Blocks([PageHead("Title", "sv", PageWords("Skip", "Contents")), Banner("Title"), *body])


def changed_pdf(change) -> bytes:
    file = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf.pdf(page()))) as opened:
        change(opened)
        opened.save(file, object_stream_mode=pikepdf.ObjectStreamMode.generate, compress_streams=True)
    return file.getvalue()


def attached(opened: pikepdf.Pdf) -> None:
    opened.attachments["rows.csv"] = pikepdf.AttachedFileSpec(opened, TEXT.encode() * 20)


def in_stream(opened: pikepdf.Pdf) -> None:
    opened.Root.Rows = opened.make_stream(TEXT.encode() * 20)


def zipped(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def notebook(**words: object) -> bytes:
    cell = new_code_cell("1", outputs=words.get("outputs", []), metadata=words.get("cell", {}))
    return nbformat.writes(new_notebook(cells=[cell], metadata=words.get("metadata", {}))).encode()


def duckdb_file(folder: Path, *statements: str) -> bytes:
    path = folder / "made.duckdb"
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)
    content = path.read_bytes()
    path.unlink()
    return content


def sqlite_file(folder: Path) -> bytes:
    path = folder / "made.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE history (source TEXT)")
        connection.execute("INSERT INTO history VALUES (?)", (TEXT,))
    connection.close()
    content = path.read_bytes()
    path.unlink()
    return content


CONTAINERS = {
    "page.html": lambda _: html.page(page(TEXT)).encode(),
    "entities.html": lambda _: b"<p>kanarie &Ouml;17",
    "numbered_entities.html": lambda _: b"<p>k&#97;narie &#214;17",
    "picture_in_page.html": lambda _: html.page(page(picture=png(packed=True))).encode(),
    "comment.html": lambda _: f"<!-- {TEXT} -->".encode(),
    "attribute.html": lambda _: f"<p data-pupil='{TEXT}'>".encode(),
    "page.pdf": lambda _: pdf.pdf(page(TEXT)),
    "alt.pdf": lambda _: pdf.pdf(page(picture=png()) + Figure(png(), TEXT)),
    "metadata.pdf": lambda _: changed_pdf(lambda opened: opened.docinfo.__setitem__("/Author", TEXT)),
    "attachment.pdf": lambda _: changed_pdf(attached),
    "stream.pdf": lambda _: changed_pdf(in_stream),
    "text.png": lambda _: png(packed=False),
    "packed_text.png": lambda _: png(packed=True),
    "after_the_end.png": lambda _: png() + TEXT.encode(),
    "output.ipynb": lambda _: notebook(outputs=[new_output("stream", name="stdout", text=TEXT)]),
    "traceback.ipynb": lambda _: notebook(outputs=[new_output("error", ename="E", evalue="", traceback=[TEXT])]),
    "parameters.ipynb": lambda _: notebook(metadata={"papermill": {"parameters": {"school": TEXT}}}),
    "widget.ipynb": lambda _: notebook(metadata={"widgets": {"application/vnd.jupyter.widget-state+json": {"state": TEXT}}}),
    "cell_metadata.ipynb": lambda _: notebook(cell={"note": TEXT}),
    "escaped.json": lambda _: json.dumps({"said": TEXT}).encode(),
    "address.log": lambda _: b"GET /?pupil=kanarie%20%C3%9617",
    "utf16.csv": lambda _: f"id;{TEXT}".encode("utf-16"),
    "latin1.csv": lambda _: f"id;{TEXT}".encode("latin-1"),
    "base64.txt": lambda _: base64.b64encode(f"a page about {TEXT} and more".encode()),
    "log.gz": lambda _: gzip.compress(TEXT.encode() * 20),
    "book.xlsx": lambda _: zipped("xl/sheet1.xml", TEXT.encode() * 20),
    "history.sqlite": lambda folder: sqlite_file(folder),
    "rows.duckdb": lambda folder: duckdb_file(folder, f"CREATE TABLE t AS SELECT '{TEXT}' AS a FROM range(9)"),
    "deleted.duckdb": lambda folder: duckdb_file(
        folder, f"CREATE TABLE t AS SELECT '{TEXT}' || range AS a FROM range(5000)", "CHECKPOINT", "DELETE FROM t", "CHECKPOINT"
    ),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_canary_is_found_in_this_container(name, tmp_path):
    if name in ("page.pdf",) and not shutil.which("pdftotext"):
        pytest.skip("pdftotext (poppler-utils) is not installed")
    (tmp_path / name).write_bytes(CONTAINERS[name](tmp_path))
    assert search([tmp_path], [TEXT]) != []


def test_there_are_as_many_containers_as_we_say():
    assert len(CONTAINERS) == FIGURES["containers in which a canary is found"]


def test_a_canary_is_found_in_the_name_of_a_file_and_of_a_folder(tmp_path):
    (tmp_path / TEXT).mkdir()
    (tmp_path / TEXT / f"page-{TEXT.upper()}.html").write_text("")
    assert len(search([tmp_path], [TEXT])) == 2


def test_what_is_left_out_on_purpose_is_not_searched_and_nothing_else(tmp_path):
    for folder in ("private", "private_too"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.txt").write_text(TEXT)
    assert [Path(hit.where).parent.name for hit in search([tmp_path], [TEXT], [tmp_path / "private"])] == ["private_too"]


def test_nothing_is_found_where_nothing_is(tmp_path):
    (tmp_path / "page.html").write_text(html.page(page(picture=png())), encoding="utf-8")
    (tmp_path / "page.pdf").write_bytes(pdf.pdf(page(picture=png())))
    assert search([tmp_path], [TEXT]) == []


@pytest.mark.parametrize(("written", "found"), [("Kanarie", 1), ("KANARIE", 1), ("kanarie", 1), ("kAnaRiE", 0)])
def test_letters_that_chance_has_put_into_a_picture_are_no_canary_and_a_canary_there_is_one(written, found, tmp_path):
    picture = base64.b64encode(bytes(range(256)) * 4).rstrip(b"=")
    (tmp_path / "page.html").write_bytes(b'<img src="data:image/png;base64,' + picture + written.encode() + picture + b'">')
    assert len(search([tmp_path], ["Kanarie"])) == found
