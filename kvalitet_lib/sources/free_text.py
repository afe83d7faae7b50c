"""What stands in answers in people's own words that a person must look at before anybody else does.

A scan finds what has a form: numbers, addresses, words that look like names. It cannot find a name written in small letters,
or somebody everyone would recognise. It helps a reader; it never takes the reader's place.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable

import pandas as pd

from kvalitet_lib.sources.local_columns import Broken
from kvalitet_lib.sources.local_identity import says_who

FOUND = ("name", "class", "address", "link", "number")
REACHABLE = "a telephone number, an e-mail address or an identity number: take it out"
WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
FORMS = {
    "class": re.compile(r"\b(?:[1-9]|10)\s?[A-ZÅÄÖÆØ]\b|\b(?:gy|vg|åk|årskurs|trinn)\s?\d", re.IGNORECASE),
    "address": re.compile(
        r"\b\w+(?:vägen|gatan|gränd|torget|stigen|backen|veien|vegen|gaten|gata|vei|plass|stien)\s+\d+", re.IGNORECASE
    ),
    "link": re.compile(r"https?://|\bwww\.|\b[\w-]+\.(?:se|no|com|org|net)\b|(?<!\w)@\w+", re.IGNORECASE),
    "number": re.compile(r"\d(?:[\s-]?\d){4,}"),
}
# Words that begin sentences, or name what every school has; our own choice, and short on purpose.
ORDINARY = frozenset(
    WORD.findall("""
    jag du han hon hen vi ni de dom man det den en ett att och men så när om på i till för från med utan av är var har hade kan
    ska bör måste vill får inte ingen inga alla allt många mer mera mindre bra dålig tack ja nej kanske ibland aldrig alltid
    skolan skola lärare lärarna läraren elev elever eleverna rektor rasten raster maten mat klassen lektioner lektionerna
    svenska engelska matte matematik idrott slöjd bild musik spanska franska tyska fritids
    jeg deg dere dette denne disse hun dei ikke ikkje ingen alle noen mange også og men hvis når på til fra med uten av er
    bør må vil får takk ja nei kanskje aldri alltid skolen skole lærer lærerne læreren elev elever elevene friminutt maten
    norsk engelsk matte matematikk gym kroppsøving musikk kunst spansk fransk tysk sfo rektor
    i you he she we they it the a an and but so when if on in to for from with without of is was has had can should must want
    not no none all many more less good bad thanks yes maybe sometimes never always school teacher teachers pupil pupils
    english swedish norwegian maths music art sports
    måndag tisdag onsdag torsdag fredag mandag tirsdag
    """)
)


def found_in(texts: pd.Series) -> pd.Series:
    """Kinds of things found in each text, as ``name, number``; missing where nothing was.

    A capitalised word counts as a name unless it stands in small letters somewhere in the same delivery, or is one of the
    short list of ordinary words: every delivery is its own dictionary.
    """
    said = [str(text) for text in texts]
    ordinary = ORDINARY | {word for text in said for word in WORD.findall(text) if word == word.lower()}
    found = [", ".join(_found(text, ordinary)) or None for text in said]
    return pd.Series(found, index=texts.index, dtype="str")


def who_can_be_reached(rows: pd.DataFrame) -> list[Broken]:
    """Questions and answers with something that may never be stored, whoever would read it."""
    found = {
        column: [place for place, text in enumerate(rows[column]) if isinstance(text, str) and says_who(text)]
        for column in ("question", "text")
    }
    return [(column, REACHABLE, "DIRECT_IDENTIFIER", positions) for column, positions in found.items() if positions]


def fingerprint(text: str) -> str:
    """What ties a judgement to the words that were judged. It begins with a letter: a spreadsheet would rewrite digits."""
    return "t_" + hashlib.sha256(text.encode()).hexdigest()[:16]


def _found(text: str, ordinary: Collection[str]) -> Iterable[str]:
    if any(_like_a_name(word) and word.casefold() not in ordinary for word in WORD.findall(text)):
        yield "name"
    yield from (kind for kind, form in FORMS.items() if form.search(text))


def _like_a_name(word: str) -> bool:
    abbreviation = word.isupper() and len(word) <= 3
    return word[0].isupper() and len(word) > 1 and not abbreviation
