"""Files, columns and rows that do not belong in a release."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from kvalitet_lib.attack import finding_files
from kvalitet_lib.attack.weakness import Cell, Weakness

LEVELS = ("school", "municipality", "group", "nation")
TABLES = ("figures", "comparisons")
LEDGER = "ledger.csv"
COMMENTS = "school_year,respondents,question,text"


def stray_files(folder: Path, policy: Any) -> list[Weakness]:
    """Files a release does not consist of; answers in people's own words where its audience reads none."""
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())
    known = {"release.json", "units.csv", LEDGER, *_expected(folder, policy)}
    return [in_place(name, "") for name in files if name not in known]


def _expected(folder: Path, policy: Any) -> Iterator[str]:
    for kind in TABLES:
        for level in LEVELS:
            yield from (f"{kind}/{level}/{path.name}" for path in (folder / kind / level).glob("*.csv"))
    answers = (folder / finding_files.FOLDER).glob("*.json")
    yield from (f"{finding_files.FOLDER}/{path.name}" for path in answers if finding_files.NAME.fullmatch(path.name))
    if isinstance(policy, dict) and policy.get("free_text") is True:
        words = (folder / "comments" / "school").glob("*.csv")
        yield from (f"comments/school/{path.name}" for path in words if _first_line(path) == COMMENTS)


def _first_line(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as lines:
        return lines.readline().strip()


def unknown_units(figures: pd.DataFrame, units: pd.DataFrame) -> list[Weakness]:
    """Files of figures of units the release does not name."""
    named = set(zip(units["level"], units["unit"], strict=True))
    files = figures.drop_duplicates(["level", "unit"])
    return [in_place(row.file, "") for row in files.itertuples() if (row.level, row.unit) not in named]


def in_place(path: str, column: str) -> Weakness:
    """A file, or a column of it, that should not be there."""
    return Weakness("extra", "", "", "", path, "", "", column)


def in_row(row: Cell) -> Weakness:
    """A row that should not be there."""
    return Weakness("extra", "", *row)
