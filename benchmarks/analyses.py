"""How long all analyses of the made-up municipality take: 30 schools, 11,000 pupils, five years.

python benchmarks/analyses.py               the made-up municipality of either country
python benchmarks/analyses.py --home HOME   a home of your own, loaded
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pages import PROGRAM, spent

from kvalitet_lib.analyses import ANALYSES
from kvalitet_lib.cli.analyse import municipal_rows, run
from kvalitet_lib.cli.home import Home
from kvalitet_lib.store import Store


@dataclass(frozen=True)
class Took:
    """One analysis: seconds by the clock and of a processor, and how many findings came of it."""

    analysis: str
    clock: float
    processor: float
    findings: int


def each(home: Path) -> list[Took]:
    """Every analysis, one after the other, in this process; the first row is what they share."""
    began, used = time.perf_counter(), time.process_time()
    town = municipal_rows(Home(home), Store(Home(home).private))
    frames = len(town.leavers) and [len(town.pairs(*chain)) for chain in town.chains]
    took = [Took("(tidy frames)", time.perf_counter() - began, time.process_time() - used, len(frames or []))]
    for analysis in ANALYSES:
        began, used = time.perf_counter(), time.process_time()
        findings = run(analysis, town)
        took.append(Took(analysis, time.perf_counter() - began, time.process_time() - used, len(findings)))
    return took


def table(country: str, took: list[Took], whole: float) -> str:
    """The times as Markdown, and the whole command with its start."""
    lines = [f"| {country} | seconds | of a processor | findings |", "|---|---:|---:|---:|"]
    lines += [f"| {one.analysis} | {one.clock:.2f} | {one.processor:.2f} | {one.findings} |" for one in took]
    lines.append(f"| together | {sum(one.clock for one in took):.1f} | {sum(one.processor for one in took):.1f} | |")
    return "\n".join([*lines, f"| `kvalitet analyse`, from start to end | {whole:.1f} | | |"])


def loaded(folder: Path, country: str) -> Path:
    """The made-up municipality, its deliveries loaded."""
    for words in (["demo", "--country", country], ["load", str(folder / "deliveries")]):
        spent(*PROGRAM, *words, "--home", str(folder))
    return folder


def main() -> None:
    """Time every analysis and print a table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--home", type=Path, help="a home that is loaded; the made-up municipalities otherwise")
    said = asked.parse_args()
    print(f"{os.cpu_count()} processors", file=sys.stderr)
    with tempfile.TemporaryDirectory() as place:
        homes = (
            {said.home.name: said.home.resolve()} if said.home else {one: loaded(Path(place) / one, one) for one in ("se", "no")}
        )
        for name, home in homes.items():
            with ProcessPoolExecutor(1) as alone:  # a process that has not yet imported what the analyses need
                took = alone.submit(each, home).result()
            print(table(name, took, spent(*PROGRAM, "analyse", "--home", str(home)).seconds), end="\n\n")


if __name__ == "__main__":
    main()
