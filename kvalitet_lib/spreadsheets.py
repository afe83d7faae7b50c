"""CSV files that a spreadsheet shows as they stand: no cell is taken for a formula, and our own reader gets every text back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import pandas as pd

MARK = "'"
# What Excel, LibreOffice and Google Sheets begin a formula with (OWASP, "CSV Injection"), and its full-width twins; spaces may
# stand before it. Also after a separator: a Swedish or Norwegian Excel splits a row at ; and not at our comma.
_FORMULA = r"(?='*(?:[ \u00a0\u2000-\u200b\u202f\u3000\ufeff]*[=+\-@\uff0b\uff0d\uff1d\uff20]|[\t\r\n]))"
_BEGINNING_OF_A_CELL = r"(?:^|(?<=[;,|\t\r\n\"]))"
_TO_MARK = re.compile(_BEGINNING_OF_A_CELL + _FORMULA)
_MARKED = re.compile(f"{_BEGINNING_OF_A_CELL}'{_FORMULA}")
_NUMBER = re.compile(r"[-+]?\d[\d \u00a0\u202f]*([.,]\d+)?([eE][-+]?\d+)? ?%?")


def write_csv(rows: pd.DataFrame, place: Path | TextIO, separator: str = ",", encoding: str = "utf-8") -> None:
    """Write rows as CSV; a text that a spreadsheet would take for a formula gets an apostrophe before it.

    Numbers, negative ones too, and texts that are one number stay as they are. A form that a person fills in by hand has
    semicolons and ``utf-8-sig``, as a Swedish or Norwegian Excel opens it by itself.
    """
    harmless = _changed(rows, harmless_cell)
    # A carriage return alone is a line's end to every reader, and Python does not by itself put it in quotes.
    returns = any("\r" in cell for column in harmless for cell in [str(column), *harmless[column]] if isinstance(cell, str))
    quoting = csv.QUOTE_NONNUMERIC if returns else csv.QUOTE_MINIMAL
    harmless.to_csv(place, sep=separator, index=False, encoding=encoding, lineterminator="\n", quoting=quoting)


def read_csv(path: Path) -> pd.DataFrame:
    """What ``write_csv`` wrote, every cell as text and every text as it was; an empty cell is the empty text."""
    with path.open(encoding="utf-8", newline="") as file:
        text = file.read()
    rows = pd.read_csv(io.StringIO(text, newline=""), dtype="str", keep_default_na=False)
    return _changed(rows, cell_as_it_was) if MARK in text else rows


def harmless_cell(text: str) -> str:
    """A text with an apostrophe before whatever a spreadsheet would calculate.

    >>> harmless_cell("=1+1"), harmless_cell("-5,2"), harmless_cell("Skola; =1")
    ("'=1+1", '-5,2', "Skola;' =1")
    """
    if _NUMBER.fullmatch(text):
        return text
    return _TO_MARK.sub(MARK, text)


def cell_as_it_was(text: str) -> str:
    """The text that ``harmless_cell`` was given."""
    return _MARKED.sub("", text)


def _changed(rows: pd.DataFrame, change: Callable[[str], str]) -> pd.DataFrame:
    """The same rows with every text changed, headings too; each text is looked at once however often it stands there."""
    changed = rows.rename(columns=change)
    for place, (name, kind) in enumerate(rows.dtypes.items()):
        if not pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_datetime64_any_dtype(kind):
            cells = rows[name].astype("object")
            other = {cell: change(cell) for cell in cells.unique() if isinstance(cell, str)}
            if any(cell != text for cell, text in other.items()):
                changed.isetitem(place, cells.map(lambda cell, other=other: other.get(cell, cell), na_action="ignore"))
    return changed
