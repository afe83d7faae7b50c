"""What goes with an outcome, other things alike, within schools and between them; a causal graph says what is to be alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kvalitet_lib.analyses.causal_graph import CausalGraph
from kvalitet_lib.analyses.checks import enough_schools, little_missing, one_family
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.factor_answers import Answer, checks_of, estimates_of, tables_of, told
from kvalitet_lib.analyses.factor_columns import Block, block_of, blocks_of_formula, numbers_of
from kvalitet_lib.analyses.factor_fit import Question, fit
from kvalitet_lib.analyses.factor_plan import NAME, Plan, asked, doors, plan_of
from kvalitet_lib.analyses.finding import Finding, estimates_frame
from kvalitet_lib.analyses.rows import Complete, Floats, complete, need_columns
from kvalitet_lib.statistics.multiplicity import benjamini_hochberg

if TYPE_CHECKING:
    from kvalitet_lib.analyses.municipal_rows import MunicipalRows

CANNOT_TELL = ("why", "association_if_changed", "unmeasured", "single_pupil")
YEARS = "association_years_without"
MOST_YEARS = 0.5  # a school year counts when at least this share of its pupils has every column; own rule
ERRORS = {
    "cr2": "CR2 standard errors by school with Satterthwaite's degrees of freedom",
    "cluster": "CR1 standard errors by school, t with one degree of freedom fewer than schools",
    "wild": "restricted wild cluster bootstrap by school",
    "multilevel": "random intercept by school (REML), Satterthwaite's degrees of freedom",
    "hc3": "HC3 standard errors",
    "ordinary": "ordinary standard errors",
}


def factor_association(
    rows: pd.DataFrame,
    outcome: str,
    factor: str | Sequence[str] = "",
    *,
    graph: CausalGraph | None = None,
    adjust: Sequence[str] | None = None,
    school: str = "school",
    school_year: str = "",
    pupil: str = "",
    within_between: bool = True,
    standard_errors: str = "",
    confidence: float = 0.95,
) -> Finding:
    """What goes with an outcome, other things alike.

    Parameters
    ----------
    rows : DataFrame
        One row is one pupil.
    outcome : str
        Column with numbers (0 and 1 give a linear probability model), or a formula ``outcome ~ factor + covariate + C(group)``
        whose other terms are then held equal.
    factor : str or sequence of str
        What is asked about: numbers, or categories, which are compared with their first value. Several are one family of tests.
        The graph's ``factors`` when none is named.
    graph : CausalGraph, optional
        Says what is to be held equal: the smallest set of measured columns that closes all back doors. Mediators, colliders and
        whatever else comes after the factor are refused.
    adjust : sequence of str, optional
        What to hold equal instead, columns or nodes; an empty one for nothing.
    school, school_year, pupil : str
        Columns; ``school=""`` where rows belong to no school. School years, when named, are held equal.
    within_between : bool
        Keep apart how pupils of one school differ and how schools' means differ (the hybrid model), of the factor and of all
        that is held equal.
    standard_errors : str
        ``cr2`` (usual), ``cluster``, ``wild`` or ``multilevel`` by school; ``hc3`` (usual without schools) or ``ordinary``.
    confidence : float

    Returns
    -------
    Finding
        ``estimates``: term a column of a factor; group ``within``, ``between`` or nothing; besides the usual columns ``freedom``,
        ``deviation`` (standard deviation of that part of the factor), ``standardised``, ``partial_r2``, ``robustness_value``,
        ``robustness_value_alpha``, ``e_value``, ``e_value_limit``, ``contrast`` (what the E-value is about),
        ``ordinary_error``, ``ordinary_freedom``, ``lowest_without_a_school``, ``highest_without_a_school``.
        ``tables``: ``parts`` (between less within), ``model`` (all coefficients; those held equal are not answers),
        ``benchmarks`` (the answer with a confounder as strong as a covariate), ``dominance`` (``factor, general, share, alone,
        last``), ``dominance_by_size`` and ``dominance_pairs``, and ``roles`` (of each node, where there is a graph).
        ``numbers``: ``tests, r_squared, residual_deviation``, of the first factor. ``about``: ``factor, held, in_the_way``.

    Raises
    ------
    ContractError
        A column is missing or of the wrong kind; the graph does not know it; what is to be held equal must not be.

    References
    ----------
    Mundlak, Y. (1978). On the pooling of time series and cross section data. Econometrica 46(1), 69-85.
    Bell, A. & Jones, K. (2015). Explaining fixed effects: random effects modeling of time-series cross-sectional and panel
    data. Polit. Sci. Res. Methods 3(1), 133-153.
    """
    name, named, formula = asked(outcome, factor, graph, adjust)
    need_columns(rows, [name, *named], NAME)
    others = {one: [column for column in formula if column not in (name, one)] if formula else adjust for one in named}
    plans = [plan_of(rows, name, one, graph, others[one]) for one in named]
    if graph and any(graph.comes_before(name, one) for one in named):
        return Finding.nothing(NAME, name, "association_outcome_first", confidence=confidence)
    needed = list(dict.fromkeys([name, *named, *(column for plan in plans for column in plan.held), *formula]))
    used = complete(rows, [*needed, school_year], NAME, school=school, pupil=pupil, school_year=school_year)
    about = {
        "factor": ", ".join(map(str, named)),
        "held": ", ".join(dict.fromkeys(column for plan in plans for column in plan.held)),
    }
    if any(plan.in_the_way for plan in plans):
        about["in_the_way"] = ", ".join(dict.fromkeys(node for plan in plans for node in plan.in_the_way))
    if not len(used):
        reason = "no_outcome" if rows[name].isna().all() else "too_few_rows"
        return Finding.nothing(NAME, name, reason, used.basis, confidence=confidence, about=about)
    y, blocks = _blocks(used.frame, name, needed, outcome if formula else "")
    kind = standard_errors or ("cr2" if school else "hc3")
    schools, years = _numbered(used, school), _numbered(used, school_year if len(used.basis.school_years) > 1 else "")
    answers = []
    for plan in plans:
        held = {column: blocks[column] for column in plan.held}
        question = Question(y, blocks[plan.factor], held, schools, years, within_between, kind, confidence)
        found = fit(question)
        if found.reason:
            return Finding.nothing(NAME, name, found.reason, used.basis, confidence=confidence, about=about)
        answers.append(Answer(question, found))
    if not any(told(answer) for answer in answers):
        return Finding.nothing(
            NAME, name, "too_few_schools" if school else "too_few_rows", used.basis, confidence=confidence, about=about
        )
    return _finding(name, used, plans, answers, graph, about)


def factor_associations(rows: pd.DataFrame, outcome: str, factors: Sequence[str], **how: Any) -> list[Finding]:
    """The same for several factors, a finding for each, all in one family of tests: each has a claim and doubts of its own.

    Takes what :func:`factor_association` takes.
    """
    return in_one_family([factor_association(rows, outcome, one, **how) for one in factors])


def in_one_family(findings: Sequence[Finding]) -> list[Finding]:
    """Findings whose tests are corrected for together (Benjamini and Hochberg)."""
    p = [finding.estimates["p"].to_numpy() for finding in findings]
    together = np.concatenate(p) if p else np.empty(0)
    adjusted, _ = benjamini_hochberg(together, np.zeros(len(together), dtype=np.int64))
    tests = int(np.isfinite(together).sum())
    edges = np.cumsum([0, *map(len, p)])
    made = []
    for at, finding in enumerate(findings):
        checks = tuple(one_family(tests) if check.id == "one_family" else check for check in finding.checks)
        numbers = {**finding.numbers, "tests": float(tests)} if finding.numbers else {}
        estimates = finding.estimates.assign(p_adjusted=adjusted[edges[at] : edges[at + 1]])
        made.append(replace(finding, estimates=estimates, checks=checks, numbers=numbers))
    return made


def of_municipality(town: MunicipalRows) -> list[Finding]:
    """What goes with pupils' final results: each factor that the municipality's causal graph asks about, in one family."""
    graph = town.causal_graph
    if graph is None:
        return [Finding.nothing(NAME, town.outcome, "association_no_graph")]
    outcome, rows = graph.column(graph.outcome), town.leavers.dropna(axis="columns", how="all")
    if outcome not in rows:
        return [Finding.nothing(NAME, town.outcome, "no_outcome")]
    findings = []
    for factor in graph.factors:
        column, about = graph.column(factor), {"factor": factor}
        if not graph.nodes[factor].measured or column not in rows:
            findings.append(Finding.nothing(NAME, town.outcome, "association_not_measured", about=about))
            continue
        held = [graph.column(node) for node in graph.adjustment(factor, known=rows.columns).held]
        known = _years_that_know(rows, [outcome, column, *held])
        found = factor_association(
            known, outcome, column, graph=graph, school_year="school_year", pupil="pupil", confidence=town.confidence
        )
        left_out = {**found.basis.left_out, **({YEARS: len(rows) - len(known)} if len(known) < len(rows) else {})}
        findings.append(
            replace(found, outcome=town.outcome, about={**found.about, **about}, basis=replace(found.basis, left_out=left_out))
        )
    return in_one_family(findings)


def _years_that_know(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Rows of the school years in which every column is known of most pupils: earlier results are not there from the start."""
    known = rows[list(columns)].notna().groupby(rows["school_year"]).mean().min(axis="columns")
    return rows[rows["school_year"].isin(known.index[known >= MOST_YEARS])]


