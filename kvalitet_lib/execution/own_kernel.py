"""A kernel beside ours: reached through files of its owner's alone, where the machine has such, and never through a port."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from traitlets.config import Config

LONGEST_NAME_OF_A_FOLDER = 50
"""A socket's whole name may have some 100 letters; Jupyter adds ``/kernel-<36 letters>-ipc-5`` to its folder's."""


def transport(folder: str) -> str:
    """``ipc``, or ``tcp`` where sockets have no files or the folder's name is too long for them.

    Every user of a machine may connect to a port on it, and a kernel tells whoever listens what its cells show.
    """
    return "ipc" if os.name == "posix" and len(folder) <= LONGEST_NAME_OF_A_FOLDER else "tcp"


@contextmanager
def kernel_of_its_own() -> Iterator[dict[str, Any]]:
    """What papermill must be told for a kernel whose connection and history nobody finds, then or later."""
    with TemporaryDirectory(prefix="kvalitet-") as folder:
        os.environ |= {"JUPYTER_RUNTIME_DIR": folder, "IPYTHONDIR": folder}
        # Without a name for its connection Jupyter would put the sockets of all kernels under one name where we stand.
        reached = {"transport": transport(folder), "connection_file": str(Path(folder, "kernel.json"))}
        yield {"config": Config({"KernelManager": reached})}
