"""Value added with more than one intercept per school: slopes, levels inside the school, a second school, movers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from kvalitet_lib.analyses.rows import Floats
from kvalitet_lib.analyses.school_model import NOTHING_LEFT, SchoolModel, variances_frame, why_not
from kvalitet_lib.analyses.school_rows import Codes, SchoolRows, numbered
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.group_sums import group_sums
from kvalitet_lib.statistics.mixed_model import MixedModel, covariances_of, fit_mixed_model
from kvalitet_lib.statistics.mixed_terms import RandomTerm
from kvalitet_lib.statistics.variance_ratio import between_groups_p

ANALYSIS = "value_added"
STEP = 1e-5  # of a parameter, for derivatives of what is made of it
NO_RATIO = 1e-6  # a likelihood ratio below this is rounding


@dataclass(frozen=True, repr=False)
class Level:
    """One level with effects of its own: its name, who belongs where, and the columns whose slopes vary.

    Attributes
    ----------
    code : ndarray of int, shape (n,) or (n, m)
    weight : ndarray, shape (n, m), or None
    slopes : tuple of str
    """

    name: str
    code: Codes
    weight: Floats | None = None
    slopes: tuple[str, ...] = ()

    def term(self, frame: pd.DataFrame, with_slopes: bool = True) -> RandomTerm:
        columns = [np.ones(len(frame))] + [number_column(frame, name) for name in self.slopes if with_slopes]
        return RandomTerm.of(self.code, np.column_stack(columns), self.weight)


def number_column(frame: pd.DataFrame, name: str) -> Floats:
    """A column of numbers.

    Raises
    ------
    ContractError
        It holds words.
    """
    if not (pd.api.types.is_numeric_dtype(frame[name]) or pd.api.types.is_bool_dtype(frame[name])):
        raise ContractError(f"{ANALYSIS}: the slope of {name!r} cannot vary, as it is no number. Turn it into one first.")
    return frame[name].to_numpy(dtype=np.float64)


def nested_code(frame: pd.DataFrame, path: Sequence[str]) -> tuple[Codes, int]:
    """Who belongs where on a level inside others, and how many labels of it occur in more than one place above it."""
    own, labels = numbered(frame[path[-1]])
    above = pd.MultiIndex.from_frame(frame[list(path[:-1])])
    outer = pd.factorize(above)[0].astype(np.int64)
    code = pd.factorize(outer * len(labels) + own)[0].astype(np.int64)
    places = pd.DataFrame({"own": own, "code": code}).drop_duplicates()["own"].value_counts()
    return code, int(places.gt(1).sum())


def levelled_model(rows: SchoolRows, levels: Sequence[Level], reml: bool, confidence: float) -> SchoolModel | str:
    """Fit all levels, the school's first; or why there is no answer."""
    design, school = rows.design, levels[0]
    if any(level.code.max() + 1 >= len(rows.frame) for level in levels):
        return "value_added_one_each"
    if _coincide(levels):
        return "terms_coincide"
    if reason := why_not(group_sums(design.outcome, design.matrix, rows.code)):
        return reason
    try:
        terms = [level.term(rows.frame) for level in levels]
        fit = fit_mixed_model(design.outcome, design.matrix, terms, reml)
        p = _p(rows, levels, reml)
    except np.linalg.LinAlgError:
        return "not_converged"
    except ValueError:
        return "terms_coincide"
    if fit.residual_variance <= NOTHING_LEFT * design.outcome.var():
        return "schools_nothing_left"
    if not fit.converged:
        return "not_converged"
    low, high = _interval(fit, _SHARE, _alike, confidence)
    explained = design.matrix @ fit.coefficients
    guessed = sum(_reaching(term, fit.effects[at].predicted) for at, term in enumerate(terms))
    raw = _raw(school, design.outcome - explained)
    effects = fit.effects[0]
    return SchoolModel(
        coefficients=fit.coefficients,
        standard_errors=fit.standard_errors,
        freedom=fit.freedom,
        variances=_parts(fit, levels, confidence),
        alike=_alike(fit.covariances, fit.residual_variance),
        alike_lower=low,
        alike_upper=high,
        p=p,
        raw=raw,
        effects=effects.predicted[:, 0],
        conditional_sd=effects.conditional_sd[:, 0],
        standard_error=effects.standard_error[:, 0],
        residual=design.outcome - explained - guessed,
        log_likelihood=fit.log_likelihood,
        converged=fit.converged,
        at_boundary=tuple(level.name for level, flat in zip(levels, fit.at_boundary, strict=True) if flat),
        slopes=_slopes(school, effects.predicted, effects.conditional_sd),
    )


