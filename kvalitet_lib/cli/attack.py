"""``kvalitet attack``: read a release back as a stranger, a head or two heads could, and tell what follows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from rich.console import Console

from kvalitet_lib.attack import Attempt, Weakness, attempt
from kvalitet_lib.attack.beside import municipality_of, releases_meant, seen_already
from kvalitet_lib.attack.weakness import CELL
from kvalitet_lib.cli.home import Home
from kvalitet_lib.errors import ContractError, DisclosureError, KvalitetError, ReleaseError
from kvalitet_lib.indicators import all_indicators
from kvalitet_lib.measure import measure_all
from kvalitet_lib.sources.source import presentable
from kvalitet_lib.store import Store

MOST_LINES = 40
WIDEST = 1000.0
KINDS = {
    "recovered": "{what} can be worked out exactly",
    "narrow": "{what} can be worked out nearly",
    "shown": "{what} is shown and should not be",
    "reason": "the release says why it is hidden",
    "extra": "does not belong in a release",
    "derived": "{what} follows from something else that is shown",
}
QUANTITIES = {
    "n": "the number of persons",
    "count": "the count",
    "rest": "the number of those not counted",
    "sum": "the sum",
    "": "the figure",
}


def attack(
    release: Annotated[Path, typer.Argument(help="A release's folder, an audience's, or released with all of them.")],
    home: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="Folder of the municipality's data; what heads know of their own schools is measured from it.",
        ),
    ] = None,
    earlier: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="A release its readers have seen; repeat for several. Those beside it when none."),
    ] = None,
    narrow: Annotated[float, typer.Option(help="Bounds closer than so many persons or posts are told of.")] = 3.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it as one JSON document.")] = False,
) -> None:
    """Try to work out what a release hides, from all that is published. Ends with 7 when something is found; tells no value."""
    try:
        if not 1 <= narrow <= WIDEST:
            raise ContractError(f"--narrow is a number of persons from 1 to {WIDEST:.0f}, usually 3.")
        releases = releases_meant(release)
        with Console(stderr=True).status("Attacking"):
            known = None if home is None else _known_by_heads(Home.find(home), releases)
            seen = [_seen(one, earlier) for one in releases]
            tried = [attempt(one, before, known, narrow) for one, before in zip(releases, seen, strict=True)]
    except KvalitetError:
        if as_json:
            _say_as_json([], [], narrow)  # what keeps us from starting is said on the other stream
        raise
    if as_json:
        _say_as_json(tried, seen, narrow)
    else:
        _say(tried, home is not None, release)
    if any(one.weaknesses for one in tried):
        raise typer.Exit(DisclosureError.exit_code)


def _seen(release: Path, named: Sequence[Path] | None) -> list[Path]:
    return [one for folder in named for one in releases_meant(folder)] if named else seen_already(release)


def _known_by_heads(where: Home, releases: Sequence[Path]) -> pd.DataFrame:
    """Every school's own figures as they are, nothing hidden."""
    municipality = where.municipality()
    if others := [one for one in releases if municipality_of(one) != municipality.code]:
        raise ReleaseError(
            f"{others[0]} is of another municipality than {where.folder}, whose store knows nothing of its schools."
        )
    store = Store(where.private)
    if not len(store):
        raise ReleaseError("The store is empty. Load deliveries first:  kvalitet load PATH")
    figures = measure_all(all_indicators(municipality.country), store, municipality).to_frame()
    return figures[figures["source"].eq("local") & figures["level"].eq("school")]


def _say_as_json(tried: Sequence[Attempt], seen: Sequence[Sequence[Path]], narrow: float) -> None:
    releases = [_record(one, before) for one, before in zip(tried, seen, strict=True)]
    print(json.dumps({"narrow": narrow, "releases": releases}, indent=1))


def _record(tried: Attempt, seen: Sequence[Path]) -> dict[str, Any]:
    counts = {"figures": tried.figures, "hidden": tried.hidden, "heads": tried.heads}
    return {
        "release": str(tried.release),
        "audience": tried.audience,
        "tried": {**counts, "earlier": [str(one) for one in seen]},
        "found": [asdict(one) for one in tried.weaknesses],
    }


def _say(tried: Sequence[Attempt], with_heads: bool, named: Path) -> None:
    room = MOST_LINES
    for one in tried:
        print(f"{_plain(one.release)}, for {_plain(one.audience)}")
        print(
            f"Tried: {one.figures} figures of its own, {one.hidden} of them hidden; {_heads(one.heads)}; "
            f"{_number(one.earlier, 'earlier release')}."
        )
        lines = list(_lines(one.weaknesses))
        print("Nothing was found." if not lines else f"{_number(len(lines), 'thing')} can be told that should be kept:")
        for line in lines[:room]:
            print(f"  {line}")
        if left := len(lines[room:]):
            print(f"  … and {left} more; all of them:  kvalitet attack {_plain(named)} --json")
        room = max(room - len(lines), 0)
        print()
    if not with_heads:
        print("What heads know of their own schools was not tried. Name the municipality's data to try it:  --home PATH")


def _heads(heads: int) -> str:
    return f"{_number(heads, 'head')}, alone and two together" if heads else "somebody outside only"


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _lines(weaknesses: Sequence[Weakness]) -> Iterator[str]:
    """One line for all that the same readers can tell in the same way of the same figure."""
    for (kind, cell, readers), same in groupby(sorted(weaknesses, key=_alike), key=_alike):
        what = " and ".join(QUANTITIES[name] for name in sorted({one.quantity for one in same}, reverse=True))
        where = "  ".join(_plain(part) for part in cell if part)
        yield f"{where}: {KINDS[kind].format(what=what)}; {_who(readers)} can tell"


def _alike(one: Weakness) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    return one.kind, tuple(getattr(one, name) for name in CELL), one.readers


def _who(readers: tuple[str, ...]) -> str:
    if not readers:
        return "anybody"
    heads = " and ".join(_plain(one) for one in readers)
    return f"the head of {heads}" if len(readers) == 1 else f"the heads of {heads} together"


def _plain(text: object) -> str:
    return presentable(Path(str(text)))
