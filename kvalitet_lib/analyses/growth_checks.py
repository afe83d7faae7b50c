"""What may be doubted about growth percentiles; each limit is our own choice unless its source is named."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.growth_rows import Pupils
from kvalitet_lib.analyses.rows import Floats
from kvalitet_lib.statistics.growth_norms import GrowthNorms, misfit

NORM_ERROR = 5.0  # percentile points by which chance may carry the norm itself; own rule
OFF_WHERE_WORST = 0.05  # share of a tenth of the pupils by which a norm may be off beyond chance; own rule
AT_AN_END = 0.15  # more than this at the lowest or highest score: Terwee et al. (2007), J. Clin. Epidemiol. 60(1), 34-42
OFF_CENTRE = 5.0  # percentile points; coarse scores move the middle further; own rule
CROSSED = 1.0  # places a quantile is moved on average, in percentiles; own rule
FEW_PUPILS = 15  # the median of fewer moves by several percentiles with the next pupil who moves in; own rule
FEW_LOST = 0.05  # fewer than this cannot move a median much; own rule
UNLIKE = 0.25  # standard deviations: What Works Clearinghouse, Standards Handbook, baseline equivalence
FEWEST_TO_CORRELATE = 5


def norm_is_sharp(norms: GrowthNorms, pupils: Pupils) -> Check:
    """Whether the norm rests on pupils enough: chance alone moves a fitted middle by so many percentile points."""
    used = norms.uses(pupils.priors)
    errors = [50 * (norm.fit.coefficients.shape[0] / norm.size) ** 0.5 for norm in norms.norms]
    sizes = [int((used == count).sum()) for count in range(1, len(norms.norms) + 1)]
    usual = float(np.average(errors, weights=sizes)) if sum(sizes) else errors[0]
    return Check("growth_norm_sharp", usual <= NORM_ERROR, Claim.DIFFERS, usual, NORM_ERROR)


def fits_at_every_level(percentile: Floats, prior: Floats) -> Check:
    """Whether those with low earlier scores are spread over the percentiles as those with high ones are."""
    gap, size = misfit(percentile, prior)
    limit = OFF_WHERE_WORST + size**-0.5 if size else float("nan")
    passed = None if np.isnan(gap) else gap <= limit
    return Check("growth_calibrated", passed, Claim.DIFFERS, 100 * gap, 100 * limit)


def not_crossing(norms: GrowthNorms, pupils: Pupils) -> Check:
    """Whether fitted quantiles lie nearly in order before they are put in order."""
    used = norms.uses(pupils.priors)
    sizes = [int((used == count).sum()) for count in range(1, len(norms.norms) + 1)]
    moved = [norm.crossing(pupils.priors[used == count, :count]) for count, norm in enumerate(norms.norms, start=1)]
    crossed = float(np.average(moved, weights=sizes)) if sum(sizes) else 0.0
    return Check("growth_crossing", crossed <= CROSSED, Claim.DIFFERS, crossed, CROSSED)


def room_at_the_ends(pupils: Pupils, columns: Sequence[str]) -> Check:
    """Whether few stand at the lowest or highest score, where growth cannot show; the column where most do is named."""
    worst, where = 0.0, ""
    for name, values in zip(columns, [pupils.score, *pupils.priors.T], strict=True):
        known = values[np.isfinite(values)]
        if len(known):
            share = max(float((known == end).mean()) for end in (known.min(), known.max()))
            worst, where = max((worst, where), (share, name))
    return Check("growth_ends", worst <= AT_AN_END, Claim.DIFFERS, 100 * worst, 100 * AT_AN_END, where)


def centred(middle: float) -> Check:
    """Whether half of the norm's own pupils lie above about the 50th percentile; scores in coarse steps move it."""
    return Check("growth_centred", abs(middle - 50) <= OFF_CENTRE, Claim.NOTHING, middle, OFF_CENTRE)


def lost_are_like_the_others(pupils: Pupils, lost: bool) -> list[Check]:
    """Whether those without an earlier score, or without the later one, stand where the others do on what is known of them.

    Parameters
    ----------
    lost : bool
        Whether pupils without the later score were lost on the way; else they have not come so far.
    """
    prior = pupils.priors[:, 0]
    checks = []
    known, lacking = np.isfinite(pupils.score) & np.isfinite(prior), np.isfinite(pupils.score) & ~np.isfinite(prior)
    share, distance = _distance(pupils.score, known, lacking)
    few = share <= FEW_LOST or abs(distance) <= UNLIKE
    checks.append(Check("growth_without_prior", few, Claim.DIFFERS, distance, UNLIKE))
    if lost:
        share, distance = _distance(prior, known, np.isfinite(prior) & ~np.isfinite(pupils.score))
        few = share <= FEW_LOST or abs(distance) <= UNLIKE
        checks.append(Check("growth_without_score", few, Claim.DIFFERS, distance, UNLIKE))
    return checks


