"""Files that are whole or not there, a folder that one run at a time writes to, and plain words when the disk says no."""

from __future__ import annotations

import errno
import getpass
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from kvalitet_lib.clock import now
from kvalitet_lib.errors import BusyError, KvalitetError, PlaceError

DRAFT = ".kvalitet-new-"  # what every draft's name begins with; nobody but the run that made it reads one
LOCK = ".kvalitet.lock"
OWNER = ".kvalitet.owner"
FULL, READ_ONLY, NOT_OURS, TOO_LARGE, AWAY = (
    ("the disk is full", "Make room on it"),
    ("it can only be read", "Name another folder, or have it made writable"),
    ("this account has no right to it", "Have its owner give you that right"),
    ("a file there would grow larger than this account or disk allows", "Have the limit raised, or name another folder"),
    ("the disk or network drive does not answer", "See that it is connected"),
)
WHY = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EROFS: READ_ONLY,
    errno.EACCES: NOT_OURS,
    errno.EPERM: NOT_OURS,
    errno.EFBIG: TOO_LARGE,
    errno.EIO: AWAY,
    errno.ESTALE: AWAY,
    errno.ETIMEDOUT: AWAY,
}


@contextmanager
def writing_to(folder: Path, doing: str) -> Iterator[Path]:
    """Be the only run that writes to a folder, and have a draft folder in it: ``alone_in`` and ``drafts_in`` together."""
    with alone_in(folder, doing), drafts_in(folder) as drafts:
        yield drafts


@contextmanager
def alone_in(folder: Path, doing: str) -> Iterator[None]:
    """Be the only run that writes to a folder. Readers need no such leave and are never held up.

    The lock is the operating system's: it ends with the run, however that ends, so nobody has to remove one.

    Parameters
    ----------
    folder : Path
        Made when it is not there.
    doing : str
        What the run does there, as others are told: ``"loading deliveries"``.

    Raises
    ------
    BusyError
        Another run writes there; says who, what and since when.
    PlaceError
        The disk is full, the folder is read-only, … What was there before is kept.
    """
    with in_plain_words(folder, doing):
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder, doing):
            yield


@contextmanager
def drafts_in(folder: Path) -> Iterator[Path]:
    """An empty folder for drafts, for its owner only, gone afterwards; what killed runs left there is swept first.

    Only for who is alone in ``folder``. Drafts become visible by ``put_in_place`` and ``write_whole``.
    """
    sweep(folder)
    drafts = Path(tempfile.mkdtemp(prefix=DRAFT, dir=folder))
    try:
        yield drafts
    finally:
        shutil.rmtree(drafts, ignore_errors=True)


@contextmanager
def _locked(folder: Path, doing: str) -> Iterator[None]:
    owner = folder / OWNER
    try:
        lock = FileLock(folder / LOCK, timeout=0)
        lock.acquire()
    except Timeout:
        raise BusyError(
            f"{_noted(owner)} Two runs never write to the same folder: {folder}\n"
            "Wait until that one is done, then run the same command again."
        ) from None
    try:
        owner.write_text(
            f"{_me()} on {platform.node()}, process {os.getpid()}, has been {doing} since {now():%Y-%m-%d %H:%M} UTC.",
            encoding="utf-8",
        )
        yield
    finally:
        with suppress(OSError):
            owner.unlink(missing_ok=True)
        lock.release()


def _noted(owner: Path) -> str:
    try:
        return owner.read_text(encoding="utf-8") or "Another run has just begun."
    except OSError:
        return "Another run has just begun."


def _me() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers
        return f"user {os.getuid()}" if hasattr(os, "getuid") else "someone"


def sweep(folder: Path, begins: str = DRAFT) -> None:
    """Remove the drafts that a killed run left in a folder. Only for who is alone there."""
    for left in folder.glob(f"{begins}*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()


def settle(path: Path) -> None:
    """Wait until a file's content, or a folder's names, have reached the disk."""
    if path.is_dir() and os.name == "nt":  # a folder cannot be opened there
        return
    number = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def put_in_place(draft: Path, place: Path) -> None:
    """Let a finished file, or a folder of them, take its place in one step, after its content has reached the disk.

    Whoever reads ``place`` finds all of the old or all of the new, also after a power cut.
    """
    for path in (*draft.rglob("*"), draft) if draft.is_dir() else (draft,):
        settle(path)
    draft.replace(place)
    settle(place.parent)


def write_whole(place: Path, content: bytes | str, draft: Path) -> None:
    """Write a file whole or not at all: into the draft folder first, then in place."""
    beside = draft / f"{place.parent.name}-{place.name}"
    beside.write_bytes(content.encode() if isinstance(content, str) else content)
    put_in_place(beside, place)


def require_room(folder: Path, wanted: int) -> None:
    """Refuse before anything is begun when a disk has fewer than ``wanted`` bytes left.

    Raises
    ------
    PlaceError
        Says how much is wanted and how much there is.
    """
    left = shutil.disk_usage(folder).free
    if left < wanted:
        raise PlaceError(
            f"The disk of {folder} has {left / 1e6:.1f} MB left, and at least {wanted / 1e6:.1f} MB are needed. Nothing was "
            "changed. Make room on it, then run the same command again."
        )


@contextmanager
def in_plain_words(folder: Path, doing: str) -> Iterator[None]:
    """Say what stopped the writing, where, and what to do next, when the disk or the folder is why.

    Raises
    ------
    PlaceError
        In place of an OSError, or of a library's own error that quotes the operating system's.
    """
    try:
        yield
    except KvalitetError:
        raise
    except Exception as failed:
        why = WHY.get(getattr(failed, "errno", None) or 0) or _quoted(failed)
        if why is None:
            raise
        what, next_step = why
        raise PlaceError(
            f"Stopped while {doing}. {_place(failed, folder)}: {what}. What was there before is kept.\n"
            f"{next_step}, then run the same command again."
        ) from failed


def _place(failed: Exception, folder: Path) -> Path:
    """The file or folder that is meant; a draft's own name tells nobody anything."""
    named = getattr(failed, "filename", None)
    return Path(named) if isinstance(named, str) and DRAFT not in named else folder


def _quoted(failed: Exception) -> tuple[str, str] | None:
    said = str(failed)
    return next((why for number, why in WHY.items() if os.strerror(number) in said), None)
