"""``kvalitet status``, ``measure`` and ``compare``: what the store holds, for its owner's own eyes."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import pandas as pd
import typer

from kvalitet_lib import clock
from kvalitet_lib.cli.forget import oldest_kept
from kvalitet_lib.cli.home import Home
from kvalitet_lib.cli.options import Format, HomeOption
from kvalitet_lib.compare import compare as compare_figures
from kvalitet_lib.disclosure.release import Release
from kvalitet_lib.errors import ContractError, ReleaseError
from kvalitet_lib.forgetting import Selection
from kvalitet_lib.indicators import all_indicators
from kvalitet_lib.measure import measure as measure_figures
from kvalitet_lib.measure import measure_all
from kvalitet_lib.spreadsheets import write_csv
from kvalitet_lib.store import Store

INTERNAL = "Internal - not disclosure controlled."


def status(home: HomeOption = None, output: Annotated[Format, typer.Option("--format")] = Format.TABLE) -> None:
    """Show what was delivered, what is still valid, and the newest releases."""
    where = Home.find(home)
    deliveries = Store(where.private).deliveries()
    if output is not Format.TABLE:
        show(deliveries, output)
        return
    print(f"{where.folder}\n")
    if deliveries.empty:
        print("Nothing is loaded yet. Load deliveries:  kvalitet load PATH")
        return
    tables = deliveries.groupby("table_name").agg(deliveries=("fingerprint", "nunique"), rows=("rows_left", "sum"))
    print(tables.to_string(), "\n")
    shown = deliveries.assign(fingerprint=deliveries["fingerprint"].str[:8]).drop(columns="notes")
    print(shown.to_string(index=False), "\n")
    _say_what_is_not_kept(where)
    for audience in sorted(path.name for path in where.released.glob("*") if path.is_dir()):
        print(f"release for {audience}: {_newest(where, audience)}")


def _say_what_is_not_kept(where: Home) -> None:
    store, municipality = Store(where.private), where.municipality()
    forgotten = len(store.forgotten())
    if forgotten:
        print(f"forgotten: {forgotten} pupils, whose rows are left out of every later delivery\n")
    oldest = oldest_kept(municipality, clock.today())
    too_old = int(store.rows_meant(Selection(before=oldest))["rows"].sum()) if oldest else 0
    if too_old:
        print(
            f"{too_old} rows about pupils are older than the {municipality.keep_school_years} school years that are kept. "
            f"Remove them:  kvalitet forget --before {oldest}\n"
        )


def _newest(where: Home, audience: str) -> str:
    try:
        return Release.open(where.released / audience).id
    except ReleaseError:
        return "none that is whole"


def measure(
    indicator: Annotated[str, typer.Argument(help="Id of an indicator; see kvalitet explain indicators.")],
    by: Annotated[list[str], typer.Option(help="school, municipality, or a breakdown such as sex.")] = ["school"],  # noqa: B006
    home: HomeOption = None,
    output: Annotated[Format, typer.Option("--format")] = Format.TABLE,
) -> None:
    """Measure one indicator from the store, with intervals. Internal: small groups are not hidden."""
    where = Home.find(home)
    figures = measure_figures(indicator, Store(where.private), by, where.municipality().confidence).to_frame()
    print(INTERNAL, file=sys.stderr)
    show(figures, output)


def compare(
    indicator: Annotated[str, typer.Argument(help="Id of an indicator.")],
    home: HomeOption = None,
    output: Annotated[Format, typer.Option("--format")] = Format.TABLE,
) -> None:
    """Compare every school's figures with the nation, the municipality, comparable ones and its own year before. Internal."""
    where = Home.find(home)
    municipality = where.municipality()
    indicators = all_indicators(municipality.country)
    if indicator not in indicators:
        raise ContractError(f"There is no indicator {indicator!r} for this country. See them all:  kvalitet explain indicators")
    measurement = measure_all(indicators, Store(where.private), municipality)
    compared = compare_figures(measurement, municipality, indicators).to_frame()
    print(INTERNAL, file=sys.stderr)
    show(compared[compared["indicator"].eq(indicator)], output)


def show(rows: pd.DataFrame, output: Format) -> None:
    """Print a frame as a table, CSV or JSON."""
    if output is Format.CSV:
        write_csv(rows, sys.stdout)
    elif output is Format.JSON:
        print(json.dumps(json.loads(rows.to_json(orient="records")), ensure_ascii=False, indent=1))
    else:
        print(rows.to_string(index=False) if len(rows) else "Nothing.")
