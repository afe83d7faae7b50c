"""Small notebooks, a small release and a run over them, for tests of the runner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import nbformat
import pandas as pd
from nbformat.v4 import new_code_cell, new_notebook

from kvalitet_lib.disclosure.publish import publish
from kvalitet_lib.disclosure.release import Release
from kvalitet_lib.execution.batch import DEADLINE_SECONDS, Made, make_all
from kvalitet_lib.execution.job import Job
from kvalitet_lib.execution.parameters import ReportSettings
from kvalitet_lib.execution.plan import Wish
from kvalitet_lib.execution.run import Run, run
from kvalitet_lib.measure.measurement import DISAGREEMENT
from kvalitet_lib.municipality import Municipality
from kvalitet_lib.safe_files import LOCK
from tests.disclosure.figures import INDICATORS, PUBLIC, figures

A, B, C = "90000001", "90000002", "90000003"
EVERYONE = (A, B, C)
PARAMETERS = """
school = ""  # type: str
school_year = ""  # type: str
language = "en"  # type: str
release = ""  # type: str
"""
PAGE = """
from kvalitet_lib.present.blocks import Banner, Blocks, PageHead, PageWords, Paragraph

Blocks([PageHead(school, language, PageWords("Skip", "Contents")), Banner(school), Paragraph("All is well.")])
"""
SETTINGS = ReportSettings(notebook="page.ipynb", each="school", audience="public", formats=("html",), languages=("en",))


def only_for(unit: str, cell: str) -> str:
    """A cell that does something for one unit only."""
    return f"if school == {unit!r}:\n" + "\n".join(f"    {line}" for line in cell.strip().splitlines())


def notebook(folder: Path, *cells: str, parameters: str = PARAMETERS) -> Path:
    """Write ``page.ipynb`` with a parameters cell and these cells; gives the folder, as a run asks for it."""
    first = new_code_cell(parameters.strip(), metadata={"tags": ["parameters"]}, id="parameters")
    rest = [new_code_cell(cell.strip(), id=f"cell{place}") for place, cell in enumerate(cells)]
    kernel = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=[first, *rest], metadata=kernel), folder / "page.ipynb")
    return folder


def small_release(folder: Path, estimate: float = 0.5) -> Release:
    """A release of one figure for each of three schools."""
    municipality = Municipality(
        country="se",
        code="9001",
        name="Ekköping",
        languages=("sv", "en"),
        audiences={"public": PUBLIC},
        trust=("local",),
        made_up=True,
    )
    rows = "\n".join(f"{unit} | {estimate} | 40 | 20" for unit in EVERYONE)
    units = pd.DataFrame(
        {"level": "school", "unit": EVERYONE, "name": EVERYONE, "municipality": "9001", "owner_type": "municipal"}
    )
    facts = {"school_year": "2024-25", "made": "2025-10-01", "version": "0", "deliveries": []}
    return publish(
        folder,
        "public",
        figures(f"unit | estimate | n | count\n---------\n{rows}"),
        units.assign(year_groups=""),
        INDICATORS,
        municipality,
        facts,
        pd.DataFrame(columns=list(DISAGREEMENT)),
        date(2025, 10, 1),
    )


def made(folder: Path, notebooks: Path, release: Release, wish: Wish | None = None, **options: object) -> Run:
    """One run of ``page.ipynb``, one page at a time unless told otherwise."""
    return run(SETTINGS, notebooks, release, wish or Wish(), folder, **{"at_once": 1, **options})  # type: ignore[arg-type]


def each_made(jobs: Sequence[Job], drafts: Path, own_kernel: bool = False, deadline: float = DEADLINE_SECONDS) -> Iterator[Made]:
    """Pages made two at once, with a draft folder that is there."""
    drafts.mkdir(parents=True, exist_ok=True)
    return make_all(jobs, drafts, at_once=2, own_kernel=own_kernel, deadline=deadline)


def pages(folder: Path) -> list[str]:
    """Names of all files below a folder, hidden ones too, without the record and the lock."""
    ours = {"manifest.json", LOCK, "index.html"}
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path.name not in ours)
