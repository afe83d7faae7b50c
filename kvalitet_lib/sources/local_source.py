"""A local delivery is found by its headers, typed by rule, pseudonymised and held against its contract."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd

from kvalitet_lib.contracts import CONTRACTS
from kvalitet_lib.errors import Fault
from kvalitet_lib.municipality import Municipality
from kvalitet_lib.sources.local_columns import Field, LocalKind, best_agreement
from kvalitet_lib.sources.local_identity import identity_numbers
from kvalitet_lib.sources.local_rows import Body, body_of
from kvalitet_lib.sources.local_rules import amounts, past_days
from kvalitet_lib.sources.numerals import ambiguous, decimal_sign
from kvalitet_lib.sources.refusal import refuse
from kvalitet_lib.sources.sheet import Sheet
from kvalitet_lib.sources.source import Circumstances, Delivery, Filled
from kvalitet_lib.sources.spreadsheet_damage import is_date, is_mangled, is_rewritten
from kvalitet_lib.sources.validation import completed, hold, without_repetitions

AS_TEXT = "Export the column as text: a spreadsheet has rewritten long numbers."
ONE_DECIMAL_SIGN = "Write decimals with {sign}, and no mark between thousands."


@dataclass(frozen=True)
class LocalSource:
    """One kind of local delivery.

    Attributes
    ----------
    kind : LocalKind
    rivals : tuple of LocalKind
        The kinds this one must fit better than.
    marks : frozenset of str
        Our names of columns of which at least one must be found; empty when any will do.
    name : str
        The kind's name, with the system's added when its headers come from a mapping file.
    """

    kind: LocalKind
    rivals: tuple[LocalKind, ...]
    name: str
    marks: frozenset[str] = frozenset()

    def recognises(self, delivery: Delivery) -> bool:
        """Whether a header row in the file fits this kind, and no other kind as well."""
        fits = best_agreement(self.kind, delivery.sheets)
        if not fits or not self._has_marks(delivery.sheets):
            return False
        return all(best_agreement(rival, delivery.sheets) < fits for rival in self.rivals if rival is not self.kind)

    def read(self, delivery: Delivery, circumstances: Circumstances) -> list[Filled]:
        """The rows of the table this kind fills.

        Raises
        ------
        DeliveryError
            With every fault in the file's shape, its cells and its rows at once.
        """
        kinds = (self.kind, *self.rivals)
        fitting = [sheet for sheet in delivery.sheets if any(best_agreement(kind, [sheet]) for kind in kinds)]
        refuse(delivery.file_name, *not_one(fitting), table=self.kind.table)
        body = body_of(self.kind, fitting[0])
        rows, cell_faults = typed_columns(self.kind, body)
        for personal in self.kind.personal:
            if personal in rows:
                rows[personal] = pseudonymous(rows[personal], circumstances.pseudonym)
        part = without_repetitions(Filled(self.kind.table, rows, body.lines, body.notes))
        untold = [rest for fault in cell_faults if (rest := _untold(fault, body.faults))]
        told = [*body.faults, *untold, *across_columns(self.kind, body, part)]
        refuse(delivery.file_name, *told, *against_contract(self.kind, body, part, told), table=self.kind.table)
        table = table_of(self.kind, part)
        return [replace(table, notes=(*table.notes, *from_abroad(self.kind, circumstances.municipality)))]

    def _has_marks(self, sheets: list[Sheet]) -> bool:
        if not self.marks:
            return True
        fitting = [sheet for sheet in sheets if best_agreement(self.kind, [sheet])]
        return any(self.marks & set(body_of(self.kind, sheet).cells.columns) for sheet in fitting)


def not_one(fitting: list[Sheet]) -> list[Fault]:
    """Two sheets that could both be meant, of one kind or of two; which one, only the sender knows."""
    if len(fitting) == 1:
        return []
    names = ", ".join(sheet.name for sheet in fitting)
    rule = f"more than one sheet holds a table we know: {names}" if fitting else "no header row we know"
    return [Fault("", rule, "TWO_FITTING_SHEETS" if fitting else "MISSING_HEADER", advice="Deliver one sheet a file.")]


def typed_columns(kind: LocalKind, body: Body) -> tuple[pd.DataFrame, list[Fault]]:
    """Every known column by its rule, and every cell that breaks its rule; a required column that lacks is empty."""
    blank = pd.Series("", index=body.cells.index, dtype="str")
    numeric = [body.cells[one.column] for one in kind.fields if one.most is not None and one.column in body.cells]
    sign = decimal_sign(numeric, kind.decimal)
    columns, faults = {}, []
    for one in kind.fields:
        if one.column not in body.cells and not one.required:
            continue
        texts = body.cells.get(one.column, blank)
        typed, failed = amounts(texts, sign, one.most, kind.decimal) if one.most is not None else one.read(texts)
        columns[one.column] = typed
        faults += [] if one.column in body.doubled else faults_in_cells(kind, one, body, texts, failed)
    return pd.DataFrame(columns, index=body.cells.index), faults


def faults_in_cells(kind: LocalKind, one: Field, body: Body, texts: pd.Series, failed: list[int]) -> list[Fault]:
    """The cells of one column that could not be read, by what is wrong with them."""
    header = body.headers[one.column]
    personal = one.column in kind.personal
    faults = [*identity_numbers(header, texts, body.lines), *two_lengths(header, texts, body.lines)] if personal else []
    told = {line for fault in faults for line in fault.lines}
    two_readings = set(ambiguous(texts, kind.decimal)) if one.most is not None else set()
    sorted_out: dict[tuple[str, str, str], list[int]] = {}
    for position in failed:
        line = int(body.lines.iloc[position])
        if line not in told:
            why = why_unreadable(kind, one, texts.iloc[position], position in two_readings)
            sorted_out.setdefault(why, []).append(line)
    return faults + [Fault(header, rule, code, tuple(lines), advice) for (rule, code, advice), lines in sorted_out.items()]


def why_unreadable(kind: LocalKind, one: Field, text: str, two_readings: bool) -> tuple[str, str, str]:
    """(rule, code, advice) for a cell its column's rule cannot read."""
    if two_readings:
        return "a number that can be read in two ways", "AMBIGUOUS_NUMBER", ONE_DECIMAL_SIGN.format(sign=kind.decimal)
    if one.column in kind.personal and is_mangled(text):
        return "an id a spreadsheet has turned into a number", "MANGLED_ID", AS_TEXT
    if one.read is not past_days and is_date(text):
        return "a date: a spreadsheet has taken what stood here for one", "INVALID_VALUE", AS_TEXT
    if is_rewritten(text):
        return f"{kind.rule_of(one)}; a spreadsheet has turned it into another number", "INVALID_VALUE", AS_TEXT
    return kind.rule_of(one), "INVALID_VALUE", ""


