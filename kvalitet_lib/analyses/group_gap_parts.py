"""What a gap is made up of: school years, and parts by composition and coefficients (Oaxaca-Blinder)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.factor_matrix import Factors
from kvalitet_lib.analyses.group_gap_answers import Answers
from kvalitet_lib.analyses.group_gap_rows import GapRows
from kvalitet_lib.statistics.decomposition import REFERENCES, Parts, Reference, TwoGroups
from kvalitet_lib.statistics.group_means import GroupMeans
from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.resampling import standard_error_of, t_test

FEWEST_YEARS = 3  # a line through two points always fits
THREEFOLD = ("endowments", "coefficients", "interaction")
TWOFOLD = ("explained", "unexplained")
SIDES = ("unexplained_a", "unexplained_b")


def add_means(answers: Answers, rows: GapRows) -> None:
    """The gap, both means, and the gap in each school year."""
    whole = GroupMeans.of(rows.outcome, rows.in_b, rows.unit, np.zeros(len(rows), dtype=np.int64))
    found = answers.drawn(rows, lambda weights: {"means": whole.means(weights)[..., 0].T})["means"]
    a, b = whole.means(np.ones((1, rows.units)))[:, 0, 0]
    answers.add(rows, "gap", float(a - b), found[:, 0] - found[:, 1], len(rows))
    for place, (name, mean) in enumerate(zip(rows.names, (a, b), strict=True)):
        answers.add(rows, "mean", float(mean), found[:, place], rows.sizes[place], name, null=np.nan)
    if rows.columns.school_year:
        _add_years(answers, rows)


def _add_years(answers: Answers, rows: GapRows) -> None:
    cell, years = rows.cells(rows.columns.school_year)
    by_year, once = GroupMeans.of(rows.outcome, rows.in_b, rows.unit, cell), np.ones((1, rows.units))
    gaps = answers.drawn(rows, lambda weights: {"gaps": by_year.gaps(weights)})["gaps"]
    means, observed, pupils = by_year.means(once)[:, 0], by_year.gaps(once)[0], by_year.pupils.sum(axis=1)
    error = standard_error_of(gaps, rows.units)
    lower, upper, p = t_test(observed, error, rows.units - 1, answers.level)
    answers.tables["school_years"] = pd.DataFrame(
        {"school_year": years, "mean_a": means[0], "mean_b": means[1], "gap": observed, "standard_error": error,
         "lower": lower, "upper": upper, "p": p, "n_a": pupils[0], "n_b": pupils[1]}
    )  # fmt: skip
    there = np.isfinite(observed)
    for place in np.flatnonzero(there):
        answers.add(rows, "gap", float(observed[place]), gaps[:, place], float(pupils[:, place].sum()), years[place])
    if there.sum() >= FEWEST_YEARS:
        at = _places(years)[there]
        contrast = (at - at.mean()) / ((at - at.mean()) ** 2).sum()
        answers.add(rows, "gap_change", float(observed[there] @ contrast), gaps[:, there] @ contrast, len(rows))


def _places(years: list[str]) -> Floats:
    """Where years lie on a line: by the year they begin where they all say so, else one after the other."""
    begins = pd.to_numeric(pd.Series(years).str[:4], errors="coerce")
    return (begins if begins.notna().all() and begins.is_unique else pd.Series(range(len(years)))).to_numpy(dtype=np.float64)


def no_parts(rows: GapRows, factors: Factors) -> str:
    """Why a gap cannot be divided (``reasons.<id>``); empty when it can."""
    if min(rows.sizes) <= factors.matrix.shape[1]:
        return "too_few_rows"
    if factors.without_variation():
        return "no_variation"
    if alone_in_a_group(rows, factors):
        return "gap_in_one_group_only"
    parts = TwoGroups.of(rows.outcome, factors.matrix, rows.in_b, rows.unit).parts()
    whole = all(np.isfinite(one).all() for one in (parts.coefficients_a, parts.coefficients_b, parts.coefficients_reference))
    return "" if whole else "terms_coincide"


def alone_in_a_group(rows: GapRows, factors: Factors) -> list[str]:
    """Terms that are the same for everyone in one of the groups."""
    sides = (rows.in_b, ~rows.in_b)
    return [
        term
        for place, term in enumerate(factors.terms)
        if place and any(np.ptp(factors.matrix[side, place]) <= 0 for side in sides)
    ]


def add_parts(answers: Answers, rows: GapRows, factors: Factors, reference: Reference, baselines: bool) -> None:
    """The threefold division, the twofold one by each reference, and both term by term."""
    groups = TwoGroups.of(rows.outcome, factors.matrix, rows.in_b, rows.unit)
    left_out = tuple(np.array(places) for places in factors.dummies.values()) if baselines else ()
    terms = [*factors.terms, *(factors.baselines.values() if baselines else ())]
    chosen = REFERENCES.index(reference)

    def every(parts: Parts) -> dict[str, Floats]:
        found = {name: np.asarray(getattr(parts, name)) for name in (*THREEFOLD, "explained", *SIDES)}
        return found | {"gap": parts.gap, "unexplained": found["unexplained_a"] + found["unexplained_b"]}

    whole = groups.parts().with_baselines(left_out)
    observed = every(whole)
    found = answers.drawn(rows, lambda weights: every(groups.parts(weights).with_baselines(left_out)))
    answers.add(rows, "gap_divided", float(observed["gap"]), found["gap"], len(rows), null=np.nan)
    for name in THREEFOLD:
        answers.add(rows, name, float(observed[name].sum()), found[name].sum(axis=-1), len(rows))
    for name in TWOFOLD:
        answers.add(rows, name, float(observed[name][chosen].sum()), found[name][:, chosen].sum(axis=-1), len(rows), reference)
    sums = {name: observed[name].sum(axis=-1) for name in (*TWOFOLD, *SIDES)}
    sums_found = {name: found[name].sum(axis=-1) for name in sums}
    weights = [1.0, 0.0, rows.sizes[0] / len(rows), 0.5, np.nan, np.nan]
    answers.tables["references"] = pd.DataFrame(
        {"reference": list(REFERENCES), "weight_of_a": weights, **answers.columns(rows, sums, sums_found)}
    )
    single = {name: observed[name] for name in THREEFOLD} | {name: observed[name][chosen] for name in TWOFOLD}
    single_found = {name: found[name] for name in THREEFOLD} | {name: found[name][:, chosen] for name in TWOFOLD}
    answers.tables["terms"] = pd.DataFrame({"term": terms, **answers.columns(rows, single, single_found)})
    answers.tables["coefficients"] = pd.DataFrame(
        {"term": terms, "mean_a": whole.columns_a, "mean_b": whole.columns_b, "a": whole.coefficients_a,
         "b": whole.coefficients_b, **dict(zip(REFERENCES[2:], whole.coefficients_reference[2:], strict=True))}
    )  # fmt: skip
    lost = ~np.isfinite(found["coefficients"].sum(axis=-1))
    answers.numbers |= {"draws": float(answers.draws), "draws_without_answer": float(lost.sum())}
