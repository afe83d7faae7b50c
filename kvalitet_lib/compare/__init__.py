"""From figures to differences, and to a verdict that counts how many were looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from kvalitet_lib.compare.comparison import COLUMNS, REFERENCES, Comparison, Verdict
from kvalitet_lib.compare.references import against_references
from kvalitet_lib.compare.similar import nearest_schools
from kvalitet_lib.compare.verdicts import with_verdicts
from kvalitet_lib.indicators import Indicator
from kvalitet_lib.measure import Measurement
from kvalitet_lib.municipality import Municipality

__all__ = ["COLUMNS", "REFERENCES", "Comparison", "Verdict", "compare", "nearest_schools"]


def compare(
    measurement: Measurement | pd.DataFrame,
    municipality: Municipality,
    indicators: Mapping[str, Indicator] | Iterable[Indicator],
    places: Mapping[str, str] | None = None,
) -> Comparison:
    """Every school's and the municipality's figures held against what they may be compared with.

    A reference is of the same school year, or there is none; only ``own_earlier`` is of the unit's previous year with a
    figure, and not across a break in the series. Girls and boys are compared with the nation's girls and boys.

    The nation, the comparable municipalities and a municipality published without number of persons are regarded as
    known without error. The municipality is the whole of its schools as shown, so a school is part of what it is
    compared with; the two are treated as independent, and both choices make the interval of that difference too wide
    rather than too narrow. Any other figure without an interval gives a difference but no verdict.

    ``above`` and ``below`` are said when the p-value, adjusted for all indicators of the same unit, school year and
    reference, is below ``municipality.false_discovery_rate``; girls and boys together are a family of their own.

    Parameters
    ----------
    measurement : Measurement or DataFrame
        What ``measure_all`` gives.
    municipality : Municipality
        Confidence level, false discovery rate, code, nation and comparable group.
    indicators : mapping of str to Indicator, or iterable of Indicator
        Says which way is better, where series break and which are intake.
    places : mapping of str to str, optional
        School code → municipality code, where the figures are of several municipalities' schools.

    Returns
    -------
    Comparison
        Differences are estimate minus reference, in the indicator's unit (shares as 0-1).
    """
    figures = measurement.to_frame() if isinstance(measurement, Measurement) else measurement
    chosen = dict(indicators) if isinstance(indicators, Mapping) else {one.id: one for one in indicators}
    pairs = against_references(figures[figures.indicator.isin(chosen)], municipality, chosen, places or {})
    return Comparison(with_verdicts(pairs, municipality, chosen))
