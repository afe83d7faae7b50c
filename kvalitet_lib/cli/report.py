"""``kvalitet report``: pages for every school, in every language asked for."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from kvalitet_lib.cli.home import Home, notebooks, params
from kvalitet_lib.cli.options import HomeOption
from kvalitet_lib.disclosure.release import Release
from kvalitet_lib.errors import ContractError, ReportError
from kvalitet_lib.execution.batch import Made, make_all
from kvalitet_lib.execution.job import Job
from kvalitet_lib.execution.manifest import Manifest
from kvalitet_lib.execution.parameters import ReportSettings
from kvalitet_lib.execution.plan import Wish, facts, plan
from kvalitet_lib.present import html
from kvalitet_lib.present.index_page import index
from kvalitet_lib.texts import LANGUAGES, Texts


def report(
    name: Annotated[str, typer.Argument(help="A file in params/reports/, e.g. school.")],
    school: Annotated[list[str], typer.Option(help="Only these units; all when none is named.")] = [],  # noqa: B006
    year: Annotated[str, typer.Option(help="School year, e.g. 2024-25; the release's own when not named.")] = "",
    language: Annotated[list[str], typer.Option("--language", "-l", help="sv, nb or en; repeat for several.")] = [],  # noqa: B006
    formats: Annotated[str, typer.Option("--format", help="html, pdf or html,pdf.")] = "",
    jobs: Annotated[int, typer.Option(help="Pages at once; as many as there are processors when 0.")] = 0,
    out: Annotated[Path, typer.Option(help="Where to write.")] = Path("reports"),
    audience: Annotated[str, typer.Option(help="Whose release; as in the report's settings when not named.")] = "",
    own_kernel: Annotated[bool, typer.Option(help="Run each page in a Jupyter kernel of its own.")] = False,
    home: HomeOption = None,
) -> None:
    """Run the report's notebook for each unit and language. Unchanged pages are left alone; failures are named at the end."""
    settings = ReportSettings.read(params(), name)
    release = Release.open(Home.find(home).released / (audience or settings.audience))
    wish = Wish(school, _known(language, LANGUAGES, "language"), _known(_split(formats), ("html", "pdf"), "format"), year)  # type: ignore[arg-type]
    folder = (out / (audience or settings.audience)).resolve()
    manifest = Manifest(folder)
    planned = plan(settings, notebooks(), release, wish, folder)
    due = [job for job in planned if not manifest.is_current(job)]
    failed = [made for made in _progress(due, jobs or os.cpu_count() or 1, own_kernel, manifest) if made.status == "failed"]
    manifest.write(facts(settings, release))
    _indices(folder, manifest, release)
    print(f"{len(due) - len(failed)} pages made, {len(planned) - len(due)} unchanged, {len(failed)} failed: {folder}")
    for one in failed:
        print(f"  {one.job.unit} ({one.job.language}): {one.reason}", file=sys.stderr)
    if failed:
        raise ReportError(f"{len(failed)} of {len(planned)} pages could not be made; see {folder / 'manifest.json'}.")


def _progress(due: list[Job], at_once: int, own_kernel: bool, manifest: Manifest) -> list[Made]:
    # Drawn by hand: a thread that draws would be running when the pages' processes are forked.
    bar = Progress(
        TextColumn("Pages"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
        auto_refresh=False,
        transient=True,
    )
    done = []
    with bar:
        task = bar.add_task("pages", total=len(due))
        for made in make_all(due, at_once, own_kernel):
            manifest.note(made)
            done.append(made)
            bar.advance(task)
            bar.refresh()
    return done


def _indices(folder: Path, manifest: Manifest, release: Release) -> None:
    """One index page for each language that has pages."""
    for language in sorted({one["language"] for one in manifest.pages}):
        files: dict[str, list[str]] = {}
        for one in manifest.pages:
            if one["language"] == language and one["files"]:
                files.setdefault(one["unit"], []).extend(Path(file).name for file in one["files"])
        if files:
            path = folder / language / "index.html"
            path.write_text(html.page(index(release, Texts(language), files)), encoding="utf-8")
            print(f"open {path}")


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _known(asked: list[str], offered: tuple[str, ...], what: str) -> list[str]:
    unknown = [one for one in asked if one not in offered]
    if unknown:
        raise ContractError(f"There is no {what} {', '.join(unknown)}; there are: {', '.join(offered)}.")
    return asked
