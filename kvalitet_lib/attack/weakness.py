"""What the attacker found, where and by whom; never the value."""

from __future__ import annotations

from dataclasses import dataclass

Cell = tuple[str, str, str, str, str, str]
CELL = ["indicator", "level", "unit", "school_year", "breakdown", "group"]


@dataclass(frozen=True, order=True)
class Weakness:
    """One thing a reader can tell that the release meant to keep.

    Attributes
    ----------
    kind : str
        ``recovered`` (a point), ``narrow`` (an interval narrower than the limit), ``shown`` (a rule broken on its face),
        ``reason`` (the release says why a figure is hidden), ``extra`` (a column, file or value that should not be
        there), ``derived`` (a comparison, a disagreement, a shrunken value or an older release tells it).
    quantity : str
        ``n`` (persons), ``count`` (a share's numerator), ``rest`` (persons not in it), ``sum`` (of a mean), or empty.
    indicator, level, unit, school_year, breakdown, group : str
        The figure. Of an ``extra`` file or column: ``unit`` is the path in the release, ``group`` the column.
    readers : tuple of str
        Who must know what they know of their own school: empty for somebody outside, one head, or two who pool.
    width : float or None
        Width of what remains possible, in persons (or posts); None where no interval was worked out.
    """

    kind: str
    quantity: str
    indicator: str
    level: str
    unit: str
    school_year: str
    breakdown: str
    group: str
    readers: tuple[str, ...] = ()
    width: float | None = None
