"""One run: plan the pages, make those that are due, write down how each went, and link to them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kvalitet_lib.disclosure.release import Release
from kvalitet_lib.execution.batch import Made, make_all
from kvalitet_lib.execution.manifest import Manifest
from kvalitet_lib.execution.parameters import ReportSettings
from kvalitet_lib.execution.plan import Wish, facts, plan
from kvalitet_lib.present import html
from kvalitet_lib.present.index_page import index
from kvalitet_lib.safe_files import write_whole, writing_to
from kvalitet_lib.texts import Texts


@dataclass(frozen=True)
class Run:
    """How a run went.

    Attributes
    ----------
    planned : int
        Pages asked for, of which those not due were left alone.
    pages : tuple of Made
        Those that were due, made or failed.
    indices : tuple of Path
        One page of links for each language.
    """

    planned: int
    pages: tuple[Made, ...]
    indices: tuple[Path, ...]

    @property
    def unchanged(self) -> int:
        return self.planned - len(self.pages)

    @property
    def failed(self) -> list[Made]:
        return [one for one in self.pages if one.status == "failed"]


def run(
    settings: ReportSettings,
    notebooks: Path,
    release: Release,
    wish: Wish,
    folder: Path,
    at_once: int = 0,
    own_kernel: bool = False,
    progress: Callable[[int, int], None] = lambda done, due: None,
) -> Run:
    """Make every page that is not there already, just as it would be made now.

    Parameters
    ----------
    folder : Path
        Where the pages go; one folder for each language in it.
    at_once : int
        Pages at once; as many as there are processors when 0.
    progress : callable
        Told how many pages are done of how many due: first 0, then after each page.

    Raises
    ------
    BusyError
        Another run writes to the same folder.
    ContractError
        Nothing is started: see ``plan``.
    PlaceError
        The disk is full, the folder is read-only, …; every page is as it was or as it is now.
    """
    with writing_to(folder, "making pages") as drafts:
        manifest = Manifest(folder)
        planned = plan(settings, notebooks, release, wish, folder)
        due = [job for job in planned if not manifest.is_current(job)]
        progress(0, len(due))
        manifest.begin(due, facts(release), drafts)
        pages: list[Made] = []
        for made in make_all(due, drafts, at_once or os.cpu_count() or 1, own_kernel):
            manifest.note(made)
            pages.append(made)
            progress(len(pages), len(due))
        manifest.write(facts(release), drafts)
        return Run(len(planned), tuple(pages), tuple(_indices(manifest, release, drafts)))


def _indices(manifest: Manifest, release: Release, drafts: Path) -> list[Path]:
    """One page of links for each language, to the pages of the release's units."""
    here = set(release.units["unit"])
    linked = [one for one in manifest.pages if one["files"] and one["unit"] in here]
    written = []
    for language in sorted({one["language"] for one in linked}):
        files: dict[str, list[str]] = {}
        for one in linked:
            if one["language"] == language:
                files.setdefault(one["unit"], []).extend(Path(file).name for file in one["files"])
        path = manifest.folder / language / "index.html"
        write_whole(path, html.page(index(release, Texts(language), files)), drafts)
        written.append(path)
    return written
