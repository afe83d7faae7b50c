"""Who a person is must not come through the door: identity numbers, names and addresses are refused."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd

from kvalitet_lib.errors import Fault
from kvalitet_lib.sources.local_columns import plain
from kvalitet_lib.sources.pseudonyms import PSEUDONYM

FREE_TEXT_HEADERS = frozenset(
    plain(header)
    for header in (
        "fritext", "fritextsvar", "frisvar", "kommentar", "kommentarer", "fritekst", "merknad", "anmärkning", "anteckning",
        "comment", "comments", "free_text", "remark",
    )
)  # fmt: skip
EMAIL = r"[^\s@]{1,64}@[^\s@]{1,255}\.[a-z]{2,}"  # as long as an address may be: a giant cell is searched once
TELEPHONE = (
    r"(?<!\d)(?:\+|00)4[67][\s-]?\d(?:[\s-]?\d){6,9}(?!\d)"  # with the country's code
    r"|(?<![\d-])0(?!\d-\d\d-(?:19|20)\d\d)\d{1,3}[\s-]\d(?:[\s-]?\d){4,7}(?!\d)"  # a Swedish one; no date
    r"|(?<!\d)07\d{8}(?!\d)"
)
NORWEGIAN_TELEPHONE = r"(?<!\d)[49]\d{2}\s?\d{2}\s?\d{3}(?!\d)|(?<!\d)[2-9]\d(?:\s\d{2}){3}(?!\d)"
CONTACT = re.compile(f"{EMAIL}|{TELEPHONE}", re.IGNORECASE)
# Eight digits alone may be a school's code: they are a telephone number only in running text.
CONTACT_IN_TEXT = re.compile(f"{EMAIL}|{TELEPHONE}|{NORWEGIAN_TELEPHONE}", re.IGNORECASE)
BETWEEN = r"[-+ \u2010-\u2015\u2212]"
DIGITS = re.compile(rf"(?<![0-9])[0-9]{{6,8}}{BETWEEN}?[0-9]{{4,5}}(?![0-9])")
# What a Swedish school gives a pupil who has no number yet: the day of birth, then letters.
TEMPORARY = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})[-+]?(?:TF[0-9]{2}|[A-Z][0-9]{3})", re.IGNORECASE)
NAME = re.compile(r"[^\W\d_]+[.]?(?:(?:, ?|[ '’-]+)[^\W\d_]+[.]?)*(?:, ?| )[^\W\d_]+[.]?")
USE_SYSTEM_ID = "Deliver the school system's own pupil id instead. Nothing that says who a pupil is may be stored."
LEAVE_OUT = "Leave the column out of the export. It is never stored."


def is_identity_number(text: str) -> bool:
    """Whether a text is built like a Swedish personnummer or a Norwegian fødselsnummer, check digits included.

    Also samordningsnummer, D-nummer, and the numbers Swedish schools make up from a day of birth.
    """
    temporary = TEMPORARY.fullmatch(text.strip())
    if temporary:
        return _is_day(*(int(part) for part in temporary.groups()))
    digits = re.sub(rf"{BETWEEN}|\s", "", text.strip())
    return _is_swedish(digits) or _is_norwegian(digits)


def identity_numbers(header: str, ids: pd.Series, lines: pd.Series) -> list[Fault]:
    """Identity numbers, names and addresses of persons used as ids; a pseudonym of ours may hold any digits by chance."""
    foreign = {text for text in ids.dropna().unique() if not PSEUDONYM.fullmatch(text.strip())}
    rules = {
        "identity numbers": is_identity_number,
        "names of persons": lambda text: bool(NAME.fullmatch(text.strip())),
        "e-mail addresses or telephone numbers": lambda text: bool(CONTACT.search(text)),
    }
    faults = []
    for rule, says in rules.items():
        found = lines[ids.isin({text for text in foreign if says(text)}).to_numpy()]
        faults += [Fault(header, rule, "DIRECT_IDENTIFIER", tuple(found), USE_SYSTEM_ID)] if len(found) else []
    return faults


def reachable_persons(header: str, free_text: pd.Series, lines: pd.Series) -> list[Fault]:
    """Telephone numbers, e-mail addresses and identity numbers in a column of free text."""
    rule = "a telephone number, an e-mail address or an identity number in free text"
    return _where(header, free_text, lines, rule, CONTACT_IN_TEXT)


def known_persons(header: str, texts: pd.Series, lines: pd.Series, personal: bool) -> list[Fault]:
    """Identity numbers in a column that is for something else; in a table of persons their addresses too."""
    if personal:
        return _where(header, texts, lines, "a telephone number, an e-mail address or an identity number", CONTACT)
    return _where(header, texts, lines, "identity numbers", None)


def says_who(text: str, contact: re.Pattern[str] | None = CONTACT_IN_TEXT) -> bool:
    """Whether a text holds an identity number, or a way to reach somebody."""
    return (
        bool(contact and contact.search(text))
        or bool(TEMPORARY.search(text))
        or any(is_identity_number(number) for number in DIGITS.findall(text))
    )


def _where(header: str, texts: pd.Series, lines: pd.Series, rule: str, contact: re.Pattern[str] | None) -> list[Fault]:
    telling = {text for text in texts.unique() if says_who(text, contact)}
    found = lines[texts.isin(telling).to_numpy()]
    return [Fault(header, rule, "DIRECT_IDENTIFIER", tuple(found), LEAVE_OUT)] if len(found) else []


def _is_swedish(digits: str) -> bool:
    if not re.fullmatch(r"(?:19|20)?[0-9]{10}", digits):
        return False
    ten = digits[-10:]
    return _is_day(2000 + int(ten[:2]), int(ten[2:4]), int(ten[4:6]) % 60) and luhn(ten)


def luhn(digits: str) -> bool:
    """Whether the last of ten digits checks the others (ISO/IEC 7812-1, annex B)."""
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(digits)]
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def _is_norwegian(digits: str) -> bool:
    if not re.fullmatch(r"[0-9]{11}", digits):
        return False
    # Numbers for those without a permanent one add 40 to the day; made-up ones for tests add 40 or 80 to the month.
    day, month = int(digits[:2]) % 40, int(digits[2:4]) % 40
    return (
        _is_day(2000, month, day)
        and mod_11(digits[:10], (3, 7, 6, 1, 8, 9, 4, 5, 2, 1))
        and mod_11(digits, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1))
    )


def mod_11(digits: str, weights: tuple[int, ...]) -> bool:
    """Whether the digits, each times its weight, sum to a multiple of eleven; the check digit is the last."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11 == 0


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
