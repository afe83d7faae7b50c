"""A school's page: everything released about it, set together as one whole."""

from __future__ import annotations

from pathlib import Path

from kvalitet_lib.disclosure.release import Release
from kvalitet_lib.present import (
    figure_sections,
    finding_school,
    free_text_section,
    group_sections,
    limit_section,
    word_sections,
)
from kvalitet_lib.present.blocks import Blocks
from kvalitet_lib.present.unit_figures import UnitFigures
from kvalitet_lib.texts import Texts


class SchoolReport:
    """The sections of one school's page, in one language; each is shown by a cell of the notebook.

    Parameters
    ----------
    release : Release or path
        What the audience may see.
    school : str
        School unit code.
    school_year : str
        The year the page is about; empty for the release's own.
    language : str
        ``sv``, ``nb`` or ``en``.

    Raises
    ------
    ReleaseError
        The release has no figures for the school.
    """

    level = "school"

    def __init__(self, release: Release | Path | str, school: str, school_year: str = "", language: str = "en") -> None:
        opened = release if isinstance(release, Release) else Release.open(release)
        self.texts = Texts(language)
        self.unit = UnitFigures(opened, self.level, school, school_year)

    def head(self) -> Blocks:
        """Title, readers, and a notice when the data are invented."""
        return word_sections.head(self.unit, self.texts)

    def in_brief(self) -> Blocks:
        """Five sentences at most."""
        return word_sections.in_brief(self.unit, self.texts)

    def at_a_glance(self) -> Blocks:
        """Every measure against the nation, the municipality and the year before."""
        return figure_sections.at_a_glance(self.unit, self.texts)

    def similar_schools(self) -> Blocks:
        """The same measures beside the schools most like this one in intake."""
        return group_sections.similar_schools(self.unit, self.texts)

    def area(self, name: str) -> Blocks:
        """One area's measures over the years."""
        return figure_sections.area(self.unit, self.texts, name)

    def all_areas(self) -> Blocks:
        """Every area that has a figure."""
        return figure_sections.all_areas(self.unit, self.texts)

    def girls_and_boys(self) -> Blocks:
        """The same measures for girls and boys, where allowed."""
        return group_sections.girls_and_boys(self.unit, self.texts)

    def cohorts(self) -> Blocks:
        """The year groups that leave, followed back."""
        return figure_sections.cohorts(self.unit, self.texts)

    def analyses(self) -> Blocks:
        """What the analyses say, each with its doubts."""
        return finding_school.what_the_analyses_say(self.unit, self.texts)

    def own_words(self) -> Blocks:
        """What pupils, guardians and staff have written, where a person has marked it fit to be shown."""
        return free_text_section.own_words(self.unit, self.texts)

    def limits(self) -> Blocks:
        """What we cannot tell."""
        return limit_section.limits(self.unit, self.texts)

    def questions(self) -> Blocks:
        """Questions for the dialogue."""
        return word_sections.questions(self.unit, self.texts)

    def definitions(self) -> Blocks:
        """How the measures are counted."""
        return word_sections.definitions(self.unit, self.texts)

    def sources(self) -> Blocks:
        """Where the figures come from."""
        return word_sections.sources(self.unit, self.texts)
