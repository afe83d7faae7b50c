"""Every indicator is named, explained, translated and specified."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kvalitet_lib.indicators import all_indicators
from kvalitet_lib.texts import LANGUAGES, Texts

CARD = ("name", "means", "why", "says_nothing_about")
FITS_ABOVE_A_SMALL_CHART = 45
INDICATORS = all_indicators()
SAYS_A_CAUSE = {
    "sv": r"\b(leder till|beror på|orsakar|medför att|på grund av)\b",
    "nb": r"\b(fører til|skyldes|forårsaker|på grunn av)\b",
    "en": r"\b(leads? to|causes?|because of|due to)\b",
}

each_language = pytest.mark.parametrize("language", LANGUAGES)


@each_language
def test_every_indicator_has_a_full_card(language: str):
    texts = Texts(language)
    keys = [f"indicators.{name}.{part}" for name in INDICATORS for part in CARD]
    assert [key for key in keys if not (texts.has(key) and texts.say(key).strip())] == []


@each_language
def test_every_name_fits_above_a_small_chart(language: str):
    names = {name: Texts(language).say(f"indicators.{name}.name") for name in INDICATORS}
    assert {name: said for name, said in names.items() if len(said) > FITS_ABOVE_A_SMALL_CHART} == {}


def test_every_card_is_translated_and_not_copied():
    meanings = {name: {Texts(language).say(f"indicators.{name}.means") for language in LANGUAGES} for name in INDICATORS}
    assert [name for name, said in meanings.items() if len(said) < len(LANGUAGES)] == []


@each_language
def test_no_card_claims_a_cause(language: str):
    keys = [f"indicators.{name}.{part}" for name in INDICATORS for part in ("means", "why")]
    texts = Texts(language)
    assert [key for key in keys if re.search(SAYS_A_CAUSE[language], texts.say(key), re.IGNORECASE)] == []


@each_language
def test_every_card_belongs_to_an_indicator(language: str):
    keys = Texts(language).keys()
    assert {key.split(".")[1] for key in keys if key.startswith("indicators.")} - set(INDICATORS) == set()


@each_language
def test_every_break_in_a_series_is_explained(language: str):
    reasons = {reason for one in INDICATORS.values() for reason in one.breaks.values()}
    assert sorted(reason for reason in reasons if not Texts(language).has(f"breaks.{reason}")) == []


def test_every_break_is_named_by_the_school_year_that_begins_the_new_series():
    years = {(one.id, year) for one in INDICATORS.values() for year in one.breaks}
    assert [(name, year) for name, year in years if not re.fullmatch(r"\d{4}-\d{2}", year)] == []


def test_every_indicator_states_its_rule_and_where_the_rule_comes_from():
    assert [one.id for one in INDICATORS.values() if not (one.rule.strip() and one.source.strip())] == []


def test_every_indicator_is_specified_by_a_test(project: Path):
    specifications = "\n".join(
        path.read_text(encoding="utf-8") for path in sorted((project / "tests" / "spec").glob("test_*.py"))
    )
    named = set(re.findall(r"\w+", specifications))
    assert [name for name in INDICATORS if name not in named] == []


def test_there_are_enough_indicators_for_a_page_in_either_country():
    assert len(all_indicators("se")) >= 25
    assert len(all_indicators("no")) >= 20
