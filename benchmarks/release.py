"""What the gate costs and what it keeps: our joint protection beside plainer ones, our attacker beside one programme a bound.

python benchmarks/release.py               the small made-up municipality, some minutes
python benchmarks/release.py --country no  the Norwegian one
python benchmarks/release.py --home HOME   a home of your own, loaded

Everything is made for one audience, from the same figures, in the same run. "One table at a time" is what is usually done:
in every table (an indicator in a year, by unit and group) the fewest more figures are hidden that no sum is left with one
alone, as the same integer programming finds them, and other tables are not looked at. What the attacker finds is what
somebody outside, a head or two heads can tell of figures meant to be hidden. "Two programmes a figure" is the attacker of
the textbooks: the lowest and the highest of each by scipy's HiGHS, begun anew each time. Read the ratios before the seconds.
"""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import linprog

from kvalitet_lib.attack import attempt
from kvalitet_lib.attack.bounding import System, bounded
from kvalitet_lib.attack.cells import cells_of
from kvalitet_lib.attack.finer import with_finer_counts
from kvalitet_lib.attack.parts import Part
from kvalitet_lib.attack.reading import Seen, read
from kvalitet_lib.attack.verdicts import questions, worth_asking
from kvalitet_lib.attack.weakness import CELL
from kvalitet_lib.cli.demo import Country, demo
from kvalitet_lib.cli.home import Home
from kvalitet_lib.cli.load import load
from kvalitet_lib.cli.release import facts_of, newest_full_year, units_of
from kvalitet_lib.clock import today
from kvalitet_lib.disclosure.draft import Draft
from kvalitet_lib.disclosure.primary import primary
from kvalitet_lib.disclosure.protect import WEIGHTS, shown_of
from kvalitet_lib.disclosure.publish import own_schools
from kvalitet_lib.disclosure.release import SEEN, read_figures
from kvalitet_lib.disclosure.secondary import Choice, choose
from kvalitet_lib.disclosure.tables import tables_of
from kvalitet_lib.indicators import Indicator, all_indicators
from kvalitet_lib.measure import measure_all
from kvalitet_lib.municipality import Audience, Municipality
from kvalitet_lib.store import Store

NARROW = 3.0
MEGABYTE = 1024  # getrusage counts in kilobytes


@dataclass(frozen=True)
class Batch:
    """All figures of a municipality, and for whom they are to be protected."""

    figures: pd.DataFrame
    disagreements: pd.DataFrame
    units: pd.DataFrame
    indicators: dict[str, Indicator]
    municipality: Municipality
    audience: str
    facts: dict[str, Any]

    @property
    def policy(self) -> Audience:
        return self.municipality.audiences[self.audience]

    @property
    def schools(self) -> set[str]:
        return own_schools(self.units, self.municipality)

    @property
    def known_by_heads(self) -> pd.DataFrame:
        return self.figures[self.figures["source"].eq("local") & self.figures["level"].eq("school")]


def measured(home: Home, audience: str) -> Batch:
    """Everything there is to release, nothing hidden yet."""
    municipality, store = home.municipality(), Store(home.private)
    indicators = all_indicators(municipality.country)
    measurement = measure_all(indicators, store, municipality)
    figures = measurement.to_frame().reset_index(drop=True)
    units, facts = units_of(store, figures, municipality), facts_of(store, newest_full_year(figures), today())
    return Batch(figures, measurement.disagreements, units, indicators, municipality, audience, facts)


def jointly(batch: Batch) -> pd.DataFrame:
    """Which figures our gate shows."""
    return shown_of(batch.figures, batch.indicators, batch.policy, batch.schools)


