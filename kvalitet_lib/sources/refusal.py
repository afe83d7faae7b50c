"""Stop a delivery with everything that is wrong with it."""

from __future__ import annotations

from kvalitet_lib.errors import DeliveryError, Fault

SAVE_AS_CSV = "Open it in a spreadsheet, save it as 'CSV UTF-8' and deliver that file."


class UnfitError(Exception):
    """What makes a delivery unfit to be read, on its way to where the name of the file is known."""

    def __init__(self, rule: str, code: str, advice: str = SAVE_AS_CSV, column: str = "", lines: tuple[int, ...] = ()) -> None:
        self.fault = Fault(column, rule, code, lines, advice)
        super().__init__(code)


def refuse(file_name: str, *faults: Fault | None, table: str = "") -> None:
    """Raise one DeliveryError with every fault given; do nothing when there is none.

    Raises
    ------
    DeliveryError
        At least one of ``faults`` is a fault.
    """
    found = [fault for fault in faults if fault is not None]
    if found:
        raise DeliveryError(file_name, table, found)
