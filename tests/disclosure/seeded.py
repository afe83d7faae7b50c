"""Made-up municipalities of 2 to 30 schools for the gate and its attacker: small schools, three years, nested goals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from kvalitet_lib.disclosure.publish import publish
from kvalitet_lib.disclosure.release import Release
from kvalitet_lib.indicators import Indicator, all_indicators
from kvalitet_lib.measure.local import local_figures
from kvalitet_lib.municipality import Municipality

CODE = "9001"
YEARS = ("2022-23", "2023-24", "2024-25")
AUDIENCES = ("public", "internal")
SCHOOLS = (2, 3, 4, 5, 3, 6, 2, 4, 3, 8)


def _counting(column: str):
    def count(pupils: pd.DataFrame) -> pd.DataFrame:
        return pupils.assign(numerator=pupils[column].astype(float), denominator=1.0)

    return count


COUNTED = {
    "alla_amnen_ak6": "all_subjects",
    "ej_godkant_ett_amne_ak6": "one_missing",
    "ej_godkant_flera_amnen_ak6": "several_missing",
    "behorighet_yrkesprogram": "eligible",
    "meritvarde": "points",
    "skolenkaten_trygghet": "calm",
}
INDICATORS: dict[str, Indicator] = {
    name: replace(all_indicators("se")[name], needs=("pupils",), count=_counting(column), breakdowns=("sex", "newly_arrived"))
    for name, column in COUNTED.items()
}


@dataclass(frozen=True)
class Town:
    """Pupils of a municipality and its settings."""

    pupils: pd.DataFrame
    municipality: Municipality

    @cached_property
    def figures(self) -> pd.DataFrame:
        tables = {"pupils": self.pupils}
        return pd.concat([local_figures(one, tables, self.municipality) for one in INDICATORS.values()], ignore_index=True)

    @cached_property
    def units(self) -> pd.DataFrame:
        schools = [("school", unit, f"Skola {unit}", CODE, "municipal", "9") for unit in sorted(self.pupils["school"].unique())]
        rows = [*schools, ("municipality", CODE, "Ekköping", CODE, "", "")]
        return pd.DataFrame(rows, columns=["level", "unit", "name", "municipality", "owner_type", "year_groups"])

    def released(self, folder: Path, audience: str, day: int = 1) -> Release:
        facts = {"school_year": YEARS[-1], "made": f"2026-11-{day:02}", "version": "test", "deliveries": []}
        nothing = pd.DataFrame(columns=["indicator", "level", "unit", "school_year", "group", "shown_source", "other_source"])
        return publish(
            folder, audience, self.figures, self.units, INDICATORS, self.municipality, facts, nothing, date(2026, 11, day)
        )

    @property
    def known_by_heads(self) -> pd.DataFrame:
        """Every school's own figures, nothing hidden."""
        figures = self.figures
        return figures[figures["level"].eq("school")]

    def one_more_pupil(self, seed: int) -> Town:
        """A pupil joins one school in the newest year, and another's results are corrected."""
        draw = np.random.default_rng(seed)
        newest = self.pupils.index[self.pupils["school_year"].eq(YEARS[-1])]
        joins = self.pupils.loc[[draw.choice(newest)]].assign(pupil="new")
        corrected = self.pupils.copy()
        place = draw.choice(newest)
        corrected.loc[place, ["all_subjects", "one_missing", "several_missing", "eligible"]] = [False, False, True, False]
        corrected.loc[place, "points"] = 40.0
        return replace(self, pupils=pd.concat([corrected, joins], ignore_index=True))

    def another_delivery(self, seed: int) -> Town:
        """The newest year comes anew with other pupils, as when a term's grades replace the term before."""
        kept = self.pupils[self.pupils["school_year"].ne(YEARS[-1])]
        anew = _pupils(np.random.default_rng(seed), self.pupils["school"].nunique(), YEARS[-1:])
        return replace(self, pupils=pd.concat([kept, anew], ignore_index=True))


def let_out_first(seed: int, folder: Path) -> None:
    """One of fifty municipalities lets out its first release for each audience."""
    place = one_of_fifty(seed)
    for audience in AUDIENCES:
        place.released(folder, audience)


def one_of_fifty(seed: int) -> Town:
    return town(seed, SCHOOLS[seed % len(SCHOOLS)])


def town(seed: int, schools: int | None = None) -> Town:
    """A municipality drawn from a seed; schools of 4 to 60 pupils in the last year of school."""
    draw = np.random.default_rng(seed)
    return Town(_pupils(draw, schools or int(draw.integers(2, 31)), YEARS), _settings())


def _pupils(draw: np.random.Generator, schools: int, years: tuple[str, ...]) -> pd.DataFrame:
    sizes = draw.integers(4, 60, size=(schools, len(years)))
    rows = [
        pd.DataFrame({"school": f"9{place:07}", "school_year": year, "number": range(sizes[place, at])})
        for place in range(schools)
        for at, year in enumerate(years)
    ]
    pupils = pd.concat(rows, ignore_index=True)
    able = draw.normal(size=len(pupils))
    missing = np.clip(np.round(draw.normal(-0.6, 1, len(pupils)) - 0.7 * able), 0, 9)
    pupils = pupils.assign(
        pupil=[f"p{place}" for place in range(len(pupils))],
        sex=draw.choice(["girl", "boy"], len(pupils)),
        newly_arrived=pd.array(draw.random(len(pupils)) < 0.06, dtype="boolean"),
        all_subjects=missing == 0,
        one_missing=missing == 1,
        several_missing=missing > 1,
        eligible=missing < 3,
        points=np.clip(np.round((220 + 45 * able) / 2.5) * 2.5, 0, 340),
        calm=np.clip(draw.normal(7, 2, len(pupils)), 0, 10).round(1),
    )
    return pupils.drop(columns="number")


def _settings() -> Municipality:
    own = {"source": "the test's own rule", "smallest_survey_group": 10}
    public = {"smallest_group": 10, "smallest_count": 5, **own}
    internal = {"smallest_group": 5, "smallest_count": 4, "also_reads": ("public",), **own}
    audiences = {"public": public, "internal": internal}
    return Municipality.model_validate(
        {"country": "se", "code": CODE, "name": "Ekköping", "languages": ("sv",), "trust": ("local",), "audiences": audiences}
    )
