"""What a spreadsheet does to codes it takes for numbers, dates or formulas."""

from __future__ import annotations

import re

from kvalitet_lib.sources.calendar_terms import day
from kvalitet_lib.sources.numerals import SPACES, UnreadableError

WITH_EXPONENT = re.compile(r"[0-9]+[.,][0-9]+E[+-]?[0-9]+|[0-9]+E[+-][0-9]+", re.IGNORECASE)
AS_A_NUMBER = re.compile(rf"[0-9]+[.,]0+|[0-9]{{1,3}}(?:[{SPACES}.][0-9]{{3}})+")
FORMULA = re.compile(r"[=@].*|[+-].+", re.DOTALL)
MONTH = r"(?:jan|feb|ma[rjy]|apr|ju[nl]|aug|sep|o[ck]t|nov|de[cs])[a-z]*\.?"
DATE = re.compile(rf"[0-9]{{1,4}}[-. ]?{MONTH}[-. ]?[0-9]{{0,4}}|{MONTH}[-. ]?[0-9]{{1,4}}", re.IGNORECASE)


def is_rewritten(text: str) -> bool:
    """``7,00E+02``: a code taken for a number."""
    return bool(WITH_EXPONENT.fullmatch(text.strip()))


def is_mangled(text: str) -> bool:
    """``2,01E+11``, ``4711,0``, ``201 000 123``: what becomes of an id."""
    return is_rewritten(text) or bool(AS_A_NUMBER.fullmatch(text.strip()))


def is_formula(text: str) -> bool:
    """Text a spreadsheet would calculate; a dash alone is none."""
    return bool(FORMULA.fullmatch(text.strip()))


def is_date(text: str) -> bool:
    """``2024-09-01``, ``08.jan``, ``aug-24``: what becomes of ``9-1``, ``8-1`` or ``2023/24``."""
    try:
        return bool(DATE.fullmatch(text.strip()) or day(text))
    except UnreadableError:
        return False
