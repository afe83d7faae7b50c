"""Have the pupils come further, or are they other pupils? The same pupils over the years beside class against class."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from kvalitet_lib.analyses import cohorts_checks as doubt
from kvalitet_lib.analyses.checks import enough_schools, one_family
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.cohorts_municipal import rows_of_chain
from kvalitet_lib.analyses.cohorts_rows import ANALYSIS, Followed, Rows, follow
from kvalitet_lib.analyses.cohorts_tables import counts_of, estimates_of, loss_of, lost_beside_kept, schools_of
from kvalitet_lib.analyses.finding import Basis, Finding
from kvalitet_lib.analyses.municipal_rows import MunicipalRows
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.same_persons import Contrast, WithTheLost

FEWEST_MATCHED = 5  # own rule
METHOD = (
    "Mean change of {matched} pupils with both results (paired t) beside this year's class less last year's (Welch) and the "
    "difference between the two (persons' influence added up, Satterthwaite); loss: prediction from fifths of the "
    "earlier result with a common slope, and bounds; Benjamini-Hochberg over schools within each term"
)
CANNOT_TELL = ("why", "cohorts_lost", "cohorts_regression", "single_pupil")


def cohorts(
    rows: pd.DataFrame,
    value: str,
    *,
    pupil: str,
    school: str,
    school_year: str,
    year_group: str = "",
    at: int | None = None,
    later: str | int | None = None,
    between: int = 1,
    confidence: float = 0.95,
) -> Finding:
    """The same pupils at two times, who came and went, and class against class beside them.

    Parameters
    ----------
    rows : DataFrame
        One row is one pupil in one school year; ``value`` may be empty for pupils who were there without a result.
    value : str
        A result on one scale over the years, e.g. standard deviations from each year's mean.
    pupil, school, school_year : str
        School years begin with four figures, like 2024-25.
    year_group : str, optional
        Class level. With it, this year's class is held against last year's of the same level; without, everyone now
        against everyone on the earlier occasion.
    at : int, optional
        The level looked at on the later occasion; the highest whose pupils can be followed when not given.
    later : str or int, optional
        The later school year; the newest whose pupils can be followed when not given.
    between : int
        School years between the two occasions.
    confidence : float

    Returns
    -------
    Finding
        ``estimates``: three terms, each of all together (``group`` empty) and by school, ``null`` 0: ``same_pupils`` (mean
        change of those with both results, at the later school), ``class_against_class`` (mean of this class less that of last
        year's) and ``difference`` (the second less the first); ``missing`` is the share of those who began without a result
        now. p is adjusted over schools within a term. ``tables``: ``schools`` (``school``, empty for all; ``then, now, stayed,
        moved_in, moved_out, new, lost, no_result_then, no_result_now``, and each term's ``…_estimate, …_lower, …_upper,
        …_p_adjusted``), ``school_years`` (the same of all together, for every later year that can be followed) and ``loss``
        (how many were ``kept`` and ``lost``, their mean earlier result, the difference with its interval). ``numbers``:
        ``matched``, ``share_lost`` (0-1), ``lost_less_kept`` (standard deviations of the earlier result), ``change``,
        ``change_reweighted`` with ``_lower, _upper`` (if those lost had developed as those kept of the same fifth),
        ``change_worst, change_best`` (whatever became of them), ``turning`` (standard deviations by which they would have to
        differ for no change in all), ``tests``, ``between``, ``year_group``.

    Raises
    ------
    ContractError
        A column is missing or no number, a pupil has several rows in a year, or a year cannot be read.

    References
    ----------
    Welch, B. L. (1947). The generalization of Student's problem when several different population variances are involved.
    Biometrika 34(1/2), 28-35.
    Cochran, W. G. (1968). The effectiveness of adjustment by subclassification in removing bias in observational studies.
    Biometrics 24(2), 295-313.
    Horowitz, J. L. & Manski, C. F. (2000). Nonparametric analysis of randomized experiments with missing covariate and outcome
    data. J. Am. Stat. Assoc. 95(449), 77-84.
    """
    if between < 1 or not 0 < confidence < 1:
        raise ContractError(f"cohorts needs between >= 1 and a confidence between 0 and 1; it got {between} and {confidence}.")
    if at is not None and not year_group:
        raise ContractError("cohorts: a class level is named in 'at', but no column of levels. Name it in 'year_group', too.")
    read = Rows.of(rows, value, pupil, school, school_year, year_group)
    more: dict[str, Any] = {"confidence": confidence}
    if read.frame["value"].isna().all():
        return Finding.nothing(ANALYSIS, value, "no_outcome", Basis(missing=float(len(rows) > 0)), **more)
    years = _years(read, year_group != "", at, later, between)
    if not years:
        return Finding.nothing(ANALYSIS, value, "cohorts_one_occasion", Basis(rows=0, missing=1.0), **more)
    newest = max(years)
    followed = years[newest]
    basis = _basis(followed, read.years[newest])
    more["about"] = {"school_year": read.years[newest]}
    if int(followed.matched.sum()) < FEWEST_MATCHED:
        return Finding.nothing(ANALYSIS, value, "too_few_rows", basis, **more)
    counts = counts_of(followed)
    estimates = estimates_of(followed, counts, confidence)
    loss, apart = loss_of(followed, confidence), lost_beside_kept(followed, confidence)
    tested = estimates["p"].notna() & estimates["group"].ne("")
    table = schools_of(counts, estimates)
    before = [_of_year(one, read.years[year], confidence) for year, one in sorted(years.items()) if one is not followed]
    schools = int(followed.pupils.loc[followed.matched, "school"].nunique())
    return Finding(
        ANALYSIS,
        value,
        Claim.DIFFERS,
        estimates[estimates["estimate"].notna()],
        basis,
        checks=(
            doubt.few_lost(loss),
            doubt.lost_are_alike(followed, apart, confidence),
            doubt.holds_reweighted(loss, estimates.iloc[0]),
            doubt.bounded(loss),
            doubt.turning(loss),
            doubt.same_scale(followed),
            doubt.towards_the_mean(followed),
            enough_schools(schools),
            one_family(int(tested.sum())),
        ),
        cannot_tell=CANNOT_TELL,
        tables={
            "schools": table,
            "school_years": pd.concat([*before, _whole(table, read.years[newest])], ignore_index=True),
            "loss": _loss_table(followed, apart),
        },
        numbers=_numbers(followed, loss, apart, estimates.iloc[0]) | {"tests": float(tested.sum()), "between": float(between)},
        method=METHOD.format(matched=int(followed.matched.sum())),
        **more,
    )


def _years(read: Rows, levels: bool, at: int | None, later: str | int | None, between: int) -> dict[int, Followed]:
    """The same class level of each later school year, as far as somebody in it has a result on both occasions."""
    wanted = [year for year, written in read.years.items() if later is None or str(later) in (written, str(year))]
    if not wanted:
        raise ContractError(f"cohorts: no row is from the school year {later}. There are: {', '.join(read.years.values())}.")
    for year in reversed(wanted):
        groups = [None] if not levels else read.year_groups(year) if at is None else [float(at)]
        for group in groups:
            newest = follow(read, year, between, group)
            if newest.matched.any():
                each = {one: follow(read, one, between, group) for one in wanted if one < year} | {year: newest}
                return {one: followed for one, followed in each.items() if followed.matched.any()}
    return {}


def _basis(followed: Followed, school_year: str) -> Basis:
    pupils, matched = followed.pupils, followed.matched
    known = pupils["earlier"].notna() | pupils["later"].notna()
    out = {
        "cohorts_new": int((known & pupils["kind"].eq("new")).sum()),
        "cohorts_lost": int((known & pupils["kind"].eq("lost")).sum()),
        "cohorts_no_result": int((known & ~matched & ~pupils["kind"].isin(["new", "lost"])).sum()),
    }
    return Basis(
        rows=int(matched.sum()),
        schools=int(pupils.loc[matched, "school"].nunique()),
        pupils=int(matched.sum()),
        school_years=(school_year,),
        missing=float(1 - matched.sum() / known.sum()) if known.any() else 1.0,
        left_out={name: count for name, count in out.items() if count},
    )


def _of_year(followed: Followed, school_year: str, confidence: float) -> pd.DataFrame:
    counts = counts_of(followed)
    return _whole(schools_of(counts, estimates_of(followed, counts, confidence)), school_year)


def _whole(schools: pd.DataFrame, school_year: str) -> pd.DataFrame:
    """The row of all together, with its school year."""
    whole = schools.iloc[[0]].drop(columns="school")
    whole.insert(0, "school_year", school_year)
    return whole


def _loss_table(followed: Followed, apart: Contrast) -> pd.DataFrame:
    began = followed.began
    kept = began["later"].notna()
    return pd.DataFrame(
        {
            "kept": [int(kept.sum())],
            "lost": [int((~kept).sum())],
            "kept_earlier": [began.loc[kept, "earlier"].mean()],
            "lost_earlier": [began.loc[~kept, "earlier"].mean()],
            "difference": apart.estimate,
            "lower": apart.lower,
            "upper": apart.upper,
            "p": apart.p,
        }
    )


def _numbers(followed: Followed, loss: WithTheLost, apart: Contrast, same: pd.Series) -> dict[str, float]:
    spread = float(followed.began["earlier"].std())
    return {
        "matched": float(followed.matched.sum()),
        "share_lost": loss.share,
        "lost_less_kept": float(apart.estimate[0]) / spread if spread > 0 else float("nan"),
        "change": float(same["estimate"]),
        "change_reweighted": loss.reweighted,
        "change_reweighted_lower": loss.lower,
        "change_reweighted_upper": loss.upper,
        "change_worst": loss.worst,
        "change_best": loss.best,
        "turning": loss.turning,
    } | ({} if followed.year_group is None else {"year_group": float(followed.year_group)})


def of_municipality(town: MunicipalRows) -> list[Finding]:
    """The newest class along every pair of results that pupils can be followed between."""
    if not town.chains:
        return [Finding.nothing(ANALYSIS, town.outcome, "cohorts_no_chain", confidence=town.confidence)]
    return [_of_chain(town, earlier, later) for earlier, later in town.chains]


def _of_chain(town: MunicipalRows, earlier: str, later: str) -> Finding:
    rows, at, between = rows_of_chain(town, earlier, later)
    columns = {"pupil": "pupil", "school": "school", "school_year": "school_year", "year_group": "year_group"}
    found = cohorts(rows, "z", **columns, at=at, between=between, confidence=town.confidence)
    # Of all together, results in standard deviations from their own mean are 0 by construction: that claims nothing.
    estimates = found.estimates.copy()
    estimates.loc[estimates["group"].eq(""), ["null", "p", "p_adjusted"]] = np.nan
    return replace(found, estimates=estimates, outcome=later, about={"earlier": earlier, "later": later, **found.about})
