"""How the cells of local deliveries are read, beyond the rules of ``cells``: ids, codes, years and marks."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd

from kvalitet_lib import clock
from kvalitet_lib.contracts import UNIT_CODE
from kvalitet_lib.sources.calendar_terms import day, school_year
from kvalitet_lib.sources.cells import Typed, one_of, typed, year_group
from kvalitet_lib.sources.local_identity import mod_11
from kvalitet_lib.sources.numerals import SPACES, TWO_READINGS, UnreadableError, number
from kvalitet_lib.sources.spreadsheet_damage import is_date, is_formula, is_mangled, is_rewritten

ID = re.compile(r"[{(]?[0-9A-Za-zÅÄÖÆØåäöæø][0-9A-Za-zÅÄÖÆØåäöæø._:/#-]*[)}]?")
ORGANISATION_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2, 1)
FIRST_MONTH = 7

EDUCATION = {
    **dict.fromkeys(("förgymnasial", "grundskola", "grunnskole", "lower"), "lower"),
    **dict.fromkeys(("gymnasial", "videregående", "upper_secondary"), "upper_secondary"),
    **dict.fromkeys(("eftergymnasial", "høyere", "higher"), "higher"),
    **dict.fromkeys(("okänd", "uppgift saknas", "ukjent", "unknown"), None),
}
SWEDISH_GRADES = {
    **{grade: grade for grade in "ABCDEF"},
    **dict.fromkeys(("-", "–", "—", "\u2010", "\u2011", "\u2212", "streck"), "-"),
}
NORWEGIAN_GRADES = {
    **{grade: grade for grade in "123456"},
    **dict.fromkeys(("IV", "ikke vurderingsgrunnlag"), "IV"),
    **dict.fromkeys(("FRI", "fritatt", "fritak"), "FRI"),
}
SWEDISH_TESTS = {
    "SV": "SV", "svenska": "SV", "SVA": "SVA", "svenska som andraspråk": "SVA", "MA": "MA", "matematik": "MA",
    "EN": "EN", "engelska": "EN",
}  # fmt: skip
NOT_A_NAME = "a formula, or a code a spreadsheet has turned into a number"
DO_NOT_KNOW = ("vet inte", "vet ej", "vet ikke", "don't know")


def in_words(words: dict[str, Any], dtype: str = "str") -> Callable[[pd.Series], Typed]:
    """A column in which only the given words are understood."""
    read = one_of(words)
    return lambda column: typed(column, read, dtype)


def amounts(column: pd.Series, decimal: str, most: float, declared: str = "") -> Typed:
    """Numbers from 0 to ``most``.

    Where the file's decimal sign is not the declared one, a number that could be read by either is read by none.
    """

    def read(text: str) -> float:
        amount = number(text, decimal)
        if declared not in ("", decimal) and TWO_READINGS[declared].fullmatch(text):
            raise UnreadableError("AMBIGUOUS_NUMBER")
        if not 0 <= amount <= most:
            raise UnreadableError
        return amount

    return typed(column, read, "float64")


def codes(pattern: str) -> Callable[[pd.Series], Typed]:
    """Text of one form, upper case."""

    def read(text: str) -> str:
        if not re.fullmatch(pattern, text.upper()):
            raise UnreadableError
        return text.upper()

    return lambda column: typed(column, read)


def school_units(column: pd.Series) -> Typed:
    """Swedish school unit codes: eight digits."""
    return typed(column, lambda text: _digits(text, 8))


def organisations(column: pd.Series) -> Typed:
    """Norwegian organisation numbers: nine digits, the last of which checks the others."""

    def read(text: str) -> str:
        digits = _digits(text, 9)
        if not mod_11(digits, ORGANISATION_WEIGHTS):
            raise UnreadableError
        return digits

    return typed(column, read)


def begun_school_years(column: pd.Series, today: date | None = None) -> Typed:
    """School years that have begun; a school year begins on 1 July."""
    now = today or clock.today()
    latest = now.year if now.month >= FIRST_MONTH else now.year - 1

    def read(text: str) -> str:
        year = school_year(text)
        if int(year[:4]) > latest:
            raise UnreadableError
        return year

    return typed(column, read)


def year_groups_to(highest: int) -> Callable[[pd.Series], Typed]:
    """Year groups of compulsory school up to ``highest``; upper secondary only in words (Vg1, gy 1)."""

    def read(text: str) -> int:
        group = year_group(text)
        if group > highest and re.fullmatch(r"\D*0*[0-9]{2}\D*", text):
            raise UnreadableError
        return group

    return lambda column: typed(column, read, "Int64")


def answers(steps: int) -> Callable[[pd.Series], Typed]:
    """Answers from 1 to ``steps``; "don't know" is no answer."""
    return in_words({**{str(step): step for step in range(1, steps + 1)}, **dict.fromkeys(DO_NOT_KNOW, None)}, "Int64")


def names(column: pd.Series) -> Typed:
    """Names of schools, classes and parts: any text but a formula, or a number a spreadsheet has made of a code."""

    def read(text: str) -> str:
        if is_formula(text) or is_rewritten(text):
            raise UnreadableError
        return text

    return typed(column, read)


def bands(column: pd.Series) -> Typed:
    """Spans of year groups, such as F-9; not the dates spreadsheets make of them."""

    def read(text: str) -> str:
        if is_formula(text) or is_rewritten(text) or is_date(text):
            raise UnreadableError
        return text

    return typed(column, read)


def units(column: pd.Series) -> Typed:
    """Codes of units, which become names of files."""

    def read(text: str) -> str:
        if not re.fullmatch(UNIT_CODE, text):
            raise UnreadableError
        return text

    return typed(column, read)


def ids(column: pd.Series) -> Typed:
    """Ids of pupils or answer sheets, kept as text: letters and signs without spaces, and at least one digit.

    A word alone is a name or a total; a number a spreadsheet has rewritten is another id.
    """

    def read(text: str) -> str:
        if not ID.fullmatch(text) or is_mangled(text) or not any(sign.isdigit() for sign in text):
            raise UnreadableError
        return text

    return typed(column, read)


def past_days(column: pd.Series, today: date | None = None) -> Typed:
    """Days that have been."""
    latest = (today or clock.today()).isoformat()

    def read(text: str) -> str:
        said = day(text)
        if said > latest:
            raise UnreadableError
        return said

    return typed(column, read)


def _digits(text: str, length: int) -> str:
    digits = re.sub(f"[{SPACES}]", "", text)
    if not re.fullmatch(f"[0-9]{{{length}}}", digits):
        raise UnreadableError
    return digits
