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
