"""Udir's export of Elevundersøkelsen: index and question scores (table 152), bullying (154), participation (155).

What a reader of the stored rows must know:

- Rows are repeated in tables 152 and 154; exact repetitions are read once.
- Rows come for each owner form and for all together. A school has one owner, so of its rows those for all owner forms
  are kept, and its own only where there is no other. Above the school all rows are kept.
- A table has no column for the year group. Figures for all year groups have the plain id; others end with ``_vg1`` or
  ``_trinn_7``.
- In table 154 ``AntallBesvart`` counts the *bullied* pupils: ``<id>_antall``. How many answered stands in table 155,
  another file, as ``elevundersokelsen_besvart``; ``n`` of bullying is therefore empty.
- A score's standard deviation is ``<id>_standardavvik``; the share of pupils on each step of a question ``<id>_svar_1``
  to ``<id>_svar_5``. A question's id is ``elevundersokelsen_sporsmal_`` and its words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from kvalitet_lib.errors import Fault
from kvalitet_lib.sources.answer_cache import unwrapped
from kvalitet_lib.sources.calendar_terms import school_year
from kvalitet_lib.sources.naming import codes_by_name, same_name, snake_case, unit_of
from kvalitet_lib.sources.numerals import UnreadableError, whole
from kvalitet_lib.sources.published_cells import published
from kvalitet_lib.sources.refusal import refuse
from kvalitet_lib.sources.skolverket_rows import Figure, figures_filled
from kvalitet_lib.sources.source import Circumstances, Delivery, Filled
from kvalitet_lib.sources.validation import validated

Record = Mapping[str, Any]

PLACE = ("Skoleaarnavn", "Trinnnavn", "EierformNavn", "EnhetNavn")
TABLES = {  # the columns that tell one table from another
    "scores": ("Spoersmaalgruppe", "Spoersmaalnavn", "Score", "AntallBesvart"),
    "bullying": ("Spoersmaalgruppe", "Spoersmaalnavn", "AndelMobbet", "AntallBesvart"),
    "participation": ("AndelDeltatt", "AntallBesvart", "AntallInvitert"),
}
INDICES = {
    "Trivsel": "trivsel",
    "Støtte fra lærer": "stotte_fra_larer",
    "Støtte hjemmefra": "stotte_hjemmefra",
    "Faglig utfordring": "faglig_utfordring",
    "Vurdering for læring": "vurdering_for_laering",
    "Læringskultur": "laeringskultur",
    "Mestring": "mestring",
    "Motivasjon": "motivasjon",
    "Elevdemokrati og medvirkning": "elevdemokrati",
    "Felles regler": "felles_regler",
}
BULLYING = "Mobbing på skolen"
WHOLE_INDEX = "Alle spørsmål"
OWNERS = {"Alle eierformer": "all", "Privat eiet": "independent", "Offentlig eiet": "municipal", "Kommunalt eiet": "municipal"}
SEXES = {"Alle kjønn": "all", "Jente": "girl", "Jenter": "girl", "Gutt": "boy", "Gutter": "boy"}
LEVELS = {"1": "nation", "2": "county", "3": "municipality", "4": "school"}
NATION = ("nasjonalt", "hele landet", "norge")
STEPS = range(1, 6)


class Elevundersokelsen:
    """Rows of Udir's export interface as JSON, recognised by their column names."""

    name = "udir"

    def recognises(self, delivery: Delivery) -> bool:
        answers = unwrapped(delivery.documents)
        return bool(answers) and (_table_of(answers[0]) is not None or _years(answers[0]))

    def read(self, delivery: Delivery, circumstances: Circumstances) -> list[Filled]:
        answers = unwrapped(delivery.documents)
        table = _table_of(answers[0])
        if table is None:
            note = "a list of the school years Udir has; there is nothing in it to store"
            return validated(delivery.file_name, [figures_filled(self.name, [], [note])])
        records = [record for answer in answers for record in answer]
        refuse(delivery.file_name, *_faults(records, table), table="published_values")
        distinct = _distinct(records)
        kept = _one_owner_a_school(distinct)
        units = _Units(circumstances)
        figures = [figure for line, record in kept.items() for figure in _figures(record, table, units, line)]
        notes = (
            f"{len(records)} rows, {len(distinct)} of them distinct",
            f"{len(distinct) - len(kept)} rows for a school's own owner form were left out, being there for all owner forms too",
        )
        headers = {"indicator": "Spoersmaalnavn", "unit": "EnhetNavn", "school_year": "Skoleaarnavn", "group": "Kjoenn"}
        return validated(delivery.file_name, [figures_filled(self.name, figures, notes)], headers)


