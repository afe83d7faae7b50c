"""``kvalitet analyse``: answer the questions behind the figures, with their doubts. Internal until released."""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
from collections.abc import Callable, Sequence
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console

from kvalitet_lib.analyses import ANALYSES
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.analyses.findings_folder import FOLDER, write_findings
from kvalitet_lib.analyses.measures import Measures
from kvalitet_lib.analyses.municipal_rows import MunicipalRows
from kvalitet_lib.cli.home import Home
from kvalitet_lib.cli.look import INTERNAL, show
from kvalitet_lib.cli.options import Format, HomeOption
from kvalitet_lib.errors import ContractError, ReleaseError
from kvalitet_lib.present.finding_doubts import doubts
from kvalitet_lib.safe_files import writing_to
from kvalitet_lib.store import Store
from kvalitet_lib.store_file import for_owner_only
from kvalitet_lib.texts import Texts

MARKS = {"passed": "+", "failed": "-", "judge": "?", "basis": "·", "cannot_tell": "·"}


def analyse(
    analysis: Annotated[list[str], typer.Argument(help=f"All when none is named: {', '.join(ANALYSES)}.")] = [],  # noqa: B006
    home: HomeOption = None,
    output: Annotated[Format, typer.Option("--format")] = Format.TABLE,
    language: Annotated[str, typer.Option("--language", "-l", help="sv, nb or en")] = "",
) -> None:
    """Run analyses on the municipality's own schools, print what they find with every doubt, and keep it for the release."""
    if strange := [name for name in analysis if name not in ANALYSES]:
        raise ContractError(f"There is no analysis {', '.join(map(repr, strange))}; there are: {', '.join(ANALYSES)}.")
    where = Home.find(home)
    store = Store(where.private)
    if not len(store):
        raise ReleaseError("The store is empty. Load deliveries first:  kvalitet load PATH")
    town = municipal_rows(where, store)
    texts = Texts(language or town.municipality.languages[0])
    print(INTERNAL, file=sys.stderr)
    fingerprint = made_from(where, store)
    with for_owner_only(), writing_to(where.private / FOLDER, "making findings") as drafts:
        for name in analysis or ANALYSES:
            with Console(stderr=True).status(name):
                findings = run(name, town)
                write_findings(where.private, name, findings, fingerprint, drafts)
            tell(name, findings, texts, output, whole=bool(analysis))
    if not analysis and output is Format.TABLE:
        print("\nTables and doubts of one:  kvalitet analyse NAME")


def municipal_rows(where: Home, store: Store) -> MunicipalRows:
    """The frames of a home's store, with the measures and the causal graph it declares."""
    from kvalitet_lib.analyses.causal_graph import CausalGraph  # brings networkx, which no other verb needs

    return MunicipalRows(
        dict(store), where.municipality(), Measures.read(where.measures).measures, CausalGraph.read(where.causal_graph)
    )


def run(name: str, town: MunicipalRows) -> list[Finding]:
    """What one analysis finds in a municipality."""
    of_municipality: Callable[[MunicipalRows], list[Finding]] = importlib.import_module(
        f"kvalitet_lib.analyses.{name}"
    ).of_municipality
    return of_municipality(town)


def made_from(where: Home, store: Store) -> str:
    """A fingerprint of everything findings rest on: what the store holds, and what is declared."""
    digest = hashlib.sha256()
    held = store.deliveries()[["fingerprint", "table_name", "rows_left"]].astype(str).sort_values(["fingerprint", "table_name"])
    digest.update(repr(held.to_numpy().tolist()).encode())
    for settings in (where.settings, where.measures, where.causal_graph):
        digest.update(settings.read_bytes() if settings.is_file() else b"")
    return digest.hexdigest()


def tell(name: str, findings: Sequence[Finding], texts: Texts, output: Format, whole: bool) -> None:
    """Print findings: as JSON, as one CSV of all estimates, or in words, a line each or the whole with tables and doubts."""
    if output is Format.JSON:
        print(json.dumps([json.loads(finding.to_json()) for finding in findings], ensure_ascii=False, indent=1))
        return
    if output is Format.CSV:
        marked = [
            finding.to_frame().assign(analysis=finding.analysis, outcome=finding.outcome, **finding.about) for finding in findings
        ]
        show(pd.concat(marked, ignore_index=True) if marked else pd.DataFrame(), output)
        return
    print(f"\n{texts.say(f'analyses.{name}.name')}\n{texts.say(f'analyses.{name}.question')}")
    if not findings:
        print("Nothing to run it on: no delivery that it needs is loaded.")
    for finding in findings:
        print(f"\n{finding!r}" if whole else f"  {finding!r}")
        if not whole:
            continue
        if finding.method:
            print(finding.method)
        if finding.reason:
            print(texts.say(f"reasons.{finding.reason}"))
            continue
        print(finding.to_frame().dropna(axis="columns", how="all").to_string(index=False, float_format="{:.4g}".format))
        for doubt, answer, outcome, leaves in doubts(finding, texts.language).itertuples(index=False):
            print(f"  {MARKS[outcome]} {doubt} {answer}{f'  [{leaves}]' if leaves else ''}".replace("  ", " ", 1))
