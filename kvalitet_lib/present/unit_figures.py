"""One unit's released figures, looked up the way a page asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from kvalitet_lib.disclosure.release import SEEN, Release
from kvalitet_lib.errors import ReleaseError
from kvalitet_lib.indicators import Indicator, all_indicators
from kvalitet_lib.municipality import COUNTRIES

STALE_AFTER = 2  # school years
REFERENCES = {"municipality": "municipality", "comparable": "group", "nation": "nation"}


@dataclass(frozen=True)
class UnitFigures:
    """A school's or municipality's figures for one school year, and everyone else's to hold them against."""

    release: Release
    level: str
    unit: str
    asked_year: str = ""

    def __post_init__(self) -> None:
        if self.figures.empty:
            known = self.release.folder / "units.csv"
            raise ReleaseError(f"The release has no figures for {self.level} {self.unit!r}. See which units it has in {known}")

    @cached_property
    def figures(self) -> pd.DataFrame:
        return self.release.figures(self.level, self.unit)

    @cached_property
    def comparisons(self) -> pd.DataFrame:
        return self.release.comparisons(self.level, self.unit)

    @cached_property
    def facts(self) -> pd.Series:
        """The unit's row in the register: name, municipality, owner type, year groups."""
        rows = self.release.units
        mine = rows[rows["level"].eq(self.level) & rows["unit"].eq(self.unit)]
        return (
            mine.iloc[-1]
            if len(mine)
            else pd.Series({"name": self.unit, "municipality": "", "owner_type": "", "year_groups": ""})
        )

    @property
    def name(self) -> str:
        return str(self.facts["name"])

    @cached_property
    def school_year(self) -> str:
        return self.asked_year or str(self.release.about["school_year"])

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        """Those with a figure of the school year or the two before it, in the order of a page."""
        country = self.release.about["municipality"]["country"]
        here = set(self._recent["indicator"])
        return {name: one for name, one in all_indicators(country).items() if name in here}

    @cached_property
    def current(self) -> pd.DataFrame:
        """One row per indicator for the whole group: the school year's figure, else that of one of the two years before.

        Some surveys come every second year. What is older says little of the school today and stands in the charts alone.
        """
        newest = self._recent.drop_duplicates("indicator", keep="last").set_index("indicator", drop=False)
        return newest.loc[[name for name in self.indicators if name in newest.index]]

    @cached_property
    def _recent(self) -> pd.DataFrame:
        begins = int(self.school_year[:4]) - STALE_AFTER
        rows = self._until[self._until["breakdown"].eq("all") & self._until["school_year"].ge(f"{begins}-")]
        return rows.sort_values("school_year")

    @property
    def of_the_year(self) -> pd.DataFrame:
        """Current figures that are of the school year itself."""
        return self.current[self.current["school_year"].eq(self.school_year)]

    def series(self, indicator: str) -> pd.DataFrame:
        """``school_year, estimate, lower, upper, shown`` and the rest, one row a year, oldest first."""
        return self._series["own"].get(indicator, self.figures.iloc[:0])

    def reference_series(self, indicator: str, reference: str) -> pd.DataFrame:
        """The same of the nation, the municipality or comparable municipalities; empty when there is none.

        A plain count has none, since a school is not small beside the nation, nor has a deviation.
        """
        if all_indicators()[indicator].stands_alone:
            return self.figures.iloc[:0]
        return self._series.get(reference, {}).get(indicator, self.figures.iloc[:0])

    def reference(self, indicator: str, reference: str, school_year: str) -> pd.Series | None:
        """The reference's shown figure of that school year."""
        if all_indicators()[indicator].stands_alone:
            return None
        return self._shown.get((reference, indicator, school_year))

    def comparison(self, indicator: str, reference: str) -> pd.Series | None:
        """How the current figure lies against a reference; None when it could not be compared."""
        return self._comparison.get((indicator, reference))

    def compared(self, reference: str) -> pd.DataFrame:
        """All current figures' comparisons with one reference that led to a difference."""
        rows = self._compared[self._compared["reference"].eq(reference) & self._compared["difference"].notna()]
        return rows.loc[[name for name in self.indicators if name in rows.index]]

    def groups(self, breakdown: str) -> pd.DataFrame:
        """The school year's figures by group: indicator, group, estimate, n, shown …"""
        rows = self.figures
        return rows[rows["school_year"].eq(self.school_year) & rows["breakdown"].eq(breakdown)]

    @property
    def sources(self) -> set[str]:
        """Where the unit's current figures, and the references of the same years, come from."""
        years = self.current["school_year"]
        others = (self.reference(str(name), reference, year) for name, year in years.items() for reference in REFERENCES)
        return {*self.current["source"], *(str(other["source"]) for other in others if other is not None)}

    @cached_property
    def _series(self) -> dict[str, dict[str, pd.DataFrame]]:
        """Whose figures (``own`` or a reference's) → indicator → one row a year."""
        return {whose: _by_indicator(rows, self.school_year) for whose, rows in {"own": self._until, **self._others}.items()}

    @cached_property
    def _shown(self) -> dict[tuple[str, str, str], pd.Series]:
        return {
            (whose, indicator, row["school_year"]): row
            for whose, series in self._series.items()
            for indicator, rows in series.items()
            if indicator in self.indicators
            for _, row in rows[rows["shown"].isin(SEEN)].iterrows()
        }

    @cached_property
    def _comparison(self) -> dict[tuple[str, str], pd.Series]:
        return {(row["indicator"], row["reference"]): row for _, row in self._compared.iterrows()}

    @cached_property
    def _until(self) -> pd.DataFrame:
        country = self.release.about["municipality"]["country"]
        rows = self.figures[self.figures["school_year"].le(self.school_year)]
        return rows[rows["indicator"].isin(all_indicators(country))]

    @cached_property
    def _compared(self) -> pd.DataFrame:
        rows = self.comparisons[self.comparisons["breakdown"].eq("all")]
        years = self.current["school_year"]
        rows = rows[rows["indicator"].isin(years.index)]
        return rows[rows["school_year"].eq(rows["indicator"].map(years))].set_index("indicator", drop=False)

    @cached_property
    def _others(self) -> dict[str, pd.DataFrame]:
        about = self.release.about["municipality"]
        nation = COUNTRIES[about["country"]]
        municipality = self.facts["municipality"] or about["code"]
        comparable = about["comparable"] if municipality == about["code"] else ""
        units = {"nation": nation, "municipality": municipality, "comparable": comparable}
        wanted = {name: units[name] for name in REFERENCES if not (self.level == "municipality" and name == "municipality")}
        return {name: self.release.figures(REFERENCES[name], unit) for name, unit in wanted.items() if unit}


def _by_indicator(figures: pd.DataFrame, last_year: str) -> dict[str, pd.DataFrame]:
    whole = figures[figures["breakdown"].eq("all") & figures["school_year"].le(last_year)].sort_values("school_year")
    return {str(indicator): rows.reset_index(drop=True) for indicator, rows in whole.groupby("indicator")}
