"""A place with a home of its own in which commands are typed at noon."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.child import Command, Ended, Running

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
SCHOOLS = ("skolor.csv", "bemanning.csv")
LATER = ("gymnasiet_2023-24.csv", "gymnasiet_2024-25.csv")
SMALL_PAGE = """
from kvalitet_lib.present.blocks import Banner, Blocks, PageHead, PageWords, Paragraph

made_of = release.rsplit("/")[-1]
Blocks([PageHead(school, language, PageWords("Skip", "Contents")), Banner(school), Paragraph(f"Made of {made_of}.")])
"""
FIRST = ("--school", "90012302", "--format", "html,pdf", "--jobs", 1)
ALL = ("--school", "90012306", *FIRST)  # this one has figures in the second release only
REPORT = "notebook: page.ipynb\neach: school\naudience: public\nformats: [html]\nlanguages: [en]\n"


@dataclass(frozen=True)
class Desk:
    """One such place."""

    place: Path

    @property
    def home(self) -> Path:
        return self.place / "home"

    @property
    def out(self) -> Path:
        return self.place / "reports" / "public"

    def type(self, *words: object, well: bool = False, **circumstances: object) -> Ended:
        """Type a command; ``well`` says that it must end well."""
        ended = self.begin(*words, **circumstances).end()
        assert not well or ended.code == 0, ended
        return ended

    def begin(self, *words: object, **circumstances: object) -> Running:
        """Type a command and do not wait for its end."""
        told = {"clock": NOON, **circumstances}
        return Running(Command(tuple(str(word) for word in words), self.place, **told))  # type: ignore[arg-type]

    def load(self, **circumstances: object) -> Ended:
        return self.type("load", "in", "--home", "home", **circumstances)

    def release(self, **circumstances: object) -> Ended:
        return self.type("release", "--home", "home", **circumstances)

    def report(self, *words: object, **circumstances: object) -> Ended:
        return self.type("report", "page", "--home", "home", *words, **circumstances)

    def copy(self, place: Path) -> Desk:
        shutil.copytree(self.place, place, dirs_exist_ok=True)
        return Desk(place)
