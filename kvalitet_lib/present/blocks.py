"""The pieces a page is made of, without language and without markup; HTML and PDF draw the same ones."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import field
from typing import Annotated, Any, Literal, SupportsIndex

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from kvalitet_lib.errors import ContractError
from kvalitet_lib.present.parts import CHECKED, Cell, Column, Definition, KeyFigure, Mark, PageWords, Shape, Tone, need, slug

__all__ = [
    "BLOCKS_MIME",
    "Banner",
    "Block",
    "Blocks",
    "Bullets",
    "Callout",
    "Cell",
    "Column",
    "Definition",
    "Definitions",
    "Figure",
    "FigureGrid",
    "Heading",
    "KeyFigure",
    "KeyFigures",
    "Mark",
    "PageHead",
    "PageWords",
    "Panel",
    "Paragraph",
    "Questions",
    "Shape",
    "Table",
    "Tone",
    "slug",
    "together",
]

BLOCKS_MIME = "application/vnd.kvalitet.blocks+json"


@dataclass(frozen=True, config=CHECKED)
class PageHead:
    """What a document must know of itself; drawn as title, language, running header and footer.

    Attributes
    ----------
    title : str
        The document's title in the window, the PDF and its footer.
    language : str
        ``sv``, ``nb``, ``en``.
    publisher : str
        Who hands the page over, e.g. the municipality's name.
    description : str
        One sentence for search results and document properties.
    footer : str
        Last line of the page.
    """

    title: str
    language: str
    words: PageWords
    publisher: str = ""
    description: str = ""
    footer: str = ""
    kind: Literal["page_head"] = field(default="page_head", kw_only=True)


@dataclass(frozen=True, config=CHECKED)
class Banner:
    """The top of the page; its title is the page's only first-level heading."""

    title: str
    subtitle: str = ""
    lines: tuple[str, ...] = ()
    kind: Literal["banner"] = field(default="banner", kw_only=True)


@dataclass(frozen=True, config=CHECKED)
class Heading:
    """A heading; level 2 enters the table of contents. ``new_page`` begins a new sheet in print."""

    text: str
    level: Literal[2, 3] = 2
    id: str = ""
    new_page: bool = False
    kind: Literal["heading"] = field(default="heading", kw_only=True)

    def __post_init__(self) -> None:
        need(self.text, "a heading needs a text: readers find their way by it")

    @property
    def anchor(self) -> str:
        """The name links point to: ``id``, else made from the text."""
        return slug(self.id or self.text)


@dataclass(frozen=True, config=CHECKED)
class Paragraph:
    """One paragraph. ``lead`` opens a page or section in larger type; ``note`` is small print."""

    text: str
    tone: Literal["plain", "lead", "note"] = "plain"
    kind: Literal["paragraph"] = field(default="paragraph", kw_only=True)


@dataclass(frozen=True, config=CHECKED)
class Bullets:
    """A list, numbered when ``ordered``."""

    items: tuple[str, ...]
    ordered: bool = False
    kind: Literal["bullets"] = field(default="bullets", kw_only=True)


@dataclass(frozen=True, config=CHECKED)
class Definitions:
    """Terms and what they mean."""

    items: tuple[Definition, ...]
    kind: Literal["definitions"] = field(default="definitions", kw_only=True)


@dataclass(frozen=True, config=CHECKED)
class Table:
    """A table with a caption. With ``row_header`` the first cell of each row names it.

    ``groups`` are headings inside the table: each stands before the row with that number (the first is 0).

    Raises
    ------
    ContractError
        No caption, a column without label, or a row with more or fewer cells than there are columns.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    row_header: bool = True
    note: str = ""
    groups: tuple[tuple[int, str], ...] = ()
    kind: Literal["table"] = field(default="table", kw_only=True)

    def __post_init__(self) -> None:
        need(self.caption, "a table needs a caption: it is what a screen reader announces")
        for column in self.columns:
            need(column.label, f"table {self.caption!r} has a column without a label")
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ContractError(f"Table {self.caption!r} has a row that does not have {len(self.columns)} cells.")


@dataclass(frozen=True, config=CHECKED)
class Figure:
    """A picture and the words that say the same.

    Attributes
    ----------
    png : bytes
        Two picture points for each CSS pixel of the shown width.
    alt : str
        What the picture shows, for whoever does not see it; never empty.
    """

    png: bytes
    alt: str
    caption: str = ""
    width: Literal["small", "half", "full"] = "full"
    kind: Literal["figure"] = field(default="figure", kw_only=True)

    def __post_init__(self) -> None:
        need(self.alt, "a figure needs a text alternative: say in words what it shows")
        if self.png[:8] != b"\x89PNG\r\n\x1a\n":
            raise ContractError("A figure must be a PNG picture.")

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in CSS pixels."""
        width, height = int.from_bytes(self.png[16:20], "big"), int.from_bytes(self.png[20:24], "big")
        return round(width / 2), round(height / 2)


