"""What was made, when, from what, and how it went; what lets the next run leave unchanged pages alone."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kvalitet_lib.execution.batch import Made
from kvalitet_lib.execution.job import Job

FILE_NAME = "manifest.json"
JOURNAL = ".manifest.jsonl"


class Manifest:
    """The record beside the pages. Each page is noted as it is done, so that a run that was cut off can go on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pages: dict[str, dict[str, Any]] = {}
        if (folder / FILE_NAME).is_file():
            self._pages = {one["page"]: one for one in json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))["pages"]}
        if (folder / JOURNAL).is_file():
            self._pages |= {one["page"]: one for one in _whole_lines(folder / JOURNAL)}

    def is_current(self, job: Job) -> bool:
        """Whether the page was made from just this, in every format asked for, and its files are still there."""
        noted = self._pages.get(_key(job), {})
        made_of_this = noted.get("status") == "made" and noted.get("fingerprint") == job.fingerprint
        return made_of_this and set(self._files(job)) <= set(noted["files"]) and all(path.is_file() for path in job.files)

    def note(self, made: Made) -> None:
        """Write down how a page went, at once. A page that failed has no files here, whatever older one still lies there."""
        entry: dict[str, Any] = {
            "page": _key(made.job),
            "unit": made.job.unit,
            "language": made.job.language,
            "files": self._files(made.job) if made.status == "made" else [],
            "fingerprint": made.job.fingerprint,
            "status": made.status,
            "reason": made.reason,
            "seconds": made.seconds,
            "when": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        }
        self._pages[entry["page"]] = entry
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / JOURNAL).open("a", encoding="utf-8") as journal:
            journal.write("\n" + json.dumps(entry, ensure_ascii=False))  # on a line of its own, even after a torn one

    def write(self, facts: dict[str, Any]) -> Path:
        """Write ``manifest.json`` and drop the journal."""
        path = self.folder / FILE_NAME
        beside = path.with_name(f".{FILE_NAME}")
        self.folder.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps({**facts, "pages": self.pages}, ensure_ascii=False, indent=1), encoding="utf-8")
        beside.replace(path)
        (self.folder / JOURNAL).unlink(missing_ok=True)
        return path

    @property
    def pages(self) -> list[dict[str, Any]]:
        return [self._pages[key] for key in sorted(self._pages)]

    def _files(self, job: Job) -> list[str]:
        return [path.relative_to(self.folder).as_posix() for path in job.files]


def _key(job: Job) -> str:
    return f"{job.language}/{job.name}"


def _whole_lines(path: Path) -> Iterable[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        with suppress(ValueError):
            yield json.loads(line)
