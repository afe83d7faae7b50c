"""Which column of a Skolverket export is which indicator: by the words in its header, never by its place.

The agency changes the order of columns and rephrases headers between years, so each rule names the words
that carry the meaning. What no rule knows keeps the agency's own words as its id and is not lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from kvalitet_lib.sources.naming import snake_case


@dataclass(frozen=True)
class Meaning:
    """What the figures of a column are.

    Attributes
    ----------
    indicator : str
        Our id, or ``skolverket_`` and the agency's words in snake_case.
    share : bool
        Written in per cent.
    base : str
        The indicator, on the same row, that counts the persons (or posts) behind the figure; empty when the
        export does not say.
    """

    indicator: str
    share: bool
    base: str = ""


@dataclass(frozen=True)
class Rule:
    """Words in a title and a header, and the indicator they name; ``{year}`` is the year group, ``{subject}`` the test's."""

    title: str
    header: str
    indicator: str
    base: str = ""


PUPILS = "antal_elever_ak{year}"
GRADES = r"^grundskola - (slutbetyg|betyg|behörighet|jämförelse)"
TESTS = r"^grundskola - resultat nationella prov"
TEACHERS = r"^grundskola - personalstatistik med lärarlegitimation och behörighet$"
ENROLMENT = r"^grundskola - antal elever per årskurs"
TEST = "np{year}_{subject}"
POSTS = "skolverket_heltidstjanster_larare"

# "Nått målen" (to 2011/12), "uppnått kunskapskraven" and "uppfyllt betygskriterierna" are one measure under three names.
RULES = (
    Rule(GRADES, r"^(totalt )?antal elever( årskurs \d)?$", PUPILS),
    Rule(GRADES, r"ej fått godkänt betyg i ett ämne", "ej_godkant_ett_amne_ak{year}", PUPILS),
    Rule(GRADES, r"ej fått godkänt betyg i fler", "ej_godkant_flera_amnen_ak{year}", PUPILS),
    Rule(
        GRADES,
        r"(nått målen|uppnått kunskapskraven|uppfyllt betygskriterierna|fått godkänt betyg).* alla ämnen",
        "alla_amnen_ak{year}",
        PUPILS,
    ),
    Rule(GRADES, r"behöriga till yrkesprog", "behorighet_yrkesprogram", PUPILS),
    Rule(GRADES, r"behöriga till estetiskt", "behorighet_estetiskt", PUPILS),
    Rule(GRADES, r"behöriga till ekonomi-", "behorighet_ekonomi_humaniora_samhalle", PUPILS),
    Rule(GRADES, r"behöriga till naturvetenskap", "behorighet_natur_teknik", PUPILS),
    # The mean leaves out pupils without a single pass, so the number of pupils is not its base.
    Rule(GRADES, r"genomsnittligt meritvärde \(17", "meritvarde"),
    Rule(TESTS, r"elever som deltagit", f"{TEST}_deltagit"),
    Rule(TESTS, r"antal elever med provbetyg a-f", f"{TEST}_antal_provbetyg"),
    Rule(TESTS, r"med provbetyg a-e", f"{TEST}_godkant", f"{TEST}_antal_provbetyg"),
    Rule(TESTS, r"genomsnittlig betygspoäng", TEST, f"{TEST}_antal_provbetyg"),
    Rule(TEACHERS, r"^heltidstjänster totalt antal$", POSTS),
    Rule(TEACHERS, r"^heltidstjänster andel med lärarlegitimation och behörighet$", "lararbehorighet", POSTS),
    Rule(ENROLMENT, r"^elever, årskurs 1-9$", "antal_elever"),
    Rule(ENROLMENT, r"föräldrar med eftergymnasial", "foraldrar_eftergymnasial", "antal_elever"),
    Rule(ENROLMENT, r"andel \(%\) (flickor|elever med utländsk bakgrund)", "", "antal_elever"),
)


@lru_cache(maxsize=1024)
def meaning(title: str, header: str, year_group: str = "", subject: str = "") -> Meaning:
    """What a column is.

    Parameters
    ----------
    title : str
        Of the export, e.g. ``Grundskola - Slutbetyg årskurs 9, samtliga elever``.
    header : str
        The column's, after its group's where there are two header rows.
    year_group : str
        The one year group the export concerns, e.g. ``9``; empty when there is none.
    subject : str
        The row's subject, where the export has rows for each.
    """
    said = plain(header)
    own = snake_case(f"skolverket {title.partition(',')[0]} {header} {subject}")
    share = bool(re.search(r"\bandel\b", said))
    for rule in RULES:
        usable = ("{subject}" in rule.indicator) == bool(subject) and (year_group or "{year}" not in rule.indicator)
        if usable and re.search(rule.title, plain(title)) and re.search(rule.header, said):
            return Meaning(_named(rule.indicator, year_group, subject) or own, share, _named(rule.base, year_group, subject))
    return Meaning(own, share)


def _named(pattern: str, year_group: str, subject: str) -> str:
    return pattern.format(year=year_group, subject=snake_case(subject))


def plain(text: str) -> str:
    """Lower case, single spaces, without the marks that open a group (#) or an indented item (-)."""
    return re.sub(r"\s+", " ", text.replace("#", "")).strip().removeprefix("- ").lower()
