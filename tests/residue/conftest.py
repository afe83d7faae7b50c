"""What the tests of residue share: deliveries with canaries in them, and homes in which they are loaded."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.cli.conftest import deliveries as deliveries
from tests.conftest import ROOT
from tests.made_up_homes import made_once
from tests.residue import canaries
from tests.residue.watch import Watch


@pytest.fixture(scope="session")
def planted(deliveries, tmp_path_factory) -> Path:
    """The small municipality's deliveries with every canary in its place. Shared: nobody changes them."""
    return canaries.plant(deliveries, tmp_path_factory.mktemp("planted") / "deliveries")


def begin(folder: Path, planted: Path) -> None:
    """Load and release them in a place; everything that was written and said on the way is in it."""
    watch = Watch.make(folder)
    shutil.copyfile(ROOT / "params" / "municipality.yml", watch.home / "municipality.yml")
    canaries.copied(planted, watch.home / "deliveries")
    for words in (("load", watch.home / "deliveries"), ("release",)):
        done = watch.kvalitet(*words)
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def begun(planted, tmp_path_factory) -> Iterator[Watch]:
    """Such a place, as it is then; all that is in it was written by these two commands."""
    made = made_once(tmp_path_factory, "begun_with_canaries", lambda folder: begin(folder, planted))
    # Not in pytest's own folder: the name of a socket may be a hundred letters long and no more.
    with TemporaryDirectory(prefix="w") as folder:
        shutil.copytree(made, folder, dirs_exist_ok=True)
        yield Watch(Path(folder))


@pytest.fixture(scope="session")
def loaded(begun, tmp_path_factory) -> Path:
    """The home alone, as it is then. Shared: nobody changes it."""
    return canaries.copied(begun.home, tmp_path_factory.mktemp("loaded") / "home")


@pytest.fixture
def watch(loaded, tmp_path) -> Watch:
    """A place of one's own with a copy of that home."""
    made = Watch.make(tmp_path)
    made.home.rmdir()
    canaries.copied(loaded, made.home)
    return made
