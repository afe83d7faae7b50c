"""How many made-up examples a property is tried on, and what those are made of."""

from __future__ import annotations

import os
import unicodedata
from datetime import date

from hypothesis import HealthCheck, settings
from hypothesis import strategies as some

from kvalitet_lib.sources.characters import CONTROL, INVISIBLE, LOST, TWICE_ENCODED
from kvalitet_lib.sources.numerals import SPACES

NIGHTLY = os.environ.get("KVALITET_FUZZ") == "nightly"
EXAMPLES = 100_000 if NIGHTLY else 2_000
FEW_EXAMPLES = EXAMPLES // 10
UNHURRIED = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.filter_too_much],
    # The same examples in every run, so that no change fails for another's sake; every night brings new ones.
    "derandomize": not NIGHTLY,
}

many = settings(max_examples=EXAMPLES, **UNHURRIED)
fewer = settings(max_examples=FEW_EXAMPLES, **UNHURRIED)
"""For whole deliveries, each of which takes as long as thousands of numbers."""


def _fit_for_a_table(text: str) -> bool:
    unfit = any(pattern.search(text) for pattern in (CONTROL, INVISIBLE, LOST, TWICE_ENCODED))
    return not unfit and unicodedata.normalize("NFC", text) == text


signs = some.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Zl", "Zp", "Mn"), include_characters="\n\r\t")
texts = some.text(signs, max_size=8).filter(_fit_for_a_table)
spaces = some.sampled_from(SPACES)
days = some.dates(date(1920, 1, 1), date(2039, 12, 31))
places = some.integers(0, 40)
other_digits = some.integers(1, 9)


def with_one_digit_changed(digits: str, place: int, by: int) -> str:
    """Another digit in one place; signs between digits stay."""
    at = [index for index, sign in enumerate(digits) if sign.isdigit()]
    index = at[place % len(at)]
    return f"{digits[:index]}{(int(digits[index]) + by) % 10}{digits[index + 1 :]}"


@some.composite
def personal_numbers(draw: some.DrawFn) -> str:
    """A Swedish personnummer or samordningsnummer with its check digit, written in any of the usual ways."""
    born, serial = draw(days), draw(some.integers(1, 999))
    day = born.day + draw(some.sampled_from((0, 60)))
    nine = f"{born:%y%m}{day:02d}{serial:03d}"
    doubled = [int(digit) * (2, 1)[place % 2] for place, digit in enumerate(nine)]
    check = -sum(number // 10 + number % 10 for number in doubled) % 10
    century = draw(some.sampled_from(("", f"{born:%Y}"[:2])))
    return f"{century}{nine[:6]}{draw(some.sampled_from(('', '-', '+', ' ', '–')))}{nine[6:]}{check}"


@some.composite
def birth_numbers(draw: some.DrawFn) -> str:
    """A Norwegian fødselsnummer, D-number or made-up number with both check digits, with or without a space."""
    born, serial = draw(days), draw(some.integers(0, 999))
    day, month = born.day + draw(some.sampled_from((0, 40))), born.month + draw(some.sampled_from((0, 40, 80)))
    nine = f"{day:02d}{month:02d}{born:%y}{serial:03d}"
    first = -_weighed(nine, (3, 7, 6, 1, 8, 9, 4, 5, 2)) % 11
    second = -_weighed(f"{nine}{first % 10}", (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    if 10 in (first, second):
        return draw(birth_numbers())
    return f"{nine[:6]}{draw(some.sampled_from(('', ' ', '-')))}{nine[6:]}{first}{second}"


@some.composite
def organisation_numbers(draw: some.DrawFn) -> str:
    """A Norwegian organisation number with its check digit."""
    eight = f"{draw(some.integers(80_000_000, 99_999_999))}"
    check = -_weighed(eight, (3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return draw(organisation_numbers()) if check == 10 else f"{eight}{check}"


def _weighed(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
