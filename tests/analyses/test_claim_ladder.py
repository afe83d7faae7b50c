"""No sentence is stronger than its design carries, its doubts allow and chance permits."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.claim import Claim, ceiling, claims_of
from kvalitet_lib.analyses.finding import Basis, Finding, estimates_frame
from kvalitet_lib.errors import ContractError

CLEAR = {"term": "x", "estimate": 2.0, "lower": 1.0, "upper": 3.0, "null": 0.0, "n": 100}


def finding(*rows: dict, design: Claim = Claim.SUGGESTS_EFFECT, checks: tuple[Check, ...] = ()) -> Finding:
    return Finding("trend", "meritvarde", design, estimates_frame(rows), Basis(rows=100, schools=12), checks)


def test_the_rungs_stand_in_order():
    assert list(Claim) == sorted([Claim.NOTHING, Claim.DIFFERS, Claim.GOES_WITH, Claim.SUGGESTS_EFFECT])


@pytest.mark.parametrize(("design", "cap"), list(itertools.product(Claim, Claim)))
def test_a_failed_doubt_lowers_the_claim_and_never_raises_it(design, cap):
    failed, stood, for_the_reader = (Check("doubt", passed, cap) for passed in (False, True, None))
    assert ceiling(design, [failed]) == min(design, cap)
    assert ceiling(design, [stood, for_the_reader]) == design


def test_what_chance_alone_would_do_claims_nothing():
    assert finding(CLEAR).claim == Claim.SUGGESTS_EFFECT
    assert finding(CLEAR | {"lower": -0.1}).claim == Claim.NOTHING
    assert finding(CLEAR | {"p": 0.01}).claim == Claim.SUGGESTS_EFFECT
    assert finding(CLEAR | {"p": 0.01, "p_adjusted": 0.2}).claim == Claim.NOTHING


def test_a_ratio_is_held_against_one():
    ratio = {"estimate": 1.4, "lower": 0.9, "upper": 2.1}
    assert finding(CLEAR | ratio | {"null": 1.0}).claim == Claim.NOTHING
    assert finding(CLEAR | ratio | {"null": 0.0}).claim == Claim.SUGGESTS_EFFECT


def test_a_row_that_only_describes_claims_nothing():
    described = finding(CLEAR | {"null": math.nan}, CLEAR | {"estimate": math.nan, "term": "y"})
    assert list(described.claims) == [Claim.NOTHING, Claim.NOTHING]


def test_each_row_has_its_own_claim_and_the_finding_the_strongest():
    both = finding(CLEAR, CLEAR | {"term": "y", "lower": -1.0}, checks=(Check("doubt", False, Claim.GOES_WITH),))
    assert list(both.to_frame()["claim"]) == ["goes_with", "nothing"]
    assert both.claim == Claim.GOES_WITH


def test_an_interval_below_the_value_that_means_no_difference_counts_too():
    frame = estimates_frame([CLEAR | {"estimate": -2.0, "lower": -3.0, "upper": -1.0}])
    assert list(claims_of(frame, Claim.DIFFERS, 0.95)) == [Claim.DIFFERS]


def test_no_answer_carries_its_reason_and_claims_nothing():
    none = Finding.nothing("growth", "score", "too_few_rows", Basis(rows=3))
    assert (none.claim, none.reason, len(none.estimates)) == (Claim.NOTHING, "too_few_rows", 0)
    with pytest.raises(ContractError, match="too_few_rows"):
        none["x"]


def test_a_finding_written_and_read_is_the_same_without_results_per_pupil():
    whole = Finding(
        "growth", "score", Claim.DIFFERS, estimates_frame([CLEAR]), Basis(5, 2, 4, ("2024-25",), 0.1, {"prior": 1}),
        (Check("doubt", None, Claim.DIFFERS, 0.5, math.nan, "x"),), ("why",),
        {"schools": estimates_frame([CLEAR | {"school": "90012301"}])}, {"icc": 1 / 3}, "a method", confidence=0.9,
        about={"school_year": "2024-25"}, pupils=estimates_frame([{"term": "Kanarie"}]),
    )  # fmt: skip
    again = Finding.from_json(whole.to_json())
    assert again.pupils is None and "Kanarie" not in whole.to_json() + repr(whole)
    assert again.to_json() == whole.to_json()
    assert again.numbers["icc"] == 1 / 3 and np.isnan(again.checks[0].limit)
    assert again.tables["schools"]["school"].tolist() == ["90012301"]
    with pytest.raises(ContractError, match="kvalitet analyse"):
        Finding.from_json('{"analysis": "growth"}')
