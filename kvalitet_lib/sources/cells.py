"""The text of a cell becomes a value by a declared rule; what does not follow the rule is reported, never guessed.

Each rule comes in two sizes. The singular (``number``) takes one text and raises :class:`UnreadableError`. The
plural (``numbers``) takes a column and returns it typed, together with the positions of the rows that could
not be read, so that every fault of a delivery is found at once. Blank cells are missing and never a fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from kvalitet_lib.sources.calendar_terms import day, month, school_year
from kvalitet_lib.sources.numerals import UnreadableError, number, unreadable, whole

Typed = tuple[pd.Series, list[int]]

YES_NO = {
    **dict.fromkeys(("ja", "j", "yes", "y", "sant", "sann", "true", "1"), True),
    **dict.fromkeys(("nej", "nei", "n", "no", "falskt", "usann", "false", "0"), False),
}
SEX = {
    **dict.fromkeys(("flicka", "flickor", "jente", "jenter", "girl", "girls", "f", "k", "j", "kvinna", "kvinne"), "girl"),
    **dict.fromkeys(("pojke", "pojkar", "gutt", "gutter", "boy", "boys", "p", "m", "g", "man", "mann"), "boy"),
}
PRESCHOOL_CLASS = ("f", "fk", "fsk", "fklass", "f-klass", "förskoleklass", "0")
YEAR_GROUP = re.compile(
    r"(?:åk\.?|årskurs|klass|klasse|trinn|årstrinn|klassetrinn|år|year)?\s*([0-9]{1,2})"
    r"(?:\.?\s*(?:trinn|årstrinn|klassetrinn|klass|klasse))?"
)
UPPER_SECONDARY = re.compile(r"(?:vg|gy|gymnasiet år)\s*([123])")


def year_group(text: str) -> int:
    """``9``, ``åk 9``, ``Trinn 9``, ``9. trinn`` are 9; ``F`` is 0; ``Vg1`` is 11."""
    said = text.strip().casefold()
    if said in PRESCHOOL_CLASS:
        return 0
    upper = UPPER_SECONDARY.fullmatch(said)
    if upper:
        return 10 + int(upper[1])
    found = YEAR_GROUP.fullmatch(said)
    return int(found[1]) if found and int(found[1]) <= 13 else unreadable()


def one_of(words: Mapping[str, Any]) -> Callable[[str], Any]:
    """A rule that reads exactly the given words, in any case, and returns what each stands for."""
    meant = {word.casefold(): value for word, value in words.items()}

    def read(text: str) -> Any:
        said = text.strip().casefold()
        return meant[said] if said in meant else unreadable()

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
