"""The series that something interrupted: one row per period, what was added up or averaged, and before or after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.finding import Basis
from kvalitet_lib.analyses.rows import complete
from kvalitet_lib.analyses.time_order import TimeOrder
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.intervals import Floats

ANALYSIS = "policy_change (interrupted)"
TREATED, COMPARISON = "treated", "comparison"


@dataclass(frozen=True)
class Columns:
    """What the caller named; empty where it is not used."""

    outcome: str
    time: str
    unit: str
    population: str


@dataclass(frozen=True)
class Interruption:
    """One row is one period of one series: ``series`` (``treated`` or ``comparison``), ``time, at, value, population, after``.

    Attributes
    ----------
    frame : DataFrame
        In order of series (treated first) and time. ``at`` counts periods as the caller does, or from 1 for school years
        and dates; ``value`` is a count or, for other models, a level; ``after`` is 1 from the start on, else 0.
    last_before : float
        The period just before, in the units of ``at``: from there the change of slope is counted.
    step : float
        Between two periods.
    basis : Basis
    """

    frame: pd.DataFrame
    last_before: float
    step: float
    basis: Basis

    @property
    def treated(self) -> pd.DataFrame:
        return self.frame[self.frame["series"].eq(TREATED)].reset_index(drop=True)

    @property
    def comparison(self) -> pd.DataFrame | None:
        rows = self.frame[self.frame["series"].eq(COMPARISON)].reset_index(drop=True)
        return rows if len(rows) else None


def interruption(rows: pd.DataFrame, columns: Columns, starts: Any, comparison: Any, counts: bool, per: float) -> Interruption:
    """Complete periods in order; see ``interrupted``.

    Raises
    ------
    ContractError
        A column is missing, a time cannot be told, a period has several rows, or counts or populations are impossible.
    """
    if comparison is not None and not columns.unit:
        raise ContractError(f"{ANALYSIS}: name the column that tells the comparison apart, e.g. unit='school'.")
    wanted = [name for name in (columns.outcome, columns.time, columns.unit, columns.population) if name]
    there = complete(rows, wanted, ANALYSIS)
    frame = pd.DataFrame({
        "series": _series(there.frame, columns.unit, comparison),
        "unit": there.frame[columns.unit].astype(str) if columns.unit else TREATED,
        "time": there.frame[columns.time],
        "value": _number(there.frame, columns.outcome),
        "population": _number(there.frame, columns.population) if columns.population else np.nan,
    })  # fmt: skip
    if columns.population and (frame["population"] <= 0).any():
        raise ContractError(f"{ANALYSIS}: {columns.population!r} must be above 0 in every row.")
    if counts and (frame["value"] < 0).any():
        raise ContractError(f"{ANALYSIS}: counts in {columns.outcome!r} cannot be below 0. For levels use model='ols'.")
    if frame.empty:
        return Interruption(frame.assign(at=0.0, after=0.0), np.nan, np.nan, there.basis)
    order = TimeOrder.of(frame["time"], columns.time, ANALYSIS)
    frame["at"] = order.numbers(frame["time"])
    if frame.duplicated(["unit", "at"]).any():
        raise ContractError(
            f"{ANALYSIS}: there are several rows for the same {columns.time!r}. Add them up to one row per period first, or "
            "name the column that tells the series apart as unit."
        )
    begins = order.number(starts)
    whole = _whole_periods(frame)
    frame = _added_up(whole, counts, per)
    steps = np.diff(np.unique(frame["at"]))
    step = float(steps.min()) if len(steps) else 1.0
    if order.kind != "number":
        begins, frame["at"] = begins - frame["at"].min() + 1, frame["at"] - frame["at"].min() + 1
    frame["after"] = (frame["at"] >= begins).astype(np.float64)
    frame["time"] = frame["time"].astype(str)
    left_out = dict(there.basis.left_out)
    if len(whole) < len(there.frame):
        left_out["its_unit_missing"] = len(there.frame) - len(whole)
    units = int(whole["unit"].nunique()) if columns.unit else None
    years = tuple(dict.fromkeys(frame.sort_values("at")["time"]))
    missing = 1 - len(whole) / len(rows) if len(rows) else 0.0
    basis = replace(there.basis, rows=len(whole), schools=units, school_years=years, missing=missing, left_out=left_out)
    return Interruption(frame, begins - step, step, basis)


def _series(rows: pd.DataFrame, unit: str, comparison: Any) -> pd.Series:
    """Which rows are the comparison's."""
    if comparison is None:
        return pd.Series(TREATED, index=rows.index)
    many = isinstance(comparison, Sequence | set | frozenset | np.ndarray | pd.Series | pd.Index) and not isinstance(
        comparison, str
    )
    named = {str(one) for one in comparison} if many else {str(comparison)}
    units = rows[unit].astype(str)
    if unknown := named - set(units):
        raise ContractError(f"{ANALYSIS}: {unit!r} has no {', '.join(sorted(unknown))} to compare with.")
    if units.isin(named).all() and len(units):
        raise ContractError(f"{ANALYSIS}: every unit is named as comparison, so nobody is left who was touched.")
    return pd.Series(np.where(units.isin(named), COMPARISON, TREATED), index=rows.index)


def _number(rows: pd.DataFrame, column: str) -> Floats:
    try:
        return rows[column].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as wrong:
        raise ContractError(f"{ANALYSIS} needs numbers in {column!r}. Turn it into numbers first: pd.to_numeric.") from wrong


def _whole_periods(frame: pd.DataFrame) -> pd.DataFrame:
    """Periods in which every unit has a value: a unit that comes or goes would look like a change."""
    units = frame["unit"].nunique()
    there = frame.groupby("at")["unit"].transform("nunique")
    return frame[there.eq(units)] if units > 1 else frame


def _added_up(frame: pd.DataFrame, counts: bool, per: float) -> pd.DataFrame:
    """One row per series and period: counts added up, levels averaged, rates made of what was added up."""
    by = frame.groupby(["series", "at"], sort=True)
    told = by[["value", "population"]].sum(min_count=1)
    told["time"] = by["time"].first()
    if not counts:
        known = told["population"].notna().all()
        told["value"] = told["value"] / told["population"] * per if known else by["value"].mean()
    told = told.reset_index()
    return told.sort_values(["series", "at"], ascending=[False, True], ignore_index=True)