def indicator_of(group: str, question: str, year_group: str) -> str:
    """Our id of a score or share.

    >>> indicator_of("Støtte fra lærer", "Alle spørsmål", "Videregående trinn 1")
    'elevundersokelsen_stotte_fra_larer_vg1'
    >>> indicator_of("Mobbing på skolen", "Alle spørsmål", "Alle trinn")
    'mobbing_pa_skolen'
    """
    if question != WHOLE_INDEX:
        said = f"elevundersokelsen_sporsmal_{snake_case(question)}"
    elif group == BULLYING:
        said = "mobbing_pa_skolen"
    else:
        said = f"elevundersokelsen_{INDICES.get(group) or snake_case(group)}"
    return said + year_group_suffix(year_group)


def year_group_suffix(year_group: str) -> str:
    """``Videregående trinn 1`` is ``_vg1``, ``7. trinn`` is ``_trinn_7``, all of them together are nothing."""
    upper_secondary = re.fullmatch(r"(?:Videregående trinn|Vg)\s*(\d)", year_group, re.IGNORECASE)
    if upper_secondary:
        return f"_vg{upper_secondary[1]}"
    compulsory = re.search(r"\d+", year_group)
    if compulsory:
        return f"_trinn_{compulsory[0]}"
    return "" if same_name(year_group) == "alle trinn" else f"_{snake_case(year_group)}"


class _Units:
    """Level and code of a unit: by what the row itself says, else by the mappings, else its name."""

    def __init__(self, circumstances: Circumstances) -> None:
        self._schools = codes_by_name(circumstances.mappings, "school_names")
        own = circumstances.municipality
        self._municipalities = {same_name(own.name): own.code} | codes_by_name(circumstances.mappings, "municipality_names")

    def __call__(self, record: Record) -> tuple[str, str]:
        level, name = level_of(record), _text(record, "EnhetNavn")
        if level == "nation":
            return level, "NO"
        if level == "school":
            return level, _text(record, "Organisasjonsnummer") or unit_of(name, self._schools, "school_names")
        return level, unit_of(name, self._municipalities if level == "municipality" else {}, "school_names")


def level_of(record: Record) -> str:
    """By ``EnhetNivaa`` where the row has it; otherwise the nation by its name, and everything else is a school."""
    if _text(record, "EnhetNivaa") in LEVELS:
        return LEVELS[_text(record, "EnhetNivaa")]
    return "nation" if same_name(_text(record, "EnhetNavn")) in NATION else "school"


def _figures(record: Record, table: str, units: _Units, line: int) -> Iterator[Figure]:
    level, unit = units(record)
    owner = "all" if level == "school" else OWNERS[_text(record, "EierformNavn")]
    group = SEXES[_text(record, "Kjoenn") or "Alle kjønn"]
    year = school_year(_text(record, "Skoleaarnavn"))
    for indicator, column, share, n in _measures(record, table):
        if record.get(column) is not None:
            cell = published(_text(record, column), share=share, n=n)
            yield Figure(indicator, level, unit, _text(record, "EnhetNavn"), owner, year, group, cell, n, line)


