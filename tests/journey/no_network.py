"""A wall around a process and all it starts: whoever reaches beyond this machine is stopped and written down.

Python's own audit events (PEP 578) are heard in every Python process, forked or started anew, since each imports
``sitecustomize``. Where the system allows it the processes also stand in a network of their own with nothing in it, which
holds for libraries that are not written in Python.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

WALL = """
import os, sys

ADDRESSED = {"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"}
NAMED = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"}
HERE = ("127.", "::1", "localhost")


def beyond(event, arguments):
    if event in ADDRESSED:
        place = arguments[1]
        return isinstance(place, tuple) and not str(place[0]).startswith(HERE)
    if event in NAMED:
        place = arguments[0][0] if isinstance(arguments[0], tuple) else arguments[0]
        return place is not None and not (place.decode() if isinstance(place, bytes) else str(place)).startswith(HERE)
    return False


def watch(event, arguments):
    if beyond(event, arguments):
        with open(os.environ["KVALITET_REACHED_OUT"], "a", encoding="utf-8") as noted:
            noted.write(event + "\\n")
        raise PermissionError("this process may not reach beyond the machine")


sys.addaudithook(watch)
with open(os.environ["KVALITET_WATCHED"], "a", encoding="utf-8") as noted:
    noted.write(f"{os.getpid()}\\n")
"""


@dataclass(frozen=True)
class Walled:
    """Commands run behind the wall, and what was noted of them."""

    folder: Path

    @classmethod
    def build(cls, folder: Path) -> Walled:
        (folder / "wall").mkdir()
        (folder / "wall" / "sitecustomize.py").write_text(WALL, encoding="utf-8")
        return cls(folder)

    @property
    def reached_out(self) -> list[str]:
        noted = self.folder / "reached_out"
        return noted.read_text(encoding="utf-8").splitlines() if noted.exists() else []

    @property
    def watched(self) -> int:
        """How many Python processes began behind the wall; forked ones are watched without being counted."""
        return len(set((self.folder / "watched").read_text(encoding="utf-8").split()))

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        told = {
            "PYTHONPATH": os.pathsep.join([str(self.folder / "wall"), str(ROOT)]),
            "KVALITET_REACHED_OUT": str(self.folder / "reached_out"),
            "KVALITET_WATCHED": str(self.folder / "watched"),
        }
        return subprocess.run(
            [*alone(), *command], cwd=ROOT, env={**os.environ, **told}, capture_output=True, text=True, timeout=300
        )


def alone() -> list[str]:
    """The words before a command that put it into a network of its own; none where the system does not allow that."""
    for words in (["unshare", "--net"], ["unshare", "--net", "--map-root-user"]):
        if shutil.which("unshare") and subprocess.run([*words, "true"], capture_output=True).returncode == 0:
            return words
    return []
