"""From fits of factors to a finding: estimates, tables, and the doubts about them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.factor_columns import Block
from kvalitet_lib.analyses.factor_fit import FEWEST_FREEDOM, Coefficient, Fit, Question, fit
from kvalitet_lib.analyses.factor_strength import benchmarks, strength
from kvalitet_lib.analyses.finding import Basis
from kvalitet_lib.analyses.unmeasured import checks_of as unmeasured_checks
from kvalitet_lib.analyses.unmeasured import sensitivity_of
from kvalitet_lib.statistics.dominance import MOST_FACTORS, dominance

CURVED = 0.01  # a square that is this unlikely by chance says that no straight line fits; own rule
HARMLESS = Claim.SUGGESTS_EFFECT  # a doubt that lowers nothing by itself


@dataclass(frozen=True, repr=False)
class Answer:
    """One factor's question and what came of it."""

    question: Question
    fit: Fit

    @cached_property
    def benchmarks(self) -> list[pd.DataFrame]:
        """For each coefficient that is told."""
        return [benchmarks(self.question, one) for one in told(self)]


def estimates_of(answer: Answer, basis: Basis) -> list[dict[str, Any]]:
    """Rows of the estimates: ``term`` a column of the factor, ``group`` within, between or nothing."""
    question, rows = answer.question, []
    for one in answer.fit.factor:
        row: dict[str, Any] = {"term": one.term, "group": one.part, "n": basis.rows, "missing": basis.missing}
        if (one.term, one.part) not in answer.fit.few:
            spread = float(question.outcome.std(ddof=1))
            row |= {
                "estimate": one.estimate,
                "standard_error": one.standard_error,
                "lower": one.lower,
                "upper": one.upper,
                "null": 0.0,
                "p": one.p,
                "freedom": one.freedom,
                "deviation": one.deviation,
                "standardised": one.estimate * one.deviation / spread,
                **strength(question, one),
                "ordinary_error": one.ordinary_error,
                "ordinary_freedom": one.ordinary_freedom,
                "lowest_without_a_school": one.lowest,
                "highest_without_a_school": one.highest,
            }
        rows.append(row)
    return rows


def tables_of(answers: Sequence[Answer], held: Mapping[str, Block]) -> dict[str, pd.DataFrame]:
    """``parts``, ``model``, ``benchmarks``, ``dominance``, ``dominance_by_size`` and ``dominance_pairs``, where there are any."""
    parts = [_row(one) for answer in answers for one in answer.fit.differences]
    model = [
        {"factor": answer.question.factor.name, **_row(one)}
        for answer in answers
        for one in (*answer.fit.factor, *answer.fit.held)
        if (one.term, one.part) not in answer.fit.few
    ]
    found = [table for answer in answers for table in answer.benchmarks]
    made = {"parts": pd.DataFrame(parts), "model": pd.DataFrame(model)}
    if there := [table for table in found if len(table)]:
        made["benchmarks"] = pd.concat(there, ignore_index=True)
    made |= dominance_of(answers[0].question, {answer.question.factor.name: answer.question.factor for answer in answers}, held)
    return {name: table for name, table in made.items() if len(table)}


