"""What a source is: it recognises a delivery by its content and turns it into rows that fill tables."""

from __future__ import annotations

import codecs
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from kvalitet_lib.errors import Fault
from kvalitet_lib.municipality import Municipality
from kvalitet_lib.sources.characters import sheet_plainly_written, unfit_in_sheet
from kvalitet_lib.sources.reading import read_sheets, too_large
from kvalitet_lib.sources.reading_kinds import kind_of
from kvalitet_lib.sources.refusal import refuse
from kvalitet_lib.sources.sheet import Sheet

LOOKED_AT = 1_000
MOST_BYTES_OF_JSON = 30_000_000


@dataclass(frozen=True)
class Delivery:
    """One file as received. Its content is read once, when first asked for."""

    path: Path

    @property
    def file_name(self) -> str:
        """The name as it can be printed."""
        return presentable(Path(self.path.name))

    @cached_property
    def content(self) -> bytes:
        """The bytes; DeliveryError when there are more of them than any delivery has."""
        refuse(self.file_name, too_large(self.path.stat().st_size))
        return self.path.read_bytes()

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the bytes, in hexadecimal."""
        if too_large(self.path.stat().st_size):
            with self.path.open("rb") as opened:
                return hashlib.file_digest(opened, "sha256").hexdigest()
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def documents(self) -> list[Any]:
        """The JSON documents in the file: one, or one a line (.jsonl); empty when it is not JSON.

        The wrapper ``{generatedAt, url, acceptHeader, json}`` of a recorded answer is kept.
        """
        if not self.content[:LOOKED_AT].removeprefix(codecs.BOM_UTF8).lstrip().startswith((b"{", b"[")):
            return []
        if len(self.content) > MOST_BYTES_OF_JSON:
            rule = f"JSON larger than {MOST_BYTES_OF_JSON // 1_000_000} MB"
            refuse(self.file_name, Fault("", rule, "TOO_LARGE", advice="Fetch fewer schools or years at a time."))
        text = self.content.decode("utf-8-sig", errors="replace").strip()
        try:
            return [json.loads(text)]
        except (ValueError, RecursionError):
            try:
                return [json.loads(line) for line in text.splitlines() if line.strip()]
            except (ValueError, RecursionError):
                return []

    @cached_property
    def sheets(self) -> list[Sheet]:
        """The tables in the file, cells as text; empty for JSON.

        Raises
        ------
        DeliveryError
            The file cannot be read safely, or holds characters that do not belong in a table.
        """
        if self.documents:
            return []
        sheets = read_sheets(self.file_name, self.content)
        if kind_of(self.content) == "text":
            return sheets
        refuse(self.file_name, *(fault for sheet in sheets for fault in unfit_in_sheet(sheet)))
        return [sheet_plainly_written(sheet) for sheet in sheets]


def presentable(path: Path) -> str:
    """A path as it can be printed anywhere: names may hold line breaks, or bytes of another encoding."""
    named = str(path).encode("utf-8", errors="replace").decode("utf-8")
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in named)


@dataclass(frozen=True)
class Filled:
    """Rows for one table, already in the contract's columns and types.

    ``lines`` has the frame's index: the line of the file each row came from, for faults. A source whose
    rows do not come from lines (JSON) gives the ordinal of the record instead.
    """

    table: str
    rows: pd.DataFrame
    lines: pd.Series
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Circumstances:
    """What a source may need to know besides the file."""

    municipality: Municipality
    pseudonym: Callable[[str], str]
    mappings: tuple[Path, ...] = ()


class Source(Protocol):
    """One kind of delivery."""

    @property
    def name(self) -> str: ...

    def recognises(self, delivery: Delivery) -> bool:
        """Whether this is that kind, judged by content (header names, shape of the JSON), never by file name."""
        ...

    def read(self, delivery: Delivery, circumstances: Circumstances) -> list[Filled]:
        """All rows of the delivery; raises DeliveryError with every fault at once."""
        ...
