"""The small parts that blocks are made of: a mark, a cell, a column, a term, a figure in large type."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from kvalitet_lib.errors import ContractError

Shape = Literal["above", "similar", "below", "too_few", "unknown"]
Tone = Literal["better", "worse", "neutral"]

CHECKED = ConfigDict(hide_input_in_errors=True, ser_json_bytes="base64", val_json_bytes="base64")


def need(text: str, why: str) -> None:
    """Refuse an empty text, saying what it is for."""
    if not text.strip():
        raise ContractError(f"{why[0].upper()}{why[1:]}.")


@dataclass(frozen=True, config=CHECKED)
class Mark:
    """A verdict as a reader meets it: a shape beside a word, never a colour alone.

    ``tone`` says whether that is welcome and only tints what shape and word already say.
    """

    shape: Shape
    word: str
    tone: Tone = "neutral"

    def __post_init__(self) -> None:
        need(self.word, f"the mark {self.shape!r} needs a word: whoever cannot see the shape reads the word")


@dataclass(frozen=True, config=CHECKED)
class PageWords:
    """The few words a page needs for finding one's way. ``page`` has the places ``{page}`` and ``{pages}``."""

    skip: str
    contents: str
    page: str = "{page} / {pages}"


@dataclass(frozen=True, config=CHECKED)
class Definition:
    term: str
    text: str


@dataclass(frozen=True, config=CHECKED)
class Cell:
    """One cell of a table: its text, and beneath it a note in small print and a mark.

    ``href`` is https or a path beside the page; print shows the text alone.
    """

    text: str
    mark: Mark | None = None
    note: str = ""
    strong: bool = False
    muted: bool = False
    href: str = ""

    def __post_init__(self) -> None:
        if self.href and not re.fullmatch(r"https://[^\s]+|[\w#][\w./#%-]*", self.href):
            raise ContractError("A cell links to an address that is neither https nor a path beside the page.")


@dataclass(frozen=True, config=CHECKED)
class Column:
    """``narrow`` columns are as wide as their content; the others share what is left."""

    label: str
    align: Literal["left", "right"] = "left"
    narrow: bool = False


@dataclass(frozen=True, config=CHECKED)
class KeyFigure:
    """One figure in large type with the sentence that gives it a measure."""

    label: str
    value: str
    text: str = ""
    mark: Mark | None = None


def slug(text: str) -> str:
    """A name for links: ``Närvaro & trygghet`` → ``narvaro-trygghet``."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("ø", "o").replace("æ", "ae")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "section"
