"""A place where every file a command writes is seen, and what it says is kept."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

from tests.conftest import ROOT
from tests.residue import canaries
from tests.residue.forking import run
from tests.residue.search import Hit, search

PSEUDONYM = re.compile(rb"p_[0-9a-f]{32}")
PROGRAM = "from kvalitet_lib.cli import main\nmain()\n"


@dataclass(frozen=True)
class Watch:
    """The municipality's home, the user's own folder, the temporary one, the desk and the pages, all below ``root``."""

    root: Path

    @property
    def home(self) -> Path:
        return self.root / canaries.HOME

    @property
    def desk(self) -> Path:
        return self.root / canaries.DESK

    @property
    def out(self) -> Path:
        return self.root / canaries.OUT

    @property
    def said(self) -> Path:
        return self.root / "said"

    @classmethod
    def make(cls, root: Path) -> Watch:
        """Empty folders, and a desk with the project's notebooks and settings."""
        watch = cls(root)
        for folder in (watch.home, watch.said, root / canaries.USER_HOME, root / canaries.TEMPORARY):
            folder.mkdir(parents=True)
        for name in ("notebooks", "params"):
            canaries.copied(ROOT / name, watch.desk / name)
        return watch

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        """As in a shell of somebody else's: no variable of ours but these tells where anything goes."""
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT")}
        return {
            **kept,
            "HOME": str(self.root / canaries.USER_HOME),
            "TMPDIR": str(self.root / canaries.TEMPORARY),
            "PYTHONPATH": str(ROOT),
            "KVALITET_HOME": str(self.home),
            **canaries.ENVIRONMENT,
            **more,
        }

    def kvalitet(self, *words: object, first: str = "", room: int = 0, **more: str) -> CompletedProcess[str]:
        """Run one command as a person types it.

        Parameters
        ----------
        first : str
            Python that the process runs before the command: how a fault is brought about that no input can.
        room : int
            The most bytes that a file may grow to.
        more : str
            Variables of its environment.
        """
        name = f"{len(list(self.said.iterdir())):02d}-{words[0]}"
        out, complaints = self.said / f"{name}.out", self.said / f"{name}.err"
        code = run(
            {
                "words": [str(word) for word in words],
                "environment": self.environment(more),
                "folder": str(self.desk),
                "first": first,
                "told": os.devnull,
                "out": str(out),
                "complaints": str(complaints),
                "room": room,
            }
        )
        return CompletedProcess(words, code, out.read_text(encoding="utf-8"), complaints.read_text(encoding="utf-8"))

    @contextmanager
    def served(self, *words: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
        """A server and the address it printed; ended as a person ends it, and what it said is kept."""
        number = len(list(self.said.iterdir()))
        with (self.said / f"{number:02d}-{words[0]}.err").open("w") as complaints:
            process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, *map(str, words), "--port", "0"],
                cwd=self.desk,
                env=self.environment({}),
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
                start_new_session=True,
                preexec_fn=_hear_interrupts,
            )
            try:
                assert process.stdout
                yield process, process.stdout.readline().strip()
            finally:
                os.killpg(process.pid, signal.SIGINT)
                process.wait(60)

    def keep(self, verb: str, text: str) -> None:
        """Put what was said elsewhere than on the two streams beside what was said there."""
        (self.said / f"{len(list(self.said.iterdir())):02d}-{verb}.txt").write_text(text, encoding="utf-8")

    def rows_outside(self, *also: str) -> list[Hit]:
        """Canaries of rows, pseudonyms, and what else is named, in all but the private area and the deliveries themselves."""
        kept_apart = [self.home / "private", self.home / "key", self.home / "deliveries", self.home / "incoming"]
        return search([self.root], [canaries.ROW, PSEUDONYM, *also], kept_apart)

    def surroundings_published(self) -> list[Hit]:
        """Canaries of the surroundings in anything others may see: releases and pages."""
        return [hit for place in (self.home / "released", self.out) for hit in search([*place.rglob("*")], [canaries.AROUND])]

    def files(self) -> list[Path]:
        return [path for path in self.root.rglob("*") if path.is_file()]


def _hear_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
