"""Rows of a person, or of school years past, are found and taken out; a trace keeps a forgotten person from coming back."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

import duckdb
import pandas as pd

from kvalitet_lib.contracts import CONTRACTS, Contract
from kvalitet_lib.store_tables import known_in

FOUND = ["table_name", "file_name", "rows"]


@dataclass(frozen=True)
class Selection:
    """Which rows about persons are meant: those of some persons, or those of school years before one.

    Attributes
    ----------
    persons : tuple of str
        Pseudonyms of pupils or respondents, looked for in every column that holds such.
    before : str
        A school year, ``2018-19``; rows of earlier ones are meant.
    """

    persons: tuple[str, ...] = ()
    before: str = ""

    def condition(self, contract: type[Contract]) -> tuple[str, list[str]]:
        """SQL that is true of the rows meant in one table, with its values; empty when the table can have none."""
        columns = contract.personal()
        if self.persons and columns:
            places = ", ".join("?" * len(self.persons))
            return " OR ".join(f'"{name}" IN ({places})' for name in columns), [*self.persons] * len(columns)
        if self.before and columns and "school_year" in contract.to_schema().columns:
            return "school_year < ?", [self.before]
        return "", []


def rows_meant(connection: duckdb.DuckDBPyConnection, selection: Selection) -> pd.DataFrame:
    """``table_name, file_name, rows``: how many rows are meant, and from which delivered files they came."""
    found = []
    known = known_in(connection)
    for name, condition, values in _conditions(selection):
        if name not in known:
            continue
        asked = (
            f"SELECT '{name}' AS table_name, coalesce(d.file_name, '') AS file_name, count(*) AS rows "
            f"FROM (SELECT delivery FROM {name} WHERE {condition}) t "
            f"LEFT JOIN deliveries d ON d.fingerprint = t.delivery AND d.table_name = '{name}' GROUP BY ALL"
        )
        found += connection.execute(asked, values).fetchall()
    return pd.DataFrame(found, columns=FOUND)


def take_out(connection: duckdb.DuckDBPyConnection, selection: Selection) -> dict[str, int]:
    """Delete the rows meant; table → how many, for tables that had any. Their bytes stay until the file is written anew."""
    counts = {
        name: int(connection.execute(f"DELETE FROM {name} WHERE {condition}", values).fetchall()[0][0])
        for name, condition, values in _conditions(selection)
    }
    return {name: count for name, count in counts.items() if count}


def trace(pseudonym: str) -> str:
    """What the store keeps of someone who is forgotten: enough to know them again at the door, not to find them elsewhere.

    A pseudonym is 128 bits under a secret key, so that a plain hash of it cannot be undone by trying all ids.
    """
    return hashlib.sha256(pseudonym.encode()).hexdigest()


def without_forgotten(
    tables: list[tuple[str, pd.DataFrame]], traces: Collection[str]
) -> tuple[list[tuple[str, pd.DataFrame]], int]:
    """The same tables without rows of forgotten persons, and how many rows that were."""
    if not traces:
        return tables, 0
    kept = [(name, rows[~_is_forgotten(CONTRACTS[name], rows, traces)]) for name, rows in tables]
    return kept, sum(len(rows) for _, rows in tables) - sum(len(rows) for _, rows in kept)


def _is_forgotten(contract: type[Contract], rows: pd.DataFrame, traces: Collection[str]) -> pd.Series:
    found = pd.Series(False, index=rows.index)
    for column in contract.personal():
        found |= rows[column].isin([one for one in rows[column].dropna().unique() if trace(one) in traces])
    return found


def _conditions(selection: Selection) -> list[tuple[str, str, list[str]]]:
    said = [(name, *selection.condition(contract)) for name, contract in CONTRACTS.items()]
    return [(name, condition, values) for name, condition, values in said if condition]
