"""Findings on disk, in the private folder: written by ``kvalitet analyse``, read by ``kvalitet release``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kvalitet_lib.analyses import ANALYSES
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.errors import ContractError
from kvalitet_lib.safe_files import write_whole

FOLDER = "findings"


@dataclass(frozen=True)
class KeptFindings:
    """What ``kvalitet analyse`` has written.

    Attributes
    ----------
    current : tuple of Finding
        Made from what the store holds now, in the order of ``ANALYSES``.
    stale : tuple of str
        Analyses whose findings were made from other deliveries or settings.
    """

    current: tuple[Finding, ...]
    stale: tuple[str, ...]


def write_findings(private: Path, analysis: str, findings: Sequence[Finding], made_from: str, drafts: Path) -> Path:
    """Write all findings of one analysis, whole or not at all; what was there of it is replaced.

    Parameters
    ----------
    private : Path
        The home's private folder.
    made_from : str
        Fingerprint of the deliveries and settings the findings rest on.
    drafts : Path
        A folder of drafts on the same disk: from ``safe_files.drafts_in``.
    """
    place = private / FOLDER / f"{analysis}.json"
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    said = {"made_from": made_from, "findings": [json.loads(finding.to_json()) for finding in findings]}
    write_whole(place, json.dumps(said, ensure_ascii=False, indent=1), drafts)
    return place


def read_findings(private: Path, made_from: str) -> KeptFindings:
    """The findings kept in a home's private folder; none when there are none.

    Raises
    ------
    ContractError
        A file is not one that this version writes.
    """
    current: list[Finding] = []
    stale: list[str] = []
    for analysis in ANALYSES:
        place = private / FOLDER / f"{analysis}.json"
        if not place.is_file():
            continue
        try:
            said = json.loads(place.read_text(encoding="utf-8"))
            held, made = said["findings"], said["made_from"]
        except (ValueError, KeyError, TypeError) as wrong:
            raise ContractError(f"{place} holds no findings. Make them anew:  kvalitet analyse {analysis}") from wrong
        if made != made_from:
            stale.append(analysis)
            continue
        current += [Finding.from_json(json.dumps(one)) for one in held]
    return KeptFindings(tuple(current), tuple(stale))


def forget_findings(private: Path) -> None:
    """Remove all findings: what they rest on is there no longer."""
    for place in (private / FOLDER).glob("*.json"):
        place.unlink()
