"""Which more figures to hide, fewest first, so that no sum is left with a hidden figure one could subtract one's way to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from kvalitet_lib.disclosure.tables import Tables
from kvalitet_lib.errors import ReleaseError

GAP = 0.02
MOST_NODES = 50  # of the search; a component that needs more keeps the best choice found by then, on any machine
IMPOSSIBLE = 1e4
WITHOUT_PERSONS = 0.2  # what a coarsened figure loses when its number of persons cannot be shown


@dataclass(frozen=True)
class Choice:
    """What may be hidden and what must be; arrays with one entry for each figure unless it says otherwise.

    Attributes
    ----------
    hidden : bool array
        Must be hidden.
    coarse : bool array
        Shown as an interval only.
    told : bool array
        Known to the reader already: hiding it is of no use.
    weight : float array
        What hiding it costs.
    persons : int array
        Number of the group of persons behind it.
    few : bool array, one per group of persons
        The number of persons itself must not be told.
    told_persons : bool array, one per group of persons
        The number of persons is known to the reader already.
    tells : int array, shape (k, 2)
        Figures that tell the number of persons of another group than their own.
    counts : bool array, one per row of ``tells``
        And the other way round: who knows the number of persons knows the figure.
    """

    hidden: np.ndarray
    coarse: np.ndarray
    told: np.ndarray
    weight: np.ndarray
    persons: np.ndarray
    few: np.ndarray
    told_persons: np.ndarray
    tells: np.ndarray
    counts: np.ndarray


def choose(choice: Choice, figures: Tables, persons: Tables, pool: int) -> tuple[np.ndarray, np.ndarray]:
    """The figures to hide, and the groups of persons whose number must not be told.

    Those that must be, and the cheapest others that leave no sum open.

    In every sum a hidden figure has at least one hidden figure beside it; where the parts are schools, one more than
    the heads who may pool what they know, or the total. The same holds for numbers of persons, which are known as soon
    as one figure on them is shown.

    Parameters
    ----------
    choice : Choice
    figures, persons : Tables
        Sums between figures, and between groups of persons.
    pool : int
        How many heads may pool their own schools' figures.

    Returns
    -------
    bool array, one per figure, and bool array, one per group of persons

    References
    ----------
    Fischetti, M. and Salazar, J. J. (2001), Solving the cell suppression problem on tabular data with linear
    constraints, Management Science 47(7).
    """
    programme = _Programme(choice, figures, persons, pool)
    taken = np.zeros(programme.variables)
    for columns, rows in programme.components():
        taken[columns] = programme.solve(columns, rows)
    chosen = taken > 0.5
    of_figures, of_persons = chosen[: len(choice.hidden)], chosen[len(choice.hidden) : len(choice.hidden) + len(choice.few)]
    return choice.hidden | (of_figures & ~choice.coarse), of_persons


class _Programme:
    """Variables: one per figure, one per group of persons, one per sum (how much in it is unknown)."""

    def __init__(self, choice: Choice, figures: Tables, persons: Tables, pool: int) -> None:
        f, p = len(choice.hidden), len(choice.few)
        self.variables = f + p + figures.count + persons.count
        blocks = [
            _open_sums(figures, 0, f + p, self.variables, pool),
            _open_sums(persons, f, f + p + figures.count, self.variables, pool),
            self._persons_follow(choice, f),
        ]
        self.rows = sparse.vstack([block[0] for block in blocks]).tocsr()
        self.equal = np.concatenate([block[1] for block in blocks])
        must = choice.hidden | choice.coarse
        sums = np.zeros(figures.count + persons.count)
        self.lower = np.concatenate([(must & ~choice.told), choice.few, sums]).astype(float)
        self.upper = np.concatenate([~choice.told | must, ~choice.told_persons, sums + np.inf]).astype(float)
        coarse = WITHOUT_PERSONS * np.bincount(choice.persons, np.where(choice.coarse, choice.weight, 0.0), minlength=p)
        costs = np.where(must, 0.0, choice.weight)
        self.cost = np.concatenate([costs, coarse, sums])
        self.whole = np.concatenate([np.ones(f + p), sums])

    def _persons_follow(self, choice: Choice, f: int) -> tuple[sparse.csr_array, np.ndarray]:
        """A number of persons is unknown only where every figure that tells it is hidden, and a count where they are."""
        exact = np.flatnonzero(~choice.coarse)
        tells = choice.tells[~choice.coarse[choice.tells[:, 0]]]
        back = choice.tells[choice.counts & ~choice.told_persons[choice.tells[:, 1]]]
        more = np.concatenate([exact, tells[:, 0], f + back[:, 1]])
        less = np.concatenate([f + choice.persons[exact], f + tells[:, 1], back[:, 0]])
        rows = np.arange(len(more))
        entries = (np.repeat([1.0, -1.0], len(more)), (np.tile(rows, 2), np.concatenate([more, less])))
        return sparse.csr_array(entries, shape=(len(more), self.variables)), np.zeros(len(more), bool)

    def components(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Variables and rows that hang together and in which something must be hidden."""
        touched = abs(self.rows)
        _, label = sparse.csgraph.connected_components(touched.T @ touched, directed=False)
        first = self.rows.indices[self.rows.indptr[:-1]]
        needed = np.unique(label[self.lower > 0])
        order, of_row = np.argsort(label, kind="stable"), label[first]
        starts = np.searchsorted(label[order], np.arange(label.max() + 2))
        row_order = np.argsort(of_row, kind="stable")
        row_starts = np.searchsorted(of_row[row_order], np.arange(label.max() + 2))
        return [
            (order[starts[one] : starts[one + 1]], row_order[row_starts[one] : row_starts[one + 1]])
            for one in needed
            if row_starts[one + 1] > row_starts[one]
        ]

    def solve(self, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """The cheapest choice in one component; a sum that nothing can close is left open, at a price."""
        part = self.rows[rows][:, columns]
        open_rows = sparse.eye_array(len(rows), format="csr")
        found = milp(
            np.concatenate([self.cost[columns], np.where(self.equal[rows], 0.0, IMPOSSIBLE)]),
            constraints=LinearConstraint(
                sparse.hstack([part, open_rows], format="csr"), 0.0, np.where(self.equal[rows], 0.0, np.inf)
            ),
            bounds=Bounds(
                np.concatenate([self.lower[columns], np.zeros(len(rows))]),
                np.concatenate([self.upper[columns], np.where(self.equal[rows], 0.0, np.inf)]),
            ),
            integrality=np.concatenate([self.whole[columns], np.zeros(len(rows))]),
            options={"mip_rel_gap": GAP, "node_limit": MOST_NODES},
        )
        if found.x is None:
            raise ReleaseError(
                "No way was found to protect these figures. Send the audience's settings to who keeps this program."
            )
        return found.x[: len(columns)]


def _open_sums(tables: Tables, first: int, unknown: int, variables: int, pool: int) -> tuple[sparse.csr_array, np.ndarray]:
    """Rows ``unknown in the sum >= (own part + need) x hidden`` for every member, and what is unknown in each sum."""
    sizes = np.bincount(tables.relation, minlength=tables.count)
    need = np.minimum(np.where(tables.across, pool + 1, 1), sizes - 1).astype(float)
    is_total = tables.across[tables.relation] & (tables.sign < 0)
    part = np.where(is_total, np.where(tables.across, pool + 1, 1)[tables.relation], 1.0).astype(float)
    members = len(tables.cell)
    at = np.arange(members)
    each = (
        np.concatenate([np.ones(members), -(part + need[tables.relation])]),
        (np.tile(at, 2), np.concatenate([unknown + tables.relation, first + tables.cell])),
    )
    sums = (
        np.concatenate([part, -np.ones(tables.count)]),
        (
            np.concatenate([tables.relation, np.arange(tables.count)]),
            np.concatenate([first + tables.cell, unknown + np.arange(tables.count)]),
        ),
    )
    rows = sparse.vstack(
        [sparse.csr_array(each, shape=(members, variables)), sparse.csr_array(sums, shape=(tables.count, variables))]
    )
    return rows, np.repeat([False, True], [members, tables.count])
