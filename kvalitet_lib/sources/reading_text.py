"""CSV and TXT: which encoding, which separator, and the cells, with nothing guessed twice."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter

from kvalitet_lib.errors import Fault
from kvalitet_lib.sources.refusal import SAVE_AS_CSV, refuse
from kvalitet_lib.sources.sheet import Sheet

SEPARATORS = (";", "\t", ",", "|")
LOOKED_AT = 500
MARKS_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

# The letters of the Nordic languages in UTF-8, read as if they were cp1252: å ä ö Å Ä Ö æ ø Æ Ø é.
TWICE_ENCODED = re.compile("Ã[\u00a5\u00a4\u00b6\u2026\u201e\u2013\u00a6\u00b8\u2020\u02dc\u00a9]")
# What DOS and Mac code pages turn into when read as cp1252: a mark or a capital in the middle of a word.
NOT_CP1252 = re.compile("[†‡ƒˆ‰˜™¤¦¨¬¯¸¹¶]|(?<=[a-zåäöæø])[ŒŠŽŸ]|(?<=[^\\W\\d_])[„“”](?=[^\\W\\d_])")
# All but tab, line feed, carriage return; and the marks that reverse the order in which text is shown.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")

SAVE_AS_UTF8 = "Save it as 'CSV UTF-8' in the system it comes from, and check that å, ä, ö, æ and ø look right."


def read_text(file_name: str, content: bytes) -> Sheet:
    """The one table of a text file.

    Raises
    ------
    DeliveryError
        The encoding is not certain, the text holds characters that do not belong in a table, a quotation
        mark is not closed, or the file is cut off.
    """
    text = decode(file_name, content)
    refuse(file_name, lost_characters(text), twice_encoded(text), control_characters(text))
    separator, body, first_line = separator_of(text)
    rows, lines = split(file_name, body, separator, first_line)
    refuse(file_name, cut_off(text, rows, lines))
    return Sheet("", rows, lines)


def decode(file_name: str, content: bytes) -> str:
    """UTF-8, UTF-16 with a mark, or else cp1252 where that reads like Nordic text."""
    wide = content.startswith(MARKS_16)
    if not wide and b"\x00" in content:
        refuse(file_name, _not_text(content))
    text = _decoded(content, "utf-16" if wide else "utf-8-sig")
    if text is None and content.startswith(codecs.BOM_UTF8):
        refuse(file_name, Fault("", "marked as UTF-8, but not all of it is", "MIXED_ENCODING", advice=SAVE_AS_UTF8))
    if text is None and not wide:
        text = _decoded(content, "cp1252")
        refuse(file_name, mixed(text or "") or not_cp1252(text or ""))
    if text is None:
        refuse(file_name, Fault("", "the encoding of the text cannot be told", "UNKNOWN_ENCODING", advice=SAVE_AS_UTF8))
    return text or ""


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def mixed(text: str) -> Fault | None:
    """Text that was not valid UTF-8, read as cp1252, and still shows letters in UTF-8."""
    return _found(TWICE_ENCODED, text, "partly UTF-8, partly Latin-1", "MIXED_ENCODING")


def not_cp1252(text: str) -> Fault | None:
    return _found(NOT_CP1252, text, "neither UTF-8 nor Latin-1", "UNKNOWN_ENCODING")


def _not_text(content: bytes) -> Fault:
    """Zero bytes: every other one in UTF-16 without a mark, a few in a damaged table, many in a program's own format."""
    looked_at = content[:100_000]
    even, odd = looked_at[::2].count(0), looked_at[1::2].count(0)
    if max(even, odd) > len(looked_at) * 0.3 and min(even, odd) < len(looked_at) * 0.02:
        return Fault("", "UTF-16 without the mark that says so", "UNKNOWN_ENCODING", advice=SAVE_AS_UTF8)
    if sum(byte < 9 or 13 < byte < 32 for byte in looked_at) > len(looked_at) * 0.02:
        return Fault("", "neither text nor a workbook", "NOT_WHAT_IT_SAYS", advice=SAVE_AS_CSV)
    lines = tuple(number for number, line in enumerate(content.split(b"\n"), start=1) if b"\x00" in line)
    return Fault("", "zero bytes in the text", "CONTROL_CHARACTERS", lines, "Export the file again; it was damaged on the way.")


def lost_characters(text: str) -> Fault | None:
    return _found("\ufffd", text, "letters lost in an earlier conversion (shown as \ufffd)", "LOST_CHARACTERS")


def twice_encoded(text: str) -> Fault | None:
    return _found(TWICE_ENCODED, text, "letters encoded twice (å shown as two other characters)", "MOJIBAKE")


def control_characters(text: str) -> Fault | None:
    return _found(CONTROL, text, "control characters, or marks that reverse the order of text", "CONTROL_CHARACTERS")


def _found(pattern: str | re.Pattern[str], text: str, rule: str, code: str) -> Fault | None:
    if not re.search(pattern, text):
        return None
    return Fault("", rule, code, _lines(pattern, text), SAVE_AS_UTF8)


def _lines(pattern: str | re.Pattern[str], text: str) -> tuple[int, ...]:
    numbered = enumerate(io.StringIO(text, newline=""), start=1)
    return tuple(number for number, line in numbered if re.search(pattern, line))


def separator_of(text: str) -> tuple[str, str, int]:
    """Which separator, the text it applies to, and the line that text starts on.

    A first line ``sep=;`` is obeyed. Otherwise the separator is the one that splits most lines into the same
    number of cells; among equals the one that gives most cells.
    """
    said = re.match(r"\"?sep=([;,|\t])\"?[^\S\r\n]*(\r\n|\n|\r|$)", text)
    if said:
        return said[1], text[said.end() :], 2
    return max(SEPARATORS, key=lambda mark: _agreement(text, mark)), text, 1


def _agreement(text: str, separator: str) -> tuple[int, int]:
    looked_at = [line for _, line in zip(range(LOOKED_AT), io.StringIO(text, newline=""), strict=False)]
    try:
        widths = Counter(len(row) for row in csv.reader(looked_at, delimiter=separator) if len(row) > 1)
    except csv.Error:
        return 0, 0
    return max(((rows, width) for width, rows in widths.items()), default=(0, 0))


def split(file_name: str, text: str, separator: str, first_line: int) -> tuple[list[list[str]], list[int]]:
    """Rows of cells and the line each starts on; blank rows left out."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows, lines, line, broken = [], [], first_line, None
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append(row)
                lines.append(line)
            line = first_line + reader.line_num
    except csv.Error as error:
        broken = too_long(line) if "field larger" in str(error) else unclosed_quote(line)
    refuse(file_name, broken)
    return rows, lines


def too_long(line: int) -> Fault:
    advice = "Look for a quotation mark that is not closed."
    return Fault("", "a cell longer than any table holds", "FIELD_TOO_LONG", (line,), advice)


def unclosed_quote(line: int) -> Fault:
    advice = 'Close it, or write a quotation mark inside a cell twice: "".'
    return Fault("", "a quotation mark opens a cell and is not closed", "UNCLOSED_QUOTE", (line,), advice)


def cut_off(text: str, rows: list[list[str]], lines: list[int]) -> Fault | None:
    """The last row is shorter than the one before it and has no line end: the transfer stopped there."""
    if text.endswith(("\n", "\r")) or len(rows) < 2 or not 1 < len(rows[-1]) < len(rows[-2]):
        return None
    return Fault("", "the file ends in the middle of a row", "TRUNCATED", (lines[-1],), "Export or copy it again.")
