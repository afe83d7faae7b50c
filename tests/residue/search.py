"""Look for texts in everything a program has written: plain, escaped, encoded, packed, in pictures, pages and databases."""

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import re
import shutil
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote_to_bytes

import duckdb
import pikepdf

PNG, PDF, ZIP, GZIP, DUCKDB_AT_8 = b"\x89PNG\r\n\x1a\n", b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"DUCK"
BASE64 = re.compile(rb"[A-Za-z0-9+/]{24,}")
PICTURE = re.compile(rb"[A-Za-z0-9+/]{400,}")  # longer than any name or text of ours without a space
PERCENT = re.compile(rb"%[0-9A-Fa-f]{2}")
ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
DEEPEST = 4


@dataclass(frozen=True)
class Hit:
    """One text found: where, and along which way in (``page.html > base64 > png text``)."""

    where: str
    text: str


Wanted = str | re.Pattern[bytes]


def search(paths: Iterable[Path], texts: Iterable[Wanted], but_not: Iterable[Path] = ()) -> list[Hit]:
    """Every text or pattern in the names and contents of all files below the paths, in any case; some folders are left out."""
    wanted, left_out = list(texts), [path.resolve() for path in but_not]
    found = []
    everything = {one for start in paths for one in [start, *(start.rglob("*") if start.is_dir() else [])]}
    for path in sorted(everything):
        if any(path.resolve().is_relative_to(folder) for folder in left_out):
            continue
        found += [Hit(f"name {path}", text) for text in within(path.name.encode(), wanted)]
        if path.is_file() and not path.is_symlink():
            found += search_bytes(path.read_bytes(), wanted, str(path))
    return found


def search_bytes(content: bytes, texts: Iterable[Wanted], where: str) -> list[Hit]:
    """Every text in some bytes and in whatever is packed in them."""
    wanted = list(texts)
    return [Hit(way, text) for way, view in views(content, where) for text in within(view, wanted)]


def within(view: bytes, texts: list[Wanted]) -> list[str]:
    """The texts, or what fits the patterns, that stand in some bytes."""
    low = view.lower()
    plain = [text for text in texts if isinstance(text, str) and any(form in low and _meant(view, form) for form in forms(text))]
    patterns = [text for text in texts if not isinstance(text, str)]
    return plain + [found[0].decode(errors="replace") for one in patterns if (found := one.search(view))]


def _meant(view: bytes, form: bytes) -> bool:
    """Whether a text stands there by more than chance: in a picture's letters it does so now and then, in mixed case."""
    standing = [*re.finditer(re.escape(form), view, re.IGNORECASE)]
    pictures = [one.span() for one in PICTURE.finditer(view)]
    return any(
        found[0] in (form, form.upper(), form.capitalize()) or not any(low <= found.start() < high for low, high in pictures)
        for found in standing
    )


@cache
def forms(text: str) -> set[bytes]:
    """A text's bytes in the encodings and cases it may be written in; ASCII letters are lower case."""
    cases = {text, text.lower(), text.upper()}
    encodings = ("utf-8", "utf-16-le", "utf-16-be", "latin-1")
    return {one.encode(encoding, errors="ignore").lower() for one in cases for encoding in encodings}


def views(content: bytes, way: str, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """The bytes themselves, what they say unescaped, and everything packed in them."""
    yield way, content
    if depth >= DEEPEST:
        return
    for name, inside in packed(content):
        yield from views(inside, f"{way} > {name}", depth + 1)


def packed(content: bytes) -> Iterator[tuple[str, bytes]]:
    if content.startswith(PNG):
        yield from _png_texts(content)
    elif content.startswith(PDF):
        yield from _pdf_parts(content)
    elif content.startswith(ZIP):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield from ((f"zip {name}", archive.read(name)) for name in archive.namelist())
    elif content.startswith(GZIP):
        yield "gzip", gzip.decompress(content)
    elif content[8:12] == DUCKDB_AT_8:
        yield "rows", _duckdb_values(content)
    elif b"\0" not in content[:1024]:
        yield from _text_parts(content)


def _text_parts(content: bytes) -> Iterator[tuple[str, bytes]]:
    text = content.decode("utf-8", errors="replace")
    for name, said in (("entities", html.unescape(text)), ("escapes", ESCAPE.sub(lambda one: chr(int(one[1], 16)), text))):
        if said != text:
            yield name, said.encode(errors="replace")
    if PERCENT.search(content):
        yield "percent", unquote_to_bytes(content)
    for run in BASE64.findall(content):
        whole = run[: len(run) // 4 * 4] if len(run) % 4 == 1 else run + b"=" * (-len(run) % 4)
        yield "base64", base64.b64decode(whole)


def _png_texts(content: bytes) -> Iterator[tuple[str, bytes]]:
    place = len(PNG)
    while place + 8 <= len(content):
        size, kind = int.from_bytes(content[place : place + 4]), content[place + 4 : place + 8]
        chunk = content[place + 8 : place + 8 + size]
        if kind not in (b"IDAT", b"IHDR", b"PLTE"):
            yield f"png {kind.decode('latin-1')}", chunk
            yield from ((f"png {kind.decode('latin-1')} unpacked", one) for one in _inflated(chunk))
        place += 12 + size
    yield "png after the end", content[place:]


def _inflated(chunk: bytes) -> Iterator[bytes]:
    """What follows the first byte at which a compressed text begins."""
    for start in [one.start() for one in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", chunk)]:
        try:
            yield zlib.decompressobj().decompress(chunk[start:])
        except zlib.error:
            continue


def _pdf_parts(content: bytes) -> Iterator[tuple[str, bytes]]:
    with pikepdf.open(io.BytesIO(content)) as opened:
        for one in opened.objects:
            if isinstance(one, pikepdf.Stream):
                try:
                    yield "pdf stream", one.read_bytes()
                except pikepdf.PdfError:  # a picture: searched as it stands
                    yield "pdf stream as it stands", one.read_raw_bytes()
            yield "pdf object", json.dumps(_strings(one), ensure_ascii=False).encode()
    program = shutil.which("pdftotext")
    if program:
        told = subprocess.run([program, "-", "-"], input=content, capture_output=True, check=True)
        yield "pdf text", told.stdout
        yield "pdf text without breaks", re.sub(rb"[-\s]+", b"", told.stdout)


def _strings(one: object, depth: int = 0) -> list[str]:
    """Every string in a PDF object, decoded; what it points to has its own turn."""
    if isinstance(one, pikepdf.String):
        return [str(one)]
    if depth > 8 or not isinstance(one, pikepdf.Object):
        return []
    parts: list[object] = []
    if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
        parts = [*one.keys(), *(value for _, value in one.items())]
    elif isinstance(one, pikepdf.Array):
        parts = list(one)
    inline = [part for part in parts if not (isinstance(part, pikepdf.Object) and part.is_indirect)]
    return [text for part in inline for text in ([part] if isinstance(part, str) else _strings(part, depth + 1))]


def _duckdb_values(content: bytes) -> bytes:
    """Every value of every table as text: DuckDB may pack strings so that their bytes do not stand in the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "copy.duckdb"
        path.write_bytes(content)
        with duckdb.connect(str(path), read_only=True) as connection:
            tables = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
            rows = [row for name in tables for row in connection.execute(f'SELECT * FROM "{name}"').fetchall()]
    return "\n".join(str(value) for row in rows for value in row if value is not None).encode()