def _distance(values: Floats, kept: np.ndarray, lost: np.ndarray) -> tuple[float, float]:
    """The share lost, and how far below (-) or above they stand, in standard deviations of those kept."""
    if not lost.any() or not kept.any():
        return 0.0, 0.0
    spread = float(values[kept].std())
    apart = float(values[lost].mean() - values[kept].mean())
    return float(lost.sum() / (lost.sum() + kept.sum())), apart / spread if spread > 0 else 0.0


def few_pupils(schools: pd.DataFrame) -> Check:
    """How many schools have so few pupils that the next one who moves in would change their median much."""
    few = int(schools["n"].lt(FEW_PUPILS).sum())
    return Check("growth_few_pupils", True if few == 0 else None, Claim.DIFFERS, few, FEW_PUPILS)


def moved_by_error(schools: pd.DataFrame) -> Check:
    """Whether schools stay where they are when the error in earlier scores is reckoned with; unknown where nobody said how large.

    References
    ----------
    Lockwood, J. R. & McCaffrey, D. F. (2014). Correcting for test score measurement error in ANCOVA models for estimating
    treatment effects. J. Educ. Behav. Stat. 39(1), 22-52.
    """
    if "mean_corrected" not in schools:
        return Check("growth_prior_error", None, Claim.DIFFERS)
    away = (schools["mean_corrected"] - schools["mean"]).abs().max()
    outside = schools["mean_corrected"].lt(schools["mean_lower"]) | schools["mean_corrected"].gt(schools["mean_upper"])
    return Check("growth_prior_error", not outside.any(), Claim.DIFFERS, float(away))


def not_by_intake(schools: pd.DataFrame, prior: pd.Series) -> Check:
    """Whether schools whose pupils came with high scores also seem to have the higher growth, as error alone would have it."""
    both = pd.DataFrame({"growth": schools.set_index("school")["mean"], "prior": prior}).dropna()
    if len(both) < FEWEST_TO_CORRELATE or both["growth"].nunique() < 2 or both["prior"].nunique() < 2:
        return Check("growth_intake", None, Claim.DIFFERS)
    found = stats.spearmanr(both["prior"], both["growth"])
    failed = bool(found.statistic > 0 and found.pvalue < 0.05)
    return Check("growth_intake", not failed, Claim.DIFFERS, float(found.statistic))


def years_weigh_alike(schools_by_year: pd.DataFrame) -> Check:
    """Whether a school could look good by its years alone: how far they lie from the middle, weighed as its pupils are."""
    known = schools_by_year[schools_by_year["n"].gt(0)]
    total = (known["mean"] * known["n"]).groupby(known["school_year"]).sum() / known.groupby("school_year")["n"].sum()
    expected = known["school_year"].map(total) * known["n"]
    size = known.groupby("school")["n"].sum()
    by_years = expected.groupby(known["school"]).sum() / size
    overall = float(expected.sum() / known["n"].sum()) if len(known) else np.nan
    apart = (by_years[size.ge(FEW_PUPILS)] - overall).abs().max()
    worst = 0.0 if np.isnan(apart) else float(apart)
    return Check("growth_years_alike", worst <= NORM_ERROR, Claim.DIFFERS, worst, NORM_ERROR)


def steady(schools_by_year: pd.DataFrame) -> Check:
    """How far schools' growth in one year goes with their growth the year before: a rank correlation, to bear in mind."""
    wide = schools_by_year.pivot(index="school", columns="school_year", values="mean").sort_index(axis=1)
    pairs = [wide.iloc[:, [place, place + 1]].dropna().to_numpy() for place in range(wide.shape[1] - 1)]
    # Each pair of years is put about its own mean, so that a year in which all did well does not count as steadiness.
    together = np.concatenate([pair - pair.mean(axis=0) for pair in pairs if len(pair) > 1] or [np.empty((0, 2))])
    if len(together) < FEWEST_TO_CORRELATE or (np.ptp(together, axis=0) == 0).any():
        return Check("growth_steady", None, Claim.DIFFERS)
    return Check("growth_steady", None, Claim.DIFFERS, float(stats.spearmanr(*together.T).statistic))
