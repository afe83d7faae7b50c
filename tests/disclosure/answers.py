"""Findings drawn by hand for tests of the gate, and figures of a release to stand beside them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Basis, Finding
from kvalitet_lib.disclosure.findings import shown_findings
from kvalitet_lib.indicators import all_indicators
from kvalitet_lib.municipality import Audience
from tests.disclosure.figures import PUBLIC
from tests.whiteboard import table

CODE, YEAR = "9001", "2024-25"
SCHOOLS = tuple("abcdefgh")


def answer(
    schools: str | pd.DataFrame = "",
    *rows: Mapping[str, Any],
    analysis: str = "value_added",
    outcome: str = "meritvarde",
    **more: Any,
) -> Finding:
    """A finding with a table of schools drawn as text, and estimates."""
    drawn = table(schools) if isinstance(schools, str) and schools else schools
    tables = {} if isinstance(drawn, str) else {"schools": drawn}
    basis = Basis(400, 8, 400, (YEAR,), 0.0312, {"prior": 3, "outcome": 24})
    usual: dict[str, Any] = {"basis": basis, "tables": tables, "design": Claim.DIFFERS}
    whole = {"term": "schools", "estimate": 12.3456, "null": 0.0, "lower": 4.567, "upper": 20.1, "p": 0.001, "n": 400}
    return Finding(analysis, outcome, estimates=pd.DataFrame(list(rows) or [whole]), **(usual | more))


def units() -> pd.DataFrame:
    rows = [*(("school", one) for one in SCHOOLS), ("municipality", CODE)]
    frame = pd.DataFrame(rows, columns=["level", "unit"])
    return frame.assign(name=frame["unit"], municipality=CODE, owner_type="municipal", year_groups="")


def figures(
    hidden: Mapping[str, str] | None = None, indicator: str = "meritvarde", years: Collection[str] = (YEAR,)
) -> pd.DataFrame:
    """A release's figures of all schools: shown, but for those named with the word that stands there."""
    rows = [(school, year, (hidden or {}).get(school, "yes")) for school in SCHOOLS for year in years]
    frame = pd.DataFrame(rows, columns=["unit", "school_year", "shown"])
    return frame.assign(indicator=indicator, level="school", breakdown="all", group="all")


def leaves(finding: Finding, seen: pd.DataFrame | None = None, audience: Audience = PUBLIC) -> Finding:
    """What an audience may see of one finding."""
    beside = figures() if seen is None else seen
    return shown_findings([finding], beside, units(), all_indicators("se"), audience, CODE)[0]


def told(frame: pd.DataFrame) -> set[str]:
    """Schools of which something is told."""
    return set(frame.loc[frame["shown"].eq("yes"), "school"])
