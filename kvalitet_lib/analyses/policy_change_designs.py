"""Which design the rows allow, and the way to those that look at one series or make a comparison of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.finding import Basis, Finding
from kvalitet_lib.analyses.policy_change_panel import NAME, Panel, first_period, is_never
from kvalitet_lib.analyses.rows import need_columns
from kvalitet_lib.errors import ContractError

DESIGNS = ("auto", "staggered", "interrupted", "synthetic", "synthetic_did")
PERIODS_FOR_SYNTHETIC = 8  # a comparison made to resemble one unit needs a long time before; own rule


def fitting(panel: Panel) -> str:
    """The design that a panel allows."""
    starts = np.unique(panel.cohort)
    if len(starts) == 1 and starts[0] <= panel.times.max(initial=-np.inf):
        return "interrupted"
    if panel.treated.sum() == 1 and (panel.times < panel.cohort[panel.treated][0]).sum() >= PERIODS_FOR_SYNTHETIC:
        return "synthetic_did"
    return "staggered"


def by_series(
    rows: pd.DataFrame,
    outcome: str,
    unit: str,
    time: str,
    treated_from: str,
    treated: str,
    confidence: float,
    more: Mapping[str, Any],
) -> Finding:
    """An interrupted time series; units never treated, where there are any, are what it is compared with."""
    from kvalitet_lib.analyses.policy_change_interrupted import interrupted

    unit = unit if unit in rows else ""
    named: dict[str, Any] = {"time": time, "unit": unit, "confidence": confidence}
    if "starts" in more:
        return interrupted(rows, outcome, **named, **more)
    need_columns(rows, [treated or treated_from, time], NAME)
    begun = first_period(rows, treated, unit, time) if treated else rows[treated_from]
    without = begun.map(is_never)
    starts = begun[~without].unique()
    if not len(starts):
        return Finding.nothing(NAME, outcome, "policy_change_nobody_treated", Basis(), confidence=confidence)
    if len(starts) > 1:
        raise ContractError(
            f"{NAME} by an interrupted series needs one start; here there are {len(starts)}. "
            "Take the rows of one start, or design='staggered'."
        )
    others = list(rows.loc[without, unit].dropna().unique()) if unit else []
    compared: dict[str, Any] = {"comparison": others} if others and "comparison" not in more else {}
    return interrupted(rows, outcome, starts=starts[0], **compared, **named, **more)


def by_weights(
    rows: pd.DataFrame,
    outcome: str,
    unit: str,
    time: str,
    treated_from: str,
    treated: str,
    confidence: float,
    design: str,
    more: Mapping[str, Any],
) -> Finding:
    """Synthetic control, or synthetic difference-in-differences."""
    from kvalitet_lib.analyses.policy_change_synthetic import synthetic

    begun: dict[str, Any] = {"treated": treated} if treated else {"treated_from": treated_from}
    method = "synthetic_control" if design == "synthetic" else design
    return synthetic(rows, outcome, unit=unit, time=time, method=method, confidence=confidence, **begun, **more)
