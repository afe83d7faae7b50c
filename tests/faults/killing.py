"""Kill -9 at a named point: a real function is wrapped so that all of the run dies before, during or after its n-th call."""

from __future__ import annotations

import fnmatch
import importlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

BEFORE, DURING, AFTER = MOMENTS = ("before", "during", "after")
LATEST = 60.0  # seconds for the killer outside to come


@dataclass(frozen=True)
class Point:
    """A step of a command: ``what`` happens, in words, and the real function that does it.

    Attributes
    ----------
    call : str
        ``module:name`` of the function; with ``sql:`` before it, the beginning of a statement given to DuckDB.
    on : str
        Only calls with an argument that looks like this, e.g. ``*/current``.
    nth : int
        Only the n-th of those calls.
    """

    what: str
    call: str
    on: str = ""
    nth: int = 1


@dataclass(frozen=True)
class Kill:
    """When a run is to be killed: at a point, before, during or after it."""

    point: Point
    moment: str

    def __str__(self) -> str:
        return f"{self.moment} {self.point.what}"


def arm(kill: Kill, ask: Callable[[], None]) -> None:
    """Have this process, and all that are forked from it, die at a point.

    Parameters
    ----------
    ask : callable
        Asks the killer outside to kill this run very soon; used for ``during``, which is then in the midst of the call
        or, when that was quicker, right behind it.
    """
    run = os.getpid()

    def deadly(real: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if kill.moment == BEFORE:
            die(run)
        if kill.moment == DURING and real.__name__ in {"write_text", "write_bytes"}:
            path, content = arguments[:2]
            real(path, content[: len(content) // 2], *arguments[2:], **named)
            die(run)
        if kill.moment == DURING:
            ask()
        result = real(*arguments, **named)
        if kill.moment == DURING:
            time.sleep(LATEST)
        die(run)
        return result

    _wrap(kill.point, deadly)


def before(point: Point, arrange: Callable[[], None]) -> None:
    """Have something happen in this process, and in all that are forked from it, right before a point."""

    def arranged(real: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        arrange()
        return real(*arguments, **named)

    _wrap(point, arranged)


def _wrap(point: Point, instead: Callable[..., Any]) -> None:
    if point.call.startswith("sql:"):
        _wrap_statements(point, instead)
        return
    module, _, path = point.call.partition(":")
    *steps, name = path.split(".")
    holder: Any = importlib.import_module(module)
    for step in steps:
        holder = getattr(holder, step)
    setattr(holder, name, _counted(getattr(holder, name), point, instead))


def _counted(real: Callable[..., Any], point: Point, instead: Callable[..., Any]) -> Callable[..., Any]:
    seen = 0

    def wrapped(*arguments: Any, **named: Any) -> Any:
        nonlocal seen
        seen += _means(point, (*arguments, *named.values()))
        if seen == point.nth and _means(point, (*arguments, *named.values())):
            return instead(real, arguments, named)
        return real(*arguments, **named)

    return wrapped


def _means(point: Point, arguments: tuple[Any, ...]) -> bool:
    return not point.on or any(fnmatch.fnmatch(str(one), point.on) for one in arguments)


def die(run: int) -> None:
    """Kill the run itself, then this process, which may be one of its pages: nobody gets to clean up."""
    os.kill(run, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


class _Statements:
    """A DuckDB connection whose statements can be points."""

    def __init__(self, connection: Any, execute: Callable[..., Any]) -> None:
        self._connection = connection
        self.execute = execute

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def _wrap_statements(point: Point, instead: Callable[..., Any]) -> None:
    from kvalitet_lib import store

    connect = store._connect
    meant = replace(point, on=f"{point.call.removeprefix('sql:')}*")

    def connected(path: Any) -> Any:
        connection = connect(path)
        return _Statements(connection, _counted(connection.execute, meant, instead))

    store._connect = connected  # type: ignore[assignment]
