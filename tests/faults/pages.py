"""Pages and their record, told so that old, new and mixed can be held against each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pikepdf

from kvalitet_lib.execution.manifest import Manifest
from tests.faults.state import is_draft, told

Told = list[tuple[dict[str, str], dict[str, str]]]  # old and new: the files, and what they are recorded as made from


def page_state(out: Path) -> dict[str, str]:
    """Every page's file and its content's fingerprint. A file that is not whole is told as broken."""
    return {
        path.relative_to(out).as_posix(): told(path.read_bytes()) if is_whole(path) else "broken"
        for path in sorted(out.rglob("*"))
        if path.suffix in {".html", ".pdf"} and not is_draft(path, out)
    }


def is_whole(path: Path) -> bool:
    if path.suffix == ".html":
        return path.read_text(encoding="utf-8").rstrip().endswith("</html>")
    try:
        with pikepdf.open(path) as opened:
            return len(opened.pages) > 0
    except pikepdf.PdfError:
        return False


def recorded(out: Path) -> dict[str, dict[str, Any]]:
    """What the record says of each page, also when a run was cut off."""
    return {one["page"]: one for one in Manifest(out).pages}


def said_alone(out: Path) -> dict[str, dict[str, Any]]:
    """What ``manifest.json`` says by itself."""
    path = out / "manifest.json"
    return {one["page"]: one for one in json.loads(path.read_text(encoding="utf-8"))["pages"]} if path.exists() else {}


def fingerprints(out: Path) -> dict[str, str]:
    """What each page is recorded as made from."""
    return {page: one["fingerprint"] for page, one in recorded(out).items()}


def assert_old_or_new(now: dict[str, str], states: Told) -> None:
    """Each file is old or new; of one page there are never two versions beside each other."""
    (old, _), (new, _) = states
    assert set(now) <= set(new)
    assert all(now[file] in (old.get(file), new[file]) for file in now)
    for html in (file for file in now if file.startswith("en/school") and file.endswith(".html")):
        pdf = html.replace(".html", ".pdf")
        assert pdf not in now or (now[html] == new[html]) == (now[pdf] == new[pdf]), html


def assert_recorded_as_it_is(out: Path, now: dict[str, str], states: Told) -> None:
    """A page is recorded as begun, as failed, or it is there and was made from just that."""
    for entries in (recorded(out), said_alone(out)):
        for page, one in entries.items():
            if one["status"] in {"begun", "failed"}:
                assert one["files"] == []
                continue
            (state,) = [state for state, made_from in states if one["fingerprint"] == made_from.get(page)]
            assert one["status"] == "made"
            assert one["files"] == [f"{page}.html", f"{page}.pdf"]
            assert all(now[file] == state[file] for file in one["files"])