def two_lengths(header: str, ids: pd.Series, lines: pd.Series) -> list[Fault]:
    """Ids that differ only in zeros at their beginning: one of the two has lost them."""
    given = [text for text in ids.str.strip().unique() if text.isascii() and text.isdigit()]
    times = Counter(text.lstrip("0") for text in given)
    doubled = {text for text in given if times[text.lstrip("0")] > 1}
    found = lines[ids.str.strip().isin(doubled).to_numpy()]
    rule = "the same id with and without zeros at its beginning"
    return [Fault(header, rule, "MANGLED_ID", tuple(found), AS_TEXT)] if len(found) else []


def from_abroad(kind: LocalKind, municipality: Municipality) -> list[str]:
    """A word for the person who loads a delivery with the other country's headers; it may be a file gone astray."""
    if kind.country == municipality.country:
        return []
    names = {"se": "Swedish", "no": "Norwegian"}
    return [f"a {names[kind.country]} delivery, and the municipality is {names[municipality.country]}: is it yours?"]


def pseudonymous(ids: pd.Series, pseudonym: Callable[[str], str]) -> pd.Series:
    """The ids replaced one by one; an empty id stays empty."""
    meaning = {text: pseudonym(text) for text in ids.dropna().unique()}
    return ids.map(meaning).astype("str")


def across_columns(kind: LocalKind, body: Body, part: Filled) -> list[Fault]:
    """What must hold between the columns of one delivery."""
    broken = [one for check in kind.checks for one in check(part.rows)]
    return [
        Fault(body.headers[column], rule, code, tuple(int(part.lines.iloc[position]) for position in positions))
        for column, rule, code, positions in broken
    ]


def against_contract(kind: LocalKind, body: Body, part: Filled, told: list[Fault]) -> list[Fault]:
    """What the contract says, without what follows from what has been told already.

    An unreadable cell is also an empty one, and a column we derive is wrong when what it is derived from is.
    """
    table = table_of(kind, part)
    unjudged = {body.headers[column] for column in body.missing | body.doubled}
    faults = [
        rest
        for fault in hold(CONTRACTS[kind.table], table.rows, table.lines, body.headers)
        if fault.column not in unjudged and not (body.missing and fault.code == "CONFLICTING_DUPLICATE")
        for rest in [_untold(fault, told)]
        if rest
    ]
    delivered = {body.headers[column] for column in body.cells.columns}
    about_delivered = [fault for fault in faults if fault.column in delivered]
    return about_delivered if told or about_delivered else faults


def _untold(fault: Fault, told: list[Fault]) -> Fault | None:
    concerns = [one for one in told if fault.code == "CONFLICTING_DUPLICATE" or one.column == fault.column]
    lines = set(fault.lines) - {line for one in concerns for line in one.lines}
    if fault.lines and not lines:
        return None
    return Fault(fault.column, fault.rule, fault.code, tuple(sorted(lines)), fault.advice)


def table_of(kind: LocalKind, part: Filled) -> Filled:
    """The rows in the columns of their table and nothing besides, each with its line."""
    shaped = kind.shape(part.rows)
    lines = part.lines.loc[shaped.index].reset_index(drop=True)
    full = completed(Filled(kind.table, shaped.reset_index(drop=True), lines, part.notes))
    rows = full.rows[[*CONTRACTS[kind.table].to_schema().columns]]
    return Filled(kind.table, rows, lines, part.notes)
