"""Every sentence a reader sees, in three languages; numbers, dates and plurals the way each writes them."""

from __future__ import annotations

import math
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from kvalitet_lib.errors import ContractError

LANGUAGES = ("sv", "nb", "en")
LOCALES = {"sv": "sv_SE", "nb": "nb_NO", "en": "en_GB"}
NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"
PER_CENT = ("share", "time_share")
SHARES = (*PER_CENT, "signed_share")
SIGNED = ("signed_share", "signed_points")


class Texts:
    """One language's sentences, looked up by a dotted key."""

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise ContractError(f"There is no language {language!r}; there are: {', '.join(LANGUAGES)}.")
        self.language = language
        self.locale = Locale.parse(LOCALES[language])
        self._said = _read(language)

    def say(self, key: str, /, **values: Any) -> str:
        """The sentence at ``key`` with its places filled. A mapping of plural forms is chosen by ``count``.

        Raises
        ------
        ContractError
            No such text, or a place in it was given no value.
        """
        text = self._find(key)
        if isinstance(text, dict):
            form = self.locale.plural_form(values["count"])
            text = text.get(form, text.get("other"))
        if not isinstance(text, str):
            raise ContractError(f"texts/{self.language} has no sentence at {key!r}.")
        try:
            return text.format(**values)
        except KeyError as place:
            raise ContractError(f"texts/{self.language}: {key!r} has a place {place} that was given no value.") from None

    def has(self, key: str) -> bool:
        try:
            self._find(key)
        except ContractError:
            return False
        return True

    def items(self, key: str) -> list[str]:
        """A list of sentences."""
        found = self._find(key)
        if not isinstance(found, list):
            raise ContractError(f"texts/{self.language} has no list at {key!r}.")
        return [str(one) for one in found]

    def number(self, value: float, decimals: int = 0) -> str:
        """``1 234,5`` with a real minus sign."""
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return format_decimal(value, format=pattern, locale=self.locale).replace("-", MINUS)

    def percent(self, share: float, decimals: int = 0) -> str:
        return self.number(share * 100, decimals) + self.percent_sign

    @property
    def percent_sign(self) -> str:
        """``%``, after a no-break space where the language asks for one."""
        return "%" if self.language == "en" else f"{NO_BREAK_SPACE}%"

    def amount(self, value: float | None, unit: str, decimals: int | None = None) -> str:
        """A figure in an indicator's unit, without the unit's name except ``%``."""
        if value is None or math.isnan(value):
            return self.say("cell.none")
        shown = self._decimals(unit) if decimals is None else decimals
        if unit in PER_CENT:
            return self.percent(value, shown)
        return (
            self.say(f"units.{unit}.short", size=self.signed(value, unit, shown)) if unit in SIGNED else self.number(value, shown)
        )

    def difference(self, value: float, unit: str, decimals: int | None = None, short: bool = False) -> str:
        """A signed difference with its unit, e.g. ``+4,2 procentenheter``; ``short`` as a narrow column has it."""
        shown = self._decimals(unit) if decimals is None else decimals
        return self.say(f"units.{unit}.{'short' if short else 'difference'}", size=self.signed(value, unit, shown))

    def signed(self, value: float, unit: str, decimals: int) -> str:
        """A number with its sign, ``±`` when it rounds to nought; shares as percentage points."""
        size = value * 100 if unit in SHARES else value
        shown = self.number(abs(size), decimals)
        sign = "±" if not any(digit in "123456789" for digit in shown) else ("+" if size > 0 else MINUS)
        return f"{sign}{shown}"

    def date(self, day: date) -> str:
        return format_date(day, format="long", locale=self.locale)

    def school_year(self, year: str) -> str:
        """``2024/25`` in Swedish, ``2024–25`` in Norwegian and English."""
        return year.replace("-", "/" if self.language == "sv" else "–")

    def listing(self, parts: list[str]) -> str:
        """``a, b och c``; parts that hold commas of their own are kept apart by semicolons."""
        if len(parts) < 2:
            return "".join(parts)
        if any("," in part for part in parts):
            return "; ".join(parts)
        return f"{', '.join(parts[:-1])} {self.say('word.and')} {parts[-1]}"

    def keys(self) -> dict[str, str]:
        """Every key with its text; used to hold the languages against each other."""
        return dict(_flatten("", self._said))

    def _decimals(self, unit: str) -> int:
        return int(self._find(f"units.{unit}.decimals"))

    def _find(self, key: str) -> Any:
        here: Any = self._said
        for part in key.split("."):
            if not isinstance(here, dict) or part not in here:
                raise ContractError(f"texts/{self.language} has no text at {key!r}. Add it to every language.")
            here = here[part]
        return here


@cache
def _read(language: str) -> dict[str, Any]:
    """All files of one language as one tree; a key may stand in one file only."""
    tree: dict[str, Any] = {}
    for path in sorted((Path(__file__).parent / language).glob("*.yml")):
        _merge(tree, yaml.safe_load(path.read_text(encoding="utf-8")) or {}, path.name)
    return tree


def _merge(tree: dict[str, Any], more: dict[str, Any], where: str) -> None:
    for key, text in more.items():
        if isinstance(text, dict) and isinstance(tree.get(key), dict):
            _merge(tree[key], text, where)
        elif key in tree:
            raise ContractError(f"{where} says {key!r} a second time.")
        else:
            tree[key] = text


def _flatten(prefix: str, tree: Any) -> list[tuple[str, str]]:
    if isinstance(tree, dict):
        return [pair for key, below in tree.items() for pair in _flatten(f"{prefix}.{key}" if prefix else str(key), below)]
    if isinstance(tree, list):
        return [(f"{prefix}.{place}", str(text)) for place, text in enumerate(tree)]
    return [(prefix, str(tree))]
