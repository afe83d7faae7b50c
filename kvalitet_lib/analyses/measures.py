"""Measures the municipality has taken, as it declares them: where, from when, and which indicator should move."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from kvalitet_lib.municipality import Strict, read_settings


class Measure(Strict):
    """One measure: a change at some schools that was meant to move one indicator.

    ``schools`` maps each school's code to the first school year in which the measure was there.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="id, e.g. reading_support")
    title: str = Field(min_length=1, description="what readers call it")
    indicator: str = Field(description="id of the indicator it should move")
    schools: dict[str, Annotated[str, Field(pattern=r"^(19|20)[0-9]{2}-[0-9]{2}$")]] = Field(min_length=1)


class Measures(Strict):
    """All measures of ``params/measures.yml``."""

    measures: tuple[Measure, ...] = ()

    @classmethod
    def read(cls, path: Path) -> Measures:
        """The declared measures; none where there is no file.

        Raises
        ------
        SettingsError
            Names the file and everything wrong in it.
        """
        return read_settings(path, cls) if path.is_file() else cls()
