"""Numbers as people and systems write them: one reading, or none."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pandas as pd

SPACES = " \u00a0\u2007\u202f\u2009"
MINUS_SIGNS = "-\u2212\u2013"
OTHER_SIGN = {",": ".", ".": ","}


def _number_form(decimal: str) -> re.Pattern[str]:
    """Digits in one run or in threes; in threes by the other sign only where decimals follow, for then it has one reading."""
    other, decimal = re.escape(OTHER_SIGN[decimal]), re.escape(decimal)
    by_spaces = rf"(?:[0-9]{{1,3}}(?:[{SPACES}][0-9]{{3}})+|[0-9]+)(?:{decimal}[0-9]+)?"
    by_the_other_sign = rf"[0-9]{{1,3}}(?:{other}[0-9]{{3}})+{decimal}[0-9]+"
    return re.compile(rf"([+{re.escape(MINUS_SIGNS)}]?)({by_spaces}|{by_the_other_sign}|{decimal}[0-9]+)")


NUMBER = {mark: _number_form(mark) for mark in OTHER_SIGN}
TWO_READINGS = {mark: re.compile(rf"[0-9]{{1,3}}({re.escape(other)}[0-9]{{3}})+") for mark, other in OTHER_SIGN.items()}
LONGEST_NUMBER = 18
DIGITS = re.compile(rf"[{SPACES}.,%]*[0-9][0-9{SPACES}.,%]*")
POINT = re.compile(r"(?:[0-9]*\.(?:[0-9]{1,2}|[0-9]{4,})|[0-9]{4,}\.[0-9]+)(?: ?%)?")


class UnreadableError(ValueError):
    """The text does not follow the rule. Its message never holds the text.

    ``code`` is ``INVALID_VALUE``, or ``AMBIGUOUS_NUMBER`` for a number with two readings.
    """

    def __init__(self, code: str = "INVALID_VALUE") -> None:
        self.code = code
        super().__init__(code)


def number(text: str, decimal: str = ",") -> float:
    """``1 234,5`` with comma declared is 1234.5; spaces, also no-break and narrow ones, mark thousands.

    Parameters
    ----------
    text : str
    decimal : {",", "."}
        The decimal sign the source uses. The other one may mark thousands where decimals follow: ``1.234,5``.

    Raises
    ------
    UnreadableError
        Not a number in plain digits. ``AMBIGUOUS_NUMBER`` when the other sign stands before groups of three,
        as in ``1.234`` with a decimal comma: one and a quarter, or a thousand.
    """
    trimmed = text.strip()
    found = NUMBER[decimal].fullmatch(trimmed)
    if not found or len(trimmed) > LONGEST_NUMBER:
        raise UnreadableError("AMBIGUOUS_NUMBER" if TWO_READINGS[decimal].fullmatch(trimmed) else "INVALID_VALUE")
    sign, digits = found.groups()
    size = float(re.sub(f"[{SPACES}{OTHER_SIGN[decimal]}]", "", digits).replace(decimal, "."))
    return -size if sign and sign in MINUS_SIGNS else size


def decimal_sign(columns: Iterable[pd.Series], declared: str = ",") -> str:
    """The decimal sign a file's numbers are written with: the declared one, or a point where only points are seen.

    A point is believed when most numbers of a column are written with one that can be nothing but a decimal point
    (``172.5``), and no number of the file has a comma. One such cell alone may be a date or a time of day.
    """
    if declared != ",":
        return declared
    written = [[text for cell in column if pd.notna(cell) and DIGITS.fullmatch(text := str(cell).strip())] for column in columns]
    if any("," in text for texts in written for text in texts):
        return ","
    pointed = (sum(bool(POINT.fullmatch(text)) for text in texts) * 2 > len(texts) for texts in written)
    return "." if any(pointed) else ","


def whole(text: str) -> int:
    """``1 234`` is 1234; anything with decimals is unreadable."""
    return int(number(text, ",")) if "," not in text else unreadable()


def ambiguous(column: pd.Series, decimal: str = ",") -> list[int]:
    """Positions of the numbers with two readings, such as ``1.234`` where a comma is the decimal sign."""
    return [position for position, text in enumerate(column) if TWO_READINGS[decimal].fullmatch(str(text).strip())]


def unreadable() -> Any:
    raise UnreadableError
