"""What an XLS says besides its cells' text, record by record: errors, merged and hidden cells, how numbers are shown.

Reference: Microsoft, [MS-XLS] Excel Binary File Format (.xls) Structure, section 2.4.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from kvalitet_lib.sources.refusal import SAVE_AS_CSV, UnfitError
from kvalitet_lib.sources.workbook.areas import Areas, Reach
from kvalitet_lib.sources.workbook.compound import Compound
from kvalitet_lib.sources.workbook.package import COPY_AGAIN, cut_off, locked, never_in_a_table, too_large_unpacked
from kvalitet_lib.sources.workbook.parts import PERCENT_BUILT_IN, Kept, how_shown

MOST_BYTES = 60_000_000
MOST_RECORDS = 5_000_000
BOF, EOF, FILEPASS, BOUNDSHEET, FORMAT, XF, SUPBOOK, RECALCID = 0x809, 0x0A, 0x2F, 0x85, 0x41E, 0xE0, 0x1AE, 0x1C1
ROW, MERGED, NUMBER, RK, MULRK, BOOLERR, FORMULA = 0x208, 0xE5, 0x203, 0x27E, 0xBD, 0x205, 0x06
LABEL, RICH_LABEL, SHARED_LABEL = 0x204, 0xD6, 0xFD
EXCEL_97 = 0x600
FIRST_RECORD = b"\x09\x08\x10\x00\x00\x06\x05\x00"
WORKSHEET, MACRO_SHEETS = 0, (1, 6)
WITHIN_ITSELF = (0x0401, 0x3A01)
HIDDEN_ROW = 0x20
NO_NUMBER, ERROR, NOTHING = b"\xff\xff", 2, 3
LOCKED_XLSX = "EncryptedPackage"
OTHER_KINDS = {
    "WordDocument": "a Word document",
    "PowerPoint Document": "a presentation",
    "VisioDocument": "a drawing",
    "__properties_version1.0": "a mail",
}


@dataclass
class Globals:
    """What stands before the sheets: (name, kind, where it begins) of each, and how numbers are shown."""

    sheets: list[tuple[str, int, int]] = field(default_factory=list)
    codes: dict[int, str] = field(default_factory=dict)
    styles: list[int] = field(default_factory=list)
    computed: bool = False

    def formats(self) -> dict[int, tuple[str, int]]:
        """How the numbers of each style are shown, where that differs from what is stored."""
        shown = {
            style: ("percent", 0) if str(number) in PERCENT_BUILT_IN else how_shown(self.codes.get(number, ""))
            for style, number in enumerate(self.styles)
        }
        return {style: how for style, how in shown.items() if how}


def inspected(content: bytes) -> list[Kept | None]:
    """Every sheet of an XLS in the workbook's order; None for what is no sheet of cells.

    Raises
    ------
    UnfitError
        The file is locked, cut off, no workbook of Excel 97 or later, too large, or holds macros or links to other files.
    """
    if len(content) > MOST_BYTES:
        raise UnfitError(f"an XLS larger than {MOST_BYTES // 1_000_000} MB", "TOO_LARGE", "Save it as .xlsx or as 'CSV UTF-8'.")
    stream = workbook_stream(content)
    try:
        before = globals_of(stream)
        return [sheet_of(stream, before, name, begins) if kind == WORKSHEET else None for name, kind, begins in before.sheets]
    except (struct.error, IndexError):
        raise cut_off() from None


def workbook_stream(content: bytes) -> bytes:
    """The stream with the workbook's records."""
    try:
        compound = Compound(content)
    except UnfitError as damaged:
        raise (of_what_is_left(content) or damaged) from None
    names = compound.entries
    if LOCKED_XLSX in names:
        raise locked()
    if "Workbook" not in names:
        what = next((what for name, what in OTHER_KINDS.items() if name in names), "")
        what = what or ("a workbook from before Excel 97" if "Book" in names else "some other file")
        raise UnfitError(f"{what}, not an XLS workbook of Excel 97 or later", "NOT_WHAT_IT_SAYS", SAVE_AS_CSV)
    if any(name.startswith("_VBA_PROJECT") for name in names):
        never_in_a_table("vbaproject")
    if any(name.startswith("MBD") for name in names):
        never_in_a_table("embeddings")
    return compound.stream("Workbook")


