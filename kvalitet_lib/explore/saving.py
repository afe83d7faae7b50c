"""What JupyterLab writes of an explored notebook: its cells, and nothing they have shown."""

from __future__ import annotations

from typing import Any

import nbformat
from nbconvert.preprocessors import ClearMetadataPreprocessor, ClearOutputPreprocessor

KEPT_OF_A_NOTEBOOK = {"kernelspec", "language_info", "jupytext"}
KEPT_OF_A_CELL = {"tags"}


def without_outputs(model: dict[str, Any], **_: Any) -> None:
    """Empty a notebook of outputs, widgets and records of its run before it is saved; what is on the screen stays there.

    Jupyter's ``pre_save_hook``. What the store shows is not disclosure controlled, and a notebook lies where others may read it.
    """
    if model["type"] != "notebook":
        return
    said = nbformat.from_dict(model["content"])
    said, _ = ClearOutputPreprocessor(enabled=True)(said, {})
    forget = ClearMetadataPreprocessor(
        enabled=True, preserve_nb_metadata_mask=KEPT_OF_A_NOTEBOOK, preserve_cell_metadata_mask=KEPT_OF_A_CELL
    )
    model["content"], _ = forget(said, {})
