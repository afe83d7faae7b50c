"""The leaders' dashboard: choose a measure and a school year, see the municipality's schools beside each other."""

from __future__ import annotations

import os
from functools import cached_property
from typing import Any

import ipywidgets as widgets
import pandas as pd

from kvalitet_lib.disclosure.release import SEEN, Release
from kvalitet_lib.errors import ReleaseError
from kvalitet_lib.indicators import Indicator, all_indicators
from kvalitet_lib.municipality import COUNTRIES
from kvalitet_lib.present import side_by_side
from kvalitet_lib.present.blocks import Banner, Block, Blocks, Callout, Definition, Definitions, Heading, Paragraph
from kvalitet_lib.present.html import fragment
from kvalitet_lib.present.municipality_report import FEWEST_SIDE_BY_SIDE
from kvalitet_lib.present.words import name_of
from kvalitet_lib.texts import Texts

FOLDER = "KVALITET_RELEASE"
LANGUAGE = "KVALITET_LANGUAGE"


class MunicipalityDashboard:
    """The schools beside each other, in one indicator and school year at a time.

    Every file of the release that it needs is read once, at the first choice.

    Parameters
    ----------
    release : str
        Folder of a release, or of an audience's releases; when empty, ``$KVALITET_RELEASE``.
    language : str
        ``sv``, ``nb`` or ``en``; when empty, ``$KVALITET_LANGUAGE``, else the municipality's first.

    Raises
    ------
    ReleaseError
        There is no such release, or nothing in it lets schools be seen beside each other.
    """

    def __init__(self, release: str = "", language: str = "") -> None:
        self.release = Release.open(release or os.environ.get(FOLDER, ""))
        self.municipality: dict[str, Any] = self.release.about["municipality"]
        self.texts = Texts(language or os.environ.get(LANGUAGE) or self.municipality["languages"][0])
        if self._units.empty or not self.indicators:
            raise ReleaseError(
                f"No indicator in {self.release.folder} is shown for {FEWEST_SIDE_BY_SIDE} schools. "
                "Load more, then release again:  kvalitet release"
            )

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        """Those that enough schools show a figure of in some year, in the order of a page."""
        counts = self._seen.groupby(["indicator", "school_year"])["unit"].nunique()
        enough = set(counts[counts.ge(FEWEST_SIDE_BY_SIDE)].index.get_level_values("indicator"))
        return {name: one for name, one in all_indicators(self.municipality["country"]).items() if name in enough}

    @cached_property
    def years(self) -> list[str]:
        """School years with a figure that may be seen of any of the indicators, the newest first."""
        return sorted(self._seen.loc[self._seen["indicator"].isin(self.indicators), "school_year"].unique(), reverse=True)

    @property
    def usual_year(self) -> str:
        """The release's own school year, or the newest there is."""
        own = str(self.release.about["school_year"])
        return own if own in self.years else self.years[0]

    def head(self) -> Blocks:
        """Title, who may read it, and a notice when the data are invented."""
        say, about = self.texts.say, self.release.about
        readers = say(f"page.audience.{about['audience']}", smallest=about["policy"]["smallest_group"])
        blocks: list[Block] = [Banner(say("dashboard.title", name=self.municipality["name"]), lines=(readers,))]
        if self.municipality["made_up"]:
            blocks.append(Callout(say("page.made_up"), title=say("page.made_up_title"), tone="made_up"))
        return Blocks(blocks)

    def opening(self, indicator: str, school_year: str) -> Blocks:
        """Which measure and school year, and how to read them."""
        say = self.texts.say
        title = say(
            "municipality.table_caption",
            indicator=name_of(indicator, self.texts),
            school_year=self.texts.school_year(school_year),
        )
        lead = "municipality.schools_lead" if len(self._schools(indicator, school_year)) else "dashboard.nothing"
        return Blocks([Heading(title, id="schools"), Paragraph(say(lead))])

    def picture(self, indicator: str, school_year: str) -> Blocks:
        """The schools as dots; nothing when no school has a row that year."""
        schools = self._schools(indicator, school_year)
        if schools.empty:
            return Blocks()
        levels = self._levels(indicator, school_year)
        return Blocks([side_by_side.picture(schools, levels, self.indicators[indicator], school_year, self.texts)])

    def table(self, indicator: str, school_year: str) -> Blocks:
        """The same figures as a table."""
        schools = self._schools(indicator, school_year)
        if schools.empty:
            return Blocks()
        levels = self._levels(indicator, school_year)
        compared = _of(self._comparisons, indicator, school_year).set_index("unit", drop=False)
        known = {str(unit): comparison for unit, comparison in compared.iterrows()}
        return Blocks([side_by_side.table(schools, levels, known, self.indicators[indicator], school_year, self.texts)])

    def meaning(self, indicator: str) -> Blocks:
        """What the measure means, why it is measured, and what it says nothing about."""
        say = self.texts.say
        told = {"means": "means", "why": "why", "nothing": "says_nothing_about"}
        terms = tuple(Definition(say(f"card.{label}"), say(f"indicators.{indicator}.{part}")) for label, part in told.items())
        return Blocks([Heading(say("dashboard.about"), id="about"), Definitions(terms)])

    def page(self) -> widgets.VBox:
        """The whole dashboard, alive: a change of either choice redraws what stands beneath."""
        indicator = widgets.Dropdown(
            options=[(name_of(name, self.texts), name) for name in self.indicators],
            description=self.texts.say("dashboard.choose_indicator"),
        )
        school_year = widgets.Dropdown(
            options=[(self.texts.school_year(year), year) for year in self.years],
            value=self.usual_year,
            description=self.texts.say("dashboard.choose_year"),
        )
        opening, picture, table, meaning = (widgets.HTML() for _ in range(4))

        def show(_: Any = None) -> None:
            picture.value = fragment(self.picture(indicator.value, school_year.value))
            table.value = fragment(self.table(indicator.value, school_year.value))
            meaning.value = fragment(self.meaning(indicator.value))
            # Last, for it is what is announced: by then everything beneath it is there.
            opening.value = fragment(self.opening(indicator.value, school_year.value))

        for choice in (indicator, school_year):
            choice.observe(show, names="value")
        show()
        return widgets.VBox(
            [
                widgets.HTML(fragment(self.head())).add_class("kvalitet-head"),
                widgets.Box([indicator, school_year]).add_class("kvalitet-choices"),
                opening,
                widgets.Box([picture, table]).add_class("kvalitet-beside"),
                meaning,
            ]
        ).add_class("kvalitet-dashboard")

    @cached_property
    def _units(self) -> pd.Series:
        """School code → name, in order of name."""
        units = self.release.units
        here = units[units["level"].eq("school") & units["municipality"].eq(self.municipality["code"])]
        return here.sort_values(["name", "unit"]).drop_duplicates("unit").set_index("unit")["name"]

    @cached_property
    def _figures(self) -> pd.DataFrame:
        rows = pd.concat([self.release.figures("school", unit) for unit in self._units.index], ignore_index=True)
        return rows[rows["breakdown"].eq("all")].assign(label=lambda rows: rows["unit"].map(self._units))

    @cached_property
    def _comparisons(self) -> pd.DataFrame:
        rows = pd.concat([self.release.comparisons("school", unit) for unit in self._units.index], ignore_index=True)
        return rows[rows["breakdown"].eq("all") & rows["reference"].eq("nation")]

    @cached_property
    def _above(self) -> dict[str, pd.DataFrame]:
        codes = {"municipality": self.municipality["code"], "nation": COUNTRIES[self.municipality["country"]]}
        figures = {level: self.release.figures(level, codes[level]) for level in side_by_side.LEVELS}
        return {level: rows[rows["breakdown"].eq("all")] for level, rows in figures.items()}

    @property
    def _seen(self) -> pd.DataFrame:
        return self._figures[self._figures["shown"].isin(SEEN)]

    def _schools(self, indicator: str, school_year: str) -> pd.DataFrame:
        verdicts = _of(self._comparisons, indicator, school_year).set_index("unit")["verdict"]
        rows = _of(self._figures, indicator, school_year)
        return rows.assign(verdict=[str(verdicts.get(unit, "")) for unit in rows["unit"]])

    def _levels(self, indicator: str, school_year: str) -> dict[str, pd.Series | None]:
        found = {level: _of(rows, indicator, school_year) for level, rows in self._above.items()}
        return {level: rows.iloc[0] if len(rows) else None for level, rows in found.items()}


def _of(rows: pd.DataFrame, indicator: str, school_year: str) -> pd.DataFrame:
    return rows[rows["indicator"].eq(indicator) & rows["school_year"].eq(school_year)]
