"""Many pages: several at once, each in a process of its own; one that fails or hangs never stops the others."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from papermill.exceptions import PapermillExecutionError

from kvalitet_lib.errors import KvalitetError, kind_and_place
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
        if os.environ.get("KVALITET_TRACEBACK"):
            traceback.print_exc()
        say.send(_reason(failed))
    finally:
        say.close()


def _reason(failed: Exception) -> str:
    """One line that may stand beside the pages: our own words, or the kind and place of an error that is not ours.

    Any other message may quote what the cell worked on.
    """
    if isinstance(failed, PapermillExecutionError):
        ours = failed.ename in {kind.__name__ for kind in _kinds(KvalitetError)}
        # Papermill puts a cell of its own, with the parameters, behind the first.
        said = f": {failed.evalue}" if ours and failed.evalue else f" in code cell {failed.exec_count - 1}"
        reason = f"{failed.ename}{said}"
    else:
        reason = str(failed) if isinstance(failed, KvalitetError) else kind_and_place(failed)
    return " ".join(line.strip() for line in reason.splitlines())[:LONGEST_REASON]


def _kinds(error: type[Exception]) -> set[type[Exception]]:
    return {error}.union(*(_kinds(kind) for kind in error.__subclasses__()))


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
