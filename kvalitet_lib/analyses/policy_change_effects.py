"""Group-time effects of a panel and the tables they are told in."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from kvalitet_lib.analyses.policy_change_panel import NAME, Panel
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.intervals import Floats
from kvalitet_lib.statistics.staggered_adoption import DoublyRobust, GroupTime, group_time_effects
from kvalitet_lib.statistics.staggered_summaries import SUMMARIES, Combination, cells, combine, estimates, simultaneous


@dataclass(frozen=True)
class Setting:
    """How units with a measure are compared with units without it; see :func:`policy_change`."""

    control: str = "never"
    anticipation: float = 0
    base: str = "varying"
    estimator: str = "doubly_robust"
    confidence: float = 0.95

    @property
    def alpha(self) -> float:
        return round(1 - self.confidence, 12)

    def in_steps(self, panel: Panel) -> Setting:
        """The same where periods are numbered from 0: anticipation lasts as many periods as it touches."""
        if not self.anticipation:
            return self
        return replace(self, anticipation=float(np.ceil(self.anticipation / np.diff(panel.times).min())))


def effects_of(panel: Panel, setting: Setting, **changes: Any) -> GroupTime:
    """Group-time effects of a panel under a setting, some of it changed."""
    used = replace(setting, **changes)
    held = panel.covariates if panel.covariates.shape[2] else None
    return group_time_effects(
        panel.outcomes,
        panel.cohort,
        panel.times,
        weights=panel.weights,
        covariates=held,
        control=used.control,
        anticipation=used.anticipation,
        base=used.base,
        estimator=used.estimator,
        doubly_robust=_doubly_robust() if held is not None and used.estimator == "doubly_robust" else None,
    )


def _doubly_robust() -> DoublyRobust:
    """The estimator of Sant'Anna and Zhao as the package drdid has it; silent, and refusing what has not converged."""
    try:
        from drdid.drdid import drdid_panel
        from statsmodels.tools.sm_exceptions import ModelWarning
    except ModuleNotFoundError as absent:
        raise ContractError(
            f"{NAME} with covariates needs the package drdid:  pip install 'kvalitet[effects]'   "
            "or hold them equal by regression alone: estimator='regression'."
        ) from absent

    def robust(later: Floats, earlier: Floats, treated: Floats, held: Floats, weights: Floats) -> tuple[float, Floats]:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", RuntimeWarning)
            warnings.simplefilter("error", ModelWarning)
            try:
                effect, influence = drdid_panel(later, earlier, treated, held, weights)
            except (RuntimeWarning, ModelWarning, np.linalg.LinAlgError) as unsure:
                raise ValueError(str(unsure)) from unsure
        return float(effect), np.asarray(influence, dtype=np.float64)

    return robust


def frame_of(effects: GroupTime, combination: Combination, confidence: float) -> pd.DataFrame:
    """One row per sum of effects: estimate, both standard errors, degrees of freedom, interval and p."""
    found = estimates(effects, combination)
    lower, upper = found.interval(confidence)
    return pd.DataFrame(
        {
            "estimate": found.estimate,
            "standard_error": found.standard_error,
            "lower": lower,
            "upper": upper,
            "p": found.p,
            "standard_error_few": found.standard_error_few,
            "freedom": found.freedom,
        }
    )


def tables_of(panel: Panel, effects: GroupTime, setting: Setting) -> dict[str, pd.DataFrame]:
    """The tables ``att, event, group, calendar, overall`` and ``lines``."""
    level = setting.confidence
    att = frame_of(effects, cells(effects), level)
    att.insert(0, "group", panel.label(effects.group))
    att.insert(1, "time", panel.label(effects.time))
    att.insert(2, "event", effects.time - effects.group)
    att = att.assign(before=effects.before, treated=effects.treated, compared=effects.compared)
    combined = {kind: combine(effects, kind) for kind in SUMMARIES}
    overall = pd.concat([frame_of(effects, combined[kind][1], level) for kind in SUMMARIES], ignore_index=True)
    overall.insert(0, "summary", list(SUMMARIES))
    each = combined["dynamic"][0]
    event = frame_of(effects, each, level)
    event.insert(0, "event", each.label)
    half = simultaneous(effects, each, level) * event["standard_error_few"]
    weighing = each.factors != 0
    event = event.assign(
        lower_all=event["estimate"] - half,
        upper_all=event["estimate"] + half,
        treated=[int(effects.treated[one].sum()) for one in weighing],
    )
    by = {}
    for kind, name in (("group", "group"), ("calendar", "time")):
        by[kind] = frame_of(effects, combined[kind][0], level)
        by[kind].insert(0, name, panel.label(combined[kind][0].label))
    return {"att": att, "event": event, **by, "overall": overall, "lines": _lines(panel)}


def _lines(panel: Panel) -> pd.DataFrame:
    """Mean outcome of each group and of those never treated, by period."""
    rows = []
    for start in np.unique(panel.cohort):
        own = panel.cohort == start
        means = np.average(panel.outcomes[own], axis=0, weights=panel.weights[own])
        name = str(panel.labels.get(start, start)) if np.isfinite(start) else ""
        rows += [
            {"treated_from": name, "time": time, "event": period - start if name else np.nan, "mean": mean, "units": own.sum()}
            for time, period, mean in zip(panel.label(panel.times), panel.times, means, strict=True)
        ]
    return pd.DataFrame(rows)


def t_test(estimate: float, standard_error: float, freedom: float, confidence: float) -> dict[str, float]:
    """Interval and p of one estimate."""
    half = float(stats.t.ppf((1 + confidence) / 2, freedom)) * standard_error
    p = float(2 * stats.t.sf(abs(estimate) / standard_error, freedom)) if standard_error > 0 else np.nan
    return {"lower": estimate - half, "upper": estimate + half, "p": p}
