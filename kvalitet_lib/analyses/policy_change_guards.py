"""What speaks against a measure's effect: a bad year just before, placebos in time and in place, one unit that decides."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from kvalitet_lib.analyses.policy_change_effects import Setting, effects_of, frame_of, t_test
from kvalitet_lib.analyses.policy_change_panel import Panel
from kvalitet_lib.statistics.dealt_out import dealt_out_p
from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.staggered_adoption import GroupTime
from kvalitet_lib.statistics.staggered_summaries import Combination, combine, estimates, without_each
from kvalitet_lib.statistics.two_way_effects import Design, few_cluster_tests, saturated_design, two_way_design
from kvalitet_lib.statistics.wild_bootstrap import WildBootstrap, wild_bootstrap

MOST_LEFT_OUT = 100  # doubly robust estimates are made anew without each unit, when there are no more than this
MOST_PLACEBO_YEARS = 3
SEED = 20250


@dataclass(frozen=True)
class LastYear:
    """How the last period before the measure differs from those before it, the treated beside the others.

    ``dip`` and its standard error and degrees of freedom; ``longer``: the effect counted from the mean of the earlier periods,
    the last one left out. NaN where nobody treated has two periods before.
    """

    dip: float
    standard_error: float
    freedom: float
    longer: pd.DataFrame

    def p_against(self, effect: float) -> float:
        """One-sided p of no dip in the direction that makes going back to the usual look like this effect."""
        if not self.standard_error > 0:
            return np.nan
        return float(stats.t.sf(-np.sign(effect) * self.dip / self.standard_error, self.freedom))


def simple_of(effects: GroupTime, kept: np.ndarray | None = None) -> Combination:
    """The overall effect's combination; of some cells only, groups weighing by their units."""
    if kept is None:
        return combine(effects, "simple")[1]
    return combine(replace(effects, after=kept), "simple")[1]


def last_year(panel: Panel, setting: Setting) -> LastYear:
    """Were the treated picked when they were low, or high, by chance? What follows then is going back to the usual."""
    steps, set_in_steps = panel.steps, setting.in_steps(panel)
    gap = set_in_steps.anticipation
    early = replace(steps, cohort=steps.cohort - gap - 1)
    effects = effects_of(early, set_in_steps, anticipation=0, base="all")
    dip = estimates(effects, simple_of(effects, effects.time == effects.group)) if len(effects) else None
    longer = effects_of(steps, set_in_steps, anticipation=gap + 1, base="all")
    found = frame_of(longer, simple_of(longer), setting.confidence) if longer.after.any() else pd.DataFrame()
    if dip is None:
        return LastYear(np.nan, np.nan, np.nan, found)
    return LastYear(float(dip.estimate[0]), float(dip.standard_error_few[0]), float(dip.freedom[0]), found)


def placebos_in_time(panel: Panel, setting: Setting) -> pd.DataFrame:
    """The effect of pretending that the measure came one, two, three periods earlier, from what was before it alone."""
    steps, set_in_steps = panel.steps, setting.in_steps(panel)
    gap, found = set_in_steps.anticipation, []
    for earlier in range(1, MOST_PLACEBO_YEARS + 1):
        pretended = replace(steps, cohort=steps.cohort - gap - earlier)
        effects = effects_of(pretended, set_in_steps, anticipation=0, base="varying")
        untouched = effects.after & (effects.time < effects.group + earlier)
        if untouched.any():
            one = frame_of(effects, simple_of(effects, untouched), setting.confidence)
            found.append(one.assign(placebo="in_time", about=str(earlier)))
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def placebo_in_place(panel: Panel, setting: Setting) -> tuple[float, pd.DataFrame]:
    """How often chance alone gives as large an effect when the same first periods are dealt out among the units anew.

    Returns
    -------
    p : float
        Without covariates; see :func:`kvalitet_lib.statistics.dealt_out.dealt_out_p`.
    units : DataFrame
        Each unit never treated, as if it alone had had the measure from the most usual first period: ``about, estimate``.
    """
    effects = effects_of(replace(panel, covariates=panel.covariates[:, :, :0]), setting)
    return dealt_out_p(panel.outcomes, effects, simple_of(effects).factors[0], seed=SEED), _as_if_treated(panel)


def _as_if_treated(panel: Panel) -> pd.DataFrame:
    never = ~panel.treated
    starts, counts = np.unique(panel.cohort[panel.treated], return_counts=True)
    start = starts[counts.argmax()]
    after = panel.times >= start
    if never.sum() < 3 or not after.any() or after.all():
        return pd.DataFrame(columns=["placebo", "about", "estimate"])
    own = panel.outcomes[never]
    change = own[:, after].mean(axis=1) - own[:, np.flatnonzero(~after)[-1]]
    weights = panel.weights[never]
    others = ((weights * change).sum() - weights * change) / (weights.sum() - weights)
    return pd.DataFrame({"placebo": "in_place", "about": [str(unit) for unit in panel.units[never]], "estimate": change - others})


def leave_one_out(panel: Panel, setting: Setting, effects: GroupTime) -> pd.DataFrame:
    """The overall effect without each unit in turn: ``unit, treated, estimate``."""
    without = without_each(effects)
    if effects.adjusted_for and setting.estimator == "doubly_robust" and len(panel.units) <= MOST_LEFT_OUT:
        without = np.array([_without(panel, setting, unit) for unit in range(len(panel.units))])
    return pd.DataFrame({"unit": [str(unit) for unit in panel.units], "treated": panel.treated, "estimate": without})


def _without(panel: Panel, setting: Setting, unit: int) -> float:
    effects = effects_of(panel.without(np.arange(len(panel.units)) == unit), setting)
    return float(simple_of(effects).factors[0] @ effects.estimate) if effects.after.any() else np.nan


def regression_of(panel: Panel, effects: GroupTime) -> tuple[Design, str]:
    """A regression whose coefficient of interest is the overall effect; without never-treated units, the two-way one."""
    if panel.treated.all():
        return two_way_design(panel.outcomes, panel.cohort, panel.times, panel.weights), "two_way"
    held = [
        np.outer(column, panel.times == period).astype(np.float64)
        for column in panel.covariates[:, 0].T
        for period in panel.times[1:]
    ]
    factors = simple_of(effects).factors[0]
    return saturated_design(panel.outcomes, effects, factors, panel.times, panel.weights, held), "saturated"


def tests_for_few(design: Design, name: str, confidence: float) -> tuple[pd.DataFrame, WildBootstrap]:
    """The coefficient's interval and p by four ways that differ when units are few: CR1, CR2, CR3 and the wild bootstrap."""
    rows: list[dict[str, object]] = [
        {"regression": name, "way": kind, "estimate": one.estimate, "standard_error": one.standard_error}
        | {"freedom": one.freedom, **t_test(one.estimate, one.standard_error, one.freedom, confidence)}
        for kind, one in few_cluster_tests(design).items()
    ]
    wild = wild_bootstrap(
        design.outcome, design.interest, design.others, design.units, weights=design.weights, confidence=confidence, seed=SEED
    )
    rows.append(
        {"regression": name, "way": "wild", "estimate": wild.estimate, "standard_error": wild.standard_error}
        | {"lower": wild.lower, "upper": wild.upper, "freedom": np.nan, "p": wild.p}
    )
    return pd.DataFrame(rows), wild


def years_before(panel: Panel, setting: Setting) -> Floats:
    """How many periods each treated unit has before the measure and any anticipation of it."""
    starts = panel.cohort[panel.treated] - setting.anticipation
    return (panel.times < starts[:, None]).sum(axis=1).astype(np.float64)
