"""What stands as it was let out: a new version that differs by a few persons would tell about those few."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from kvalitet_lib.disclosure.ledger import prints
from kvalitet_lib.disclosure.populations import groups_of
from kvalitet_lib.disclosure.tables import FIGURE
from kvalitet_lib.indicators import Indicator, Kind
from kvalitet_lib.municipality import Audience

TABLE = ["indicator", "school_year"]


def changed_by_few(
    batch: pd.DataFrame, earlier: pd.DataFrame, indicators: Mapping[str, Indicator], audience: Audience
) -> pd.Series:
    """Own figures whose difference from the version let out can be fewer persons than may be told of.

    The persons themselves, fewer than ``smallest_group``; or, where as many are counted, those whose results differ, fewer
    than ``smallest_count``.

    Parameters
    ----------
    batch : DataFrame
        A Measurement in the long form of CONTRIBUTING.md.
    earlier : DataFrame
        Columns of a release's figures: the versions let out.

    Returns
    -------
    Series of bool
        Index of ``batch``.
    """
    before = _beside(batch, earlier)
    shown_then = before["estimate"].notna() & batch["source"].eq("local") & batch["estimate"].notna()
    persons = (batch["n"] - before["n"]).abs()
    results = _fewest_results(batch, before, indicators)
    few = persons.lt(audience.smallest_group) & persons.gt(0)
    return shown_then & (few | persons.eq(0) & results.gt(0) & results.lt(audience.smallest_count))


@dataclass(frozen=True)
class Standing:
    """Tables (indicator, school year) that stand as they were let out, and those of them in which a few have changed."""

    tables: frozenset[tuple[str, str]] = frozenset()
    behind: frozenset[tuple[str, str]] = frozenset()


def standing(batch: pd.DataFrame, last: pd.DataFrame, indicators: Mapping[str, Indicator], audience: Audience) -> Standing:
    """Tables (indicator, school year) that stand as the last release told them.

    Tables of the same year whose figures rest on the same persons stand or move together: those in which no figure
    shown has changed, or more have changed by a few persons than by many.

    Parameters
    ----------
    batch : DataFrame
        A Measurement; index 0 … len - 1.
    last : DataFrame
        The figures of the last release; none when there was none.

    Returns
    -------
    Standing
    """
    own = batch[batch["source"].eq("local")].reset_index(drop=True)
    shown = last[last["source"].eq("local")]
    if own.empty or shown.empty:
        return Standing()
    few = changed_by_few(own, shown[shown["shown"].eq("yes")], indicators, audience)
    before = _beside(own, shown)
    changed = before["estimate"].notna() & (
        before["n"].ne(own["n"]) | before["estimate"].sub(prints(own, indicators)).abs().gt(1e-9)
    )
    coarse = before["shown"].eq("rounded") & before["n"].notna()
    new = before["shown"].isna() & own["n"].ge(audience.smallest_group)
    many = (changed & ~few) | coarse & (before["n"] - own["n"]).abs().ge(audience.smallest_group) | new
    tables = own.assign(circle=_circles(own), few=few, many=many)
    circles = tables.groupby("circle")[["few", "many"]].sum()
    told = set(shown[TABLE].itertuples(index=False, name=None))

    def of(chosen: pd.Series) -> frozenset[tuple[str, str]]:
        rows = tables.loc[tables["circle"].isin(circles.index[chosen]), TABLE].drop_duplicates()
        return frozenset(told & set(rows.itertuples(index=False, name=None)))

    stands = circles["many"].le(circles["few"])
    return Standing(of(stands), of(stands & circles["few"].gt(0)))


def as_let_out(last: pd.DataFrame, tables: Collection[tuple[str, str]]) -> pd.DataFrame:
    """The rows of these tables as the last release told them."""
    return last[belongs(last, tables)]


def belongs(figures: pd.DataFrame, tables: Collection[tuple[str, str]]) -> pd.Series:
    """Which of our own figures belong to these tables."""
    there = pd.MultiIndex.from_frame(figures[TABLE]).isin(list(tables)) if tables else False
    return pd.Series(there, index=figures.index) & figures["source"].eq("local")


def _beside(batch: pd.DataFrame, earlier: pd.DataFrame) -> pd.DataFrame:
    """Each figure's earlier version; empty where there is none."""
    there = earlier.drop_duplicates(FIGURE).set_index(FIGURE)[["estimate", "n", "shown"]]
    return there.reindex(pd.MultiIndex.from_frame(batch[FIGURE])).set_index(batch.index)


def _fewest_results(batch: pd.DataFrame, before: pd.DataFrame, indicators: Mapping[str, Indicator]) -> pd.Series:
    """How few persons' results can have changed, the number of persons being the same; 0 where the print is the same."""
    width = batch["indicator"].map({name: one.scale[1] - one.scale[0] for name, one in indicators.items()}).astype(float)
    median = batch["indicator"].map({name: one.kind is Kind.MEDIAN for name, one in indicators.items()}).astype(bool)
    change = (prints(batch, indicators) - before["estimate"]).abs()
    fewest = np.ceil(change * batch["n"] / width.where(width.gt(0), 1.0) - 1e-9).mask(median & change.gt(0), 1.0)
    return fewest.mask(change.lt(1e-9), 0.0)


def _circles(own: pd.DataFrame) -> np.ndarray:
    """A number for each figure: indicators that share persons in a year have the same."""
    table = own.groupby(TABLE, sort=False).ngroup().to_numpy()
    groups = groups_of(own)
    rows = np.concatenate([table, table[groups.told[:, 0]]])
    columns = np.concatenate([groups.of, groups.told[:, 1]])
    links = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(table.max() + 1, len(groups.size)))
    _, circle = sparse.csgraph.connected_components(links @ links.T, directed=False)
    return circle[table]
