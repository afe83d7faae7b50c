"""How long value added takes: ours and statsmodels' MixedLM on the same made-up pupils, in one run; and a bootstrap of ours.

python benchmarks/value_added.py          up to 200,000 pupils in 3,000 schools, about a minute
python benchmarks/value_added.py --small  up to 20,000 pupils

Outcome on earlier result and three factors, one intercept per school; then slopes that vary, two kinds of school that cross,
and pupils with several results. "Whole finding" is ``value_added`` on a frame: formula, checks, ranks and all, which
statsmodels does not do. Where statsmodels has no seconds it would take minutes or more. Seconds are those of the processor,
not of the clock, so that others at work on the same machine count for little; the best of several runs. Read the ratios
before the seconds.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.regression.mixed_linear_model import MixedLM

from kvalitet_lib.analyses.value_added import value_added
from kvalitet_lib.statistics.group_sums import group_sums
from kvalitet_lib.statistics.mixed_model import fit_mixed_model
from kvalitet_lib.statistics.mixed_terms import RandomTerm
from kvalitet_lib.statistics.random_intercept import fit_random_intercept
from kvalitet_lib.statistics.random_intercept_bootstrap import bootstrap

SIZES = ((2_000, 65), (20_000, 600), (200_000, 3_000))
REPLICATES, BOOTSTRAPPED = 500, (20_000, 600)


@dataclass(frozen=True)
class Made:
    """Made-up pupils: outcome (n,), columns (n, 5) and school (n,)."""

    y: np.ndarray
    x: np.ndarray
    school: np.ndarray

    @classmethod
    def of(cls, pupils: int, schools: int, slope: float = 0.0) -> Made:
        rng = np.random.default_rng(1)
        school = np.sort(np.append(np.arange(schools), rng.integers(0, schools, pupils - schools)))
        x = np.column_stack([np.ones(pupils), rng.normal(size=(pupils, 4))])
        effects = rng.normal(0, [0.31, slope], (schools, 2))
        y = x @ [0, 0.6, 0.2, -0.15, -0.1] + (effects[school] * x[:, :2]).sum(axis=1) + rng.normal(0, 0.75, pupils)
        return cls(y, x, school)

    @property
    def frame(self) -> pd.DataFrame:
        named = {f"x{at}": self.x[:, at] for at in range(1, 5)}
        return pd.DataFrame({"y": self.y, "school": self.school, **named})


def best(way: Callable[[], Any], times: int) -> tuple[float, Any]:
    """Processor seconds of the fastest run, and what the last one answered."""
    seconds = []
    for _ in range(times):
        began = time.process_time()
        answer = way()
        seconds.append(time.process_time() - began)
    return min(seconds), answer


def statsmodels(made: Made, slope: bool = False) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return MixedLM(made.y, made.x, made.school, exog_re=made.x[:, :2] if slope else None).fit()


def one_intercept(pupils: int, schools: int) -> str:
    made = Made.of(pupils, schools)
    ours, fit = best(lambda: fit_random_intercept(group_sums(made.y, made.x, made.school)), 15)
    theirs, other = best(lambda: statsmodels(made), 3 if pupils < 100_000 else 2)
    whole, _ = best(lambda: value_added(made.frame, "y ~ x1 + x2 + x3 + x4"), 2)
    apart = abs(other.cov_re[0, 0] / fit.between_variance - 1)
    return row(f"one intercept, {pupils:,} pupils, {schools:,} schools", ours, theirs, apart, whole)


def varying_slopes(pupils: int, schools: int) -> str:
    made = Made.of(pupils, schools, slope=0.15)
    ours, fit = best(lambda: fit_mixed_model(made.y, made.x, [RandomTerm.of(made.school, made.x[:, :2])]), 3)
    theirs, other = best(lambda: statsmodels(made, slope=True), 1)
    apart = abs(other.cov_re[1, 1] / fit.covariances[0][1, 1] - 1)
    return row(f"slopes vary, {pupils:,} pupils, {schools:,} schools", ours, theirs, apart)


def crossed(pupils: int, first: int, second: int) -> str:
    made = Made.of(pupils, first)
    rng = np.random.default_rng(2)
    other = np.append(np.arange(second), rng.integers(0, second, pupils - second))
    y = made.y + rng.normal(0, 0.4, second)[other]
    ours, _ = best(lambda: fit_mixed_model(y, made.x, [RandomTerm.of(made.school), RandomTerm.of(other)]), 3)
    return row(f"crossed, {pupils:,} pupils, {first} by {second} schools", ours)


def levels(results: int, pupils: int, schools: int) -> str:
    made = Made.of(results, schools)
    rng = np.random.default_rng(3)
    pupil = np.append(np.arange(pupils), rng.integers(0, pupils, results - pupils))
    school = made.school[:pupils][pupil]
    y = made.y + rng.normal(0, 0.5, pupils)[pupil]
    terms = [RandomTerm.of(pd.factorize(school)[0]), RandomTerm.of(pupil)]
    ours, _ = best(lambda: fit_mixed_model(y, made.x, terms), 2)
    return row(f"three levels, {results:,} results, {pupils:,} pupils, {schools:,} schools", ours)


def row(what: str, ours: float, theirs: float | None = None, apart: float | None = None, whole: float | None = None) -> str:
    cells = [
        f"{ours:.4f}",
        f"{theirs:.2f}" if theirs is not None else "",
        f"{theirs / ours:,.0f}" if theirs is not None else "",
        f"{apart:.0e}" if apart is not None else "",
        f"{whole:.2f}" if whole is not None else "",
    ]
    return f"| {what} | {' | '.join(cells)} |"


def main() -> None:
    """Time every model on the same pupils and print a table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--small", action="store_true", help="leave out the largest")
    small = asked.parse_args().small
    print("| | ours, s | statsmodels, s | times | variance apart by | whole finding, s |")
    print("|---|---:|---:|---:|---:|---:|")
    for pupils, schools in SIZES[:-1] if small else SIZES:
        print(one_intercept(pupils, schools), flush=True)
    print(varying_slopes(2_000, 65) if small else varying_slopes(20_000, 600), flush=True)
    print(crossed(5_000, 60, 120), flush=True)
    print(crossed(20_000, 200, 400), flush=True)
    print(levels(100_000, 20_000, 600), flush=True)
    made = Made.of(*BOOTSTRAPPED)
    fit = fit_random_intercept(group_sums(made.y, made.x, made.school))
    seconds, _ = best(lambda: bootstrap(fit, REPLICATES), 3)
    print(f"\n{REPLICATES} replicates of a parametric bootstrap, {BOOTSTRAPPED[0]:,} pupils: {seconds:.2f} s")


if __name__ == "__main__":
    main()
