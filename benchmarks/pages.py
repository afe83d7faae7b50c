"""How many pages a minute: our runner, the same with a kernel for each page, and the plain loop of papermill and nbconvert.

python benchmarks/pages.py             six schools of the made-up municipality
python benchmarks/pages.py --all       all thirty
python benchmarks/pages.py --home HOME a home of your own, loaded and released
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kvalitet_lib.disclosure.release import Release

PROJECT = Path(__file__).parent.parent
NOTEBOOK = PROJECT / "notebooks" / "report" / "school.ipynb"
PROGRAM = [sys.executable, "-c", "from kvalitet_lib.cli import main; main()"]
LANGUAGE = "sv"


@dataclass(frozen=True)
class Cost:
    """What commands took: seconds by the clock, and memory of the largest process, in MB."""

    seconds: float
    megabytes: float


@dataclass(frozen=True)
class Route:
    """One way to make pages: its name and a function from school codes and an empty folder to a cost."""

    name: str
    make: Callable[[Sequence[str], Path], Cost]


def spent(*command: str) -> Cost:
    """Run a command to its end; memory is that of the largest process among it and its children."""
    began = time.perf_counter()
    started = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert started.stderr is not None
    said = started.stderr.read()
    _, status, used = os.wait4(started.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)} failed:\n{said.decode()}")
    return Cost(time.perf_counter() - began, used.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024))


def ours(home: Path, *options: str) -> Callable[[Sequence[str], Path], Cost]:
    """``kvalitet report school`` with these options."""

    def make(schools: Sequence[str], out: Path) -> Cost:
        wanted = [word for school in schools for word in ("--school", school)]
        where = ["--home", str(home), "--out", str(out)]
        return spent(*PROGRAM, "report", "school", *wanted, "--language", LANGUAGE, *where, *options)

    return make


def plain_loop(release: Release) -> Callable[[Sequence[str], Path], Cost]:
    """One papermill and one nbconvert for each school, as a shell script would."""

    def make(schools: Sequence[str], out: Path) -> Cost:
        costs = []
        for school in schools:
            executed = str(out / f"{school}.ipynb")
            told = ["-r", "school", school, "-r", "language", LANGUAGE, "-r", "release", str(release.folder)]
            costs.append(spent(sys.executable, "-m", "papermill", str(NOTEBOOK), executed, *told, "--no-progress-bar"))
            costs.append(spent(sys.executable, "-m", "jupyter", "nbconvert", "--to", "html", "--no-input", executed))
        return Cost(sum(one.seconds for one in costs), max(one.megabytes for one in costs))

    return make


def routes(home: Path, release: Release) -> list[Route]:
    """All routes; the plain loop last, as the others are held against it."""
    return [
        Route("`kvalitet report`, 1 at once", ours(home, "--format", "html", "--jobs", "1")),
        Route("`kvalitet report`, 2 at once", ours(home, "--format", "html", "--jobs", "2")),
        Route("`kvalitet report`, 2 at once, HTML and PDF", ours(home, "--format", "html,pdf", "--jobs", "2")),
        Route("`kvalitet report --own-kernel`, 1 at once", ours(home, "--format", "html", "--jobs", "1", "--own-kernel")),
        Route("`kvalitet report --own-kernel`, 2 at once", ours(home, "--format", "html", "--jobs", "2", "--own-kernel")),
        Route("loop of `papermill` and `jupyter nbconvert`", plain_loop(release)),
    ]


def made_up_home(folder: Path) -> Path:
    """The made-up municipality of thirty schools, loaded and released."""
    for words in (["demo"], ["load", str(folder / "deliveries")], ["release", "--audience", "public"]):
        cost = spent(*PROGRAM, *words, "--home", str(folder))
        print(f"kvalitet {words[0]}: {cost.seconds:.1f} s, {cost.megabytes:.0f} MB", file=sys.stderr)
    return folder


def table(costs: dict[str, Cost], pages: int) -> str:
    """The costs as Markdown; the last route is the one the others are held against."""
    slowest = list(costs.values())[-1].seconds
    lines = [
        f"| {pages} schools | pages per minute | seconds per page | largest process, MB | times the loop |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, cost in costs.items():
        each = cost.seconds / pages
        lines.append(f"| {name} | {60 / each:.0f} | {each:.2f} | {cost.megabytes:.0f} | {slowest / cost.seconds:.1f} |")
    return "\n".join(lines)


def main() -> None:
    """Time every route on the same schools and print a table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--home", type=Path, help="a home that is loaded and released; the made-up municipality otherwise")
    asked.add_argument("--schools", type=int, default=6, help="how many schools")
    asked.add_argument("--all", action="store_true", help="every school of the release")
    said = asked.parse_args()
    with tempfile.TemporaryDirectory() as place:
        home = said.home.resolve() if said.home else made_up_home(Path(place) / "home")
        release = Release.open(home / "released" / "public")
        units = release.units_with_figures("school")
        schools = units if said.all else units[: said.schools]
        costs = {}
        for number, route in enumerate(routes(home, release)):
            out = Path(place) / f"out{number}"
            out.mkdir()
            costs[route.name] = route.make(schools, out)
            print(f"{route.name}: {costs[route.name].seconds:.1f} s", file=sys.stderr)
    print(table(costs, len(schools)))


if __name__ == "__main__":
    main()
