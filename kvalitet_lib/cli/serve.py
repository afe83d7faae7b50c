"""``kvalitet lab`` and ``kvalitet dashboard``: the statistician's desk and the leader's read-only view."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from kvalitet_lib.cli.home import Home, notebooks
from kvalitet_lib.cli.options import HomeOption
from kvalitet_lib.disclosure.release import Release
from kvalitet_lib.errors import ContractError

IDLE_SECONDS = 300


def lab(home: HomeOption = None) -> None:
    """Open JupyterLab on notebooks/explore/, with the store at hand."""
    where = Home.find(home)
    command = [sys.executable, "-m", "jupyterlab", str(notebooks() / "explore")]
    raise typer.Exit(subprocess.run(command, env={**os.environ, "KVALITET_HOME": str(where.folder)}, check=False).returncode)


def dashboard(
    name: Annotated[str, typer.Argument(help="A notebook in notebooks/dashboard/.")] = "municipality",
    audience: Annotated[str, typer.Option(help="Whose release is shown.")] = "public",
    language: Annotated[str, typer.Option("--language", "-l")] = "",
    port: Annotated[int, typer.Option(help="Port on this machine; 0 for any free one.")] = 8866,
    home: HomeOption = None,
) -> None:
    """Serve a dashboard, read-only, on this machine alone; the address with its one-time token is printed."""
    where = Home.find(home)
    notebook = notebooks() / "dashboard" / f"{name}.ipynb"
    if not notebook.is_file():
        there = ", ".join(sorted(path.stem for path in notebook.parent.glob("*.ipynb")))
        raise ContractError(f"There is no dashboard {name!r}; there are: {there}.")
    release = Release.open(where.released / audience)
    chosen = language or release.about["municipality"]["languages"][0]
    token = secrets.token_urlsafe(24)
    at = port or free_port()
    print(f"http://127.0.0.1:{at}/?token={token}", flush=True)
    seen = {name: value for name, value in os.environ.items() if name not in ("KVALITET_HOME", "KVALITET_KEY")}
    seen |= {"KVALITET_RELEASE": str(release.folder), "KVALITET_LANGUAGE": chosen}
    raise typer.Exit(subprocess.run(voila_command(notebook, at, token), env=seen, check=False).returncode)


def free_port() -> int:
    """A port on this machine that nobody listens on just now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def voila_command(notebook: Path, port: int, token: str) -> list[str]:
    """Voilà, standalone: loopback, a token, no files, no choice of template, idle kernels ended, no traces shown."""
    return [
        sys.executable,
        "-m",
        "voila",
        str(notebook),
        f"--port={port}",
        "--no-browser",
        "--Voila.ip=127.0.0.1",
        f"--Voila.token={token}",
        "--VoilaConfiguration.file_allowlist=[]",
        "--VoilaConfiguration.allow_template_override=NO",
        "--VoilaConfiguration.allow_theme_override=NO",
        "--VoilaConfiguration.show_tracebacks=False",
        "--VoilaConfiguration.strip_sources=True",
        "--MappingKernelManager.allow_tracebacks=False",
        f"--MappingKernelManager.cull_idle_timeout={IDLE_SECONDS}",
        "--MappingKernelManager.cull_interval=30",
        "--MappingKernelManager.cull_connected=True",
    ]
