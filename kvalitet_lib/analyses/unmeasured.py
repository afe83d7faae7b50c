"""What something unmeasured would have to be like to change an association or an effect: for every analysis that claims one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.factor_columns import blocks_of_formula, own_direction
from kvalitet_lib.analyses.rows import complete, variables_of
from kvalitet_lib.analyses.unmeasured_bounds import BOUNDS, TIMES, bounds, contour, strengths
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics import unmeasured as statistic
from kvalitet_lib.statistics.regression import regress

ANALYSIS = "sensitivity"


@dataclass(frozen=True)
class Sensitivity:
    """How strong a confounder must be to change one estimate.

    Attributes
    ----------
    estimate, standard_error, freedom : float
        Least squares, ordinary standard error, residual degrees of freedom.
    partial_r2, f2 : float
        Share of what is left of the outcome that the factor explains, and Cohen's f².
    robustness_value, robustness_value_alpha : float
        Share of both factor and outcome a confounder must explain to bring the estimate to nought, and to where chance would
        do.
    extreme_robustness_value : float
        Share of the factor it must explain if it explained all that is left of the outcome.
    e_value, e_value_limit : float
        As risk ratios, of the estimate and of its limit nearest nought; NaN without the outcome's standard deviation.
    confidence : float
    bounds : DataFrame
        One row is one covariate and how many times as strong as it the confounder is: ``covariate, times, r2_factor,
        r2_outcome, adjusted_estimate, adjusted_standard_error, adjusted_t, adjusted_lower, adjusted_upper``. Empty where
        nothing can be that strong.
    """

    estimate: float
    standard_error: float
    freedom: float
    partial_r2: float
    f2: float
    robustness_value: float
    robustness_value_alpha: float
    extreme_robustness_value: float
    e_value: float = math.nan
    e_value_limit: float = math.nan
    confidence: float = 0.95
    bounds: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=BOUNDS), repr=False)

    @property
    def t(self) -> float:
        return self.estimate / self.standard_error

    def to_frame(self) -> pd.DataFrame:
        """All single figures, in one row."""
        names = [name for name in self.__dataclass_fields__ if name not in ("bounds", "confidence")]
        return pd.DataFrame([{name: getattr(self, name) for name in names} | {"t": self.t}])

    def contour(self, most: float = 0.4, steps: int = 41) -> pd.DataFrame:
        """See :func:`contour`."""
        return contour(self.estimate, self.standard_error, self.freedom, most, steps)


def sensitivity(
    rows: pd.DataFrame,
    formula: str,
    factor: str,
    *,
    benchmarks: Sequence[str | Sequence[str]] = (),
    times: Sequence[float] = TIMES,
    q: float = 1.0,
    contrast: float = 1.0,
    confidence: float = 0.95,
) -> Sensitivity:
    """How strong a confounder must be to change what least squares says of one factor.

    Parameters
    ----------
    rows : DataFrame
    formula : str
        ``outcome ~ factor + covariate + C(group)``.
    factor : str
        Column in the formula; a number, or a category of two.
    benchmarks : sequence of str or of sequences of str
        Covariates in the formula to hold a confounder against; a sequence of several counts as one.
    times : sequence of float
        How many times as strong as those.
    q : float
        The part of the estimate to take away; 1 is all of it.
    contrast : float
        How large a difference in the factor the E-value is about.

    Raises
    ------
    ContractError
        A column is missing or not in the formula, or nothing is left to estimate from.

    References
    ----------
    Cinelli, C. & Hazlett, C. (2020). Making sense of sensitivity: extending omitted variable bias.
    J. R. Stat. Soc. B 82(1), 39-67.
    """
    used = complete(rows, variables_of(formula, ANALYSIS), ANALYSIS).frame
    if used.empty:
        raise ContractError(f"{ANALYSIS}: no row has a value in every column of {formula!r}. Leave out the emptiest.")
    outcome, found = blocks_of_formula(formula, used, ANALYSIS)
    if factor not in found or found[factor].columns.shape[1] != 1:
        raise ContractError(f"{ANALYSIS} asks about one column of {formula!r}, not {factor!r}. Choose a number in it.")
    blocks = {name: block.columns for name, block in found.items()}
    groups = {" + ".join(names): names for names in ((one,) if isinstance(one, str) else tuple(one) for one in benchmarks)}
    if strange := [name for names in groups.values() for name in names if name not in blocks or name == factor]:
        raise ContractError(f"{ANALYSIS} finds no covariate {', '.join(map(repr, strange))} in {formula!r}.")
    of_factor = blocks.pop(factor)
    held = np.column_stack([np.ones(len(outcome)), *blocks.values()])
    fit = regress(outcome, np.column_stack([held[:, own_direction(held)], of_factor]))
    return sensitivity_of(
        float(fit.coefficients[-1]),
        float(np.sqrt(fit.covariance("ordinary")[-1, -1])),
        fit.freedom,
        q=q,
        confidence=confidence,
        outcome_deviation=float(outcome.std(ddof=1)),
        contrast=contrast,
        covariates=strengths(outcome, of_factor, blocks, groups),
        times=times,
    )


def sensitivity_of(
    estimate: float,
    standard_error: float,
    freedom: float,
    *,
    q: float = 1.0,
    confidence: float = 0.95,
    outcome_deviation: float = math.nan,
    contrast: float = 1.0,
    covariates: pd.DataFrame | None = None,
    times: Sequence[float] = TIMES,
) -> Sensitivity:
    """How strong a confounder must be to change an estimate known from its standard error and degrees of freedom.

    Parameters
    ----------
    standard_error, freedom : float
        The ordinary ones of least squares. With those of a fit clustered by school, everything is about what lies between
        schools, and holds approximately.
    outcome_deviation, contrast : float
        Standard deviation of the outcome, and the difference in the factor, for the E-value (VanderWeele & Ding 2017).
    covariates : DataFrame, optional
        From :func:`strengths`.

    Raises
    ------
    ContractError
        The standard error is not above 0, or fewer than two degrees of freedom are left.
    """
    if not (standard_error > 0 and math.isfinite(estimate)):
        raise ContractError(f"{ANALYSIS} needs an estimate and a standard error above 0. Fit a model that leaves a residual.")
    alpha, t = 1 - confidence, estimate / standard_error
    whole = math.isfinite(outcome_deviation) and outcome_deviation > 0
    scale = abs(contrast) / outcome_deviation if whole else math.nan
    deviations, error = estimate * scale, standard_error * scale
    ratio = statistic.risk_ratio_of_difference(deviations)
    limits = statistic.risk_ratio_limits_of_difference(deviations, error)
    return Sensitivity(
        estimate=estimate,
        standard_error=standard_error,
        freedom=freedom,
        partial_r2=float(statistic.partial_r2(t, freedom)),
        f2=float(statistic.partial_f2(t, freedom)),
        robustness_value=float(statistic.robustness_value(t, freedom, q)),
        robustness_value_alpha=float(statistic.robustness_value(t, freedom, q, alpha)),
        extreme_robustness_value=float(statistic.extreme_robustness_value(t, freedom, q)),
        e_value=float(statistic.e_value(ratio)) if whole else math.nan,
        e_value_limit=float(statistic.e_value_of_limit(ratio, *limits)) if whole else math.nan,
        confidence=confidence,
        bounds=bounds(estimate, standard_error, freedom, covariates, times, confidence),
    )


def robustness_checks(
    estimate: float,
    standard_error: float,
    freedom: float,
    *,
    outcome_deviation: float = math.nan,
    contrast: float = 1.0,
    covariates: pd.DataFrame | None = None,
    confidence: float = 0.95,
    about: str = "",
) -> tuple[Check, ...]:
    """The doubt about what is unmeasured, for the checks of any finding that claims an association or an effect.

    Parameters
    ----------
    estimate, standard_error, freedom, outcome_deviation, contrast, covariates
        As in :func:`sensitivity_of`.
    about : str
        The term or group the checks concern, when they concern one of several.

    Returns
    -------
    tuple of Check
        ``unmeasured_strength``: the robustness value, and (as limit) the one at which chance would do; for the reader to
        judge. ``unmeasured_e_value``: the E-value and that of the limit, when the outcome's standard deviation is known.
        ``unmeasured_like_measured``: whether an answer that chance would not do would stand a confounder as strong as any one
        covariate; when not, no effect may be suggested. Empty where there is no standard error.
    """
    if not (standard_error > 0 and math.isfinite(estimate) and freedom > 1):
        return ()
    found = sensitivity_of(
        estimate, standard_error, freedom, confidence=confidence, outcome_deviation=outcome_deviation, contrast=contrast,
        covariates=covariates, times=(1.0,),
    )  # fmt: skip
    return checks_of(found, about)


def checks_of(found: Sensitivity, about: str = "") -> tuple[Check, ...]:
    """The same, of a :class:`Sensitivity` at hand."""
    free = Claim.SUGGESTS_EFFECT
    checks = [Check("unmeasured_strength", None, free, found.robustness_value, found.robustness_value_alpha, about)]
    if math.isfinite(found.e_value):
        checks.append(Check("unmeasured_e_value", None, free, found.e_value, found.e_value_limit, about))
    once = found.bounds[found.bounds["times"].eq(1.0) & found.bounds["adjusted_estimate"].notna()]
    if len(once) and found.robustness_value_alpha > 0:
        side = 1.0 if found.estimate >= 0 else -1.0
        by_covariate = once.set_index("covariate")
        limits = by_covariate["adjusted_lower" if side > 0 else "adjusted_upper"].fillna(by_covariate["adjusted_estimate"])
        strongest = (limits * side).idxmin()
        left = float(limits.loc[strongest])
        checks.append(Check("unmeasured_like_measured", left * side > 0, Claim.GOES_WITH, left, 0.0, str(strongest)))
    return tuple(checks)
