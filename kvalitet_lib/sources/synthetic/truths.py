"""What was planted in a made-up municipality, and what was left out on purpose: the answers beside the deliveries."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from kvalitet_lib.errors import ContractError, SettingsError
from kvalitet_lib.municipality import Strict

FILE_NAMES = {"se": "planterade_sanningar.json", "no": "plantede_sannheter.json"}


class Truth(Strict):
    """One thing that is true of the made-up municipality, because it was made so.

    Attributes
    ----------
    name : str
        What to look it up by, e.g. ``"excellent_school"``.
    there : bool
        False when there is nothing to find and a finding would be a false alarm.
    outcome : str
        Indicator id it shows in; empty for events such as a merger.
    size : float or None
        Planted size in ``unit``: the mean difference between the same pupils with and without it.
    realised : float or None
        That mean difference among the pupils actually drawn; differs from ``size`` by rounding to whole grades.
    unit : str
        ``points``, ``grade_points``, ``index10``, ``index5`` or ``share`` (0-1); with ``_per_year`` or ``_per_level``
        where it grows with the years or with each level of parents' education.
    schools : tuple of str
        Codes of the schools concerned; empty when it holds everywhere.
    school_years : tuple of str
        When it holds.
    said : str
        The truth in one sentence.
    """

    name: str
    there: bool
    outcome: str
    size: float | None
    realised: float | None = None
    unit: str = ""
    schools: tuple[str, ...] = ()
    school_years: tuple[str, ...] = ()
    said: str


class Truths(Strict):
    """All truths of one made-up municipality."""

    made_up: Literal[True] = True
    country: Literal["se", "no"]
    municipality: str
    municipality_name: str
    seed: int
    small: bool
    school_years: tuple[str, ...]
    truths: tuple[Truth, ...]

    def __getitem__(self, name: str) -> Truth:
        for truth in self.truths:
            if truth.name == name:
                return truth
        raise ContractError(f"No truth is called {name!r} here; there are: {', '.join(truth.name for truth in self.truths)}.")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(truth.name for truth in self.truths)


def write_truths(folder: Path, truths: Truths) -> Path:
    """Write the truths beside the deliveries, under the name their country uses."""
    path = folder / FILE_NAMES[truths.country]
    path.write_bytes((truths.model_dump_json(indent=2) + "\n").encode())
    return path


def read_truths(path: Path) -> Truths:
    """Read the truths back from their file, or from the folder of deliveries they stand in.

    Raises
    ------
    SettingsError
        There is no such file, or it is not one that ``make_deliveries`` wrote.
    """
    candidates = [path / name for name in FILE_NAMES.values()] if path.is_dir() else [path]
    for candidate in candidates:
        if candidate.is_file():
            try:
                return Truths.model_validate_json(candidate.read_text(encoding="utf-8"))
            except (ValidationError, UnicodeDecodeError):
                raise SettingsError(f"{candidate} does not hold planted truths. Make the folder anew:  kvalitet demo") from None
    raise SettingsError(f"There are no planted truths at {path}. Make them with:  kvalitet demo")
