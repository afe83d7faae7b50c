"""``kvalitet forget``: take a pupil, or school years past, out of the store for good."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Sequence
from datetime import date
from typing import Annotated

import pandas as pd
import typer

from kvalitet_lib.analyses.findings_folder import forget_findings
from kvalitet_lib.cli.home import Home
from kvalitet_lib.cli.options import HomeOption
from kvalitet_lib.contracts import SCHOOL_YEAR
from kvalitet_lib.errors import ContractError, SettingsError
from kvalitet_lib.forgetting import Selection, trace
from kvalitet_lib.municipality import Municipality
from kvalitet_lib.sources.local_rules import FIRST_MONTH
from kvalitet_lib.sources.pseudonyms import Pseudonyms
from kvalitet_lib.store import Store

UNKNOWN = (
    "The store has no rows of {who}. Give the id as the school system writes it in its deliveries (not an identity number), "
    "or the pseudonym.\nNothing was removed."
)


def forget(
    pupils: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PUPIL...",
            show_default=False,
            help="Ids as the school system writes them, or pseudonyms; asked for when none is given, so that they do not stay "
            "in the shell's history; - reads them from standard input, one a line.",
        ),
    ] = None,
    before: Annotated[str, typer.Option(help="Instead: rows about pupils of school years before this one, e.g. 2018-19.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask. It cannot be undone.")] = False,
    home: HomeOption = None,
) -> None:
    """Take a pupil's rows, or those of school years past, out of every table and write the store to a new file."""
    where = Home.find(home)
    store = Store(where.private)
    if before:
        _refuse_both(pupils)
        selection = Selection(before=_school_year(before))
    else:
        selection = _persons(where, pupils or _asked_for())
        _refuse_unknown(store, selection.persons)
    found = store.rows_meant(selection)
    if found.empty:
        _say_nothing_found(selection)
        return
    _say_what_is_meant(found, selection)
    if not yes:
        _confirm()
    with store.writing() as writer:
        removed = writer.remove(selection)
    # Forms that wait to be filled in hold answers and pseudonyms, and findings rest on everybody; both are made anew from
    # what is left.
    shutil.rmtree(where.private / "forms", ignore_errors=True)
    forget_findings(where.private)
    print(f"forgotten: {_rows(sum(removed.values()))} in {len(removed)} tables; the store was written to a new file.\n")
    _say_what_is_left(sorted({str(name) for name in found["file_name"] if name}), selection)


def oldest_kept(municipality: Municipality, today: date) -> str:
    """The first school year that the settings keep; empty when they keep all."""
    if municipality.keep_school_years is None:
        return ""
    first = today.year - (today.month < FIRST_MONTH) - municipality.keep_school_years + 1
    return f"{first}-{(first + 1) % 100:02d}"


def _refuse_both(pupils: list[str] | None) -> None:
    if pupils:
        raise ContractError("Name pupils, or a school year with --before, not both. Nothing was removed.")


def _school_year(text: str) -> str:
    if not re.fullmatch(SCHOOL_YEAR, text):
        raise ContractError(f"{text!r} is not a school year. Write it like 2018-19.")
    return text


def _asked_for() -> list[str]:
    if not sys.stdin.isatty():
        raise ContractError("Say which pupil:  kvalitet forget PUPIL  (or - to read ids from standard input).")
    return [typer.prompt("The pupil's id (it is not shown)", hide_input=True)]


def _persons(where: Home, ids: Sequence[str]) -> Selection:
    given = [line.strip() for line in sys.stdin] if list(ids) == ["-"] else list(ids)
    if not where.key.exists():
        # A new key would be made, and nobody would be found with it.
        raise SettingsError(f"There is no key {where.key}, and without it nobody can be found. Restore it from your backup.")
    pseudonym = Pseudonyms.open(where.key)
    return Selection(persons=tuple(dict.fromkeys(pseudonym(one) for one in given if one)))


def _refuse_unknown(store: Store, persons: Sequence[str]) -> None:
    """A mistyped id must not keep out somebody who is yet to come."""
    forgotten = store.forgotten()
    unknown = sum(trace(one) not in forgotten and store.rows_meant(Selection((one,))).empty for one in persons)
    if unknown or not persons:
        raise ContractError(UNKNOWN.format(who="this pupil" if len(persons) == 1 else f"{unknown} of these pupils"))


def _say_nothing_found(selection: Selection) -> None:
    if selection.before:
        print(f"The store has no rows about pupils from before {selection.before}.")
    else:
        print("Forgotten before: the store has no rows of this pupil, and leaves out those of later deliveries.")


def _say_what_is_meant(found: pd.DataFrame, selection: Selection) -> None:
    if selection.persons:
        print("Rows of this pupil:" if len(selection.persons) == 1 else f"Rows of these {len(selection.persons)} pupils:")
    else:
        print(f"Rows about pupils from before {selection.before}:")
    for table, rows in found.groupby("table_name")["rows"].sum().items():
        print(f"  {rows:>8}  {table}")


def _confirm() -> None:
    if not sys.stdin.isatty():
        raise ContractError("This cannot be undone. If that is what you want, say it again with --yes. Nothing was removed.")
    typer.confirm("This cannot be undone. Remove them?", abort=True)


def _say_what_is_left(files: list[str], selection: Selection) -> None:
    if selection.persons:
        print("Later deliveries: their rows are left out; for that the store keeps a trace of each pseudonym, and nothing else.")
    print(
        "Releases and pages stand as they were made. Make new ones:  kvalitet analyse, kvalitet release, then kvalitet report …"
    )
    if files:
        print(
            "We keep no copy of what you delivered. These files, earlier versions of them, and your backups still hold the rows;"
        )
        print("delete them where you keep them:")
        for name in files:
            print(f"  {name}")


def _rows(count: int) -> str:
    return f"{count} row" if count == 1 else f"{count} rows"
