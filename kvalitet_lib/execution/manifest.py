"""What was made, when, from what, and how it went; what lets the next run leave unchanged pages alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from kvalitet_lib.clock import stamp
from kvalitet_lib.execution.batch import Made
from kvalitet_lib.execution.job import Job
from kvalitet_lib.safe_files import write_whole

FILE_NAME = "manifest.json"
JOURNAL = ".manifest.jsonl"


class Manifest:
    """The record beside the pages. Each page is noted as it is done, so that a run that was cut off can go on.

    It never says of a page what is not so: before the first page is touched, all that are due are noted as begun.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pages = _recorded(folder / FILE_NAME)
        if (folder / JOURNAL).is_file():
            self._pages |= {one["page"]: one for one in _whole_lines(folder / JOURNAL)}

    def is_current(self, job: Job) -> bool:
        """Whether the page was made from just this, in every format asked for, and its files are still there."""
        noted = self._pages.get(_key(job), {})
        made_of_this = noted.get("status") == "made" and noted.get("fingerprint") == job.fingerprint
        return made_of_this and set(self._files(job)) <= set(noted["files"]) and all(path.is_file() for path in job.files)

    def begin(self, due: Sequence[Job], facts: dict[str, Any], drafts: Path) -> None:
        """Note that these pages are about to be made: until they are noted again, nobody knows what they are made from."""
        for job in due:
            self._keep(job, "begun")
        if due:
            self.write(facts, drafts)

    def note(self, made: Made) -> None:
        """Write down how a page went, at once. A page that failed has no files here, whatever older one still lies there."""
        entry = self._keep(made.job, made.status, made.reason, made.seconds)
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / JOURNAL).open("a", encoding="utf-8") as journal:
            journal.write("\n" + json.dumps(entry, ensure_ascii=False))  # on a line of its own, even after a torn one

    def _keep(self, job: Job, status: str, reason: str = "", seconds: float = 0.0) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "page": _key(job),
            "unit": job.unit,
            "language": job.language,
            "files": self._files(job) if status == "made" else [],
            "fingerprint": job.fingerprint,
            "status": status,
            "reason": reason,
            "seconds": seconds,
            "when": stamp(),
        }
        self._pages[entry["page"]] = entry
        return entry

    def write(self, facts: dict[str, Any], drafts: Path) -> Path:
        """Write ``manifest.json`` and drop the journal."""
        path = self.folder / FILE_NAME
        write_whole(path, json.dumps({**facts, "pages": self.pages}, ensure_ascii=False, indent=1), drafts)
        (self.folder / JOURNAL).unlink(missing_ok=True)
        return path

    @property
    def pages(self) -> list[dict[str, Any]]:
        return [self._pages[key] for key in sorted(self._pages)]

    def _files(self, job: Job) -> list[str]:
        return [path.relative_to(self.folder).as_posix() for path in job.files]


def _key(job: Job) -> str:
    return f"{job.language}/{job.name}"


def _recorded(path: Path) -> dict[str, dict[str, Any]]:
    """The pages of a record; none when it is not there or cannot be read, so that every page is made anew."""
    try:
        return {one["page"]: one for one in json.loads(path.read_text(encoding="utf-8"))["pages"]}
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return {}


def _whole_lines(path: Path) -> Iterable[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8", errors="replace").split("\n"):  # torn within a letter, even
        with suppress(ValueError):
            yield json.loads(line)
