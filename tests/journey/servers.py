"""Servers as a person starts them, ended as a person ends them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil

from tests.conftest import ROOT


@dataclass(frozen=True)
class Served:
    """A running server and the address it printed."""

    process: subprocess.Popen[str]
    address: str

    @property
    def root(self) -> str:
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def port(self) -> int:
        return urlsplit(self.address).port or 0

    @property
    def token(self) -> str:
        return parse_qs(urlsplit(self.address).query)["token"][0]

    @property
    def family(self) -> list[psutil.Process]:
        """Every process it has started, kernels among them."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def press_ctrl_c(self) -> int:
        """What a terminal does: an interrupt to the whole group. Gives the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(30)

    def told_to_end(self) -> int:
        """What a service manager does: a request to the first process alone. Gives the exit code."""
        self.process.terminate()
        return self.process.wait(30)


@contextmanager
def served(*words: str, home: Path, folder: Path = ROOT) -> Iterator[Served]:
    """``kvalitet …`` typed in a folder, on a free port, until the block ends."""
    command = [sys.executable, "-P", "-c", "from kvalitet_lib.cli import main; main()", *words, "--port", "0"]
    process = subprocess.Popen(
        command,
        env={**os.environ, "KVALITET_HOME": str(home), "PYTHONPATH": str(ROOT)},
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=hear_interrupts,
    )
    try:
        assert process.stdout
        yield Served(process, process.stdout.readline().strip())
    finally:
        if process.poll() is None:
            end(process)


def hear_interrupts() -> None:
    """As in a terminal: tests that run in the background are started deaf to interrupts, and so would the server be."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def end(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