def of_what_is_left(content: bytes) -> UnfitError | None:
    """What a damaged file was, if not an XLS: told by the names that are still in it."""
    if LOCKED_XLSX.encode("utf-16-le") in content:
        return locked()
    if "Workbook".encode("utf-16-le") in content or FIRST_RECORD in content:
        return None
    return UnfitError("some other file, not an XLS workbook", "NOT_WHAT_IT_SAYS", SAVE_AS_CSV)


def globals_of(stream: bytes) -> Globals:
    found = Globals()
    for kind, body in _records(stream, 0):
        if kind == BOF and int.from_bytes(body[:2], "little") != EXCEL_97:
            raise UnfitError("a workbook from before Excel 97", "NOT_WHAT_IT_SAYS", SAVE_AS_CSV)
        if kind == FILEPASS:
            raise locked()
        if kind == BOUNDSHEET:
            begins, _, what = struct.unpack_from("<IBB", body)
            if what in MACRO_SHEETS:
                never_in_a_table("macrosheets")
            found.sheets.append((_short_text(body[6:]), what, begins))
        elif kind == FORMAT:
            found.codes[int.from_bytes(body[:2], "little")] = _text(body[4:], int.from_bytes(body[2:4], "little"))
        elif kind == XF:
            found.styles.append(int.from_bytes(body[2:4], "little"))
        elif kind == SUPBOOK:
            length = int.from_bytes(body[2:4], "little")
            if length not in WITHIN_ITSELF and length > 1:
                never_in_a_table("externallinks")
        elif kind == RECALCID:
            found.computed = True
    return found


def sheet_of(stream: bytes, before: Globals, name: str, begins: int) -> Kept:
    areas, reach, formats = Areas(), Reach(), before.formats()
    for kind, body in _records(stream, begins):
        if kind == ROW and body[12] & HIDDEN_ROW:
            areas.row("hidden", int.from_bytes(body[:2], "little") + 1)
        elif kind == MERGED:
            for top, bottom, left, right in struct.iter_unpack("<HHHH", body[2:]):
                if (top, left) != (bottom, right):
                    areas.block("merged", top + 1, bottom + 1, left + 1, right + 1)
        elif kind in (NUMBER, RK, BOOLERR, FORMULA, MULRK):
            reach.out_to(*_place(body))
            for what, line, column, width in _cells(kind, body, formats, before.computed):
                areas.cell(what, line, column, width)
        elif kind in (LABEL, RICH_LABEL, SHARED_LABEL):
            reach.out_to(*_place(body))
    return Kept(name, reach.cells, areas.listed())


def _cells(kind: int, body: bytes, formats: dict[int, tuple[str, int]], computed: bool) -> Iterator[tuple[str, int, int, int]]:
    """(what, line, column, width) of the cells in a record that are not what they seem."""
    line, column = _place(body)
    special = kind == FORMULA and body[12:14] == NO_NUMBER
    if (kind == BOOLERR and body[7]) or (special and body[6] == ERROR):
        yield "error", line, column, 0
    elif special and body[6] == NOTHING and not computed:
        yield "uncomputed", line, column, 0
    elif kind != BOOLERR and not special:
        styles = struct.iter_unpack("<HI", body[4:-2]) if kind == MULRK else [struct.unpack_from("<4xH", body)]
        for place, (style, *_) in enumerate(styles, start=column):
            if style in formats:
                what, width = formats[style]
                yield what, line, place, width


def _place(body: bytes) -> tuple[int, int]:
    line, column = struct.unpack_from("<HH", body)
    return line + 1, column + 1


def _records(stream: bytes, begins: int) -> Iterator[tuple[int, bytes]]:
    """The records of one part of the workbook, without the charts inside it."""
    place, depth = begins, 0
    for _ in range(MOST_RECORDS):
        kind, length = struct.unpack_from("<HH", stream, place)
        place += 4 + length
        if place > len(stream):
            raise cut_off()
        if depth == 0 and kind != BOF:
            raise UnfitError("the workbook is damaged", "DAMAGED", COPY_AGAIN)
        depth += (kind == BOF) - (kind == EOF)
        if depth == 1:
            yield kind, stream[place - length : place]
        elif depth == 0:
            return
    raise too_large_unpacked()


def _short_text(body: bytes) -> str:
    return _text(body[1:], body[0]) if body else ""


def _text(body: bytes, length: int) -> str:
    wide = bool(body) and body[0] & 1
    return body[1 : 1 + length * (2 if wide else 1)].decode("utf-16-le" if wide else "latin-1", errors="replace")
