"""The errors a person meets: each says what happened, where, and what to do next."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path


class KvalitetError(Exception):
    """Anything we refuse on purpose. Its text is shown as it stands, without a traceback.

    ``exit_code`` is what the command line ends with.
    """

    exit_code = 1


class ContractError(KvalitetError):
    """Code asked for something the tables, indicators or settings do not offer."""


class SettingsError(KvalitetError):
    """A settings or parameter file says something we cannot use."""


class ReleaseError(KvalitetError):
    """There is no release to read, or the gate refused to write one."""


class DisclosureError(ReleaseError):
    """A reader could work out figures that a release means to keep, so it was not written."""

    exit_code = 7


class BusyError(KvalitetError):
    """Someone else is writing to the same place."""

    exit_code = 4


class PlaceError(KvalitetError):
    """A disk or folder cannot be written to: full, read-only, not ours, or gone. What was there before is kept."""

    exit_code = 6


class ReportError(KvalitetError):
    """At least one page could not be made; the others were."""

    exit_code = 3


def kind_and_place(fault: BaseException) -> str:
    """What may be told of an error that is not ours: its kind, and where in our own code it arose.

    Its message may quote a cell.
    """
    steps = traceback.extract_tb(fault.__traceback__)
    at = next((step for step in reversed(steps) if "kvalitet_lib" in step.filename), steps[-1] if steps else None)
    return f"{type(fault).__name__} in {Path(at.filename).name}, line {at.lineno}" if at else type(fault).__name__


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a delivery. Never holds a cell's value.

    Attributes
    ----------
    column : str
        The column as the delivery names it; empty when the whole file is meant.
    rule : str
        What is wrong, in words, e.g. ``"not written like 2024-25"``.
    code : str
        A stable upper-case name for programs, e.g. ``"INVALID_VALUE"``.
    lines : tuple of int
        Line numbers in the file as a text editor or a spreadsheet shows them (first line is 1).
    advice : str
        What to do next, when the rule alone does not say it.
    """

    column: str
    rule: str
    code: str = "INVALID_VALUE"
    lines: tuple[int, ...] = ()
    advice: str = ""

    @property
    def rows(self) -> int:
        return len(self.lines)


class DeliveryError(KvalitetError):
    """A delivery breaks its contract and was refused whole."""

    exit_code = 5  # 2 is a command typed wrongly

    def __init__(self, file_name: str, table: str, faults: list[Fault]) -> None:
        self.file_name = file_name
        self.table = table
        self.faults = tuple(faults)
        super().__init__(self._say())

    def _say(self) -> str:
        meant = f"does not keep the contract of table '{self.table}'" if self.table else "was not accepted"
        width = max((len(fault.column) for fault in self.faults), default=0)
        said = []
        for fault in self.faults:
            row = f"  {fault.column:<{width}}  {fault.rule}"
            if fault.lines:
                rows, lines = ("rows", "lines") if fault.rows > 1 else ("row", "line")
                row += f"   {fault.rows} {rows}   ({lines} {_first(fault.lines)})"
            if fault.advice:
                row += f"\n  {'':<{width}}  → {fault.advice}"
            said.append(row)
        ending = f"\n  kvalitet explain {self.table}" if self.table else "\n  kvalitet explain deliveries"
        return (
            f"{self.file_name} {meant}:\n\n"
            + "\n".join(said)
            + "\n\nNothing was stored. Correct the delivery, or see what is expected:"
            + ending
        )


def _first(lines: tuple[int, ...], shown: int = 5) -> str:
    some = ", ".join(str(line) for line in lines[:shown])
    return some if len(lines) <= shown else f"{some}, …"
