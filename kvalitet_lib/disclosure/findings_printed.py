"""Findings as they leave: rounded so that no person follows from two of their numbers, nor from one beside a figure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.finding import Basis
from kvalitet_lib.disclosure.findings_outcome import Outcome
from kvalitet_lib.disclosure.findings_whitelist import (
    CHECKS_OF_GROUPS,
    CHECKS_OF_LOST,
    CHECKS_OF_PERSONS,
    UNTOLD,
    How,
)
from kvalitet_lib.municipality import Audience

UNKNOWN_DECIMALS = 2  # of an outcome that is no indicator: hundredths of a standard deviation, of a grade
CHECK_DECIMALS = 3
P_DECIMALS = 3


def in_steps(persons: pd.Series, outcome: Outcome) -> pd.Series:
    """Numbers of persons in steps of ``outcome.step``; empty where they are fewer than may be told of.

    A finding rests on those who have every value it needs, most often a few less than the figure beside it, whose number is
    printed whole. Told whole, the two would tell how many those few are; in steps as wide as a small group they do not. The
    step is the strict rule's, which is the same for every audience: two different steps would narrow each other.
    """
    near = ((persons / outcome.step).round() * outcome.step).clip(lower=outcome.step)
    return near.where(persons.ge(outcome.smallest))


def printed_column(
    values: pd.Series, how: How, persons: pd.Series, outcome: Outcome, audience: Audience, alpha: float
) -> pd.Series:
    """One column as it leaves.

    Parameters
    ----------
    persons : Series of float
        How many persons stand behind each row.
    alpha : float
        Below this a p tells a difference from chance; rounding moves none across it.
    """
    if how.kind in ("text", "word", "school"):
        return values.astype("object").where(values.notna(), "").astype("str")
    numbers = values.astype("float64")
    if how.kind in ("persons", "count"):
        return in_steps(numbers, outcome)
    if how.kind == "units":
        return numbers.round(0)
    if how.kind == "p":
        return _rounded_p(numbers, alpha)
    if how.spread:
        numbers = numbers.where(persons.ge(audience.smallest_deviation_group))
    if how.median:
        numbers = numbers.where(persons.ge(audience.smallest_median_group))
    return numbers.round(places_of(how, outcome)) + 0.0


def _rounded_p(p: pd.Series, alpha: float) -> pd.Series:
    """In thousandths, on the same side of ``alpha`` as before."""
    told, nearest = p.lt(alpha), p.round(P_DECIMALS)
    unit, limit = 10.0**-P_DECIMALS, round(alpha, P_DECIMALS)
    nearest = nearest.mask(told & nearest.ge(limit), limit - unit).mask(~told & nearest.le(limit) & p.notna(), limit + unit)
    return nearest.round(P_DECIMALS)


def places_of(how: How, outcome: Outcome) -> int:
    """Decimals with which a value leaves. Of a share never more than of a figure: beside its persons it would be a count."""
    if how.decimals is not None:
        return how.decimals
    if outcome.decimals is None:
        return UNKNOWN_DECIMALS
    return outcome.decimals + (0 if outcome.share else how.more)


def printed_numbers(
    numbers: Mapping[str, float], allowed: Mapping[str, How], basis: Basis, outcome: Outcome, audience: Audience, alpha: float
) -> dict[str, float]:
    """Single figures as they leave; those not allowed, and those of too few, are left out."""
    persons = pd.Series([np.inf if basis.pupils is None else float(basis.pupils)])
    told = {
        name: float(printed_column(pd.Series([float(value)]), allowed[name], persons, outcome, audience, alpha).iloc[0])
        for name, value in numbers.items()
        if name in allowed
    }
    return {name: value for name, value in told.items() if not np.isnan(value)}


def printed_basis(basis: Basis, outcome: Outcome) -> Basis:
    """What a finding rests on, in steps; reasons for leaving out that concern fewer than may be told of are not told."""
    counts = pd.Series({"rows": basis.rows, "pupils": basis.pupils, **basis.left_out}, dtype="float64")
    told = in_steps(counts, outcome)
    return replace(
        basis,
        rows=0 if np.isnan(told["rows"]) else int(told["rows"]),
        pupils=None if np.isnan(told["pupils"]) else int(told["pupils"]),
        missing=round(basis.missing, 2),
        left_out={name: int(told[name]) for name in basis.left_out if not np.isnan(told[name])},
    )


def printed_check(check: Check, silent: Collection[str], basis: Basis, outcome: Outcome) -> Check:
    """A doubt without the name of a school that is not told of, and without a number of, or about, too few.

    Its outcome and what it caps stay: they decide the sentence. Where the number may not be told, ``about`` is ``UNTOLD``.
    """
    value, limit = round(check.value, CHECK_DECIMALS), round(check.limit, CHECK_DECIMALS)
    lost = basis.rows * basis.missing / (1 - basis.missing) if basis.missing < 1 else np.inf
    few = check.id in CHECKS_OF_LOST and 0 < lost < outcome.smallest
    few |= check.id in CHECKS_OF_PERSONS and not check.value >= outcome.smallest
    if few or check.id in CHECKS_OF_GROUPS:
        return replace(check, value=np.nan, limit=np.nan, about=UNTOLD)
    if check.id in CHECKS_OF_PERSONS:
        value = float(in_steps(pd.Series([value]), outcome).iloc[0])
    named = set(check.about.split(", ")) & set(silent)
    return replace(check, value=value, limit=limit, about="" if named else check.about)
