"""Small indicators, pupils and published values for the tests of measure."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from kvalitet_lib.contracts import PublishedValues
from kvalitet_lib.indicators import Better, Indicator, Kind, indicator, published_indicator
from kvalitet_lib.measure import Measurement, measure_all
from kvalitet_lib.municipality import Municipality
from tests.whiteboard import table

FACTS = {"country": "se", "area": "results", "better": Better.HIGHER, "source": "own rule of this test", "scale": (0, 1)}


@indicator(kind=Kind.SHARE, unit="share", needs=("pupils",), breakdowns=("sex", "newly_arrived"), **FACTS)
def reached(pupils: pd.DataFrame) -> pd.DataFrame:
    """Pupils who reached the goal."""
    return pupils.assign(numerator=pupils.goal.astype("Float64"), denominator=1.0)


@indicator(kind=Kind.MEAN, unit="points", needs=("pupils",), **FACTS)
def points(pupils: pd.DataFrame) -> pd.DataFrame:
    """Points."""
    return pupils.assign(numerator=pupils.points, denominator=1.0)


@indicator(kind=Kind.MEDIAN, unit="days", needs=("pupils",), **FACTS)
def days(pupils: pd.DataFrame) -> pd.DataFrame:
    """Days."""
    return pupils.assign(numerator=pupils.points, denominator=1.0)


@indicator(kind=Kind.SHARE, unit="share", needs=("absence",), **FACTS)
def hours(absence: pd.DataFrame) -> pd.DataFrame:
    """Hours absent of hours possible."""
    return absence.assign(numerator=absence.absent_hours, denominator=absence.possible_hours)


@indicator(kind=Kind.RATIO, unit="per_post", needs=("staffing",), **FACTS)
def children_per_post(staffing: pd.DataFrame) -> pd.DataFrame:
    """Children per post."""
    return staffing.assign(numerator=staffing.children, denominator=staffing.staff_fte)


@indicator(kind=Kind.RATIO, unit="per_post", needs=("staffing",), **FACTS)
def teaching_group(staffing: pd.DataFrame) -> pd.DataFrame:
    """Pupils' hours per teacher's hour."""
    return staffing.assign(numerator=staffing.children * 700.0, denominator=staffing.staff_fte * 700.0)


@indicator(kind=Kind.COUNT, unit="persons", needs=("pupils",), **FACTS)
def number(pupils: pd.DataFrame) -> pd.DataFrame:
    """Pupils."""
    return pupils.assign(numerator=1.0, denominator=1.0)


salsa = published_indicator("salsa", "Deviation.", kind=Kind.MEAN, unit="points", **FACTS)

EKBACKEN, ASVALLEN, FRISKOLAN = "90010001", "90010002", "90010003"
PUPILS = table(f"""
    pupil | school     | school_year | sex  | newly_arrived | goal | points
    ------+------------+-------------+------+---------------+------+-------
    a     | {EKBACKEN} | 2023-24     | girl | no            | yes  | 10
    b     | {EKBACKEN} | 2023-24     | girl | no            | yes  | 20
    c     | {EKBACKEN} | 2023-24     | boy  | yes           | no   | 30
    d     | {EKBACKEN} | 2023-24     | boy  | no            |      | -
    e     | {ASVALLEN} | 2023-24     | boy  | no            | yes  | 15
    f     | {ASVALLEN} | 2023-24     | girl | no            | no   | 25
    f     | {EKBACKEN} | 2023-24     | girl | no            | no   | 25
    g     | {ASVALLEN} | 2024-25     | girl | no            | yes  | 12
""")
SCHOOLS = table(f"""
    school      | municipality | owner_type  | valid_from | valid_to | successor
    ------------+--------------+-------------+------------+----------+----------
    {EKBACKEN}  | 9001         | municipal   | 2010-11    | 2023-24  | {ASVALLEN}
    {ASVALLEN}  | 9001         | municipal   | -          | -        | -
    {FRISKOLAN} | 9001         | independent | 2010-11    | -        | -
""")
EKKOPING = Municipality(
    country="se", code="9001", name="Ekköping", languages=("sv",), audiences={}, trust=("local", "register", "kolada"),
    comparable="similar", groups={"similar": {"title": "Similar", "members": ("9002", "9003", "9004")}},
)  # fmt: skip


def published(drawing: str) -> pd.DataFrame:
    """Published values from their telling columns; the rest as an agency that says nothing more."""
    columns = list(PublishedValues.to_schema().columns)
    usual = {"source": "register", "indicator": "reached", "owner_type": "all", "group": "all", "status": "exists"}
    drawn = table(drawing)
    values = drawn.assign(**{name: value for name, value in usual.items() if name not in drawn}).reindex(columns=columns)
    numbers = dict.fromkeys(("value", "lower", "upper", "n"), "float64")
    return values.astype({name: "str" for name in columns if name not in numbers} | numbers | {"decimals": "Int64"})


def one(measurement: Measurement, **facts: str) -> pd.Series:
    """The single figure these facts lead to."""
    figures = measurement.to_frame()
    for column, value in ({"breakdown": "all"} | facts).items():
        figures = figures[figures[column].eq(value)]
    assert len(figures) == 1, f"{len(figures)} figures"
    return figures.iloc[0]


def all_of(indicators: Iterable[Indicator], **tables: pd.DataFrame) -> Measurement:
    return measure_all(indicators, tables, EKKOPING)
