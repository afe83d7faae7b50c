"""Units by period, and when a measure came to each: the panel that comparisons before and after are made from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.finding import Basis
from kvalitet_lib.analyses.rows import complete, need_columns
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.intervals import Floats

NAME = "policy_change"
SCHOOL_YEAR = re.compile(r"^(\d{4})[-/](\d{2}|\d{4})$")
NUMBER = re.compile(r"^-?\d+(\.\d+)?$")
THIN = 0.5  # a period that less than this share of the units have a value in is left out, not the units that lack it; own rule


@dataclass(frozen=True)
class Columns:
    """What the caller named; empty where a column is not used."""

    outcome: str
    unit: str = "school"
    time: str = "school_year"
    treated_from: str = "treated_from"
    covariates: tuple[str, ...] = ()
    weights: str = ""


@dataclass(frozen=True, repr=False)
class Panel:
    """A panel without gaps: n units, T periods.

    Attributes
    ----------
    outcomes : ndarray, shape (n, T)
        Means of the rows of a unit and period.
    covariates : ndarray, shape (n, T, k)
    cohort : ndarray, shape (n,)
        First period with the measure, in the numbers of ``times``; infinite for never (or not before the last period).
    times : ndarray, shape (T,)
        Rising numbers: years of school years, numbers as they are, places in the order of anything else.
    weights : ndarray, shape (n,)
        Rows (or what the column of weights says) per period, on average.
    units : Index
        What the units are called.
    labels : mapping of float to object
        What periods are called in the caller's frame; those in which a measure began, too.
    basis : Basis
    always, incomplete : int
        Units left out because they had the measure from the first period, or lack a period.
    """

    outcomes: Floats
    covariates: Floats
    cohort: Floats
    times: Floats
    weights: Floats
    units: pd.Index
    labels: dict[float, Any]
    basis: Basis
    always: int = 0
    incomplete: int = 0

    @property
    def treated(self) -> np.ndarray:
        return np.isfinite(self.cohort)

    @property
    def steps(self) -> Panel:
        """The panel with periods numbered from 0, however far apart they are."""
        finite = np.where(self.treated, self.cohort, self.times[-1])
        cohort = np.where(self.treated, np.searchsorted(self.times, finite), np.inf)
        return replace(self, times=np.arange(len(self.times), dtype=np.float64), cohort=cohort, labels={})

    def without(self, gone: np.ndarray) -> Panel:
        """The panel without some units."""
        kept = ~gone
        return replace(
            self,
            outcomes=self.outcomes[kept],
            covariates=self.covariates[kept],
            cohort=self.cohort[kept],
            weights=self.weights[kept],
            units=self.units[kept],
        )

    def label(self, times: Floats) -> list[Any]:
        """What periods are called; a number that the frame does not have stays a number."""
        return [self.labels.get(float(time), time) for time in times]


def panel_of(rows: pd.DataFrame, columns: Columns, anticipation: float = 0) -> Panel:
    """The panel, made of rows that are units by period or single persons in them.

    Parameters
    ----------
    rows : DataFrame
        One row per unit and period, or several (pupils): then means are taken, every row weighing the same unless
        ``columns.weights`` says how much.

    Raises
    ------
    ContractError
        A column is not there, is no number where it must be, or says two first periods of one unit.
    """
    numbers = [columns.outcome, *columns.covariates, *([columns.weights] if columns.weights else [])]
    need_columns(rows, [*numbers, columns.unit, columns.time, columns.treated_from], NAME)
    if strange := [name for name in numbers if not _is_number(rows[name])]:
        raise ContractError(f"{NAME}: {', '.join(map(repr, strange))} must be numbers. Turn categories into columns of 0 and 1.")
    kept = complete(rows, [*numbers, columns.unit, columns.time], NAME, school=columns.unit)
    basis, held = kept.basis, kept.frame
    times, starts, labels = _in_order(held[columns.time], held[columns.treated_from])
    code, names = pd.factorize(held[columns.unit].astype("object"))
    order = np.argsort(np.array([str(name) for name in names]), kind="stable")
    frame = pd.DataFrame(
        {"unit": np.argsort(order)[code], "time": times, "start": starts}
        | {name: held[name].astype("float64").to_numpy() for name in numbers}
    )
    frame["weight"] = frame[columns.weights] if columns.weights else 1.0
    weightless = frame["weight"].le(0)
    frame = frame[~weightless]
    started = frame.groupby("unit")["start"].agg(["min", "max"])
    if (two := started["min"].ne(started["max"])).any():
        raise ContractError(
            f"{NAME}: {int(two.sum())} of the {columns.unit!r} have more than one value in {columns.treated_from!r}. "
            "A unit has one first period with the measure, the same in all its rows; or none, in all its rows."
        )
    left_out = dict(basis.left_out) | ({columns.weights: int(weightless.sum())} if weightless.any() else {})
    units = pd.Index([names[place] for place in order], name=columns.unit)
    return _balanced(frame, started["min"], units, labels, columns, replace(basis, left_out=left_out), anticipation)


def first_period(rows: pd.DataFrame, treated: str, unit: str, time: str) -> pd.Series:
    """For each row, its unit's first period in which ``treated`` is 1; missing where it never is. Without a unit: of all rows.

    Raises
    ------
    ContractError
        A value other than 0 and 1, or a measure that ends again.
    """
    need_columns(rows, [treated, unit, time], NAME)
    units = rows[unit] if unit else pd.Series(0, index=rows.index)
    has = pd.to_numeric(rows[treated], errors="coerce").astype("float64")
    if not has.dropna().isin([0, 1]).all() or (has.isna() & rows[treated].notna()).any():
        raise ContractError(f"{NAME}: {treated!r} must be 1 where the measure is there, 0 where it is not.")
    number = pd.Series(_in_order(rows[time], pd.Series(np.nan, index=rows.index))[0], index=rows.index)
    first = number.where(has.eq(1)).groupby(units).transform("min")
    if (has.eq(0) & number.ge(first)).any():
        raise ContractError(f"{NAME}: the measure in {treated!r} ends again somewhere. Only measures that stay can be looked at.")
    named = dict(zip(number, rows[time], strict=True))
    return pd.Series([named.get(one) for one in first], index=rows.index, dtype="object")


def _is_number(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column) or column.isna().all())


def _in_order(times: pd.Series, starts: pd.Series) -> tuple[Floats, Floats, dict[float, Any]]:
    """Periods and first periods as rising numbers, and what each number is called.

    School years are their first year, numbers themselves; anything else is its place in order.
    """
    seen, begun = times.astype("object"), starts.astype("object")
    known = [one for one in begun if not is_never(one)]
    number = _numbers([*known, *seen.dropna()])
    labels = {number[str(one)]: one for one in [*known, *seen.dropna()]}
    return (
        np.array([np.nan if pd.isna(one) else number[str(one)] for one in seen], dtype=np.float64),
        np.array([np.inf if is_never(one) else number[str(one)] for one in begun], dtype=np.float64),
        labels,
    )


def _numbers(values: Sequence[Any]) -> dict[str, float]:
    written = [str(one) for one in values]
    if all(_school_year(one) for one in written):
        return {one: float(one[:4]) for one in written}
    if all(isinstance(one, int | float | np.number) for one in values):
        return {str(one): float(one) for one in values}
    if all(NUMBER.match(one) for one in written):
        return {one: float(one) for one in written}
    try:
        order = sorted(set(values))
    except TypeError as wrong:
        raise ContractError(
            f"{NAME} cannot put the periods in order: they are of different kinds. Write all like 2024-25, or as numbers."
        ) from wrong
    return {str(one): float(place) for place, one in enumerate(order)}


def _school_year(written: str) -> bool:
    found = SCHOOL_YEAR.match(written)
    if not found:
        return False
    following = int(found[1]) + 1
    return int(found[2]) in (following, following % 100)


def is_never(start: Any) -> bool:
    """Whether a first period says that the measure never came: empty, 0 or infinite."""
    if isinstance(start, str):
        return start.strip() in ("", "0")
    return bool(pd.isna(start)) or (isinstance(start, int | float | np.number) and float(start) in (0.0, np.inf))


def _balanced(
    frame: pd.DataFrame,
    started: pd.Series,
    units: pd.Index,
    labels: dict[float, Any],
    columns: Columns,
    basis: Basis,
    anticipation: float,
) -> Panel:
    """Units with a value in every period and at least one period before the measure; others are counted as left out."""
    by = [frame["unit"], frame["time"]]
    count, weight = frame.groupby(by).size().unstack("time"), frame["weight"].groupby(by).sum().unstack("time")
    thin = count.notna().mean().lt(THIN)
    count_here, weight = count.loc[:, ~thin], weight.loc[:, ~thin]
    times = weight.columns.to_numpy(dtype=np.float64)
    start = started.reindex(weight.index).to_numpy(dtype=np.float64)
    whole = weight.notna().all(axis=1).to_numpy()
    always = whole & (start - anticipation <= times.min(initial=np.inf))
    kept = whole & ~always

    def means(name: str) -> Floats:
        sums = (frame[name] * frame["weight"]).groupby(by).sum().unstack("time")
        return (sums[weight.columns] / weight).to_numpy(dtype=np.float64)[kept]

    lost = {
        "policy_change_thin_period": count.loc[:, thin].sum().sum(),
        "policy_change_incomplete_unit": count_here[~whole].sum().sum(),
        "policy_change_always_treated": count_here[always].sum().sum(),
    }
    cohort = start[kept]
    covariates = [means(name) for name in columns.covariates]
    return Panel(
        means(columns.outcome),
        np.stack(covariates, axis=2) if covariates else np.empty((int(kept.sum()), len(times), 0)),
        np.where(cohort - anticipation > times.max(initial=-np.inf), np.inf, cohort),
        times,
        weight.mean(axis=1).to_numpy(dtype=np.float64)[kept],
        units[weight.index[kept]],
        labels,
        replace(
            basis,
            rows=int(count_here[kept].sum().sum()),
            schools=int(kept.sum()),
            school_years=tuple(str(labels[one]) for one in times),
            left_out=dict(basis.left_out) | {why: int(rows) for why, rows in lost.items() if rows},
        ),
        int(always.sum()),
        int((~whole).sum()),
    )
