"""Whatever a workbook does to its reader, the process that takes deliveries goes on and says what is wrong."""

from __future__ import annotations

import json
import random
import subprocess
import sys

import pytest

from kvalitet_lib.errors import DeliveryError
from kvalitet_lib.sources.reading import read_sheets
from kvalitet_lib.sources.refusal import UnfitError
from kvalitet_lib.sources.workbook import child, parsing, parts, records
from tests.sources.bombs import one_text_everywhere
from tests.sources.books import Leaf, xls, xlsx
from tests.sources.refusal_parts import CANARY, ROWS

FIGURES = {"damaged workbooks": 1_500}


def refused(content: bytes) -> list[str]:
    with pytest.raises(DeliveryError) as error:
        read_sheets("b.xlsx", content)
    assert CANARY not in str(error.value)
    return [fault.code for fault in error.value.faults]


def test_a_reader_that_takes_too_long_is_ended_and_the_workbook_refused(monkeypatch):
    monkeypatch.setattr(parsing, "MOST_WAITED", 0.001)
    assert refused(xlsx(Leaf(ROWS))) == ["TOO_LARGE_UNPACKED"]


def test_a_reader_that_takes_too_much_memory_dies_alone():
    assert refused(one_text_everywhere()) == ["TOO_LARGE_UNPACKED"]


def test_a_reader_that_fails_says_nothing_of_what_it_read(tmp_path, monkeypatch, capfd):
    failing = tmp_path / "failing.py"
    failing.write_text("import sys; raise SystemError(sys.stdin.buffer.read())", encoding="utf-8")
    monkeypatch.setattr(child, "__file__", str(failing))
    assert refused(xlsx(Leaf(ROWS))) == ["DAMAGED"]
    assert CANARY not in "".join(capfd.readouterr())


def test_a_reader_that_is_killed_is_told_as_a_workbook_too_large(tmp_path, monkeypatch):
    dying = tmp_path / "dying.py"
    dying.write_text("import os; os.abort()", encoding="utf-8")
    monkeypatch.setattr(child, "__file__", str(dying))
    assert refused(xlsx(Leaf(ROWS))) == ["TOO_LARGE_UNPACKED"]


def test_the_reader_bounds_itself_where_the_system_can_and_works_where_it_cannot():
    asked = "import json, resource, runpy; limited = runpy.run_path({path!r})['limited']; limited(800_000_000, 9); "
    asked += "print(json.dumps([resource.getrlimit(what)[0] for what in (resource.RLIMIT_AS, resource.RLIMIT_CPU, 4)]))"
    pytest.importorskip("resource")
    ended = subprocess.run([sys.executable, "-c", asked.format(path=child.__file__)], capture_output=True, check=True)
    assert json.loads(ended.stdout) == [800_000_000, 9, 0]
    without = "import sys, runpy; sys.modules['resource'] = None; runpy.run_path({path!r})['limited'](1, 1)"
    subprocess.run([sys.executable, "-c", without.format(path=child.__file__)], capture_output=True, check=True)


def test_the_reader_imports_nothing_of_this_project():
    listed = "import sys, runpy; runpy.run_path({path!r}); print([name for name in sys.modules if name.startswith('kvalitet')])"
    ended = subprocess.run([sys.executable, "-P", "-c", listed.format(path=child.__file__)], capture_output=True, check=True)
    assert ended.stdout.strip() == b"[]"


def test_a_workbook_damaged_anywhere_is_inspected_to_a_verdict_and_never_fails_otherwise():
    chance = random.Random(20)
    whole = [(xlsx(Leaf(ROWS)), parts.inspected), (xls(("Blad1", ROWS, ())), records.inspected)]
    verdicts = 0
    for _ in range(FIGURES["damaged workbooks"]):
        content, inspected = chance.choice(whole)
        damaged = bytearray(content)
        for _ in range(chance.choice((1, 1, 3, 9))):
            place, length = chance.randrange(len(damaged)), chance.choice((0, 1, 4))
            damaged[place : place + length] = chance.randbytes(chance.choice((0, 1, 4)))
        try:
            inspected(bytes(damaged))
        except UnfitError as unfit:
            assert unfit.fault.code and unfit.fault.advice
        verdicts += 1
    assert verdicts == FIGURES["damaged workbooks"]
