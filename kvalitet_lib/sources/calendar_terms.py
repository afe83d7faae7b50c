"""School years, months and days as people and systems write them."""

from __future__ import annotations

import re
from datetime import date

from kvalitet_lib.sources.numerals import UnreadableError, unreadable

DASHES = "/_\u2010-\u2015\u2212-"
SCHOOL_YEAR = re.compile(rf"((?:19|20)?[0-9]{{2}})\s?[{DASHES}]\s?((?:19|20)?[0-9]{{2}})")
SCHOOL_YEAR_IN_DIGITS = re.compile(r"((?:19|20)[0-9]{2})((?:19|20)?[0-9]{2})")
SPRING = ("vt", "vår", "vårtermin", "vårterminen")
TERM = re.compile(rf"({'|'.join(SPRING)}|ht|høst|haust|hösttermin|höstterminen)[\s-]?(?:20)?([0-9]{{2}})", re.IGNORECASE)
MIDNIGHT = re.compile(r"[ T]00:00(?::00(?:[.,]0+)?)?Z?")


def school_year(text: str) -> str:
    """``2023/24``, ``2023-24``, ``2023–24``, ``2023/2024``, ``23/24``, ``202324``, ``HT23`` and ``VT24`` are all ``2023-24``.

    A term lies in one school year: autumn in the one it begins, spring in the one it ends. ``2023/25`` is unreadable.
    """
    said = text.strip()
    term = TERM.fullmatch(said)
    found = SCHOOL_YEAR.fullmatch(said) or SCHOOL_YEAR_IN_DIGITS.fullmatch(said)
    if term:
        begins = 2000 + int(term[2]) - (term[1].casefold() in SPRING)
        return f"{begins}-{(begins + 1) % 100:02d}"
    if not found or (len(found[1]) == 2 and len(found[2]) == 4):
        return unreadable()
    first = int(found[1]) if len(found[1]) == 4 else 2000 + int(found[1])
    if found[2] not in (f"{(first + 1) % 100:02d}", str(first + 1)):
        return unreadable()
    return f"{first}-{(first + 1) % 100:02d}"


def month(text: str) -> str:
    """``2023-10`` and ``202310`` are ``2023-10``."""
    found = re.fullmatch(r"(20[0-9]{2})-?(0[1-9]|1[0-2])", text.strip())
    return f"{found[1]}-{found[2]}" if found else unreadable()


def day(text: str) -> str:
    """``2023-09-11``, ``2023/09/11``, ``20230911`` and ``11.09.2023`` are ``2023-09-11``, at midnight or without a time.

    A day that is not in the calendar is unreadable, and so is ``11/09/2023``: the month may be either.
    """
    said = MIDNIGHT.sub("", text.strip())
    iso = re.fullmatch(r"([0-9]{4})([-/]?)([0-9]{2})\2([0-9]{2})", said)
    nordic = re.fullmatch(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", said)
    parts = iso.group(1, 3, 4) if iso else nordic.groups()[::-1] if nordic else unreadable()
    try:
        return date(*(int(part) for part in parts)).isoformat()
    except ValueError:
        raise UnreadableError from None
