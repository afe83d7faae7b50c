"""Sweden: grades in years 6 and 9, SALSA, and who the pupils are."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kvalitet_lib.indicators.background import PUPIL, with_background
from kvalitet_lib.indicators.indicator import Better, Indicator, Kind, indicator, published_indicator
from kvalitet_lib.indicators.register import with_unreported
from kvalitet_lib.indicators.swedish_grades import (
    HIGHER_EDUCATION,
    SCIENCE,
    SOCIETY,
    VOCATIONAL,
    delivered_in_full,
    eligibility,
    grades_set,
    merit_values,
)

PUPILS_OWN = ("sex", "parents_education", "newly_arrived")
# Kolada N15505, N15419 and N15436: the figures of spring 2016 leave out pupils without a full personal number.
UNKNOWN_BACKGROUND = {"2015-16": "unknown_background_left_out", "2016-17": "unknown_background_included"}
FINAL_GRADES = "Skolverket, Slutbetyg årskurs 9, samtliga elever: Rapportbeskrivning och definitioner"
YEAR_6 = "Skolverket, Betyg årskurs 6, andel som fått godkänt betyg (A-E), samtliga elever: Rapportbeskrivning och definitioner"


def _of_grades(year_group: int, **facts: Any) -> dict[str, Any]:
    share = {"kind": Kind.SHARE, "unit": "share", "scale": (0, 1), "better": Better.HIGHER, "sensitive": True}
    fixed = {"country": "se", "area": "results", "needs": ("grades",), "breakdowns": PUPILS_OWN, "year_group": year_group}
    return share | fixed | facts


@indicator(
    **_of_grades(
        9,
        kind=Kind.MEAN,
        unit="points",
        scale=(0, 340),
        sensitive=False,
        breaks={"2014-15": "seventeen_subjects", **UNKNOWN_BACKGROUND},
        source=f"{FINAL_GRADES}; Kolada N15505",
    )
)
def meritvarde(grades: pd.DataFrame, pupils: pd.DataFrame | None = None) -> pd.DataFrame:
    """Points of the 16 best final grades in year 9 (A 20, B 17.5, C 15, D 12.5, E 10, F and streck 0), and of a passed
    modern language taken as språkval as a 17th. The mean is over pupils with at least E in at least one subject; those
    without any pass are outside it, not missing. Before prövning. The delivering system's own value is used where stated.
    """
    points = merit_values(grades_set(grades, 9))
    counted = _counted(points, 9, grades, pupils)
    return counted[counted["numerator"].ne(0)]


@indicator(
    **_of_grades(
        9,
        breaks={"2013-14": "no_pass_included", **UNKNOWN_BACKGROUND},
        source=f"{FINAL_GRADES}; Kolada N15419",
    )
)
def alla_amnen_ak9(grades: pd.DataFrame, pupils: pd.DataFrame | None = None) -> pd.DataFrame:
    """Pupils in year 9 with at least E in every subject of their own education, of all who got or should have got grades;
    pupils without any pass are among them. A block grade (NO, SO) is one subject.
    """
    return _counted(_subjects(grades, 9)["failed"].eq(0), 9, grades, pupils)


def _eligible_for(id: str, others: int, required: list[str], kolada: str) -> Indicator:
    def count(grades: pd.DataFrame, pupils: pd.DataFrame | None = None) -> pd.DataFrame:
        return _counted(eligibility(grades_set(grades, 9), others, required), 9, grades, pupils)

    which = f"of which {', '.join(required)}" if required else "whichever"
    return Indicator(
        id=id,
        count=count,
        rule=(
            f"Pupils in year 9 with at least E in svenska or svenska som andraspråk, engelska, matematik and {others} more "
            f"subjects, {which}, of all who got or should have got grades; pupils without any pass are among them."
        ),
        **_of_grades(
            9,
            breaks={"2010-11": "new_eligibility_rules", **UNKNOWN_BACKGROUND},
            source=f"Skolverket, Behörighet till gymnasieskolan, fr.o.m. 2011; Kolada {kolada}",
        ),
    )


behorighet = (
    _eligible_for("behorighet_yrkesprogram", VOCATIONAL, [], "N15436"),
    _eligible_for("behorighet_estetiskt", HIGHER_EDUCATION, [], "N15435"),
    _eligible_for("behorighet_ekonomi_humaniora_samhalle", HIGHER_EDUCATION, SOCIETY, "N15434"),
    _eligible_for("behorighet_natur_teknik", HIGHER_EDUCATION, SCIENCE, "N15433"),
)


@indicator(**_of_grades(6, source=f"{YEAR_6}; Kolada N15540"))
def alla_amnen_ak6(grades: pd.DataFrame, pupils: pd.DataFrame | None = None) -> pd.DataFrame:
    """Pupils in year 6 with at least E in every subject they read, of all who got or should have got grades. A block grade
    (NO, SO) is one subject.
    """
    return _counted(_subjects(grades, 6)["failed"].eq(0), 6, grades, pupils)


@indicator(**_of_grades(6, better=Better.LOWER, source=YEAR_6))
def ej_godkant_ett_amne_ak6(grades: pd.DataFrame, pupils: pd.DataFrame | None = None) -> pd.DataFrame:
    """Pupils in year 6 with F or streck in exactly one subject, of all who got or should have got grades. A pupil who reads
    one subject only is not among them.
    """
    subjects = _subjects(grades, 6)
    return _counted(subjects["failed"].eq(1) & subjects["read"].gt(1), 6, grades, pupils)


@indicator(**_of_grades(6, better=Better.LOWER, source=YEAR_6))
def ej_godkant_flera_amnen_ak6(grades: pd.DataFrame, pupils: pd.DataFrame | None = None) -> pd.DataFrame:
    """Pupils in year 6 with F or streck in two or more subjects, or in all they read, of all who got or should have got
    grades.
    """
    subjects = _subjects(grades, 6)
    return _counted(subjects["failed"].gt(1) | subjects["failed"].eq(subjects["read"]), 6, grades, pupils)


def _salsa(id: str, rule: str, unit: str, scale: tuple[float, float], kolada: str) -> Indicator:
    return published_indicator(
        id,
        rule,
        country="se",
        area="results",
        kind=Kind.MEAN,
        unit=unit,
        better=Better.HIGHER,
        scale=scale,
        year_group=9,
        breaks={"2012-13": "salsa_newly_arrived"},
        source=f"Skolverket, SALSA; Kolada {kolada}",
    )


salsa_avvikelse_meritvarde = _salsa(
    "salsa_avvikelse_meritvarde",
    "A school's mean meritvärde minus the one SALSA expects from parents' education, newly arrived pupils and boys, in points.",
    "signed_points",
    (-340, 340),
    "U15416",
)
salsa_avvikelse_alla_amnen = _salsa(
    "salsa_avvikelse_alla_amnen",
    "A school's share with a pass in all subjects minus the one SALSA expects, 0.05 for five percentage points.",
    "signed_share",
    (-1, 1),
    "U15414",
)


def _subjects(grades: pd.DataFrame, year_group: int) -> pd.DataFrame:
    """How many subjects each pupil has ``read`` and ``failed``; empty where the school's delivery lacks subjects."""
    ours = grades_set(grades, year_group)
    by_pupil = ours.assign(failed=~ours["passed"]).groupby(PUPIL).agg(read=("subject", "nunique"), failed=("failed", "sum"))
    return by_pupil.astype("Int64").where(delivered_in_full(ours, by_pupil.index))


