"""CSV and TXT: which encoding, which separator, and the cells, with nothing guessed twice."""

from __future__ import annotations

import csv
import re
from collections import Counter

from kvalitet_lib.errors import Fault
from kvalitet_lib.sources.characters import physical_lines, plainly_written, unfit_in_text
from kvalitet_lib.sources.reading_encoding import decode
from kvalitet_lib.sources.refusal import refuse
from kvalitet_lib.sources.sheet import Sheet, is_sentence

SEPARATORS = (";", "\t", ",", "|")
LOOKED_AT = 200_000  # characters
MOST_MET = 200_000
MOST_DIFFERENT = 5_000_000
QUOTED = re.compile(r'"[^"]*"')
SAID = re.compile(r"\"?sep=([;,|\t])\"?[^\S\r\n]*\1*[^\S\r\n]*(\r\n|\n|\r|$)", re.IGNORECASE)


def read_text(file_name: str, content: bytes) -> Sheet:
    """The one table of a text file.

    Raises
    ------
    DeliveryError
        The encoding is not certain, the text holds characters that do not belong in a table, a quotation
        mark is not closed, or the file is cut off.
    """
    text = decode(file_name, content)
    refuse(file_name, *unfit_in_text(text))
    text = plainly_written(text)
    separator, body, first_line = separator_of(text)
    rows, lines = split(file_name, body, separator, first_line)
    refuse(file_name, cut_off(text, rows, lines))
    return Sheet("", rows, lines)


def separator_of(text: str) -> tuple[str, str, int]:
    """Which separator, the text it applies to, and the line that text starts on.

    A first line ``sep=;`` is obeyed. Otherwise the separator is the one that splits most lines into the same
    number of cells; among equals the one that gives most cells. What stands in quotation marks does not count.
    """
    said = SAID.match(text)
    if said:
        return said[1], text[said.end() :], 2
    lines = _outside_quotation_marks(text)
    return max(SEPARATORS, key=lambda mark: _agreement(lines, mark)), text, 1


def _agreement(lines: list[str], separator: str) -> tuple[int, int]:
    """How many lines have the commonest number of cells, and that number."""
    widths = Counter(line.count(separator) + 1 for line in lines if separator in line)
    return max(((times, width) for width, times in widths.items()), default=(0, 0))


def _outside_quotation_marks(text: str) -> list[str]:
    """The first lines without what stands in quotation marks; a mark that is never closed hides nothing."""
    plain = QUOTED.sub("", text[:LOOKED_AT])
    return plain.splitlines()


def split(file_name: str, text: str, separator: str, first_line: int) -> tuple[list[list[str]], list[int]]:
    """Rows of cells and the line each starts on; blank rows left out."""
    reader = csv.reader(physical_lines(text), delimiter=separator, strict=True)
    rows, lines, line, broken = [], [], first_line, None
    met: dict[str, str] = {}  # most cells of a long table say what others say: each text is kept once
    forgotten = 0
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                if len(met) > MOST_MET:
                    met, forgotten = {}, forgotten + len(met)
                rows.append([met.setdefault(cell, cell) for cell in row])
                lines.append(line)
            line = first_line + reader.line_num
            if forgotten > MOST_DIFFERENT:
                broken = too_different(line)
                break
    except csv.Error as error:
        broken = too_long(line) if "field larger" in str(error) else unclosed_quote(line)
    refuse(file_name, broken)
    return rows, lines


def too_long(line: int) -> Fault:
    advice = "Look for a quotation mark that is not closed."
    return Fault("", "a cell longer than any table holds", "FIELD_TOO_LONG", (line,), advice)


def too_different(line: int) -> Fault:
    rule = f"more than {MOST_DIFFERENT} texts that differ, more than any table of a municipality holds"
    return Fault("", rule, "TOO_LARGE", (line,), "Deliver one school year at a time.")


def unclosed_quote(line: int) -> Fault:
    advice = 'Close it, or write a quotation mark inside a cell twice: "".'
    return Fault("", "a quotation mark opens a cell and is not closed", "UNCLOSED_QUOTE", (line,), advice)


def cut_off(text: str, rows: list[list[str]], lines: list[int]) -> Fault | None:
    """The last row is shorter than the one before it, is no note, and has no line end: the transfer stopped there."""
    if text.endswith(("\n", "\r")) or len(rows) < 2 or len(rows[-1]) >= len(rows[-2]) or is_sentence(rows[-1][0]):
        return None
    return Fault("", "the file ends in the middle of a row", "TRUNCATED", (lines[-1],), "Export or copy it again.")
