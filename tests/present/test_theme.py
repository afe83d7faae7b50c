"""Text can be read against whatever it stands on."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from kvalitet_lib.present.theme import FONTS, THEME

GROUNDS = ("paper", "mist", "blue_wash", "orange_wash", "sand_wash")


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio."""

    def luminance(colour: str) -> float:
        channels = np.array(to_rgb(colour))
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("lettering", ["ink", "text", "muted", "blue", "orange", "sand"])
def test_lettering_keeps_a_contrast_of_four_and_a_half_on_every_ground(lettering, ground):
    assert contrast(getattr(THEME.palette, lettering), getattr(THEME.palette, ground)) >= 4.5


def test_embedded_font_files_stay_small_and_carry_their_licence():
    sizes = [path.stat().st_size for path in FONTS.glob("*.woff2")]
    assert len(sizes) == 2 and max(sizes) <= 30_000
    assert "SIL OPEN FONT LICENSE" in (FONTS / "OFL.txt").read_text(encoding="utf-8")


def test_the_typeface_has_every_letter_our_languages_need():
    from matplotlib.ft2font import FT2Font

    for path in FONTS.glob("*.ttf"):
        letters = set("åäöæøÅÄÖÆØéüčđŋšŧž0123456789−–…≥≤±×%▲▼●○·’”\u00a0\u202f")
        assert {letter for letter in letters if not FT2Font(path).get_char_index(ord(letter))} == set()
