"""What schools have to do with a gap: how much of it lies between them, how pupils are spread, and each school's gradient."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.group_gap_answers import Answers
from kvalitet_lib.analyses.group_gap_rows import GapRows
from kvalitet_lib.statistics.group_means import GroupMeans
from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.multiplicity import benjamini_hochberg
from kvalitet_lib.statistics.random_effects import between_interval, pool
from kvalitet_lib.statistics.resampling import t_test
from kvalitet_lib.statistics.segregation import (
    RandomAllocation,
    beyond_chance,
    dissimilarity,
    expected_dissimilarity,
    expected_isolation,
    isolation,
    p_of_allocation,
)
from kvalitet_lib.statistics.slopes import Slopes

ALLOCATIONS = 999
SEGREGATION = [
    "school_year",
    "index",
    "estimate",
    "expected",
    "chance_lower",
    "chance_upper",
    "beyond_chance",
    "p",
    "schools",
    "n",
]


def add_schools(answers: Answers, rows: GapRows) -> None:
    """How much of the gap lies between schools, and how unevenly group B is spread over them."""
    cell, _ = rows.cells(rows.columns.school)
    by_school = GroupMeans.of(rows.outcome, rows.in_b, rows.unit, cell)
    whole = GroupMeans.of(rows.outcome, rows.in_b, rows.unit, np.zeros_like(cell))

    def parts(weights: Floats) -> dict[str, Floats]:
        within = by_school.within(weights)
        return {"between_schools": whole.gaps(weights)[:, 0] - within, "within_schools": within}

    observed, found = parts(np.ones((1, rows.units))), answers.drawn(rows, parts)
    if np.isfinite(observed["within_schools"][0]):
        for name, values in observed.items():
            answers.add(rows, name, float(values[0]), found[name], len(rows))
        # A share of a gap that may be nothing is no share of anything.
        told = answers.p_of("gap") < 1 - answers.level
        share = float(observed["between_schools"][0]) / answers.estimate_of("gap") if told else np.nan
        answers.numbers["share_between_schools"] = share
    _add_segregation(answers, rows)


def _add_segregation(answers: Answers, rows: GapRows) -> None:
    every = [("", np.ones(len(rows), dtype=bool))]
    if rows.columns.school_year:
        cell, years = rows.cells(rows.columns.school_year)
        every += [(year, cell == place) for place, year in enumerate(years)]
    school, _ = rows.cells(rows.columns.school)
    found: list[tuple[object, ...]] = []
    for year, here in every:
        pupils, members = np.bincount(school[here]), np.bincount(school[here], rows.in_b[here])
        members, pupils = members[pupils > 0], pupils[pupils > 0]
        total, n = int(members.sum()), int(pupils.sum())
        if len(pupils) < 2 or not 0 < total < n:
            continue
        chance = RandomAllocation.draw(total, pupils, ALLOCATIONS, answers.seed)
        for index, observed, expected, by_chance in (
            ("dissimilarity", dissimilarity(members, pupils), expected_dissimilarity(total, pupils), chance.dissimilarity),
            ("isolation", isolation(members, pupils), expected_isolation(total, pupils), chance.isolation),
        ):
            value, p = float(observed), p_of_allocation(float(observed), by_chance)
            ends = np.quantile(by_chance, [(1 - answers.level) / 2, (1 + answers.level) / 2])
            found.append((year, index, value, expected, *ends, beyond_chance(value, expected), p, len(pupils), n))
            if not year:
                answers.put(rows, index, value, n, {"null": expected, "p": p})
    answers.tables["segregation"] = pd.DataFrame(found, columns=SEGREGATION)


def add_gradient(answers: Answers, rows: GapRows) -> None:
    """How the outcome rises with the gradient's column within each school, and how much schools differ in that."""
    here = rows.frame[rows.columns.gradient].notna().to_numpy(dtype=bool)
    factor = rows.frame.loc[here, rows.columns.gradient].to_numpy(dtype=np.float64)
    school, names = rows.cells(rows.columns.school)
    year = rows.cells(rows.columns.school_year)[0] if rows.columns.school_year else np.zeros_like(school)
    school, year = school[here], year[here]
    cell = np.unique(np.stack([school, year]), axis=1, return_inverse=True)[1]
    slopes = Slopes.fit(rows.outcome[here], factor, school, len(names), cell)
    known = np.isfinite(slopes.slope) & (slopes.variance > 0)
    if known.sum() < 2:
        return
    value, chance = slopes.slope[known], slopes.variance[known]
    together, level = pool(value, chance), answers.level
    n = float(slopes.pupils[known].sum())
    lower, upper = together.interval(level)
    mean = {"standard_error": together.standard_error, "lower": lower, "upper": upper, "null": 0.0, "p": together.p}
    answers.put(rows, "gradient", together.mean, n, mean)
    least, most = np.sqrt(between_interval(value, chance, level))
    spread = {"lower": float(least), "upper": float(most), "null": 0.0, "p": together.heterogeneity_p}
    answers.put(rows, "gradient_spread", float(np.sqrt(together.between)), n, spread)
    error = np.sqrt(chance)
    own_lower, own_upper, _ = t_test(value, error, np.inf, level)
    unsure = np.sqrt(together.kept * chance + ((1 - together.kept) * together.standard_error) ** 2)
    shrunken_lower, shrunken_upper, _ = t_test(together.shrunken, unsure, together.freedom, level)
    p = t_test(value, error, np.inf, level, together.mean)[2]
    adjusted, _ = benjamini_hochberg(p, np.zeros(len(p), dtype=np.int64))
    answers.tables["schools"] = pd.DataFrame(
        {"school": np.asarray(names)[known], "n": slopes.pupils[known], "slope": value, "standard_error": error,
         "lower": own_lower, "upper": own_upper, "shrunken": together.shrunken, "shrunken_lower": shrunken_lower,
         "shrunken_upper": shrunken_upper, "p": p, "p_adjusted": adjusted}
    )  # fmt: skip
