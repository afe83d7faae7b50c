"""Schools held against a formula from intake: what is expected, how sure that is, and what agencies have published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.checks import enough_schools, little_missing, one_family
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.expected_schools import NAME
from kvalitet_lib.analyses.factor_columns import numbers_of
from kvalitet_lib.analyses.finding import Basis
from kvalitet_lib.analyses.rows import Floats
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.regression import Regression, regress

HEAVY = 0.5  # a school with this much say in its own expected value draws the formula to itself (Huber 1981)
MOSTLY = 0.5  # more of the deviations' variance than this from pupils' chance alone: they are mostly noise; own rule
DEVIATION = "deviation"


@dataclass(frozen=True)
class Columns:
    """Which column holds what; empty for what there is none of."""

    outcome: str
    school: str
    pupils: str = ""
    known: str = ""
    standard_error: str = ""
    weights: str = ""
    published_expected: str = ""
    published_deviation: str = ""

    @property
    def needed(self) -> list[str]:
        """Columns that must have a value; what an agency has published need not."""
        return [name for name in (self.school, self.pupils, self.known, self.standard_error, self.weights) if name]


def above_nought(frame: pd.DataFrame, column: str) -> Floats:
    values = numbers_of(frame, column, NAME)
    if not (values > 0).all():
        raise ContractError(f"{NAME}: {column!r} must lie above 0 for every school. Leave out the schools without pupils.")
    return values


@dataclass(frozen=True, repr=False)
class Held:
    """Schools held against a formula; all arrays have one value per school.

    ``chance`` is the known variance of a school's own result, 0 where there is none; ``left``, ``spread`` and ``freedom`` are
    actual less expected, its standard deviation and the degrees of freedom of that when the formula is made of the others.
    """

    frame: pd.DataFrame
    named: Columns
    fit: Regression
    chance: Floats
    n: Floats
    left: Floats
    spread: Floats
    freedom: Floats
    confidence: float

    @classmethod
    def of(cls, frame: pd.DataFrame, named: Columns, fit: Regression, confidence: float) -> Held:
        errors = above_nought(frame, named.standard_error) if named.standard_error else np.zeros(len(frame))
        n = numbers_of(frame, named.pupils, NAME) if named.pupils else np.full(len(frame), np.nan)
        return cls(frame, named, fit, errors**2, n, *fit.leave_one_out(errors**2), confidence)

    @property
    def noise(self) -> Floats:
        """Share of such a school's deviation that pupils' chance alone would bring about, of its variance, 0-1."""
        between = self.fit.between_variance(self.chance) / self.fit.weights
        return self.chance / (self.chance + between)

    def schools(self) -> pd.DataFrame:
        """One row is one school, in the order of the rows."""
        expected, (lower, upper) = self.fit.prediction(
            self.fit.matrix, self.chance, self.fit.weights, own_chance=self.chance, level=self.confidence
        )
        made = {
            "school": self.frame[self.named.school].astype(str).to_numpy(),
            "n": self.n,
            "actual": self.fit.outcome,
            "expected": expected,
            "expected_lower": lower,
            "expected_upper": upper,
            "deviation": self.fit.residuals,
            "studentised": self.left / self.spread,
            "leverage": self.fit.leverage,
        }
        if self.named.standard_error:
            margin = float(stats.norm.ppf((1 + self.confidence) / 2)) * np.sqrt(self.chance)
            made |= {
                "chance_lower": self.fit.residuals - margin,
                "chance_upper": self.fit.residuals + margin,
                "noise": self.noise,
                "shrunken": (1 - self.noise) * self.fit.residuals,
            }
        return pd.DataFrame(made)

    def deviations(self, basis: Basis) -> list[dict[str, Any]]:
        """Rows of the estimates: each school's deviation, told from none when the others' formula would not have it."""
        # What a school adds to its own expected value it takes from its deviation, and from the deviation's spread alike.
        error = self.spread * (1 - self.fit.leverage)
        margin = stats.t.ppf((1 + self.confidence) / 2, self.freedom) * error
        p = 2 * stats.t.sf(np.abs(self.left / self.spread), self.freedom)
        return [
            {
                "term": DEVIATION,
                "group": str(self.frame[self.named.school].iloc[at]),
                "estimate": self.fit.residuals[at],
                "standard_error": error[at],
                "lower": self.fit.residuals[at] - margin[at],
                "upper": self.fit.residuals[at] + margin[at],
                "null": 0.0 if np.isfinite(error[at]) else np.nan,
                "p": p[at],
                "n": self.n[at],
                "missing": basis.missing,
            }
            for at in range(len(self.frame))
        ]


def coefficients(fit: Regression, terms: Sequence[str], basis: Basis, confidence: float) -> list[dict[str, Any]]:
    """Rows of the estimates: the formula's coefficients, which describe and claim nothing."""
    table = formula_of(fit, terms, confidence)
    return [
        {
            "term": row.term,
            "estimate": row.estimate,
            "standard_error": row.standard_error,
            "lower": row.lower,
            "upper": row.upper,
            "n": basis.rows,
            "missing": basis.missing,
        }
        for row in table.itertuples()
    ]


