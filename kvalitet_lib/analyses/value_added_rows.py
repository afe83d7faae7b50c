"""What value added was asked for: which levels, who belongs where, and whether it all fits together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.rows import Floats, need_columns
from kvalitet_lib.analyses.school_rows import Codes, SchoolRows
from kvalitet_lib.analyses.value_added_levels import ANALYSIS, Level, nested_code, numbered
from kvalitet_lib.errors import ContractError

Slopes = str | Sequence[str] | Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Asked:
    """What the caller asked for.

    Attributes
    ----------
    school : str
    inner : tuple of str
        Levels inside the school, the outermost first.
    second : tuple of str
        Further schools of the same pupils.
    weights : tuple of str
        How much each school is theirs; empty for schools of two kinds, whose effects are their own (crossed).
    slopes : mapping of str to tuple of str
        Level → columns whose slopes vary there.
    reliability : mapping of str to float
    method : str
    confidence : float
    """

    school: str
    inner: tuple[str, ...]
    second: tuple[str, ...]
    weights: tuple[str, ...]
    slopes: Mapping[str, tuple[str, ...]]
    reliability: Mapping[str, float]
    method: str
    confidence: float

    @property
    def is_simple(self) -> bool:
        return not (self.inner or self.second or any(self.slopes.values()))

    @property
    def columns(self) -> list[str]:
        """Columns that must have a value, besides those of the formula and the school."""
        crossed = [] if self.weights else [*self.second]
        return [*self.inner, *crossed, *(name for names in self.slopes.values() for name in names)]

    @property
    def kind(self) -> str:
        """What the model is, as a statistician would name it."""
        parts = ["random intercept of the school"]
        parts += [f"random slopes of {', '.join(names)} by {level}" for level, names in self.slopes.items() if names]
        parts += [f"random intercept of {', '.join(self.inner)} within it"] if self.inner else []
        if self.second:
            how = "weighted multiple membership of" if self.weights else "crossed with"
            parts.append(f"{how} {', '.join(self.second)}")
        return ", ".join(parts)


def asked(
    school: str,
    random_slope: Slopes,
    second_school: str | Sequence[str],
    weights: str | Sequence[str],
    levels: Sequence[str],
    reliability: Mapping[str, float] | None,
    method: str,
    confidence: float,
) -> Asked:
    """What was asked for, in one form.

    Raises
    ------
    ContractError
        Parts of it contradict each other.
    """
    inner = _named(levels)
    if school in inner:
        inner = inner[inner.index(school) + 1 :] if inner[0] == school else _refuse_order(school, inner)
    slopes = random_slope if isinstance(random_slope, Mapping) else {school: random_slope}
    by_level = {level: _named(names) for level, names in slopes.items()}
    second, parts = _named(second_school), _named(weights)
    if strange := set(by_level) - {school, *inner, *(() if parts else second)}:
        raise ContractError(f"{ANALYSIS}: slopes are to vary by {', '.join(sorted(strange))}, which is no level of this model.")
    if parts and len(parts) not in (len(second), len(second) + 1):
        raise ContractError(
            f"{ANALYSIS}: weights say how much each school is the pupil's: name one column for {school!r} and one for each of "
            "second_school, or only the latter, when the rest is the first school's."
        )
    if method not in ("reml", "ml"):
        raise ContractError(f"{ANALYSIS} fits by 'reml' or 'ml', not by {method!r}.")
    if not 0 < confidence < 1:
        raise ContractError(f"{ANALYSIS}: confidence lies between 0 and 1, e.g. 0.95; it is {confidence}.")
    told = dict(reliability or {})
    if wrong := [name for name, one in told.items() if not 0 < one <= 1]:
        raise ContractError(f"{ANALYSIS}: the reliability of {wrong[0]!r} lies above 0 and is at most 1; it is {told[wrong[0]]}.")
    found = Asked(school, inner, second, parts, by_level, told, method, confidence)
    if told and not found.is_simple:
        raise ContractError(
            f"{ANALYSIS} corrects for measurement error in the model with one intercept per school. Leave out slopes, levels "
            "and second schools, or the reliability."
        )
    return found


def _named(names: str | Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in ((names,) if isinstance(names, str) else names) if name)


def _refuse_order(school: str, inner: tuple[str, ...]) -> tuple[str, ...]:
    raise ContractError(f"{ANALYSIS}: levels lie inside {school!r}, so it comes first; they are {', '.join(inner)}.")


def with_a_school(rows: pd.DataFrame, wanted: Asked) -> tuple[pd.DataFrame, dict[str, int]]:
    """For movers: rows whose weights name a school, the first one filled in; and how many rows have none."""
    if not wanted.weights:
        return rows, {}
    need_columns(rows, [wanted.school, *wanted.second, *wanted.weights], ANALYSIS)
    weight = _weights(rows, wanted)
    known = rows[[wanted.school, *wanted.second]].notna().to_numpy()
    there = np.where(known, weight, 0.0)
    if (there < 0).any():
        raise ContractError(f"{ANALYSIS}: a weight is below 0. Weights are shares, or any amounts such as terms, of time.")
    kept = there.sum(axis=1) > 0
    # A school without weight stands in for one that is not named: it has no say.
    schools = rows[[wanted.school, *wanted.second]].astype("object")
    filled = schools.bfill(axis=1)[wanted.school].where(schools[wanted.school].isna(), schools[wanted.school])
    frame = rows.assign(**{wanted.school: filled.infer_objects()})[kept].reset_index(drop=True)
    return frame, {} if kept.all() else {"value_added_no_school": int((~kept).sum())}


def _weights(rows: pd.DataFrame, wanted: Asked) -> Floats:
    given = rows[list(wanted.weights)].astype("Float64").to_numpy(dtype=np.float64, na_value=0.0)
    if len(wanted.weights) == len(wanted.second):
        given = np.column_stack([1 - given.sum(axis=1), given])
    return given


def levels_of(rows: SchoolRows, wanted: Asked) -> tuple[tuple[Level, ...], pd.Index, int]:
    """All levels, the school's first; the schools; and how many labels of inner levels occur in several schools."""
    frame = rows.frame
    slopes = {level: wanted.slopes.get(level, ()) for level in (wanted.school, *wanted.inner, *wanted.second)}
    repeated, found = 0, []
    schools = rows.schools
    if wanted.weights:
        code, weight, schools = _membership(frame, wanted)
        found.append(Level(wanted.school, code, weight, slopes[wanted.school]))
    else:
        found.append(Level(wanted.school, rows.code, None, slopes[wanted.school]))
        found += [Level(name, numbered(frame[name])[0], None, slopes[name]) for name in wanted.second]
    for at, name in enumerate(wanted.inner):
        code, twice = nested_code(frame, [wanted.school, *wanted.inner[: at + 1]])
        repeated += twice
        found.append(Level(name, code, None, slopes[name]))
    return tuple(found), schools, repeated


def _membership(frame: pd.DataFrame, wanted: Asked) -> tuple[Codes, Floats, pd.Index]:
    """Every school a pupil has belonged to, with weights that add up to 1."""
    named = frame[[wanted.school, *wanted.second]]
    weight = np.where(named.notna().to_numpy(), _weights(frame, wanted), 0.0)
    filled = named.astype("object").apply(lambda column: column.where(column.notna(), named[wanted.school]))
    # A school that nobody has any time at has no effect to tell of.
    used = np.where(weight > 0, 1.0, np.nan)
    long = pd.Series(filled.to_numpy(dtype=object).ravel()).infer_objects()
    code, schools = numbered(long[np.isfinite(used.ravel())])
    places = np.zeros(weight.size, dtype=np.int64)
    places[np.isfinite(used.ravel())] = code
    return places.reshape(weight.shape), weight / weight.sum(axis=1, keepdims=True), schools
