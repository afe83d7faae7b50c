"""How closely a reader can bound what is hidden, and what else to hide so that it stays at least three persons wide."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import sparse

from kvalitet_lib.disclosure.changes import Change, Changes
from kvalitet_lib.disclosure.exchanges import partners
from kvalitet_lib.disclosure.quantity import WIDTH, Quantity
from kvalitet_lib.disclosure.tables import Tables


def more_to_hide(quantity: Quantity, sums: Tables, nested: np.ndarray, pool: int) -> np.ndarray:
    """Cells that must be hidden besides, so that no reader and no ``pool`` heads together can bound a protected cell.

    For every protected cell a feasible change of three persons is sought by linear programming that leaves alone what
    a reader knows; then again without the schools it touches, as deep as heads may pool.

    Returns
    -------
    int array
        Cells shown (or coarsened) so far. Cells for which nothing helps are left as they are: the attacker reports them.
    """
    if not quantity.protect.any():
        return np.empty(0, int)
    hidden: list[np.ndarray] = [np.empty(0, int)]
    found: list[Change] = []
    suspected = quantity.protect & quantity.unknown & ~_plainly_safe(quantity, sums, nested, pool)
    for part in _components(suspected & ~quantity.whole, quantity.unknown & ~quantity.whole, sums, nested):
        inside = Changes(quantity, sums, nested, part)
        suspected[[cell for cell in part[suspected[part]] if inside.who_can_tell(cell, pool) is None]] = False
        found.extend(inside.all_found())
    for part in _components(suspected, np.ones_like(suspected), sums, nested):
        suspects, local = part[suspected[part]], [change for change in found if np.isin(change[0][0], part)]
        while len(suspects):
            inside = Changes(quantity, sums, nested, part, found=local)
            told = [(cell, heads) for cell in suspects if (heads := inside.who_can_tell(cell, pool)) is not None]
            local = inside.all_found()
            more = Changes(quantity, sums, nested, part, may_hide=True).cells_to_hide(told) if told else []
            opened = np.concatenate([np.empty(0, int), *(cells for cells in more if cells is not None)])
            helped = [cell for (cell, _), cells in zip(told, more, strict=True) if cells is not None]
            suspects = np.union1d(np.array(helped, dtype=int), opened[quantity.protect[opened]])
            hidden.append(opened)
            quantity = quantity.opened(opened)
    return np.unique(np.concatenate(hidden))


def _components(wanted: np.ndarray, free: np.ndarray, sums: Tables, nested: np.ndarray) -> Iterator[np.ndarray]:
    """Free cells that hang together and of which some are wanted."""
    cells = len(free)
    among, pairs = free[sums.cell], nested[free[nested].all(axis=1)]
    star = sparse.csr_array((np.ones(among.sum()), (sums.relation[among], sums.cell[among])), shape=(sums.count, cells))
    tied = sparse.csr_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(cells, cells))
    _, label = sparse.csgraph.connected_components(star.T @ star + tied, directed=False)
    order = np.argsort(label, kind="stable")
    for part in np.split(order, np.flatnonzero(np.diff(label[order])) + 1):
        if wanted[part].any():
            yield part


def _plainly_safe(quantity: Quantity, sums: Tables, nested: np.ndarray, pool: int) -> np.ndarray:
    """Cells that can exchange persons with more schools than heads may pool, each other count staying as it is."""
    lower, upper = quantity.lower.copy(), quantity.upper.copy()
    np.maximum.at(lower, nested[:, 1], quantity.value[nested[:, 0]])
    np.minimum.at(upper, nested[:, 0], quantity.value[nested[:, 1]])
    up, down = np.maximum(upper - quantity.value, 0.0), np.maximum(quantity.value - lower, 0.0)
    return partners(up, down, quantity.school, sums, WIDTH) > pool
