"""The confidential store: validated tables in one embedded DuckDB file, each row with its delivery's fingerprint."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd
from filelock import FileLock, Timeout

from kvalitet_lib.contracts import CONTRACTS, Contract, column_types
from kvalitet_lib.errors import BusyError, DeliveryError, Fault

FILE_NAME = "store.duckdb"
SQL_TYPES = {"str": "VARCHAR", "Int64": "BIGINT", "float64": "DOUBLE", "boolean": "BOOLEAN"}
OVERLAP = 0.5  # a corrected delivery holds at least half of what it corrects; less is another part of the whole


@dataclass(frozen=True)
class Kept:
    """What became of one delivery.

    ``outcome`` is ``stored``, ``unchanged`` (this very file is stored already) or ``outdated`` (it was stored
    before and has since been replaced by a correction).
    """

    outcome: str
    rows: int
    replaced_rows: int = 0


class Store(Mapping[str, pd.DataFrame]):
    """Table name → frame. Reading opens the file read-only, without access to anything outside it.

    Parameters
    ----------
    folder : Path
        The private folder. It is made, for its owner only, when it does not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / FILE_NAME
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._read: dict[str, pd.DataFrame] = {}
        self._names: list[str] | None = None

    def __getitem__(self, table: str) -> pd.DataFrame:
        if table not in self:
            raise KeyError(table)
        if table not in self._read:
            with self._reading() as connection:
                self._read[table] = _frame(connection, CONTRACTS[table])
        return self._read[table]

    def __iter__(self) -> Iterator[str]:
        return iter(self._filled())

    def __len__(self) -> int:
        return len(self._filled())

    def __contains__(self, table: object) -> bool:
        return table in self._filled()

    def deliveries(self) -> pd.DataFrame:
        """One row per delivery and table: fingerprint, file_name, source, table_name, rows, rows_left, loaded_at, notes.

        ``rows_left`` is how many of its rows are still the valid ones.
        """
        columns = ["fingerprint", "file_name", "source", "table_name", "rows", "rows_left", "loaded_at", "notes"]
        if not self.path.exists():
            return pd.DataFrame(columns=columns)
        with self._reading() as connection:
            left = " UNION ALL ".join(
                f"SELECT delivery AS fingerprint, '{name}' AS table_name, count(*) AS left_now FROM {name} GROUP BY 1"
                for name in CONTRACTS
            )
            return connection.execute(
                "SELECT d.* EXCLUDE (ordinal), coalesce(l.left_now, 0) AS rows_left "
                f"FROM deliveries d LEFT JOIN ({left}) l USING (fingerprint, table_name) ORDER BY d.ordinal"
            ).df()[columns]

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Write to a copy; the copy takes the store's place only when all went well.

        Raises
        ------
        BusyError
            Someone else is writing to this store.
        """
        lock = FileLock(self.folder / ".writing.lock")
        owner = self.folder / ".writing.owner"
        try:
            lock.acquire(timeout=0)
        except Timeout:
            who = owner.read_text(encoding="utf-8") if owner.exists() else "someone else"
            raise BusyError(f"{who} is writing to the store in {self.folder}. Wait until that is done, then try again.") from None
        beside = self.folder / f"{FILE_NAME}.new"
        try:
            owner.write_text(f"Process {os.getpid()} (since {datetime.now(UTC):%Y-%m-%d %H:%M} UTC)", encoding="utf-8")
            for leftover in (beside, beside.with_name(f"{beside.name}.wal")):
                leftover.unlink(missing_ok=True)
            if self.path.exists():
                shutil.copyfile(self.path, beside)
            connection = _connect(beside)
            try:
                _create(connection)
                yield Writer(connection)
            finally:
                connection.close()
            beside.chmod(0o600)
            beside.replace(self.path)
            self._read.clear()
            self._names = None
        finally:
            beside.unlink(missing_ok=True)
            owner.unlink(missing_ok=True)
            lock.release()

    def _filled(self) -> list[str]:
        if self._names is None:
            self._names = []
            if self.path.exists():
                with self._reading() as connection:
                    self._names = [name for name in CONTRACTS if _rows(connection, name)]
        return self._names

    @contextmanager
    def _reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        connection = _connect(self.path, read_only=True)
        try:
            yield connection
        finally:
            connection.close()


class Writer:
    """Puts deliveries into the store, each whole or not at all."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

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
        self._connection.execute("BEGIN")
        try:
            replaced = sum(self._fill(name, rows, fingerprint, file_name, replace) for name, rows in tables)
            for name, rows in tables:
                self._connection.execute(
                    "INSERT INTO deliveries VALUES (?, ?, ?, ?, ?, ?, ?, nextval('ordinals'))",
                    [fingerprint, file_name, source, name, len(rows), datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), notes],
                )
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        return Kept("stored", sum(len(rows) for _, rows in tables), replaced)

    def _fill(self, name: str, rows: pd.DataFrame, fingerprint: str, file_name: str, replace: bool) -> int:
        contract = CONTRACTS[name]
        columns = _names(contract)
        self._connection.register("arriving", rows[list(_columns(contract))].astype(object).where(rows.notna(), None))
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE arriving_{name} AS SELECT {_cast(contract)} FROM arriving")
        self._connection.unregister("arriving")
        old = f"EXISTS (SELECT 1 FROM arriving_{name} a WHERE {_same(contract.scope())})"
        outgoing = self._ask(f"SELECT count(*) FROM {name} t WHERE {old}")[0][0]
        if outgoing and contract.personal() and not replace:
            same_key = f"EXISTS (SELECT 1 FROM arriving_{name} a WHERE {_same(contract.key())})"
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


def _connect(path: Path, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        str(path), read_only=read_only, config={"autoload_known_extensions": False, "autoinstall_known_extensions": False}
    )
    connection.execute("SET python_enable_replacements = false")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _create(connection: duckdb.DuckDBPyConnection) -> None:
    for name, contract in CONTRACTS.items():
        columns = ", ".join(f'"{column}" {kind}' for column, kind in _columns(contract).items())
        connection.execute(f"CREATE TABLE IF NOT EXISTS {name} ({columns}, delivery VARCHAR)")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS deliveries (fingerprint VARCHAR, file_name VARCHAR, source VARCHAR, table_name VARCHAR, "
        "rows BIGINT, loaded_at VARCHAR, notes VARCHAR, ordinal BIGINT)"
    )
    connection.execute("CREATE SEQUENCE IF NOT EXISTS ordinals")


def _columns(contract: type[Contract]) -> dict[str, str]:
    return {name: SQL_TYPES[kind] for name, kind in column_types(contract).items()}


def _names(contract: type[Contract]) -> str:
    return ", ".join(f'"{name}"' for name in _columns(contract))


def _cast(contract: type[Contract]) -> str:
    return ", ".join(f'CAST("{name}" AS {kind}) AS "{name}"' for name, kind in _columns(contract).items())


def _same(columns: tuple[str, ...]) -> str:
    return " AND ".join(f't."{name}" IS NOT DISTINCT FROM a."{name}"' for name in columns)


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


def _frame(connection: duckdb.DuckDBPyConnection, contract: type[Contract]) -> pd.DataFrame:
    rows = connection.execute(f"SELECT {_names(contract)} FROM {contract.table()}").df()
    return rows.astype(column_types(contract))
