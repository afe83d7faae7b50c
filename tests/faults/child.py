"""Run one command of the program in a process of its own, with a clock, a zone and limits, and kill it where one asks."""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

from tests.faults.killing import Kill, arm

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
SECONDS_TO_DIE = 20.0
TEMPORARY = "temporary"  # stands for the system's folder of temporary files
AT_ONCE = 0.0005  # seconds from a point's beginning to the kill in its midst


@dataclass(frozen=True)
class Command:
    """What is typed, and where and when.

    Attributes
    ----------
    kill_after : float
        Seconds after which the run is killed from outside, wherever it is; never when 0.
    arrange : callable
        Called in the child before the command begins, e.g. to have the disk run full at a point.
    """

    words: tuple[str, ...]
    place: Path
    clock: datetime | None = None
    zone: str = "UTC"
    kill: Kill | None = None
    kill_after: float = 0.0
    arrange: Callable[[], None] | None = None


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code (minus the signal when killed), what it said, and whom it left running."""

    code: int
    out: str
    err: str
    seconds: float
    orphans: tuple[str, ...] = field(default=())

    @property
    def was_killed(self) -> bool:
        return self.code == -signal.SIGKILL


class Running:
    """A command under way."""

    def __init__(self, command: Command) -> None:
        self._answer, say = multiprocessing.Pipe(duplex=False)
        context = multiprocessing.get_context("forkserver")
        self._keeper = context.Process(target=_keep, args=(command, say))
        self._keeper.start()
        say.close()
        self.pid: int = self._answer.recv()

    def end(self) -> Ended:
        """Wait for its end."""
        ended: Ended = self._answer.recv()
        self._keeper.join()
        return ended


def _keep(command: Command, say: Connection) -> None:
    """Watch over one command, and inherit what it leaves running."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    outputs = [os.memfd_create(name) for name in ("out", "err")]
    asked, ask = os.pipe()
    begun = time.monotonic()
    if not (pid := os.fork()):
        os.close(asked)
        _be(command, outputs, lambda: os.write(ask, b"!"))
    os.close(ask)
    say.send(pid)
    if command.kill and command.kill.moment == "during" and os.read(asked, 1):
        time.sleep(AT_ONCE)
        os.kill(pid, signal.SIGKILL)
    if command.kill_after:
        time.sleep(command.kill_after)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    seconds = time.monotonic() - begun
    out, err = (_all_of(number) for number in outputs)
    say.send(Ended(os.waitstatus_to_exitcode(status), out, err, seconds, _orphans()))


def _be(command: Command, outputs: list[int], ask: Callable[[], object]) -> None:
    """Become the command; never returns."""
    code = 70
    try:
        for number, output in zip((1, 2), outputs, strict=True):
            os.dup2(output, number)
        sys.stdout, sys.stderr = (open(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))  # noqa: SIM115
        os.environ["TZ"] = command.zone
        time.tzset()
        os.chdir(command.place)
        tempfile.tempdir = str(command.place / TEMPORARY)
        (command.place / TEMPORARY).mkdir(exist_ok=True)
        sys.argv = ["kvalitet", *command.words]
        if command.arrange:
            command.arrange()
        if command.kill:
            arm(command.kill, ask)
        code = _typed(command.clock)
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):
                stream.flush()
        os._exit(code)


def _typed(clock: datetime | None) -> int:
    import time_machine

    from kvalitet_lib.cli import main

    # A moment without its zone: a datetime in UTC would move the process there too.
    with time_machine.travel(clock.timestamp(), tick=False) if clock else contextlib.nullcontext():
        try:
            main()
        except SystemExit as ended:
            return ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    return 0


def _all_of(number: int) -> str:
    os.lseek(number, 0, os.SEEK_SET)
    with open(number, "rb", closefd=True) as opened:
        return opened.read().decode(errors="replace")


def _orphans() -> tuple[str, ...]:
    """Whom the command left running, after they had time to end; they are ended here."""
    latest = time.monotonic() + SECONDS_TO_DIE
    while (left := _alive()) and time.monotonic() < latest:
        time.sleep(0.02)
    names = tuple(one.name() for one in left)
    for one in left:
        one.kill()
    return names


def _alive() -> list[psutil.Process]:
    return [one for one in psutil.Process().children(recursive=True) if one.status() != psutil.STATUS_ZOMBIE]
