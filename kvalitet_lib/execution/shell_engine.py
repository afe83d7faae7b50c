"""A papermill engine that runs a notebook's cells in this very process, in an IPython shell of its own.

A kernel of its own costs a new interpreter, its imports and a polite shutdown for every page. A page's process is
forked from one that has imported everything, so papermill can run the cells where it is: the same notebook, parameters
and outputs, without the start.
"""

from __future__ import annotations

import re
import traceback
from typing import Any

from IPython.core.displayhook import CapturingDisplayHook
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbformat.v4 import new_output
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines
from traitlets.config import Config

NAME = "kvalitet-shell"
WITHOUT_HISTORY = Config({"HistoryManager": {"enabled": False}})  # else every cell is written to a file in the user's home
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class ShellEngine(Engine):
    """Runs cells one after the other and stops at the first that fails."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: NotebookExecutionManager, kernel_name: str, **_: Any) -> None:
        InteractiveShell.clear_instance()
        shell = InteractiveShell.instance(config=WITHOUT_HISTORY)
        for place, cell in enumerate(nb_man.nb.cells):
            if cell.cell_type != "code" or not cell.source.strip():
                continue
            nb_man.cell_start(cell, place)
            cell.outputs, failed = _run(shell, cell.source)
            cell.execution_count = shell.execution_count - 1
            if failed:
                nb_man.cell_exception(cell, place)
                return
            nb_man.cell_complete(cell, place)


def _run(shell: InteractiveShell, source: str) -> tuple[list[Any], bool]:
    shell.display_pub = CapturingDisplayPublisher(parent=shell, shell=shell)
    shell.display_trap.hook = CapturingDisplayHook(shell=shell, outputs=shell.display_pub.outputs)
    with capture_output(display=False) as captured:
        result = shell.run_cell(source, store_history=True)
    outputs = [new_output("display_data", data=one["data"], metadata=one["metadata"] or {}) for one in shell.display_pub.outputs]
    streams = (("stdout", captured.stdout), ("stderr", captured.stderr))
    outputs += [new_output("stream", name=name, text=text) for name, text in streams if text]
    error = result.error_before_exec or result.error_in_exec
    if error is None:
        return outputs, False
    told = _COLOUR.sub("", "".join(traceback.format_exception_only(error))).strip()
    return [*outputs, new_output("error", ename=type(error).__name__, evalue=str(error), traceback=[told])], True


papermill_engines.register(NAME, ShellEngine)