def _blocks(frame: pd.DataFrame, outcome: str, columns: Sequence[str], formula: str) -> tuple[Floats, dict[str, Block]]:
    if formula:
        return blocks_of_formula(formula, frame, NAME)
    return numbers_of(frame, outcome, NAME), {name: block_of(frame, name, NAME) for name in columns if name != outcome}


def _numbered(used: Complete, column: str) -> NDArray[np.int64] | None:
    """Which school or year each row belongs to, from 0; None when there is no such column."""
    return pd.factorize(used.frame[column])[0].astype(np.int64) if column else None


def _finding(
    name: str, used: Complete, plans: Sequence[Plan], answers: Sequence[Answer], graph: CausalGraph | None, about: dict[str, str]
) -> Finding:
    first = answers[0]
    estimates = estimates_frame([row for answer in answers for row in estimates_of(answer, used.basis)])
    held = {column: block for answer in answers for column, block in answer.question.held.items()}
    tables = tables_of(answers, held)
    if graph is not None:
        known = map(str, used.frame.columns)
        roles = [graph.roles(plan.factor, name, known=[*known]).assign(factor=plan.factor) for plan in plans]
        tables["roles"] = pd.concat(roles, ignore_index=True)
    schools = [enough_schools(used.basis.schools)] if used.basis.schools is not None else []
    checks = (
        *(doors(plan) for plan in plans),
        *schools,
        little_missing(used.basis),
        *(check for answer in answers for check in checks_of(answer)),
        one_family(int(estimates["p"].notna().sum())),
    )
    finding = Finding(
        NAME,
        name,
        Claim.GOES_WITH if all(plan.by for plan in plans) else Claim.DIFFERS,
        estimates,
        used.basis,
        checks,
        CANNOT_TELL,
        tables,
        {"tests": 0.0, "r_squared": first.fit.r_squared, "residual_deviation": first.fit.residual_deviation},
        _method(first.question),
        confidence=first.question.confidence,
        about=about,
    )
    return in_one_family([finding])[0]


def _method(question: Question) -> str:
    shape = "hybrid (within-between) linear regression" if question.split else "linear regression"
    if set(np.unique(question.outcome)) <= {0.0, 1.0}:
        shape += " of a 0/1 outcome (linear probability)"
    years = ", school years as fixed effects" if question.year is not None else ""
    return f"{shape}{years}; {ERRORS[question.standard_errors]}"
