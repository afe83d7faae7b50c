"""The panel behind a synthetic comparison: units that nothing was done to, and those treated, by when it began."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.finding import Basis
from kvalitet_lib.analyses.rows import complete, need_columns
from kvalitet_lib.analyses.time_order import TimeOrder
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.intervals import Floats

ANALYSIS = "policy_change (synthetic)"


@dataclass(frozen=True)
class Cohort:
    """Units in which the measure began at the same time."""

    units: tuple[str, ...]
    values: Floats
    before: int
    starts: str


@dataclass(frozen=True, repr=False)
class Panel:
    """Every unit at every time.

    Attributes
    ----------
    donors : tuple of str
        Units that never had the measure.
    theirs : ndarray, shape (donors, times)
    cohorts : tuple of Cohort
        In order of their start.
    times : tuple of str
    predictors : ndarray, shape (donors + treated, predictors)
        Means over the time before the first start, in standard deviations between units; donors first.
    basis : Basis
    reason : str
        Why nothing can be compared; empty when it can.
    """

    donors: tuple[str, ...]
    theirs: Floats
    cohorts: tuple[Cohort, ...]
    times: tuple[str, ...]
    predictors: Floats
    basis: Basis
    reason: str = ""

    @property
    def treated(self) -> int:
        return sum(len(one.units) for one in self.cohorts)


def panel_of(
    rows: pd.DataFrame, outcome: str, unit: str, time: str, treated: Any, treated_from: Any, predictors: Sequence[str]
) -> Panel:
    """Units that have a value at every time, in cohorts; see ``synthetic``.

    Raises
    ------
    ContractError
        A column is missing, a unit has two rows for a time, nobody is treated, or a start lies outside the panel.
    """
    marks = [name for name in (treated, treated_from) if isinstance(name, str) and name in rows]
    need_columns(rows, [outcome, unit, time, *predictors, *marks], ANALYSIS)
    there = complete(rows, [outcome, unit, time], ANALYSIS, school_year=time)
    frame = there.frame.assign(_unit=there.frame[unit].astype(str))
    if frame.empty:
        return _nothing(there.basis, "no_outcome" if not len(rows) or rows[outcome].isna().all() else "too_few_rows")
    order = TimeOrder.of(frame[time], time, ANALYSIS)
    frame["_at"] = order.numbers(frame[time])
    frame["_value"] = _number(frame, outcome)
    if frame.duplicated(["_unit", "_at"]).any():
        raise ContractError(
            f"{ANALYSIS}: a {unit!r} has several rows for the same {time!r}. Add them up to one row first, e.g.:  "
            f"rows.groupby([{unit!r}, {time!r}], as_index=False)"
        )
    starts = _starts(frame, order, treated, treated_from)
    wide = frame.pivot(index="_unit", columns="_at", values="_value")
    gaps = wide.isna().any(axis=1)
    labels = frame.groupby("_at")[time].first().astype(str)
    whole = wide[~gaps]
    lost = int(frame["_unit"].isin(wide.index[gaps]).sum())
    left_out = dict(there.basis.left_out) | ({"synthetic_incomplete": lost} if lost else {})
    basis = replace(
        there.basis, rows=len(frame) - lost, schools=len(whole), left_out=left_out,
        missing=1 - (len(frame) - lost) / len(rows),
    )  # fmt: skip
    known = {name: one for name, one in starts.items() if name in whole.index}
    donors = [name for name in whole.index if name not in starts]
    if not known:
        return _nothing(basis, "synthetic_treated_incomplete")
    if len(donors) < 2:
        return _nothing(basis, "synthetic_no_donors")
    at = whole.columns.to_numpy(dtype=np.float64)
    cohorts = []
    for begins in sorted(set(known.values())):
        units = tuple(name for name, one in known.items() if one == begins)
        before = int((at < begins).sum())
        if before == 0 or before == len(at):
            raise ContractError(
                f"{ANALYSIS}: a start lies outside the panel, so there is nothing before it, or nothing after. Give the first "
                f"{time!r} with the measure, and leave out units that always had it."
            )
        cohorts.append(Cohort(units, whole.loc[list(units)].to_numpy(), before, labels.iloc[before]))
    first = at[cohorts[0].before]
    every = [*donors, *(name for one in cohorts for name in one.units)]
    means = _predictor_means(frame[frame["_at"] < first], list(predictors)).reindex(every).to_numpy(dtype=np.float64)
    if np.isnan(means).any():
        return _nothing(basis, "synthetic_predictor_unknown")
    told = tuple(labels.loc[list(at)])
    return Panel(tuple(donors), whole.loc[donors].to_numpy(), tuple(cohorts), told, means, basis)


def _nothing(basis: Basis, reason: str) -> Panel:
    empty = np.empty((0, 0))
    return Panel((), empty, (), (), empty, basis, reason)


def _number(frame: pd.DataFrame, column: str) -> Floats:
    try:
        return frame[column].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as wrong:
        raise ContractError(f"{ANALYSIS} needs numbers in {column!r}. Turn it into numbers first: pd.to_numeric.") from wrong


def _predictor_means(early: pd.DataFrame, predictors: list[str]) -> pd.DataFrame:
    """Each unit's mean before anything began, in standard deviations between units; those that do not vary say nothing."""
    values = pd.DataFrame({name: _number(early, name) for name in predictors}, index=early.index)
    means = values.groupby(early["_unit"]).mean()
    return (means - means.mean()) / means.std().replace(0, 1.0)


