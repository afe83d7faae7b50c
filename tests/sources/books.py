"""Workbooks written byte by byte, so that a test can say exactly what is in them."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
STRICT = {
    MAIN: "http://purl.oclc.org/ooxml/spreadsheetml/main",
    RELATION: "http://purl.oclc.org/ooxml/officeDocument/relationships",
}

Cell = object
Rows = Sequence[Sequence[Cell]]


def table(text: str) -> list[list[str]]:
    """The cells of a semicolon text, one list a row."""
    return [line.split(";") for line in text.strip().split("\n")]


def letters(column: int) -> str:
    """1 is A, 27 is AA."""
    return letters((column - 1) // 26) + chr(ord("A") + (column - 1) % 26) if column else ""


def inline(text: str) -> str:
    return f't="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def written(column: int, line: int, cell: Cell) -> str:
    """A cell's XML: text as text, numbers as numbers, None not at all, bytes as what follows its place."""
    start = f'<c r="{letters(column)}{line}" '
    if cell is None:
        return ""
    if isinstance(cell, bytes):
        return start + cell.decode()
    if isinstance(cell, bool):
        return f'{start}t="b"><v>{int(cell)}</v></c>'
    return start + (inline(cell) if isinstance(cell, str) else f"><v>{cell}</v></c>")


@dataclass(frozen=True)
class Leaf:
    """One sheet: its rows from line 1 on, and the XML around them."""

    rows: Rows
    name: str = "Blad1"
    state: str = ""
    before: str = ""
    after: str = ""
    about_row: Mapping[int, str] = field(default_factory=dict)

    def xml(self) -> str:
        rows = "".join(
            f'<row r="{line}" {self.about_row.get(line, "")}>'
            + "".join(written(column, line, cell) for column, cell in enumerate(row, start=1))
            + "</row>"
            for line, row in enumerate(self.rows, start=1)
        )
        return (
            f'<worksheet xmlns="{MAIN}" xmlns:r="{RELATION}">{self.before}<sheetData>{rows}</sheetData>{self.after}</worksheet>'
        )


