"""The contracts as tables of DuckDB, and rows on their way between the two."""

from __future__ import annotations

import duckdb
import pandas as pd

from kvalitet_lib.contracts import CONTRACTS, Contract, column_types

DELIVERIES = ["fingerprint", "file_name", "source", "table_name", "rows", "rows_left", "loaded_at", "notes"]
SQL_TYPES = {"str": "VARCHAR", "Int64": "BIGINT", "float64": "DOUBLE", "boolean": "BOOLEAN"}


def create(connection: duckdb.DuckDBPyConnection) -> None:
    for name, contract in CONTRACTS.items():
        columns = ", ".join(f'"{column}" {kind}' for column, kind in columns_of(contract).items())
        connection.execute(f"CREATE TABLE IF NOT EXISTS {name} ({columns}, delivery VARCHAR)")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS deliveries (fingerprint VARCHAR, file_name VARCHAR, source VARCHAR, table_name VARCHAR, "
        "rows BIGINT, loaded_at VARCHAR, notes VARCHAR, ordinal BIGINT)"
    )
    connection.execute("CREATE SEQUENCE IF NOT EXISTS ordinals")
    connection.execute("CREATE TABLE IF NOT EXISTS forgotten (trace VARCHAR, since VARCHAR)")


def columns_of(contract: type[Contract]) -> dict[str, str]:
    return {name: SQL_TYPES[kind] for name, kind in column_types(contract).items()}


def names_of(contract: type[Contract]) -> str:
    return ", ".join(f'"{name}"' for name in columns_of(contract))


def cast_of(contract: type[Contract]) -> str:
    return ", ".join(f'CAST("{name}" AS {kind}) AS "{name}"' for name, kind in columns_of(contract).items())


def same(columns: tuple[str, ...]) -> str:
    return " AND ".join(f't."{name}" IS NOT DISTINCT FROM a."{name}"' for name in columns)


def known_in(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Tables the file has: one that an older version of ours has written lacks those that are new."""
    return {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}


def traces_in(connection: duckdb.DuckDBPyConnection) -> set[str]:
    if "forgotten" not in known_in(connection):
        return set()
    return {one for (one,) in connection.execute("SELECT trace FROM forgotten").fetchall()}


def rows_in(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


def frame_of(connection: duckdb.DuckDBPyConnection, contract: type[Contract]) -> pd.DataFrame:
    rows = connection.execute(f"SELECT {names_of(contract)} FROM {contract.table()}").df()
    return rows.astype(column_types(contract))


def deliveries_in(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """``DELIVERIES``, one row per delivery and table in the order in which they came."""
    known = known_in(connection)
    left = " UNION ALL ".join(
        f"SELECT delivery AS fingerprint, '{name}' AS table_name, count(*) AS left_now FROM {name} GROUP BY 1"
        for name in CONTRACTS
        if name in known
    )
    told = connection.execute(
        "SELECT d.* EXCLUDE (ordinal), coalesce(l.left_now, 0) AS rows_left "
        f"FROM deliveries d LEFT JOIN ({left}) l USING (fingerprint, table_name) ORDER BY d.ordinal"
    )
    return told.df()[DELIVERIES]


def agencies_in(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The source of the values of each delivery of published values: the one most of them have."""
    asked = "SELECT delivery, mode(source) FROM published_values GROUP BY delivery"
    return dict(connection.execute(asked).fetchall()) if "published_values" in known_in(connection) else {}