def _starts(frame: pd.DataFrame, order: TimeOrder, treated: Any, treated_from: Any) -> dict[str, float]:
    """Unit → first time with the measure, for units that had it."""
    if isinstance(treated, str) and treated in frame and treated_from is None:
        return _from_marks(frame, treated)
    if treated is None and isinstance(treated_from, Mapping):
        found = {str(name): order.number(one) for name, one in treated_from.items()}
    elif treated is None and isinstance(treated_from, str) and treated_from in frame:
        found = _from_first(frame, order, treated_from)
    elif treated is not None and treated_from is not None:
        ids = [treated] if isinstance(treated, str) or not isinstance(treated, Iterable) else list(treated)
        each = treated_from if isinstance(treated_from, Mapping) else dict.fromkeys(ids, treated_from)
        if lacking := [str(one) for one in ids if one not in each]:
            raise ContractError(f"{ANALYSIS}: treated_from does not say when the measure began in {', '.join(lacking)}.")
        found = {str(one): order.number(each[one]) for one in ids}
    else:
        raise ContractError(
            f"{ANALYSIS}: say who had the measure and from when: treated=[…] with treated_from=…, a mapping of unit to start "
            "as treated_from, a column of starts as treated_from, or a column of 0 and 1 as treated."
        )
    if unknown := set(found) - set(frame["_unit"]):
        raise ContractError(f"{ANALYSIS}: there is no unit {', '.join(sorted(unknown))} in the frame.")
    if not found:
        raise ContractError(f"{ANALYSIS}: nobody had the measure.")
    return found


def _from_marks(frame: pd.DataFrame, column: str) -> dict[str, float]:
    """From a column that is 1 as long as the measure is there."""
    marks = _number(frame, column)
    if not np.isin(marks, (0.0, 1.0)).all():
        raise ContractError(f"{ANALYSIS}: {column!r} must be 0 without and 1 with the measure, in every row.")
    on = frame[marks == 1]
    if on.empty:
        raise ContractError(f"{ANALYSIS}: nobody had the measure: {column!r} is 0 everywhere.")
    starts = on.groupby("_unit")["_at"].min()
    since = frame["_at"] >= frame["_unit"].map(starts)
    if (marks[since.to_numpy()] == 0).any():
        raise ContractError(f"{ANALYSIS}: the measure ends again in some units; only those that keep it can be compared.")
    return {str(name): float(one) for name, one in starts.items()}


def _from_first(frame: pd.DataFrame, order: TimeOrder, column: str) -> dict[str, float]:
    """From a column with each unit's first time; empty, 0 or infinite for never."""
    first = frame.groupby("_unit")[column].first()
    started = first[first.notna() & ~first.astype(str).isin({"0", "0.0", "inf", "", "never"})]
    found = {str(name): order.number(one) for name, one in started.items()}
    last = frame["_at"].max()
    # Who begins after the last time seen is, here, somebody who never did.
    return {name: one for name, one in found.items() if one <= last}
