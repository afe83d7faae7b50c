"""The confidential store: validated tables in one embedded DuckDB file, each row with its delivery's fingerprint."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from kvalitet_lib.clock import stamp
from kvalitet_lib.contracts import CONTRACTS, Contract
from kvalitet_lib.errors import DeliveryError, Fault
from kvalitet_lib.forgetting import FOUND, Selection, rows_meant, take_out, trace, without_forgotten
from kvalitet_lib.safe_files import in_plain_words, put_in_place, require_room, writing_to
from kvalitet_lib.store_file import close_to_others, for_owner_only, sweep_spilled, write_anew
from kvalitet_lib.store_tables import (
    DELIVERIES,
    agencies_in,
    cast_of,
    columns_of,
    create,
    deliveries_in,
    frame_of,
    known_in,
    names_of,
    rows_in,
    same,
    traces_in,
)

FILE_NAME = "store.duckdb"
OVERLAP = 0.5  # a corrected delivery holds at least half of what it corrects; less is another part of the whole


@dataclass(frozen=True)
class Kept:
    """What became of one delivery.

    ``outcome`` is ``stored``, ``unchanged`` (this very file is stored already) or ``outdated`` (it was stored
    before and has since been replaced by a correction). ``forgotten_rows`` are those left out because they are about
    someone who is to be forgotten.
    """

    outcome: str
    rows: int
    replaced_rows: int = 0
    forgotten_rows: int = 0


class Store(Mapping[str, pd.DataFrame]):
    """Table name → frame. Reading opens the file read-only, without access to anything outside it.

    All that one Store reads is of one moment: the file it opened first, even when someone loads in the meantime. It
    blocks nobody by that, as a load writes a new file and lets it take the old one's place.

    Parameters
    ----------
    folder : Path
        The private folder. It is made, for its owner only, when it does not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / FILE_NAME
        with in_plain_words(folder, "opening the store"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._opened: duckdb.DuckDBPyConnection | None = None
        self._read: dict[str, pd.DataFrame] = {}
        self._names: list[str] | None = None

    def __getitem__(self, table: str) -> pd.DataFrame:
        if table not in self:
            raise KeyError(table)
        if table not in self._read:
            self._read[table] = frame_of(self._reading(), CONTRACTS[table])
        return self._read[table]

    def __iter__(self) -> Iterator[str]:
        return iter(self._filled())

    def __len__(self) -> int:
        return len(self._filled())

    def __contains__(self, table: object) -> bool:
        return table in self._filled()

    def deliveries(self) -> pd.DataFrame:
        """One row per delivery and table: fingerprint, file_name, source, table_name, rows, rows_left, loaded_at, notes.

        ``rows_left`` is how many of its rows are still the valid ones; ``loaded_at`` is in UTC.
        """
        return deliveries_in(self._reading()) if self._is_there() else pd.DataFrame(columns=DELIVERIES)

    def agencies(self) -> dict[str, str]:
        """Whose published values each delivery holds that is still valid: fingerprint → source of its values."""
        return agencies_in(self._reading()) if self._is_there() else {}

    def rows_meant(self, selection: Selection) -> pd.DataFrame:
        """``table_name, file_name, rows``: how many rows are meant, and from which delivered files they came."""
        return rows_meant(self._reading(), selection) if self._is_there() else pd.DataFrame(columns=FOUND)

    def forgotten(self) -> set[str]:
        """Traces of those who are forgotten; see ``forgetting.trace``."""
        return traces_in(self._reading()) if self._is_there() else set()

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Write to a copy; the copy takes the store's place only when all went well.

        Raises
        ------
        BusyError
            Someone else is writing to this store.
        PlaceError
            The disk is full, the folder is read-only, …; the store is as it was.
        """
        close_to_others(self.folder)
        with for_owner_only(), writing_to(self.folder, "loading deliveries") as draft:
            copy = draft / FILE_NAME
            if self.path.exists():
                require_room(self.folder, self.path.stat().st_size)
                shutil.copyfile(self.path, copy)
            connection = _connect(copy)
            writer = Writer(connection)
            try:
                create(connection)
                yield writer
                connection.execute("CHECKPOINT")  # closing does it too, and loses rows without a word when it fails
            finally:
                connection.close()
            if writer.has_removed:
                write_anew(copy)
            copy.chmod(0o600)
            put_in_place(copy, self.path)
            if writer.has_removed:
                sweep_spilled(self.folder)
            self.close()

    def close(self) -> None:
        """Let go of the file; what is read next is as it is then."""
        if self._opened is not None:
            self._opened.close()
        self._opened, self._names = None, None
        self._read.clear()

    def _filled(self) -> list[str]:
        if self._names is None:
            known = known_in(self._reading()) if self._is_there() else set()
            self._names = [name for name in CONTRACTS if name in known and rows_in(self._reading(), name)]
        return self._names

    def _is_there(self) -> bool:
        return self._opened is not None or self.path.exists()

    def _reading(self) -> duckdb.DuckDBPyConnection:
        if self._opened is None:
            self._opened = _connect_to_read(self.path)
        return self._opened


class Writer:
    """Puts deliveries into the store, each whole or not at all."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.has_removed = False

    def outcome_before(self, fingerprint: str) -> str:
        """``unchanged`` or ``outdated`` when this very file was stored before, else empty."""
        tables = [name for (name,) in self._ask("SELECT table_name FROM deliveries WHERE fingerprint = ?", fingerprint)]
        if not tables:
            return ""
        left = sum(self._ask(f"SELECT count(*) FROM {name} WHERE delivery = ?", fingerprint)[0][0] for name in tables)
        return "unchanged" if left else "outdated"

    def put(
        self,
        fingerprint: str,
        file_name: str,
        source: str,
        tables: list[tuple[str, pd.DataFrame]],
        notes: str = "",
        replace: bool = False,
    ) -> Kept:
        """Store one delivery's rows; rows of the same scope from earlier deliveries give way.

        Parameters
        ----------
        tables : list of (table name, frame)
            Frames that keep their contract.
        replace : bool
            Accept that most of what is replaced does not come again.

        Raises
        ------
        DeliveryError
            It would push out rows it does not hold itself (code ``WOULD_REPLACE_OTHERS``).
        """
        before = self.outcome_before(fingerprint)
        if before:
            return Kept(before, 0)
        tables, forgotten = without_forgotten(tables, traces_in(self._connection))
        self._connection.execute("BEGIN")
        try:
            replaced = sum(self._fill(name, rows, fingerprint, file_name, replace) for name, rows in tables)
            for name, rows in tables:
                self._connection.execute(
                    "INSERT INTO deliveries VALUES (?, ?, ?, ?, ?, ?, ?, nextval('ordinals'))",
                    [fingerprint, file_name, source, name, len(rows), stamp(), notes],
                )
            self._connection.execute("COMMIT")
        except BaseException:
            with suppress(duckdb.Error):  # nothing is left to roll back after a fault of the disk
                self._connection.execute("ROLLBACK")
            raise
        return Kept("stored", sum(len(rows) for _, rows in tables), replaced, forgotten)

    def remove(self, selection: Selection) -> dict[str, int]:
        """Take rows out for good, and remember persons so that later deliveries do not bring them back.

        The store is written to a new file when the writing ends: not a byte of the rows is left in it.

        Returns
        -------
        dict
            Table → rows, for tables that had any.
        """
        self._connection.execute("BEGIN")
        try:
            removed = take_out(self._connection, selection)
            known = traces_in(self._connection)
            for person in {trace(one) for one in selection.persons} - known:
                self._connection.execute("INSERT INTO forgotten VALUES (?, ?)", [person, stamp()[:10]])
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self.has_removed = True
        return removed

    def _fill(self, name: str, rows: pd.DataFrame, fingerprint: str, file_name: str, replace: bool) -> int:
        contract = CONTRACTS[name]
        columns = names_of(contract)
        self._connection.register("arriving", rows[list(columns_of(contract))].astype(object).where(rows.notna(), None))
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE arriving_{name} AS SELECT {cast_of(contract)} FROM arriving")
        self._connection.unregister("arriving")
        old = f"EXISTS (SELECT 1 FROM arriving_{name} a WHERE {same(contract.scope())})"
        outgoing = self._ask(f"SELECT count(*) FROM {name} t WHERE {old}")[0][0]
        if outgoing and contract.personal() and not replace:
            same_key = f"EXISTS (SELECT 1 FROM arriving_{name} a WHERE {same(contract.key())})"
            again = self._ask(f"SELECT count(*) FROM {name} t WHERE {old} AND {same_key}")[0][0]
            if again < OVERLAP * outgoing:
                raise DeliveryError(file_name, name, [_would_replace(contract, outgoing, again)])
        self._connection.execute(f"DELETE FROM {name} t WHERE {old}")
        self._connection.execute(
            f"INSERT INTO {name} ({columns}, delivery) SELECT {columns}, ? FROM arriving_{name}", [fingerprint]
        )
        self._connection.execute(f"DROP TABLE arriving_{name}")
        return int(outgoing)

    def _ask(self, question: str, *values: object) -> list[tuple]:
        return self._connection.execute(question, list(values)).fetchall()


def _would_replace(contract: type[Contract], outgoing: int, again: int) -> Fault:
    return Fault(
        column=", ".join(contract.scope()),
        rule=f"covers the same as an earlier delivery with {outgoing} rows, but holds only {again} of them again",
        code="WOULD_REPLACE_OTHERS",
        advice="Deliver all parts in one file; or, if the earlier delivery was wrong, load this one with --replace.",
    )


CLOSED: dict[str, str | bool | int | float | list[str]] = {
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
}


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    return _locked(duckdb.connect(str(path), config=CLOSED))


def _connect_to_read(path: Path) -> duckdb.DuckDBPyConnection:
    """A connection of its own, that shares nothing with others in this program which may have opened an older file here."""
    connection = duckdb.connect(":memory:", config={**CLOSED, "temp_directory": ""})
    connection.execute(f"ATTACH '{str(path).replace(chr(39), chr(39) * 2)}' AS store (READ_ONLY)")
    connection.execute("USE store")
    return _locked(connection)


def _locked(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    connection.execute("SET python_enable_replacements = false")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection
