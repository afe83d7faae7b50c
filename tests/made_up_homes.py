"""Made-up municipalities, loaded and released: made once for all tests, whichever process asks first."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from fnmatch import fnmatch
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
FEW = ("skolor.csv", "bemanning.csv", "enkat_*.csv", "gymnasiet_*.csv")


def made_up_home(folder: Path, country: str, deliveries: Sequence[str] = ("*",)) -> Home:
    """A small made-up municipality, its deliveries with such names loaded, and released for every audience."""
    home = Home(folder)
    make_deliveries(folder / "deliveries", country, small=True)
    shutil.copyfile(ROOT / "params" / SETTINGS[country], folder / "municipality.yml")
    circumstances = Circumstances(
        home.municipality(), Pseudonyms.open(home.key), tuple((ROOT / "params" / "mappings").glob("*.yml"))
    )
    loaded = [path for path in files_in([folder / "deliveries"]) if any(fnmatch(path.name, name) for name in deliveries)]
    with Store(home.private).writing() as writer:
        list(take_all(loaded, writer, circumstances))
    release(audience=[], home=folder, year="")
    return home


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first to ask has had made, whichever of several test processes that is. Nobody changes it."""
    of_all = factory.getbasetemp() if "PYTEST_XDIST_WORKER" not in os.environ else factory.getbasetemp().parent
    folder = of_all / name
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            draft = factory.mktemp("made") / name
            make(draft)
            draft.rename(folder)
    return folder


@pytest.fixture(scope="session")
def small_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The small Swedish municipality. Shared by all tests: nobody changes it."""
    return Home(made_once(tmp_path_factory, "swedish_home", lambda folder: made_up_home(folder, "se")))


@pytest.fixture(scope="session")
def small_norwegian_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The small Norwegian municipality. Shared by all tests: nobody changes it."""
    return Home(made_once(tmp_path_factory, "norwegian_home", lambda folder: made_up_home(folder, "no")))


@pytest.fixture(scope="session")
def sparse_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The small Swedish municipality with little in its store: quick to release and to attack. Nobody changes it."""
    return Home(made_once(tmp_path_factory, "sparse_home", lambda folder: made_up_home(folder, "se", FEW)))
