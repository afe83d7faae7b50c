"""Headers that say a column holds who a person is: a number, a name, a day of birth, or where to reach them."""

from __future__ import annotations

import re

from kvalitet_lib.errors import Fault
from kvalitet_lib.sources.local_columns import LocalKind, plain
from kvalitet_lib.sources.local_identity import USE_SYSTEM_ID

PERSON = (
    "elev(?:en)?s?|barn(?:et)?s?|pupils?|students?|persons?|vardnadshavares?|malsmans?|foresatte?s?|guardians?|parents?"
    "|larar(?:en)?s?|laerer(?:en)?s?|teachers?|mentors?|kontaktlaerers?"
)
WHOLE = "hela|full|fulla|fullt|fullstandiga|fullstandigt|fullstendige?"
# A name of which kind: bare, or a part of a person's.
PART_OF_NAME = "for|efter|etter|mellan|mellom|tilltals|first|last|sur|middle|given|family"
NAMES = re.compile(rf"(?:{PERSON}|{WHOLE})*(?:{PART_OF_NAME})?(?:namn|navn|name)(?:et)?")
PARTS_OF_NAMES = re.compile(rf"(?:{PERSON})?(?:{PART_OF_NAME})(?:namn|navn|name)(?:et)?")
NUMBERS = re.compile(
    r".*(?:personn(?:ummer|umber|r)|persnr|personalnumber|identitynumber|identitetsn|samordningsn|socialsecurity|fodsels?n|fodelsen).*"
    r"|pnr|fnr|ssn|dnummer|dnumber"
)
BORN = re.compile(r"fodelsedat.*|fodsels?dato?.*|dateofbirth|birthda(?:te|y)|dob|fodd")
REACHED = re.compile(
    r"e?(?:post|mail|mejl)(?:adresse?r?)?|.*adresse?n?|.*address|(?:hem|mobil)?telefon.*|mobil(?:n.*)?|tlf.*|tel|.*phone.*"
)
GUARDIANS = re.compile(r"(?:vardnadshavare|malsman|foresatte?|guardian)[0-9]*|mor|far|mamma|pappa|mother|father")
# Names and addresses of places and things are not a person's.
OF_THINGS = re.compile(
    r"(?:skol|school|kommun|enhet|unit|klass|class|prov|test|amne|subject|fag|kurs|program|huvudman|eier|gruppe?|fil).*"
)
WORDS = re.compile(r"[^\W\d_]+")
CAMEL = re.compile(r"(?<=[a-zåäöæø])(?=[A-ZÅÄÖÆØ])")


def identity_columns(kind: LocalKind, headers: list[str], line: int) -> list[Fault]:
    """Columns whose name says that they hold a name, a number or an address of a person.

    In a table of schools or of staff a name or an address may be the school's; numbers and parts of names never are.
    """
    says = says_who if kind.personal else says_who_however
    found = [header for header in headers if not kind.field_of(header) and says(header)]
    return [Fault(header, "says who a person is", "DIRECT_IDENTIFIER", (line,), USE_SYSTEM_ID) for header in found]


def says_who(header: str) -> bool:
    """Whether a column of a table of persons, by its header, tells who they are.

    >>> says_who("Elevens för- och efternamn"), says_who("e-post"), says_who("skolans namn"), says_who("klassnamn")
    (True, True, False, False)
    """
    words, whole = _words(header), plain(header)
    if says_who_however(header) or BORN.fullmatch(whole) or any(BORN.fullmatch(word) for word in words):
        return True
    if any(OF_THINGS.fullmatch(word) for word in words):
        return False
    return any(rule.fullmatch(text) for rule in (NAMES, REACHED, GUARDIANS) for text in (*words, whole))


def says_who_however(header: str) -> bool:
    """Whether a column of any table holds identity numbers or parts of persons' names."""
    return any(rule.fullmatch(text) for rule in (NUMBERS, PARTS_OF_NAMES) for text in (*_words(header), plain(header)))


def _words(header: str) -> list[str]:
    return [plain(word) for word in WORDS.findall(CAMEL.sub(" ", header))]