def _counted(value: pd.Series, year_group: int, grades: pd.DataFrame, pupils: pd.DataFrame | None) -> pd.DataFrame:
    """One row per pupil from a value per pupil, with what one may break down by."""
    rows = value.astype("Float64").astype("float64").rename("numerator").reset_index().assign(denominator=1.0)
    stated_sex = grades.dropna(subset="sex").groupby(PUPIL, as_index=False)["sex"].first()
    reported = rows.merge(stated_sex, on=PUPIL, how="left")
    return with_background(with_unreported(reported, pupils, year_group), pupils).assign(year_group=year_group)


def _of_pupils(kind: Kind, breakdowns: tuple[str, ...], **facts: Any) -> dict[str, Any]:
    fixed = {"country": "se", "area": "intake", "better": Better.NEITHER, "needs": ("pupils",)}
    return {"kind": kind, "breakdowns": breakdowns, "unit": "share", "scale": (0, 1), "sensitive": True} | fixed | facts


@indicator(**_of_pupils(Kind.SHARE, ("year_group",), source="Skolverket, Elever i grundskolan 15 oktober; Kolada N15820"))
def foraldrar_eftergymnasial(pupils: pd.DataFrame) -> pd.DataFrame:
    """Pupils in years 1-9 with at least one parent with education beyond upper secondary; unknown education is missing."""
    known = pupils["parents_education"].notna()
    higher = pupils["parents_education"].eq("higher").astype(float).where(known)
    return _in_compulsory_school(pupils.assign(numerator=higher, denominator=1.0))


@indicator(
    **_of_pupils(
        Kind.SHARE,
        ("sex", "year_group"),
        source="Skolverket, Elever i grundskolan 15 oktober; Kolada N15902, som även räknar elever med okänd bakgrund",
    )
)
def nyinvandrade(pupils: pd.DataFrame) -> pd.DataFrame:
    """Pupils in years 1-9 who came to Sweden within the last four years; unknown is missing."""
    arrived = pupils["newly_arrived"].astype("Float64").astype("float64")
    return _in_compulsory_school(pupils.assign(numerator=arrived, denominator=1.0))


@indicator(
    **_of_pupils(
        Kind.COUNT,
        ("sex", "year_group"),
        unit="persons",
        scale=(0, 10_000_000),
        sensitive=False,
        source="Skolverket, Elever i grundskolan 15 oktober; Kolada N15807",
    )
)
def antal_elever(pupils: pd.DataFrame) -> pd.DataFrame:
    """Pupils in years 1-9 in the register; förskoleklass and upper secondary school are not counted."""
    return _in_compulsory_school(pupils.assign(numerator=1.0, denominator=1.0))


def _in_compulsory_school(pupils: pd.DataFrame) -> pd.DataFrame:
    return pupils[pupils["year_group"].between(1, 9).fillna(False)]


INDICATORS: tuple[Indicator, ...] = (
    meritvarde,
    alla_amnen_ak9,
    *behorighet,
    alla_amnen_ak6,
    ej_godkant_ett_amne_ak6,
    ej_godkant_flera_amnen_ak6,
    salsa_avvikelse_meritvarde,
    salsa_avvikelse_alla_amnen,
    antal_elever,
    foraldrar_eftergymnasial,
    nyinvandrade,
)
