"""What tests of faults may ask for: a warm start for children, small homes, and a small report."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sys
from collections.abc import Callable
from multiprocessing import forkserver
from pathlib import Path

import pytest

from kvalitet_lib.sources.synthetic import make_deliveries
from tests.conftest import ROOT
from tests.execution.desk import notebook
from tests.faults.desk import FIRST, LATER, REPORT, SCHOOLS, SMALL_PAGE, Desk


@pytest.fixture(scope="session", autouse=True)
def warm_start() -> None:
    """Children are forked from a process that has imported everything, and nothing else."""
    if sys.platform != "linux":
        pytest.skip("faults are tried where processes are forked and followed: on Linux")
    before = Path.cwd()
    os.chdir(ROOT)
    multiprocessing.set_forkserver_preload(["tests.faults.warmed"])
    forkserver.ensure_running()
    os.chdir(before)


@pytest.fixture(scope="session")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All deliveries of the small made-up municipality. Shared by all tests: nobody changes them."""
    folder = tmp_path_factory.mktemp("made_up") / "deliveries"
    make_deliveries(folder, "se", small=True)
    return folder


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory, deliveries: Path) -> Desk:
    """Nothing is loaded; two deliveries have come."""
    desk = Desk(tmp_path_factory.mktemp("bare"))
    (desk.place / "in").mkdir()
    desk.home.mkdir()
    shutil.copytree(ROOT / "params", desk.place / "params")
    (desk.place / "params" / "reports" / "page.yml").write_text(REPORT, encoding="utf-8")
    notebook(desk.place / "notebooks", SMALL_PAGE)
    for name in SCHOOLS:
        shutil.copyfile(deliveries / name, desk.place / "in" / name)
    return desk


@pytest.fixture(scope="session")
def loaded(bare: Desk, deliveries: Path, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The two first deliveries are in the store; two more have come."""
    desk = bare.copy(tmp_path_factory.mktemp("loaded"))
    desk.load(well=True)
    for name in LATER:
        shutil.copyfile(deliveries / name, desk.place / "in" / name)
    return desk


@pytest.fixture(scope="session")
def released(loaded: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A release of the first deliveries; the later ones are loaded and not yet released."""
    desk = loaded.copy(tmp_path_factory.mktemp("released"))
    desk.release(well=True)
    desk.load(well=True)
    return desk


@pytest.fixture(scope="session")
def reported(released: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Pages of the first release, in both formats; the next release is made and not yet reported."""
    desk = released.copy(tmp_path_factory.mktemp("reported"))
    desk.report(*FIRST, well=True)
    desk.release(well=True)
    return desk


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[[Desk], Desk]:
    """A desk of the test's own, just like another."""
    return lambda desk: desk.copy(tmp_path / "desk")
