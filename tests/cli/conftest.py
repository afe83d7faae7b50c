"""What tests of the command line may ask for."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from kvalitet_lib.cli import main
from kvalitet_lib.cli.demo import Country, demo


@dataclass(frozen=True)
class Said:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture
def kvalitet(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """Run one command of the program as a person would type it."""

    def typed(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["kvalitet", *(str(word) for word in words)])
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return typed


@pytest.fixture(scope="session")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small made-up municipality's deliveries, not loaded. Shared by all tests: nobody changes it."""
    folder = tmp_path_factory.mktemp("demo")
    demo(country=Country.SE, seed=2025, small=True, home=folder)
    return folder / "deliveries"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of a home in which nothing is loaded; its settings are the project's own."""
    return tmp_path / "home"
