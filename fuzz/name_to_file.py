"""No name becomes a path outside its folder, and every name can be printed on one line.

Run it for a minute:  python fuzz/name_to_file.py -max_total_time=60
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["kvalitet_lib.sources", "kvalitet_lib.contracts"]):
    from kvalitet_lib.contracts import UNIT_CODE
    from kvalitet_lib.sources.naming import snake_case, unit_of
    from kvalitet_lib.sources.source import presentable

FOLDER = Path("released").resolve()


def TestOneInput(data: bytes) -> None:  # noqa: N802 - the name libFuzzer asks for
    text = atheris.FuzzedDataProvider(data).ConsumeUnicodeNoSurrogates(100)
    for unit in (text, snake_case(text), unit_of(text, {}, "school_names"), unit_of(text, {}, "municipality_names")):
        if re.match(UNIT_CODE, unit):
            path = FOLDER / f"{unit}.csv"
            assert Path(os.path.normpath(path)).parent == FOLDER and len(path.name.encode()) <= 255
    shown = presentable(Path(os.fsdecode(data)))
    assert shown.isprintable() and shown.encode()


if __name__ == "__main__":
    atheris.Setup(sys.argv, TestOneInput)
    atheris.Fuzz()
