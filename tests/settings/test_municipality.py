"""Settings that cannot be used are refused in words that say which one, and what it may be."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvalitet_lib.errors import SettingsError
from kvalitet_lib.municipality import Municipality

RIGHT = """
country: se
code: "0114"
name: Exempelby
languages: [sv]
audiences:
  public: {smallest_group: 10, smallest_survey_group: 10, smallest_count: 5, source: own}
trust: [local]
"""


@pytest.fixture
def settings(tmp_path: Path):
    def write(text: str) -> Path:
        path = tmp_path / "municipality.yml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_the_settings_that_come_with_the_project_can_be_used(project):
    for name in ("municipality.yml", "municipality-no.yml"):
        assert Municipality.read(project / "params" / name).made_up


def test_a_code_keeps_its_leading_zero(settings):
    assert Municipality.read(settings(RIGHT)).code == "0114"


def test_a_code_without_quotes_is_refused_since_its_zero_would_be_lost(settings):
    with pytest.raises(SettingsError, match="in quotes"):
        Municipality.read(settings(RIGHT.replace('"0114"', "0114")))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (RIGHT.replace("smallest_count: 5, ", ""), "audiences.public.smallest_count: Field required"),
        (RIGHT.replace("smallest_group: 10", "smallest_group: 1"), "audiences.public.smallest_group"),
        (RIGHT.replace("[sv]", "[sv, fi]"), "languages.1"),
        (RIGHT + "shcool: x\n", "shcool: Extra inputs are not permitted"),
        (RIGHT.replace("country: se", "country: dk"), "country"),
    ],
)
def test_every_wrong_setting_is_named(settings, wrong, told):
    with pytest.raises(SettingsError, match=told):
        Municipality.read(settings(wrong))


def test_a_file_that_is_not_yaml_is_refused_with_its_line(settings):
    with pytest.raises(SettingsError, match=r"municipality\.yml, line \d"):
        Municipality.read(settings("country: [se\nname: x"))


def test_settings_that_are_not_there_say_how_to_get_them(tmp_path):
    with pytest.raises(SettingsError, match="kvalitet demo"):
        Municipality.read(tmp_path / "none.yml")
