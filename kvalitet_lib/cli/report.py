"""``kvalitet report``: pages for every school, in every language asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from kvalitet_lib.cli.home import Home, notebooks, params
from kvalitet_lib.cli.options import HomeOption
from kvalitet_lib.disclosure.release import Release
from kvalitet_lib.errors import ContractError, ReportError
from kvalitet_lib.texts import LANGUAGES


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
    # Papermill and nbconvert take seconds to import, and no other verb needs them.
    from kvalitet_lib.execution.parameters import ReportSettings
    from kvalitet_lib.execution.plan import Wish
    from kvalitet_lib.execution.run import run

    settings = ReportSettings.read(params(), name)
    whose = audience or settings.audience
    release = Release.open(Home.find(home).released / whose)
    wish = Wish(school, _known(language, LANGUAGES, "language"), _known(_split(formats), ("html", "pdf"), "format"), year)  # type: ignore[arg-type]
    folder = (out / whose).resolve()
    with _bar() as progress:
        done = run(settings, notebooks(), release, wish, folder, jobs, own_kernel, progress)
    for path in done.indices:
        print(f"open {path}")
    print(f"{len(done.pages) - len(done.failed)} pages made, {done.unchanged} unchanged, {len(done.failed)} failed: {folder}")
    for one in done.failed:
        print(f"  {one.job.unit} ({one.job.language}): {one.reason}", file=sys.stderr)
    if done.failed:
        raise ReportError(f"{len(done.failed)} of {done.planned} pages could not be made; see {folder / 'manifest.json'}.")


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
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
    with bar:
        task = bar.add_task("pages", total=None)
        yield lambda done, due: bar.update(task, completed=done, total=due, refresh=True)


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _known(asked: list[str], offered: tuple[str, ...], what: str) -> list[str]:
    unknown = [one for one in asked if one not in offered]
    if unknown:
        raise ContractError(f"There is no {what} {', '.join(unknown)}; there are: {', '.join(offered)}.")
    return list(dict.fromkeys(asked))
