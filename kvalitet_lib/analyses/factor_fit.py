"""One factor's coefficients, within and between schools, with others held equal and standard errors that know of schools."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from kvalitet_lib.analyses.factor_columns import Block, own_direction, within_and_between
from kvalitet_lib.analyses.rows import Floats
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics import clusters, regression
from kvalitet_lib.statistics.group_sums import group_sums
from kvalitet_lib.statistics.random_intercept import fit_random_intercept
from kvalitet_lib.statistics.wild_bootstrap import wild_bootstrap

BY_SCHOOL = ("cr2", "cluster", "multilevel", "wild")
BY_ROW = ("hc3", "ordinary")
FEWEST_FREEDOM = 4.0  # below this the t test of a CR2 standard error cannot be trusted (Pustejovsky & Tipton 2018)
Part = tuple[str, str]  # a term and within, between or nothing


@dataclass(frozen=True, repr=False)
class Question:
    """What is asked: the outcome (n,), a factor, what is held equal, and each row's school and year, numbered from 0.

    ``school`` is None where rows belong to no school, ``year`` where there is only one.
    """

    outcome: Floats
    factor: Block
    held: Mapping[str, Block]
    school: NDArray[np.int64] | None = None
    year: NDArray[np.int64] | None = None
    within_between: bool = True
    standard_errors: str = "cr2"
    confidence: float = 0.95

    @property
    def split(self) -> bool:
        return self.within_between and self.school is not None


@dataclass(frozen=True, repr=False)
class Design:
    """Columns of a fit: those that are held equal first, then the factor's.

    ``parts`` names the factor's columns that can be told apart, ``mixed`` those that others already say, ``flat`` those that
    do not vary.
    """

    matrix: Floats
    names: tuple[Part, ...]
    parts: tuple[Part, ...]
    mixed: tuple[Part, ...]
    flat: tuple[Part, ...]

    @property
    def held(self) -> int:
        return len(self.names) - len(self.parts)


@dataclass(frozen=True)
class Coefficient:
    """One coefficient with its interval; ``ordinary_error`` and ``ordinary_freedom`` are those of plain least squares on what
    the coefficient rests on: pupils about their schools' means, schools' means, or all rows.
    """

    term: str
    part: str
    estimate: float
    standard_error: float
    freedom: float
    lower: float
    upper: float
    p: float
    ordinary_error: float = math.nan
    ordinary_freedom: float = math.nan
    deviation: float = math.nan
    lowest: float = math.nan
    highest: float = math.nan


@dataclass(frozen=True, repr=False)
class Fit:
    """What came of a question: coefficients of the factor and of all the rest, or the reason why there are none."""

    factor: tuple[Coefficient, ...] = ()
    held: tuple[Coefficient, ...] = ()
    differences: tuple[Coefficient, ...] = ()
    mixed: tuple[Part, ...] = ()
    r_squared: float = math.nan
    residual_deviation: float = math.nan
    reason: str = ""
    few: Mapping[Part, float] = field(default_factory=dict)


@dataclass(frozen=True, repr=False)
class _Solved:
    """Coefficients, their covariance, and degrees of freedom of any combination of them."""

    coefficients: Floats
    covariance: Floats
    freedom: Callable[[Floats], float]
    bootstrap: Callable[[int], tuple[float, float, float]] | None = None


def fit(question: Question) -> Fit:
    """Answer a question.

    Raises
    ------
    ContractError
        There is no such standard error.
    """
    allowed = BY_ROW if question.school is None else (*BY_SCHOOL, *BY_ROW)
    if question.standard_errors not in allowed:
        raise ContractError(
            f"There are no standard errors {question.standard_errors!r} here. Choose one of: {', '.join(allowed)}."
        )
    y = question.outcome
    if not np.ptp(y) > 0:
        return Fit(reason="same_outcome")
    asked = question.factor.columns.shape[1] + sum(block.columns.shape[1] for block in question.held.values())
    if len(y) < asked + 3:
        return Fit(reason="too_few_rows")
    columns = design(question)
    if not columns.parts:
        return Fit(reason="terms_coincide" if columns.mixed else "no_variation", mixed=columns.mixed)
    if len(y) < columns.matrix.shape[1] + 2:
        return Fit(reason="too_few_rows")
    if question.school is not None and question.standard_errors in BY_SCHOOL and question.school.max() < 1:
        return Fit(reason="too_few_schools")
    plain = regression.regress(y, columns.matrix)
    if not plain.squares_left > 1e-18 * float(np.square(y - y.mean()).sum()):
        return Fit(reason="exact_fit")
    solved = _solve(question, columns, plain)
    if solved is None:
        return Fit(reason="not_converged")
    return _told(question, columns, plain, solved)


def design(question: Question) -> Design:
    """The columns of a question: a one, years, what is held equal, and the factor last, each in its parts."""
    n = len(question.outcome)
    blocks = [*question.held.values(), question.factor]
    years = 0 if question.year is None else int(question.year.max())
    columns = [np.ones(n), *(np.asarray(question.year == year, dtype=float) for year in range(1, years + 1))]
    names: list[Part] = [("intercept", ""), *(("school_year", str(year)) for year in range(1, years + 1))]
    own: list[Part] = []
    for block in blocks:
        split = question.split and question.school is not None
        pieces = (
            dict(zip(("within", "between"), within_and_between(block.columns, question.school), strict=True))
            if split and question.school is not None
            else {"": block.columns - block.columns.mean(axis=0) if len(block.columns) else block.columns}
        )
        for part, piece in pieces.items():
            columns += list(piece.T)
            added = [(term, part) for term in block.terms]
            names += added
            own += added if block is question.factor else []
    matrix = np.column_stack(columns)
    varies = np.linalg.norm(matrix, axis=0) > 0
    telling = own_direction(matrix)
    of_factor = np.arange(len(names)) >= len(names) - len(own)
    kept = np.flatnonzero(telling)
    return Design(
        matrix[:, kept],
        tuple(names[at] for at in kept),
        tuple(names[at] for at in np.flatnonzero(telling & of_factor)),
        tuple(names[at] for at in np.flatnonzero(~telling & of_factor & varies)),
        tuple(names[at] for at in np.flatnonzero(~varies & of_factor)),
    )


def _solve(question: Question, columns: Design, plain: regression.Regression) -> _Solved | None:
    kind, school, y = question.standard_errors, question.school, question.outcome
    if kind in BY_ROW or school is None:
        chosen: regression.Kind = "ordinary" if kind == "ordinary" else "hc3"
        return _Solved(plain.coefficients, plain.covariance(chosen), lambda _: float(plain.freedom))
    if kind == "multilevel":
        try:
            found = fit_random_intercept(group_sums(y, columns.matrix, school))
        except ValueError:
            return None
        if not found.converged:
            return None
        each = found.freedom
        return _Solved(found.coefficients, found.covariance, lambda contrast: float(each[contrast != 0].min()))
    clustered = clusters.least_squares(y, columns.matrix)
    schools = int(school.max()) + 1
    if kind == "cr2":
        covariance = clusters.cluster_covariance(clustered, school, "CR2")
        return _Solved(clustered.coefficients, covariance, lambda contrast: clusters.satterthwaite(clustered, school, contrast))
    covariance = clusters.cluster_covariance(clustered, school, "CR1")

    def bootstrap(at: int) -> tuple[float, float, float]:
        others = np.delete(columns.matrix, at, axis=1)
        drawn = wild_bootstrap(y, columns.matrix[:, at], others, school, confidence=question.confidence)
        return drawn.lower, drawn.upper, drawn.p

    return _Solved(clustered.coefficients, covariance, lambda _: schools - 1.0, bootstrap if kind == "wild" else None)


def _told(question: Question, columns: Design, plain: regression.Regression, solved: _Solved) -> Fit:
    ordinary = _ordinary(question, columns, plain)
    lowest, highest = _without_one_school(question, columns)
    factor, held, few = [], [], {}
    for at, (term, part) in enumerate(columns.names):
        contrast = np.zeros(len(columns.names))
        contrast[at] = 1.0
        if at < columns.held:
            held.append(_coefficient(term, part, contrast, solved, question.confidence, float(plain.freedom)))
            continue
        freedom = solved.freedom(contrast)
        if not freedom >= FEWEST_FREEDOM:
            few[term, part] = freedom
        one = _coefficient(term, part, contrast, solved, question.confidence, freedom, at)
        error, left = ordinary[at]
        spread, without = float(columns.matrix[:, at].std()), (float(lowest[at]), float(highest[at]))
        factor.append(
            replace(one, ordinary_error=error, ordinary_freedom=left, deviation=spread, lowest=without[0], highest=without[1])
        )
    differences = []
    for term in question.factor.terms if question.split else ():
        if (term, "within") in columns.parts and (term, "between") in columns.parts:
            contrast = np.zeros(len(columns.names))
            contrast[columns.names.index((term, "between"))] = 1.0
            contrast[columns.names.index((term, "within"))] = -1.0
            freedom = solved.freedom(contrast)
            if freedom >= FEWEST_FREEDOM:
                differences.append(_coefficient(term, "difference", contrast, solved, question.confidence, freedom))
    return Fit(tuple(factor), tuple(held), tuple(differences), columns.mixed, plain.r_squared, plain.residual_deviation, few=few)


def _coefficient(
    term: str, part: str, contrast: Floats, solved: _Solved, confidence: float, freedom: float, at: int | None = None
) -> Coefficient:
    estimate = float(contrast @ solved.coefficients)
    variance = float(contrast @ solved.covariance @ contrast)
    error = math.sqrt(variance) if variance > 0 else math.nan
    margin = float(stats.t.ppf((1 + confidence) / 2, freedom)) * error
    p = float(2 * stats.t.sf(abs(estimate) / error, freedom)) if error > 0 else math.nan
    bounds = (estimate - margin, estimate + margin, p)
    if solved.bootstrap is not None and at is not None:
        bounds = solved.bootstrap(at)
    return Coefficient(term, part, estimate, error, freedom, *bounds)


def _ordinary(question: Question, columns: Design, plain: regression.Regression) -> dict[int, tuple[float, float]]:
    """Ordinary standard error and degrees of freedom of each of the factor's coefficients, on the level it rests on."""
    size = np.sqrt(np.diag(plain.bread))
    at = {column: name[1] for column, name in enumerate(columns.names) if column >= columns.held}
    if question.school is None or not question.split:
        return {column: (float(size[column] * plain.residual_deviation), float(plain.freedom)) for column in at}
    n = np.bincount(question.school).astype(np.float64)
    means = np.bincount(question.school, plain.residuals) / n
    between_columns = 1 + sum(part == "between" for _, part in columns.names)
    left = {"within": len(plain.residuals) - len(n) - (len(columns.names) - between_columns), "between": len(n) - between_columns}
    squares = {
        "within": float(np.square(plain.residuals - means[question.school]).sum()),
        "between": float(n @ np.square(means)),
    }
    spread = {part: math.sqrt(squares[part] / left[part]) if left[part] > 0 else math.nan for part in left}
    return {column: (float(size[column] * spread[part]), float(left[part])) for column, part in at.items()}


def _without_one_school(question: Question, columns: Design) -> tuple[Floats, Floats]:
    """The lowest and highest that least squares says of each coefficient when one school at a time is left out."""
    x, y, count = columns.matrix, question.outcome, columns.matrix.shape[1]
    if question.school is None or question.school.max() < 2:
        return np.full(count, np.nan), np.full(count, np.nan)
    whole, with_outcome = x.T @ x, x.T @ y
    order = np.argsort(question.school, kind="stable")
    without = []
    for own in np.split(order, np.cumsum(np.bincount(question.school))[:-1]):
        left, outcome = whole - x[own].T @ x[own], with_outcome - x[own].T @ y[own]
        scale = np.sqrt(np.where(np.diag(left) > 0, np.diag(left), 1.0))
        found, *_ = np.linalg.lstsq(left / np.outer(scale, scale), outcome / scale, rcond=1e-10)
        without.append(found / scale)
    return np.min(without, axis=0), np.max(without, axis=0)
