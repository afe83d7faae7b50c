"""Who a pupil is must not come through the door: identity numbers, names and addresses are refused."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd

from kvalitet_lib.errors import Fault
from kvalitet_lib.sources.local_columns import plain

IDENTITY_HEADERS = frozenset(
    plain(header)
    for header in (
        "personnummer", "personnr", "pnr", "samordningsnummer", "fødselsnummer", "fodselsnr", "fnr", "d-nummer", "ssn",
        "identity_number", "personal_number", "namn", "elevnamn", "elevens namn", "förnamn", "efternamn", "tilltalsnamn",
        "navn", "elevnavn", "fornavn", "etternavn", "mellomnavn", "name", "full_name", "pupil_name", "first_name",
        "last_name", "surname", "födelsedatum", "fødselsdato", "date_of_birth", "e-post", "epost", "epostadress",
        "epostadresse", "mejl", "mail", "email", "telefon", "telefonnummer", "mobil", "mobilnummer", "phone", "adress",
        "adresse", "address", "vårdnadshavare namn",
    )
)  # fmt: skip
FREE_TEXT_HEADERS = frozenset(
    plain(header)
    for header in (
        "fritext", "fritextsvar", "frisvar", "kommentar", "kommentarer", "fritekst", "merknad", "anmärkning", "anteckning",
        "comment", "comments", "free_text", "remark",
    )
)  # fmt: skip
REACHABLE = re.compile(
    r"[^\s@]+@[^\s@]+\.[a-z]{2,}"  # an e-mail address
    r"|(?<!\d)(?:\+|00)4[67][\s-]?\d(?:[\s-]?\d){6,9}(?!\d)"  # a telephone number with the country's code
    r"|(?<!\d)0\d{1,3}[\s-]\d(?:[\s-]?\d){4,7}(?!\d)"  # a Swedish one
    r"|(?<!\d)07\d{8}(?!\d)"
    r"|(?<!\d)[49]\d{2}\s?\d{2}\s?\d{3}(?!\d)",  # a Norwegian mobile
    re.IGNORECASE,
)
DIGITS = re.compile(r"(?<!\d)\d{6,8}[-+ ]?\d{4,5}(?!\d)")
USE_SYSTEM_ID = "Deliver the school system's own pupil id instead. Nothing that says who a pupil is may be stored."
LEAVE_OUT = "Leave the column out of the export. It is never stored."


def is_identity_number(text: str) -> bool:
    """Whether a text is built like a Swedish personnummer or a Norwegian fødselsnummer, check digits included."""
    digits = re.sub(r"[-+\s]", "", text.strip())
    return _is_swedish(digits) or _is_norwegian(digits)


def identity_columns(headers: list[str]) -> list[Fault]:
    """Columns whose name says that they hold a name, a number or an address of a person."""
    found = [header for header in headers if plain(header) in IDENTITY_HEADERS]
    return [Fault(header, "says who a person is", "DIRECT_IDENTIFIER", advice=USE_SYSTEM_ID) for header in found]


def identity_numbers(header: str, ids: pd.Series, lines: pd.Series) -> list[Fault]:
    """Identity numbers used as pupil ids."""
    numbers = {text for text in ids.dropna().unique() if is_identity_number(text)}
    found = lines[ids.isin(numbers).to_numpy()]
    return [Fault(header, "identity numbers", "DIRECT_IDENTIFIER", tuple(found), USE_SYSTEM_ID)] if len(found) else []


def reachable_persons(header: str, free_text: pd.Series, lines: pd.Series) -> list[Fault]:
    """Telephone numbers, e-mail addresses and identity numbers in a column of free text."""
    found = lines[[says_who(text) for text in free_text]]
    rule = "a telephone number, an e-mail address or an identity number in free text"
    return [Fault(header, rule, "DIRECT_IDENTIFIER", tuple(found), LEAVE_OUT)] if len(found) else []


def says_who(text: str) -> bool:
    return bool(REACHABLE.search(text)) or any(is_identity_number(number) for number in DIGITS.findall(text))


def _is_swedish(digits: str) -> bool:
    if not re.fullmatch(r"(?:19|20)?[0-9]{10}", digits):
        return False
    ten = digits[-10:]
    return _is_day(2000 + int(ten[:2]), int(ten[2:4]), int(ten[4:6]) % 60) and _luhn(ten)


def _luhn(digits: str) -> bool:
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
