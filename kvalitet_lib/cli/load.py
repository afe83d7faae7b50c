"""``kvalitet load``: take deliveries in, each whole or not at all."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import track

from kvalitet_lib.cli.home import Home, params
from kvalitet_lib.cli.options import HomeOption
from kvalitet_lib.errors import DeliveryError
from kvalitet_lib.sources import Circumstances, Delivery, files_in, read_delivery
from kvalitet_lib.sources.pseudonyms import Pseudonyms
from kvalitet_lib.store import Store, Writer


@dataclass(frozen=True)
class Outcome:
    """What became of one file. Holds no cell value."""

    file: str
    outcome: str
    source: str = ""
    fingerprint: str = ""
    tables: dict[str, int] = field(default_factory=dict)
    replaced_rows: int = 0
    notes: tuple[str, ...] = ()
    faults: tuple[dict[str, Any], ...] = ()
    message: str = ""


def load(
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders of files.")],
    home: HomeOption = None,
    replace: Annotated[bool, typer.Option(help="Accept that a delivery replaces rows it does not hold itself.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome of every file as JSON.")] = False,
) -> None:
    """Take deliveries into the store. A delivery that breaks its contract is refused whole; the others are stored."""
    where = Home.find(home)
    circumstances = Circumstances(
        where.municipality(), Pseudonyms.open(where.key), tuple(sorted((params() / "mappings").glob("*.yml")))
    )
    files = files_in(paths)
    quiet = as_json or not sys.stderr.isatty()
    with Store(where.private).writing() as writer:
        outcomes = list(
            track(
                take_all(files, writer, circumstances, replace),
                "Loading",
                total=len(files),
                console=Console(stderr=True),
                disable=quiet,
                transient=True,
            )
        )
    if as_json:
        print(json.dumps([asdict(one) for one in outcomes], ensure_ascii=False, indent=1))
    else:
        _tell(outcomes)
    if any(one.outcome == "refused" for one in outcomes):
        raise typer.Exit(DeliveryError.exit_code)


def take_all(files: list[Path], writer: Writer, circumstances: Circumstances, replace: bool = False) -> Iterator[Outcome]:
    """Take each file in turn; one that is refused leaves the others alone."""
    for path in files:
        delivery = Delivery(path)
        before = writer.outcome_before(delivery.fingerprint)
        try:
            yield (
                Outcome(path.name, before, fingerprint=delivery.fingerprint)
                if before
                else _take(delivery, writer, circumstances, replace)
            )
        except DeliveryError as refused:
            faults = tuple({**asdict(fault), "rows": fault.rows} for fault in refused.faults)
            yield Outcome(path.name, "refused", fingerprint=delivery.fingerprint, faults=faults, message=str(refused))


def _take(delivery: Delivery, writer: Writer, circumstances: Circumstances, replace: bool) -> Outcome:
    source, filled = read_delivery(delivery, circumstances)
    notes = tuple(dict.fromkeys(note for part in filled for note in part.notes))
    if not filled:
        return Outcome(delivery.file_name, "recognised", source.name, delivery.fingerprint)
    tables = [(part.table, part.rows) for part in filled]
    kept = writer.put(delivery.fingerprint, delivery.file_name, source.name, tables, "; ".join(notes), replace)
    counts = {name: sum(len(rows) for table, rows in tables if table == name) for name, _ in tables}
    return Outcome(delivery.file_name, kept.outcome, source.name, delivery.fingerprint, counts, kept.replaced_rows, notes)


def _tell(outcomes: list[Outcome]) -> None:
    for one in outcomes:
        if one.outcome == "refused":
            print(f"\n{one.message}\n", file=sys.stderr)
            continue
        rows = ", ".join(f"{count} rows in {table}" for table, count in one.tables.items())
        replaced = f", {one.replaced_rows} replaced" if one.replaced_rows else ""
        print(f"{one.outcome:<10} {one.file}  {one.source}  {rows}{replaced}".rstrip())
        for note in one.notes:
            print(f"           {note}")
    counts = {
        outcome: sum(one.outcome == outcome for one in outcomes)
        for outcome in ("stored", "unchanged", "outdated", "recognised", "refused")
    }
    print("\n" + ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count))
