"""The whole demonstration needs nobody but this machine: no address is looked up, no line opened."""

from __future__ import annotations

import sys

import pytest

from kvalitet_lib.disclosure.release import Release
from tests.journey.no_network import Walled

FIGURES = {"sockets beyond this machine": 0, "commands of the demonstration": 5}
MAIN = (sys.executable, "-P", "-c", "from kvalitet_lib.cli import main; main()")


@pytest.fixture(scope="module")
def walled(tmp_path_factory):
    return Walled.build(tmp_path_factory.mktemp("walled"))


def test_from_the_made_up_deliveries_to_the_pages_nothing_reaches_out(walled):
    home, out = walled.folder / "home", walled.folder / "reports"
    at = ("--home", str(home))

    def typed(*words: str) -> None:
        ran = walled.run(*MAIN, *words)
        assert ran.returncode == 0, ran.stderr[-2000:]
        commands.append(words[0])

    commands: list[str] = []
    typed("demo", "--small", *at)
    typed("load", str(home / "deliveries"), *at)
    typed("release", *at)
    typed("report", "municipality", "--language", "sv", "--out", str(out), *at)
    school = Release.open(home / "released" / "public").units_with_figures("school")[0]
    typed("report", "school", "--school", school, "--language", "sv", "--out", str(out), *at)
    assert sorted(path.suffix for path in out.rglob("*-*.*") if path.suffix in (".html", ".pdf")) == [
        ".html",
        ".html",
        ".pdf",
        ".pdf",
    ]
    assert len(commands) == FIGURES["commands of the demonstration"]
    assert walled.watched >= len(commands)
    assert len(walled.reached_out) == FIGURES["sockets beyond this machine"]


SPAWNED = """
import multiprocessing, socket
if __name__ == "__main__":
    child = multiprocessing.get_context("spawn").Process(target=socket.gethostbyname, args=("udir.no",))
    child.start()
    child.join()
"""


@pytest.mark.parametrize(
    "reaching",
    [
        "import socket; socket.create_connection(('192.0.2.1', 80), 1)",
        "import socket; socket.getaddrinfo('skolverket.se', 443)",
        "import os, socket\nif os.fork() == 0: socket.socket().connect(('192.0.2.1', 80))\nos.wait()",
        SPAWNED,
    ],
    ids=["line", "name", "forked", "spawned"],
)
def test_the_wall_stops_and_notes_whoever_reaches_out(tmp_path, reaching):
    walled = Walled.build(tmp_path)
    (tmp_path / "reaching.py").write_text(reaching, encoding="utf-8")
    ran = walled.run(sys.executable, str(tmp_path / "reaching.py"))
    assert "may not reach beyond the machine" in ran.stderr
    assert len(walled.reached_out) == 1
