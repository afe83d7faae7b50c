"""Commands in processes of their own, forked from one that has imported the program: its import costs more than most commands.

Run as a script this is that process. It reads one command a line, as JSON, and answers each with what it ended with.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any


def run(command: dict[str, Any]) -> int:
    """Run one command to its end; gives its exit code, or minus the signal that ended it.

    ``words, environment, folder, first, told, out, complaints`` and ``room``, the most bytes a file may have (0: any number).
    """
    process = _parent()
    assert process.stdin and process.stdout
    process.stdin.write(json.dumps(command) + "\n")
    process.stdin.flush()
    return int(process.stdout.readline())


@cache
def _parent() -> subprocess.Popen[str]:
    here = Path(__file__)
    environment = {**os.environ, "PYTHONPATH": str(here.parents[2])}
    started = subprocess.Popen([sys.executable, here], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
    atexit.register(started.communicate)
    return started


def become(command: dict[str, Any]) -> None:
    """Make this process the one that a person would have started."""
    import resource
    import signal

    os.chdir(command["folder"])
    os.environ.clear()
    os.environ.update(command["environment"])
    for number, path, how in (
        (0, command["told"], os.O_RDONLY),
        (1, command["out"], os.O_WRONLY | os.O_CREAT),
        (2, command["complaints"], os.O_WRONLY | os.O_CREAT),
    ):
        os.dup2(os.open(path, how, 0o644), number)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.argv = ["kvalitet", *command["words"]]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if command["room"]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (command["room"], command["room"]))


def serve() -> dict[str, Any] | None:
    """Fork for each command; in the forked process the command, and nothing when there are no more."""
    while line := sys.stdin.readline():
        child = os.fork()
        if not child:
            return json.loads(line)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    return None


if __name__ == "__main__":
    from kvalitet_lib.cli import main

    if own := serve():
        become(own)
        exec(own["first"])
        main()
