"""Which figures add up to which: every table a reader could subtract in, of all figures at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

FIGURE = ["indicator", "level", "unit", "school_year", "breakdown", "group"]
UNIT = ["indicator", "level", "unit", "school_year"]
COLUMN = ["indicator", "school_year", "breakdown", "group"]


@dataclass(frozen=True)
class Tables:
    """Sums that hold between cells, as parallel arrays with one entry for each cell in each sum.

    Attributes
    ----------
    relation : int array
        Number of the sum, from 0.
    cell : int array
        Position of the cell among the figures.
    sign : float array
        1 for a part, -1 for the total of the parts.
    across : bool array, one per relation
        The parts are schools, so that a head knows one of them.
    """

    relation: np.ndarray
    cell: np.ndarray
    sign: np.ndarray
    across: np.ndarray

    @property
    def count(self) -> int:
        return len(self.across)

    def and_also(self, others: Tables) -> Tables:
        """These sums and others between the same cells."""
        return Tables(
            np.concatenate([self.relation, others.relation + self.count]), np.concatenate([self.cell, others.cell]),
            np.concatenate([self.sign, others.sign]), np.concatenate([self.across, others.across]),
        )  # fmt: skip

    def among(self, cells: np.ndarray) -> tuple[Tables, np.ndarray]:
        """The sums all of whose cells are among these, and the cells' new numbers (-1: not among them)."""
        number = np.where(cells, np.cumsum(cells) - 1, -1)
        broken = np.zeros(self.count, bool)
        broken[self.relation[~cells[self.cell]]] = True
        kept = ~broken[self.relation]
        new = np.cumsum(~broken) - 1
        return Tables(new[self.relation[kept]], number[self.cell[kept]], self.sign[kept], self.across[~broken]), number

    def renamed(self, names: np.ndarray) -> Tables:
        """The same sums between other things: cell ``i`` becomes ``names[i]``; sums that become the same stand once."""
        cell = names[self.cell]
        members = pd.DataFrame({"relation": self.relation, "cell": cell, "sign": self.sign})
        members = members.drop_duplicates(["relation", "cell"])
        told = members.sort_values(["relation", "cell"]).groupby("relation")["cell"].agg(lambda cells: hash(tuple(cells)))
        sizes = members.groupby("relation").size()
        kept = told[sizes.gt(1)].drop_duplicates().index.to_numpy()
        left = members[members["relation"].isin(kept)]
        number = np.full(self.count, -1)
        number[kept] = np.arange(len(kept))
        return Tables(number[left["relation"].to_numpy()], left["cell"].to_numpy(), left["sign"].to_numpy(), self.across[kept])


def tables_of(cells: pd.DataFrame, own_schools: Collection[str]) -> Tables:
    """The sums between figures: groups add up to their unit, and the municipality's own schools to the municipality.

    Parameters
    ----------
    cells : DataFrame
        Columns ``FIGURE``, index 0 … len - 1.
    own_schools : collection of str
        Codes of the schools the municipality's own figures are made of.
    """
    whole = cells["breakdown"].eq("all")
    within = _with_total(cells[~whole], cells[whole], UNIT, [*UNIT, "breakdown"])
    schools = cells[cells["level"].eq("school") & cells["unit"].isin(own_schools)]
    across = _with_total(schools, cells[cells["level"].eq("municipality")], COLUMN, COLUMN)
    across["relation"] += within["relation"].max() + 1 if len(within) else 0
    members = pd.concat([within, across])
    counts = (within["relation"].nunique(), across["relation"].nunique())
    return Tables(
        members["relation"].to_numpy(int), members["cell"].to_numpy(int), members["sign"].to_numpy(float),
        np.repeat([False, True], counts),
    )  # fmt: skip


def _with_total(parts: pd.DataFrame, totals: pd.DataFrame, meet: list[str], by: list[str]) -> pd.DataFrame:
    """Each sum's parts and its total, where there is one."""
    total = pd.Series(totals.index, pd.MultiIndex.from_frame(totals[meet]))
    found = total.reindex(pd.MultiIndex.from_frame(parts[meet])).to_numpy()
    parts, found = parts[~np.isnan(found.astype(float))], found[~np.isnan(found.astype(float))]
    relation = parts.groupby(by, sort=False).ngroup().to_numpy()
    sums = pd.DataFrame({"relation": relation, "cell": found}).drop_duplicates("relation").assign(sign=-1.0)
    return pd.concat([pd.DataFrame({"relation": relation, "cell": parts.index, "sign": 1.0}), sums]).astype({"cell": int})
