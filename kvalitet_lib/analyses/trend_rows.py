"""The rows of a trend: one value per school and year, in unbroken series, with what is known of its chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kvalitet_lib.analyses.finding import Basis
from kvalitet_lib.analyses.rows import complete
from kvalitet_lib.analyses.time_order import TimeOrder
from kvalitet_lib.errors import ContractError

ANALYSIS = "trend"
FEWEST_POINTS = 3  # two points have a line, but nothing beside it
ALL = "all"
Breaks = Sequence[Any] | Mapping[Any, Sequence[Any]]


@dataclass(frozen=True)
class SchoolYears:
    """One row is one school and year: ``school, time, at, value, segment, series``, and ``n, variance, count`` where known.

    ``at`` is the time as a number, ``segment`` counts the breaks before it, ``series`` numbers the schools.
    """

    frame: pd.DataFrame
    basis: Basis
    breaks: tuple[str, ...]

    def known(self, column: str) -> NDArray[np.float64] | None:
        return self.frame[column].to_numpy(dtype=np.float64) if column in self.frame else None

    @property
    def schools(self) -> list[str]:
        """Codes, in the order of their numbers."""
        return self.frame.drop_duplicates("series").sort_values("series")["school"].tolist()


def school_years(
    rows: pd.DataFrame,
    outcome: str,
    school: str,
    time: str,
    weights: str,
    standard_error: str,
    denominator: str,
    breaks: Breaks,
) -> SchoolYears:
    """Complete rows, checked and put in order; see ``trend``."""
    wanted = [outcome, time, weights, standard_error, denominator]
    there = complete(rows, [name for name in wanted if name], ANALYSIS, school=school, school_year=time)
    given = there.frame
    order = TimeOrder.of(given[time], time, ANALYSIS) if len(given) else None
    frame = pd.DataFrame({
        "school": given[school].astype(str) if school else ALL,
        "place": _places(given[school]) if school else 0,
        "time": given[time].astype(str),
        "at": order.numbers(given[time]) if order else np.empty(0),
        "value": _numbers(given, outcome),
    })  # fmt: skip
    for name, column in (("n", weights), ("error", standard_error), ("trials", denominator)):
        if column:
            frame[name] = _numbers(given, column)
    frame, left_out = _usable(_with_chance(frame, outcome, weights, standard_error, denominator))
    if frame.duplicated(["school", "at"]).any():
        raise ContractError(
            f"trend: {school or 'the frame'!r} has several rows for the same {time!r}. Add them up to one row per school and "
            f"year first, e.g.:  rows.groupby([{school!r}, {time!r}], as_index=False)"
        )
    frame, told = _in_segments(frame, breaks, order)
    frame = frame.sort_values(["place", "at"], ignore_index=True)
    frame["series"] = pd.factorize(frame["school"])[0]
    kept = replace(
        there.basis,
        rows=len(frame),
        schools=frame["school"].nunique() if school else None,
        school_years=tuple(frame.sort_values("at")["time"].unique()),
        missing=1 - len(frame) / len(rows) if len(rows) else 0.0,
        left_out=dict(there.basis.left_out) | left_out,
    )
    return SchoolYears(frame, kept, told)


def _places(schools: pd.Series) -> NDArray[np.int64]:
    """Where each row's school comes among the schools: codes that are numbers by size, others as text."""
    numeric = pd.api.types.is_numeric_dtype(schools)
    return np.asarray(pd.factorize(schools if numeric else schools.astype(str), sort=True)[0])


def _numbers(frame: pd.DataFrame, column: str) -> NDArray[np.float64]:
    try:
        return frame[column].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as wrong:
        raise ContractError(
            f"trend needs numbers in {column!r}, which holds text. Turn it into numbers first, e.g. with pd.to_numeric."
        ) from wrong


def _with_chance(frame: pd.DataFrame, outcome: str, weights: str, standard_error: str, denominator: str) -> pd.DataFrame:
    """Shares from counts, and the sampling variance of each value where something is known of it."""
    if (weights and (frame["n"] < 0).any()) or (standard_error and (frame["error"] < 0).any()):
        raise ContractError(f"trend: {(weights or standard_error)!r} must not be below 0.")
    if standard_error:
        # A share of exactly 0 or 1 has no standard error, though chance was at work: it gets the smallest there is.
        some = frame.loc[frame["error"] > 0, "error"]
        frame["variance"] = frame["error"].clip(lower=some.min() if len(some) else 0.0) ** 2
    if not denominator:
        return frame
    if ((frame["value"] < 0) | (frame["value"] > frame["trials"])).any():
        raise ContractError(f"trend: {outcome!r} must lie between 0 and {denominator!r}: it counts some of them.")
    counted = frame[frame["trials"] > 0]
    frame = frame.assign(
        count=frame["value"], n=frame["trials"], value=frame["value"] / frame["trials"].where(frame["trials"] > 0)
    )
    common = counted["value"].sum() / max(counted["trials"].sum(), 1.0)
    whole = counted.groupby("school")[["value", "trials"]].sum()
    # Drawn slightly towards the share of all, so that a school where everybody succeeds is not taken to be free of chance.
    share = frame["school"].map((whole["value"] + common) / (whole["trials"] + 1))
    return frame.assign(variance=share * (1 - share) / frame["trials"].where(frame["trials"] > 0))


def _usable(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """Rows with somebody behind them, in series long enough; and how many were left out for it."""
    nobody = frame["value"].isna() | (frame["n"] <= 0 if "n" in frame else False)
    some = frame[~nobody]
    short = some.groupby("school")["at"].transform("nunique") < FEWEST_POINTS
    out = {"trend_nobody_counted": int(nobody.sum()), "trend_few_years": int(short.sum())}
    return some[~short].reset_index(drop=True), {why: rows for why, rows in out.items() if rows}


def _in_segments(frame: pd.DataFrame, breaks: Breaks, order: TimeOrder | None) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Which unbroken stretch each row belongs to, and the times at which a new one begins within the rows."""
    if order is None or frame.empty:
        return frame.assign(segment=0), ()
    if isinstance(breaks, str):
        raise ContractError('trend: give breaks as a sequence, e.g. breaks=("2023-24",).')
    each = {str(name): tuple(ones) for name, ones in breaks.items()} if isinstance(breaks, Mapping) else {}
    everywhere = () if isinstance(breaks, Mapping) else tuple(breaks)
    segment = pd.Series(0, index=frame.index)
    told: dict[str, float] = {}
    for name, part in frame.groupby("school"):
        for one in each.get(name, everywhere):
            begins = order.number(one)
            if part["at"].min() < begins <= part["at"].max():
                segment[part.index[part["at"] >= begins]] += 1
                told[str(one)] = begins
    # Two breaks with nothing between them are one.
    segment = segment.groupby(frame["school"]).rank(method="dense").astype(int) - 1
    return frame.assign(segment=segment), tuple(sorted(told, key=told.__getitem__))
