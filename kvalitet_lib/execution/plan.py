"""Which pages a report means: every unit of the release, in every language, each with its fingerprint."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import kvalitet_lib
from kvalitet_lib.contracts import SCHOOL_YEAR
from kvalitet_lib.disclosure.release import Release
from kvalitet_lib.errors import ContractError
from kvalitet_lib.execution.job import Job
from kvalitet_lib.execution.parameters import Kind, ReportSettings, checked

SAFE = re.compile(r"[0-9A-Za-z]{1,20}")


@dataclass(frozen=True)
class Wish:
    """What the caller asks for; empty means all, or what the report's settings say."""

    units: Sequence[str] = ()
    languages: Sequence[str] = ()
    formats: Sequence[Kind] = ()
    school_year: str = ""


def plan(settings: ReportSettings, notebooks: Path, release: Release, wish: Wish, out: Path) -> list[Job]:
    """Every page to be made, in order of unit and language. Nothing is started before all parameters are checked.

    Raises
    ------
    ContractError
        A unit that the release has no figures for, a school year that is none, or parameters that the notebook does not
        have.
    """
    notebook = notebooks / settings.notebook
    languages = wish.languages or settings.languages or release.about["municipality"]["languages"]
    formats = tuple(wish.formats or settings.formats)
    units = _units(settings, release, wish.units)
    school_year = wish.school_year or release.about["school_year"]
    if not re.fullmatch(SCHOOL_YEAR, school_year):
        raise ContractError(f"{school_year!r} is not a school year. Write it like 2024-25.")
    jobs: list[Job] = []
    for language in languages:
        for unit in units:
            parameters = {settings.each: unit, "school_year": school_year, "language": language, "release": str(release.folder)}
            if not jobs:
                checked(notebook, parameters)
            made_from = {
                "notebook": _digest(notebook.read_bytes()),
                "library": library_digest(),
                "release": release.id,
                "parameters": {**parameters, "release": ""},
            }
            jobs.append(
                Job(
                    name=f"{settings.each}-{unit}",
                    unit=unit,
                    language=language,
                    notebook=notebook,
                    parameters=parameters,
                    folder=out / language,
                    formats=formats,
                    fingerprint=_digest(json.dumps(made_from, sort_keys=True).encode()),
                )
            )
    return jobs


def _units(settings: ReportSettings, release: Release, wished: Sequence[str]) -> list[str]:
    everyone = release.units_with_figures(settings.each)
    here = release.about["municipality"]["code"]
    units = list(dict.fromkeys(wished)) or (everyone if settings.each == "school" else [here] * (here in everyone))
    unknown = [unit for unit in units if unit not in everyone or not SAFE.fullmatch(unit)]
    if unknown or not units:
        what = f"no figures for {settings.each} {', '.join(unknown)}" if unknown else f"no {settings.each} with figures"
        raise ContractError(f"The release has {what}. See which there are:  {release.folder / 'units.csv'}")
    return units


@cache
def library_digest() -> str:
    """A fingerprint of the program itself: pages are made anew when it changes."""
    root = Path(kvalitet_lib.__file__).parent
    files = sorted(path for path in root.rglob("*") if path.suffix in {".py", ".yml", ".j2", ".css", ".typ", ".ttf", ".woff2"})
    return _digest(b"".join(path.relative_to(root).as_posix().encode() + path.read_bytes() for path in files))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def facts(release: Release) -> dict[str, Any]:
    """What the manifest says of the run besides its pages."""
    about = release.about
    return {"release": release.id, "audience": about["audience"], "version": about["version"], "library": library_digest()}
