"""What a municipality's declared measures are held against: its schools by year, results with the same intake everywhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.checks import one_family
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.statistics.multiplicity import benjamini_hochberg

if TYPE_CHECKING:
    from kvalitet_lib.analyses.measures import Measure
    from kvalitet_lib.analyses.municipal_rows import MunicipalRows

INTAKE = ["girl", "education", "newly_arrived", "second_language"]
AS_UNSURE_AS_LUCK = 50.0  # so many pupils' chance is as large as the luck of a school's year: what a figure weighs; own rule
KEYS = ["school", "school_year"]


def measures_of(town: MunicipalRows) -> list[Finding]:
    """One finding per declared measure, corrected together for how many there are."""
    found = [_one(town, measure) for measure in town.measures]
    p = [finding["effect"]["p"] if len(finding.estimates) else np.nan for finding in found]
    adjusted, tests = benjamini_hochberg(p, np.zeros(len(p), dtype=int)) if found else (np.empty(0), np.empty(0))
    return [
        _corrected(finding, value, int(tests.max())) if np.isfinite(value) else finding
        for finding, value in zip(found, adjusted, strict=True)
    ]


def _one(town: MunicipalRows, measure: Measure) -> Finding:
    from kvalitet_lib.analyses.policy_change import policy_change

    about = {"measure": measure.name, "title": measure.title}
    same_intake = measure.indicator == town.outcome
    rows = with_the_same_intake(town.leavers) if same_intake else town.school_years(measure.indicator)
    rows = _of_one_series(rows, town.breaks(measure.indicator), min(measure.schools.values()))
    rows = rows.assign(treated_from=rows["school"].map(measure.schools), weight=rows["n"] / (rows["n"] + AS_UNSURE_AS_LUCK))
    # Years are few and schools may have been picked for a bad one: all years before count, not the last alone.
    finding = policy_change(rows, "estimate", weights="weight", base="all", design="staggered", confidence=town.confidence)
    held = "; of pupils' results with what background goes with taken away within schools and years" if same_intake else ""
    return replace(
        finding,
        outcome=measure.indicator,
        about=about,
        method=f"{finding.method}{held}" if finding.method else "",
        basis=replace(finding.basis, pupils=None),
    )


def with_the_same_intake(leavers: pd.DataFrame) -> pd.DataFrame:
    """Mean results by school and school year as if pupils had the same background everywhere: ``estimate, n``.

    What goes with background is read off differences between pupils of one school and year, so that nothing a school or a
    measure does is taken away with it. Where background is missing, it is the mean.
    """
    rows = leavers.dropna(subset=["outcome"])
    background = rows[INTAKE].astype("float64")
    background = (background - background.mean()).fillna(0.0)
    by = [rows[key] for key in KEYS]
    inside = background - background.groupby(by).transform("mean")
    left = rows["outcome"] - rows["outcome"].groupby(by).transform("mean")
    goes_with = np.linalg.lstsq(inside.to_numpy(), left.to_numpy(dtype=np.float64), rcond=None)[0]
    adjusted = rows["outcome"] - background.to_numpy() @ goes_with
    means = adjusted.groupby(by).agg(["mean", "size"]).rename(columns={"mean": "estimate", "size": "n"})
    return means.reset_index()


def _of_one_series(rows: pd.DataFrame, breaks: tuple[str, ...], start: str) -> pd.DataFrame:
    """The years around the start in which the indicator means the same."""
    first = max((one for one in breaks if one <= start), default="")
    last = min((one for one in breaks if one > start), default="9999")
    return rows[rows["school_year"].ge(first) & rows["school_year"].lt(last)].reset_index(drop=True)


def _corrected(finding: Finding, p_adjusted: float, tests: int) -> Finding:
    effect = finding.estimates["term"].eq("effect")
    estimates = finding.estimates.assign(p_adjusted=finding.estimates["p_adjusted"].mask(effect, p_adjusted))
    checks = (*finding.checks, one_family(tests))
    return replace(finding, estimates=estimates, checks=checks, numbers={**finding.numbers, "tests": tests})
