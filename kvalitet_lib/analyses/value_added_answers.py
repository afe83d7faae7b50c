"""What a fitted value-added model answers besides its tables: numbers by name, doubts, and a bootstrap."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kvalitet_lib.analyses import school_checks as doubt
from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.checks import enough_schools, little_missing, one_family
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.rows import Floats
from kvalitet_lib.analyses.school_model import SchoolModel
from kvalitet_lib.analyses.school_rows import SchoolRows
from kvalitet_lib.analyses.value_added_levels import ANALYSIS, slope_needed
from kvalitet_lib.analyses.value_added_rows import Asked
from kvalitet_lib.statistics.random_intercept import RandomIntercept
from kvalitet_lib.statistics.random_intercept_bootstrap import bootstrap

ONE_SLOPE = 0.05  # a smaller p says that one number per school does not say it all; the usual level
MOVED = 0.5  # standard errors by which the correction may move a school before it matters; own rule
FEWEST_VALUES = 3  # of a factor whose slope may vary: with two it is a group, not an amount


def method_of(wanted: Asked) -> str:
    """What was done, as a statistician would name it."""
    fitted = {"reml": "restricted maximum likelihood", "ml": "maximum likelihood"}[wanted.method]
    how = "exact, from sums per school" if wanted.is_simple else "profiled, levels eliminated"
    share = (
        "exact interval of the intraclass correlation (Harville and Fenech 1985)"
        if wanted.is_simple
        else ("interval of the intraclass correlation from the curvature of the likelihood, on the scale of the cube root")
    )
    corrected = "; beside it a corrected score for measurement error, jackknife over schools" if wanted.reliability else ""
    return (
        f"Linear mixed model: {wanted.kind}; {fitted} ({how}); Satterthwaite's degrees of freedom; {share}; best linear unbiased "
        "predictors with prediction errors; ranks by simulation (Leckie and Goldstein 2009); Benjamini-Hochberg over schools"
        f"{corrected}"
    )


def numbers_of_model(wanted: Asked, model: SchoolModel) -> dict[str, float]:
    """Variances and likelihood by name."""
    school = wanted.school
    found = {
        "log_likelihood": model.log_likelihood,
        "icc": model.alike,
        "icc_lower": model.alike_lower,
        "icc_upper": model.alike_upper,
        "p_schools": model.p,
        "school_variance": model.variance(school),
        "school_sd": float(np.sqrt(model.variance(school))),
        "residual_variance": model.variance("rest"),
    }
    for one in model.variances.itertuples():
        name = f"covariance[{one.level}:{one.term}:{one.with_term}]" if one.with_term else f"variance[{one.level}:{one.term}]"
        found[name] = float(one.variance)
    if len(slopes := wanted.slopes.get(school, ())) == 1:
        found["school_slope_variance"] = model.variance(school, slopes[0])
        found["school_slope_covariance"] = model.variance(school, "Intercept", slopes[0])
    if len(wanted.second) == 1 and not wanted.weights:
        found["second_school_variance"] = model.variance(wanted.second[0])
    return found


def checks_of(
    rows: pd.DataFrame,
    used: SchoolRows,
    model: SchoolModel,
    wanted: Asked,
    formula: str,
    n: Floats,
    numbers: Mapping[str, float],
    repeated: int,
) -> list[Check]:
    """All doubts but that of one slope."""
    found = [
        enough_schools(len(n)),
        little_missing(used.basis),
        doubt.lost_are_alike(rows, used, formula, ANALYSIS, wanted.school),
        doubt.converged(model),
        doubt.variance_found(model),
        doubt.outcome_is_amount(used.design.outcome),
        doubt.room_at_the_ends(used.design.outcome),
        doubt.no_few_decide(model),
        doubt.evenly_spread(used, model),
        doubt.small_schools(n),
        doubt.pairs_apart(numbers["pairs_apart"]),
        one_family(len(n)),
        *_reliability(wanted, numbers),
    ]
    if flat := [level for level in model.at_boundary if level != wanted.school or model.alike > 0]:
        found.append(Check("value_added_level_flat", False, Claim.GOES_WITH, about=", ".join(flat)))
    if repeated:
        found.append(Check("value_added_labels", None, Claim.GOES_WITH, repeated, about=", ".join(wanted.inner)))
    return found


def _reliability(wanted: Asked, numbers: Mapping[str, float]) -> list[Check]:
    """Whether somebody said how reliable the earlier result is, and how much it matters."""
    if not wanted.reliability:
        return [Check("value_added_reliability", False, Claim.GOES_WITH)]
    moved = numbers["most_moved"]
    named = ", ".join(f"{name} {share:g}" for name, share in wanted.reliability.items())
    return [
        Check("value_added_reliability", True, Claim.GOES_WITH, min(wanted.reliability.values()), about=named),
        Check("value_added_correction", bool(moved <= MOVED), Claim.GOES_WITH, moved, MOVED),
    ]


def one_slope(used: SchoolRows, model: SchoolModel, wanted: Asked) -> Check | None:
    """Whether one number per school says it all, or schools differ more for some pupils than for others.

    The slope tested is that of the factor with a stated reliability, else of the amount that tells most of the outcome.
    """
    if model.simple is None or model.alike <= 0:
        return None
    matrix, terms = used.design.matrix, used.design.terms
    amounts = [
        name for at, name in enumerate(terms) if name in wanted.reliability or len(np.unique(matrix[:, at])) >= FEWEST_VALUES
    ]
    if not amounts:
        return None
    strength = np.abs(model.coefficients / model.standard_errors)
    column = max(amounts, key=lambda name: (name in wanted.reliability, strength[terms.index(name)]))
    p = slope_needed(used, model, column, wanted.method == "reml")
    return Check("value_added_one_slope", None if np.isnan(p) else bool(p >= ONE_SLOPE), Claim.GOES_WITH, p, ONE_SLOPE, column)


def bootstrapped(used: SchoolRows, fit: RandomIntercept, replicates: int, seed: int, confidence: float) -> pd.DataFrame:
    """Percentile intervals of a parametric bootstrap: ``term, estimate, standard_error, lower, upper, replicates``."""
    drawn = bootstrap(fit, replicates, seed)
    parts = {
        "icc": (fit.alike, drawn.alike),
        "school_variance": (fit.between_variance, drawn.between_variance),
        "residual_variance": (fit.within_variance, drawn.within_variance),
        **{name: (fit.coefficients[at], drawn.coefficients[:, at]) for at, name in enumerate(used.design.terms)},
    }
    tail = (1 - confidence) / 2
    return pd.DataFrame(
        [
            (name, float(estimate), float(values.std(ddof=1)), *np.quantile(values, [tail, 1 - tail]), len(values))
            for name, (estimate, values) in parts.items()
        ],
        columns=["term", "estimate", "standard_error", "lower", "upper", "replicates"],
    )
