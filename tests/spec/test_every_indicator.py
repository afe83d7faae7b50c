"""What is true of every indicator, whatever it counts."""

from __future__ import annotations

import inspect

import pandas as pd
import pytest

from kvalitet_lib.contracts import CONTRACTS, column_types
from kvalitet_lib.indicators import all_indicators
from kvalitet_lib.measure import measure

COUNTED = [one for one in all_indicators().values() if one.count is not None]
ELSEWHERE = {
    "year_group": 1,
    "provision": "school",
    "year_band": "all",
    "item": "nothing_we_know",
    "steps": 4,
    "status": "absent",
    "test": "XX",
}
TEXTS = {"school": "90000001", "school_year": "2024-25", "period": "year", "subject": "XX", "grade": "-", "assessment": "term"}


def nobody(table: str) -> pd.DataFrame:
    """A table without rows, in the contract's types."""
    return pd.DataFrame(columns=list(column_types(CONTRACTS[table]))).astype(column_types(CONTRACTS[table]))


def somebody_else(table: str) -> pd.DataFrame:
    """One row about somebody whom hardly any indicator counts: a first-former with nothing on record."""
    types = column_types(CONTRACTS[table])
    row = {name: ELSEWHERE.get(name, TEXTS.get(name)) for name in types}
    row |= {name: "p_1" for name in ("pupil", "respondent") if name in types}
    return pd.DataFrame([row]).astype(types)


def tables_of(indicator, make) -> dict[str, pd.DataFrame]:
    return {name: make(name) for name in inspect.signature(indicator.count).parameters}


@pytest.mark.parametrize("indicator", COUNTED, ids=lambda one: one.id)
def test_where_a_delivery_holds_nobody_there_is_no_figure_and_no_fault(indicator):
    assert measure(indicator, tables_of(indicator, nobody)).to_frame().empty


@pytest.mark.parametrize("indicator", COUNTED, ids=lambda one: one.id)
def test_where_a_delivery_holds_nobody_of_the_group_there_is_no_fault(indicator):
    figures = measure(indicator, tables_of(indicator, somebody_else)).to_frame()
    assert figures["n"].fillna(0).le(1).all()


@pytest.mark.parametrize("indicator", COUNTED, ids=lambda one: one.id)
def test_every_breakdown_can_be_measured(indicator):
    for breakdown in indicator.breakdowns:
        measure(indicator, tables_of(indicator, somebody_else), by=["school", breakdown])
