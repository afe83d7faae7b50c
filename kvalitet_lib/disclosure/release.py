"""What one audience may see, read from plain files. Pages and dashboards know nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.disclosure.findings_files import findings_in
from kvalitet_lib.errors import ReleaseError
from kvalitet_lib.spreadsheets import read_csv

FIGURE_COLUMNS = [
    "indicator", "level", "unit", "school_year", "breakdown", "group", "estimate", "lower", "upper", "n", "missing",
    "method", "status", "shown", "shrunken", "original", "decimals", "source",
]  # fmt: skip
COMPARISON_COLUMNS = [
    "indicator", "level", "unit", "school_year", "breakdown", "group", "reference", "reference_year", "reference_estimate",
    "reference_missing_why", "difference", "difference_lower", "difference_upper",
    "p_adjusted", "family_size", "verdict", "better",
]  # fmt: skip
SEEN = ("yes", "rounded")  # values of `shown` whose figure, or interval, a reader sees
UNIT_COLUMNS = ["level", "unit", "name", "municipality", "owner_type", "year_groups"]
CODES = dict.fromkeys(
    ["indicator", "level", "unit", "school_year", "breakdown", "group", "shown", "method", "status", "original", "source"], "str"
)
NUMBERS = dict.fromkeys(["estimate", "lower", "upper", "n", "missing", "shrunken"], "float64")


@dataclass(frozen=True)
class Release:
    """One release, opened from its folder."""

    folder: Path

    @classmethod
    def open(cls, folder: Path | str) -> Release:
        """Open a release, or the newest one of an audience's folder.

        Raises
        ------
        ReleaseError
            There is no release there.
        """
        here = Path(folder)
        if (here / "current").is_file():
            here = here / (here / "current").read_text(encoding="utf-8").strip()
        if not (here / "release.json").is_file():
            raise ReleaseError(f"There is no release in {folder}. Make one:  kvalitet release")
        return cls(here)

    @property
    def id(self) -> str:
        return self.folder.name

    @cached_property
    def about(self) -> dict[str, Any]:
        """What ``release.json`` says: audience, policy, municipality, deliveries, differences between sources."""
        return json.loads((self.folder / "release.json").read_text(encoding="utf-8"))

    @cached_property
    def units(self) -> pd.DataFrame:
        """One row per school, municipality, group and nation: code, name, municipality, owner, year groups."""
        return read_csv(self.folder / "units.csv")

    def figures(self, level: str, unit: str) -> pd.DataFrame:
        """The figures of one unit; none when it has none."""
        return read_figures(self.folder / "figures" / level / f"{unit}.csv")

    def all_figures(self) -> pd.DataFrame:
        """The figures of every unit."""
        return pd.concat([read_figures(path) for path in sorted(self.folder.glob("figures/*/*.csv"))], ignore_index=True)

    def comparisons(self, level: str, unit: str) -> pd.DataFrame:
        """The comparisons of one unit."""
        rows = _read(self.folder / "comparisons" / level / f"{unit}.csv", COMPARISON_COLUMNS)
        numbers = ["reference_estimate", "difference", "difference_lower", "difference_upper", "p_adjusted", "family_size"]
        return rows.astype({name: "float64" if name in numbers else "str" for name in COMPARISON_COLUMNS})

    def findings(self, *analyses: str) -> list[Finding]:
        """What analyses (all when none is named) have answered, as far as the audience may see it; none without any."""
        return findings_in(self.folder, analyses)

    def units_with_figures(self, level: str) -> list[str]:
        """Codes of the units of a level that have figures, in order."""
        return sorted(path.stem for path in (self.folder / "figures" / level).glob("*.csv"))


def releases_in(folder: Path) -> list[Path]:
    """Folders of all releases of one audience that are still there, oldest first."""
    return sorted(path.parent for path in folder.glob("[!.]*/release.json"))


def read_figures(path: Path) -> pd.DataFrame:
    """Figures from a release's file, typed; none where there is no such file."""
    return _read(path, FIGURE_COLUMNS).astype(CODES | NUMBERS | {"decimals": "Int64"})


def _read(path: Path, columns: list[str]) -> pd.DataFrame:
    if not path.is_file():
        return pd.DataFrame({name: pd.Series(dtype="str") for name in columns})
    return read_csv(path)[columns].replace("", None)