def dominance_of(question: Question, factors: Mapping[str, Block], held: Mapping[str, Block]) -> dict[str, pd.DataFrame]:
    """What each factor adds to R²: with what is held equal as factors, too, or, when they are too many, always in."""
    varying = {name: block for name, block in {**factors, **held}.items() if block.columns.size and np.ptp(block.columns) > 0}
    always = [_dummies(question)] if question.year is not None else []
    if len(varying) > MOST_FACTORS:
        always += [block.columns for name, block in varying.items() if name not in factors]
        varying = {name: block for name, block in varying.items() if name in factors}
    if not 1 <= len(varying) <= MOST_FACTORS:
        return {}
    names = list(varying)
    found = dominance(question.outcome, [varying[name].columns for name in names], np.column_stack(always) if always else None)
    explained = found.r_squared - found.r_squared_always
    return {
        "dominance": pd.DataFrame(
            {
                "factor": names,
                "general": found.general,
                "share": found.general / explained if explained > 0 else math.nan,
                "alone": found.conditional[:, 0],
                "last": found.conditional[:, -1],
            }
        ),
        "dominance_by_size": pd.DataFrame(
            [
                {"factor": name, "others": others, "adds": found.conditional[at, others]}
                for at, name in enumerate(names)
                for others in range(len(names))
            ]
        ),
        "dominance_pairs": pd.DataFrame(
            [
                {"factor": one, "over": other, "completely": bool(found.complete[i, j] == 1),
                 "conditionally": _dominates(found.conditional[i], found.conditional[j]),
                 "generally": bool(found.general[i] > found.general[j])}
                for i, one in enumerate(names)
                for j, other in enumerate(names)
                if i != j
            ]
        ),
    }  # fmt: skip


def checks_of(answer: Answer) -> list[Check]:
    """The doubts about one factor, besides those about what is held equal."""
    main, name = told(answer), answer.question.factor.name
    checks = []
    if answer.fit.few or answer.fit.mixed:
        least = 0.0 if answer.fit.mixed else min(answer.fit.few.values())
        checks.append(Check("association_told_apart", False, HARMLESS, least, FEWEST_FREEDOM, name))
    with_schools = [one for one in main if math.isfinite(one.lowest) and (one.lower > 0 or one.upper < 0)]
    if with_schools:
        kept = [np.sign(one.lowest) == np.sign(one.highest) == np.sign(one.estimate) for one in with_schools]
        checks.append(Check("association_one_school", all(kept), Claim.DIFFERS, about=name))
    for one in answer.fit.differences:
        alike = one.lower <= 0 <= one.upper
        checks.append(Check("association_parts_alike", bool(alike), HARMLESS, one.estimate, 0.0, one.term))
    checks += _straight(answer)
    if main:
        checks += _unmeasured(answer, main[0])
    return checks


def _unmeasured(answer: Answer, one: Coefficient) -> tuple[Check, ...]:
    if not (one.ordinary_error > 0 and one.ordinary_freedom > 1):
        return ()
    figures = strength(answer.question, one)
    plain = sensitivity_of(one.estimate, one.ordinary_error, one.ordinary_freedom, confidence=answer.question.confidence)
    known = {name: figures[name] for name in ("robustness_value_alpha", "e_value", "e_value_limit")}
    return unmeasured_checks(replace(plain, **known, bounds=answer.benchmarks[0]), one.term)


def _straight(answer: Answer) -> list[Check]:
    """Whether a square of the factor would add to it, so that one slope says too little."""
    question = answer.question
    block = question.factor
    if block.columns.shape[1] != 1 or len(np.unique(block.columns)) < 3 or question.standard_errors in ("wild", "multilevel"):
        return []
    centred = (block.columns - block.columns.mean()) / block.columns.std()
    square = Block(f"{block.name} squared", ("square",), centred**2)
    asked = Question(
        question.outcome, square, {**question.held, block.name: block}, question.school, question.year, False,
        question.standard_errors, question.confidence,
    )  # fmt: skip
    found = fit(asked)
    if not found.factor or found.few:
        return []
    return [Check("association_straight", bool(found.factor[0].p >= CURVED), Claim.GOES_WITH, about=block.name)]


def told(answer: Answer) -> list[Coefficient]:
    return [one for one in answer.fit.factor if (one.term, one.part) not in answer.fit.few]


def _row(one: Coefficient) -> dict[str, Any]:
    names = ("term", "part", "estimate", "standard_error", "lower", "upper", "p", "freedom")
    return {name: getattr(one, name) for name in names}


def _dummies(question: Question) -> Any:
    assert question.year is not None
    return np.column_stack([question.year == year for year in range(1, int(question.year.max()) + 1)]).astype(np.float64)


def _dominates(one: Any, other: Any) -> bool:
    return bool((one >= other - 1e-12).all() and (one > other + 1e-12).any())