def xlsx(
    *leaves: Leaf, extra: Mapping[str, bytes | str] | None = None, about: str = "", formats: Sequence[str | int] = ()
) -> bytes:
    """An XLSX; ``about`` stands around the list of sheets, ``formats`` are the number formats of styles 1, 2, ….

    A format is its code, or the number of one that is built in. ``extra`` adds members, or replaces them.
    """
    listed = "".join(
        f'<sheet name="{escape(leaf.name)}" sheetId="{n}" {f"state={leaf.state!r}" if leaf.state else ""} r:id="rId{n}"/>'
        for n, leaf in enumerate(leaves, start=1)
    )
    related = "".join(relationship(n, "worksheet", f"worksheets/sheet{n}.xml") for n, _ in enumerate(leaves, start=1))
    members: dict[str, bytes | str] = {
        "[Content_Types].xml": content_types(len(leaves)),
        "_rels/.rels": relationships(relationship(1, "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATION}">{about}<sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relationships(related),
        "xl/styles.xml": styles(formats),
        **{f"xl/worksheets/sheet{n}.xml": leaf.xml() for n, leaf in enumerate(leaves, start=1)},
        **(extra or {}),
    }
    return zipped(members)


def zipped(members: Mapping[str, bytes | str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def rewritten(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The same package with every member passed through ``change``."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return zipped({one.filename: change(one.filename, archive.read(one)) for one in archive.infolist()})


def relationship(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="rId{number}" Type="{RELATION}/{kind}" Target="{target}"/>'


def relationships(listed: str) -> str:
    return f'<Relationships xmlns="{PACKAGE}">{listed}</Relationships>'


def content_types(sheets: int) -> str:
    main = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{main}.worksheet+xml"/>' for n in range(1, sheets + 1)
    )
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{main}.sheet.main+xml"/>{parts}</Types>'
    )


def styles(formats: Sequence[str | int]) -> str:
    own = [(164 + n, code) for n, code in enumerate(formats) if isinstance(code, str)]
    numbers = [0, *(code if isinstance(code, int) else 164 + n for n, code in enumerate(formats))]
    codes = "".join(f'<numFmt numFmtId="{number}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>' for number, code in own)
    used = "".join(f'<xf numFmtId="{number}" applyNumberFormat="1"/>' for number in numbers)
    return f'<styleSheet xmlns="{MAIN}"><numFmts>{codes}</numFmts><cellXfs>{used}</cellXfs></styleSheet>'


def shared_strings(*texts: str) -> dict[str, str]:
    """The part that holds texts used by ``t="s"``; each text is the XML within ``<si>``."""
    return {"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">' + "".join(f"<si>{text}</si>" for text in texts) + "</sst>"}


# -- the older wrapper ---------------------------------------------------------------------------------------------

SECTOR = 512
FREE, END, TABLE, TABLE_OF_TABLES = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFC


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file with the given streams in its outermost folder, none of them in the part for small streams."""
    padded = {name: content.ljust(4096, b"\0") for name, content in streams.items()}
    entries = [_entry("Root Entry", 5, child=1 if padded else FREE, start=END, size=0)]
    chains: list[list[int]] = []
    place = 0
    for number, (name, content) in enumerate(padded.items(), start=1):
        length = -(-len(content) // SECTOR)
        following = number + 1 if number < len(padded) else FREE
        entries.append(_entry(name, 2, right=following, start=place, size=len(content)))
        chains.append(list(range(place, place + length)))
        place += length
    entries += [bytes(128)] * (-len(entries) % 4)
    directory = list(range(place, place + len(entries) // 4))
    chains.append(directory)
    place += len(directory)
    tables = -(-(place + 2) // 125)
    more = max(0, -(-(tables - 109) // 127))
    follows = [FREE] * (tables * 128)
    for chain in chains:
        for here, there in zip(chain, [*chain[1:], END], strict=True):
            follows[here] = there
    first_more = place + tables
    follows[place:first_more] = [TABLE] * tables
    follows[first_more : first_more + more] = [TABLE_OF_TABLES] * more
    places = [*range(place, first_more), *[FREE] * (109 + 127 * more - tables)]
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, tables, directory[0], 0,
        4096, END, 0, first_more if more else END, more,
    )  # fmt: skip
    beyond = [
        struct.pack("<128I", *places[109 + 127 * n : 236 + 127 * n], first_more + n + 1 if n + 1 < more else END)
        for n in range(more)
    ]
    body = b"".join(content.ljust(-(-len(content) // SECTOR) * SECTOR, b"\0") for content in padded.values())
    return b"".join(
        (header, struct.pack("<109I", *places[:109]), body, *entries, struct.pack(f"<{len(follows)}I", *follows), *beyond)
    )


def _entry(name: str, kind: int, right: int = FREE, child: int = FREE, start: int = 0, size: int = 0) -> bytes:
    coded = (name + "\0").encode("utf-16-le")
    return struct.pack("<64sHBBIII36xIQ", coded, len(coded), kind, 1, FREE, right, child, start, size)


def record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def xls(*sheets: tuple[str, Rows, Iterable[bytes]], about: Iterable[bytes] = (), hidden: Iterable[int] = ()) -> bytes:
    """An XLS of Excel 97: (name, rows, further records) of each sheet; ``about`` are further records before the sheets."""
    begin, begin_sheet, end = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0x600)), 0x10, record(0x0A)
    bodies = [
        record(0x809, struct.pack("<HHHHII", 0x600, begin_sheet, 0, 0, 0, 0x600))
        + record(0x200, struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows), default=0), 0))
        + b"".join(_cell_record(line, column, cell) for line, row in enumerate(rows) for column, cell in enumerate(row))
        + b"".join(further)
        + end
        for _, rows, further in sheets
    ]
    names = [name.encode("utf-16-le") for name, _, _ in sheets]
    head = begin + record(0x42, struct.pack("<H", 1200)) + b"".join(record(0xE0, struct.pack("<HHH14x", 0, n, 0)) for n in (0, 9))
    head += b"".join(about)
    place = len(head) + sum(4 + 8 + len(name) for name in names) + len(end)
    listed = b""
    for number, (name, body) in enumerate(zip(names, bodies, strict=True)):
        listed += record(0x85, struct.pack("<IBBBB", place, number in hidden, 0, len(name) // 2, 1) + name)
        place += len(body)
    return compound({"Workbook": head + listed + end + b"".join(bodies)})


def _cell_record(line: int, column: int, cell: Cell) -> bytes:
    """Text as LABEL, numbers as NUMBER, None not at all, bytes as they are (a whole record)."""
    if cell is None:
        return b""
    if isinstance(cell, bytes):
        return cell
    start = struct.pack("<HHH", line, column, 0)
    if isinstance(cell, str):
        coded = cell.encode("utf-16-le")
        return record(0x204, start + struct.pack("<HB", len(coded) // 2, 1) + coded)
    return record(0x203, start + struct.pack("<d", cell))


__all__ = ["Leaf", "compound", "record", "replace", "rewritten", "shared_strings", "table", "xls", "xlsx", "zipped"]
