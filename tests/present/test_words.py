"""How a coarse figure is written, and that a page says whose deliveries its figures come from."""

from __future__ import annotations

import pandas as pd
import pytest

from kvalitet_lib.disclosure.release import Release
from kvalitet_lib.indicators import all_indicators
from kvalitet_lib.present.words import value_text
from kvalitet_lib.texts import Texts

SHARE = all_indicators("se")["alla_amnen_ak9"]
OUR_BANDS = {"~0": (0.0, 0.2), "60–80": (0.6, 0.8), "~100": (0.8, 1.0)}
SAID = {
    "sv": ("högst 20 %", "60–80 %", "minst 80 %"),
    "nb": ("høyst 20 %", "60–80 %", "minst 80 %"),
    "en": ("at most 20%", "60–80%", "at least 80%"),
}


def coarse(source: str, original: str, lower: float, upper: float) -> pd.Series:
    return pd.Series({"shown": "rounded", "source": source, "original": original, "lower": lower, "upper": upper})


@pytest.mark.parametrize("language", SAID)
def test_our_own_bands_are_said_as_what_they_are_and_none_as_nearly_nothing(language):
    texts = Texts(language)
    said = [
        value_text(coarse("local", band, *ends), SHARE, texts).replace("\N{NO-BREAK SPACE}", " ")
        for band, ends in OUR_BANDS.items()
    ]
    assert tuple(said) == SAID[language]


def test_an_agencys_own_nearly_all_stands_in_its_own_words():
    said = value_text(coarse("skolverket_export", "~100", 0.93, 1.0), SHARE, Texts("sv"))
    assert said.replace("\N{NO-BREAK SPACE}", " ") == "~100 %"


@pytest.mark.parametrize("home", ["small_home", "small_norwegian_home"])
def test_every_figure_of_a_release_has_a_delivery_of_its_source(home, request):
    release = Release.open(request.getfixturevalue(home).released / "public")
    delivered = {one["family"] for one in release.about["deliveries"]}
    assert set(release.all_figures()["source"]) - {"weighted"} <= delivered
