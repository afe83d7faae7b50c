"""Names in deliveries: as parts of ids, and as units where an agency gives a name but no code."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, get_args

import yaml

from kvalitet_lib.errors import SettingsError
from kvalitet_lib.municipality import Strict, read_settings

LETTERS = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "ð": "d", "þ": "th"})
Kind = Literal["school_names", "municipality_names"]
UNNAMED_PREFIX = {"school_names": "navn:", "municipality_names": "namn:"}


class NameMapping(Strict):
    """A file that says which code a name stands for.

    ::

        kind: school_names          # or municipality_names
        codes:
          Granlia skole: "312345005"
    """

    kind: Kind
    codes: dict[str, str]


def is_name_mapping(path: Path) -> bool:
    """Whether a mapping file is about names of units, and not about the columns of a system."""
    return _kind_of(path) in get_args(Kind)


def snake_case(text: str) -> str:
    """``Støtte hjemmefra (åk 8)`` is ``stotte_hjemmefra_ak_8``."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(LETTERS))
    return re.sub(r"[^a-z0-9]+", "_", "".join(sign for sign in plain if not unicodedata.combining(sign))).strip("_")


def codes_by_name(mappings: Iterable[Path], kind: Kind) -> dict[str, str]:
    """Name → code from every mapping file of this kind; files of other kinds are left alone.

    Raises
    ------
    SettingsError
        A file of this kind cannot be used.
    """
    found: dict[str, str] = {}
    for path in mappings:
        if _kind_of(path) == kind:
            found |= {same_name(name): code for name, code in read_settings(path, NameMapping).codes.items()}
    return found


def unit_of(name: str, codes: Mapping[str, str], kind: Kind) -> str:
    """The code a name stands for; where no mapping knows it, ``navn:`` (``namn:``) and the name.

    The letters stay as they are: without its ring and dots Håbo would be Habo, which is another municipality.

    >>> unit_of("Åmøy skole", {}, "school_names")
    'navn:åmøy_skole'
    """
    return codes.get(same_name(name)) or UNNAMED_PREFIX[kind] + re.sub(r"\W+", "_", name.casefold()).strip("_")


def same_name(name: str) -> str:
    """The form in which names are compared: case and spaces do not matter."""
    return " ".join(name.split()).casefold()


def _kind_of(path: Path) -> str | None:
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        raise SettingsError(f"{path} cannot be read as YAML in UTF-8. Correct it, or leave it out of the mappings.") from None
    return said.get("kind") if isinstance(said, dict) else None
