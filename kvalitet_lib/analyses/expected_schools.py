"""Schools with their intake, made from a municipality's leavers as agencies make them, and which of them are left in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.factor_columns import numbers_of
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.regression import regress

if TYPE_CHECKING:
    from kvalitet_lib.analyses.municipal_rows import MunicipalRows

NAME = "expected_results"
LEAST_KNOWN = 0.75  # share of pupils whose background must be known (Skolverket, SALSA)
BACKGROUND = {
    "se": ("parents_education", "newly_arrived", "boys"),  # as SALSA
    "no": ("parents_education", "second_language", "prior"),  # much as skolebidrag for years 8-10, which knows income, too
}
PUBLISHED = {"se": ("salsa_avvikelse_meritvarde", True), "no": ("skolebidrag", False)}  # the second one is in other points
FEWEST_WITH_SPREAD = 10  # pupils beyond schools, for their spread to be known; own rule


@dataclass(frozen=True, repr=False)
class Intake:
    """Schools of one school year, or of all: ``school, outcome, pupils, known, standard_error``, the background, and what is
    published, in the unit of the outcome or not."""

    schools: pd.DataFrame
    background: tuple[str, ...]
    school_years: tuple[str, ...]
    same_scale: bool

    def told(self, finding: Finding, outcome: str) -> Finding:
        """A finding on these schools, with its outcome and school years; published values in another unit stand beside."""
        tables = dict(finding.tables)
        if not self.same_scale and "schools" in tables and self.schools["published_deviation"].notna().any():
            tables["schools"] = tables["schools"].merge(self.schools[["school", "published_deviation"]], on="school", how="left")
        span = self.school_years[0] if len(self.school_years) == 1 else f"{self.school_years[0]} – {self.school_years[-1]}"
        basis = replace(finding.basis, school_years=self.school_years)
        return replace(finding, outcome=outcome, tables=tables, basis=basis, about={"school_year": span})


def left_in(schools: pd.DataFrame, pupils: str, fewest: float, known: str, least: float) -> tuple[pd.DataFrame, dict[str, int]]:
    """The schools that the rules of inclusion leave in, and how many each rule leaves out.

    Raises
    ------
    ContractError
        A column is no number, or the share whose background is known lies above 1.
    """
    left_out: dict[str, int] = {}
    for rule, column, limit in (("expected_few_pupils", pupils, fewest), ("expected_little_known", known, least)):
        if column:
            values = numbers_of(schools, column, NAME)
            if column == known and np.nanmax(values, initial=0.0) > 1:
                raise ContractError(f"{NAME}: {column!r} is a share and lies in 0-1. Divide per cent by 100.")
            short = values < limit
            left_out |= {rule: int(short.sum())} if short.any() else {}
            schools = schools.loc[~short]
    return schools, left_out


def intakes(town: MunicipalRows) -> list[Intake]:
    """The newest school year, and all years together, when there are several; none without leavers."""
    leavers = town.leavers
    known = leavers[leavers["outcome"].notna()]
    years = sorted(known["school_year"].unique())
    spans = [years[-1:], *([years] if len(years) > 1 else [])] if years else []
    indicator, same = PUBLISHED[town.country]
    return [_intake(known[known["school_year"].isin(span)], town, indicator, same, tuple(span)) for span in spans]


def _intake(
    leavers: pd.DataFrame, town: MunicipalRows, indicator: str, same_scale: bool, school_years: tuple[str, ...]
) -> Intake:
    # A year in which everyone got higher marks must not count for the schools that had many pupils then.
    by_year = leavers.groupby("school_year")["outcome"].transform("mean")
    pupils = leavers.assign(
        outcome=leavers["outcome"] - by_year + leavers["outcome"].mean(),
        parents_education=leavers["education"] + 2,  # 1 to 3, as SALSA counts
        boys=1 - leavers["girl"],
    )
    background = tuple(name for name in BACKGROUND[town.country] if pupils[name].notna().any())
    grouped = pupils.groupby("school", sort=True)
    schools = grouped[["outcome", *background]].mean()
    schools["pupils"] = grouped.size().astype(float)
    schools["known"] = pupils[list(background)].notna().all(axis="columns").groupby(pupils["school"]).mean()
    schools["standard_error"] = _spread_within(pupils, background) / np.sqrt(schools["pupils"])
    published = town.published(indicator)
    published = published[published["school_year"].isin(school_years)].groupby("school")["value"].mean()
    schools["published_deviation"] = published.reindex(schools.index).astype(float)
    return Intake(schools.reset_index(), background, school_years, same_scale)


def _spread_within(pupils: pd.DataFrame, background: Sequence[str]) -> float:
    """Standard deviation of pupils of one school who are alike in background; NaN when too few to tell."""
    rows = pupils.dropna(subset=["outcome", *background])
    columns = ["outcome", *background]
    own = rows[columns] - rows.groupby("school")[columns].transform("mean")
    varying = [name for name in background if own[name].std() > 1e-9]
    freedom = len(rows) - rows["school"].nunique() - len(varying)
    if freedom < FEWEST_WITH_SPREAD:
        return float("nan")
    if not varying:
        return float(np.sqrt(np.square(own["outcome"]).sum() / freedom))
    fit = regress(own["outcome"], own[varying])
    return float(np.sqrt(fit.squares_left / freedom))
