"""Any bytes read as a text file give a table or a refusal, and rows know their lines.

Run it for a minute:  python fuzz/dialect_sniffing.py -max_total_time=60
A crash is written to a file beside you; run it again with that file's name as the only argument.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["kvalitet_lib.sources", "kvalitet_lib.errors"]):
    from kvalitet_lib.errors import DeliveryError
    from kvalitet_lib.sources.reading_text import read_text


def TestOneInput(data: bytes) -> None:  # noqa: N802 - the name libFuzzer asks for
    try:
        sheet = read_text("fuzzed.csv", data)
    except DeliveryError as refused:
        assert refused.faults
        return
    assert len(sheet.rows) == len(sheet.lines) == len(set(sheet.lines))
    assert sheet.lines == sorted(sheet.lines)
    assert all(any(cell.strip() for cell in row) for row in sheet.rows)


if __name__ == "__main__":
    atheris.Setup(sys.argv, TestOneInput)
    atheris.Fuzz()
