"""Analyses' answers in a release, as a stranger opens them: JSON of frames, read as text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from kvalitet_lib.errors import ReleaseError

FOLDER = "findings"
NAME = re.compile(r"[a-z][a-z0-9_]*-[1-9][0-9]*\.json")


@dataclass(frozen=True)
class Said:
    """One file: where it stands in the release and what it says."""

    file: str
    told: Mapping[str, Any]

    @property
    def analysis(self) -> str:
        return str(self.told.get("analysis", ""))

    @property
    def outcome(self) -> str:
        return str(self.told.get("outcome", ""))

    def part(self, name: str) -> Mapping[str, Any]:
        """One of its parts, e.g. ``basis``; empty when it has none."""
        found = self.told.get(name)
        return found if isinstance(found, Mapping) else {}

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        """Estimates and tables by name, all cells as text; empty where there is nothing."""
        said = {"estimates": self.told.get("estimates"), **self.part("tables")}
        return {str(name): _frame(one) for name, one in said.items() if isinstance(one, Mapping)}


def read_findings(folder: Path) -> tuple[Said, ...]:
    """The answers in a release's folder.

    Raises
    ------
    ReleaseError
        A file cannot be read as one.
    """
    return tuple(_read(folder, path) for path in sorted((folder / FOLDER).glob("*.json")) if NAME.fullmatch(path.name))


def _read(folder: Path, path: Path) -> Said:
    try:
        said = Said(path.relative_to(folder).as_posix(), json.loads(path.read_text(encoding="utf-8")))
        if said.frames is not None:
            return said
    except (ValueError, OSError, TypeError, AttributeError, KeyError):
        pass
    raise ReleaseError(f"{path} cannot be read as a finding. Make the release anew:  kvalitet release")


def _frame(said: Mapping[str, Any]) -> pd.DataFrame:
    cells = [["" if cell is None else str(cell) for cell in row] for row in said["data"]]
    return pd.DataFrame(cells, columns=[str(name) for name in said["columns"]], dtype="str")
