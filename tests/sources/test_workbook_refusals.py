"""A file that is not the table it should be is refused by name, place and advice, before it can do harm."""

from __future__ import annotations

import traceback

import pytest

from kvalitet_lib.errors import DeliveryError
from kvalitet_lib.sources import read_delivery
from kvalitet_lib.sources.source import Delivery
from tests.sources.door import circumstances
from tests.sources.refusal_parts import CANARY, Case
from tests.sources.refusals_of_cells import CELLS
from tests.sources.refusals_of_files import FILES
from tests.sources.refusals_of_workbooks import TOO_LARGE, UNSAFE

FIGURES = {"files refused": 115}
CASES = [*FILES, *UNSAFE, *TOO_LARGE, *CELLS]


def refused(case: Case, folder) -> DeliveryError:
    path = folder / case.name
    path.write_bytes(case.make())
    with pytest.raises(DeliveryError) as error:
        read_delivery(Delivery(path), circumstances())
    return error.value


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_file_that_must_not_be_taken_is_refused_by_name_and_place_and_no_cell_is_told(case, tmp_path):
    error = refused(case, tmp_path)
    told = [(fault.column, fault.code, fault.lines) for fault in error.faults]
    assert told[0] == case.told
    assert {code for _, code, _ in told} == {case.told[1]}
    said = str(error)
    assert said.startswith(case.name)
    assert all(fault.advice in said and fault.advice.endswith(".") for fault in error.faults)
    shown = [said, repr(error.faults), "".join(traceback.format_exception(error))]
    assert not [text for text in shown if CANARY in text]
    assert error.__cause__ is None and error.__context__ is None


def test_as_many_files_are_refused_as_is_said():
    assert len({case.what for case in CASES}) == len(CASES) == FIGURES["files refused"]
