"""The store's file on disk: for its owner alone, and written anew when rows were taken out of it."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

OTHERS = stat.S_IRWXG | stat.S_IRWXO


@contextmanager
def for_owner_only() -> Iterator[None]:
    """While the block lasts, every file this process makes can be read by its owner alone, DuckDB's log and spill too."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def close_to_others(folder: Path) -> None:
    """Take every right to the folder from others than its owner, where it was made with such rights."""
    if os.name == "posix" and folder.stat().st_mode & OTHERS:
        folder.chmod(stat.S_IRWXU)


def write_anew(path: Path) -> None:
    """Put a new file with the same rows in the place of ``path``.

    A deleted row's bytes stay in DuckDB's file after DELETE, CHECKPOINT and VACUUM. Only rows that are still there can be
    read from the old file, so the new one never held the others.
    """
    fresh = path.with_name(f"{path.name}.fresh")
    fresh.unlink(missing_ok=True)
    try:
        with duckdb.connect(config={"autoload_known_extensions": False, "autoinstall_known_extensions": False}) as connection:
            connection.execute(f"ATTACH {_quoted(path)} AS before (READ_ONLY)")
            connection.execute(f"ATTACH {_quoted(fresh)} AS after")
            connection.execute("COPY FROM DATABASE before TO after")
            connection.execute("CHECKPOINT after")
        fresh.replace(path)
    finally:
        for leftover in (fresh, fresh.with_name(f"{fresh.name}.wal")):
            leftover.unlink(missing_ok=True)


def sweep_spilled(folder: Path) -> None:
    """Remove what readers that were killed have spilled beside the store: it may hold rows that are gone."""
    for spilled in folder.glob("*.tmp"):
        shutil.rmtree(spilled, ignore_errors=True)


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
