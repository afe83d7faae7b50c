"""What stands around the cells of an XLSX: which sheets there are, where each is kept, and how numbers are shown."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import ClassVar

from kvalitet_lib.sources.refusal import UnfitError
from kvalitet_lib.sources.sheet import Area
from kvalitet_lib.sources.workbook.areas import MOST_CELLS
from kvalitet_lib.sources.workbook.markup import Markup, Scan
from kvalitet_lib.sources.workbook.package import Package, never_in_a_table, too_large_unpacked
from kvalitet_lib.sources.workbook.worksheet import YES, Worksheet

FIRST = ("xl/workbook.xml", "xl/styles.xml")
RELATIONS = "xl/_rels/workbook.xml.rels"
MOST_LISTED = 300_000
PERCENT_BUILT_IN = ("9", "10")
LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
ONLY_ZEROS = re.compile(r"(0{2,})(?:;.*)?")


@dataclass(frozen=True)
class Kept:
    """One sheet of a workbook as it was inspected: its name, how far it reaches, and what its cells' text does not say."""

    name: str
    cells: int
    areas: tuple[Area, ...]


class Workbook(Scan):
    """The list of sheets: (name, id of the relation), in the order the workbook shows them."""

    most_elements = MOST_LISTED

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str]] = []
        self.recalculated = False

    def _sheet(self, attributes: dict[str, str]) -> None:
        relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
        self.sheets.append((attributes.get("name", ""), relation))

    def _computing(self, attributes: dict[str, str]) -> None:
        self.recalculated = attributes.get("fullCalcOnLoad") in YES

    reads: ClassVar = {"sheet": _sheet, "calcPr": _computing}


class Relations(Scan):
    """Which parts belong together: id → path within the package."""

    most_elements = MOST_LISTED

    def __init__(self) -> None:
        super().__init__()
        self.targets: dict[str, str] = {}

    def _relation(self, attributes: dict[str, str]) -> None:
        never_in_a_table(attributes.get("Type", "").rpartition("/")[2] + "s")
        path = posixpath.normpath(posixpath.join("/xl", attributes.get("Target", "")))
        self.targets[attributes.get("Id", "")] = path.lstrip("/").casefold()

    reads: ClassVar = {"Relationship": _relation}


class Styles(Scan):
    """How the numbers of each style are shown, where that differs from what is stored: number of the style → how."""

    most_elements = MOST_LISTED

    def __init__(self) -> None:
        super().__init__()
        self.formats: dict[str, tuple[str, int]] = {}
        self._codes: dict[str, str] = {}
        self._count: int | None = None

    def _code(self, attributes: dict[str, str]) -> None:
        self._codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")

    def _cell_styles(self, _: dict[str, str]) -> None:
        self._count = 0

    def _style(self, attributes: dict[str, str]) -> None:
        if self._count is None:
            return
        number = attributes.get("numFmtId", "")
        shown = ("percent", 0) if number in PERCENT_BUILT_IN else how_shown(self._codes.get(number, ""))
        if shown:
            self.formats[str(self._count)] = shown
        self._count += 1

    def _other_styles(self, _: dict[str, str]) -> None:
        self._count = None

    reads: ClassVar = {
        "numFmt": _code,
        "cellXfs": _cell_styles,
        "xf": _style,
        "cellStyles": _other_styles,
        "cellStyleXfs": _other_styles,
    }


def how_shown(code: str) -> tuple[str, int] | None:
    """What a number format does: ``0.0%`` shows a hundredfold, ``00000000`` shows zeros in front.

    >>> how_shown("0.0%"), how_shown("000000"), how_shown("0.0")
    (('percent', 0), ('zeros', 6), None)
    """
    bare = LITERAL.sub("", code)
    if "%" in bare:
        return "percent", 0
    zeros = ONLY_ZEROS.fullmatch(bare)
    return ("zeros", len(zeros[1])) if zeros else None


def inspected(content: bytes) -> list[Kept | None]:
    """Every sheet of an XLSX in the workbook's order, measured in one pass; None for what is no sheet of cells.

    Raises
    ------
    UnfitError
        See :class:`Package`, :class:`Markup` and :class:`Worksheet`.
    """
    package = Package.opened(content)
    workbook, styles = Workbook(), Styles()
    own: dict[str, dict[str, Scan]] = {FIRST[0]: {"workbook": workbook}, FIRST[1]: {"styleSheet": styles}}
    relations: dict[str, dict[str, str]] = {}
    worksheets: dict[str, Worksheet] = {}
    marks = 0
    for path in (*FIRST, *(path for path in package.members if path not in FIRST)):
        if path not in package.members:
            continue
        sheet, related = Worksheet(styles.formats, workbook.recalculated), Relations()
        scans: dict[str, Scan] = {"sst": Scan(), "Relationships": related, "worksheet": sheet, **own.get(path, {})}
        markup = Markup(scans, marks)
        markup.read(package.unpacked(path))
        marks = markup.marks
        relations[path] = related.targets
        if markup.root == "worksheet":
            worksheets[path] = sheet
    places = [relations.get(RELATIONS, {}).get(relation, "") for _, relation in workbook.sheets]
    if len(set(places)) < len(places):
        raise UnfitError("the workbook is damaged: two sheets are one", "DAMAGED")
    if sum(one.reach.cells for one in worksheets.values()) > MOST_CELLS:
        raise too_large_unpacked()
    return [
        Kept(name, worksheets[place].reach.cells, worksheets[place].areas.listed()) if place in worksheets else None
        for (name, _), place in zip(workbook.sheets, places, strict=True)
    ]
