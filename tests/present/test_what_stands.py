"""A page says which of its figures stand as they were first shown although a few persons have changed."""

from __future__ import annotations

import pytest

from kvalitet_lib.disclosure.release import Release
from kvalitet_lib.present.blocks import Bullets
from kvalitet_lib.present.municipality_report import MunicipalityReport
from kvalitet_lib.present.school_report import SchoolReport
from kvalitet_lib.texts import LANGUAGES, Texts
from tests.disclosure.seeded import CODE, YEARS, town

MEASURES = ["alla_amnen_ak6", "ej_godkant_ett_amne_ak6", "ej_godkant_flera_amnen_ak6", "behorighet_yrkesprogram", "meritvarde"]


@pytest.fixture(scope="module")
def versions(tmp_path_factory) -> tuple[Release, Release]:
    """A first release, and the next, before which a pupil has joined one school and another's results were corrected."""
    folder, place = tmp_path_factory.mktemp("standing"), town(3, 6)
    return place.released(folder, "public", 1), place.one_more_pupil(3).released(folder, "public", 2)


def said_of_standing(report: SchoolReport | MunicipalityReport, texts: Texts) -> list[str]:
    (bullets,) = [block for block in report.limits() if isinstance(block, Bullets)]
    _beginning, middle, end = texts.say("limits.standing", school_year="|", indicators="|").split("|")
    return [str(one) for one in bullets.items if middle in str(one) and str(one).endswith(end)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_the_municipality_names_the_year_and_the_measures(versions, language):
    texts = Texts(language)
    (said,) = said_of_standing(MunicipalityReport(versions[1], CODE, language=language), texts)
    assert said.startswith(texts.school_year(YEARS[-1]))
    assert texts.say("indicators.meritvarde.name")[1:] in said


def test_it_says_nothing_of_the_kind_where_nothing_has_changed(versions):
    assert said_of_standing(MunicipalityReport(versions[0], CODE, language="sv"), Texts("sv")) == []


def test_the_page_of_a_school_names_only_measures_that_it_shows(versions):
    texts, release = Texts("sv"), versions[1]
    for school in release.units_with_figures("school"):
        shown = release.figures("school", school).query("shown in ('yes', 'rounded') and breakdown == 'all'")
        here = set(shown.loc[shown["school_year"].eq(YEARS[-1]), "indicator"])
        told = " ".join(said_of_standing(SchoolReport(release, school, language="sv"), texts))
        named = {one for one in MEASURES if texts.say(f"indicators.{one}.name")[1:] in told}
        assert named == here & set(MEASURES)