def _coincide(levels: Sequence[Level]) -> bool:
    """Whether two levels put the same persons together."""
    single = [level.code for level in levels if level.code.ndim == 1]
    together = [np.unique(np.column_stack([one, other]), axis=0) for at, one in enumerate(single) for other in single[at + 1 :]]
    return any(len(np.unique(pairs[:, 0])) == len(np.unique(pairs[:, 1])) == len(pairs) for pairs in together)


def _reaching(term: RandomTerm, effects: Floats) -> Floats:
    """What a term's effects add up to for each person."""
    each = (effects[term.level] * term.columns[:, None, :]).sum(axis=2)
    return np.asarray((each * term.weight).sum(axis=1))


def _raw(school: Level, left: Floats) -> Floats:
    """Each school's mean residual; who belongs to several counts in each with the weight of belonging there."""
    code = school.code if school.code.ndim == 2 else school.code[:, None]
    weight = np.ones(code.shape) if school.weight is None else school.weight
    total = np.bincount(code.ravel(), weight.ravel())
    return np.bincount(code.ravel(), (weight * left[:, None]).ravel()) / np.where(total > 0, total, np.nan)


def _slopes(school: Level, predicted: Floats, conditional_sd: Floats) -> pd.DataFrame:
    columns: dict[str, Floats] = {}
    for at, name in enumerate(school.slopes, start=1):
        columns |= {f"slope_{name}": predicted[:, at], f"slope_{name}_conditional_sd": conditional_sd[:, at]}
    return pd.DataFrame(columns)


def _parts(fit: MixedModel, levels: Sequence[Level], confidence: float) -> pd.DataFrame:
    found = []
    for at, (level, covariance) in enumerate(zip(levels, fit.covariances, strict=True)):
        names = ("Intercept", *level.slopes)
        for a, first in enumerate(names):
            for b in range(a, len(names)):
                limits = _interval(fit, _VARIANCE, _variance(at, a), confidence) if a == b else _UNKNOWN
                found.append((level.name, first, "" if a == b else names[b], float(covariance[a, b]), *limits))
    rest = _interval(fit, _VARIANCE, lambda _, left: left, confidence)
    return variances_frame([*found, ("rest", "Intercept", "", fit.residual_variance, *rest)])


def _variance(term: int, column: int) -> Callable[[Sequence[Floats], float], float]:
    return lambda covariances, _: float(covariances[term][column, column])


def _alike(covariances: Sequence[Floats], rest: float) -> float:
    """The school's share of all variances, where every column whose slope varies is 0."""
    parts = [float(one[0, 0]) for one in covariances]
    return parts[0] / (sum(parts) + rest)


@dataclass(frozen=True)
class _Link:
    """A scale on which an estimate is nearly normal, and the way back."""

    to: Callable[[float], float]
    back: Callable[[float], float]


def _cubed(value: float) -> float:
    return max(value, 0.0) ** 3


_VARIANCE = _Link(lambda value: float(np.cbrt(value)), _cubed)
_SHARE = _Link(lambda share: float(np.cbrt(share / (1 - share))), lambda value: _cubed(value) / (1 + _cubed(value)))
_UNKNOWN = (float("nan"), float("nan"))


