"""One attempt to read a release back, by everybody who may hold it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from kvalitet_lib.attack.alike import by_similar_schools
from kvalitet_lib.attack.bounding import System, bounded
from kvalitet_lib.attack.cells import cells_of
from kvalitet_lib.attack.compared import by_comparison, by_disagreement
from kvalitet_lib.attack.drawn import by_shrunken
from kvalitet_lib.attack.faces import on_its_face
from kvalitet_lib.attack.findings import by_findings
from kvalitet_lib.attack.finer import with_finer_counts
from kvalitet_lib.attack.means import means_read_back
from kvalitet_lib.attack.reading import read
from kvalitet_lib.attack.versions import small_changes, with_earlier, with_ledgers
from kvalitet_lib.attack.weakness import CELL, Weakness
from kvalitet_lib.errors import ContractError

NARROW = 3.0
KNOWN = [*CELL, "n", "count"]


@dataclass(frozen=True)
class Attempt:
    """What was tried and what was found.

    Attributes
    ----------
    release : Path
    audience : str
    weaknesses : tuple of Weakness
    figures, hidden : int
        Our own figures in the release, and how many of them are hidden or coarse: those were bounded.
    heads : int
        Schools of the release whose heads were tried, alone and two together; 0 when nobody said what they know.
    earlier : int
        Releases named as seen before.
    """

    release: Path
    audience: str
    weaknesses: tuple[Weakness, ...]
    figures: int
    hidden: int
    heads: int
    earlier: int


def attempt(release: Path, earlier: Sequence[Path] = (), known: pd.DataFrame | None = None, narrow: float = NARROW) -> Attempt:
    """Attack a release and say what was tried; see ``attack``."""
    seen = read(release)
    before = with_ledgers(seen, [read(folder) for folder in earlier])
    now = cells_of(seen)
    facts = _facts(now.frame, known)
    cells = with_earlier(with_finer_counts(_with_known(now.frame, facts), seen), before, facts)
    system = System(cells, seen.units, seen.code)
    heads = int(cells.loc[cells["true_persons"].notna(), "unit"].nunique())
    weak = bounded(system, seen, heads > 0, narrow)
    found = {
        *weak,
        *means_read_back(system, seen, weak, narrow),
        *seen.strays,
        *on_its_face(seen, now),
        *by_comparison(seen),
        *by_disagreement(seen),
        *by_similar_schools(seen),
        *by_shrunken(seen),
        *by_findings(seen, heads > 0),
        *small_changes(seen, now, before),
    }
    order = sorted(found, key=lambda one: (len(one.readers), one.kind, *(getattr(one, name) for name in CELL), one.quantity))
    return Attempt(release, seen.audience, tuple(order), len(cells), int(cells["hidden"].sum()), heads, len(earlier))


def attack(
    release: Path, earlier: Sequence[Path] = (), known: pd.DataFrame | None = None, narrow: float = NARROW
) -> tuple[Weakness, ...]:
    """Everything a reader of a release can tell that it means to keep.

    Parameters
    ----------
    release : Path
        A release folder: ``release.json``, ``units.csv``, ``figures`` and, if any, ``comparisons``.
    earlier : sequence of Path
        Other releases the reader has seen: older ones of the same audience, the public one. What a ledger tells of
        releases that are gone is taken as seen without being named.
    known : DataFrame, optional
        What heads know of their own schools: ``indicator, level, unit, school_year, breakdown, group, n, count``, one row
        per figure, nothing hidden. Every school's head, and every two heads who pool, is tried, each with their own
        rows only. Rows of other levels nobody knows; they only tell what an earlier release says that no longer holds.
        Without it only somebody outside is tried.
    narrow : float
        Bounds closer than this, in persons or posts, are a weakness.

    Returns
    -------
    tuple of Weakness
        Each with one of the smallest groups of readers that can tell it; empty when nothing was found.

    Raises
    ------
    ReleaseError
        A folder is no release, or half of one.
    ContractError
        ``known`` lacks a column.

    References
    ----------
    Fischetti, M. & Salazar, J. J. (2001). Solving the cell suppression problem on tabular data with linear
    constraints. Management Science 47(7), 1008-1027 (the attacker's two linear programmes per cell).
    """
    return attempt(release, earlier, known, narrow).weaknesses


def _facts(cells: pd.DataFrame, known: pd.DataFrame | None) -> pd.DataFrame:
    """What is true of each cell, whoever knows it: ``persons`` and ``count``, NaN where nobody has said."""
    if known is None:
        return pd.DataFrame({"persons": np.nan, "count": np.nan}, index=cells.index)
    if lacking := [name for name in KNOWN if name not in known]:
        raise ContractError(f"What heads know lacks the column {', '.join(lacking)}. It needs: {', '.join(KNOWN)}.")
    told = known[KNOWN].drop_duplicates(CELL).rename(columns={"n": "persons"}).astype(dict.fromkeys(CELL, "str"))
    return cells[CELL].merge(told, on=CELL, how="left").set_axis(cells.index)[["persons", "count"]]


def _with_known(cells: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """The cells with what heads know of their own schools."""
    of_school = cells["level"].eq("school")
    return cells.assign(
        true_persons=facts["persons"].where(of_school), true_count=facts["count"].where(of_school & cells["counted"])
    )
