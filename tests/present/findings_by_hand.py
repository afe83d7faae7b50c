"""A finding of every analysis about the small made-up municipality, drawn by hand, and a release that holds them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Basis, Finding
from kvalitet_lib.disclosure.findings import shown_findings
from kvalitet_lib.disclosure.findings_files import write_findings
from kvalitet_lib.disclosure.release import Release
from kvalitet_lib.indicators import all_indicators
from kvalitet_lib.municipality import Audience
from tests.whiteboard import table

CODE = "9001"
SCHOOLS = ("90012301", "90012302", "90012303", "90012304", "90012305")
HERE = "90012305"
YEARS = ("2022-23", "2023-24", "2024-25")
BASIS = Basis(600, 5, 600, YEARS, 0.04, {"prior": 24})
CHECKS = (
    Check("enough_schools", True, Claim.DIFFERS, 12, 10),
    Check("little_missing", True, Claim.DIFFERS, 0.04, 0.2),
    Check("one_family", None, Claim.SUGGESTS_EFFECT, 12),
)
TOLD = {"null": 0.0, "p": 0.001, "p_adjusted": 0.004}
CHANCE = {"null": 0.0, "p": 0.4, "p_adjusted": 0.6}
EFFECTS = table("""
    school   | n   | raw   | shrunken | lower | upper | p     | p_adjusted
    ---------+-----+-------+----------+-------+-------+-------+-----------
    90012301 | 120 | -6.1  | -4.2     | -8.8  | 0.4   | 0.07  | 0.2
    90012302 | 110 | 1.0   | 0.7      | -4.1  | 5.5   | 0.8   | 0.8
    90012303 | 130 | 0.2   | 0.1      | -4.0  | 4.2   | 0.9   | 0.9
    90012304 | 140 | -2.5  | -1.9     | -6.0  | 2.2   | 0.4   | 0.6
    90012305 | 100 | 11.4  | 8.2      | 2.1   | 14.3  | 0.001 | 0.004
