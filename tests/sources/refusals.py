"""What a file that must be refused is made of: its bytes, and the fault that must be told, by rule, column and lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tests.sources.door import CLEAN, changed
from tests.sources.forms import FORMS, TEXT_FORMS, table


@dataclass(frozen=True)
class Refusal:
    """One file that must not come in.

    ``code`` is the stable name of the rule it breaks; ``column`` is empty where the whole file or a whole row is meant,
    and ``lines`` where no line can be named. ``of`` is the name of the refusal it is a form of.
    """

    of: str
    file: str
    content: bytes
    code: str
    column: str = ""
    lines: tuple[int, ...] = ()


def refused(of: str, content: bytes | str, code: str, column: str = "", lines: tuple[int, ...] = (), file: str = "") -> Refusal:
    """One file as it is."""
    return Refusal(
        of, file or f"{_plain(of)}.csv", content if isinstance(content, bytes) else content.encode(), code, column, lines
    )


def in_every_form(
    of: str, text: str, code: str, column: str = "", lines: tuple[int, ...] = (), forms: Iterable[str] = tuple(FORMS)
) -> list[Refusal]:
    """A semicolon text as CSV, TXT and XLSX."""
    rows = table(text)
    return [Refusal(of, f"{_plain(of)}.{form}", FORMS[form](rows), code, column, lines) for form in forms]


def in_text(of: str, text: str, code: str, column: str = "", lines: tuple[int, ...] = ()) -> list[Refusal]:
    """A semicolon text as CSV and TXT."""
    return in_every_form(of, text, code, column, lines, TEXT_FORMS)


def cell(of: str, kind: str, column: str, wrong: str, code: str = "INVALID_VALUE", line: int = 3) -> list[Refusal]:
    """A clean delivery with one cell changed, as CSV and XLSX."""
    return in_every_form(of, changed(CLEAN[kind], line, column, wrong), code, column, (line,), ("csv", "xlsx"))


def with_column(text: str, header: str, cells: Iterable[str]) -> str:
    """A semicolon text with one more column."""
    return "".join(f"{row};{more}\n" for row, more in zip(text.strip().split("\n"), (header, *cells), strict=True))


def _plain(of: str) -> str:
    return "".join(sign if sign.isalnum() else "_" for sign in of)
