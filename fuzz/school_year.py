"""Any text is two school years' ends in a row, a day, a month or a year group, in its one form, or unreadable.

Run it for a minute:  python fuzz/school_year.py -max_total_time=60
"""

from __future__ import annotations

import re
import sys

import atheris

with atheris.instrument_imports(include=["kvalitet_lib.sources", "kvalitet_lib.errors"]):
    from kvalitet_lib.sources.calendar_terms import day, month, school_year
    from kvalitet_lib.sources.cells import year_group
    from kvalitet_lib.sources.numerals import UnreadableError

FORMS = {
    school_year: r"(19|20)[0-9]{2}-[0-9]{2}",
    day: r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    month: r"20[0-9]{2}-[0-9]{2}",
    year_group: r"[0-9]|1[0-3]",
}


def TestOneInput(data: bytes) -> None:  # noqa: N802 - the name libFuzzer asks for
    text = atheris.FuzzedDataProvider(data).ConsumeUnicodeNoSurrogates(30)
    for rule, form in FORMS.items():
        try:
            said = str(rule(text))
        except UnreadableError:
            continue
        assert re.fullmatch(form, said) and str(rule(said)) == said
        if rule is school_year:
            assert (int(said[:4]) + 1) % 100 == int(said[5:])


if __name__ == "__main__":
    atheris.Setup(sys.argv, TestOneInput)
    atheris.Fuzz()
