"""Sweden: degrees and grade points from upper secondary school."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kvalitet_lib.indicators.background import with_background
from kvalitet_lib.indicators.indicator import Better, Indicator, Kind, indicator

PUPILS_OWN = ("sex", "parents_education", "newly_arrived")
FACTS: dict[str, Any] = {
    "country": "se",
    "area": "pathways",
    "better": Better.HIGHER,
    "needs": ("upper_secondary",),
    "breakdowns": PUPILS_OWN,
}


def _degree_within(id: str, years: int, kolada: str) -> Indicator:
    def count(upper_secondary: pd.DataFrame, pupils: pd.DataFrame | None = None) -> pd.DataFrame:
        began = upper_secondary[upper_secondary["years_since_start"].eq(years).fillna(False)]
        degree = began["degree"].astype("Float64").astype("float64")
        return with_background(began.assign(numerator=degree, denominator=1.0), pupils)

    return Indicator(
        id=id,
        count=count,
        rule=(
            f"Pupils with a gymnasieexamen {years} school years after they began, of all who began then, introductory "
            "programmes (IM) too; without word of a degree is missing."
        ),
        kind=Kind.SHARE,
        unit="share",
        scale=(0, 1),
        sensitive=True,
        breaks={"2020-21": "ib_left_out"},
        source=f"SCB; Kolada {kolada}",
        **FACTS,
    )


@indicator(
    **FACTS,
    kind=Kind.MEAN,
    unit="grade_points",
    scale=(0, 20),
    breaks={"2021-22": "only_with_degree"},
    source="Skolverket; Kolada N17691 och U17445",
)
def betygspoang_gymnasiet(upper_secondary: pd.DataFrame, pupils: pd.DataFrame | None = None) -> pd.DataFrame:
    """Mean of pupils' average grade points, 0-20, in the year they get their degree. Pupils without a degree, and those
    followed up four years or more after they began, are left out; where nothing is said, the pupil is counted.
    """
    leaving = upper_secondary["degree"].fillna(True) & upper_secondary["years_since_start"].fillna(3).le(3)
    left = upper_secondary[leaving.astype(bool)]
    return with_background(left.assign(numerator=left["grade_points"], denominator=1.0), pupils)


INDICATORS: tuple[Indicator, ...] = (
    _degree_within("gymnasieexamen_3_ar", 3, "N17451"),
    _degree_within("gymnasieexamen_4_ar", 4, "N17467"),
    betygspoang_gymnasiet,
)
