"""Any text is a finite number by a declared decimal sign, or unreadable; printed again it is the same number.

Run it for a minute:  python fuzz/number.py -max_total_time=60
"""

from __future__ import annotations

import math
import sys

import atheris

with atheris.instrument_imports(include=["kvalitet_lib.sources", "kvalitet_lib.errors"]):
    from kvalitet_lib.sources.numerals import UnreadableError, number, whole
    from kvalitet_lib.sources.published_cells import published


def TestOneInput(data: bytes) -> None:  # noqa: N802 - the name libFuzzer asks for
    provider = atheris.FuzzedDataProvider(data)
    sign = provider.PickValueInList([",", "."])
    text = provider.ConsumeUnicodeNoSurrogates(40)
    try:
        read = number(text, sign)
    except UnreadableError as unreadable:
        assert str(unreadable) in ("INVALID_VALUE", "AMBIGUOUS_NUMBER")
    else:
        assert math.isfinite(read) and number(f"{read:.12f}".rstrip("0").rstrip(".").replace(".", sign)[:18], sign) is not None
        assert any(sign.isascii() and sign.isdigit() for sign in text)
    for rule in (whole, published):
        try:
            rule(text)
        except UnreadableError:
            continue


if __name__ == "__main__":
    atheris.Setup(sys.argv, TestOneInput)
    atheris.Fuzz()
