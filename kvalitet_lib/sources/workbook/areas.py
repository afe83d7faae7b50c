"""How far a sheet reaches, and blocks of cells of one sort, gathered as it is scanned from the top."""

from __future__ import annotations

from kvalitet_lib.sources.refusal import UnfitError
from kvalitet_lib.sources.sheet import FEWER_COLUMNS, MOST_COLUMNS, Area

MOST_AREAS = 200_000
MOST_CELLS = 10_000_000
LAST_LINE, LAST_COLUMN = 1_048_576, 16_384
DELETE_OUTSIDE = "Delete the rows below and the columns beside the table."


class Reach:
    """The last line and the last column of a sheet with a value in it; a reader may reserve all cells up to there."""

    def __init__(self) -> None:
        self.lines = self.columns = 0
        self._widening = 0
        self._on_line = 0

    @property
    def cells(self) -> int:
        return self.lines * self.columns

    def out_to(self, line: int, column: int) -> None:
        """A cell at or beyond the reach so far.

        Raises
        ------
        UnfitError
            ``TOO_MANY_COLUMNS`` when the cells of one line have gone on too long; ``TOO_LARGE_UNPACKED`` when the block is
            larger than a table ever is, or no spreadsheet reaches as far.
        """
        if column > self.columns:
            self._widening = self._widening + 1 if line == self._on_line else 1
            self._on_line = line
        self.lines, self.columns = max(self.lines, line), max(self.columns, column)
        if self._widening > MOST_COLUMNS:
            raise UnfitError(f"more than {MOST_COLUMNS} columns", "TOO_MANY_COLUMNS", FEWER_COLUMNS, lines=(line,))
        if self.cells > MOST_CELLS or self.lines > LAST_LINE or self.columns > LAST_COLUMN:
            raise UnfitError("cells far outside the table", "TOO_LARGE_UNPACKED", DELETE_OUTSIDE)


class Areas:
    """The blocks of one sheet; a column of one sort costs one block."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, int, int], list[list[int]]] = {}
        self._blocks: list[Area] = []
        self._count = 0

    def cell(self, what: str, line: int, column: int, width: int = 0) -> None:
        """One more cell; it lengthens the block above it where there is one of its sort."""
        runs = self._columns.setdefault((what, column, width), [])
        if runs and runs[-1][1] == line - 1:
            runs[-1][1] = line
            return
        runs.append([line, line])
        self._one_more()

    def row(self, what: str, line: int) -> None:
        """A whole row."""
        self.cell(what, line, 0)

    def block(self, what: str, first_line: int, last_line: int, first_column: int, last_column: int) -> None:
        self._blocks.append(Area(what, first_line, last_line, first_column, last_column))
        self._one_more()

    def listed(self) -> tuple[Area, ...]:
        runs = [
            Area(what, first, last, column or 1, column or LAST_COLUMN, width)
            for (what, column, width), lines in self._columns.items()
            for first, last in lines
        ]
        return (*self._blocks, *runs)

    def _one_more(self) -> None:
        self._count += 1
        if self._count > MOST_AREAS:
            raise UnfitError("more merged, hidden or specially written cells than a table ever has", "TOO_LARGE_UNPACKED")
