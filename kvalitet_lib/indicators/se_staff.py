"""Sweden: teachers in grundskola, and staff in förskola and fritidshem."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kvalitet_lib.indicators.indicator import Better, Indicator, Kind, indicator

QUALIFIED: dict[str, Any] = {
    "country": "se",
    "kind": Kind.SHARE,
    "unit": "share",
    "better": Better.HIGHER,
    "needs": ("staffing",),
    "scale": (0, 1),
}
PER_POST: dict[str, Any] = {
    "country": "se",
    "kind": Kind.RATIO,
    "unit": "per_post",
    "better": Better.LOWER,
    "needs": ("staffing",),
    "scale": (0, 100),
}


@indicator(**QUALIFIED, area="staff", source="Skolverket, Personalstatistik med lärarlegitimation och behörighet; Kolada N15814")
def lararbehorighet(staffing: pd.DataFrame) -> pd.DataFrame:
    """Posts (full-time equivalents) of teachers in grundskola spent on teaching, in subjects and years the teacher is
    qualified for and with lärarlegitimation, of all posts, on 15 October.
    """
    return _counted(staffing, "school", of="qualified_fte")


@indicator(**PER_POST, area="staff", source="Skolverket; Kolada N15034")
def elever_per_larare(staffing: pd.DataFrame) -> pd.DataFrame:
    """Pupils in grundskola per teacher post (full-time equivalent) on 15 October; other pedagogic staff do not count."""
    return _counted(staffing, "school", of="children")


@indicator(**PER_POST, area="early_years", source="Skolverket; Kolada N11010")
def forskola_barn_per_tjanst(staffing: pd.DataFrame) -> pd.DataFrame:
    """Children enrolled in förskola per post (full-time equivalent) working with children, on 15 October."""
    return _counted(staffing, "preschool", of="children")


@indicator(**QUALIFIED, area="early_years", source="Skolverket; Kolada N11810")
def forskola_legitimation(staffing: pd.DataFrame) -> pd.DataFrame:
    """Posts (full-time equivalents) in förskola held by staff with förskollärarlegitimation, of all posts, on 15 October."""
    return _counted(staffing, "preschool", of="qualified_fte")


@indicator(**PER_POST, area="early_years", source="Skolverket; Kolada N13805")
def fritidshem_elever_per_tjanst(staffing: pd.DataFrame) -> pd.DataFrame:
    """Pupils enrolled in fritidshem per post (full-time equivalent) working with them, on 15 October."""
    return _counted(staffing, "after_school", of="children")


@indicator(
    **QUALIFIED,
    area="early_years",
    breaks={"2019-20": "after_school_training_redefined"},
    source="Skolverket; Kolada N13015",
)
def fritidshem_hogskoleutbildning(staffing: pd.DataFrame) -> pd.DataFrame:
    """Posts (full-time equivalents) in fritidshem held by staff with a pedagogical degree from a university or university
    college, of all posts, on 15 October.
    """
    return _counted(staffing, "after_school", of="qualified_fte")


def _counted(staffing: pd.DataFrame, provision: str, of: str) -> pd.DataFrame:
    """One row per unit of the provision and year; empty where either number, or every post, is lacking."""
    rows = staffing[staffing["provision"].eq(provision) & staffing["year_band"].eq("all")]
    complete = rows[of].notna() & rows["staff_fte"].gt(0)
    return rows.assign(numerator=rows[of].where(complete), denominator=rows["staff_fte"].where(complete))


INDICATORS: tuple[Indicator, ...] = (
    lararbehorighet,
    elever_per_larare,
    forskola_barn_per_tjanst,
    forskola_legitimation,
    fritidshem_elever_per_tjanst,
    fritidshem_hogskoleutbildning,
)
