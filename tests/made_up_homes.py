"""Made-up municipalities, loaded and released: made once for all tests, whichever process asks first."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from kvalitet_lib.cli.demo import SETTINGS
from kvalitet_lib.cli.home import Home
from kvalitet_lib.cli.release import release
from kvalitet_lib.cli.taking import take_all
from kvalitet_lib.sources import Circumstances, files_in
from kvalitet_lib.sources.pseudonyms import Pseudonyms
from kvalitet_lib.sources.synthetic import make_deliveries
from kvalitet_lib.store import Store

ROOT = Path(__file__).parent.parent


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


def _made_once(factory: pytest.TempPathFactory, name: str, country: str) -> Home:
    """The home that the first of several test processes has made; a process alone makes its own."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return made_up_home(factory.mktemp(name), country)
    folder = factory.getbasetemp().parent / name
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            made = made_up_home(factory.mktemp(name), country)
            made.folder.rename(folder)
    return Home(folder)


@pytest.fixture(scope="session")
def small_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The small Swedish municipality. Shared by all tests: nobody changes it."""
    return _made_once(tmp_path_factory, "swedish_home", "se")


@pytest.fixture(scope="session")
def small_norwegian_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The small Norwegian municipality. Shared by all tests: nobody changes it."""
    return _made_once(tmp_path_factory, "norwegian_home", "no")
