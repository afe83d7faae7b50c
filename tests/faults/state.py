"""What lies on the disk, told so that old, new and mixed can be held against each other."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from kvalitet_lib.disclosure.release import Release
from kvalitet_lib.safe_files import DRAFT, OWNER
from kvalitet_lib.store import Store
from tests.faults.child import TEMPORARY


def store_state(home: Path) -> dict[str, Any]:
    """Every table's rows and the record of deliveries, each as a count and a fingerprint; opens the store to see."""
    store = Store(home / "private")
    tables = {name: told(store[name].to_csv(index=False)) for name in store}
    deliveries = store.deliveries()
    store.close()
    return tables | {"deliveries": told(deliveries.to_csv(index=False))}


def release_state(home: Path) -> dict[str, str]:
    """For each audience what its newest release holds, to the last byte."""
    return {
        folder.name: f"{(release := Release.open(folder)).id} {_tree(release.folder)}"
        for folder in sorted((home / "released").glob("*"))
        if (folder / "current").is_file()
    }


def releases(home: Path) -> set[str]:
    """Every release on disk, whole or not, named by its id and its content."""
    found = (path for path in (home / "released").glob("*/*") if path.is_dir() and not path.name.startswith("."))
    return {f"{path.name} {_tree(path)}" for path in found}


def drafts(place: Path) -> list[str]:
    """Drafts left behind, and what lies in the system's folder of temporary files. What is in a draft counts with it."""
    left = (DRAFT, ".new-", ".current", ".pseudonyms.key.")
    found = [path for path in place.rglob(".*") if path.name.startswith(left) and not is_draft(path.parent, place)]
    return sorted(path.relative_to(place).as_posix() for path in (*found, *(place / TEMPORARY).glob("*")))


def leftovers(place: Path) -> list[str]:
    """Drafts, and what else a run that ended well takes away: the owner's note and the pages' journal."""
    return drafts(place) + sorted(path.name for name in (OWNER, ".manifest.jsonl") for path in place.rglob(name))


def is_draft(path: Path, root: Path) -> bool:
    """Whether a path is a draft folder below ``root``, or lies in one."""
    return any(part.startswith((DRAFT, ".new-")) for part in path.relative_to(root).parts)


def _tree(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def told(content: str | bytes) -> str:
    """A content's length in lines and its fingerprint."""
    raw = content.encode() if isinstance(content, str) else content
    return f"{raw.count(bytes([10]))} lines, {hashlib.sha256(raw).hexdigest()[:16]}"
