"""How much lies between schools? Before and after pupils' background is held equal, with each school's raw and shrunken value."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from kvalitet_lib.analyses import school_checks as doubt
from kvalitet_lib.analyses.checks import enough_schools, little_missing, one_family
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.analyses.municipal_rows import MunicipalRows
from kvalitet_lib.analyses.rows import variables_of
from kvalitet_lib.analyses.school_model import SchoolModel, coefficient_rows, school_estimates, simple_model, variance_rows
from kvalitet_lib.analyses.school_rows import SchoolRows, school_rows
from kvalitet_lib.analyses.school_table import numbers_of, school_table
from kvalitet_lib.errors import ContractError

ANALYSIS = "school_differences"
NULL, ADJUSTED = "null", "adjusted"
BACKGROUND = ["girl", "parents_education", "newly_arrived", "second_language"]
FACTORS = {"parents_education": "C(parents_education)"}
CANNOT_TELL = ("why", "school_differences_quality", "value_added_ranks", "unmeasured", "single_pupil")
METHOD = (
    "Random intercept of the school, restricted maximum likelihood (exact, from sums per school); exact interval of the "
    "intraclass correlation and F test (Harville and Fenech 1985); Satterthwaite's degrees of freedom; best linear unbiased "
    "predictors with prediction errors; ranks by simulation (Leckie and Goldstein 2009); Benjamini-Hochberg over schools"
)


def school_differences(
    rows: pd.DataFrame,
    formula_or_outcome: str,
    *,
    school: str = "school",
    pupil: str = "",
    school_year: str = "",
    draws: int = 20_000,
    seed: int = 1,
    confidence: float = 0.95,
) -> Finding:
    """How much of the differences between pupils lies between schools, as they are and with background held equal.

    Parameters
    ----------
    rows : DataFrame
        One row is one pupil.
    formula_or_outcome : str
        A column, or a formula such as ``"points ~ C(education) + newly_arrived"``: then a second model holds the factors
        equal. Both models rest on the same rows, those with all factors.
    school, pupil, school_year : str
        Columns.
    draws, seed : int
        Of the simulation of ranks; at most so many, fewer with more than 200 schools.
    confidence : float

    Returns
    -------
    Finding
        ``estimates``, group ``null`` and, with factors, ``adjusted``: ``school`` (standard deviation between schools, in the
        outcome's unit), ``icc`` (intraclass correlation: the share of the variance that lies between schools, 0-1), both with
        an exact interval and the p of schools that do not differ; each term; and each ``variance``, group ``null:school`` and
        the like. ``tables``: ``schools`` (:func:`school_table` of the null model: ``raw`` is the school's mean, ``shrunken``
        the mean drawn towards that of all) and, with factors, ``schools_adjusted`` (distances from what is expected).
        ``numbers``: ``icc``, ``icc_lower``, ``icc_upper``, ``school_sd``, ``school_variance``, ``residual_variance``,
        ``log_likelihood`` and ``p_schools`` of the null model, the same with ``adjusted_`` before them, ``explained`` (share of
        the variance between schools that goes with the factors), and those of :func:`numbers_of` for the null model.

    Raises
    ------
    ContractError
        A column is missing, or the formula cannot be used.

    References
    ----------
    Raudenbush, S. W. & Bryk, A. S. (2002). Hierarchical linear models. 2nd ed. Sage, chapter 4.
    Leckie, G. & Goldstein, H. (2009). The limitations of using school league tables to inform school choice.
    J. R. Stat. Soc. A 172(4), 835-851.
    """
    if not 0 < confidence < 1:
        raise ContractError(f"{ANALYSIS}: confidence lies between 0 and 1, e.g. 0.95; it is {confidence}.")
    formula = formula_or_outcome if "~" in formula_or_outcome else f"`{formula_or_outcome}` ~ 1"
    used = school_rows(rows, formula, ANALYSIS, school=school, pupil=pupil, school_year=school_year)
    more: dict[str, Any] = {"confidence": confidence, "method": METHOD}
    if used.reason:
        return Finding.nothing(ANALYSIS, used.outcome, used.reason, used.basis, **more)
    bare = replace(used, design=replace(used.design, matrix=np.ones((len(used.frame), 1)), terms=("Intercept",)))
    factors = variables_of(formula, ANALYSIS)[1:]
    models: dict[str, SchoolModel] = {}
    for name, part in {NULL: bare, ADJUSTED: used}.items() if factors else [(NULL, bare)]:
        model = simple_model(part, school, True, confidence)
        if isinstance(model, str) or not model.converged:
            reason = model if isinstance(model, str) else "not_converged"
            return Finding.nothing(ANALYSIS, used.outcome, reason, used.basis, **more)
        models[name] = model
    null = models[NULL]
    n = np.bincount(used.code).astype(np.float64)
    # Raw and shrunken means are told in the outcome's own unit: distances, with the level of all added.
    level = float(null.coefficients[0])
    table = school_table(null, used.schools, n, draws=draws, seed=seed, confidence=confidence, centre=level)
    tables = {"schools": table}
    numbers = _numbers(null, school, "") | numbers_of(table, confidence)
    if factors:
        tables["schools_adjusted"] = school_table(
            models[ADJUSTED], used.schools, n, draws=draws, seed=seed, confidence=confidence
        )
        numbers |= _numbers(models[ADJUSTED], school, "adjusted_")
        before = numbers["school_variance"]
        numbers["explained"] = 1 - numbers["adjusted_school_variance"] / before if before > 0 else float("nan")
    checks = [
        enough_schools(len(n)),
        little_missing(used.basis),
        doubt.lost_are_alike(rows, used, formula, ANALYSIS, school),
        doubt.variance_found(null),
        doubt.outcome_is_amount(used.design.outcome),
        doubt.room_at_the_ends(used.design.outcome),
        doubt.no_few_decide(null),
        doubt.small_schools(n),
        doubt.pairs_apart(numbers["pairs_apart"]),
        one_family(len(n)),
    ]
    estimates = _estimates(NULL, bare, null, school, confidence)
    if factors:
        estimates += _estimates(ADJUSTED, used, models[ADJUSTED], school, confidence)
    found = pd.DataFrame(estimates)
    return Finding(ANALYSIS, used.outcome, Claim.DIFFERS, found, used.basis, tuple(checks), CANNOT_TELL, tables, numbers, **more)


def _estimates(name: str, part: SchoolRows, model: SchoolModel, school: str, confidence: float) -> list[dict[str, object]]:
    variances = [one | {"group": f"{name}:{one['group']}"} for one in variance_rows(part, model)]
    return [*school_estimates(part, model, school, name), *coefficient_rows(part, model, confidence, name), *variances]


def _numbers(model: SchoolModel, school: str, before: str) -> dict[str, float]:
    found = {
        "icc": model.alike,
        "icc_lower": model.alike_lower,
        "icc_upper": model.alike_upper,
        "school_variance": model.variance(school),
        "school_sd": float(np.sqrt(model.variance(school))),
        "residual_variance": model.variance("rest"),
        "log_likelihood": model.log_likelihood,
        "p_schools": model.p,
    }
    return {f"{before}{name}": value for name, value in found.items()}


def of_municipality(town: MunicipalRows) -> list[Finding]:
    """Differences between schools in every measure of results, in the newest school year that has it."""
    return [_of_measure(town, measure) for measure in sorted(town.results["measure"].unique())]


def _of_measure(town: MunicipalRows, measure: str) -> Finding:
    results = town.results[town.results["measure"].eq(measure)]
    newest = results["school_year"].max()
    here = results.loc[results["school_year"].eq(newest), ["pupil", "school", "school_year", "value"]]
    background = town.pupils[["pupil", "school_year", *BACKGROUND]]
    rows = here.merge(background, on=["pupil", "school_year"], how="left")
    factors = [FACTORS.get(name, name) for name in BACKGROUND if rows[name].nunique() > 1]
    asked = " ~ ".join(["value", " + ".join(factors)]) if factors else "value"
    finding = school_differences(rows, asked, pupil="pupil", school_year="school_year", confidence=town.confidence)
    return replace(finding, outcome=measure, about={"measure": measure, "school_year": newest})
