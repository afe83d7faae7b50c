"""An estimate with a confounder taken into account: as strong as a measured covariate, or of any strength."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import stats

from kvalitet_lib.analyses.factor_columns import own_direction
from kvalitet_lib.analyses.rows import Floats
from kvalitet_lib.statistics import unmeasured as statistic
from kvalitet_lib.statistics.regression import regress

TIMES = (1.0, 2.0, 3.0)
ADJUSTED = ["adjusted_estimate", "adjusted_standard_error", "adjusted_t", "adjusted_lower", "adjusted_upper"]
BOUNDS = ["covariate", "times", "r2_factor", "r2_outcome", *ADJUSTED]


def strengths(
    outcome: Floats,
    factor: Floats,
    held: Mapping[str, Floats],
    groups: Mapping[str, Sequence[str]] | None = None,
    level: Floats | None = None,
) -> pd.DataFrame:
    """How strongly measured covariates go with factor and outcome: ``covariate, r2_factor, r2_outcome``, shares of what is left.

    Parameters
    ----------
    outcome, factor : ndarray, shape (n,) and (n, 1)
    held : mapping of str to ndarray, shape (n, k)
        Everything that is held equal, the intercept not needed.
    groups : mapping of str to sequences of str, optional
        Which of them count as one, by what they are called; each by itself when not said.
    level : ndarray, shape (n,), optional
        The column that stands for the intercept, when it is not ones (rows of unequal weight).
    """
    ones = np.ones((len(outcome), 1)) if level is None else level[:, None]
    labelled = groups if groups is not None else {name: (name,) for name in held}
    matrix = np.column_stack([ones, *held.values()])
    if len(matrix) > matrix.shape[1] + 1 and own_direction(np.column_stack([matrix, factor])).all():
        of_factor, of_outcome = regress(factor.ravel(), matrix), regress(outcome, np.column_stack([matrix, factor]))
        edges = np.cumsum([1, *(columns.shape[1] for columns in held.values())])
        places = {name: np.arange(start, end) for name, (start, end) in zip(held, pairwise(edges), strict=True)}
        both = {label: np.concatenate([places[name] for name in names]) for label, names in labelled.items()}
        rows = [(label, of_factor.partial_r2(at), of_outcome.partial_r2(at)) for label, at in both.items()]
    else:  # columns that say the same thing are taken out one group at a time
        rows = [
            (
                label,
                *statistic.covariate_strength(
                    outcome,
                    factor.ravel(),
                    np.column_stack([held[name] for name in names]),
                    np.column_stack([ones, *(columns for name, columns in held.items() if name not in names)]),
                ),
            )
            for label, names in labelled.items()
        ]
    return pd.DataFrame(rows, columns=["covariate", "r2_factor", "r2_outcome"])


def bounds(
    estimate: float,
    standard_error: float,
    freedom: float,
    covariates: pd.DataFrame | None,
    times: Sequence[float] = TIMES,
    confidence: float = 0.95,
    robust: tuple[float, float] | None = None,
) -> pd.DataFrame:
    """What the estimate would be had a confounder as strong as a covariate, or so many times as strong, been measured.

    Parameters
    ----------
    robust : (float, float), optional
        Standard error and degrees of freedom that know of schools, for the interval; a confounder is taken to change them as
        it changes the ordinary ones, which is an approximation.
    """
    if covariates is None or covariates.empty:
        return pd.DataFrame(columns=BOUNDS)
    every = covariates.merge(pd.DataFrame({"times": np.asarray(times, dtype=np.float64)}), how="cross")
    of_factor, of_outcome = statistic.benchmark(every["r2_factor"], every["r2_outcome"], every["times"])
    moved = statistic.adjusted(estimate, standard_error, freedom, of_factor, of_outcome, confidence)
    error, left = robust or (standard_error, freedom)
    # A confounder that explained all that is left would leave no spread: an interval without width would claim too much.
    spread = np.where(moved.standard_error > 0, moved.standard_error, np.nan) * error / standard_error
    margin = float(stats.t.ppf((1 + confidence) / 2, left)) * spread
    found = every[["covariate", "times"]].assign(r2_factor=of_factor, r2_outcome=of_outcome)
    for name, values in zip(
        ADJUSTED,
        (moved.estimate, spread, moved.t * standard_error / error, moved.estimate - margin, moved.estimate + margin),
        strict=True,
    ):
        found[name] = values
    return found


def contour(estimate: float, standard_error: float, freedom: float, most: float = 0.4, steps: int = 41) -> pd.DataFrame:
    """What the estimate would be for confounders of every strength: ``r2_factor, r2_outcome, adjusted_estimate, adjusted_t``.

    Parameters
    ----------
    most : float
        The largest share, below 1.
    steps : int
        How many shares along either side, 0 the first.
    """
    shares = np.linspace(0, most, steps)
    of_factor, of_outcome = (grid.ravel() for grid in np.meshgrid(shares, shares))
    moved = statistic.adjusted(estimate, standard_error, freedom, of_factor, of_outcome)
    return pd.DataFrame(
        {"r2_factor": of_factor, "r2_outcome": of_outcome, "adjusted_estimate": moved.estimate, "adjusted_t": moved.t}
    )
