"""``kvalitet load``: take deliveries in, each whole or not at all."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from kvalitet_lib.cli.home import Home, params
from kvalitet_lib.cli.options import HomeOption
from kvalitet_lib.cli.our_fault import OUR_FAULT
from kvalitet_lib.cli.taking import Outcome, take_all
from kvalitet_lib.errors import DeliveryError, KvalitetError
from kvalitet_lib.sources import Circumstances, files_in
from kvalitet_lib.sources.pseudonyms import Pseudonyms
from kvalitet_lib.store import Store


def load(
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders of files.")],
    home: HomeOption = None,
    replace: Annotated[bool, typer.Option(help="Accept that a delivery replaces rows it does not hold itself.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome of every file as JSON.")] = False,
) -> None:
    """Take deliveries into the store. A delivery that breaks its contract is refused whole; the others are stored."""
    try:
        outcomes = _outcomes(paths, Home.find(home), replace, quiet=as_json or not sys.stderr.isatty())
    except KvalitetError:
        if as_json:
            print("[]")  # what keeps us from starting is said on the other stream
        raise
    if as_json:
        print(json.dumps([asdict(one) for one in outcomes], ensure_ascii=not _speaks_unicode(), indent=1))
    else:
        _tell(outcomes)
    ended = {one.outcome for one in outcomes}
    if ended & {"refused", "failed"}:
        raise typer.Exit(OUR_FAULT if "failed" in ended else DeliveryError.exit_code)


def _outcomes(paths: list[Path], where: Home, replace: bool, quiet: bool) -> list[Outcome]:
    circumstances = Circumstances(
        where.municipality(), Pseudonyms.open(where.key), tuple(sorted((params() / "mappings").glob("*.yml")))
    )
    files = files_in(paths)
    with Store(where.private).writing() as writer:
        taken = take_all(files, writer, circumstances, replace, paths)
        shown = Console(stderr=True)
        return list(track(taken, "Loading", total=len(files), console=shown, disable=quiet, transient=True))


def _speaks_unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")


def _tell(outcomes: list[Outcome]) -> None:
    for one in outcomes:
        if one.outcome in ("refused", "failed"):
            print(f"\n{one.message}\n", file=sys.stderr)
            continue
        rows = ", ".join(f"{count} rows in {table}" for table, count in one.tables.items())
        replaced = f", {one.replaced_rows} replaced" if one.replaced_rows else ""
        print(f"{one.outcome:<10} {one.file}  {one.source}  {rows}{replaced}".rstrip())
        for note in one.notes:
            print(f"           {note}")
    counts = {
        outcome: sum(one.outcome == outcome for one in outcomes)
        for outcome in ("stored", "unchanged", "outdated", "recognised", "refused", "failed")
    }
    print("\n" + ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count))
