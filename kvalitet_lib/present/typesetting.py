"""Typst at work, also in a process forked from one in which it has worked: its threads do not follow there.

Run as a script this is the process that sets such a page. It imports nothing of the project's, so that it starts at once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from functools import cache
from pathlib import Path

import typst

SOURCE = "report.typ"
REFUSED = 3  # how the process beside this one says that the message it leaves is Typst's


def set_in_type(root: Path, fonts: Path, made: datetime) -> bytes:
    """The document in ``root`` as PDF/UA-1.

    The first call of a process starts Typst's threads, for good. In a process forked after that they are missing, and
    Typst would wait for them without end; there the document is set in a process of its own.

    Raises
    ------
    typst.TypstError
        Typst refuses the document.
    """
    return _here(root, fonts, made) if _where_its_threads_are() == os.getpid() else _beside(root, fonts, made)


@cache
def _where_its_threads_are() -> int:
    """The process in which Typst was first used; a forked process remembers its parent's answer."""
    return os.getpid()


def _here(root: Path, fonts: Path, made: datetime) -> bytes:
    return typst.compile(
        str(root / SOURCE),
        root=str(root),
        font_paths=[str(fonts)],
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
        timestamp=made,
    )


def _beside(root: Path, fonts: Path, made: datetime) -> bytes:
    # -P: this script's folder holds an html.py of ours, which must not stand in for Python's own.
    words = [sys.executable, "-P", __file__, json.dumps([str(root), str(fonts), made.isoformat()])]
    ended = subprocess.run(words, capture_output=True, check=False)
    if ended.returncode == REFUSED:
        raise typst.TypstError(ended.stderr.decode(errors="replace"))  # type: ignore[call-arg]  # Typst itself gives no more
    ended.check_returncode()
    return ended.stdout


if __name__ == "__main__":
    place, typefaces, moment = json.loads(sys.argv[1])
    try:
        sys.stdout.buffer.write(_here(Path(place), Path(typefaces), datetime.fromisoformat(moment)))
    except typst.TypstError as refused:
        sys.stderr.buffer.write(str(refused).encode())
        sys.exit(REFUSED)
