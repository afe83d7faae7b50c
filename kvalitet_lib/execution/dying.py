"""A page's process ends when the run that started it does, however the run ended."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from multiprocessing.process import BaseProcess

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with(parent: BaseProcess | None) -> None:
    """Ask Linux to kill this process when its parent dies; elsewhere it ends with its page.

    A run that was killed cannot end its pages itself. Left alone they would write beside the run that goes on after it.
    """
    if parent is None or sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent.pid:  # it died before we asked
        os._exit(1)