""")


def finding(analysis: str, *rows: dict[str, Any], outcome: str = "meritvarde", **more: Any) -> Finding:
    usual: dict[str, Any] = {"basis": BASIS, "checks": CHECKS, "cannot_tell": ("why", "single_pupil"), "design": Claim.GOES_WITH}
    return Finding(analysis, outcome, estimates=pd.DataFrame(list(rows)), **(usual | more))


def of_schools(term: str, value: float, spread: float, **more: Any) -> list[dict[str, Any]]:
    """The same estimate for every school, told from chance at one of them."""
    rows = []
    for place, school in enumerate(SCHOOLS):
        here = school == HERE
        estimate = value * (3 if here else 1)
        row = {"term": term, "group": school, "estimate": estimate, "lower": estimate - spread, "upper": estimate + spread}
        rows.append({**row, "n": 60 + place, **(TOLD if here else CHANCE), **more})
    return rows


def all_findings() -> list[Finding]:
    """One of every analysis, and one without an answer."""
    icc = {"term": "icc", "estimate": 0.12, "lower": 0.05, "upper": 0.22, "n": 600, **TOLD}
    levels = EFFECTS.assign(raw=EFFECTS["raw"] + 230, **{name: EFFECTS[name] + 230 for name in ("shrunken", "lower", "upper")})
    expected = EFFECTS[["school", "n"]].assign(actual=228.4, expected=221.5, expected_lower=210.1, expected_upper=233.0)
    gap = {"term": "gap", "estimate": 21.3, "lower": 15.0, "upper": 27.6, "n": 600, **TOLD}
    means = [{"term": "mean", "group": group, "estimate": 230.0, "n": 300} for group in ("girl", "boy")]
    years = pd.DataFrame({"school_year": YEARS, "n_a": 100, "n_b": 100})
    factor = {"estimate": -31.0, "lower": -48.0, "upper": -14.0, "n": 600, "deviation": 0.08}
    event = pd.DataFrame({"event": [-2, -1, 0, 1], "estimate": [0.3, -0.6, 2.0, 4.1], "lower": -3.0, "upper": 6.0, "treated": 5})
    funnel = EFFECTS[["school", "n"]].assign(
        estimate=[0.9, 0.88, 0.91, 0.62, 0.87], lower_95=0.78, upper_95=0.95, outside_95=["", "", "", "below", ""]
    )
    units = pd.DataFrame({"unit": SCHOOLS, "treated": True})
    cohorts = [
        row
        for term, value in (("same_pupils", 0.1), ("class_against_class", 0.3), ("difference", 0.2))
        for row in of_schools(term, value, 0.15)
    ]
    followed = EFFECTS[["school"]].assign(now=50, stayed=44, moved_in=4, moved_out=2, new=12, lost=11)
    return [
        finding(
            "school_differences", {**icc, "group": "null"}, {**icc, "group": "adjusted", "estimate": 0.07},
            tables={"schools": levels, "schools_adjusted": EFFECTS},
        ),
        finding("value_added", icc, tables={"schools": EFFECTS}, about={"earlier": "betyg_ak6"}),
        finding("expected_results", *of_schools("deviation", 2.3, 5.0), tables={"schools": expected}),
        finding("growth", *of_schools("school", 20.0, 6.0), about={"earlier": "betyg_ak6", "later": "meritvarde"}),
        finding("cohorts", *cohorts, tables={"schools": followed}, outcome="betyg_ak6", about={"earlier": "prov_ak3"}),
        finding("trend", {"term": "slope", "group": "all", **factor, **CHANCE}, *of_schools("slope", 1.5, 1.2, years=5)),
        finding("factor_association", {"term": "absent", "group": "within", **factor, **TOLD},
                {"term": "absent", "group": "between", **factor, **CHANCE},
                about={"factor": "absent", "held": "girl, education", "in_the_way": "health"},
                checks=(*CHECKS, Check("association_back_doors", False, Claim.DIFFERS, 2, about="health"))),
        finding("group_gap", gap, *means, *({**gap, "group": year} for year in YEARS), about={"breakdown": "sex"},
                tables={"school_years": years}, design=Claim.DIFFERS),
        finding("policy_change", {"term": "effect", "estimate": 4.4, "lower": 1.2, "upper": 7.6, "n": 12, **TOLD},
                design=Claim.SUGGESTS_EFFECT, tables={"event": event, "leave_one_out": units}, about={"title": "Lässtöd"},
                numbers={"treated": 5.0, "compared": 7.0}),
        Finding.nothing("policy_change", "franvaro_10", "policy_change_no_comparison", BASIS, about={"title": "Närvaroteam"}),
        finding("early_warning", {"term": "auc", "estimate": 0.81, "lower": 0.76, "upper": 0.86, "n": 600, **TOLD, "null": 0.5},
                {"term": "missed", "estimate": 0.3, "lower": 0.2, "upper": 0.4, "n": 90},
                {"term": "missed:sex", "group": "girl", "estimate": 0.5, "n": 40},
                outcome="behorighet_yrkesprogram",
                checks=(*CHECKS, Check("ew_equal_alarms", False, Claim.DIFFERS, 31.7, 5.0, "sex"))),
        finding("funnel", *of_schools("school", 0.3, 0.1), outcome="behorighet_yrkesprogram",
                tables={"schools": funnel}, numbers={"target": 0.86}, about={"limits": "additive"}, design=Claim.DIFFERS),
    ]  # fmt: skip


def with_findings(release: Path, folder: Path, findings: Sequence[Finding], hidden: Sequence[str] = ()) -> Path:
    """A copy of a release that also holds what leaves of findings, beside figures that hide these schools only."""
    opened = Release.open(release)
    shutil.copytree(opened.folder, folder)
    figures = pd.DataFrame({"unit": list(hidden), "indicator": "meritvarde", "level": "school", "shown": "protected"})
    figures = figures.assign(school_year=YEARS[-1], breakdown="all", group="all")
    policy = {name: value for name, value in opened.about["policy"].items() if name != "rules"}
    shown = shown_findings(
        findings,
        figures,
        opened.units,
        all_indicators("se"),
        Audience.model_validate(policy),
        opened.about["municipality"]["code"],
    )
    write_findings(folder, shown)
    return folder
