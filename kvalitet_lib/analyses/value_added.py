"""What do schools' results look like beside what is expected of pupils with the same start? Value added, with its doubts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.analyses.municipal_rows import MunicipalRows
from kvalitet_lib.analyses.school_model import SchoolModel, coefficient_rows, school_estimates, simple_model, variance_rows
from kvalitet_lib.analyses.school_rows import school_rows
from kvalitet_lib.analyses.school_table import numbers_of, school_table
from kvalitet_lib.analyses.value_added_answers import bootstrapped, checks_of, method_of, numbers_of_model, one_slope
from kvalitet_lib.analyses.value_added_corrected import corrected_run
from kvalitet_lib.analyses.value_added_levels import ANALYSIS, levelled_model
from kvalitet_lib.analyses.value_added_rows import Slopes, asked, levels_of, with_a_school

SUPPOSED_RELIABILITY = 0.85  # of an earlier result, where nobody has stated it: own supposition, for the run beside the plain one
BACKGROUND = ("girl", "parents_education", "newly_arrived", "second_language")
IN_WORDS = {"parents_education": "C(parents_education)", "school_year": "C(school_year)"}
CANNOT_TELL = ("value_added_not_effect", "value_added_choice", "value_added_ranks", "unmeasured", "single_pupil")


def value_added(
    rows: pd.DataFrame,
    formula: str,
    *,
    school: str = "school",
    pupil: str = "",
    school_year: str = "",
    random_slope: Slopes = "",
    second_school: str | Sequence[str] = "",
    weights: str | Sequence[str] = (),
    levels: Sequence[str] = (),
    reliability: Mapping[str, float] | None = None,
    method: str = "reml",
    draws: int = 20_000,
    replicates: int = 0,
    seed: int = 1,
    confidence: float = 0.95,
) -> Finding:
    """How far each school's pupils come beyond what is expected of pupils like them.

    Parameters
    ----------
    rows : DataFrame
        One row is one pupil, or one result of a pupil when ``levels`` names the pupil.
    formula : str
        Outcome, earlier result and background, e.g. ``"points ~ earlier + girl + C(education)"``. The school is not in it.
    school, pupil, school_year : str
        Columns.
    random_slope : str, sequence of str or mapping
        A column whose slope varies between schools; a mapping says where: ``{"school": "prior", "pupil": "year"}``.
    second_school : str or sequence of str
        Further schools of the same pupils. Without ``weights`` they are of another kind, with effects of their own
        (crossed: lower secondary and primary school). With ``weights`` they are of the same kind (movers).
    weights : str or sequence of str
        How much each school is the pupil's, in the order ``school, second_school``; with one column fewer, the rest is the
        first school's. They are made to add up to 1. A second school may be empty.
    levels : sequence of str
        Levels inside the school, the outermost first, e.g. ``("pupil",)``; the school itself may stand first.
    reliability : mapping of str to float
        Share of a term's variance that is not error, in (0, 1]: a corrected run is made beside the plain one.
    method : str
        ``reml`` or ``ml``.
    draws, seed : int
        Of the simulation of ranks; at most so many, fewer with more than 200 schools.
    replicates : int
        Of a parametric bootstrap of the model with one intercept per school; 0 for none.
    confidence : float

    Returns
    -------
    Finding
        ``estimates``: ``school`` (standard deviation between schools, in the outcome's unit) and ``icc`` (the share of what is
        left that lies between schools, 0-1), both with p of schools that do not differ and, with one intercept per school, an
        exact interval; each term of the formula (``freedom`` by Satterthwaite); each ``variance`` and ``covariance`` (group
        ``level:column``, ``rest`` for what is left).
        ``tables``: ``schools`` (:func:`school_table`, the value added being ``shrunken``; with a slope ``slope_…``, with a
        reliability ``shrunken_corrected``), ``variances``, ``corrected`` (plain and corrected coefficients), ``bootstrap``.
        ``numbers``: ``log_likelihood``, ``icc``, ``school_variance``, ``residual_variance``, ``school_sd``, and
        ``variance[level:column]``, ``covariance[level:first:second]`` of each level; ``school_slope_variance`` and
        ``school_slope_covariance`` with one slope, ``second_school_variance`` with one crossed school; those of
        :func:`numbers_of`; ``p_one_slope``.
        Terms adjust and claim nothing. The claim is at most ``goes_with``: pupils are not placed at schools by lot.

    Raises
    ------
    ContractError
        A column is missing, the formula cannot be used, or what is asked for does not fit together.

    References
    ----------
    Goldstein, H. et al. (1993). A multilevel analysis of school examination results. Oxf. Rev. Educ. 19(4), 425-433.
    Raudenbush, S. W. & Bryk, A. S. (2002). Hierarchical linear models. 2nd ed. Sage.
    Raudenbush, S. W. & Willms, J. D. (1995). The estimation of school effects. J. Educ. Behav. Stat. 20(4), 307-335 (why a
    school's value added is not its effect).
    """
    wanted = asked(school, random_slope, second_school, weights, levels, reliability, method, confidence)
    placed, without = with_a_school(rows, wanted)
    used = school_rows(
        placed, formula, ANALYSIS, school=school, pupil=pupil, school_year=school_year, others=wanted.columns, left_out=without
    )
    more: dict[str, Any] = {"confidence": confidence, "method": method_of(wanted)}
    if used.reason:
        return Finding.nothing(ANALYSIS, used.outcome, used.reason, used.basis, **more)
    reml = method == "reml"
    schools, n, repeated = used.schools, np.bincount(used.code).astype(np.float64), 0
    model: SchoolModel | str
    if wanted.is_simple:
        model = simple_model(used, school, reml, confidence)
    else:
        parts, schools, repeated = levels_of(used, wanted)
        weight = parts[0].weight
        n = n if weight is None else np.bincount(parts[0].code[weight > 0], minlength=len(schools)).astype(np.float64)
        model = levelled_model(used, parts, reml, confidence)
    if isinstance(model, str) or not model.converged:
        reason = model if isinstance(model, str) else "not_converged"
        return Finding.nothing(ANALYSIS, used.outcome, reason, used.basis, **more)

    table = school_table(model, schools, n, draws=draws, seed=seed, confidence=confidence)
    tables = {"schools": table, "variances": model.variances}
    numbers = numbers_of_model(wanted, model) | numbers_of(table, confidence)
    corrected = corrected_run(used, model, wanted.reliability, confidence) if wanted.reliability else None
    if corrected:
        tables |= {"schools": table.assign(shrunken_corrected=corrected.effects), "corrected": corrected.table}
        numbers |= corrected.numbers
    if replicates and model.simple:
        tables["bootstrap"] = bootstrapped(used, model.simple, replicates, seed, confidence)
    slope = one_slope(used, model, wanted)
    if slope:
        numbers["p_one_slope"] = slope.value
    checks = checks_of(rows, used, model, wanted, formula, n, numbers, repeated) + ([slope] if slope else [])
    adjusted = any(name != "Intercept" for name in used.design.terms)
    return Finding(
        ANALYSIS,
        used.outcome,
        Claim.GOES_WITH if adjusted else Claim.DIFFERS,
        pd.DataFrame(
            [*school_estimates(used, model, school), *coefficient_rows(used, model, confidence), *variance_rows(used, model)]
        ),
        replace(used.basis, schools=len(schools)),
        tuple(checks),
        CANNOT_TELL,
        tables,
        numbers,
        **more,
    )


def of_municipality(town: MunicipalRows) -> list[Finding]:
    """Value added of every pair of results between which pupils can be followed, all school years together."""
    return [_of_chain(town, earlier, later) for earlier, later in town.chains]


def _of_chain(town: MunicipalRows, earlier: str, later: str) -> Finding:
    rows = rows_of_chain(town, earlier, later)
    finding = value_added(
        rows,
        formula_of(rows),
        pupil="pupil",
        school_year="school_year",
        reliability={"earlier": SUPPOSED_RELIABILITY},
        confidence=town.confidence,
    )
    checks = tuple(
        # Nobody has said how reliable the earlier result is: the run beside the plain one rests on a supposition.
        replace(check, passed=None if check.id == "value_added_reliability" else check.passed, about=earlier)
        if check.about
        else check
        for check in finding.checks
    )
    return replace(finding, outcome=later, about={"measure": later, "earlier": earlier}, checks=checks)


def rows_of_chain(town: MunicipalRows, earlier: str, later: str) -> pd.DataFrame:
    """All pupils with the later result in the school years in which pupils can be followed, the earlier one where there is one.

    Who has none is missing for a reason, has often come lately, and is counted among those left out.
    """
    pairs = town.pairs(earlier, later)[["pupil", "school_year", "earlier"]]
    results = town.results[town.results["measure"].eq(later) & town.results["school_year"].isin(pairs["school_year"])]
    rows = results.rename(columns={"value": "later"})[["pupil", "school", "school_year", "later"]]
    rows = rows.merge(pairs.drop_duplicates(["pupil", "school_year"]), on=["pupil", "school_year"], how="left")
    return rows.merge(town.pupils[["pupil", "school_year", *BACKGROUND]], on=["pupil", "school_year"], how="left")


def formula_of(rows: pd.DataFrame) -> str:
    """The earlier result and the background that varies, and the school year where there are several."""
    whole = rows.dropna(subset=["earlier", "later"])
    varies = [name for name in (*BACKGROUND, "school_year") if whole[name].nunique() > 1]
    return " + ".join(["later ~ earlier", *(IN_WORDS.get(name, name) for name in varies)])
