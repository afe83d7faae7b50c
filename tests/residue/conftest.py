"""What the tests of residue share: deliveries with canaries in them, and homes in which they are loaded."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import deliveries as deliveries
from tests.conftest import ROOT
from tests.residue import canaries
from tests.residue.watch import Watch


@pytest.fixture(scope="session")
def planted(deliveries, tmp_path_factory) -> Path:
    """The small municipality's deliveries with every canary in its place. Shared: nobody changes them."""
    return canaries.plant(deliveries, tmp_path_factory.mktemp("planted") / "deliveries")


@pytest.fixture(scope="session")
def loaded(planted, tmp_path_factory) -> Path:
    """A home in which they are loaded and released. Shared: nobody changes it."""
    watch = Watch.make(tmp_path_factory.mktemp("loaded"))
    shutil.copyfile(ROOT / "params" / "municipality.yml", watch.home / "municipality.yml")
    for words in (("load", planted), ("release",)):
        done = watch.kvalitet(*words)
        assert done.returncode == 0, done.stderr
    return watch.home


@pytest.fixture
def watch(loaded, tmp_path) -> Watch:
    """A place of one's own with a copy of that home."""
    made = Watch.make(tmp_path)
    made.home.rmdir()
    canaries.copied(loaded, made.home)
    return made
