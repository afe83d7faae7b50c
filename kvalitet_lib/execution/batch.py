"""Many pages: several at once, each in a process of its own; one that fails or hangs never stops the others."""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from kvalitet_lib.execution.job import Job, make
from kvalitet_lib.execution.warm import warm

DEADLINE_SECONDS = 300.0


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


def make_all(jobs: Sequence[Job], at_once: int, own_kernel: bool = False, deadline: float = DEADLINE_SECONDS) -> Iterator[Made]:
    """Make every page, ``at_once`` at a time, and tell of each as it is done.

    Parameters
    ----------
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
                running.append(_start(context, waiting.pop(), own_kernel or not can_fork()))
            wait([one.process.sentinel for one in running], timeout=1.0)
            still = []
            for one in running:
                late = time.monotonic() - one.since > deadline
                if one.process.is_alive() and not late:
                    still.append(one)
                else:
                    yield _end(one, deadline)
            running = still
    finally:
        for one in running:
            one.process.kill()


def _start(context: multiprocessing.context.BaseContext, job: Job, own_kernel: bool) -> _Running:
    answer, say = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(job, own_kernel, say), daemon=not own_kernel)  # type: ignore[attr-defined]
    process.start()
    say.close()
    return _Running(job, process, answer, time.monotonic())


def _work(job: Job, own_kernel: bool, say: Connection) -> None:
    try:
        make(job, own_kernel)
        say.send("")
    except Exception as failed:
        say.send(_reason(failed))
    finally:
        say.close()


def _reason(failed: Exception) -> str:
    """One line: the error's own message where papermill wraps it, without code or traces."""
    name = getattr(failed, "ename", type(failed).__name__)
    message = str(getattr(failed, "evalue", failed)).strip().splitlines()
    return f"{name}: {message[0]}" if message else name


def _end(one: _Running, deadline: float) -> Made:
    seconds = time.monotonic() - one.since
    if one.process.is_alive():
        one.process.kill()
        reason = f"took longer than {deadline:g} seconds and was ended"
    elif one.answer.poll():
        reason = one.answer.recv()
    else:
        reason = f"its process ended without a word (exit code {one.process.exitcode})"
    one.process.join()
    one.answer.close()
    return Made(one.job, "failed" if reason else "made", round(seconds, 2), reason)
