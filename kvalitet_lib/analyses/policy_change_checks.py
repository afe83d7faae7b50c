"""The doubts about a measure's effect as checks; each limit is our own rule unless its source is named."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.policy_change_guards import LastYear
from kvalitet_lib.statistics.intervals import Floats

FEWEST_TREATED = 3  # of fewer, nobody can say what is the measure and what are the schools
FEWEST_YEARS_BEFORE = 2  # one period says nothing about where units were heading
FEW_UNITS = 40  # below this, tests for few clusters decide (MacKinnon, Nielsen & Webb 2023 and others)
ALMOST_SURE = 0.10  # a dip less likely than this by chance is taken for one: the guard should rather bark once too often
MOST_INCOMPLETE = 0.2  # of the units: more left out for lack of a period, and they may decide the answer
HALF = 0.5  # an effect that loses half its size with one unit is that unit's


def enough_treated(treated: int) -> Check:
    """Whether more than a few had the measure."""
    return Check("policy_change_enough_treated", treated >= FEWEST_TREATED, Claim.DIFFERS, treated, FEWEST_TREATED)


def complete_units(incomplete: int, units: int) -> Check:
    """Whether few units lack a period and are left out for it."""
    return Check("policy_change_complete_units", incomplete <= MOST_INCOMPLETE * units, Claim.DIFFERS, incomplete, units)


def years_before_enough(years: Floats) -> Check:
    """Whether most of the treated have periods enough before to show where they were heading."""
    usual = float(np.floor(np.median(years)))
    return Check("policy_change_years_before", usual >= FEWEST_YEARS_BEFORE, Claim.DIFFERS, usual, FEWEST_YEARS_BEFORE)


def trend_before(p: float, alpha: float) -> Check:
    """Whether groups went alike before the measure; passing is weak evidence (Roth 2022)."""
    if np.isnan(p):
        return Check("policy_change_trend_before", None, Claim.DIFFERS, p, alpha)
    return Check("policy_change_trend_before", p >= alpha, Claim.DIFFERS, p, alpha)


def picked_when_low(last: LastYear, effect: float, told: bool, alpha: float) -> Check:
    """Regression to the mean: whether those treated stood, by chance, where going back looks like the effect.

    Fails when the last period before differs in that direction, or when the effect is gone once that period is left out.
    """
    if np.isnan(last.dip) or last.longer.empty:
        return Check("policy_change_picked_when_low", None, Claim.DIFFERS)
    longer = last.longer.iloc[0]
    gone = told and not (longer["p"] < alpha and np.sign(longer["estimate"]) == np.sign(effect))
    dipped = last.p_against(effect) < ALMOST_SURE
    return Check("policy_change_picked_when_low", not (gone or dipped), Claim.DIFFERS, last.dip, float(longer["estimate"]))


def placebo_in_time(placebos: pd.DataFrame, alpha: float) -> Check:
    """Whether nothing is found where the measure is pretended to have come earlier; all such years tested together."""
    if placebos.empty or placebos["p"].isna().all():
        return Check("policy_change_placebo_in_time", None, Claim.DIFFERS)
    smallest = min(1.0, float(placebos["p"].min()) * int(placebos["p"].notna().sum()))
    return Check("policy_change_placebo_in_time", smallest >= alpha, Claim.DIFFERS, smallest, alpha)


def placebo_in_place(p: float, told: bool, alpha: float) -> Check:
    """Whether the measure dealt out among units at random seldom gives as much; told as deals in a thousand."""
    passed = p < alpha if told else None
    return Check("policy_change_placebo_in_place", passed, Claim.DIFFERS, round(1000 * p), round(1000 * alpha))


def no_single_unit(without: pd.DataFrame, effect: float, told: bool) -> Check:
    """Whether at least half of the effect is left whichever unit is left out."""
    left = without["estimate"] * np.sign(effect)
    if left.isna().all():
        return Check("policy_change_no_single_unit", None, Claim.DIFFERS, np.nan, effect)
    worst = without.loc[left.idxmin()]
    stands = bool(left.notna().all() and left.min() >= HALF * abs(effect))
    return Check(
        "policy_change_no_single_unit", stands if told else None, Claim.DIFFERS, worst["estimate"], effect, str(worst["unit"])
    )


def few_units(p: float, told: bool, alpha: float) -> Check:
    """Whether a test made for few clusters says the same."""
    return Check("policy_change_few_units", p < alpha if told else None, Claim.GOES_WITH, p, alpha)


def same_series(breaks: Sequence[str], school_years: Sequence[str], first: str) -> Check:
    """Whether the outcome meant the same in all years; a new series that came before the measure moved all schools, if alike."""
    inside = [one for one in breaks if school_years[0] < one <= school_years[-1]]
    passed = (False if max(inside) >= first else None) if inside else True
    return Check("policy_change_same_series", passed, Claim.DIFFERS, about=", ".join(inside))


def came_in_turn(two_way: float, unsound: float) -> Check:
    """What the usual regression says, and how much of it compares with those who had the measure already: to bear in mind."""
    return Check("policy_change_came_in_turn", None, Claim.SUGGESTS_EFFECT, two_way, 100 * unsound)


def always_treated(units: int) -> Check:
    """Units that had the measure from the first period cannot be used, by any of the estimators."""
    return Check("policy_change_always_treated", None, Claim.SUGGESTS_EFFECT, units)


def alike_enough(unlike: int, cells: int) -> Check:
    """Whether the treated resemble the others enough in what is held equal."""
    return Check("policy_change_alike_enough", unlike == 0, Claim.GOES_WITH, unlike, cells)
