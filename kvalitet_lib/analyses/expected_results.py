"""What a school's results would be with its intake, had it been like the others; as SALSA and skolebidragsindikatorer ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.expected_schools import LEAST_KNOWN, NAME, intakes, left_in
from kvalitet_lib.analyses.expected_tables import (
    Columns,
    Held,
    above_nought,
    beside_published,
    checks_of,
    coefficients,
    formula_of,
)
from kvalitet_lib.analyses.factor_columns import NOTHING_LEFT, block_of, blocks_of_formula, numbers_of, own_direction
from kvalitet_lib.analyses.finding import Basis, Finding, estimates_frame
from kvalitet_lib.analyses.rows import Floats, complete, need_columns, variables_of
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.multiplicity import benjamini_hochberg
from kvalitet_lib.statistics.regression import Regression, regress

if TYPE_CHECKING:
    from kvalitet_lib.analyses.municipal_rows import MunicipalRows

FEWEST_PUPILS = 15  # in the year group (Skolverket, SALSA)
FEWEST_BEYOND = 5  # schools beyond the number of coefficients, for a spread to speak of; own rule
CANNOT_TELL = ("expected_no_school_effect", "expected_no_ranking", "unmeasured", "single_pupil")


def expected_results(
    schools: pd.DataFrame,
    outcome: str,
    background: Sequence[str] = (),
    *,
    school: str = "school",
    pupils: str = "",
    known: str = "",
    standard_error: str = "",
    weights: str = "",
    published_expected: str = "",
    published_deviation: str = "",
    fewest_pupils: int = FEWEST_PUPILS,
    least_known: float = LEAST_KNOWN,
    confidence: float = 0.95,
) -> Finding:
    """A formula from intake to results, and how far each school's results lie from it.

    Parameters
    ----------
    schools : DataFrame
        One row is one school, in one year or over several.
    outcome : str
        Column with the school's result, or a formula ``outcome ~ parents_education + newly_arrived + boys``.
    background : sequence of str
        Columns of the intake, when ``outcome`` is no formula.
    school : str
    pupils, known : str
        Columns with the number of pupils, and the share of them whose background is known (0-1): schools with fewer than
        ``fewest_pupils``, or less known than ``least_known``, are left out, as SALSA leaves them out.
    standard_error : str
        Column with the standard error of the school's own result, as a mean of so many pupils. With it, prediction intervals
        are as much wider for a small school as its pupils' chance is larger; without it, all are equally sure.
    weights : str
        Column to weigh by, e.g. the number of pupils; agencies weigh all schools alike, and so do we when none is named. A
        school's variance is then taken to be one over its weight.
    published_expected, published_deviation : str
        Columns with what an agency has published, to be shown beside ours.

    Returns
    -------
    Finding
        ``estimates``: the formula's coefficients (``intercept`` and columns; HC3 standard errors, nothing claimed), and
        ``deviation`` with ``group`` a school: actual less expected, its interval and p when the school is held against the
        formula of the others.
        ``tables``: ``schools`` (``school, n, actual, expected, expected_lower, expected_upper`` – the prediction interval –
        ``deviation, studentised, leverage``; with a standard error ``chance_lower, chance_upper``, what the school's own
        pupils leave open of its deviation, ``noise`` – the share of such deviations' variance that is pupils' chance – and
        ``shrunken``; and what is published with its ``difference``), ordered as the rows were; ``formula`` (coefficients
        with ordinary and HC3 standard errors); ``published_formula`` (the same formula fitted to what is published).
        ``numbers``: ``r_squared, adjusted_r_squared, residual_deviation, between_deviation, tests``, and where published
        ``published_r_squared, published_residual_deviation, published_rounding`` (the largest of actual less expected less
        deviation), ``published_correlation`` and ``published_apart`` (the mean distance from ours).

    Raises
    ------
    ContractError
        A column is missing or of the wrong kind, a school stands in two rows, or a weight or standard error is not above 0.

    References
    ----------
    Skolverket (2017). Beskrivning av SALSA avseende 2015/16.
    Long, J. S. & Ervin, L. H. (2000). Using heteroscedasticity consistent standard errors in the linear regression model.
    Am. Stat. 54(3), 217-224.
    """
    formula = outcome if "~" in outcome else ""
    if formula and len(background):
        raise ContractError(f"{NAME}: the formula names the background. Leave out background, or the formula.")
    names = variables_of(formula, NAME) if formula else [outcome, *background]
    named = Columns(names[0], school, pupils, known, standard_error, weights, published_expected, published_deviation)
    if len(names) < 2 or len(set(names)) < len(names):
        raise ContractError(f"{NAME} needs an outcome and columns of the intake, each once.")
    need_columns(schools, [*names, *named.needed, published_expected, published_deviation], NAME)
    enough, left_out = left_in(schools, named.pupils, fewest_pupils, named.known, least_known)
    used = complete(enough, [*names, *named.needed], NAME, school=school, left_out=left_out)
    if used.frame[school].duplicated().any():
        raise ContractError(f"{NAME}: a school stands in two rows. Take one school year at a time, or each school's mean.")
    basis = replace(used.basis, pupils=int(used.frame[pupils].sum()) if pupils else None)
    if not len(used):
        reason = "no_outcome" if schools[names[0]].isna().all() else "too_few_schools"
        return Finding.nothing(NAME, names[0], reason, basis, confidence=confidence)
    y, matrix, terms = _matrix(used.frame, names, formula)
    if reason := _why_not(y, matrix):
        return Finding.nothing(NAME, names[0], reason, basis, confidence=confidence)
    fit = regress(y, matrix, above_nought(used.frame, weights) if weights else None)
    if not fit.squares_left > 1e-18 * float(fit.weights @ np.square(y - y.mean())):
        return Finding.nothing(NAME, names[0], "exact_fit", basis, confidence=confidence)
    return _finding(used.frame, named, fit, terms, basis, confidence)


def of_municipality(town: MunicipalRows) -> list[Finding]:
    """Final results against what intake lets one expect: the newest school year, and all years together."""
    findings = []
    for intake in intakes(town):
        found = expected_results(
            intake.schools,
            "outcome",
            intake.background,
            pupils="pupils",
            known="known",
            standard_error="standard_error" if intake.schools["standard_error"].notna().all() else "",
            published_deviation="published_deviation" if intake.same_scale else "",
            confidence=town.confidence,
        )
        findings.append(intake.told(found, town.outcome))
    return findings


def _matrix(frame: pd.DataFrame, names: Sequence[str], formula: str) -> tuple[Floats, Floats, list[str]]:
    if formula:
        y, blocks = blocks_of_formula(formula, frame, NAME)
    else:
        y, blocks = numbers_of(frame, names[0], NAME), {name: block_of(frame, name, NAME) for name in names[1:]}
    columns = np.column_stack([np.ones(len(y)), *(block.columns for block in blocks.values())])
    return y, columns, ["intercept", *(term for block in blocks.values() for term in block.terms)]


def _why_not(y: Floats, matrix: Floats) -> str:
    """Why no formula can be made of these schools; empty when one can."""
    if len(y) < matrix.shape[1] + FEWEST_BEYOND:
        return "too_few_schools"
    if not np.ptp(y) > 0:
        return "same_outcome"
    spread = np.linalg.norm(matrix - matrix.mean(axis=0), axis=0)[1:]
    if (spread <= NOTHING_LEFT * np.linalg.norm(matrix, axis=0)[1:]).any():
        return "no_variation"
    return "" if own_direction(matrix).all() else "terms_coincide"


def _finding(
    frame: pd.DataFrame, named: Columns, fit: Regression, terms: Sequence[str], basis: Basis, confidence: float
) -> Finding:
    held = Held.of(frame, named, fit, confidence)
    tables = {"schools": held.schools(), "formula": formula_of(fit, terms, confidence)}
    numbers = {
        "r_squared": fit.r_squared,
        "adjusted_r_squared": fit.adjusted_r_squared,
        "residual_deviation": fit.residual_deviation,
        "between_deviation": float(np.sqrt(fit.between_variance(held.chance))),
    }
    tables, numbers = beside_published(tables, numbers, frame, named, fit, terms, confidence)
    estimates = estimates_frame([*coefficients(fit, terms, basis, confidence), *held.deviations(basis)])
    p = estimates["p"].to_numpy()
    estimates["p_adjusted"], _ = benjamini_hochberg(p, np.zeros(len(p), dtype=np.int64))
    numbers["tests"] = float(np.isfinite(p).sum())
    weighed = f"schools weighted by {named.weights}" if named.weights else "schools weighted alike"
    chance = "; prediction intervals with each school's own chance" if named.standard_error else ""
    return Finding(
        NAME,
        named.outcome,
        Claim.DIFFERS,
        estimates,
        basis,
        checks_of(held, basis, int(numbers["tests"])),
        CANNOT_TELL,
        tables,
        numbers,
        f"least squares on schools, {weighed}; HC3 standard errors; deviations held against the others' formula{chance}",
        confidence=confidence,
    )
