"""What a kind of local delivery looks like: its columns, the headers they go by, and how its header row is found."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import pandas as pd

from kvalitet_lib.contracts import CONTRACTS
from kvalitet_lib.sources.cells import Typed, texts
from kvalitet_lib.sources.sheet import Sheet

HEADER_WITHIN = 20
LEAST_AGREEMENT = 3

MEASURE = re.compile(
    r"\((?:i )?(?:%|procent|prosent|poäng|poeng|timmar|timer|tim|h|dagar|dager|antal|antall|kode?)\)\s*$", re.IGNORECASE
)
TWO_LETTERS = str.maketrans({"å": "aa", "ä": "ae", "æ": "ae", "ö": "oe", "ø": "oe"})

Broken = tuple[str, str, str, list[int]]


@dataclass(frozen=True)
class Field:
    """One column of a delivery.

    Attributes
    ----------
    column : str
        Our name: the contract's, or one that ``shape`` uses and drops.
    headers : tuple of str
        The header we ask for, then others we understand; compared by :func:`plain`.
    read : callable
        How a column of cells becomes typed.
    most : float or None
        Set for a number: the largest it may be; the least is 0. ``read`` is not used then.
    required : bool
        The delivery is refused without this column.
    own : bool
        Tells this kind from others: a header row without any such column is not of this kind.
    rule : str
        What is said of a cell that cannot be read; otherwise the contract's words.
    """

    column: str
    headers: tuple[str, ...]
    read: Callable[[pd.Series], Typed] = texts
    most: float | None = None
    required: bool = False
    own: bool = False
    rule: str = ""


@dataclass(frozen=True)
class LocalKind:
    """One kind of local delivery and the table it fills.

    ``shape`` turns the typed columns into the table's rows and keeps, or repeats, their index;
    ``checks`` look across columns and return (our column, rule, code, positions).
    """

    name: str
    table: str
    fields: tuple[Field, ...]
    shape: Callable[[pd.DataFrame], pd.DataFrame] = field(default=lambda rows: rows)
    checks: tuple[Callable[[pd.DataFrame], list[Broken]], ...] = ()
    decimal: str = ","

    @property
    def personal(self) -> tuple[str, ...]:
        return CONTRACTS[self.table].personal()

    @property
    def country(self) -> str:
        """``no`` or ``se``: whose headers these are."""
        return "no" if "no" in self.name.split("_") else "se"

    def field_of(self, header: str) -> Field | None:
        """The field a header stands for; the unit it may end with, as in ``Frånvaro (timmar)``, does not matter."""
        return self._by_header.get(plain(header)) or self._by_header.get(plain(MEASURE.sub("", header)))

    def field_named(self, column: str) -> Field:
        """The field of one of our columns."""
        return next(one for one in self.fields if one.column == column)

    @cached_property
    def _by_header(self) -> dict[str, Field]:
        # The first field to claim a header keeps it, and a header as it stands goes before one spelled out.
        known = [(header, one) for one in self.fields for header in one.headers]
        found: dict[str, Field] = {}
        for form in (plain, spelled_out):
            for header, one in known:
                found.setdefault(form(header), one)
        return found

    def rule_of(self, one: Field) -> str:
        """What is said of a cell in this column that cannot be read."""
        if one.rule or one.most is not None:
            return one.rule or f"not a number from 0 to {one.most:.10g}"
        columns = CONTRACTS[self.table].to_schema().columns
        return str(columns[one.column].metadata["rule"]) if one.column in columns else "cannot be read"


@lru_cache(maxsize=10_000)
def plain(header: str) -> str:
    """A header without case, diacritics, spaces and signs: ``Skol-enhetskod`` and ``SKOLENHETSKOD`` are the same.

    >>> plain("Läsår"), plain("prøve_dato")
    ('lasar', 'provedato')
    """
    letters = header.casefold().replace("æ", "ae").replace("ø", "o").replace("đ", "d")
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", letters))


def spelled_out(header: str) -> str:
    """As :func:`plain`, with the letters other keyboards lack written as two.

    >>> spelled_out("Läsår"), spelled_out("prøve_dato")
    ('laesaar', 'proevedato')
    """
    return plain(header.casefold().translate(TWO_LETTERS))


def agreement(kind: LocalKind, header: list[str]) -> int:
    """How well a row fits as the header of a kind: its columns found, less the required ones that are not."""
    named = [kind.field_of(cell) for cell in header if cell.strip()]
    found = {one.column for one in named if one}
    if not any(one.own for one in named if one):
        return 0
    return len(found) - sum(one.required and one.column not in found for one in kind.fields)


def header_row(kind: LocalKind, sheet: Sheet) -> tuple[int, int]:
    """The row among the first twenty that fits best as the header, and how well (0: not at all)."""
    scores = [agreement(kind, row) for row in sheet.rows[:HEADER_WITHIN]]
    best = max(scores, default=0)
    return (scores.index(best), best) if best >= LEAST_AGREEMENT else (0, 0)


def best_agreement(kind: LocalKind, sheets: list[Sheet]) -> int:
    """How well the best sheet of a file fits a kind."""
    return max((header_row(kind, sheet)[1] for sheet in sheets), default=0)