def _interval(
    fit: MixedModel, link: _Link, value: Callable[[Sequence[Floats], float], float], confidence: float
) -> tuple[float, float]:
    """Of a function of the covariances and what is left, from the curvature of the likelihood; empty where it is 0.

    References
    ----------
    Wilson, E. B. & Hilferty, M. M. (1931). The distribution of chi-square. Proc. Natl. Acad. Sci. 17(12), 684-688: the cube
    root of a variance is nearly normal.
    """
    if value(fit.covariances, fit.residual_variance) <= 0:
        return _UNKNOWN
    centre = np.append(fit.theta, np.log(fit.residual_variance))

    def at(place: Floats) -> float:
        rest = float(np.exp(place[-1]))
        return link.to(value(covariances_of(fit.equations, place[:-1], rest), rest))

    moves = np.eye(len(centre))[np.append(fit.curves.free, True)] * STEP
    gradient = np.array([(at(centre + move) - at(centre - move)) / (2 * STEP) for move in moves])
    error = np.sqrt(max(float(gradient @ fit.curves.spread @ gradient), 0.0))
    reach = stats.norm.ppf((1 + confidence) / 2) * error
    return link.back(at(centre) - reach), link.back(at(centre) + reach)


def _p(rows: SchoolRows, levels: Sequence[Level], reml: bool) -> float:
    """Of schools that do not differ: the exact F test, or where other levels stand beside, the likelihood ratio.

    References
    ----------
    Self, S. G. & Liang, K.-Y. (1987). Asymptotic properties of maximum likelihood estimators and likelihood ratio tests
    under nonstandard conditions. J. Am. Stat. Assoc. 82(398), 605-610: half the chi-squared tail at a variance of 0.
    """
    design, (school, *others) = rows.design, levels
    if not others and school.weight is None:
        return between_groups_p(group_sums(design.outcome, design.matrix, school.code))
    beside = [level.term(rows.frame) for level in others]
    with_school = _height(rows, [school.term(rows.frame, with_slopes=False), *beside], reml)
    ratio = 2 * (with_school - _height(rows, beside, reml))
    if np.isnan(ratio):
        return float("nan")
    return float(stats.chi2.sf(ratio, 1) / 2) if ratio > NO_RATIO else 1.0


def _height(rows: SchoolRows, terms: list[RandomTerm], reml: bool) -> float:
    """Log likelihood with these terms; NaN when it was not found."""
    if not terms:
        return _plain(rows, reml)
    fit = fit_mixed_model(rows.design.outcome, rows.design.matrix, terms, reml)
    return fit.log_likelihood if fit.converged else float("nan")


def _plain(rows: SchoolRows, reml: bool) -> float:
    """Log likelihood of least squares, without any level."""
    outcome, matrix = rows.design.outcome, rows.design.matrix
    fixed, triangle = np.linalg.qr(matrix)
    square = float(((outcome - fixed @ (fixed.T @ outcome)) ** 2).sum())
    freedom = len(outcome) - matrix.shape[1] * reml
    value = freedom * (1 + np.log(2 * np.pi * square / freedom))
    return -float(value + (2 * np.log(np.abs(np.diag(triangle))).sum() if reml else 0.0)) / 2


def slope_needed(rows: SchoolRows, model: SchoolModel, column: str, reml: bool) -> float:
    """P-value of schools that all have the same slope of a column: the likelihood ratio against slopes that vary.

    References
    ----------
    Stram, D. O. & Lee, J. W. (1994). Variance components testing in the longitudinal mixed effects model.
    Biometrics 50(4), 1171-1177: an even mixture of chi-squared with 1 and 2 degrees of freedom.
    """
    at = rows.design.terms.index(column)
    term = RandomTerm.of(rows.code, np.column_stack([np.ones(len(rows.frame)), rows.design.matrix[:, at]]))
    fit = fit_mixed_model(rows.design.outcome, rows.design.matrix, [term], reml)
    if not fit.converged:
        return float("nan")
    ratio = max(2 * (fit.log_likelihood - model.log_likelihood), 0.0)
    return float((stats.chi2.sf(ratio, 1) + stats.chi2.sf(ratio, 2)) / 2)
