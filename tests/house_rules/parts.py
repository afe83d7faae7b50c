"""What the project is built of: every part that is pinned, its version, its licence, and what it is for.

Write the list for people and the one for programs (CycloneDX):  python -m tests.house_rules.parts
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
LIST = ROOT / "docs" / "licences.md"
FOR_PROGRAMS = ROOT / "reports" / "parts.cdx.json"
LICENCES = yaml.safe_load(Path(__file__).with_name("licences.yml").read_text(encoding="utf-8"))
OPENING = """# What kvalitet is built of

Every part that `constraints.txt` pins, with the licence it states and what it is for: to run kvalitet, or to test and build it.
Which licences are allowed and why: `tests/house_rules/licences.yml`. Written by `make parts`, which also writes the same for
programs to `reports/parts.cdx.json` (CycloneDX). kvalitet itself is under the MIT licence; the typeface Inter in its pages is
under OFL-1.1.

| Part | Version | Licence | For |
|---|---|---|---|
"""


@dataclass(frozen=True, order=True)
class Part:
    """One pinned part; ``licence`` is an SPDX expression, or what the part says of itself where we know no better."""

    name: str
    version: str
    licence: str
    purpose: str

    @property
    def row(self) -> str:
        return f"| {self.name} | {self.version} | {self.licence} | {self.purpose} |"

    @property
    def is_allowed(self) -> bool:
        """Whether one may choose licences that are all allowed."""
        choices = [choice.split(" AND ") for choice in self.licence.split(" OR ")]
        return any(all(one in LICENCES["allowed"] for one in choice) for choice in choices)


def pinned() -> dict[str, str]:
    """Name → version of every part in ``constraints.txt``."""
    lock = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    return {plain(name): version for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", lock, re.MULTILINE)}


def declared() -> set[str]:
    """Names of the parts that ``pyproject.toml`` says kvalitet runs on."""
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {plain(Requirement(one).name) for one in stated["dependencies"]}


def optional() -> set[str]:
    """Names of the parts that the extra ``effects`` brings: other estimators of a measure's effect."""
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {plain(Requirement(one).name) for one in stated["optional-dependencies"]["effects"]}


def installed_parts() -> list[Part]:
    """Every pinned part that is installed here, in order of name."""
    to_run, with_effects = (set().union(*({name} | closure(name) for name in names)) for names in (declared(), optional()))
    purposes = dict.fromkeys(with_effects, "running, with the extra effects") | dict.fromkeys(to_run, "running")
    return sorted(
        Part(name, found.version, licence_of(found), purposes.get(name, "testing and building"))
        for name in pinned()
        if (found := _found(name)) is not None
    )


def licence_of(part: Distribution) -> str:
    """The licence a part states: in SPDX, else among its classifiers, else in words."""
    name = plain(part.metadata["Name"])
    if name in LICENCES["read_by_us"]:
        return str(LICENCES["read_by_us"][name])
    stated = part.metadata.get("License-Expression")
    classified = [one.split(" :: ")[-1] for one in part.metadata.get_all("Classifier") or [] if one.startswith("License ::")]
    words = (part.metadata.get("License") or "").strip().splitlines()
    said = stated or next(iter(words if words and words[0] in _known() else [*classified, *words[:1]]), "none stated")
    return str(LICENCES["spelled"].get(said, said))


def closure(name: str) -> set[str]:
    """Everything a part needs here to run, itself left out."""
    waiting, reached = {(plain(name), "")}, set()
    while waiting:
        part = waiting.pop()
        reached.add(part)
        waiting |= set(_needs(*part)) - reached
    return {part for part, _ in reached} - {plain(name)}


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _known() -> set[str]:
    return {*LICENCES["allowed"], *LICENCES["spelled"]}


def _needs(name: str, extra: str) -> Iterator[tuple[str, str]]:
    """What a part needs, and what one of its extras needs besides: names, each without an extra and with those asked for."""
    found = _found(name)
    for line in (found.requires if found else None) or []:
        wanted = Requirement(line)
        if wanted.marker is None or wanted.marker.evaluate({"extra": extra}):
            yield from ((plain(wanted.name), one) for one in ("", *wanted.extras))


def _found(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def for_programs(held_against_the_schema: bool = True) -> str:
    """The parts as CycloneDX JSON: the same for the same parts, and without a word of this machine."""
    check = "--validate" if held_against_the_schema else "--no-validate"
    listed = subprocess.run(
        [sys.executable, "-m", "cyclonedx_py", "environment", check, "--output-reproducible", "--of", "JSON", sys.executable],
        check=True,
        capture_output=True,
        text=True,
    )
    told = json.loads(listed.stdout)
    for part in told["components"]:
        part["externalReferences"] = [one for one in part.get("externalReferences", []) if not one["url"].startswith("file:")]
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> None:
    LIST.write_text(OPENING + "".join(f"{part.row}\n" for part in installed_parts()), encoding="utf-8")
    FOR_PROGRAMS.write_text(for_programs(), encoding="utf-8")
    print(f"{LIST}\n{FOR_PROGRAMS}")


if __name__ == "__main__":
    main()
