"""The same change by other estimators, from the package pyfixest: two-way fixed effects, Sun and Abraham, and did2s."""

from __future__ import annotations

import io
import warnings
from contextlib import redirect_stdout
from typing import Any

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.policy_change_effects import t_test
from kvalitet_lib.analyses.policy_change_panel import NAME, Panel
from kvalitet_lib.errors import ContractError

FEWEST_UNTREATED = 2  # did2s reads a unit's level off its untreated periods; pyfixest fails where a unit has but one


def other_estimators(panel: Panel, confidence: float) -> pd.DataFrame:
    """The overall effect by three other estimators, standard errors clustered on units.

    Returns
    -------
    DataFrame
        ``estimator`` (``two_way``, ``sun_abraham``, ``did2s``), ``estimate, standard_error, lower, upper, p, units,
        left_out``: units that an estimator cannot use. A row is empty where the panel does not allow the estimator.

    Raises
    ------
    ContractError
        pyfixest is not installed.

    References
    ----------
    Sun, L. & Abraham, S. (2021). Estimating dynamic treatment effects in event studies with heterogeneous treatment effects.
    J. Econom. 225(2), 175-199.
    Gardner, J. (2022). Two-stage differences in differences. arXiv:2207.05943.
    """
    try:
        from pyfixest import did2s, feols
    except ModuleNotFoundError as absent:
        raise ContractError(f"{NAME}: other estimators need the package pyfixest:  pip install 'kvalitet[effects]'") from absent
    rows = _rows(panel)
    weights = {} if np.ptp(panel.weights) == 0 else {"weights": "weight"}
    found = []
    # pyfixest warns of its own deprecated calls and prints; what it must not do unseen, leave out units, is done before.
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        two_way = feols("outcome ~ treated | unit + period", rows, vcov={"CRV1": "unit"}, **weights)
        found.append(_told("two_way", float(two_way.coef().iloc[0]), float(two_way.se().iloc[0]), panel, confidence))
        found.append(_sun_abraham(feols, rows, panel, weights, confidence))
        untreated = rows["treated"].eq(0).groupby(rows["unit"]).transform("sum")
        usable = rows[untreated.ge(FEWEST_UNTREATED)]
        left_out = rows["unit"].nunique() - usable["unit"].nunique()
        if usable["treated"].any():
            two_step = did2s(usable, "outcome", "~ 0 | unit + period", "~ treated", "treated", "unit", **weights)
            found.append(
                _told("did2s", float(two_step.coef().iloc[-1]), float(two_step.se().iloc[-1]), panel, confidence, left_out)
            )
        else:
            found.append({"estimator": "did2s", "left_out": left_out})
    return pd.DataFrame(found)


def _rows(panel: Panel) -> pd.DataFrame:
    """The panel in long form under names of ours: a name from a file never stands in a formula."""
    units, periods = panel.outcomes.shape
    unit, period = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
    return pd.DataFrame(
        {
            "outcome": panel.outcomes.ravel(),
            "unit": unit,
            "period": period,
            "weight": panel.weights[unit],
            "treated": (panel.times[period] >= panel.cohort[unit]).astype(np.float64),
        }
    )


def _sun_abraham(feols: Any, rows: pd.DataFrame, panel: Panel, weights: dict[str, str], confidence: float) -> dict[str, Any]:
    """An effect for each group and period but the one before, put together by the number of treated units."""
    if panel.treated.all():
        return {"estimator": "sun_abraham"}
    wide, share = rows, dict[str, float]()
    for group in np.unique(panel.cohort[panel.treated]):
        base = int(np.flatnonzero(panel.times < group)[-1])
        for period in range(len(panel.times)):
            if period != base:
                name = f"cell{len(share)}"
                own = (panel.cohort[rows["unit"]] == group) & rows["period"].eq(period)
                wide = wide.assign(**{name: own.astype(np.float64)})
                share[name] = float(rows.loc[own, "weight"].sum()) if panel.times[period] >= group else 0.0
    fit = feols(f"outcome ~ {' + '.join(share)} | unit + period", wide, vcov={"CRV1": "unit"}, **weights)
    names = list(fit.coef().index)
    factors = np.array([share[name] for name in names]) / sum(share.values())
    variance = float(factors @ fit._vcov @ factors)
    return _told("sun_abraham", float(factors @ fit.coef().to_numpy()), float(np.sqrt(variance)), panel, confidence)


def _told(estimator: str, estimate: float, error: float, panel: Panel, confidence: float, left_out: int = 0) -> dict[str, Any]:
    units = len(panel.units) - left_out
    return {
        "estimator": estimator,
        "estimate": estimate,
        "standard_error": error,
        **t_test(estimate, error, units - 1, confidence),
        "units": units,
        "left_out": left_out,
    }
