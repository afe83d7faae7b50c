"""Value added once more, with what measurement error in earlier results hides put back; beside the plain run, never instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from kvalitet_lib.analyses.rows import Floats
from kvalitet_lib.analyses.school_model import SchoolModel
from kvalitet_lib.analyses.school_rows import SchoolRows
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.measurement_error import Corrected, corrected_random_intercept, errors_in_variables

ANALYSIS = "value_added"


@dataclass(frozen=True, repr=False)
class CorrectedRun:
    """What the corrected run says.

    Attributes
    ----------
    table : DataFrame
        ``term, plain, plain_standard_error, corrected, corrected_standard_error, corrected_lower, corrected_upper,
        corrected_without_schools``.
    effects : ndarray, shape (J,)
        Schools' shrunken effects.
    moved : float
        Largest change of a school's effect, in standard errors of the plain run.
    numbers : mapping of str to float
    """

    table: pd.DataFrame
    effects: Floats
    moved: float
    numbers: Mapping[str, float]


def corrected_run(rows: SchoolRows, model: SchoolModel, reliability: Mapping[str, float], confidence: float) -> CorrectedRun:
    """Fit the model with one intercept per school again, corrected for error in some terms.

    The last column of the table leaves the schools out, as errors-in-variables regression does on its own.

    Raises
    ------
    ContractError
        A column named is no term of its own, stands in other terms too, or is said to be less reliable than the data allow.
    """
    terms = rows.design.terms
    shares = np.array([reliability.get(name, 1.0) for name in terms])
    for name in reliability:
        if name not in terms:
            raise ContractError(f"{ANALYSIS}: {name!r} has a reliability but is no term of the formula: {', '.join(terms)}.")
        if also := [term for term in terms if term != name and name in _words(term)]:
            raise ContractError(
                f"{ANALYSIS} corrects {name!r} as a straight line only, and it stands in {also[0]!r} too. Leave that term out, "
                "or the reliability."
            )
    outcome, matrix = rows.design.outcome, rows.design.matrix
    try:
        fit = corrected_random_intercept(outcome, matrix, rows.code, shares)
        without = errors_in_variables(outcome, matrix, shares)
    except ValueError as wrong:
        named = ", ".join(f"{name} {share:g}" for name, share in reliability.items())
        raise ContractError(
            f"{ANALYSIS} cannot correct for a reliability of {named}: so much error would leave nothing of the factor. "
            "State a higher one."
        ) from wrong
    error = np.where(model.standard_error > 0, model.standard_error, np.nan)
    moved = np.abs(fit.effects - model.effects) / error
    return CorrectedRun(
        _table(terms, model, fit, without, confidence),
        fit.effects,
        float(np.nanmax(moved)) if np.isfinite(moved).any() else float("nan"),
        {
            "school_variance_corrected": fit.between_variance,
            "residual_variance_corrected": fit.within_variance,
            "icc_corrected": fit.ratio / (1 + fit.ratio),
            "most_moved": float(np.nanmax(moved)) if np.isfinite(moved).any() else float("nan"),
        },
    )


def _words(term: str) -> set[str]:
    return set("".join(one if one.isalnum() or one == "_" else " " for one in term).split())


def _table(terms: tuple[str, ...], model: SchoolModel, fit: Corrected, without: Floats, confidence: float) -> pd.DataFrame:
    reach = stats.t.ppf((1 + confidence) / 2, fit.freedom) * fit.standard_errors
    return pd.DataFrame(
        {
            "term": terms,
            "plain": model.coefficients,
            "plain_standard_error": model.standard_errors,
            "corrected": fit.coefficients,
            "corrected_standard_error": fit.standard_errors,
            "corrected_lower": fit.coefficients - reach,
            "corrected_upper": fit.coefficients + reach,
            "corrected_without_schools": without,
        }
    )
