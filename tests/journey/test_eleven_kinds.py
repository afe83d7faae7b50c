"""From the eleven kinds of local delivery to a page in every language, with the commands a coordinator types."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kvalitet_lib.texts import LANGUAGES

KVALITET = Path(sys.executable).with_name("kvalitet")
COUNTRIES = {"se": ("municipality.yml", 6, "90012345"), "no": ("municipality-no.yml", 5, "312345005")}


def kvalitet(*words: object) -> str:
    done = subprocess.run([KVALITET, *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("country", COUNTRIES)
def test_pages_are_made_from_the_local_kinds_in_every_language(country, shared, project, tmp_path):
    settings, kinds, school = COUNTRIES[country]
    deliveries = sorted((shared / "data" / "deliveries").glob(f"{country}_*.csv"))
    assert len(deliveries) == kinds
    home, out = tmp_path / "home", tmp_path / "reports"
    home.mkdir()
    shutil.copyfile(project / "params" / settings, home / "municipality.yml")
    assert f"{kinds} stored" in kvalitet("load", *deliveries, "--home", home)
    kvalitet("release", "--home", home)
    spoken = [word for language in LANGUAGES for word in ("--language", language)]
    kvalitet("report", "school", "--school", school, *spoken, "--home", home, "--out", out)
    for language in LANGUAGES:
        page = (out / "public" / language / f"school-{school}.html").read_text(encoding="utf-8")
        assert f'lang="{language}"' in page
        assert (out / "public" / language / f"school-{school}.pdf").read_bytes().startswith(b"%PDF")
