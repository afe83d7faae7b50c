"""An indicator: what we count, in which unit, and which way is better."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pandas as pd


class Kind(StrEnum):
    """How rows become one figure, and so which interval fits it."""

    SHARE = "share"  # sum of numerators / sum of denominators, 0-1
    MEAN = "mean"  # mean of numerators
    MEDIAN = "median"  # median of numerators
    RATIO = "ratio"  # sum of numerators / sum of denominators, e.g. pupils per teacher
    COUNT = "count"  # sum of numerators


class Better(StrEnum):
    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"  # context: neither good nor bad


AREAS = ("results", "tests", "wellbeing", "attendance", "staff", "pathways", "early_years", "intake")


@dataclass(frozen=True)
class Indicator:
    """A counting rule and what a reader must know about it.

    Attributes
    ----------
    id : str
        Stable, snake_case, never reused.
    count : callable or None
        Takes the frames named in ``needs`` and returns one row per person (or unit) that
        belongs to the group: the columns of the input that one may break down by, plus
        ``numerator`` and ``denominator`` (float). An empty numerator means: belongs to the
        group, but there is no data; it is counted as missing and enters no figure.
        None when the figure only exists as published by an agency.
    unit : str
        ``share``, ``points``, ``grade_points``, ``index10``, ``index5``, ``scale_points``,
        ``per_post``, ``days``, ``hours`` or ``persons``, ``time_share`` (of hours, not
        of persons: one decimal), or for a deviation ``signed_share`` or ``signed_points``; texts/ name and format them.
    scale : tuple of float
        Lowest and highest value that can occur; charts and checks use it.
    breakdowns : tuple of str
        Columns of the counted rows one may break down by, e.g. ``("sex",)``.
    year_group : int or None
        The year group it concerns, when it is one: lets a cohort be followed.
    breaks : mapping
        First school year of each new series → id of the reason in texts/.
    sensitive : bool
        A share of 0 % or 100 % would tell something about everyone in the group.
    survey : bool
        Built on survey answers: the strict rule holds for every audience.
    source : str
        Where the counting rule is stated.
    """

    id: str
    country: str
    area: str
    kind: Kind
    unit: str
    better: Better
    needs: tuple[str, ...]
    source: str
    scale: tuple[float, float]
    count: Callable[..., pd.DataFrame] | None = None
    rule: str = ""
    breakdowns: tuple[str, ...] = ()
    year_group: int | None = None
    breaks: Mapping[str, str] = None  # type: ignore[assignment]
    sensitive: bool = False
    survey: bool = False

    def __post_init__(self) -> None:
        if self.area not in AREAS:
            raise ValueError(f"{self.id}: area {self.area!r} is not one of {', '.join(AREAS)}")
        object.__setattr__(self, "breaks", dict(self.breaks or {}))

    @property
    def is_share(self) -> bool:
        """Whether figures are 0-1 and read as per cent or percentage points."""
        return self.unit in ("share", "time_share", "signed_share")

    @property
    def stands_alone(self) -> bool:
        """Whether a figure is only held against the unit's own past: a plain count, or a deviation from what is expected."""
        return self.kind is Kind.COUNT or self.unit.startswith("signed_")


def indicator(**facts: Any) -> Callable[[Callable[..., pd.DataFrame]], Indicator]:
    """Turn a counting function into an Indicator; its name is the id, its docstring the rule.

    >>> @indicator(country="se", area="attendance", kind=Kind.SHARE, unit="share", better=Better.LOWER,
    ...            needs=("absence",), source="own", scale=(0, 1))
    ... def persistent_absence(absence):
    ...     "Pupils absent for at least one tenth of the hours they could attend."
    """

    def declare(count: Callable[..., pd.DataFrame]) -> Indicator:
        return Indicator(id=count.__name__, count=count, rule=_text(count.__doc__), **facts)

    return declare


def published_indicator(id: str, rule: str, **facts: Any) -> Indicator:
    """An indicator that only an agency can compute, e.g. a SALSA deviation."""
    return Indicator(id=id, count=None, rule=_text(rule), needs=(), **facts)


def _text(doc: str | None) -> str:
    return " ".join((doc or "").split())
