"""Characters that do not belong in a table: lost, encoded twice, unprintable; and invisible ones that mean nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

from kvalitet_lib.errors import Fault
from kvalitet_lib.sources.sheet import Sheet

SAVE_AS_UTF8 = "Save it as 'CSV UTF-8' in the system it comes from, and check that å, ä, ö, æ and ø look right."

LOST = re.compile("\ufffd")
# The letters of the Nordic languages, dashes, quotation marks and no-break spaces in UTF-8, read as if they were
# cp1252, as Macs read them, and as DOS did.
TWICE_ENCODED = re.compile(
    "Ã[\u00a5\u00a4\u00b6\u2026\u201e\u2013\u00a6\u00b8\u2020\u02dc\u00a9]|â€[\u201c\u201d\u2122\u0153\u009d]|Â[\u00a0-\u00bf]"
    "|√[•§∂ÖÑñ∏¶Üò©]|├[\u0080-\uffff]"
)
# All but tab, line feed, carriage return; the marks that reverse the order in which text is shown; line ends of
# other worlds, which some programs break lines at and others do not.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# Soft hyphen, spaces and joiners without width, marks of direction and byte order.
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")

LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")

UNFIT = (
    (LOST, "letters lost in an earlier conversion (shown as \ufffd)", "LOST_CHARACTERS"),
    (TWICE_ENCODED, "letters encoded twice (å shown as two other characters)", "MOJIBAKE"),
    (CONTROL, "control characters, or marks that reverse the order of text", "CONTROL_CHARACTERS"),
)


def physical_lines(text: str) -> Iterator[str]:
    """The lines of a text with their ends, of whichever of the three sorts, without a second copy of the text."""
    return (found[0] for found in LINE.finditer(text))


def unfit_in_text(text: str) -> list[Fault]:
    """What does not belong in the text of a file, with the lines an editor shows."""
    return [fault for pattern, rule, code in UNFIT if (fault := found_in(text, pattern, rule, code))]


def unfit_in_sheet(sheet: Sheet) -> list[Fault]:
    """What does not belong in the cells of a sheet, with its rows."""
    written = list(zip((_in_one(row) for row in sheet.rows), sheet.lines, strict=True))
    found = ((rule, code, tuple(line for text, line in written if pattern.search(text))) for pattern, rule, code in UNFIT)
    return [Fault("", rule, code, lines, SAVE_AS_UTF8) for rule, code, lines in found if lines]


def found_in(text: str, pattern: re.Pattern[str], rule: str, code: str) -> Fault | None:
    """A fault with every line on which a pattern is found; None when there is none."""
    if not pattern.search(text):
        return None
    numbered = enumerate(physical_lines(text), start=1)
    return Fault("", rule, code, tuple(number for number, line in numbered if pattern.search(line)), SAVE_AS_UTF8)


def plainly_written(text: str) -> str:
    """The text with each letter as one character, and without characters that take no place.

    An id copied with one of those is the same id, and ``å`` written as ``a`` and a ring is the same letter.
    """
    whole = unicodedata.normalize("NFC", text)
    return INVISIBLE.sub("", whole) if INVISIBLE.search(whole) else whole


def sheet_plainly_written(sheet: Sheet) -> Sheet:
    return replace(sheet, rows=[[plainly_written(cell) for cell in row] for row in sheet.rows])


def _in_one(row: list[str]) -> str:
    return "\t".join(row)
