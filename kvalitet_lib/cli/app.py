"""The program ``kvalitet`` and what it ends with."""

from __future__ import annotations

import sys
from collections.abc import Callable

import typer

from kvalitet_lib.cli import demo, explain, load, look, release, report, serve
from kvalitet_lib.errors import KvalitetError

app = typer.Typer(
    name="kvalitet",
    help="Understand and improve the schools of a municipality.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
VERBS: tuple[Callable[..., None], ...] = (
    load.load,
    look.status,
    look.measure,
    look.compare,
    explain.explain,
    release.release,
    report.report,
    demo.demo,
    serve.lab,
    serve.dashboard,
)
for verb in VERBS:
    app.command()(verb)


def main() -> None:
    """Run the program; what we refuse on purpose is said in plain words, with its own exit code."""
    try:
        app()
    except KvalitetError as refused:
        print(refused, file=sys.stderr)
        sys.exit(refused.exit_code)
