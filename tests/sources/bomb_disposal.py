"""Run as a program: opens each bomb in a process of its own and prints what became of it, and what it cost."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path

from kvalitet_lib.errors import DeliveryError
from kvalitet_lib.sources import all_sources, read_delivery
from kvalitet_lib.sources.source import Delivery
from tests.sources.bombs import BOMBS
from tests.sources.door import circumstances

LARGE = "four_gigabytes.csv"


def laid(name: str, folder: Path) -> Path:
    """The bomb's file, made in a process of its own so that making it costs the one that opens it nothing."""
    path = folder / name
    if not os.fork():
        with path.open("wb") as opened:
            if name == LARGE:
                opened.truncate(4_000_000_000)  # takes no room on the disk
            else:
                opened.write(BOMBS[name][0]())
        os._exit(0)
    os.wait()
    return path


def opened(path: Path) -> dict[str, object]:
    began = time.monotonic()
    codes = []
    try:
        read_delivery(Delivery(path), circumstances())
    except DeliveryError as refused:
        codes = [fault.code for fault in refused.faults]
    # Time of the processor: other programs that share the machine do not count. Waiting is bounded too, more loosely.
    own, others = (resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "name": path.name,
        "codes": codes,
        "seconds": sum(used.ru_utime + used.ru_stime for used in (own, others)),
        "waited": time.monotonic() - began,
        "megabytes": (own.ru_maxrss + others.ru_maxrss) * 1024 // 1_000_000,
        "left_behind": [one.name for one in path.parent.iterdir() if one != path],
    }


def main(folder: Path) -> None:
    all_sources()
    for name in (*BOMBS, LARGE):
        path = laid(name, folder)
        if not os.fork():
            print(json.dumps(opened(path)), flush=True)
            os._exit(0)
        os.wait()
        path.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
