"""Changes of hidden numbers that nothing shown contradicts, found by linear programming."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import highspy
import numpy as np
from scipy import sparse

from kvalitet_lib.disclosure.quantity import OUTSIDE, STILL, WIDTH, Quantity
from kvalitet_lib.disclosure.tables import Tables

PRICE_OF_A_SCHOOL = 1e-3  # prefer changes that touch few other schools' hidden figures
Change = tuple[np.ndarray, np.ndarray]  # cells, and four rows: more and fewer upwards, more and fewer downwards


class Changes:
    """Changes of the cells of one component that no shown figure contradicts: two variables a cell, more and fewer."""

    def __init__(
        self,
        quantity: Quantity,
        sums: Tables,
        nested: np.ndarray,
        part: np.ndarray,
        may_hide: bool = False,
        found: Iterable[Change] = (),
    ) -> None:
        free = np.isfinite(quantity.price) if may_hide else np.zeros(len(quantity.value), bool)
        lower = np.where(free, quantity.widest_lower, quantity.lower)
        upper = np.where(free, quantity.widest_upper, quantity.upper)
        lower, upper = _nested_bounds(lower, upper, nested[np.isin(nested, part).any(axis=1)])
        part = part[upper[part] - lower[part] > STILL]
        self.cells, self.size, self.school, self.price = part, len(part), quantity.school[part], quantity.price[part]
        value, self.unknown = quantity.value[part], quantity.unknown[part]
        self.most = np.concatenate([np.maximum(upper[part] - value, 0.0), np.maximum(value - lower[part], 0.0)])
        self.inside = np.concatenate([quantity.upper[part] - value, value - quantity.lower[part]])
        self.found: list[np.ndarray] = []
        self.touched: list[np.ndarray] = []
        self.widths = np.zeros((0, self.size))
        number = np.full(len(quantity.value), -1)
        number[part] = np.arange(self.size)
        for cells, change in found:
            wider = np.zeros((4, self.size))
            wider[:, number[cells]] = change
            self._remember(wider.ravel())
        self.columns = {int(one): np.flatnonzero(np.tile(self.school == one, 2)) for one in np.unique(self.school)}
        self.prices: dict[int, np.ndarray] = {}
        self.costs, self.upper = np.zeros(2 * self.size), self.most.copy()
        self.model = self._model(*_rows(number, sums, nested, quantity.value), self.size)

    def _model(self, rows: sparse.csr_array, above: np.ndarray, size: int) -> highspy.Highs:
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = 2 * size, rows.shape[0]
        lp.col_cost_ = np.zeros(2 * size)
        lp.col_lower_, lp.col_upper_ = np.zeros(2 * size), self.most
        lp.row_lower_, lp.row_upper_ = (
            np.where(np.isfinite(above), -highspy.kHighsInf, 0.0),
            np.where(np.isfinite(above), above, 0.0),
        )
        both = sparse.hstack([rows, -rows]).tocsc()
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = both.indptr, both.indices, both.data
        model = highspy.Highs()
        model.setOptionValue("output_flag", False)
        model.passModel(lp)
        return model

    def who_can_tell(self, cell: int, pool: int) -> frozenset[int] | None:
        """Schools, at most ``pool``, whose heads together can bound the cell too closely; None when it is safe."""
        place = self._place(cell)
        if place is None:
            return frozenset()
        if self._moves_apart(place, pool):
            return None
        seen: set[frozenset[int]] = set()
        waiting = [frozenset[int]()]
        while waiting:
            avoid = waiting.pop()
            if avoid in seen:
                continue
            seen.add(avoid)
            change = self._change_without(place, avoid)
            if change is None:
                return avoid
            if len(avoid) < pool:
                waiting.extend(avoid | {one} for one in self._schools(change, place))
        return None

    def _moves_apart(self, place: int, pool: int) -> bool:
        """Whether there are more changes than heads who pool, no two of which touch the same other school."""
        avoid: frozenset[int] = frozenset()
        for _ in range(pool + 1):
            change = self._change_without(place, avoid)
            if change is None:
                return False
            schools = self._schools(change, place)
            if not schools:
                return True
            avoid |= schools
        return True

    def _change_without(self, place: int, avoid: frozenset[int]) -> np.ndarray | None:
        known = self._known_change(place, avoid)
        return self._change(place, avoid, self._costs(place)) if known is None else known

    def cells_to_hide(self, found: list[tuple[int, frozenset[int]]]) -> list[np.ndarray | None]:
        """For each cell and the heads who can tell it: the cheapest cells to hide besides; None where nothing helps."""
        return [self._cells_to_hide(cell, heads) for cell, heads in found]

    def _cells_to_hide(self, cell: int, heads: frozenset[int]) -> np.ndarray | None:
        place = self._place(cell)
        change = None if place is None else self._change(place, heads, self._costs(place, hiding=True))
        if change is None:
            return None
        ups, downs = change[: 2 * self.size], change[2 * self.size :]
        beyond = np.maximum(ups, downs) > self.inside + STILL
        more = beyond[: self.size] | beyond[self.size :]
        self.inside[np.tile(more, 2)], self.price[more] = np.inf, 0.0
        return self.cells[more]

    def _place(self, cell: int) -> int | None:
        where = np.flatnonzero(self.cells == cell)
        return int(where[0]) if len(where) else None

    def _costs(self, cell: int, hiding: bool = False) -> np.ndarray:
        own = int(self.school[cell])
        if own not in self.prices:
            other = np.where((self.school != OUTSIDE) & (self.school != own), PRICE_OF_A_SCHOOL, 0.0)
            self.prices[own] = np.tile(other, 2)
        if not hiding:
            return self.prices[own]
        return self.prices[own] + np.tile(np.where(self.unknown | ~np.isfinite(self.price), 0.0, self.price), 2)

    def _schools(self, change: np.ndarray, cell: int) -> set[int]:
        return {int(one) for one in np.flatnonzero(self._touched(change)) - 1 if one not in (OUTSIDE, self.school[cell])}

    def _touched(self, change: np.ndarray) -> np.ndarray:
        """Which schools' cells a change moves: one place per school, the first for cells no head knows."""
        moved = change.reshape(4, self.size).max(axis=0) > STILL
        return np.bincount(self.school[moved] + 1, minlength=self.school.max() + 2) > 0

    def _known_change(self, cell: int, avoid: frozenset[int]) -> np.ndarray | None:
        """A change found before that moves this cell, too, without the schools to avoid."""
        for place in np.flatnonzero(self.widths[: len(self.found), cell] >= WIDTH - STILL):
            if not any(self.touched[place][one + 1] for one in avoid):
                return self.found[place]
        return None

    def _change(self, cell: int, avoid: frozenset[int], costs: np.ndarray) -> np.ndarray | None:
        """More and fewer of every cell, upwards and then downwards, by three persons in all; None when there is none."""
        most = self.most.copy()
        for one in avoid & self.columns.keys():
            most[self.columns[one]] = 0.0
        up = self._towards(cell, WIDTH, most, costs)
        reached = 0.0 if up is None else up[cell] - up[self.size + cell]
        if reached >= WIDTH - STILL:
            return self._kept(up, None)
        down = self._towards(cell, -(WIDTH - reached), most, costs)
        if down is None or reached + down[self.size + cell] - down[cell] < WIDTH - STILL:
            return None
        return self._kept(up, down)

    def _kept(self, up: np.ndarray | None, down: np.ndarray | None) -> np.ndarray:
        still = np.zeros(2 * self.size)
        return self._remember(np.concatenate([still if up is None else up, still if down is None else down]))

    def all_found(self) -> list[Change]:
        """Every change found, to be used again where more is hidden."""
        moved = [change.reshape(4, self.size).max(axis=0) > STILL for change in self.found]
        return [(self.cells[at], change.reshape(4, self.size)[:, at]) for at, change in zip(moved, self.found, strict=True)]

    def _remember(self, change: np.ndarray) -> np.ndarray:
        parts = change.reshape(4, self.size)
        if len(self.found) == len(self.widths):
            self.widths = np.concatenate([self.widths, np.zeros((max(64, len(self.widths)), self.size))])
        self.widths[len(self.found)] = abs(parts[0] - parts[1]) + abs(parts[2] - parts[3])
        self.found.append(change)
        self.touched.append(self._touched(change))
        return change

    def _set(self, change: Callable[[int, np.ndarray, np.ndarray], object], before: np.ndarray, now: np.ndarray) -> None:
        """Tell the model only what differs from before."""
        columns = np.flatnonzero(before != now).astype(np.int32)
        change(len(columns), columns, now[columns])
        before[columns] = now[columns]

    def _towards(self, cell: int, change: float, most: np.ndarray, costs: np.ndarray) -> np.ndarray | None:
        """The cheapest change that takes the cell as far as it goes, at most to ``change``."""
        moving = cell if change > 0 else self.size + cell
        other = self.size + cell if change > 0 else cell
        upper = most.copy()
        upper[moving], upper[other] = min(upper[moving], abs(change)), 0.0
        if upper[moving] < STILL:
            return None
        price = costs.copy()
        price[moving] -= 1e3
        self._set(self.model.changeColsCost, self.costs, price)
        self._set(lambda count, columns, most: self.model.changeColsBounds(count, columns, 0.0 * most, most), self.upper, upper)
        self.model.run()
        if self.model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution = np.array(self.model.getSolution().col_value)
        both = np.minimum(solution[: self.size], solution[self.size :])
        return solution - np.tile(both, 2)


