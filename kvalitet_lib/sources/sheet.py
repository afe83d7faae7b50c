"""A table as it stands in a file, and what a spreadsheet says about its cells that their text does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

MOST_COLUMNS = 2_000
FEWER_COLUMNS = "Export only the columns of one kind of delivery."


class Area(NamedTuple):
    """A block of cells of which a spreadsheet says something; lines and columns count from 1, both ends belong to it.

    ``what`` is ``error`` (such as #N/A), ``uncomputed`` (a formula whose value was never saved), ``percent``
    (shown as a hundredfold), ``zeros`` (shown with leading zeros, ``width`` digits in all), ``date``, ``merged``, or
    ``hidden`` (whole rows).
    """

    what: str
    first_line: int
    last_line: int
    first_column: int
    last_column: int
    width: int = 0


@dataclass(frozen=True)
class Sheet:
    """The cells of one table in a file, all as text, nothing interpreted.

    ``rows[i]`` stands on line ``lines[i]`` of the file as an editor or a spreadsheet counts (first line is 1).
    """

    name: str
    rows: list[list[str]]
    lines: list[int]
    areas: tuple[Area, ...] = ()


def is_sentence(cell: str) -> bool:
    """Whether a cell reads like a note (``Källa: elevregistret``) and not like an id, a code or a number."""
    return any(sign in cell.strip() for sign in (" ", ":")) and any(letter.isalpha() for letter in cell)
