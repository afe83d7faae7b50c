"""What the XML of a sheet says besides its cells' text: how far it reaches, and which cells are not what they seem."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from kvalitet_lib.sources.refusal import UnfitError
from kvalitet_lib.sources.workbook.areas import Areas, Reach
from kvalitet_lib.sources.workbook.markup import Scan

YES = ("1", "true")
DIGITS = "0123456789"
LONGEST_LETTERS = 3


class Worksheet(Scan):
    """A scan of one sheet.

    Attributes
    ----------
    reach : Reach
    areas : Areas

    Parameters
    ----------
    formats : mapping
        How cells of a style are shown: (``percent``, 0) or (``zeros``, digits); other styles are left out.
    recalculated : bool
        The workbook asks to be computed when it is opened: the values of its formulas are not yet what they will be.
    """

    def __init__(self, formats: Mapping[str, tuple[str, int]], recalculated: bool) -> None:
        super().__init__()
        self.reach = Reach()
        self.areas = Areas()
        self._formats = formats
        self._recalculated = recalculated
        self._line = 0
        self._row = ""
        self._last = (0, 0)
        self._cell: Mapping[str, str] = {}
        self._formula = self._in_value = self._valued = False
        self._numbers: dict[str, int] = {}

    def finish(self) -> None:
        self._close_formula()

    def _start_row(self, attributes: dict[str, str]) -> None:
        if self._formula:
            self._close_formula()
        self._row = attributes.get("r", "")
        line = int(self._row) if self._row else self._last[0] + 1
        if line <= self._line:
            raise out_of_order()
        self._line = line
        self._last = max(self._last, (line, 0))
        if attributes.get("hidden") in YES:
            self.areas.row("hidden", line)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        if self._formula:
            self._close_formula()
        here = self._place(attributes["r"]) if "r" in attributes else (self._last[0], self._last[1] + 1)
        if here <= self._last:
            raise out_of_order()
        self._last, self._cell = here, attributes
        if attributes.get("t") == "e":
            self.areas.cell("error", *here)

    def _start_value(self, _: dict[str, str]) -> None:
        self._in_value = True
        line, column = self._last
        if line > self.reach.lines or column > self.reach.columns:
            self.reach.out_to(line, column)
        if self._formats and (shown := self._formats.get(self._cell.get("s", ""))) and self._cell.get("t", "n") == "n":
            self.areas.cell(shown[0], line, column, shown[1])

    def _start_formula(self, _: dict[str, str]) -> None:
        self._formula, self._in_value, self._valued = True, False, False
        self.parser.CharacterDataHandler = self._text

    def _text(self, text: str) -> None:
        if self._in_value and not text.isspace():
            self._valued = True

    def _close_formula(self) -> None:
        # A formula that gives an empty text is written as text without content.
        if self._formula and (self._recalculated or not (self._valued or self._cell.get("t") == "str")):
            self.areas.cell("uncomputed", *self._last)
            self.reach.out_to(*self._last)
        self._formula = False
        self.parser.CharacterDataHandler = None

    def _merge(self, attributes: dict[str, str]) -> None:
        first, _, last = attributes.get("ref", "").partition(":")
        (top, left), (bottom, right) = self._place(first), self._place(last or first)
        if (top, left) != (bottom, right):
            self.areas.block("merged", top, bottom, left, right)

    def _place(self, reference: str) -> tuple[int, int]:
        """Line and column of ``AB12``."""
        if self._row and reference.endswith(self._row):
            column = self._numbers.get(reference[: -len(self._row)])
            if column:
                return self._line, column
        letters = reference.rstrip(DIGITS)
        column = self._numbers[letters] = column_number(letters)
        return int(reference[len(letters) :]), column

    reads: ClassVar = {
        "row": _start_row,
        "c": _start_cell,
        "v": _start_value,
        "is": _start_value,
        "f": _start_formula,
        "mergeCell": _merge,
    }


def out_of_order() -> UnfitError:
    return UnfitError("the workbook is damaged: cells stand out of order", "DAMAGED")


def column_number(letters: str) -> int:
    """A is 1, AA is 27.

    Raises
    ------
    UnfitError
        No column of any spreadsheet is called so.
    """
    if not (letters.isascii() and letters.isalpha() and len(letters) <= LONGEST_LETTERS):
        raise UnfitError("the workbook is damaged: cells without a place", "DAMAGED")
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def column_letters(number: int) -> str:
    """1 is A, 27 is AA."""
    letters = ""
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters
