"""The text of a cell becomes a value by a declared rule; what does not follow the rule is reported, never guessed.

Each rule comes in two sizes. The singular (``number``) takes one text and raises :class:`UnreadableError`. The
plural (``numbers``) takes a column and returns it typed, together with the positions of the rows that could
not be read, so that every fault of a delivery is found at once. Blank cells are missing and never a fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pandas as pd

Typed = tuple[pd.Series, list[int]]

SPACES = " \u00a0\u202f\u2009"
MINUS_SIGNS = "-\u2212\u2013"
GROUPED = rf"(?:[0-9]{{1,3}}(?:[{SPACES}][0-9]{{3}})+|[0-9]+)"
NUMBER = {mark: re.compile(rf"([+{re.escape(MINUS_SIGNS)}]?)({GROUPED})(?:{re.escape(mark)}([0-9]+))?") for mark in (",", ".")}
TWO_READINGS = {",": re.compile(r"[0-9]{1,3}(\.[0-9]{3})+"), ".": re.compile(r"[0-9]{1,3}(,[0-9]{3})+")}
LONGEST_NUMBER = 18

YES_NO = {
    **dict.fromkeys(("ja", "j", "yes", "y", "sant", "sann", "true", "1"), True),
    **dict.fromkeys(("nej", "nei", "n", "no", "falskt", "usann", "false", "0"), False),
}
SEX = {
    **dict.fromkeys(("flicka", "flickor", "jente", "jenter", "girl", "girls", "f", "k", "j", "kvinna", "kvinne"), "girl"),
    **dict.fromkeys(("pojke", "pojkar", "gutt", "gutter", "boy", "boys", "p", "m", "g", "man", "mann"), "boy"),
}
PRESCHOOL_CLASS = ("f", "fklass", "förskoleklass", "0")
YEAR_GROUP = re.compile(r"(?:åk|årskurs|trinn|år|year)?\s*([0-9]{1,2})(?:\.?\s*(?:trinn|klass|klasse))?")
UPPER_SECONDARY = re.compile(r"(?:vg|gy|gymnasiet år)\s*([123])")


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
        The decimal sign the source uses.

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
    sign, whole, fraction = found.groups()
    size = float(f"{re.sub(f'[{SPACES}]', '', whole)}.{fraction or 0}")
    return -size if sign and sign in MINUS_SIGNS else size


def whole(text: str) -> int:
    """``1 234`` is 1234; anything with decimals is unreadable."""
    return int(number(text, ",")) if "," not in text else _unreadable()


def school_year(text: str) -> str:
    """``2023/24``, ``2023-24``, ``2023–24``, ``2023/2024`` and ``23/24`` are all ``2023-24``; ``2023/25`` is unreadable."""
    found = re.fullmatch(r"((?:19|20)?[0-9]{2})\s?[/–-]\s?((?:19|20)?[0-9]{2})", text.strip())
    if not found or (len(found[1]) == 2 and len(found[2]) == 4):
        return _unreadable()
    first = int(found[1]) if len(found[1]) == 4 else 2000 + int(found[1])
    if found[2] not in (f"{(first + 1) % 100:02d}", str(first + 1)):
        return _unreadable()
    return f"{first}-{(first + 1) % 100:02d}"


def month(text: str) -> str:
    """``2023-10`` and ``202310`` are ``2023-10``."""
    found = re.fullmatch(r"(20[0-9]{2})-?(0[1-9]|1[0-2])", text.strip())
    return f"{found[1]}-{found[2]}" if found else _unreadable()


def day(text: str) -> str:
    """``2023-09-11`` and ``11.09.2023`` are ``2023-09-11``; a day that is not in the calendar is unreadable."""
    iso = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", text.strip())
    nordic = re.fullmatch(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", text.strip())
    parts = iso.groups() if iso else nordic.groups()[::-1] if nordic else _unreadable()
    try:
        return date(*(int(part) for part in parts)).isoformat()
    except ValueError:
        raise UnreadableError from None


def year_group(text: str) -> int:
    """``9``, ``åk 9``, ``Trinn 9``, ``9. trinn`` are 9; ``F`` is 0; ``Vg1`` is 11."""
    said = text.strip().casefold()
    if said in PRESCHOOL_CLASS:
        return 0
    upper = UPPER_SECONDARY.fullmatch(said)
    if upper:
        return 10 + int(upper[1])
    found = YEAR_GROUP.fullmatch(said)
    return int(found[1]) if found and int(found[1]) <= 13 else _unreadable()


def one_of(words: Mapping[str, Any]) -> Callable[[str], Any]:
    """A rule that reads exactly the given words, in any case, and returns what each stands for."""
    meant = {word.casefold(): value for word, value in words.items()}

    def read(text: str) -> Any:
        said = text.strip().casefold()
        return meant[said] if said in meant else _unreadable()

    return read


yes_no = one_of(YES_NO)
sex = one_of(SEX)


def typed(texts: pd.Series, read: Callable[[str], Any], dtype: str = "str") -> Typed:
    """A column read by a rule for one text.

    Parameters
    ----------
    texts : Series of str
    read : callable
        Returns the value, or raises :class:`UnreadableError`.
    dtype : str
        ``"str"``, ``"float64"``, ``"Int64"`` or ``"boolean"``.

    Returns
    -------
    column : Series
        Same index; missing where the cell is blank or could not be read.
    failed : list of int
        Positions (0 for the first row) of the cells that could not be read.
    """
    given = [text.strip() for text in texts.astype("str").fillna("").to_list()]
    meaning, unreadable = {}, set()
    for text in set(given) - {""}:
        try:
            meaning[text] = read(text)
        except UnreadableError:
            unreadable.add(text)
    values = [meaning.get(text) for text in given]
    failed = [position for position, text in enumerate(given) if text in unreadable] if unreadable else []
    return pd.Series(values, index=texts.index, name=texts.name, dtype=dtype), failed


def texts(column: pd.Series) -> Typed:
    """Trimmed text; blank is missing. Codes keep their leading zeros, and NA is the text NA."""
    return typed(column, str)


def numbers(column: pd.Series, decimal: str = ",") -> Typed:
    return typed(column, lambda text: number(text, decimal), "float64")


def wholes(column: pd.Series) -> Typed:
    return typed(column, whole, "Int64")


def school_years(column: pd.Series) -> Typed:
    return typed(column, school_year)


def months(column: pd.Series) -> Typed:
    return typed(column, month)


def days(column: pd.Series) -> Typed:
    return typed(column, day)


def year_groups(column: pd.Series) -> Typed:
    return typed(column, year_group, "Int64")


def sexes(column: pd.Series) -> Typed:
    return typed(column, sex)


def yes_or_no(column: pd.Series) -> Typed:
    return typed(column, yes_no, "boolean")


def ambiguous(column: pd.Series, decimal: str = ",") -> list[int]:
    """Positions of the numbers with two readings, such as ``1.234`` where a comma is the decimal sign."""
    return [position for position, text in enumerate(column) if TWO_READINGS[decimal].fullmatch(str(text).strip())]


def _unreadable() -> Any:
    raise UnreadableError
