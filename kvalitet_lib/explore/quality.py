"""What is wrong or missing in the tables, before anything is concluded from them: frames in, tidy frames out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kvalitet_lib.indicators import Indicator
from kvalitet_lib.measure.counted import count_rows

Tables = Mapping[str, pd.DataFrame]
STATED = {"se": "meritvarde", "no": "grunnskolepoeng"}
"""The indicator whose points systems may state themselves."""

KEYS = ["pupil", "school_year"]
TOLERANCE = 0.05  # points; half of the last decimal that systems state


def rows_by_school_year(tables: Tables) -> pd.DataFrame:
    """Rows of each table in each school year: a year that is thinner than its neighbours asks for an explanation.

    Returns
    -------
    DataFrame
        ``table``, and a column for each school year with the number of rows.
    """
    counts = {name: rows["school_year"].value_counts() for name, rows in tables.items() if "school_year" in rows}
    together = pd.DataFrame(counts).T.fillna(0).astype(int)
    return together[sorted(together)].rename_axis("table").reset_index()


def missing_shares(tables: Tables) -> pd.DataFrame:
    """How much of each column is empty; columns without gaps are left out.

    Returns
    -------
    DataFrame
        ``table, column, rows, missing`` (a share, 0-1), the emptiest first.
    """
    shares = [
        pd.DataFrame({"table": name, "column": rows.columns, "rows": len(rows), "missing": rows.isna().mean().to_numpy()})
        for name, rows in tables.items()
        if len(rows)
    ]
    together = pd.concat(shares, ignore_index=True)
    gaps = together[together["missing"].gt(0)]
    return gaps.sort_values(["missing", "table", "column"], ascending=[False, True, True], ignore_index=True)


def pupils_not_registered(tables: Tables) -> pd.DataFrame:
    """Pupils that another table knows and the table ``pupils`` does not, in the same school year.

    Returns
    -------
    DataFrame
        ``table, school_year, pupils, not_registered, share`` (0-1), only for years that ``pupils`` covers.
    """
    registered = tables["pupils"][KEYS].drop_duplicates()
    years = registered["school_year"].unique()
    found = []
    for name, rows in tables.items():
        if name == "pupils" or "pupil" not in rows:
            continue
        known = rows.loc[rows["school_year"].isin(years), KEYS].drop_duplicates().merge(registered, how="left", indicator="where")
        found.append(known.assign(table=name, stranger=known["where"].eq("left_only")))
    if not found:
        return pd.DataFrame(columns=["table", "school_year", "pupils", "not_registered", "share"])
    by_year = (
        pd.concat(found).groupby(["table", "school_year"], as_index=False)["stranger"].agg(pupils="size", not_registered="sum")
    )
    return by_year.assign(share=by_year["not_registered"] / by_year["pupils"])


def stated_against_computed(tables: Tables, indicator: Indicator) -> pd.DataFrame:
    """The delivering system's own points (merit value, grunnskolepoeng) held against those computed from the grades.

    Parameters
    ----------
    tables : mapping
        With ``grades``.
    indicator : Indicator
        Whose counting function computes the points when none are stated.

    Returns
    -------
    DataFrame
        One row per school year: ``stated`` (pupils with stated points), ``both`` (also computed), ``agree`` (share of
        those that differ by at most 0.05 points, 0-1), ``mean_difference`` and ``largest_difference`` (stated minus
        computed, points). Empty when no delivery states points.
    """
    grades = tables["grades"]
    final = grades[grades["year_group"].eq(indicator.year_group).fillna(False) & grades["stated_points"].notna()]
    stated = final.drop_duplicates(KEYS)[[*KEYS, "stated_points"]]
    computed = count_rows(indicator, {**tables, "grades": grades.assign(stated_points=np.nan)})
    both = stated.merge(computed[[*KEYS, "numerator"]].drop_duplicates(KEYS), on=KEYS, how="left")
    both["difference"] = both["stated_points"] - both["numerator"].astype("float64")
    both["agrees"] = both["difference"].abs().le(TOLERANCE).where(both["difference"].notna()).astype("float64")
    return both.groupby("school_year", as_index=False).agg(
        stated=("stated_points", "size"),
        both=("difference", "count"),
        agree=("agrees", "mean"),
        mean_difference=("difference", "mean"),
        largest_difference=("difference", _largest),
    )


def _largest(differences: pd.Series) -> float:
    return float(differences.iloc[differences.abs().argmax()]) if differences.notna().any() else np.nan


def deliveries_in_brief(deliveries: pd.DataFrame) -> pd.DataFrame:
    """What was delivered and how much of it still counts: ``Store.deliveries()`` with short fingerprints."""
    shown = ["file_name", "source", "table_name", "rows", "rows_left", "loaded_at", "fingerprint"]
    return deliveries[shown].assign(fingerprint=deliveries["fingerprint"].str[:8])
