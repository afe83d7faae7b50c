"""Findings in a release's folder: one plain JSON file each."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Sequence
from pathlib import Path

from kvalitet_lib.analyses import ANALYSES
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.errors import ContractError, ReleaseError

FOLDER = "findings"


def write_findings(folder: Path, findings: Sequence[Finding]) -> None:
    """Write a release's findings, those that were there replaced; no folder where there are none."""
    shutil.rmtree(folder / FOLDER, ignore_errors=True)
    for name, finding in _named(findings).items():
        place = folder / FOLDER
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{name}.json").write_text(finding.to_json(), encoding="utf-8")


def _named(findings: Sequence[Finding]) -> dict[str, Finding]:
    """Each finding by its file's name: its analysis and its place among those of the same."""
    met: dict[str, int] = {}
    named = {}
    for finding in findings:
        met[finding.analysis] = met.get(finding.analysis, 0) + 1
        named[f"{finding.analysis}-{met[finding.analysis]}"] = finding
    return named


def findings_in(folder: Path, analyses: Collection[str] = ()) -> list[Finding]:
    """A release's findings, of these analyses or of all, in the order of ``ANALYSES``; none where it has none.

    Raises
    ------
    ReleaseError
        A file is not one that this version writes.
    """
    paths = sorted((folder / FOLDER).glob("*.json"), key=_place)
    wanted = [path for path in paths if not analyses or path.stem.rpartition("-")[0] in analyses]
    try:
        return [Finding.from_json(path.read_text(encoding="utf-8")) for path in wanted]
    except ContractError as wrong:
        raise ReleaseError(f"{folder / FOLDER} holds what this version cannot read. Make it anew:  kvalitet release") from wrong


def _place(path: Path) -> tuple[int, int]:
    analysis, _, number = path.stem.rpartition("-")
    return ANALYSES.index(analysis) if analysis in ANALYSES else len(ANALYSES), int(number) if number.isdigit() else 0