def one_table_at_a_time(batch: Batch) -> pd.DataFrame:
    """Each figure's own rule, and in each table the fewest more that leave no sum with one hidden figure alone."""
    rules = primary(batch.figures, batch.indicators, batch.policy)
    ours = np.flatnonzero(batch.figures["source"].eq("local") & rules["shown"].isin([*SEEN, "protected"]))
    cells, own = batch.figures.iloc[ours].reset_index(drop=True), rules.iloc[ours].reset_index(drop=True)
    weight = np.array([WEIGHTS[level, group == "all"] for level, group in zip(cells["level"], cells["group"], strict=True)])
    none, pairs = np.zeros(len(cells), bool), np.empty((0, 2), int)
    must, coarse, few = own["shown"].eq("protected"), own["shown"].eq("rounded"), own["few"]
    choice = Choice(
        must.to_numpy(), coarse.to_numpy(), none, weight, np.arange(len(cells)), few.to_numpy(), none, pairs, none[:0]
    )
    tables = tables_of(cells, batch.schools)
    hidden, untold = choose(choice, tables, tables, pool=0)
    seen = rules[["shown", "end"]].assign(persons=True)
    seen.iloc[ours, 0] = own["shown"].mask(hidden, "protected").to_numpy()
    seen.iloc[ours, 2] = ~untold & ~hidden
    return seen.astype({"persons": bool})


def own_rules_alone(batch: Batch) -> pd.DataFrame:
    """Each figure's own rule: too few persons, nearly all or none."""
    rules = primary(batch.figures, batch.indicators, batch.policy)
    return rules[["shown", "end"]].assign(persons=~rules["few"])


def kept(batch: Batch, seen: pd.DataFrame) -> tuple[float, float]:
    """Of our own figures that their own rules leave: the share shown, bands among them; and the share shown exactly."""
    rules = primary(batch.figures, batch.indicators, batch.policy)
    left = batch.figures["source"].eq("local") & rules["shown"].isin(SEEN)
    return float(seen.loc[left, "shown"].isin(SEEN).mean()), float(seen.loc[left, "shown"].eq("yes").mean())


def written(batch: Batch, seen: pd.DataFrame, folder: Path) -> Path:
    """The release as it would be let out."""
    none = read_figures(Path())
    about = {"audience": batch.audience, "policy": batch.policy.model_dump(), **batch.facts}
    about["municipality"] = batch.municipality.model_dump(include={"country", "code", "name", "comparable", "confidence"})
    draft = Draft(
        batch.figures, seen, none, batch.figures, batch.units, batch.indicators, batch.policy, batch.municipality, none,
        batch.disagreements,
    )  # fmt: skip
    folder.mkdir()
    draft.write(folder, about, frozenset())
    return folder


def system_of(release: Path, known: pd.DataFrame | None) -> tuple[System, Seen]:
    """All that the attacker reads and learns before it bounds anything."""
    seen = read(release)
    cells = cells_of(seen).frame.assign(true_persons=np.nan, true_count=np.nan)
    if known is not None:
        facts = known[[*CELL, "n", "count"]].drop_duplicates(CELL).astype(dict.fromkeys(CELL, "str"))
        told = cells[CELL].merge(facts, on=CELL, how="left").set_axis(cells.index)
        cells = cells.assign(true_persons=told["n"], true_count=told["count"].where(cells["counted"]))
    return System(with_finer_counts(cells, seen), seen.units, seen.code), seen


def asked_of(system: System, seen: Seen) -> Iterator[tuple[Part, int]]:
    """The numbers behind hidden figures that could be a weakness, each as its part and its place there."""
    asked = questions(system.cells, system.found, seen.rules)
    for part in system.parts():
        persons = system.high.copy()
        persons[part.places] = part.at
        for here, place in enumerate(part.places.tolist()):
            if place in asked and worth_asking(asked[place], float(part.at[here]), persons, NARROW):
                yield part, here


def two_programmes(asked: Sequence[tuple[Part, int]]) -> int:
    """The lowest and the highest each number can be; how many of them are known to within fewer than three persons."""
    return sum(high - low < NARROW - 1e-6 for low, high in (_ends(*one) for one in asked))


def _ends(part: Part, here: int) -> tuple[float, float]:
    upper, lower = np.isfinite(part.given.high), np.isfinite(part.given.low)
    rows = sparse.vstack([part.given.matrix[upper], -part.given.matrix[lower]], format="csr")
    limits = np.concatenate([part.given.high[upper], -part.given.low[lower]])
    price = np.zeros(len(part.at))
    price[here] = 1.0
    ends = [sign * linprog(sign * price, rows, limits, bounds=np.column_stack([part.low, part.high])).fun for sign in (1, -1)]
    return ends[0], ends[1]


