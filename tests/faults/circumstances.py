"""What can be arranged in a child at a point of a command: wait there for a sign, or let the disk run full there."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.killing import Point, before

LATEST = 60.0


@dataclass(frozen=True)
class Wait:
    """Stop before a point: make ``<sign>.reached``, and go on when ``sign`` is there."""

    point: Point
    sign: Path

    def __call__(self) -> None:
        before(self.point, self._wait)

    def _wait(self) -> None:
        self.reached.touch()
        until(self.sign.exists)

    @property
    def reached(self) -> Path:
        return self.sign.with_suffix(".reached")


@dataclass(frozen=True)
class Full:
    """From a point on, the disk on which ``filler`` is made has no room left."""

    point: Point
    filler: Path

    def __call__(self) -> None:
        before(self.point, lambda: fill(self.filler))


@dataclass(frozen=True)
class Limited:
    """From a point on, no file may grow beyond so many bytes."""

    point: Point
    size: int

    def __call__(self) -> None:
        before(self.point, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (self.size, resource.RLIM_INFINITY)))


def fill(filler: Path) -> None:
    """Take every byte that is left on a disk."""
    number = os.open(filler, os.O_WRONLY | os.O_CREAT)
    try:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    os.write(number, bytes(size))
            except OSError:
                continue
    finally:
        os.close(number)


def until(there: Callable[[], Any]) -> None:
    """Wait for something to be so."""
    latest = time.monotonic() + LATEST
    while not there():
        assert time.monotonic() < latest, "waited in vain"
        time.sleep(0.01)
