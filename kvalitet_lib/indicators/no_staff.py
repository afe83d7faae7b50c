"""Norway: group size and qualified teachers; staff in barnehage and SFO."""

from __future__ import annotations

import pandas as pd

from kvalitet_lib.indicators.indicator import Better, Indicator, Kind, indicator

UNIT_AND_YEAR = ["school", "school_year"]


@indicator(
    country="no",
    area="staff",
    kind=Kind.RATIO,
    unit="per_post",
    better=Better.LOWER,
    needs=("staffing",),
    source="udir.no lærernormkalkulator; ks.no ASSS; KOSTRA table 12255, KOSgrstr20000",
    scale=(0, 50),
    breakdowns=("year_band",),
)
def gruppestorrelse_2(staffing: pd.DataFrame) -> pd.DataFrame:
    """Hours of ordinary teaching received by pupils per hour given by teachers, without special education and særskilt
    norsk. A school that delivers year bands is counted by them, otherwise by its line for all years.
    """
    return _counted(staffing, "school", of="pupil_hours", per="teacher_hours")


@indicator(
    country="no",
    area="staff",
    kind=Kind.SHARE,
    unit="share",
    better=Better.HIGHER,
    needs=("staffing",),
    source="own rule: posts of teachers with approved education, as the municipality reports them, of all posts of teachers",
    scale=(0, 1),
    breakdowns=("year_band",),
)
def laerere_med_godkjent_utdanning(staffing: pd.DataFrame) -> pd.DataFrame:
    """Posts (årsverk) held by teachers with approved education, of all posts of teachers at the school."""
    return _counted(staffing, "school", of="qualified_fte", per="staff_fte")


@indicator(
    country="no",
    area="early_years",
    kind=Kind.RATIO,
    unit="per_post",
    better=Better.LOWER,
    needs=("staffing",),
    source="own rule: children counted alike; KOSTRA (KOSkorraldpbasis0000) weights them by age and hours and is not comparable",
    scale=(0, 30),
)
def barnehage_barn_per_arsverk(staffing: pd.DataFrame) -> pd.DataFrame:
    """Children in the barnehage per post (årsverk), each child counted once whatever its age and hours."""
    return _counted(staffing, "preschool", of="children", per="staff_fte")


@indicator(
    country="no",
    area="early_years",
    kind=Kind.SHARE,
    unit="share",
    better=Better.HIGHER,
    needs=("staffing",),
    source="own rule: posts with the education the municipality reports as approved, of all posts",
    scale=(0, 1),
)
def barnehage_pedagogisk_utdanning(staffing: pd.DataFrame) -> pd.DataFrame:
    """Posts (årsverk) in the barnehage held by staff with approved pedagogical education, of all posts."""
    return _counted(staffing, "preschool", of="qualified_fte", per="staff_fte")


@indicator(
    country="no",
    area="early_years",
    kind=Kind.RATIO,
    unit="per_post",
    better=Better.LOWER,
    needs=("staffing",),
    source="own rule: children with a place counted alike, whatever their hours",
    scale=(0, 60),
)
def sfo_barn_per_arsverk(staffing: pd.DataFrame) -> pd.DataFrame:
    """Children in SFO per post (årsverk), each child counted once whatever its hours."""
    return _counted(staffing, "after_school", of="children", per="staff_fte")


def _counted(staffing: pd.DataFrame, provision: str, of: str, per: str) -> pd.DataFrame:
    """Rows of one provision with what is divided and what it is divided by; missing when either is, or there are no posts.

    Bands and a line for all years say the same posts twice, so only one of them is kept per unit and year: the bands,
    unless only the line for all years holds the figures. A kept line for all years belongs to no band.
    """
    rows = staffing[staffing.provision.eq(provision)]
    complete = rows[of].notna() & rows[per].gt(0)
    banded = rows.year_band.ne("all")
    units = [rows[column] for column in UNIT_AND_YEAR]
    by_bands = (complete & banded).groupby(units).transform("any")
    by_line_for_all = ~by_bands & (complete & ~banded).groupby(units).transform("any")
    kept = (banded | ~by_bands) & (~banded | ~by_line_for_all)
    return rows.assign(
        numerator=rows[of].where(complete), denominator=rows[per].where(complete), year_band=rows.year_band.where(banded)
    )[kept]


INDICATORS: tuple[Indicator, ...] = (
    gruppestorrelse_2,
    laerere_med_godkjent_utdanning,
    barnehage_barn_per_arsverk,
    barnehage_pedagogisk_utdanning,
    sfo_barn_per_arsverk,
)