def cost_of(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """What some work gives, its seconds, and the memory of its process in MB: each in a process of its own."""
    context = multiprocessing.get_context("fork")
    answer, say = context.Pipe(duplex=False)
    process = context.Process(target=_worked, args=(work, say))
    process.start()
    told = answer.recv()
    process.join()
    return told


def _worked(work: Callable[[], Any], say: Connection) -> None:
    began = time.perf_counter()
    result = work()
    say.send((result, time.perf_counter() - began, getrusage(RUSAGE_SELF).ru_maxrss / MEGABYTE))


def protections(batch: Batch, folder: Path) -> str:
    """The ways to protect the batch, as Markdown; ours last."""
    ways = {
        "each figure's own rule alone": own_rules_alone,
        "one table at a time": one_table_at_a_time,
        "all tables jointly, as `kvalitet release`": jointly,
    }
    lines = [
        f"| {batch.audience}, {len(batch.figures):,} cells | to protect, s | MB | shown | exactly | to attack, s | MB | found |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, way in ways.items():
        seen, seconds, megabytes = cost_of(partial(way, batch))
        shown, exactly = kept(batch, seen)
        draft = written(batch, seen, folder / way.__name__)
        tried, to_attack, attacking = cost_of(partial(attempt, draft, (), batch.known_by_heads, NARROW))
        found = f"{len(tried.weaknesses):,} of {tried.hidden:,}"
        lines.append(
            f"| {name} | {seconds:.1f} | {megabytes:.0f} | {shown:.1%} | {exactly:.1%} "
            f"| {to_attack:.1f} | {attacking:.0f} | {found} |"
        )
    return "\n".join(lines)


def attackers(batch: Batch, release: Path, most: int) -> str:
    """The ways to bound what our release hides, as Markdown; all held against ours for somebody outside."""
    outside, seen = system_of(release, None)
    inside, _ = system_of(release, batch.known_by_heads)
    asked, told = list(asked_of(outside, seen)), list(asked_of(inside, seen))
    heads = inside.cells.loc[inside.cells["true_persons"].notna() & inside.cells["level"].eq("school"), "unit"].nunique()
    everybody = 1 + heads + heads * (heads - 1) // 2
    lines = [
        "| who bounds what is hidden | readers | numbers | seconds | milliseconds for a number and a reader | times ours |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    ours = 0.0
    for name, readers, numbers, work in (
        ("our attacker, as somebody outside", 1, len(asked), partial(bounded, outside, seen, False, NARROW)),
        ("our attacker, and every head and every two", everybody, len(told), partial(bounded, inside, seen, True, NARROW)),
        ("two programmes for each number", 1, min(most, len(asked)), partial(two_programmes, asked[:most])),
    ):
        _, seconds, _ = cost_of(work)
        each = 1000 * seconds / max(numbers * readers, 1)
        ours = ours or each
        lines.append(f"| {name} | {readers} | {numbers:,} | {seconds:.1f} | {each:.2f} | {each / ours:.1f} |")
    return "\n".join(lines)


def made_up(folder: Path, country: str) -> Home:
    """The small made-up municipality, loaded."""
    demo(country=Country(country), seed=2025, small=True, home=folder)
    load([folder / "deliveries"], home=folder)
    return Home(folder)


def main() -> None:
    """Protect and attack one audience's release in every way, and print two tables."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--country", choices=["se", "no"], default="se", help="of the made-up municipality")
    asked.add_argument("--home", type=Path, help="a home that is loaded; the made-up municipality otherwise")
    asked.add_argument("--audience", default="public", help="for whom")
    asked.add_argument("--most", type=int, default=1000, help="numbers bounded by two programmes each, at most")
    told = asked.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="kvalitet-benchmark-"))
    try:
        home = Home(told.home) if told.home else made_up(folder / "home", told.country)
        batch = measured(home, told.audience)
        print(protections(batch, folder), attackers(batch, folder / jointly.__name__, told.most), sep="\n\n")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
