"""A release as a stranger finds it: plain files read as text, with all that should not be among them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from kvalitet_lib.attack.finding_files import Said, read_findings
from kvalitet_lib.attack.rules import Rules
from kvalitet_lib.attack.strays import LEDGER, LEVELS, in_place, in_row, stray_files, unknown_units
from kvalitet_lib.attack.weakness import CELL, Weakness
from kvalitet_lib.errors import ReleaseError

UNITS = ["level", "unit", "name", "municipality", "owner_type", "year_groups"]
NUMBERS = ["estimate", "lower", "upper", "n", "missing", "shrunken"]
FIGURES = [
    *CELL,
    *["estimate", "lower", "upper", "n", "missing", "method", "status", "shown", "shrunken", "original", "decimals", "source"],
]
DIFFERENCES = ["reference_estimate", "difference", "difference_lower", "difference_upper"]
COMPARISONS = [
    *[*CELL, "reference", "reference_year", "reference_missing_why", *DIFFERENCES, "p", "p_adjusted"],
    *["family_size", "verdict", "better"],
]
USUAL_LEVEL = 0.95
# Without these one cannot tell which figure a row is about.
NEEDED = {"figures": [*CELL, "estimate", "n", "shown"], "comparisons": [*CELL, "reference"]}


@dataclass(frozen=True)
class Seen:
    """One release, read.

    Attributes
    ----------
    audience, code : str
        For whom, and the municipality's code.
    rules : Rules
        The thresholds it says it keeps.
    level : float
        Confidence level of its intervals.
    comparable : str
        The group of comparable municipalities.
    units, figures, comparisons : DataFrame
        All cells as text, as they stand; ``file`` is the path in the release.
    ledger : DataFrame
        Figures it says were let out before, as text; none where it has no ledger.
    disagreements : tuple of dict
        What it says of sources that differ.
    strays : tuple of Weakness
        Files, columns and rows that do not belong there.
    findings : tuple of Said
        Analyses' answers.
    """

    folder: Path
    audience: str
    code: str
    rules: Rules
    level: float
    comparable: str
    units: pd.DataFrame
    figures: pd.DataFrame
    comparisons: pd.DataFrame
    ledger: pd.DataFrame
    disagreements: tuple[dict[str, Any], ...]
    strays: tuple[Weakness, ...]
    findings: tuple[Said, ...] = ()


def read(folder: Path) -> Seen:
    """Read a release folder.

    Raises
    ------
    ReleaseError
        It is no release, or only half of one: which part is missing or cannot be read.
    """
    told = told_by(folder)
    strays: list[Weakness] = []
    units = _rows(folder, folder / "units.csv", UNITS, ["level", "unit"], strays)
    place = told.get("municipality")
    where: dict[str, Any] = place if isinstance(place, dict) else {}
    figures, comparisons = (_tables(folder, kind, strays) for kind in ("figures", "comparisons"))
    if figures.empty:
        raise ReleaseError(f"{folder} holds no figures. Make the release anew:  kvalitet release")
    ledger = _rows(folder, folder / LEDGER, FIGURES, NEEDED["figures"], strays) if (folder / LEDGER).is_file() else figures[:0]
    strays += unknown_units(figures, units) + stray_files(folder, told.get("policy"))
    return Seen(
        folder,
        str(told.get("audience", "")),
        str(where.get("code", "")),
        Rules.stated(told.get("policy")),
        _level(where.get("confidence")),
        str(where.get("comparable", "")),
        units,
        figures,
        comparisons,
        ledger,
        _records(told.get("disagreements")),
        tuple(strays),
        read_findings(folder),
    )


def _level(stated: Any) -> float:
    return float(stated) if isinstance(stated, int | float) and 0 < stated < 1 else USUAL_LEVEL


def _records(stated: Any) -> tuple[dict[str, Any], ...]:
    return tuple(one for one in stated if isinstance(one, dict)) if isinstance(stated, list) else ()


def is_release(folder: Path) -> bool:
    """Whether a folder looks like a release; it may still be broken."""
    return (folder / "release.json").is_file()


def told_by(folder: Path) -> dict[str, Any]:
    """What ``release.json`` says, of a folder that is a whole release.

    Raises
    ------
    ReleaseError
        It is no release, or only half of one: which part is missing or cannot be read.
    """
    whole = {"release.json": Path.is_file, "units.csv": Path.is_file, "figures": Path.is_dir}
    if lacking := [name for name, there in whole.items() if not there(folder / name)]:
        half = "is no release" if len(lacking) == len(whole) else "is only half a release"
        raise ReleaseError(f"{folder} {half}: it has no {', '.join(lacking)}. Make one:  kvalitet release")
    try:
        told = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    except (ValueError, OSError):
        raise ReleaseError(f"{folder / 'release.json'} cannot be read. Make the release anew:  kvalitet release") from None
    if not isinstance(told, dict):
        raise ReleaseError(f"{folder / 'release.json'} is not what a release says of itself. Make it anew:  kvalitet release")
    return told


def _tables(folder: Path, kind: str, strays: list[Weakness]) -> pd.DataFrame:
    columns = FIGURES if kind == "figures" else COMPARISONS
    read = [_rows(folder, path, columns, NEEDED[kind], strays) for path in sorted(_csv_files(folder / kind))]
    together = pd.concat(read, ignore_index=True) if read else pd.DataFrame(columns=[*columns, "file"], dtype="str")
    elsewhere = together["file"].ne(kind + "/" + together["level"] + "/" + together["unit"] + ".csv")
    strays += [in_row(row) for row in together.loc[elsewhere, CELL].itertuples(index=False)]
    twice = together[~elsewhere].duplicated([*CELL, "reference"] if kind == "comparisons" else CELL)
    strays += [in_row(row) for row in together[~elsewhere].loc[twice, CELL].itertuples(index=False)]
    return together


def _csv_files(folder: Path) -> Iterator[Path]:
    for level in LEVELS:
        yield from (path for path in (folder / level).glob("*.csv") if path.is_file())


def _rows(folder: Path, path: Path, columns: list[str], needed: list[str], strays: list[Weakness]) -> pd.DataFrame:
    name = path.relative_to(folder).as_posix()
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            header, *rows = csv.reader(lines, strict=True)
    except (ValueError, OSError, csv.Error):
        raise ReleaseError(f"{path} cannot be read as CSV in UTF-8. Make the release anew:  kvalitet release") from None
    if lacking := [column for column in needed if column not in header]:
        raise ReleaseError(f"{path} has no column {', '.join(lacking)}. Make the release anew:  kvalitet release")
    if ragged := next((place for place, row in enumerate(rows, 2) if len(row) != len(header)), 0):
        raise ReleaseError(f"{path}, line {ragged}, is not as long as its header. Make the release anew:  kvalitet release")
    strays += [in_place(name, column) for column in header if column not in columns or header.count(column) > 1]
    frame = pd.DataFrame(rows, columns=header, dtype="str")
    return frame.loc[:, ~frame.columns.duplicated()].reindex(columns=columns, fill_value="").assign(file=name)
