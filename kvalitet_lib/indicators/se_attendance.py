"""Sweden: absence, from the municipality's own attendance system."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kvalitet_lib.indicators.background import PUPIL, with_background
from kvalitet_lib.indicators.indicator import Better, Indicator, Kind, indicator

FACTS: dict[str, Any] = {
    "country": "se",
    "area": "attendance",
    "kind": Kind.SHARE,
    "unit": "share",
    "sensitive": True,
    "better": Better.LOWER,
    "needs": ("absence",),
    "scale": (0, 1),
    "breakdowns": ("sex", "year_group", "parents_education", "newly_arrived"),
}
# Floating-point division must not turn exactly one tenth into a little less.
DECIMALS = 9


def _absent_at_least(id: str, threshold: float) -> Indicator:
    def count(absence: pd.DataFrame, pupils: pd.DataFrame | None = None) -> pd.DataFrame:
        hours = _over_the_year(absence, "absent_hours")
        share = (hours["absent_hours"] / hours["possible_hours"]).round(DECIMALS)
        absent = share.ge(threshold).astype(float).where(share.notna())
        return with_background(hours.assign(numerator=absent, denominator=1.0), pupils)

    return Indicator(
        id=id,
        count=count,
        rule=(
            f"Pupils absent, with or without leave, for at least {threshold:.0%} of the hours they could attend, all periods "
            "delivered for the school year together. No figure where only absence without leave is delivered."
        ),
        source="Egen regel: nationell definition saknas; 10, 15 och 20 % är vanliga gränser i praktiken",
        **FACTS,
    )


@indicator(
    source="Egen regel: nationell definition saknas; ogiltiga timmar av den schemalagda tiden", **{**FACTS, "unit": "time_share"}
)
def ogiltig_franvaro(absence: pd.DataFrame, pupils: pd.DataFrame | None = None) -> pd.DataFrame:
    """Hours absent without leave, of the hours pupils could attend, all periods delivered for the school year together."""
    hours = _over_the_year(absence, "unexcused_hours")
    return with_background(hours.assign(numerator=hours["unexcused_hours"], denominator=hours["possible_hours"]), pupils)


def _over_the_year(absence: pd.DataFrame, hours: str) -> pd.DataFrame:
    """Hours and possible hours per pupil and year, empty for pupils without them; no rows for schools without any.

    A row for the whole year goes before rows for months. Periods that lack either number are left out of both sums.
    """
    yearly = absence["period"].eq("year")
    whole_year = yearly.groupby([absence[key] for key in PUPIL]).transform("any")
    rows = absence[yearly | ~whole_year]
    complete = rows[hours].notna() & rows["possible_hours"].gt(0)
    delivered = complete.groupby([rows["school"], rows["school_year"]]).transform("any")
    known = rows.assign(**{name: rows[name].where(complete) for name in (hours, "possible_hours")})[delivered]
    return known.groupby(PUPIL)[[hours, "possible_hours"]].sum(min_count=1).reset_index()


INDICATORS: tuple[Indicator, ...] = (
    _absent_at_least("franvaro_10", 0.10),
    _absent_at_least("franvaro_15", 0.15),
    _absent_at_least("franvaro_20", 0.20),
    ogiltig_franvaro,
)
