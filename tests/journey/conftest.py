"""What tests of the whole road may ask for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kvalitet_lib.cli.demo import SETTINGS
from kvalitet_lib.cli.home import Home
from kvalitet_lib.cli.release import release
from kvalitet_lib.cli.taking import take_all
from kvalitet_lib.sources import Circumstances, files_in
from kvalitet_lib.sources.pseudonyms import Pseudonyms
from kvalitet_lib.sources.synthetic import make_deliveries
from kvalitet_lib.store import Store
from tests.browser import browser as browser
from tests.conftest import ROOT


def made_up_home(folder: Path, country: str) -> Home:
    """A small made-up municipality, loaded and released for every audience."""
    home = Home(folder)
    make_deliveries(folder / "deliveries", country, small=True)
    shutil.copyfile(ROOT / "params" / SETTINGS[country], folder / "municipality.yml")
    circumstances = Circumstances(
        home.municipality(), Pseudonyms.open(home.key), tuple((ROOT / "params" / "mappings").glob("*.yml"))
    )
    with Store(home.private).writing() as writer:
        list(take_all(files_in([folder / "deliveries"]), writer, circumstances))
    release(audience=[], home=folder, year="")
    return home


@pytest.fixture(scope="session")
def small_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The small Swedish municipality. Shared by all tests: nobody changes it."""
    return made_up_home(tmp_path_factory.mktemp("swedish_home"), "se")


@pytest.fixture(scope="session")
def small_norwegian_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The small Norwegian municipality. Shared by all tests: nobody changes it."""
    return made_up_home(tmp_path_factory.mktemp("norwegian_home"), "no")
