"""Which files a person means by the paths they name, and which of those cannot be opened."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from kvalitet_lib.errors import Fault
from kvalitet_lib.sources.reading import MOST_BYTES

IGNORED = {".md", ".png", ".pdf", ".html", ".lock"}
LEFT_BY_PROGRAMS = (".", "~$")
LEFT_BY_WINDOWS = {"thumbs.db", "desktop.ini"}
CHECK = "Check the path."
MAY_YOU = "Check that it is there, that you may open it, and that no other program is writing to it."


def files_in(paths: list[Path]) -> list[Path]:
    """The files named, and all files below the folders named, in order of path.

    Below a folder, hidden files, pages and what other programs leave behind are passed over. A path without any file,
    or that cannot be opened, stands for itself, so that it can be told of: see :func:`cannot_be_read`.
    """
    return [found for path in paths for found in (sorted(_below(path)) or [path] if path.is_dir() else [path])]


def _below(folder: Path) -> Iterator[Path]:
    """All deliveries below a folder, through links too but never in a circle, and the folders that cannot be opened."""
    closed: list[OSError] = []
    been: set[str] = set()
    for place, folders, names in os.walk(folder, onerror=closed.append, followlinks=True):
        been.add(os.path.realpath(place))
        folders[:] = [name for name in folders if os.path.realpath(os.path.join(place, name)) not in been]  # noqa: PTH118
        yield from (Path(place) / name for name in names if _is_meant(name))
    yield from (Path(error.filename) for error in closed)


def _is_meant(name: str) -> bool:
    left_behind = name.startswith(LEFT_BY_PROGRAMS) or name.lower() in LEFT_BY_WINDOWS
    return not left_behind and Path(name).suffix.lower() not in IGNORED


def cannot_be_read(path: Path) -> Fault | None:
    """What keeps a path from being read as a delivery, before it is opened."""
    if not os.path.lexists(path):
        return Fault("", "there is no such file or folder", "NO_FILE", advice=CHECK)
    if path.is_dir() and os.access(path, os.R_OK | os.X_OK):
        return Fault("", "the folder holds no deliveries", "NO_FILE", advice=CHECK)
    if not path.is_file():
        return unreadable()
    if path.stat().st_size > MOST_BYTES:
        rule = f"larger than {MOST_BYTES // 1_000_000} MB"
        return Fault("", rule, "TOO_LARGE", advice="Deliver one school year at a time.")
    return None


def unreadable() -> Fault:
    return Fault("", "the file cannot be opened", "UNREADABLE_FILE", advice=MAY_YOU)
