"""A municipality's tables as the tidy frames that analyses take: leavers, results on the way, schools by year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from kvalitet_lib.analyses.measures import Measure
from kvalitet_lib.analyses.results import CHAINS, FINAL, STAGES, results_of
from kvalitet_lib.indicators import Indicator, all_indicators
from kvalitet_lib.measure.counted import count_rows, is_own, missing_tables
from kvalitet_lib.measure.local import measure
from kvalitet_lib.municipality import Municipality

if TYPE_CHECKING:
    from kvalitet_lib.analyses.causal_graph import CausalGraph

MAIN = {
    "se": ("meritvarde", "behorighet_yrkesprogram", "alla_amnen_ak6", "np3_svenska", "np3_matematik", "franvaro_10"),
    "no": ("grunnskolepoeng", "np5_lesing", "np5_regning", "np8_lesing", "np8_regning", "fravaer_10_prosent"),
}
ELIGIBLE = {"se": "behorighet_yrkesprogram", "no": "grunnskolepoeng"}
LOW_POINTS = 30.0  # Norway has no rule of eligibility: own rule of this example, fewer grunnskolepoeng than this
SCHOOL_DAYS = 190.0  # a usual Norwegian school year, as in fravaer_10_prosent
LAST_BAND = ("all", "8-10")
EDUCATION = {"lower": -1.0, "upper_secondary": 0.0, "higher": 1.0}
BACKGROUND = ["girl", "parents_education", "education", "newly_arrived", "second_language", "class_name"]
IN_THE_YEAR = ["pupil", "school_year"]
PAIR = ["pupil", "school", "school_earlier", "school_year", "year_earlier", "earlier", "later", "earlier_z", "later_z"]


@dataclass(frozen=True, repr=False)
class MunicipalRows:
    """Tidy frames of one municipality's own schools, made from its tables when first asked for. Confidential.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The store, or any mapping from table names to frames that keep the contracts.
    municipality : Municipality
    measures : tuple of Measure
        What ``params/measures.yml`` declares.
    causal_graph : CausalGraph or None
        What ``params/causal_graph.yml`` declares.
    """

    tables: Mapping[str, pd.DataFrame]
    municipality: Municipality
    measures: tuple[Measure, ...] = ()
    causal_graph: CausalGraph | None = None
    _known: dict[str, pd.DataFrame] = field(default_factory=dict, init=False)

    @property
    def country(self) -> str:
        return self.municipality.country

    @property
    def confidence(self) -> float:
        return self.municipality.confidence

    @property
    def outcome(self) -> str:
        """The indicator of what pupils have with them when they leave compulsory school."""
        return FINAL[self.country]

    @cached_property
    def indicators(self) -> tuple[str, ...]:
        """The main indicators that the tables allow."""
        return tuple(name for name in MAIN[self.country] if not missing_tables(self._indicator(name), self.tables))

    @property
    def chains(self) -> tuple[tuple[str, str], ...]:
        """Pairs of measures, earlier and later, between which pupils can be followed."""
        there = set(self.results["measure"].unique())
        return tuple(pair for pair in CHAINS[self.country] if set(pair) <= there and len(self.pairs(*pair)))

    @cached_property
    def pupils(self) -> pd.DataFrame:
        """The table of pupils with ``girl`` (1/0), ``education`` (-1 lower, 0 upper secondary, 1 higher), ``newly_arrived`` and
        ``second_language`` (1/0) as numbers; who moved in the year is at the school delivered last."""
        if "pupils" not in self.tables:
            return pd.DataFrame(columns=[*IN_THE_YEAR, "school", "year_group", *BACKGROUND])
        once = self.tables["pupils"].drop_duplicates(IN_THE_YEAR, keep="last").reset_index(drop=True)
        return once.assign(
            girl=once["sex"].map({"girl": 1.0, "boy": 0.0}),
            education=once["parents_education"].map(EDUCATION),
            newly_arrived=once["newly_arrived"].astype("Float64").astype("float64"),
            second_language=once["second_language"].astype("Float64").astype("float64"),
        )

    @cached_property
    def results(self) -> pd.DataFrame:
        """Every result of every pupil of the municipality's own schools; see :func:`results_of`."""
        rows = results_of(self.country, self.tables, all_indicators(self.country))
        return self._own(rows)

    @cached_property
    def leavers(self) -> pd.DataFrame:
        """One row is one pupil who finished compulsory school.

        ``pupil, school, school_year, outcome`` (points), ``eligible`` (1/0), ``girl, parents_education, education,
        newly_arrived, second_language, class_name, prior`` (mean of earlier results, z-scores), ``absent`` (share of the time,
        0-1), ``class_size, pupils_per_post, qualified`` (share of teachers), each empty where nothing is known.
        """
        final = self.results[self.results["measure"].eq(self.outcome)]
        rows = final[["pupil", "school", "school_year"]].assign(outcome=final["value"])
        eligible = self._eligible()
        rows = rows.merge(eligible, on=IN_THE_YEAR, how="outer", suffixes=("", "_of_eligible"))
        rows["school"] = rows["school"].fillna(rows.pop("school_of_eligible"))
        rows = self._with_background(rows).merge(self._priors(), on=IN_THE_YEAR, how="left")
        rows = rows.merge(self._absence(), on=IN_THE_YEAR, how="left").merge(
            self._staff(), on=["school", "school_year"], how="left"
        )
        classes = ["school", "school_year", "class_name"]
        size = rows.groupby(classes)["pupil"].transform("size").astype("float64")
        rows["class_size"] = size.where(rows["class_name"].notna())
        return rows.sort_values(["school_year", "school", "pupil"], ignore_index=True)

    def pairs(self, earlier: str, later: str) -> pd.DataFrame:
        """One row is one pupil with both results, at the school of the later one.

        ``pupil, school, school_earlier, school_year, year_earlier, earlier, later, earlier_z, later_z`` and the background
        columns of ``leavers``. Only pupils who came from one to the other in the usual number of years.
        """
        key = f"{earlier}/{later}"
        if key not in self._known:
            first, last = (self.results[self.results["measure"].eq(name)] for name in (earlier, later))
            both = last.merge(first, on="pupil", suffixes=("", "_earlier"))
            years = STAGES[self.country][later] - STAGES[self.country][earlier]
            usual = both["school_year"].str[:4].astype(int) - both["school_year_earlier"].str[:4].astype(int) == years
            rows = both[usual].rename(
                columns={"value": "later", "value_earlier": "earlier", "z": "later_z", "z_earlier": "earlier_z",
                         "school_year_earlier": "year_earlier"}
            )  # fmt: skip
            self._known[key] = self._with_background(rows[PAIR].reset_index(drop=True))
        return self._known[key]

    def school_years(self, indicator: str) -> pd.DataFrame:
        """An indicator's figures per own school and school year: ``school, school_year, estimate, lower, upper, n, missing``."""
        if indicator not in self._known:
            figures = measure(indicator, self.tables, ("school",), self.confidence).to_frame()
            rows = figures[["school", "school_year", "estimate", "lower", "upper", "n", "missing"]].dropna(subset="estimate")
            self._known[indicator] = self._own(rows)
        return self._known[indicator]

    def published(self, indicator: str) -> pd.DataFrame:
        """What agencies publish of an indicator for single schools: ``school, school_year, value``."""
        if "published_values" not in self.tables:
            return pd.DataFrame(columns=["school", "school_year", "value"])
        rows = self.tables["published_values"]
        ours = rows["indicator"].eq(indicator) & rows["level"].eq("school") & rows["group"].eq("all") & rows["value"].notna()
        found = rows[ours].rename(columns={"unit": "school"})
        return found.drop_duplicates(["school", "school_year"])[["school", "school_year", "value"]].reset_index(drop=True)

    def breaks(self, indicator: str) -> tuple[str, ...]:
        """School years in which a new series of the indicator begins."""
        return tuple(sorted(self._indicator(indicator).breaks))

    def _indicator(self, name: str) -> Indicator:
        return all_indicators(self.country)[name]

    def _own(self, rows: pd.DataFrame) -> pd.DataFrame:
        return rows[is_own(rows, self.tables, self.municipality)].reset_index(drop=True) if len(rows) else rows

    def _with_background(self, rows: pd.DataFrame) -> pd.DataFrame:
        return rows.merge(self.pupils[[*IN_THE_YEAR, *BACKGROUND]], on=IN_THE_YEAR, how="left")

    def _eligible(self) -> pd.DataFrame:
        indicator = self._indicator(ELIGIBLE[self.country])
        if missing_tables(indicator, self.tables):
            return pd.DataFrame(columns=[*IN_THE_YEAR, "school", "eligible"])
        rows = self._own(count_rows(indicator, self.tables)).drop_duplicates(IN_THE_YEAR, keep="last")
        reached = rows["numerator"] if self.country == "se" else rows["numerator"].ge(LOW_POINTS).astype("float64")
        return rows[[*IN_THE_YEAR, "school"]].assign(eligible=reached.where(rows["numerator"].notna()))

    def _priors(self) -> pd.DataFrame:
        """The mean of each pupil's results from before the last year group, beside the year in which they finish."""
        stages = STAGES[self.country]
        last = max(stages.values())
        before = self.results[self.results["year_group"].lt(last) & self.results["z"].notna()]
        final = self.results.loc[self.results["year_group"].eq(last), IN_THE_YEAR].drop_duplicates()
        beside = final.merge(before, on="pupil", suffixes=("", "_earlier"))
        beside = beside[beside["school_year_earlier"] < beside["school_year"]]
        return beside.groupby(IN_THE_YEAR, as_index=False).agg(prior=("z", "mean"))

    def _absence(self) -> pd.DataFrame:
        if "absence" not in self.tables:
            return pd.DataFrame(columns=[*IN_THE_YEAR, "absent"])
        rows = self.tables["absence"]
        yearly = rows["period"].eq("year")
        rows = rows[yearly | ~yearly.groupby([rows[name] for name in IN_THE_YEAR]).transform("any")]
        if self.country == "no":
            days = rows.groupby(IN_THE_YEAR)["absent_days"].sum(min_count=1)
            return (days / SCHOOL_DAYS).clip(upper=1).rename("absent").reset_index()
        known = rows[rows["absent_hours"].notna() & rows["possible_hours"].gt(0)]
        hours = known.groupby(IN_THE_YEAR)[["absent_hours", "possible_hours"]].sum()
        share = hours["absent_hours"].astype("float64") / hours["possible_hours"].astype("float64")
        return share.rename("absent").reset_index()

    def _staff(self) -> pd.DataFrame:
        if "staffing" not in self.tables:
            return pd.DataFrame(columns=["school", "school_year", "pupils_per_post", "qualified"])
        rows = self.tables["staffing"]
        rows = rows[rows["provision"].eq("school") & rows["year_band"].isin(LAST_BAND) & rows["staff_fte"].gt(0)]
        made = rows.drop_duplicates(["school", "school_year"], keep="last")
        made = made.assign(
            pupils_per_post=made["children"] / made["staff_fte"], qualified=made["qualified_fte"] / made["staff_fte"]
        )
        return made[["school", "school_year", "pupils_per_post", "qualified"]]
