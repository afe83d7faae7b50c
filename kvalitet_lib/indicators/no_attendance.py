"""Norway: days and hours of absence."""

from __future__ import annotations

import pandas as pd

from kvalitet_lib.indicators.background import PUPIL, with_background
from kvalitet_lib.indicators.indicator import Better, Indicator, Kind, indicator

LAST_YEAR_GROUP = 10
SCHOOL_DAYS = 190
BREAKDOWNS = ("sex", "parents_education", "newly_arrived", "second_language")
ON_THE_DIPLOMA = "udir.no, analyse av fravær 10. trinn; SSB kompis KOSfdagergj0000"


@indicator(
    country="no",
    area="attendance",
    kind=Kind.MEDIAN,
    unit="days",
    better=Better.LOWER,
    needs=("absence",),
    source=ON_THE_DIPLOMA,
    scale=(0, 190),
    breakdowns=BREAKDOWNS,
    year_group=LAST_YEAR_GROUP,
)
def fravaersdager_median(absence: pd.DataFrame, pupils: pd.DataFrame | None = None) -> pd.DataFrame:
    """Whole days of absence in the school year of each pupil in year 10. Pupils known to be in another year group are
    left out; where the year group is unknown, all whose absence was delivered are counted.
    """
    return _in_last_year_group(_of_the_year(absence, "absent_days", pupils))


@indicator(
    country="no",
    area="attendance",
    kind=Kind.MEDIAN,
    unit="hours",
    better=Better.LOWER,
    needs=("absence",),
    source=ON_THE_DIPLOMA,
    scale=(0, 2000),
    breakdowns=BREAKDOWNS,
    year_group=LAST_YEAR_GROUP,
)
def fravaerstimer_median(absence: pd.DataFrame, pupils: pd.DataFrame | None = None) -> pd.DataFrame:
    """Single hours of absence, beside the whole days, in the school year of each pupil in year 10. Pupils known to be in
    another year group are left out; where the year group is unknown, all whose absence was delivered are counted.
    """
    return _in_last_year_group(_of_the_year(absence, "absent_hours", pupils))


@indicator(
    country="no",
    area="attendance",
    kind=Kind.SHARE,
    unit="share",
    better=Better.LOWER,
    needs=("absence",),
    source=(
        "own rule of this example: there is no fixed limit in grunnskole; a school year of at least 38 weeks is usually 190 days "
        "(udir.no, Ansvaret for fordeling av skoledager utover året)"
    ),
    scale=(0, 1),
    breakdowns=("year_group", *BREAKDOWNS),
    sensitive=True,
)
def fravaer_10_prosent(absence: pd.DataFrame, pupils: pd.DataFrame | None = None) -> pd.DataFrame:
    """Pupils absent for at least 19 whole days, a tenth of 190; single hours are not turned into days."""
    of_year = _of_the_year(absence, "absent_days", pupils)
    days = of_year.numerator
    # Ten times the days, since a tenth has no exact form in floating point.
    return of_year.assign(numerator=(10 * days >= SCHOOL_DAYS).astype("float64").where(days.notna()))


def _of_the_year(absence: pd.DataFrame, amount: str, pupils: pd.DataFrame | None) -> pd.DataFrame:
    """One row per pupil: the figure for the whole year where delivered, otherwise the sum of its months.

    Empty when a month is: a sum over the rest would say too little.
    """
    whole_year = absence.period.eq("year")
    has_year = whole_year.groupby([absence[column] for column in PUPIL]).transform("any")
    counted = absence[whole_year | ~has_year]
    total = counted.groupby(PUPIL, as_index=False).agg(sum=(amount, "sum"), known=(amount, "count"), periods=(amount, "size"))
    complete = total.known.eq(total.periods)
    return with_background(total[PUPIL].assign(numerator=total["sum"].where(complete), denominator=1.0), pupils)


def _in_last_year_group(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows.year_group.eq(LAST_YEAR_GROUP).fillna(True).astype(bool)]


INDICATORS: tuple[Indicator, ...] = (fravaersdager_median, fravaerstimer_median, fravaer_10_prosent)