def _rows(number: np.ndarray, sums: Tables, nested: np.ndarray, value: np.ndarray) -> tuple[sparse.csr_array, np.ndarray]:
    """Rows of the component's changes: sums stay as they are (NaN), a part stays at most its whole (room)."""
    inside = number[sums.cell] >= 0
    relation, of_sum = np.unique(sums.relation[inside], return_inverse=True)
    pairs = nested[(number[nested] >= 0).all(axis=1)]
    rows = np.concatenate([of_sum, np.repeat(len(relation) + np.arange(len(pairs)), 2)])
    columns = np.concatenate([number[sums.cell[inside]], number[pairs].ravel()])
    signs = np.concatenate([sums.sign[inside], np.tile([1.0, -1.0], len(pairs))])
    shape = (len(relation) + len(pairs), int((number >= 0).sum()))
    room = value[pairs[:, 1]] - value[pairs[:, 0]] if len(pairs) else np.empty(0)
    return sparse.csr_array((signs, (rows, columns)), shape=shape), np.concatenate([np.full(len(relation), np.nan), room])


def _nested_bounds(lower: np.ndarray, upper: np.ndarray, nested: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bounds that follow from parts being at most their wholes."""
    lower, upper = lower.copy(), upper.copy()
    while True:
        before = lower.copy(), upper.copy()
        np.maximum.at(lower, nested[:, 1], lower[nested[:, 0]])
        np.minimum.at(upper, nested[:, 0], upper[nested[:, 1]])
        if np.array_equal(before[0], lower) and np.array_equal(before[1], upper):
            return lower, upper
