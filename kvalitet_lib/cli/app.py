"""The program ``kvalitet`` and what it ends with."""

from __future__ import annotations

import sys
from collections.abc import Callable

import typer

from kvalitet_lib.cli import analyse, attack, demo, explain, forget, form, load, look, release, report, serve
from kvalitet_lib.cli.our_fault import OUR_FAULT, where_it_failed
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
    analyse.analyse,
    forget.forget,
    form.form,
    explain.explain,
    release.release,
    attack.attack,
    report.report,
    demo.demo,
    serve.lab,
    serve.dashboard,
)
for verb in VERBS:
    app.command()(verb)


def main() -> None:
    """Run the program. What we refuse on purpose is said in plain words, with its own exit code.

    Anything else is a fault of ours. Its own message may quote a cell, so only its kind and place are told, unless
    ``KVALITET_TRACEBACK`` asks for all of it.
    """
    try:
        app()
    except KvalitetError as refused:
        print(refused, file=sys.stderr)
        sys.exit(refused.exit_code)
    except Exception as fault:
        print(
            f"{where_it_failed(fault)} What was stored before is kept.\n"
            "To see all of it, which may show cells, on a machine where that is allowed:  KVALITET_TRACEBACK=1 kvalitet …",
            file=sys.stderr,
        )
        sys.exit(OUR_FAULT)
