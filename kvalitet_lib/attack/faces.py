"""Rules a release breaks on its face: one row is enough to see it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kvalitet_lib.attack.cells import Cells
from kvalitet_lib.attack.printed import decimals, numbers
from kvalitet_lib.attack.reading import NUMBERS, Seen
from kvalitet_lib.attack.rules import Facts, facts_of
from kvalitet_lib.attack.weakness import CELL, Weakness
from kvalitet_lib.indicators import Kind

WORDS = ("yes", "protected", "missing", "agency", "rounded")
# What was once said of a hidden figure: each tells how small it is, or that it is not small at all.
BANDS = {"~0": (0.0, 0.2), "20–40": (0.2, 0.4), "40–60": (0.4, 0.6), "60–80": (0.6, 0.8), "~100": (0.8, 1.0)}
REASONS = ("too_few", "all_or_none", "complement")


def on_its_face(seen: Seen, cells: Cells) -> list[Weakness]:
    """Figures shown that should not be, values left behind where nothing is shown, and words that say too much."""
    rows = seen.figures
    ours = rows["source"].isin(["local", ""]).to_numpy()
    shown = rows["shown"].eq("yes").to_numpy()
    facts = rows["indicator"].map(facts_of)
    stated = {name: rows[name].ne("").to_numpy() for name in NUMBERS}
    coarse = rows["shown"].eq("rounded").to_numpy()
    silent = ~shown & ~coarse
    left = np.logical_or.reduce([stated[name] for name in NUMBERS]) & silent
    left |= coarse & ours & np.logical_or.reduce([stated[name] for name in ("estimate", "missing", "shrunken")])
    unreadable = np.logical_or.reduce([stated[name] & np.isnan(numbers(rows[name])) for name in NUMBERS])
    told = ours & ~_says_its_band(rows) & (rows["original"].ne("").to_numpy() | coarse)
    strange = ~rows["shown"].isin([*WORDS, *REASONS]).to_numpy()
    return [
        *_all("reason", "", rows[rows["shown"].isin(REASONS)]),
        *_all("extra", "", rows[left | unreadable | told | strange]),
        *_few(seen, cells),
        *_all("shown", "", rows[ours & shown & _too_early(rows, facts, seen)]),
        *_all("shown", "", rows[ours & shown & _too_fine(rows, facts)]),
    ]


def _says_its_band(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Coarse shares that say no more than which fifth of the scale they lie in."""
    edges = rows["original"].map(BANDS)
    fits = [edge == (low, high) for edge, low, high in zip(edges, numbers(rows["lower"]), numbers(rows["upper"]), strict=True)]
    return np.asarray(fits, dtype=bool) & rows["shown"].eq("rounded").to_numpy()


def _few(seen: Seen, cells: Cells) -> list[Weakness]:
    """Shown figures of few persons, or of few with or without what is counted."""
    shown = cells.frame[~cells.frame["hidden"] & cells.frame["persons_high"].gt(0)]
    shown = shown[shown["persons_high"].lt(1e6)]
    facts = [facts_of(one) for one in shown["indicator"]]
    smallest = np.array([one.smallest(seen.rules) for one in facts], dtype=np.int64)
    sensitive = np.array([one.sensitive for one in facts], dtype=bool)
    few = seen.rules.smallest_count
    extreme = shown["count_high"].lt(few) | (shown["persons_low"] - shown["count_low"]).lt(few)
    posts = _posts_of_ratios(seen)
    return [
        *_all("shown", "n", shown[shown["persons_high"].lt(smallest)]),
        *_all("shown", "count", shown[extreme & sensitive & shown["counted"]]),
        *_all("shown", "n", posts[posts["posts"].lt(seen.rules.smallest_posts)]),
    ]


def _posts_of_ratios(seen: Seen) -> pd.DataFrame:
    """The most posts that can stand behind each shown ratio of persons to posts."""
    rows = seen.figures[seen.figures["shown"].eq("yes") & seen.figures["source"].isin(["local", ""])]
    facts = rows["indicator"].map(facts_of)
    ratios = rows[np.array([one.of_staff and one.kind is Kind.RATIO for one in facts], dtype=bool)]
    off = 0.5 * 10.0 ** -np.maximum(decimals(ratios["estimate"]), 1)
    least = np.maximum(numbers(ratios["estimate"]) - off, 1e-9)
    return ratios[CELL].assign(posts=numbers(ratios["n"]) / least)


def _too_early(rows: pd.DataFrame, facts: Iterable[Facts], seen: Seen) -> NDArray[np.bool_]:
    """Intervals that give a small group's spread away, and medians of few."""
    n = numbers(rows["n"])
    kinds = [one.kind for one in facts]
    interval = rows["lower"].ne("").to_numpy() | rows["upper"].ne("").to_numpy()
    mean = np.array([kind is Kind.MEAN for kind in kinds], dtype=bool) | rows["method"].eq("t").to_numpy()
    median = np.array([kind is Kind.MEDIAN for kind in kinds], dtype=bool) | rows["method"].eq("order").to_numpy()
    return (mean & interval & (n < seen.rules.smallest_deviation_group)) | (median & (n < seen.rules.smallest_median_group))


def _too_fine(rows: pd.DataFrame, facts: Iterable[Facts]) -> NDArray[np.bool_]:
    """Figures with more decimals than whole per cents, tenths of other units, and whole persons."""
    allowed = np.array([one.decimals for one in facts], dtype=np.int64)
    staff = np.array([one.of_staff for one in facts], dtype=bool)
    fine = np.zeros(len(rows), dtype=bool)
    for name in ("estimate", "lower", "upper", "shrunken"):
        fine |= decimals(rows[name]) > allowed
    fine |= decimals(rows["missing"]) > 2
    return fine | (decimals(rows["n"]) > np.where(staff, 1, 0))


def _all(kind: str, quantity: str, rows: pd.DataFrame) -> list[Weakness]:
    return [Weakness(kind, quantity, *cell) for cell in rows[CELL].itertuples(index=False, name=None)]
