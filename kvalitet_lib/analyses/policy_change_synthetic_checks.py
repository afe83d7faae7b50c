"""What speaks against a synthetic comparison: it does not fit, one donor decides, chance finds as much."""

from __future__ import annotations

import math

import numpy as np

from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.checks import little_missing
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.policy_change_synthetic_fit import Answer
from kvalitet_lib.analyses.policy_change_synthetic_rows import Panel

WORST_FIT = 2.0  # times the misfit that is usual for donors themselves; own rule
MOST_OUTSIDE = 0.2  # of the times before at which the treated lie beyond every donor; own rule
FEWEST_BEFORE_FIT = 5  # times before, without which a good fit may be chance; own rule
FEWEST_EFFECTIVE = 2.0  # donors that carry the comparison, counted by their weights; own rule


def checks_of(panel: Panel, found: Answer, method: str, confidence: float) -> tuple[Check, ...]:
    """All doubts."""
    alpha = 1 - confidence
    numbers = found.numbers
    fits = numbers["misfit"] / numbers["misfit_usual"] if numbers["misfit_usual"] > 0 else np.nan
    outside, times = _outside(panel, level=method == "synthetic_control")
    most = math.floor(MOST_OUTSIDE * times)
    before = min(one.before for one in panel.cohorts)
    turned = [name for name, effect in found.without if effect * found.effect <= 0]
    made = [
        Check("synthetic_enough_donors", numbers["smallest_p"] < alpha, Claim.NOTHING, numbers["smallest_p"], alpha),
        Check("synthetic_long_before", before >= FEWEST_BEFORE_FIT, Claim.GOES_WITH, before, FEWEST_BEFORE_FIT),
        Check("synthetic_fits", None if np.isnan(fits) else bool(fits <= WORST_FIT), Claim.DIFFERS, fits, WORST_FIT),
        Check("synthetic_inside_donors", outside <= most, Claim.DIFFERS, outside, most),
        Check("synthetic_no_early_effect", _stands(numbers["early_p"], alpha), Claim.GOES_WITH, numbers["early_p"], alpha),
        Check("synthetic_nothing_else", None, Claim.SUGGESTS_EFFECT),
        little_missing(panel.basis),
    ]
    if found.without:
        made.insert(4, Check("synthetic_no_donor_decides", not turned, Claim.GOES_WITH, len(turned), about=", ".join(turned)))
    if method != "did":
        effective = numbers["donors_effective"]
        made.insert(
            4, Check("synthetic_several_donors", effective >= FEWEST_EFFECTIVE, Claim.GOES_WITH, effective, FEWEST_EFFECTIVE)
        )
    return tuple(made)


def _stands(p: float, alpha: float) -> bool | None:
    return None if np.isnan(p) else bool(p >= alpha)


def _outside(panel: Panel, level: bool) -> tuple[int, int]:
    """Times before at which treated units lie above or below every donor, so that no weights can reach them; of how many.

    The cohort for which it is worst. Where a method lets the two lie apart by an even distance, each unit's own mean is taken
    out first.
    """
    found = []
    for one in panel.cohorts:
        ours, theirs = one.values[:, : one.before].mean(axis=0), panel.theirs[:, : one.before]
        if not level:
            ours, theirs = ours - ours.mean(), theirs - theirs.mean(axis=1, keepdims=True)
        beyond = (ours > theirs.max(axis=0)) | (ours < theirs.min(axis=0))
        found.append((int(beyond.sum()), one.before))
    return max(found, key=lambda pair: pair[0] / pair[1])
