"""How far have pupils come, held against pupils with the same earlier results? Growth percentiles by school and group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.analyses.growth_ahead import ahead_of, coming_of, steps_of
from kvalitet_lib.analyses.growth_answer import checks_of, estimates_of, numbers_of, tables_of
from kvalitet_lib.analyses.growth_municipal import coming_to, results_of_chain, usual_threshold
from kvalitet_lib.analyses.growth_rows import ANALYSIS, Pupils, Question, splines_of
from kvalitet_lib.analyses.growth_tables import Held
from kvalitet_lib.analyses.municipal_rows import MunicipalRows
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.growth_norms import GrowthNorms

FEWEST_PUPILS = 100  # one for each percentile; own rule
METHOD = (
    "Growth percentiles (Betebenner 2009): exact quantile regressions at 100 quantiles on cubic B-splines of {priors} earlier "
    "score(s), norm of {pupils} pupils; medians with Hettmansperger-Sheather intervals; Benjamini-Hochberg within each term"
)
CANNOT_TELL = ("why", "growth_all_alike", "growth_how_much", "unmeasured", "single_pupil")


def growth(
    rows: pd.DataFrame,
    score: str,
    priors: str | Sequence[str],
    *,
    school: str = "",
    group: str | Sequence[str] = (),
    pupil: str = "",
    school_year: str = "",
    norm: pd.DataFrame | None = None,
    target: float | None = None,
    toward: str | Sequence[str] = (),
    coming: pd.DataFrame | None = None,
    reliability: float | None = None,
    knots: Mapping[str, Sequence[float]] | None = None,
    boundaries: Mapping[str, tuple[float, float]] | None = None,
    confidence: float = 0.95,
) -> Finding:
    """Growth percentiles: where each pupil's score lies among those of pupils with the same earlier scores.

    Parameters
    ----------
    rows : DataFrame
        One row is one pupil.
    score : str
        The later score. Any scale; it need not be that of the earlier ones.
    priors : str or sequence of str
        Earlier scores, the latest first. A pupil without some of them is held against pupils by those before the first that
        is missing; without the latest, a pupil is left out.
    school, group, pupil, school_year : str
        Columns to gather by; ``group`` may be several.
    norm : DataFrame, optional
        Pupils to hold ``rows`` against, with the same columns; the rows themselves when not given.
    target : float, optional
        A score to be on the way to: of ``score``, or of the last column of ``toward``.
    toward : str or sequence of str
        Still later scores on the way to the target, the next first.
    coming : DataFrame, optional
        Pupils who have not come to the target's score yet, with the same columns; those of ``rows`` without it when not given.
    reliability : float, optional
        Share of the earlier scores' variance that is not error, in (0, 1], where those who make the test say it: adds
        ``mean_corrected`` to ``schools``. Only when the rows are their own norm.
    knots, boundaries : mapping of str to values, optional
        Of a prior's spline; else the 20th, 40th, 60th and 80th percentile, and a tenth beyond the range.
    confidence : float

    Returns
    -------
    Finding
        ``estimates``: one row for each school (term ``school``) and group (term: the column) with its median percentile,
        ``null`` the middle of the norm (50, or a little less where the pupils are a small norm of their own), p adjusted
        within the term; a row ``all``; with a target the share ``on_the_way``, of all and by school.
        ``tables``: ``schools`` (``school``, the median with its interval, ``mean, mean_lower, mean_upper``, ``n``,
        ``missing``), ``groups`` (``factor, group``, the same), ``school_years`` (``school, school_year``, the same) and
        ``on_the_way`` (``expected`` is the share of pupils like them that reached the target). ``numbers``: ``norm_pupils``,
        ``priors`` used, ``tests``, ``between_schools`` (share of the variance of percentiles, 0-1), ``p_all_alike`` (Kruskal
        and Wallis), ``beyond`` (pupils whose earlier score lies outside the norm's boundaries), ``target``. ``pupils``: those
        with a percentile, with every column named, ``percentile`` and the number of ``priors`` it rests on. A percentile
        counts the fitted quantiles strictly below the score, as the SGP package does.

    Raises
    ------
    ContractError
        A column is missing or no number, a pupil has several rows, or knots do not fit.

    References
    ----------
    Betebenner, D. (2009). Norm- and criterion-referenced student growth. Educ. Meas. Issues Pract. 28(4), 42-51.
    Castellano, K. E. & Ho, A. D. (2015). Practical differences among aggregate-level conditional status metrics: from median
    student growth percentiles to value-added models. J. Educ. Behav. Stat. 40(1), 35-68 (why the mean stands beside the median).
    """
    earlier = (priors,) if isinstance(priors, str) else tuple(priors)
    factors = (group,) if isinstance(group, str) and group else tuple(group)
    question = Question(score, earlier, school, factors, pupil, school_year, confidence)
    if reliability is not None and (norm is not None or not 0 < reliability <= 1):
        raise ContractError(
            f"growth: a reliability is above 0 and at most 1, and for rows that are their own norm; got {reliability}."
        )
    steps = steps_of(rows, score, toward)
    everyone = question.read(rows)
    held_against = everyone if norm is None else question.scores_of(norm)
    # Without a frame of their own, pupils on the way to the score are those who lack it: they are not lost.
    missing_target = coming_of(rows, everyone, steps) & (target is not None and coming is None)
    asked = everyone if steps else everyone.where(~missing_target)
    still = everyone.where(missing_target) if coming is None else question.scores_of(coming, [school] if school else [])
    members = held_against.where(held_against.whole)
    basis = question.basis(asked)
    more: dict[str, Any] = {"confidence": confidence, "about": {"earlier": ", ".join(earlier)}}
    if reason := _why_not(asked, members):
        return Finding.nothing(ANALYSIS, score, reason, basis, **more)
    try:
        chosen = splines_of(question, members, knots, boundaries)
        norms = GrowthNorms.of(members.score, members.priors, fewest=FEWEST_PUPILS, splines=chosen)
        later = rows if norm is None else norm
        ahead = None if target is None else ahead_of(still, later, held_against, steps, norms, float(target), FEWEST_PUPILS)
    except ArithmeticError:
        return Finding.nothing(ANALYSIS, score, "not_converged", basis, **more)
    held = Held(asked, norms.percentiles(asked.score, asked.priors), norms, norm is None, basis)
    tables = tables_of(question, held, ahead, reliability)
    numbers = numbers_of(question, held, tables) | ({} if target is None else {"target": float(target)})
    known = np.isfinite(held.percentile)
    return Finding(
        ANALYSIS,
        score,
        Claim.GOES_WITH,
        estimates_of(question, held, tables),
        basis,
        checks=checks_of(question, held, tables, lost=bool(steps) or target is None or coming is not None),
        cannot_tell=CANNOT_TELL,
        tables=tables,
        numbers=numbers,
        method=METHOD.format(priors=len(norms.norms), pupils=len(members)),
        pupils=asked.frame.assign(percentile=held.percentile, priors=norms.uses(asked.priors))[known].reset_index(drop=True),
        **more,
    )


def _why_not(asked: Pupils, members: Pupils) -> str:
    """Why there is no answer; empty when there may be one."""
    if not np.isfinite(asked.score).any():
        return "no_outcome"
    if len(members) < FEWEST_PUPILS or not asked.whole.any():
        return "too_few_rows"
    if np.ptp(members.score) == 0:
        return "same_outcome"
    return "no_variation" if np.ptp(members.priors[:, 0]) == 0 else ""


def of_municipality(town: MunicipalRows) -> list[Finding]:
    """Growth along every pair of results that pupils can be followed between."""
    if not town.chains:
        return [Finding.nothing(ANALYSIS, town.outcome, "growth_no_chain", confidence=town.confidence)]
    return [_of_chain(town, earlier, later) for earlier, later in town.chains]


def _of_chain(town: MunicipalRows, earlier: str, later: str) -> Finding:
    rows, priors = results_of_chain(town, earlier, later)
    target = usual_threshold(town, later, rows)
    found = growth(
        rows,
        "later",
        priors,
        school="school",
        group=("sex", "parents_education"),
        pupil="pupil",
        school_year="school_year",
        target=target,
        coming=None if target is None else coming_to(town, earlier, later),
        confidence=town.confidence,
    )
    return replace(found, outcome=later, about={"earlier": earlier, "later": later})
