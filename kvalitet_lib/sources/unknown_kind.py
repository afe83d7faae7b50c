"""What is said of a file that no source recognises: is it empty, has it no header, or what is it nearest to."""

from __future__ import annotations

from collections import Counter

from kvalitet_lib.errors import Fault
from kvalitet_lib.sources.calendar_terms import day
from kvalitet_lib.sources.characters import SAVE_AS_UTF8
from kvalitet_lib.sources.local_columns import HEADER_WITHIN, LocalKind
from kvalitet_lib.sources.local_identity import mod_11
from kvalitet_lib.sources.local_rows import LOST_LETTER
from kvalitet_lib.sources.local_rules import ORGANISATION_WEIGHTS
from kvalitet_lib.sources.numerals import SPACES, UnreadableError, number
from kvalitet_lib.sources.sheet import Sheet

KINDS = "See which kinds there are:  kvalitet explain deliveries"
OTHER_NAMES = "If your system names its columns otherwise, describe them in params/mappings/."
NEAR_ENOUGH = 2


def unrecognised(sheets: list[Sheet], kinds: tuple[LocalKind, ...]) -> Fault:
    """Why a file cannot be told to be any kind, with what to do about it."""
    rows = [(row, line) for sheet in sheets for row, line in _first_rows(sheet)]
    if sheets and not rows:
        return Fault("", "the file holds no text", "EMPTY_FILE", advice="Export it again from the system it comes from.")
    lost = [(cell.strip(), line) for row, line in rows[:1] for cell in row if LOST_LETTER.search(cell)]
    if lost:
        column, line = lost[0]
        return Fault(column, "letters lost in an earlier conversion (shown as ?)", "LOST_CHARACTERS", (line,), SAVE_AS_UTF8)
    headless = next((line for row, line in rows[:1] if holds_values(row)), None)
    if headless is not None:
        rule, advice = "a row of values where the names of the columns should be", "Export it with a header row. " + KINDS
        return Fault("", rule, "MISSING_HEADER", (headless,), advice)
    return Fault("", "is not a kind of delivery we know", "UNKNOWN_KIND", advice=f"{nearest(rows, kinds)}{KINDS}. {OTHER_NAMES}")


def holds_values(row: list[str]) -> bool:
    """Whether a row holds a school's code, or mostly numbers and dates: names of columns are neither."""
    filled = [cell.strip() for cell in row if cell.strip()]
    values = [cell for cell in filled if _is_value(cell)]
    return any(_is_school(cell) for cell in filled) or 2 * len(values) > len(filled)


def nearest(rows: list[tuple[list[str], int]], kinds: tuple[LocalKind, ...]) -> str:
    """The kind with most columns found in a row, and what it asks for besides; empty when none is near."""
    best: tuple[int, str] = (0, "")
    for kind in kinds:
        for row, _ in rows:
            found = {one.column: one.own for cell in row if cell.strip() and (one := kind.field_of(cell))}
            lacking = [one.headers[0] for one in kind.fields if one.required and one.column not in found]
            if len(found) > best[0] and any(found.values()) and lacking:
                best = len(found), f"The nearest is {kind.name}, which also needs: {', '.join(lacking)}. "
    return best[1] if best[0] >= NEAR_ENOUGH else ""


def _first_rows(sheet: Sheet) -> list[tuple[list[str], int]]:
    """The first rows as wide as most of a sheet: titles above a table are narrower."""
    filled = [sum(bool(cell.strip()) for cell in row) for row in sheet.rows]
    width = Counter(filled).most_common(1)[0][0] if filled else 0
    some = zip(sheet.rows, sheet.lines, filled, strict=True)
    return [(row, line) for row, line, cells in some if cells >= width][:HEADER_WITHIN]


def _is_school(cell: str) -> bool:
    digits = cell.translate(dict.fromkeys(map(ord, SPACES)))
    eight = len(digits) == 8 and digits.isascii() and digits.isdigit()
    return eight or (len(digits) == 9 and digits.isascii() and digits.isdigit() and mod_11(digits, ORGANISATION_WEIGHTS))


def _is_value(cell: str) -> bool:
    if cell.isascii() and cell.isdigit() and len(cell) == 4 and cell.startswith(("19", "20")):
        return False  # a year may name a column
    for rule in (number, day):
        try:
            rule(cell)
        except UnreadableError:
            continue
        return True
    return False
