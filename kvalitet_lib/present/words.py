"""How one released figure, its uncertainty and its verdict are written in the reader's language."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from kvalitet_lib.indicators import Indicator, Kind
from kvalitet_lib.present.blocks import Cell, Mark, PageWords
from kvalitet_lib.present.unit_figures import UnitFigures
from kvalitet_lib.texts import Texts

ENDS = {"~0": ("at_most", "upper"), "~100": ("at_least", "lower")}  # our own fifths at the ends, which an agency's are not


def page_words(texts: Texts) -> PageWords:
    """The words one finds one's way on a page by."""
    return PageWords(texts.say("page.skip"), texts.say("page.contents"), texts.say("page.page", page="{page}", pages="{pages}"))


def name_of(indicator: str, texts: Texts) -> str:
    return texts.say(f"indicators.{indicator}.name")


def inline(name: str) -> str:
    """A heading's words inside a sentence: ``Elever per lärare`` → ``elever per lärare``; ``SALSA`` stays."""
    return name if len(name) < 2 or not name[1].islower() else name[0].lower() + name[1:]


def names_of(indicators: list[str], texts: Texts, most: int = 4) -> str:
    """``meritvärde, behörighet och trygghet``; no more than ``most`` of them."""
    return texts.listing([inline(name_of(one, texts)) for one in indicators[:most]])


def value_text(figure: pd.Series, indicator: Indicator, texts: Texts) -> str:
    """The figure as the agency wrote it, or in the unit's usual decimals; in words when it is not shown or near an end."""
    if figure["shown"] == "rounded" and figure["source"] == "local" and figure["original"] in ENDS:
        end, bound = ENDS[figure["original"]]
        return texts.say(f"cell.{end}", value=texts.percent(figure[bound]))
    if figure["shown"] == "rounded":
        return f"{figure['original']}{texts.percent_sign}" if indicator.is_share else str(figure["original"])
    if figure["shown"] != "yes":
        return texts.say(f"cell.{figure['shown']}")
    return texts.amount(figure["estimate"], indicator.unit, decimals_of(figure))


def decimals_of(figure: pd.Series) -> int | None:
    """Decimals of the agency's own text; None means the unit's usual ones."""
    return None if pd.isna(figure["decimals"]) else int(figure["decimals"])


def interval_text(figure: pd.Series, indicator: Indicator, texts: Texts) -> str:
    """``78–86 %``, or nothing when the uncertainty is unknown or the figure is a plain count."""
    if math.isnan(figure["lower"]) or math.isnan(figure["upper"]) or figure["shown"] != "yes" or indicator.kind is Kind.COUNT:
        return ""
    decimals = None if indicator.is_share else decimals_of(figure)
    lower = texts.amount(figure["lower"], indicator.unit, decimals)
    upper = texts.amount(figure["upper"], indicator.unit, decimals)
    if indicator.is_share:
        lower = lower.removesuffix(texts.percent_sign)
    return texts.say("cell.interval", lower=lower, upper=upper)


def difference_text(comparison: pd.Series, indicator: Indicator, texts: Texts, short: bool = False) -> str:
    decimals = 0 if indicator.kind is Kind.COUNT else 1
    return texts.difference(comparison["difference"], indicator.unit, decimals, short)


def mark_of(comparison: pd.Series, texts: Texts) -> Mark:
    """The verdict as shape and word; tinted by whether it is welcome."""
    verdict = str(comparison["verdict"])
    tone: Any = {"better": "better", "worse": "worse"}.get(str(comparison["better"]), "neutral")
    word = texts.say(f"verdicts.{verdict}")
    if tone != "neutral":
        word = f"{word} ({texts.say(f'verdicts.{tone}')})"
    return Mark(verdict, word, tone)  # type: ignore[arg-type]


def value_cell(figure: pd.Series | None, indicator: Indicator, texts: Texts, year: str = "", interval: bool = False) -> Cell:
    """A figure in a table, with its interval beneath; says its school year when that is another than the page's."""
    if figure is None:
        return Cell(texts.say("cell.none"), muted=True)
    said = value_text(figure, indicator, texts)
    if year and figure["school_year"] != year:
        said = f"{said} ({texts.school_year(figure['school_year'])})"
    note = interval_text(figure, indicator, texts) if interval else ""
    return Cell(said, note=note, muted=figure["shown"] not in ("yes", "rounded"))


def count_text(n: float, texts: Texts) -> str:
    return texts.say("cell.none") if math.isnan(n) else texts.number(n)


def reason_text(unit: UnitFigures, figure: pd.Series, texts: Texts) -> str:
    """Why a figure is not shown, in words."""
    smallest = unit.release.about["policy"]["smallest_group"]
    return texts.say(f"shown_reasons.{figure['shown']}", smallest=smallest)
