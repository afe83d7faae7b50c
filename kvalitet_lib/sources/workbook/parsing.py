"""The spreadsheet reader runs in a process of its own, with a bound on its memory and its time.

Starting it costs 0.05 s, so every workbook goes that way, however small.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from kvalitet_lib.sources.refusal import UnfitError
from kvalitet_lib.sources.workbook import child
from kvalitet_lib.sources.workbook.package import locked, too_large_unpacked

MOST_MEMORY = 800_000_000
MOST_SECONDS = 10
MOST_WAITED = 30
FAILED = 1


def parsed(content: bytes) -> list[dict[str, Any]]:
    """The visible sheets of a workbook; see :func:`child.answer_to`.

    Raises
    ------
    UnfitError
        The workbook is locked, cannot be read, or takes more memory or time than a table ever does.
    """
    # -P: the folder of the program is not a place to import from.
    command = [sys.executable, "-P", "-X", "utf8", str(Path(child.__file__)), str(MOST_MEMORY), str(MOST_SECONDS)]
    try:
        ended = subprocess.run(command, input=content, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=MOST_WAITED)
    except subprocess.TimeoutExpired:
        raise too_large_unpacked() from None
    if ended.returncode == FAILED:
        raise unreadable()
    if ended.returncode:  # the system has ended it, or it has given up for want of memory
        raise too_large_unpacked()
    answer = json.loads(ended.stdout)
    if "refused" in answer:
        raise {"locked": locked, "large": too_large_unpacked, "unreadable": unreadable}[answer["refused"]]()
    return list(answer["sheets"])


def unreadable() -> UnfitError:
    return UnfitError("the workbook cannot be read", "DAMAGED")
