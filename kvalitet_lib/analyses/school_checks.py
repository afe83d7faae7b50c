"""What may be doubted about a model of schools; each limit is our own choice unless its source is named."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.rows import Floats, variables_of
from kvalitet_lib.analyses.school_model import SchoolModel
from kvalitet_lib.analyses.school_rows import SchoolRows, plain

FEW_LOST = 0.05  # share of those with an outcome; fewer lost than this cannot move much; own rule
UNLIKE = 0.25  # standard deviations: What Works Clearinghouse, Standards Handbook, baseline equivalence
AT_AN_END = 0.15  # more than this at the highest or lowest score: Terwee et al. (2007), J. Clin. Epidemiol. 60(1), 34-42
FEWEST_VALUES = 5  # an outcome with fewer different values is a category rather than an amount; own rule
HEAVIEST = 3.0  # excess kurtosis of what is left; own rule
UNEVEN = 1.5  # ratio of the spread among pupils of whom most is expected to that among those of whom least is; own rule
FEW_PUPILS = 10  # a school with fewer says next to nothing of its own; own rule


def converged(model: SchoolModel) -> Check:
    """Whether the likelihood falls in every direction from the answer given."""
    return Check("schools_converged", model.converged, Claim.NOTHING)


def variance_found(model: SchoolModel) -> Check:
    """Whether schools differ more than chance would have them do, so that there is a variance to speak of."""
    return Check("schools_variance", model.alike > 0, Claim.NOTHING, 100 * model.alike)


def lost_are_alike(rows: pd.DataFrame, used: SchoolRows, formula: str, analysis: str, school: str) -> Check:
    """Whether those who have an outcome but lack something else have outcomes like the others'."""
    outcome, *factors = variables_of(formula, analysis)
    known = rows[rows[outcome].notna()]
    value = plain(known[outcome]).to_numpy(dtype=np.float64)
    whole = known[[*factors, school]].notna().all(axis=1).to_numpy() & np.isfinite(value)
    lost = value[~whole & np.isfinite(value)]
    share = len(lost) / len(value) if len(value) else 0.0
    if share <= FEW_LOST:
        return Check("schools_lost_alike", True, Claim.DIFFERS, 0.0, UNLIKE)
    spread = value[whole].std(ddof=1)
    apart = float(abs(lost.mean() - value[whole].mean()) / spread) if spread > 0 else 0.0
    return Check("schools_lost_alike", apart <= UNLIKE, Claim.DIFFERS, apart, UNLIKE)


def outcome_is_amount(outcome: Floats) -> Check:
    """Whether the outcome is an amount, as a model of means and spreads has it."""
    values = len(np.unique(outcome))
    return Check("schools_outcome_amount", values >= FEWEST_VALUES, Claim.DIFFERS, values, FEWEST_VALUES)


def room_at_the_ends(outcome: Floats) -> Check:
    """Whether few stand at the lowest or highest outcome there is, where schools can no longer show."""
    share = max(float((outcome == end).mean()) for end in (outcome.min(), outcome.max()))
    return Check("schools_ends", share <= AT_AN_END, Claim.DIFFERS, 100 * share, 100 * AT_AN_END)


def no_few_decide(model: SchoolModel) -> Check:
    """Whether what is left is spread about as a normal distribution is, or a few pupils far off decide much."""
    heavy = float(stats.kurtosis(model.residual, bias=False)) if len(model.residual) > 3 else 0.0
    return Check("schools_few_decide", heavy <= HEAVIEST, Claim.GOES_WITH, heavy, HEAVIEST)


def evenly_spread(rows: SchoolRows, model: SchoolModel) -> Check:
    """Whether pupils of whom much is expected are as spread about it as those of whom little is."""
    expected = rows.design.matrix @ model.coefficients
    low, high = np.quantile(expected, [1 / 3, 2 / 3])
    below, above = model.residual[expected <= low], model.residual[expected >= high]
    ratio = float(above.std() / below.std()) if low < high and below.std() > 0 else 1.0
    return Check("schools_even_spread", 1 / UNEVEN <= ratio <= UNEVEN, Claim.GOES_WITH, ratio, UNEVEN)


def small_schools(n: Floats) -> Check:
    """How many schools have so few pupils that they are drawn nearly all the way to the mean: for the reader to bear in mind."""
    return Check("schools_small", None, Claim.GOES_WITH, int((n < FEW_PUPILS).sum()), FEW_PUPILS)


def pairs_apart(share: float) -> Check:
    """How many of all pairs of schools can be told apart: for the reader to bear in mind."""
    return Check("schools_pairs_apart", None, Claim.GOES_WITH, 100 * share)
