"""Figures drawn by hand for tests of the gate."""

from __future__ import annotations

import pandas as pd

from kvalitet_lib.disclosure.printed import printed
from kvalitet_lib.disclosure.protect import shown_of
from kvalitet_lib.indicators import Better, Indicator, Kind
from kvalitet_lib.measure import COLUMNS
from kvalitet_lib.measure.measurement import in_long_form
from kvalitet_lib.municipality import Audience
from tests.whiteboard import table

PUBLIC = Audience(smallest_group=10, smallest_survey_group=10, smallest_count=5, source="the test's own rule")
INTERNAL = Audience(smallest_group=5, smallest_survey_group=10, smallest_count=4, source="the test's own rule")


def _declare(id: str, **facts: object) -> Indicator:
    usual = {"country": "se", "area": "results", "kind": Kind.SHARE, "unit": "share", "better": Better.HIGHER, "needs": ()}
    return Indicator(id=id, source="test", scale=(0, 1), **(usual | facts))  # type: ignore[arg-type]


INDICATORS = {
    "passed": _declare("passed", sensitive=True),
    "calm": _declare("calm", survey=True, sensitive=True),
    "points": _declare("points", kind=Kind.MEAN, unit="points"),
    "qualified": _declare("qualified"),
    "teachers": _declare("teachers", needs=("staffing",)),
}


def figures(drawing: str) -> pd.DataFrame:
    """A Measurement drawn as a table; what a column does not say is the whole group, local, of 2024-25."""
    drawn = table(drawing)
    usual = {
        "indicator": "passed",
        "level": "school",
        "school_year": "2024-25",
        "breakdown": "all",
        "group": "all",
        "source": "local",
    }
    full = drawn.assign(
        **{name: value for name, value in usual.items() if name not in drawn}, status=drawn.get("status", "exists")
    )
    full["method"] = "wilson"
    for bound in ("lower", "upper"):
        if bound not in full:
            full[bound] = full.get("estimate")
    return in_long_form(full.reindex(columns=COLUMNS))


def leaves(rows: pd.DataFrame, audience: Audience = PUBLIC) -> pd.DataFrame:
    """What leaves of these figures, in their order; every school is the municipality's own."""
    schools = set(rows.loc[rows["level"].eq("school"), "unit"])
    return printed(rows, shown_of(rows, INDICATORS, audience, schools), INDICATORS, audience, 0.95)
