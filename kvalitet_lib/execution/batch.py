"""Many pages: several at once, each in a process of its own; one that fails or hangs never stops the others."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from kvalitet_lib.errors import KvalitetError
from kvalitet_lib.execution.dying import die_with
from kvalitet_lib.execution.job import Job, make
from kvalitet_lib.execution.warm import warm
from kvalitet_lib.safe_files import in_plain_words

DEADLINE_SECONDS = 300.0
SECONDS_BETWEEN_LOOKS = 1.0
LONGEST_REASON = 500  # far below what a pipe holds unread, so that no page waits for us to read


@dataclass(frozen=True)
class Made:
    """How one page went: ``made``, or ``failed`` with the reason."""

    job: Job
    status: str
    seconds: float
    reason: str = ""


@dataclass(frozen=True)
class _Running:
    job: Job
    process: BaseProcess
    answer: Connection
    since: float


def can_fork() -> bool:
    """Whether a page's process can be forked from one that has imported everything (Linux)."""
    return sys.platform == "linux"


def make_all(
    jobs: Sequence[Job], drafts: Path, at_once: int, own_kernel: bool = False, deadline: float = DEADLINE_SECONDS
) -> Iterator[Made]:
    """Make every page, ``at_once`` at a time, and tell of each as it is done.

    Parameters
    ----------
    drafts : Path
        Where files lie until they are whole; what a page that failed leaves there is the caller's to remove.
    at_once : int
        How many processes at once, at least 1.
    own_kernel : bool
        A Jupyter kernel for every page; always so where processes cannot be forked.
    deadline : float
        Seconds after which a page's process is ended and the page counted as failed.
    """
    if jobs and can_fork():
        warm()
    context = multiprocessing.get_context("fork" if can_fork() else "spawn")
    waiting = list(reversed(jobs))
    running: list[_Running] = []
    try:
        while waiting or running:
            while waiting and len(running) < max(1, at_once):
                running.append(_start(context, waiting.pop(), drafts, own_kernel or not can_fork()))
            wait([one.process.sentinel for one in running], timeout=min(deadline, SECONDS_BETWEEN_LOOKS))
            ended = [one for one in running if not one.process.is_alive() or time.monotonic() - one.since > deadline]
            for one in ended:
                running.remove(one)
                yield _end(one, deadline)
    finally:
        for one in running:
            one.process.kill()
            one.process.join()


def _start(context: multiprocessing.context.BaseContext, job: Job, drafts: Path, own_kernel: bool) -> _Running:
    answer, say = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(job, drafts, own_kernel, say), daemon=True)  # type: ignore[attr-defined]
    process.start()
    say.close()
    return _Running(job, process, answer, time.monotonic())


def _work(job: Job, drafts: Path, own_kernel: bool, say: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the run's to answer: it ends its pages itself
    die_with(multiprocessing.parent_process())
    tempfile.tempdir = str(drafts)  # else a PDF's parts are left in the system's folder when the run is killed
    try:
        with in_plain_words(job.folder, "making pages"):
            make(job, drafts, own_kernel)
        say.send("")
    except Exception as failed:
        say.send(_reason(failed))
    finally:
        say.close()


def _reason(failed: Exception) -> str:
    """One line: the error's own message where papermill wraps it, without code or traces; our own words as they stand."""
    if isinstance(failed, KvalitetError):
        return " ".join(str(failed).split())[:LONGEST_REASON]
    name = getattr(failed, "ename", type(failed).__name__)
    message = str(getattr(failed, "evalue", failed)).strip().splitlines()
    return (f"{name}: {message[0]}" if message else name)[:LONGEST_REASON]


def _end(one: _Running, deadline: float) -> Made:
    seconds = time.monotonic() - one.since
    late = one.process.is_alive()
    if late:
        one.process.kill()
    one.process.join()
    reason = f"took longer than {deadline:g} seconds and was ended" if late else _answer(one)
    one.answer.close()
    return Made(one.job, "failed" if reason else "made", round(seconds, 2), reason)


def _answer(one: _Running) -> str:
    try:
        return str(one.answer.recv())
    except EOFError:
        return f"its process ended without a word (exit code {one.process.exitcode})"
