"""Our own figures as a reader sees them: what each cell tells of its persons and of its count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kvalitet_lib.attack.printed import TOUCH, Floats, counts_behind, decimals, half_a_unit, numbers
from kvalitet_lib.attack.reading import Seen
from kvalitet_lib.attack.rules import facts_of
from kvalitet_lib.attack.weakness import CELL

MANY = 1e6  # more persons than any cell of a municipality holds
PLACE = ["level", "unit", "school_year", "breakdown", "group"]


@dataclass(frozen=True)
class Cells:
    """One row per figure of ours.

    ``frame`` has the six columns of a figure, then ``hidden`` (bool), ``persons_low``, ``persons_high`` (persons, or posts),
    ``count_low``, ``count_high`` (NaN where the figure is no share of persons), ``members`` (persons with and without data,
    NaN unless printed exactly), ``whole`` (persons, not posts), ``counted`` (a share of persons), ``place`` (a number for
    level, unit, year, breakdown and group).
    """

    frame: pd.DataFrame


def cells_of(seen: Seen) -> Cells:
    """What a release tells of each of our own figures, itself alone."""
    figures = seen.figures
    ours = figures[figures["source"].isin(["local", ""])].reset_index(drop=True)
    n = numbers(ours["n"])
    ours = ours.iloc[np.argsort(np.isnan(n), kind="stable")].drop_duplicates(CELL).reset_index(drop=True)
    n = numbers(ours["n"])
    facts = ours["indicator"].map(facts_of)
    posts = np.array([one.of_staff for one in facts], dtype=bool)
    counted = np.array([one.counts_persons for one in facts], dtype=bool) & ~ours["method"].isin(["t", "order", "garwood"])
    empty = ours["shown"].eq("missing").to_numpy() & np.isnan(n)
    n = np.where(empty, 0.0, n)
    visible = ~np.isnan(n)
    # A figure that exists has somebody behind it.
    least = np.where(ours["status"].eq("exists"), 1.0, 0.0)
    off = np.where(posts & (n > 0), 0.5 * 10.0 ** -decimals(ours["n"]).astype(float), 0.0)
    frame = ours[CELL].assign(
        hidden=~(ours["shown"].eq("yes") | empty),
        persons_low=np.where(visible, n - off, np.where(posts, 0.0, least)),
        persons_high=np.where(visible, n + off, MANY),
        whole=~posts,
        counted=counted,
        members=_members(n, numbers(ours["missing"]), half_a_unit(ours["missing"], np.full(len(ours), 2))),
        place=ours.groupby(PLACE, sort=False).ngroup(),
    )
    fewest, most = _counts(ours, n, counted & visible & ~posts, seen.level)
    unknown = np.where(counted, 0.0, np.nan), np.where(counted, np.where(visible, n, MANY), np.nan)
    frame["count_low"] = np.where(np.isnan(fewest), unknown[0], fewest)
    frame["count_high"] = np.where(np.isnan(most), unknown[1], most)
    coarse = counted & visible & ours["shown"].eq("rounded").to_numpy()
    lower, upper = (np.nan_to_num(numbers(ours[name]), nan=end) for name, end in (("lower", 0.0), ("upper", 1.0)))
    frame["count_low"] = np.where(coarse, np.ceil(lower * n - TOUCH), frame["count_low"])
    frame["count_high"] = np.where(coarse, np.floor(upper * n + TOUCH), frame["count_high"])
    return Cells(frame)


def _counts(ours: pd.DataFrame, n: Floats, printed: np.ndarray, level: float) -> tuple[Floats, Floats]:
    """Counts behind the shares that are printed beside a whole number of persons; NaN elsewhere."""
    estimate = numbers(ours["estimate"])
    use = printed & ~np.isnan(estimate) & (n > 0) & (n == np.round(n))
    rows, at_least = ours[use], np.full(int(use.sum()), 2)
    is_wilson = rows["method"].eq("wilson").to_numpy()
    lower, upper = (np.where(is_wilson, numbers(rows[name]), np.nan) for name in ("lower", "upper"))
    off = tuple(half_a_unit(rows[name], at_least) for name in ("estimate", "lower", "upper"))
    fewest, most = np.full(len(ours), np.nan), np.full(len(ours), np.nan)
    fewest[use], most[use] = counts_behind(estimate[use], lower, upper, n[use], off, level)  # type: ignore[arg-type]
    fewest[printed & (n == 0)] = most[printed & (n == 0)] = 0.0
    return fewest, most


def _members(n: Floats, missing: Floats, off: Floats) -> Floats:
    """Persons with and without data, where ``n`` and the printed share without data leave one number only."""
    known = ~np.isnan(n) & ~np.isnan(missing) & (missing < 1) & (n > 0)
    people, share, half = (np.where(known, one, 0.0) for one in (n, missing, off))
    low = np.ceil(people / (1 - np.maximum(share - half, 0)) - 1e-9)
    high = np.floor(people / (1 - np.minimum(share + half, 0.999)) + 1e-9)
    return np.where(known & (low == high), low, np.nan)
