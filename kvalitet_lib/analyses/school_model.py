"""A fitted model of schools in the form that tables, checks and findings read, whichever way it was fitted."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import stats

from kvalitet_lib.analyses.rows import Floats
from kvalitet_lib.analyses.school_rows import SchoolRows
from kvalitet_lib.statistics.group_effects import effect_errors
from kvalitet_lib.statistics.group_sums import GroupSums, group_sums
from kvalitet_lib.statistics.random_intercept import RandomIntercept, fit_random_intercept
from kvalitet_lib.statistics.variance_ratio import between_groups_p, ratio_quantiles

NOTHING_LEFT = 1e-12  # share of the outcome's variance; less is rounding


@dataclass(frozen=True, repr=False)
class SchoolModel:
    """Schools' effects, what lies between them, and the factors held equal.

    Attributes
    ----------
    coefficients, standard_errors, freedom : ndarray, shape (k,)
        Of the design's terms; ``freedom`` by Satterthwaite.
    variances : DataFrame
        ``level, term, with_term, variance, lower, upper``: ``with_term`` is filled where the row is a covariance; level
        ``rest`` is what is left between pupils.
    alike, alike_lower, alike_upper : float
        Intraclass correlation: the share of the variance that lies between schools, 0-1.
    p : float
        Of schools that do not differ at all.
    raw, effects, conditional_sd, standard_error : ndarray, shape (J,)
        Mean residual of each school, what is left of it when it is drawn towards 0, and how sure that is.
    residual : ndarray, shape (n,)
        What neither factors nor levels explain.
    log_likelihood : float
    converged : bool
    at_boundary : tuple of str
        Levels whose variance is 0, or whose effects go together wholly.
    """

    coefficients: Floats
    standard_errors: Floats
    freedom: Floats
    variances: pd.DataFrame
    alike: float
    alike_lower: float
    alike_upper: float
    p: float
    raw: Floats
    effects: Floats
    conditional_sd: Floats
    standard_error: Floats
    residual: Floats
    log_likelihood: float
    converged: bool
    at_boundary: tuple[str, ...] = ()
    slopes: pd.DataFrame = field(default_factory=pd.DataFrame)
    simple: RandomIntercept | None = None

    def variance(self, level: str, term: str = "Intercept", with_term: str = "") -> float:
        """One variance, or covariance."""
        rows = self.variances
        found = rows[rows["level"].eq(level) & rows["term"].eq(term) & rows["with_term"].eq(with_term)]
        return float(found["variance"].iloc[0])


def why_not(sums: GroupSums) -> str:
    """Why no spread between schools can be estimated from these sums; empty when it can."""
    if sums.residual_freedom < 1:
        return "too_few_rows"
    if sums.between_freedom < 1:
        return "terms_coincide"
    total = float(sums.within_yy + (sums.n * (sums.y - sums.y @ sums.n / sums.persons) ** 2).sum())
    return "schools_nothing_left" if float(sums.within_residual) <= NOTHING_LEFT * total else ""


def simple_model(rows: SchoolRows, level: str, reml: bool, confidence: float) -> SchoolModel | str:
    """One random intercept for each school, or why there is no answer."""
    design = rows.design
    sums = group_sums(design.outcome, design.matrix, rows.code)
    if reason := why_not(sums):
        return reason
    fit = fit_random_intercept(sums, reml)
    tail = (1 - confidence) / 2
    low, high = ratio_quantiles(sums, [tail, 1 - tail])
    square = float(sums.within_residual)
    variances = [
        (level, "Intercept", "", fit.between_variance, low * fit.within_variance, high * fit.within_variance),
        ("rest", "Intercept", "", fit.within_variance, *(square / stats.chi2.isf([tail, 1 - tail], sums.residual_freedom))),
    ]
    return SchoolModel(
        coefficients=fit.coefficients,
        standard_errors=fit.standard_errors,
        freedom=fit.freedom,
        variances=variances_frame(variances),
        alike=fit.alike,
        alike_lower=float(low / (1 + low)),
        alike_upper=float(high / (1 + high)),
        p=between_groups_p(sums),
        raw=fit.residual_means,
        effects=fit.effects,
        conditional_sd=fit.conditional_sd,
        standard_error=effect_errors(fit),
        residual=design.outcome - design.matrix @ fit.coefficients - fit.effects[rows.code],
        log_likelihood=fit.log_likelihood,
        converged=fit.converged,
        at_boundary=() if fit.ratio > 0 else (level,),
        simple=fit,
    )


def variances_frame(rows: list[tuple[str, str, str, float, float, float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["level", "term", "with_term", "variance", "lower", "upper"])


def school_estimates(rows: SchoolRows, model: SchoolModel, level: str, group: str = "") -> list[dict[str, object]]:
    """The estimates that the claim rests on: how far schools lie apart, and what share of all that is left that is.

    Term ``school`` is the standard deviation between schools in the outcome's unit, ``icc`` the intraclass correlation, 0-1;
    both with the p-value of schools that do not differ at all.
    """
    here = model.variances["level"].eq(level) & model.variances["term"].eq("Intercept") & model.variances["with_term"].eq("")
    spread = np.sqrt(model.variances.loc[here, ["variance", "lower", "upper"]].to_numpy()[0])
    share = (model.alike, model.alike_lower, model.alike_upper)
    common = {"group": group, "null": 0.0, "p": model.p, "n": len(rows.frame), "missing": rows.basis.missing}
    return [
        {"term": term, "estimate": estimate, "lower": lower, "upper": upper, **common}
        for term, (estimate, lower, upper) in (("school", spread), ("icc", share))
    ]


def coefficient_rows(rows: SchoolRows, model: SchoolModel, confidence: float, group: str = "") -> list[dict[str, object]]:
    """Estimates of the factors held equal. They adjust and claim nothing, so their ``null`` is empty.

    A coefficient of a model built to compare schools is adjusted for what that comparison needs, not for what its own
    reading as an association would need.

    References
    ----------
    Westreich, D. & Greenland, S. (2013). The table 2 fallacy: presenting and interpreting confounder and modifier
    coefficients. Am. J. Epidemiol. 177(4), 292-298.
    """
    reach = stats.t.ppf((1 + confidence) / 2, model.freedom) * model.standard_errors
    return [
        {
            "term": name,
            "group": group,
            "estimate": model.coefficients[at],
            "standard_error": model.standard_errors[at],
            "lower": model.coefficients[at] - reach[at],
            "upper": model.coefficients[at] + reach[at],
            "n": len(rows.frame),
            "missing": rows.basis.missing,
            "freedom": model.freedom[at],
        }
        for at, name in enumerate(rows.design.terms)
    ]


def variance_rows(rows: SchoolRows, model: SchoolModel) -> list[dict[str, object]]:
    """Estimates of variances and covariances; they describe."""
    told = []
    for one in model.variances.itertuples():
        kind = "covariance" if one.with_term else "variance"
        name = "" if one.term == "Intercept" and not one.with_term else f"{one.term}:{one.with_term}".rstrip(":")
        told.append(
            {
                "term": kind,
                "group": f"{one.level}:{name}".rstrip(":"),
                "estimate": one.variance,
                "lower": one.lower,
                "upper": one.upper,
                "n": len(rows.frame),
                "missing": rows.basis.missing,
            }
        )
    return told


def reach_of(confidence: float) -> tuple[float, float]:
    """How many standard errors an interval for one school reaches, and one for comparing two: 1.96 and 1.39 at 95 %.

    Intervals of two equally sure schools that just do not touch are then told apart at the level asked for.

    References
    ----------
    Goldstein, H. & Healy, M. J. R. (1995). The graphical presentation of a collection of means.
    J. R. Stat. Soc. A 158(1), 175-177.
    """
    one = float(stats.norm.ppf((1 + confidence) / 2))
    return one, one / float(np.sqrt(2))
