"""One page: run the notebook for one unit and one language, then write it as HTML and PDF, whole or not at all."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args

import nbformat
import papermill
from nbconvert.exporters import Exporter

from kvalitet_lib.execution.own_kernel import kernel_of_its_own
from kvalitet_lib.execution.parameters import Kind
from kvalitet_lib.execution.shell_engine import NAME as SHELL
from kvalitet_lib.present.exporters import KvalitetHTMLExporter, KvalitetPDFExporter
from kvalitet_lib.safe_files import put_in_place, settle

KERNEL = "python3"


@dataclass(frozen=True)
class Job:
    """What is to be made.

    Attributes
    ----------
    name : str
        File name without ending, made from codes only.
    parameters : dict
        Checked against the notebook already.
    fingerprint : str
        Changes when anything the page is made from changes; which formats are asked for is not part of it.
    """

    name: str
    unit: str
    language: str
    notebook: Path
    parameters: dict[str, Any]
    folder: Path
    formats: tuple[Kind, ...]
    fingerprint: str

    @property
    def files(self) -> list[Path]:
        return [self.folder / f"{self.name}.{kind}" for kind in self.formats]


def make(job: Job, drafts: Path, own_kernel: bool = False) -> None:
    """Run the notebook and write the page's files; a notebook that fails leaves no page, and an older one alone.

    A file of the same page in a format not asked for now is removed: it would tell of something older. For the same
    reason the page's other files make room before the first new one takes its place.

    Parameters
    ----------
    drafts : Path
        A folder on the same disk as the pages, where files lie until they are whole.
    own_kernel : bool
        Run in a Jupyter kernel of its own instead of in this process: slower, and needed where processes cannot be forked.

    Raises
    ------
    papermill.PapermillExecutionError
        A cell failed.
    """
    logging.getLogger("papermill").setLevel(logging.ERROR)
    with kernel_of_its_own() if own_kernel else nullcontext({"engine_name": SHELL}) as words:
        executed = papermill.execute_notebook(
            str(job.notebook),
            None,  # the notebook is not written: papermill would write it whole before and after every cell
            parameters=job.parameters,
            kernel_name=KERNEL,
            progress_bar=False,
            log_output=False,
            **words,
        )
    drawn = {path: drafts / f"{job.language}-{path.name}" for path in job.files}
    for kind, draft in zip(job.formats, drawn.values(), strict=True):
        draft.write_bytes(export(kind, executed))
    for draft in drawn.values():
        settle(draft)
    job.folder.mkdir(parents=True, exist_ok=True)
    for kind in set(get_args(Kind)) - {job.formats[0]}:
        (job.folder / f"{job.name}.{kind}").unlink(missing_ok=True)
    for path, draft in drawn.items():
        put_in_place(draft, path)


def export(kind: Kind, executed: nbformat.NotebookNode) -> bytes:
    """An executed notebook as the content of a file."""
    body, _ = _exporter(kind).from_notebook_node(executed)
    return body.encode() if isinstance(body, str) else bytes(body)


@cache
def _exporter(kind: Kind) -> Exporter:
    """Kept, with its compiled templates, for all pages of a process."""
    return KvalitetHTMLExporter() if kind == "html" else KvalitetPDFExporter()
