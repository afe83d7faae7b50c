"""One table written in the forms in which deliveries come: CSV, TXT and XLSX."""

from __future__ import annotations

from collections.abc import Callable

from tests.sources.door import workbook

Table = list[list[str]]


def table(text: str) -> Table:
    """A semicolon text as rows of cells."""
    return [row.split(";") for row in text.strip("\n").split("\n")]


def as_csv(rows: Table) -> bytes:
    return "".join(";".join(row) + "\n" for row in rows).encode()


def as_txt(rows: Table) -> bytes:
    return "".join("\t".join(row) + "\r\n" for row in rows).encode("utf-8-sig")


def as_xlsx(rows: Table) -> bytes:
    """Every cell as text, in a workbook."""
    return workbook([list[object](row) for row in rows])


FORMS: dict[str, Callable[[Table], bytes]] = {"csv": as_csv, "txt": as_txt, "xlsx": as_xlsx}
TEXT_FORMS = ("csv", "txt")
