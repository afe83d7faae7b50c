"""A table as it stands in a file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sheet:
    """The cells of one table in a file, all as text, nothing interpreted.

    ``rows[i]`` stands on line ``lines[i]`` of the file as an editor or a spreadsheet counts (first line is 1).
    """

    name: str
    rows: list[list[str]]
    lines: list[int]


def is_sentence(cell: str) -> bool:
    """Whether a cell reads like a note (``Källa: elevregistret``) and not like an id, a code or a number."""
    return any(sign in cell.strip() for sign in (" ", ":")) and any(letter.isalpha() for letter in cell)
