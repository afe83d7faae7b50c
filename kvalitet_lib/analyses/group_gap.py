"""How far apart are two groups, what goes with it, and how much of it lies between schools?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.checks import MOST_MISSING, enough_schools, little_missing, one_family
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.factor_matrix import Factors
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.analyses.group_gap_answers import Answers
from kvalitet_lib.analyses.group_gap_parts import add_means, add_parts, alone_in_a_group, no_parts
from kvalitet_lib.analyses.group_gap_rows import FEWEST_TO_DRAW, NAME, Columns, GapRows, divided_by, gap_rows
from kvalitet_lib.analyses.group_gap_schools import add_gradient, add_schools
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.decomposition import known_reference
from kvalitet_lib.statistics.resampling import MOST_FAILED

if TYPE_CHECKING:
    from kvalitet_lib.analyses.municipal_rows import MunicipalRows

FEWEST_IN_GROUP = 10  # a mean of fewer says little about a group; own rule
FEWEST_DRAWS = 50  # fewer draws give no steady standard error; own rule
MOST_APART = 1.0  # groups further apart than this, in standard deviations, are compared by extrapolation; own rule
MOST_BY_REFERENCE = 0.5  # of the gap: explained parts further apart hang on the choice of reference; own rule
CANNOT_TELL = ("gap_discrimination", "gap_if_equal", "unmeasured", "single_pupil")


def group_gap(
    rows: pd.DataFrame,
    outcome: str,
    group: str,
    *,
    of: tuple[object, object] | None = None,
    explained_by: Sequence[str] | str = (),
    reference: str = "pooled",
    school: str = "",
    school_year: str = "",
    gradient: str = "",
    pupil: str = "",
    baselines: bool = False,
    draws: int = 500,
    seed: int = 1,
    confidence: float = 0.95,
) -> Finding:
    """The gap between two groups' means, over the years, divided into parts, and between and within schools.

    Parameters
    ----------
    rows : DataFrame
        One row is one pupil (in one school year).
    outcome, group : str
        Columns: a number, and what tells the groups apart.
    of : (A, B), optional
        The two values of ``group``; the gap is A's mean minus B's. Without it ``group`` must have two values: A comes first
        in their own order.
    explained_by : sequence of str, or str
        Columns the gap is divided by: numbers as they are, categories as 0/1 columns against the first in order. Or the right
        side of a formula, such as ``"age + C(subject)"``. Empty: the gap is not divided.
    reference : str
        Whose coefficients the twofold division uses: ``A``, ``B``, ``cotton`` (weighted by the groups' sizes), ``reimers``
        (half each), ``neumark`` (all rows together) or ``pooled`` (all rows, with a constant for each group). All six are in
        the table ``references``.
    school, school_year, gradient, pupil : str
        Columns, each optional: ``school`` is drawn anew for standard errors and gives the parts between and within schools and
        the segregation; ``gradient`` (a number, such as parents' education) gives the social gradient of each school.
    baselines : bool
        Whether the term-by-term table also has the categories left out, coefficients being deviations from the mean (Yun).
    draws, seed : int
        Of the bootstrap.
    confidence : float

    Returns
    -------
    Finding
        ``estimates`` by ``term``: ``gap`` (``group`` empty: all rows; else the school year); ``mean`` of each group;
        ``gap_change`` per school year; ``gap_divided`` among the rows that have all factors, and its
        threefold ``endowments, coefficients, interaction``; twofold ``explained, unexplained``
        (``group``: the reference); ``between_schools, within_schools``; ``dissimilarity, isolation`` of group B (``null``: what
        random allocation of pupils to schools of these sizes gives); ``gradient`` (mean within-school slope) and
        ``gradient_spread`` (standard deviation of the schools' true slopes).

        ``tables``: ``references`` (both parts by all six references), ``terms`` (all parts term by term; add the rows of a
        category's terms to have the factor's), ``coefficients`` (means and coefficients behind them), ``school_years``,
        ``segregation`` (beside the range that random allocation gives), ``schools`` (gradient per school, also drawn towards
        the mean of all). ``numbers``: ``share_between_schools`` (NaN when the gap may be nothing), ``draws``,
        ``draws_without_answer``, ``tests``.

    Raises
    ------
    ContractError
        A column, group or reference that is not there; a factor that is the group itself.

    Notes
    -----
    Standard errors are found by drawing schools anew with all their pupils; intervals use Student's t with one degree of
    freedom less than there are schools. With fewer than five schools (or no column ``school``) single rows are drawn. The
    strongest claim is that the groups differ: that something goes with a gap does not say that it makes it, and the
    unexplained part is not a measure of discrimination.

    References
    ----------
    Oaxaca, R. (1973). Male-female wage differentials in urban labor markets. Int. Econ. Rev. 14(3), 693-709.
    Blinder, A. S. (1973). Wage discrimination: reduced form and structural estimates. J. Hum. Resour. 8(4), 436-455.
    Jann, B. (2008). The Blinder-Oaxaca decomposition for linear regression models. Stata J. 8(4), 453-479.
    Fortin, N., Lemieux, T. & Firpo, S. (2011). Decomposition methods in economics. Handbook of Labor Economics 4A, 1-102.
    Carrington, W. J. & Troske, K. R. (1997). On measuring segregation in samples with small units.
    J. Bus. Econ. Stat. 15(4), 402-409.
    """
    chosen = known_reference(reference)
    if gradient and not school:
        raise ContractError(f"{NAME} finds the gradient of each school: say which column is the school, school='…'.")
    if draws < FEWEST_DRAWS:
        raise ContractError(f"{NAME} needs at least {FEWEST_DRAWS} draws for standard errors.")
    made = gap_rows(rows, Columns(outcome, group, school, school_year, gradient, pupil), of)
    if reason := _no_answer(made, rows):
        return Finding.nothing(NAME, outcome, reason, made.basis, confidence=confidence)
    answers = Answers(draws, seed, confidence)
    checks = [little_missing(made.basis), _enough_in_group(made)]
    add_means(answers, made)
    if len(explained_by):
        divided, factors = divided_by(made, explained_by)
        if reason := no_parts(divided, factors):
            about = {"terms": ", ".join(alone_in_a_group(divided, factors))} if reason == "gap_in_one_group_only" else {}
            return Finding.nothing(NAME, outcome, reason, divided.basis, confidence=confidence, about=about)
        add_parts(answers, divided, factors, chosen, baselines)
        checks += [*_of_parts(answers, divided, chosen), _common_ground(divided, factors)]
    if school:
        add_schools(answers, made)
        checks += [enough_schools(made.basis.schools or 0), _schools_drawn(made)]
    if gradient:
        add_gradient(answers, made)
    estimates = answers.estimates()
    tests = int(estimates["p"].notna().sum())
    method = _method(made, chosen if len(explained_by) else "", draws)
    return Finding(
        NAME, outcome, Claim.DIFFERS, estimates, made.basis, (*checks, one_family(tests)), CANNOT_TELL, answers.tables,
        answers.numbers | {"tests": float(tests)}, method, confidence=confidence,
    )  # fmt: skip


def _no_answer(made: GapRows, rows: pd.DataFrame) -> str:
    if rows[made.columns.outcome].isna().all():
        return "no_outcome"
    if min(made.sizes) < 2:
        return "too_few_rows"
    return "same_outcome" if np.ptp(made.outcome) <= 0 else ""


def _enough_in_group(made: GapRows) -> Check:
    return Check("gap_enough_in_group", min(made.sizes) >= FEWEST_IN_GROUP, Claim.NOTHING, min(made.sizes), FEWEST_IN_GROUP)


def _of_parts(answers: Answers, divided: GapRows, reference: str) -> list[Check]:
    """Whether the rows that have all factors are most of them, the parts hang on the reference, and the draws had answers."""
    explained, gap = answers.tables["references"]["explained"], abs(answers.estimate_of("gap_divided"))
    alike = float(np.ptp(explained)) <= MOST_BY_REFERENCE * gap
    lost, most = answers.numbers["draws_without_answer"], MOST_FAILED * answers.draws
    missing = divided.basis.missing
    return [
        Check("gap_factors_known", missing <= MOST_MISSING, Claim.DIFFERS, missing, MOST_MISSING),
        Check("gap_reference", alike, Claim.DIFFERS, float(explained.min()), float(explained.max()), reference),
        Check("gap_draws_answered", lost <= most, Claim.DIFFERS, lost, most),
    ]


def _common_ground(divided: GapRows, factors: Factors) -> Check:
    """How far apart the groups' means of a factor lie, where they lie furthest apart."""
    ours, theirs = factors.matrix[~divided.in_b, 1:], factors.matrix[divided.in_b, 1:]
    spread = np.sqrt((ours.var(axis=0, ddof=1) + theirs.var(axis=0, ddof=1)) / 2)
    apart = np.abs(ours.mean(axis=0) - theirs.mean(axis=0)) / spread
    most, term = float(apart.max()), factors.terms[1 + int(apart.argmax())]
    return Check("gap_common_ground", most <= MOST_APART, Claim.DIFFERS, most, MOST_APART, term)


def _schools_drawn(made: GapRows) -> Check:
    return Check("gap_schools_drawn", made.by_school, Claim.DIFFERS, float(made.basis.schools or 0), FEWEST_TO_DRAW)


def _method(made: GapRows, reference: str, draws: int) -> str:
    parts = f"threefold and twofold Oaxaca-Blinder decomposition (reference: {reference}), " if reference else ""
    what = "schools" if made.by_school else "rows"
    return (
        f"difference of means, A = {made.names[0]} minus B = {made.names[1]}; {parts}bootstrap of {made.units} {what}, "
        f"{draws} draws, t intervals with {made.units - 1} degrees of freedom"
    )


BREAKDOWNS = {
    "sex": ("girl", {1.0: "girl", 0.0: "boy"}, ("girl", "boy")),
    "parents_education": ("parents_education", None, ("higher", "lower")),
    "newly_arrived": ("newly_arrived", {1.0: "yes", 0.0: "no"}, ("no", "yes")),
}
FACTORS = ("prior", "absent", "education", "girl", "newly_arrived", "second_language")
ITSELF = {"sex": {"girl"}, "parents_education": {"education"}, "newly_arrived": {"newly_arrived", "second_language"}}


def of_municipality(town: MunicipalRows) -> list[Finding]:
    """Girls and boys, parents' education, newly arrived and others: results at the end of compulsory school.

    School years since the last break in the series. A gap whose factors do not vary in both groups is not divided.
    """
    leavers = town.leavers.dropna(subset="outcome")
    begins = max(town.breaks(town.outcome), default="")
    leavers = leavers[leavers["school_year"].ge(begins)].rename(columns={"outcome": town.outcome})
    findings = []
    for name, (column, words, pair) in BREAKDOWNS.items():
        rows = leavers.assign(**{name: leavers[column].map(words) if words else leavers[column]})
        if not all(rows[name].eq(value).any() for value in pair):
            continue
        gradient = "education" if name == "parents_education" else ""
        gap = partial(
            group_gap, rows, town.outcome, name, of=pair, school="school", school_year="school_year", pupil="pupil",
            gradient=gradient, confidence=town.confidence,
        )  # fmt: skip
        found = gap(explained_by=_factors(rows, name, pair))
        found = gap() if found.reason else found
        findings.append(replace(found, about={"breakdown": name}))
    return findings


def _factors(rows: pd.DataFrame, name: str, pair: tuple[str, str]) -> list[str]:
    """Factors in which pupils of both groups differ at so many schools that nearly every draw of schools shows it."""
    there = [factor for factor in FACTORS if factor not in ITSELF[name] and rows[factor].notna().any()]
    known = rows[rows[name].isin(list(pair))].dropna(subset=there)
    least = max(1, min(FEWEST_TO_DRAW, known["school"].nunique()))

    def differ(factor: str) -> bool:
        usual = known.groupby(name)[factor].transform(lambda values: values.mode().iloc[0])
        schools = known[known[factor].ne(usual)].groupby(name)["school"].nunique()
        return bool(schools.reindex(list(pair), fill_value=0).ge(least).all())

    return [factor for factor in there if differ(factor)]
