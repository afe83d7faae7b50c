"""Swedish grades drawn as grade sheets: one row per pupil, one column per subject, nothing where there is no grade."""

from __future__ import annotations

import pandas as pd

from tests.whiteboard import table

ABOUT_THE_PUPIL = ["pupil", "school", "school_year", "year_group", "assessment", "sex", "stated_points", "språkval"]
ALL_EIGHT = ["SV", "EN", "MA", "BL", "HKK", "IDH", "MU", "SL"]
ALL_SIXTEEN = [*ALL_EIGHT, "BI", "FY", "KE", "GE", "HI", "RE", "SH", "TK"]


def grades(drawing: str, **everyone: object) -> pd.DataFrame:
    """The table ``grades`` from a drawn grade sheet. ``streck`` is the grade -; ``språkval`` yes/no is about M1 and M2."""
    given = {"school": "90012345", "school_year": "2024-25", "year_group": 9, "assessment": "final"} | everyone
    sheet = table(drawing).replace("streck", "-")
    sheet = sheet.assign(**{name: value for name, value in given.items() if name not in sheet})
    return _long(sheet)


def straight(pupil: str, grade: str, subjects: list[str] = ALL_SIXTEEN, **otherwise: str) -> pd.DataFrame:
    """One pupil in year 9 with the same grade in every subject, but for those named."""
    marks = dict.fromkeys(subjects, grade) | otherwise
    row = {"pupil": pupil, "school": "90012345", "school_year": "2024-25", "year_group": 9, "assessment": "final"}
    return _long(pd.DataFrame([row | marks]))


def _long(sheet: pd.DataFrame) -> pd.DataFrame:
    about = sheet.reindex(columns=ABOUT_THE_PUPIL)
    subjects = [name for name in sheet if name not in ABOUT_THE_PUPIL]
    rows = pd.concat([about, sheet[subjects]], axis=1).melt(ABOUT_THE_PUPIL, var_name="subject", value_name="grade")
    rows = rows.dropna(subset="grade").reset_index(drop=True)
    modern = rows["subject"].isin(["M1", "M2"])
    return rows.assign(
        year_group=rows["year_group"].astype("Int64"),
        stated_points=rows["stated_points"].astype(float),
        language_choice=rows.pop("språkval").astype("boolean").where(modern),
    )
