"""What something unmeasured would have to be like to change one coefficient, held against the covariates that were measured."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.factor_columns import within_and_between
from kvalitet_lib.analyses.factor_fit import Coefficient, Question
from kvalitet_lib.analyses.rows import Floats
from kvalitet_lib.analyses.unmeasured_bounds import BOUNDS, bounds, strengths
from kvalitet_lib.statistics import unmeasured as statistic

BESIDES = "(years and the factor's other values)"


def strength(question: Question, one: Coefficient) -> dict[str, float]:
    """Figures about what is unmeasured, for a row of the estimates.

    ``partial_r2, robustness_value`` are about the level the coefficient rests on: pupils about their schools' means, or
    schools. ``robustness_value_alpha`` is what would bring the interval's nearer limit to nought; where standard errors know
    of schools it takes them to stay as they are. ``e_value, e_value_limit`` are about one for a factor of two values, else
    about one standard deviation of that part of the factor (``contrast``), in standard deviations of the outcome.
    """
    names = ("partial_r2", "robustness_value", "robustness_value_alpha", "e_value", "e_value_limit", "contrast")
    if not (one.ordinary_error > 0 and one.ordinary_freedom > 1):
        return dict.fromkeys(names, math.nan)
    t = one.estimate / one.ordinary_error
    contrast = _contrast(question, one)
    scale = contrast / float(question.outcome.std(ddof=1))
    ratios = statistic.risk_ratio_of_difference(np.array([one.estimate, one.lower, one.upper]) * scale)
    known = bool(np.isfinite(ratios).all() and (ratios > 0).all())
    found = (
        float(statistic.partial_r2(t, one.ordinary_freedom)),
        float(statistic.robustness_value(t, one.ordinary_freedom)),
        _to_where_chance_would_do(question, one, t),
        float(statistic.e_value(ratios[0])) if known else math.nan,
        float(statistic.e_value_of_limit(*ratios)) if known else math.nan,
        contrast,
    )
    return dict(zip(names, found, strict=True))


def _to_where_chance_would_do(question: Question, one: Coefficient, t: float) -> float:
    if question.standard_errors == "ordinary":
        return float(statistic.robustness_value(t, one.ordinary_freedom, 1.0, 1 - question.confidence))
    nearest = one.lower if one.estimate > 0 else -one.upper
    if not nearest > 0:
        return 0.0
    return float(statistic.robustness_value(t, one.ordinary_freedom, nearest / abs(one.estimate)))


def _contrast(question: Question, one: Coefficient) -> float:
    whole = question.factor.columns[:, question.factor.terms.index(one.term)]
    return 1.0 if one.part != "between" and set(np.unique(whole)) <= {0.0, 1.0} else one.deviation


def benchmarks(question: Question, one: Coefficient) -> pd.DataFrame:
    """What the coefficient would be with a confounder as strong as each covariate that is held equal: see :func:`bounds`."""
    if not question.held or not (one.ordinary_error > 0 and one.ordinary_freedom > 1):
        return pd.DataFrame(columns=["term", "part", *BOUNDS])
    at = question.factor.terms.index(one.term)
    factor = _on_its_level(question, one.part, question.factor.columns)
    held = {name: _on_its_level(question, one.part, block.columns) for name, block in question.held.items()}
    besides = [np.delete(factor, at, axis=1), *_years(question, one.part)]
    size = np.sqrt(np.bincount(question.school)) if one.part == "between" and question.school is not None else None
    covariates = strengths(
        _on_its_level(question, one.part, question.outcome[:, None])[:, 0],
        factor[:, at],
        held | {BESIDES: np.column_stack(besides)},
        {name: (name,) for name in held},
        level=size,
    )
    found = bounds(
        one.estimate,
        one.ordinary_error,
        one.ordinary_freedom,
        covariates,
        confidence=question.confidence,
        robust=(one.standard_error, one.freedom),
    )
    return found.assign(term=one.term, part=one.part)[["term", "part", *found.columns]]


def _on_its_level(question: Question, part: str, columns: Floats) -> Floats:
    """Pupils about their schools' means, schools' means weighted by size, or columns as they are."""
    if not part or question.school is None:
        return columns
    within, between = within_and_between(columns, question.school)
    if part == "within":
        return within
    n = np.bincount(question.school).astype(np.float64)
    first = np.unique(question.school, return_index=True)[1]
    return between[first] * np.sqrt(n)[:, None]


def _years(question: Question, part: str) -> list[Floats]:
    if question.year is None or part == "between":
        return []
    years = np.column_stack([question.year == year for year in range(1, int(question.year.max()) + 1)]).astype(np.float64)
    return [_on_its_level(question, part, years)]