@dataclass(frozen=True, config=CHECKED)
class Panel:
    """One small multiple: a heading, its picture, and a line that says what it means."""

    title: str
    figure: Figure
    text: str = ""
    mark: Mark | None = None

    def __post_init__(self) -> None:
        need(self.title, "a panel needs a title: it is its heading")


@dataclass(frozen=True, config=CHECKED)
class FigureGrid:
    """Small multiples, three beside one another where there is room, else two or one.

    ``level`` is the panels' heading level: one below the heading they stand under.
    """

    panels: tuple[Panel, ...]
    level: Literal[3, 4] = 3
    kind: Literal["figure_grid"] = field(default="figure_grid", kw_only=True)


@dataclass(frozen=True, config=CHECKED)
class KeyFigures:
    """A few figures side by side."""

    cards: tuple[KeyFigure, ...]
    kind: Literal["key_figures"] = field(default="key_figures", kw_only=True)


@dataclass(frozen=True, config=CHECKED)
class Callout:
    """Something the reader must not miss. ``made_up`` is for invented data."""

    text: str
    title: str = ""
    tone: Literal["notice", "warning", "made_up"] = "notice"
    kind: Literal["callout"] = field(default="callout", kw_only=True)


@dataclass(frozen=True, config=CHECKED)
class Questions:
    """Questions to talk about, each with ``lines`` lines to write on in print."""

    items: tuple[str, ...]
    lines: int = 3
    kind: Literal["questions"] = field(default="questions", kw_only=True)


Content = Heading | Paragraph | Bullets | Definitions | Table | Figure | FigureGrid | KeyFigures | Callout | Questions
Block = PageHead | Banner | Content
_BLOCKS: TypeAdapter[tuple[Block, ...]] = TypeAdapter(
    tuple[Annotated[Block, Field(discriminator="kind")], ...], config=ConfigDict(hide_input_in_errors=True)
)


class Blocks(tuple[Block, ...]):
    """Blocks in reading order. Shown in a notebook they draw themselves; exporters read their JSON.

    >>> Blocks([Heading("Results"), Paragraph("Much as before.")]) + Bullets(("one", "two"))
    <Blocks: heading, paragraph, bullets>
    """

    def __add__(self, more: Any) -> Blocks:
        added: tuple[Block, ...] = more if isinstance(more, tuple) else (more,)
        return Blocks((*self, *added))

    def __getitem__(self, place: SupportsIndex | slice) -> Any:
        found: Any = super().__getitem__(place)
        return Blocks(found) if isinstance(place, slice) else found

    def __repr__(self) -> str:
        return f"<Blocks: {', '.join(block.kind for block in self)}>"

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, pictures in base64."""
        return {"version": 1, "blocks": _BLOCKS.dump_python(tuple(self), mode="json")}

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Blocks:
        """The same blocks again.

        Raises
        ------
        ContractError
            Not what ``to_json`` writes.
        """
        try:
            return cls(_BLOCKS.validate_json(json.dumps(said["blocks"])))
        except (ValidationError, KeyError, TypeError) as wrong:
            raise ContractError("These are not blocks as this version writes them. Make the notebook's output anew.") from wrong

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from kvalitet_lib.present.html import fragment

        return {"text/plain": repr(self), "text/html": fragment(self), BLOCKS_MIME: self.to_json()}


def together(parts: Iterable[Block | Blocks]) -> Blocks:
    """Blocks and single blocks as one run, in order."""
    joined = Blocks()
    for part in parts:
        joined += part
    return joined