def formula_of(fit: Regression, terms: Sequence[str], confidence: float) -> pd.DataFrame:
    """``term, estimate, standard_error`` (HC3) with its interval and p, and ``ordinary_error``."""
    error, ordinary = (np.sqrt(np.diag(fit.covariance(kind))) for kind in ("hc3", "ordinary"))
    error = np.where(error > 0, error, np.nan)
    margin = float(stats.t.ppf((1 + confidence) / 2, fit.freedom)) * error
    return pd.DataFrame(
        {
            "term": list(terms),
            "estimate": fit.coefficients,
            "standard_error": error,
            "lower": fit.coefficients - margin,
            "upper": fit.coefficients + margin,
            "p": 2 * stats.t.sf(np.abs(fit.coefficients) / error, fit.freedom),
            "ordinary_error": ordinary,
        }
    )


def beside_published(
    tables: dict[str, pd.DataFrame],
    numbers: dict[str, float],
    frame: pd.DataFrame,
    named: Columns,
    fit: Regression,
    terms: Sequence[str],
    confidence: float,
) -> tuple[dict[str, pd.DataFrame], dict[str, float]]:
    """What an agency has published beside ours, and its own formula as far as it can be read from what it has published."""
    schools, more = tables["schools"], dict(tables)
    expected, deviation = (
        numbers_of(frame, name, NAME) if name else np.full(len(frame), np.nan)
        for name in (named.published_expected, named.published_deviation)
    )
    if named.published_expected:
        schools = schools.assign(published_expected=expected)
        there = np.isfinite(expected)
        if there.sum() > fit.matrix.shape[1] and np.linalg.matrix_rank(fit.matrix[there]) == fit.matrix.shape[1]:
            theirs = regress(expected[there], fit.matrix[there])
            more["published_formula"] = formula_of(theirs, terms, confidence)
            numbers |= {"published_r_squared": theirs.r_squared, "published_residual_deviation": theirs.residual_deviation}
    if named.published_expected and not named.published_deviation:
        deviation = fit.outcome - expected
    if named.published_expected or named.published_deviation:
        apart = fit.residuals - deviation
        schools = schools.assign(published_deviation=deviation, difference=apart)
        both = np.isfinite(apart)
        if both.any():
            numbers["published_apart"] = float(np.abs(apart[both]).mean())
        if both.sum() > 2 and np.ptp(deviation[both]) > 0:
            numbers["published_correlation"] = float(np.corrcoef(fit.residuals[both], deviation[both])[0, 1])
    rounding = np.abs(fit.outcome - expected - deviation)
    if named.published_deviation and np.isfinite(rounding).any():
        numbers["published_rounding"] = float(np.nanmax(rounding))
    return more | {"schools": schools}, numbers


def checks_of(held: Held, basis: Basis, tests: int) -> tuple[Check, ...]:
    """The doubts about a formula of schools."""
    heaviest = int(np.argmax(held.fit.leverage))
    most = float(held.fit.leverage[heaviest])
    about = str(held.frame[held.named.school].iloc[heaviest])
    alone = bool(held.fit.alone.any())
    checks = [
        enough_schools(int(basis.schools or 0)),
        little_missing(basis),
        Check("expected_no_school_decides", most <= HEAVY, Claim.NOTHING if alone else Claim.DIFFERS, most, HEAVY, about),
    ]
    if held.named.standard_error:
        noise = float(np.median(held.noise))
        checks.append(Check("expected_more_than_chance", noise <= MOSTLY, Claim.DIFFERS, noise, MOSTLY))
    else:
        checks.append(Check("expected_size_unknown", None, Claim.DIFFERS))
    return (*checks, one_family(tests))
