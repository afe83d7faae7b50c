"""What a breakdown needs to know about a pupil, joined to counted rows from the table of pupils."""

from __future__ import annotations

import pandas as pd

PUPIL = ["pupil", "school", "school_year"]
BACKGROUND = {
    "sex": "str",
    "year_group": "Int64",
    "parents_education": "str",
    "newly_arrived": "boolean",
    "second_language": "boolean",
}


def with_background(rows: pd.DataFrame, pupils: pd.DataFrame | None = None) -> pd.DataFrame:
    """Rows with each pupil's sex, year group, parents' education, arrival and second language.

    Parameters
    ----------
    rows : DataFrame
        Has ``pupil``, ``school`` and ``school_year``; any number of rows a pupil. What a row itself says of the
        pupil (its sex, say) is kept before what the table of pupils says.
    pupils : DataFrame, optional
        Table ``pupils``: at most one row per pupil, school and school year. Without it the background is unknown.

    Returns
    -------
    DataFrame
        As many rows, in the same order; always with all five columns, empty where nothing is known.
    """
    known = _background_of(pupils)
    joined = rows.merge(known, on=PUPIL, how="left", suffixes=("", "_registered"), validate="many_to_one")
    for column in [name for name in BACKGROUND if f"{name}_registered" in joined]:
        joined[column] = joined[column].where(joined[column].notna(), joined[f"{column}_registered"])
    return joined.drop(columns=[name for name in joined if name.endswith("_registered")])


def _background_of(pupils: pd.DataFrame | None) -> pd.DataFrame:
    columns = [*PUPIL, *BACKGROUND]
    listed = pd.DataFrame(columns=columns, dtype="str") if pupils is None else pupils.reindex(columns=columns)
    return listed.astype(BACKGROUND)
