"""What a messy file that is right is made of: its bytes, and what must be read from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.sources.door import CLEAN, changed
from tests.sources.forms import FORMS, table


@dataclass(frozen=True)
class Messy:
    """One file as a school may send it.

    ``like`` is the clean delivery whose rows it must give. ``column`` and ``values`` are what must be read where it says
    something else than the clean one: the column's values, of all rows or of the first ones. ``noted`` must be in a note
    for the person who loads it.
    """

    of: str
    file: str
    content: bytes
    like: str
    column: str = ""
    values: tuple[Any, ...] = ()
    noted: str = ""


def messy(of: str, content: bytes | str, like: str = "se_grades", noted: str = "", file: str = "") -> Messy:
    """A file that gives the same rows as a clean one."""
    written = content if isinstance(content, bytes) else content.encode()
    return Messy(of, file or f"{_plain(of)}.csv", written, like, noted=noted)


def says(of: str, content: bytes | str, like: str, column: str, values: Iterable[Any]) -> Messy:
    """A file that gives other rows than the clean one, and what stands in one of their columns."""
    written = content if isinstance(content, bytes) else content.encode()
    return Messy(of, f"{_plain(of)}.csv", written, like, column, tuple(values))


def cell(of: str, kind: str, header: str, written: str, column: str, value: Any) -> list[Messy]:
    """A clean delivery with one cell of its first row written otherwise, as CSV and XLSX, and what must be read from it."""
    rows = table(changed(CLEAN[kind], 2, header, written))
    return [Messy(of, f"{_plain(of)}.{form}", FORMS[form](rows), kind, column, (value,)) for form in ("csv", "xlsx")]


def in_forms(of: str, text: str, like: str, noted: str = "") -> list[Messy]:
    """A semicolon text as CSV, TXT and XLSX that gives the same rows as a clean one."""
    return [Messy(of, f"{_plain(of)}.{form}", FORMS[form](table(text)), like, noted=noted) for form in FORMS]


def _plain(of: str) -> str:
    return "".join(sign if sign.isalnum() else "_" for sign in of)