def _measures(record: Record, table: str) -> list[tuple[str, str, bool, float | None]]:
    """Indicator, column, whether it is in per cent, and the persons behind it."""
    trinn = _text(record, "Trinnnavn")
    if table == "participation":
        suffix = year_group_suffix(trinn)
        return [
            (f"elevundersokelsen_besvart{suffix}", "AntallBesvart", False, None),
            (f"elevundersokelsen_invitert{suffix}", "AntallInvitert", False, None),
            (f"elevundersokelsen_deltakelse{suffix}", "AndelDeltatt", True, _count(record, "AntallInvitert")),
        ]
    base = indicator_of(_text(record, "Spoersmaalgruppe"), _text(record, "Spoersmaalnavn"), trinn)
    if table == "bullying":
        return [(base, "AndelMobbet", True, None), (f"{base}_antall", "AntallBesvart", False, None)]
    answered = _count(record, "AntallBesvart")
    steps = [(f"{base}_svar_{step}", f"AndelSvaralternativ{step}", True, answered) for step in STEPS]
    return [(base, "Score", False, answered), (f"{base}_standardavvik", "Standardavvik", False, answered), *steps]


def _faults(records: Sequence[Record], table: str) -> list[Fault]:
    """Every column in which a row cannot be read; lines are the ordinals of the records."""
    figures = {column for _, column, _, _ in _measures(records[0], table)}
    checks: dict[str, tuple[str, Callable[[str], bool]]] = {
        "EnhetNavn": ("empty", bool),
        "Trinnnavn": ("empty", bool),
        "Skoleaarnavn": ("not a school year written like 2024-25", lambda text: _readable(school_year, text)),
        "EierformNavn": (f"not {', '.join(OWNERS)}", OWNERS.__contains__),
        "Kjoenn": (f"not {', '.join(SEXES)}", lambda text: not text or text in SEXES),
        **dict.fromkeys(
            sorted(figures), ("neither a figure nor a known mark such as *", lambda text: _readable(published, text))
        ),
    }
    faults = []
    for column, (rule, passes) in checks.items():
        ordinals = tuple(number for number, record in enumerate(records, 1) if not passes(_text(record, column)))
        if ordinals:
            faults.append(Fault(column, rule, lines=ordinals, advice="Fetch the table from Udir again, with all its columns."))
    return faults


def _readable(read: Callable[[str], Any], text: str) -> bool:
    try:
        read(text)
    except UnreadableError:
        return False
    return True


def _distinct(records: Sequence[Record]) -> dict[int, Record]:
    """The first of each set of identical rows, by its ordinal."""
    first: dict[str, int] = {}
    for number, record in enumerate(records, 1):
        first.setdefault(json.dumps(record, sort_keys=True), number)
    return {number: records[number - 1] for number in first.values()}


def _one_owner_a_school(records: Mapping[int, Record]) -> dict[int, Record]:
    """Without a school's rows for its own owner form where the same row is there for all owner forms."""

    def question(record: Record) -> tuple[str, ...]:
        about = ("Spoersmaalgruppe", "Spoersmaalnavn", "Skoleaarnavn", "Trinnnavn", "Kjoenn", "EnhetNavn")
        return tuple(_text(record, column) for column in about)

    for_all = {question(record) for record in records.values() if OWNERS[_text(record, "EierformNavn")] == "all"}
    return {
        number: record
        for number, record in records.items()
        if OWNERS[_text(record, "EierformNavn")] == "all" or level_of(record) != "school" or question(record) not in for_all
    }


def _count(record: Record, column: str) -> float | None:
    try:
        return float(whole(_text(record, column)))
    except UnreadableError:
        return None


def _text(record: Record, column: str) -> str:
    value = record.get(column)
    return "" if value is None else str(value).strip()


def _table_of(answer: Any) -> str | None:
    if not (isinstance(answer, list) and answer and isinstance(answer[0], dict)):
        return None
    there = set(answer[0])
    return next((table for table, columns in TABLES.items() if there >= {*PLACE, *columns}), None)


def _years(answer: Any) -> bool:
    return isinstance(answer, dict) and list(answer) == ["TidID"] and isinstance(answer["TidID"], list)


SOURCES = (Elevundersokelsen(),)
