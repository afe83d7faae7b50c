"""Whatever stands in a delivery, it is read or refused, and what is said of it quotes nothing."""

from __future__ import annotations

import json
import re
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as some

from kvalitet_lib.contracts import CONTRACTS
from kvalitet_lib.errors import DeliveryError
from kvalitet_lib.sources import read_delivery
from kvalitet_lib.sources.source import Delivery, Filled
from kvalitet_lib.sources.validation import hold
from tests.fuzz.examples import FEW_EXAMPLES, NIGHTLY, fewer, texts
from tests.sources.door import CLEAN, circumstances
from tests.sources.forms import as_csv, as_xlsx, table
from tests.sources.test_refusals import SAID_BY_RULES

FIGURES = {"examples of whole deliveries": 200}

KINDS = {kind: table(text) for kind, text in CLEAN.items()}
# What answers of the agencies are built of.
AGENCY_WORDS = """
values kpi period municipality ou gender value status count members id title json url body _embedded listedSchoolUnits
schoolYearMetrics compulsorySchoolUnitSalsaMetricList schoolUnit code certifiedTeachersQuota version class dimension size
label role Skoleaarnavn Trinnnavn EierformNavn EnhetNavn Spoersmaalgruppe Score AntallBesvart tables language N15505 2023 T
0180 category index
"""
PARTS = tuple(AGENCY_WORDS.split())
words = some.sampled_from((*PARTS, "dataset", "2.0", "", "x"))
leaves = some.none() | some.booleans() | some.integers(-3, 3000) | some.floats() | words
documents = some.recursive(
    leaves,
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.sampled_from(PARTS), inner, max_size=6),
    max_leaves=25,
)


def read(content: bytes, name: str) -> list[Filled] | DeliveryError:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            return read_delivery(Delivery(path), circumstances())[1]
        except DeliveryError as refused:
            return refused


@fewer
@given(
    some.sampled_from(sorted(KINDS)),
    some.lists(some.tuples(texts, some.integers(0, 99), some.integers(0, 99)), max_size=4),
    some.booleans(),
)
def test_any_cells_in_a_delivery_give_rows_that_keep_their_contract_or_a_refusal_that_quotes_none(kind, written, in_a_workbook):
    rows = [[*row] for row in KINDS[kind]]
    for text, row, column in written:
        line = rows[1 + row % (len(rows) - 1)]
        line[column % len(line)] = text
    safe = [[cell if "\n" not in cell and ";" not in cell and '"' not in cell else "x" for cell in row] for row in rows]
    outcome = read(as_xlsx(rows), "d.xlsx") if in_a_workbook else read(as_csv(safe), "d.csv")
    if isinstance(outcome, DeliveryError):
        said = "".join(traceback.format_exception(outcome)) + repr(outcome.faults)
        quoted = [text for text, _, _ in written if len(text.strip()) > 3 and _as_a_word(text.strip(), said)]
        assert set(quoted) <= SAID_BY_RULES
        return
    for part in outcome:
        assert hold(CONTRACTS[part.table], part.rows, part.lines) == []


@fewer
@given(some.lists(documents, min_size=1, max_size=3))
def test_any_json_is_read_or_refused_and_nothing_else(answers):
    outcome = read("\n".join(json.dumps(answer) for answer in answers).encode(), "answer.json")
    assert isinstance(outcome, list) or {fault.code for fault in outcome.faults}


def test_whole_deliveries_are_tried_as_often_as_promised():
    assert FIGURES["examples of whole deliveries"] == FEW_EXAMPLES or NIGHTLY


def _as_a_word(text: str, said: str) -> bool:
    return bool(re.search(rf"(?<![\w/-]){re.escape(text)}(?![\w/-])", said))
