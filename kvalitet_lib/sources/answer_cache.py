"""Agencies' answers kept on disk, in the shape of recordings: the folder is itself a delivery one can load."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kvalitet_lib.clock import now


@dataclass(frozen=True)
class AnswerCache:
    """One file per address: ``{generatedAt, url, acceptHeader, json}``.

    A file is written whole or not at all, so a broken run never leaves half an answer behind.
    """

    folder: Path

    def find(self, url: str, accept: str, max_age: timedelta | None = None) -> dict[str, Any] | None:
        """The kept answer in its wrapper, or None when there is none, it is older than ``max_age`` or cannot be read."""
        try:
            kept = json.loads(self._path(url, accept).read_text(encoding="utf-8"))
            age = now() - datetime.fromisoformat(kept["generatedAt"])
            answers_this = kept["url"] == url and "json" in kept
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return kept if answers_this and (max_age is None or age <= max_age) else None

    def keep(self, url: str, accept: str, answer: Any) -> None:
        """Write an answer, replacing an earlier one to the same question."""
        written = now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        wrapper = {"generatedAt": written, "url": url, "acceptHeader": accept, "json": answer}
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=".", suffix=".part")
        part = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as opened:
                json.dump(wrapper, opened, ensure_ascii=False)
            part.replace(self._path(url, accept))
        finally:
            part.unlink(missing_ok=True)

    def _path(self, url: str, accept: str) -> Path:
        question = hashlib.sha256(f"{accept} {url}".encode()).hexdigest()[:16]
        readable = re.sub(r"[^A-Za-z0-9]+", "-", urlsplit(url).path).strip("-")[-80:].lstrip("-")
        return self.folder / f"{readable}-{question}.json"


def unwrapped(documents: list[Any]) -> list[Any]:
    """What the agency answered, without the wrapper in which it was recorded."""
    return [
        document["json"] if isinstance(document, dict) and {"url", "json"} <= set(document) else document
        for document in documents
    ]
