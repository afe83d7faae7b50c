"""Tables drawn as text, for tests one can read."""

from __future__ import annotations

import pandas as pd

TEXT = {
    "school",
    "school_year",
    "pupil",
    "municipality",
    "unit",
    "member",
    "valid_from",
    "valid_to",
    "successor",
    "period",
    "year_band",
    "original",
}


def table(drawing: str) -> pd.DataFrame:
    """Read a table drawn with ``|`` between columns and a line of dashes under the header.

    Whole columns of numbers become numbers, yes/no become booleans, ``-`` alone or nothing is empty.
    Columns that hold codes stay text.
    """
    lines = [line.strip().strip("|") for line in drawing.strip().splitlines() if line.strip()]
    rows = [[cell.strip() for cell in line.split("|")] for line in lines if not set(line) <= set("-+| ")]
    frame = pd.DataFrame(rows[1:], columns=rows[0])
    return frame.apply(_typed)


def _typed(cells: pd.Series) -> pd.Series:
    empty = cells.isin(["", "-"]) if cells.name != "grade" else cells.eq("")
    filled = cells.where(~empty)
    if cells.name in TEXT or filled.isna().all():
        return filled.astype("str").where(~empty)
    if set(filled.dropna()) <= {"yes", "no"}:
        return filled.map({"yes": True, "no": False}).astype("boolean")
    numbers = pd.to_numeric(filled, errors="coerce")
    if numbers.isna().equals(filled.isna()):
        whole = numbers.dropna().mod(1).eq(0).all()
        return numbers.astype("Int64") if whole else numbers
    return filled
