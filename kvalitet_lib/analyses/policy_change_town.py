"""What a municipality's declared measures are held against: its schools by year, results with the same intake everywhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.checks import one_family
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.analyses.policy_change_checks import same_series
from kvalitet_lib.indicators import all_indicators
from kvalitet_lib.measure.counted import missing_tables
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
    known = all_indicators(town.country)
    if measure.indicator in known and missing_tables(known[measure.indicator], town.tables):
        return Finding.nothing("policy_change", measure.indicator, "no_outcome", confidence=town.confidence, about=about)
    same_intake = measure.indicator == town.outcome
    rows = with_the_same_intake(town.leavers) if same_intake else town.school_years(measure.indicator)
    rows = rows.assign(treated_from=rows["school"].map(measure.schools), weight=rows["n"] / (rows["n"] + AS_UNSURE_AS_LUCK))
    # Years are few and schools may have been picked for a bad one: all years before count, not the last alone.
    finding = policy_change(rows, "estimate", weights="weight", base="all", design="staggered", confidence=town.confidence)
    finding = replace(finding, outcome=measure.indicator, about={**finding.about, **about})
    if finding.reason:
        return finding
    series = same_series(town.breaks(measure.indicator), finding.basis.school_years, min(measure.schools.values()))
    held = "; of pupils' results with what background goes with taken away within schools and years" if same_intake else ""
    return replace(finding, method=finding.method + held, checks=(*finding.checks, series))


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


def _corrected(finding: Finding, p_adjusted: float, tests: int) -> Finding:
    effect = finding.estimates["term"].eq("effect")
    estimates = finding.estimates.assign(p_adjusted=finding.estimates["p_adjusted"].mask(effect, p_adjusted))
    checks = (*finding.checks, one_family(tests))
    return replace(finding, estimates=estimates, checks=checks, numbers={**finding.numbers, "tests": tests})
