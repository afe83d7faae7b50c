"""The municipality's page: its figures, and its schools side by side without ranking them."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from kvalitet_lib.disclosure.release import SEEN
from kvalitet_lib.indicators import Indicator, all_indicators
from kvalitet_lib.present import finding_municipality, side_by_side
from kvalitet_lib.present.blocks import Blocks, Cell, Column, Figure, FigureGrid, Heading, Panel, Paragraph, Table
from kvalitet_lib.present.figure_sections import area_groups
from kvalitet_lib.present.school_report import SchoolReport
from kvalitet_lib.present.unit_figures import UnitFigures
from kvalitet_lib.present.words import name_of

FEWEST_SIDE_BY_SIDE = 3


class MunicipalityReport(SchoolReport):
    """The sections of the municipality's page; those of a school's page, and the schools beside each other.

    ``school`` is the municipality's code here.
    """

    level = "municipality"

    @cached_property
    def schools(self) -> dict[str, UnitFigures]:
        """The municipality's schools that have figures, by name."""
        release = self.unit.release
        registered = release.units[release.units["municipality"].eq(self.unit.unit) & release.units["level"].eq("school")]
        codes = set(registered["unit"]) & set(release.units_with_figures("school"))
        units = [UnitFigures(release, "school", code, self.unit.school_year) for code in codes]
        return {unit.unit: unit for unit in sorted(units, key=lambda unit: (unit.name, unit.unit))}

    @cached_property
    def side_by_side(self) -> pd.DataFrame:
        """One row per school and indicator of the school year: label, estimate, lower, upper, shown, verdict."""
        rows = [unit.of_the_year.assign(label=unit.name, verdict=_verdicts(unit)) for unit in self.schools.values()]
        return pd.concat(rows, ignore_index=True) if rows else self.unit.of_the_year.assign(label="", verdict="")

    def analyses(self) -> Blocks:
        """What the analyses say of all schools together, each with its doubts."""
        return finding_municipality.what_the_analyses_say(self.unit, self.texts)

    def schools_beside(self, *indicators: str) -> Blocks:
        """Dot charts of the schools in order of name; all indicators with enough schools when none is named."""
        wanted = [self.unit.indicators.get(name) for name in indicators] if indicators else list(self._with_schools())
        panels = tuple(Panel(name_of(one.id, self.texts), self._dots(one)) for one in wanted if one)
        if not panels:
            return Blocks()
        say = self.texts.say
        return Blocks(
            [
                Heading(say("municipality.schools_title"), id="schools"),
                Paragraph(say("municipality.schools_lead")),
                FigureGrid(panels),
            ]
        )

    def against_the_nation(self) -> Blocks:
        """For each measure, how many schools lie above, level with and below the nation."""
        say = self.texts.say
        verdicts = ("above", "similar", "below", "unknown")
        rows, listed = [], []
        for one in self._with_schools():
            mine = self.side_by_side[self.side_by_side["indicator"].eq(one.id)]
            counts = [int(mine["verdict"].eq(verdict).sum()) for verdict in verdicts]
            if sum(counts):
                listed.append(one)
                rows.append((Cell(name_of(one.id, self.texts)), *(self._count_cell(count) for count in counts)))
        if not rows:
            return Blocks()
        columns = (
            Column(say("glance.measure")),
            *(Column(say(f"verdicts.{verdict}").capitalize(), "right", narrow=True) for verdict in verdicts),
        )
        caption = say("municipality.against_caption", school_year=self.texts.school_year(self.unit.school_year))
        return Blocks(
            [
                Heading(say("municipality.against_title"), id="against"),
                Table(caption, columns, tuple(rows), groups=area_groups(listed, self.texts)),
            ]
        )

    def _count_cell(self, count: int) -> Cell:
        return Cell(self.texts.number(count) if count else self.texts.say("cell.none"), muted=not count)

    def _with_schools(self) -> list[Indicator]:
        counts = self.side_by_side[self.side_by_side["shown"].isin(SEEN)]["indicator"].value_counts()
        country = self.unit.release.about["municipality"]["country"]
        return [one for name, one in all_indicators(country).items() if counts.get(name, 0) >= FEWEST_SIDE_BY_SIDE]

    def _dots(self, indicator: Indicator) -> Figure:
        year = self.unit.school_year
        rows = self.side_by_side[self.side_by_side["indicator"].eq(indicator.id)]
        own = self.unit.of_the_year
        levels = {
            "municipality": own.loc[indicator.id] if indicator.id in own.index else None,
            "nation": self.unit.reference(indicator.id, "nation", year),
        }
        return side_by_side.picture(rows, levels, indicator, year, self.texts)


def _verdicts(unit: UnitFigures) -> pd.Series:
    compared = unit.compared("nation").set_index("indicator")["verdict"]
    return unit.of_the_year["indicator"].map(compared).astype("object").fillna("").set_axis(unit.of_the_year.index)
