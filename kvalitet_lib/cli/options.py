"""Options that several verbs share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Folder of the municipality's data; else KVALITET_HOME, else ./home.")
]


class Format(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"
