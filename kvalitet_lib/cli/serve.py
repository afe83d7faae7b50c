"""``kvalitet lab`` and ``kvalitet dashboard``: the statistician's desk and the leader's read-only view."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from typing import Annotated

import typer

from kvalitet_lib.cli.home import Home, notebooks
from kvalitet_lib.cli.options import HomeOption
from kvalitet_lib.disclosure.release import Release
from kvalitet_lib.errors import BusyError, ContractError, KvalitetError
from kvalitet_lib.execution.own_kernel import transport
from kvalitet_lib.store_file import for_owner_only
from kvalitet_lib.texts import LANGUAGES

HERE = "127.0.0.1"
PRIVATE = ("KVALITET_HOME", "KVALITET_KEY")
NOT_FROM_HERE = "-P"  # Python's own: a voila.py or pandas.py in the folder one stands in is not taken for the library
SECONDS_TO_START = 60
SECONDS_TO_END = 10


def lab(
    home: HomeOption = None,
    port: Annotated[int, typer.Option(help="Port on this machine; 0 for any free one.")] = 0,
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = True,
) -> None:
    """Open JupyterLab on notebooks/explore/, with the store at hand. Internal: what it shows is not disclosure controlled."""
    where = Home.find(home)
    at = port or free_port()
    with tempfile.TemporaryDirectory(prefix="kvalitet-") as sockets:
        command = [
            sys.executable,
            NOT_FROM_HERE,
            "-m",
            "jupyterlab",
            str(notebooks() / "explore"),
            f"--ServerApp.ip={HERE}",
            f"--ServerApp.port={at}",
            "--ServerApp.port_retries=0",
            "--ServerApp.jpserver_extensions={'voila.server_extension': False}",  # dashboards are served by themselves alone
            "--LabApp.extension_manager=readonly",  # these three: else the desk asks package registries and others for news
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            "--LabApp.news_url=None",
            "--ContentsManager.pre_save_hook=kvalitet_lib.explore.saving.without_outputs",
            f"--KernelManager.transport={transport(sockets)}",
            *([] if browser else ["--no-browser"]),
            *(["--allow-root"] if is_root() else []),  # a container's only user is often root
        ]
        kept = {"KVALITET_HOME": str(where.folder), "IPYTHONDIR": str(where.private / "ipython"), "JUPYTER_RUNTIME_DIR": sockets}
        with for_owner_only():
            where.private.mkdir(parents=True, exist_ok=True)
            serve(command, {**os.environ, **kept}, at, "lab")


def dashboard(
    name: Annotated[str, typer.Argument(help="A notebook in notebooks/dashboard/.")] = "municipality",
    audience: Annotated[str, typer.Option(help="Whose release is shown.")] = "public",
    language: Annotated[str, typer.Option("--language", "-l", help=", ".join(LANGUAGES))] = "",
    port: Annotated[int, typer.Option(help="Port on this machine; 0 for any free one.")] = 8866,
    home: HomeOption = None,
    pages: Annotated[int, typer.Option(min=1, help="Pages open at once; each takes some 200 MB of memory.")] = 16,
) -> None:
    """Serve a dashboard, read-only, on this machine alone; the address with its one-time token is printed."""
    notebook = notebooks() / "dashboard" / f"{name}.ipynb"
    offered = sorted(path.stem for path in notebook.parent.glob("*.ipynb"))
    if name not in offered:
        raise ContractError(f"There is no dashboard {name!r}; there are: {', '.join(offered)}.")
    release = Release.open(Home.find(home).released / audience)
    chosen = language or release.about["municipality"]["languages"][0]
    if chosen not in LANGUAGES:
        raise ContractError(f"There is no language {chosen!r}; there are: {', '.join(LANGUAGES)}.")
    at = port or free_port()
    known = {variable: value for variable, value in os.environ.items() if variable not in PRIVATE}
    told = {"KVALITET_RELEASE": str(release.folder), "KVALITET_LANGUAGE": chosen, "PYTHONSAFEPATH": "1"}
    command = [sys.executable, NOT_FROM_HERE, "-m", "kvalitet_lib.present.voila_server", str(notebook), str(at), str(pages)]
    serve(command, {**known, **told}, at, "")


def serve(command: list[str], environment: dict[str, str], port: int, path: str) -> None:
    """Run a server until it ends or is told to (Ctrl-C, SIGTERM); print its address when it answers.

    Raises
    ------
    BusyError
        Somebody else listens on the port.
    KvalitetError
        The server did not start, or ended by itself.
    """
    if listens(port):
        raise BusyError(f"Something else is using port {port} on this machine. Choose another, or any free one:  --port 0")
    token = secrets.token_urlsafe(24)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # The token goes by the environment: on a command line every user of the machine could read it.
    server = subprocess.Popen(command, env={**environment, "JUPYTER_TOKEN": token})
    try:
        wait_until_it_listens(server, port)
        print(f"http://{HERE}:{port}/{path}?token={token}\nEnd with Ctrl-C.", flush=True)
        if server.wait():
            raise KvalitetError("The server ended by itself; what it said stands above.")
    except KeyboardInterrupt:
        pass
    finally:
        end(server)


def wait_until_it_listens(server: subprocess.Popen[bytes], port: int) -> None:
    latest = time.monotonic() + SECONDS_TO_START
    while not listens(port):
        if server.poll() is not None or time.monotonic() > latest:
            raise KvalitetError("The server did not start; what it said stands above. Try again with another port:  --port 0")
        time.sleep(0.1)


def end(server: subprocess.Popen[bytes]) -> None:
    """Ask the server to end and wait for it; kill it when it does not."""
    server.terminate()
    try:
        server.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        server.kill()


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def free_port() -> int:
    """A port on this machine that nobody listens on just now."""
    with socket.socket() as taken:
        taken.bind((HERE, 0))
        return int(taken.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody on this machine answers at the port."""
    with socket.socket() as asking:
        asking.settimeout(1)
        return asking.connect_ex((HERE, port)) == 0
