"""Which releases a folder holds, and which of those beside it the same readers have seen already."""

from __future__ import annotations

from pathlib import Path

from kvalitet_lib.attack.reading import is_release, told_by
from kvalitet_lib.errors import ReleaseError

NEWEST = "current"


def releases_meant(folder: Path) -> list[Path]:
    """The release a folder is; else the newest one of an audience's folder; else the newest one of each audience in it.

    Raises
    ------
    ReleaseError
        There is no such folder, it is a file, or ``current`` names what is not there.
    """
    if not folder.is_dir():
        what = "is a file, not a release's folder" if folder.exists() else "is not there"
        raise ReleaseError(f"{folder} {what}. Name the folder of a release, of an audience, or all of released.")
    if is_release(folder):
        return [folder]
    audiences = [folder] if _has_newest(folder) else sorted(one for one in folder.glob("[!.]*") if _has_newest(one))
    return [_newest(one) for one in audiences] or [folder]


def municipality_of(release: Path) -> str:
    """Code of the municipality a release says it is of; empty when it does not say."""
    place = told_by(release).get("municipality")
    return str(place.get("code", "")) if isinstance(place, dict) else ""


def seen_already(release: Path) -> list[Path]:
    """The other releases of the same audience beside a release, and those of audiences it also reads; oldest first.

    Raises
    ------
    ReleaseError
        A release beside it does not say whose it is.
    """
    about = told_by(release)
    policy = about.get("policy")
    also = policy.get("also_reads", []) if isinstance(policy, dict) else []
    here = release.resolve()
    beside = [one for one in _releases_in(here.parent) if one != here and told_by(one).get("audience") == about.get("audience")]
    of_others = [one for name in also for one in _releases_in(here.parent.parent / Path(str(name)).name)]
    return sorted([*beside, *of_others], key=lambda one: (str(told_by(one).get("made", "")), one.name))


def _has_newest(folder: Path) -> bool:
    return (folder / NEWEST).is_file()


def _newest(audience: Path) -> Path:
    name = (audience / NEWEST).read_text(encoding="utf-8", errors="replace").strip()
    newest = audience / Path(name).name
    if not name or not is_release(newest):
        raise ReleaseError(f"{audience / NEWEST} names no release that is there. Make the release anew:  kvalitet release")
    return newest


def _releases_in(audience: Path) -> list[Path]:
    return sorted(one for one in audience.glob("[!.]*") if is_release(one))
