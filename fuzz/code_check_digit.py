"""Any text is a code, an id or an identity number by rule, and never both an id we keep and a number that says who.

Run it for a minute:  python fuzz/code_check_digit.py -max_total_time=60
"""

from __future__ import annotations

import re
import sys

import atheris
import pandas as pd

with atheris.instrument_imports(include=["kvalitet_lib.sources", "kvalitet_lib.errors"]):
    from kvalitet_lib.sources.local_identity import identity_numbers, is_identity_number
    from kvalitet_lib.sources.local_identity_headers import says_who
    from kvalitet_lib.sources.local_rules import ids, organisations, school_units, units

CODES = {school_units: "[0-9]{8}", organisations: "[0-9]{9}", ids: r".*[0-9].*", units: r"[^/\\\0]*"}


def TestOneInput(data: bytes) -> None:  # noqa: N802 - the name libFuzzer asks for
    text = atheris.FuzzedDataProvider(data).ConsumeUnicodeNoSurrogates(30)
    column = pd.Series([text], dtype="str")
    for rule, form in CODES.items():
        read, failed = rule(column)
        assert failed == [0] or pd.isna(read[0]) or re.fullmatch(form, read[0])
    told = identity_numbers("elevid", column, pd.Series([2]))
    assert bool(told) or not is_identity_number(text)
    assert all(text.strip() not in fault.rule for fault in told if len(text.strip()) > 3)
    says_who(text)


if __name__ == "__main__":
    atheris.Setup(sys.argv, TestOneInput)
    atheris.Fuzz()
