"""Means of similar schools: whether a hidden school must have been among them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kvalitet_lib.attack.printed import Floats, half_a_unit, numbers
from kvalitet_lib.attack.reading import Seen
from kvalitet_lib.attack.rules import facts_of
from kvalitet_lib.attack.weakness import CELL, Weakness

NEIGHBOURS = 5
ROUNDED_SHARE = 0.005


@dataclass(frozen=True)
class _Year:
    """Schools' figures of one indicator and year; the intake of each, one column per indicator."""

    codes: np.ndarray
    hidden: np.ndarray
    estimate: Floats
    off: Floats
    n: Floats
    intake: Floats


def by_similar_schools(seen: Seen) -> list[Weakness]:
    """Hidden schools without which the mean of a school's nearest neighbours cannot be worked out."""
    rows = seen.figures[
        seen.figures["level"].eq("school") & seen.figures["breakdown"].eq("all") & seen.figures["source"].isin(["local", ""])
    ].drop_duplicates(CELL)
    stated = seen.comparisons[seen.comparisons["reference"].eq("similar_schools") & seen.comparisons["reference_estimate"].ne("")]
    intake = _intake(rows)
    hidden = rows[~rows["shown"].isin(["yes", "missing"])]
    weak: set[Weakness] = set()
    for (indicator, year), references in stated.groupby(["indicator", "school_year"]):
        if year not in intake or not (hidden["indicator"].eq(indicator) & hidden["school_year"].eq(year)).any():
            continue
        schools = rows[rows["indicator"].eq(indicator) & rows["school_year"].eq(year)]
        known = _with_intake(schools, intake[year])
        if known is None or not known.hidden.any():
            continue
        off = half_a_unit(references["reference_estimate"], np.full(len(references), 1))
        for unit, value, rounding in zip(references["unit"], numbers(references["reference_estimate"]), off, strict=True):
            weak |= {_cell(schools, code) for code in _betrayed(known, str(unit), float(value), float(rounding))}
    return sorted(weak)


def _cell(schools: pd.DataFrame, code: str) -> Weakness:
    return Weakness("derived", "", *schools.loc[schools["unit"].eq(code), CELL].iloc[0])


def _intake(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Per school year, each school's shown intake: rows are schools, columns indicators, nothing missing."""
    facts = {one: facts_of(one) for one in rows["indicator"].unique()}
    ids = [one for one, known in facts.items() if known.intake and known.counts_persons]
    shown = rows[rows["indicator"].isin(ids) & rows["shown"].eq("yes") & rows["estimate"].ne("")]
    shown = shown.assign(value=numbers(shown["estimate"]))
    return {
        str(year): of_year.pivot(index="unit", columns="indicator", values="value").dropna()
        for year, of_year in shown.groupby("school_year")
    }


def _with_intake(schools: pd.DataFrame, intake: pd.DataFrame) -> _Year | None:
    ours = schools[schools["unit"].isin(intake.index) & schools["shown"].ne("missing")]
    if len(ours) <= NEIGHBOURS or facts_of(str(ours["indicator"].iloc[0])).intake:
        return None
    hidden = ours["shown"].ne("yes").to_numpy()
    allowed = np.array([facts_of(one).decimals for one in ours["indicator"]], dtype=np.int64)
    return _Year(
        ours["unit"].to_numpy(),
        hidden,
        numbers(ours["estimate"]),
        half_a_unit(ours["estimate"], allowed),
        numbers(ours["n"]),
        intake.loc[ours["unit"]].to_numpy(dtype=np.float64),
    )


def _betrayed(known: _Year, unit: str, value: float, rounding: float) -> Iterator[str]:
    """Hidden neighbours, when the visible ones alone cannot give the stated mean and it is certain who the neighbours are."""
    own = np.flatnonzero((known.codes == unit) & ~known.hidden)
    visible = np.flatnonzero(~known.hidden)
    if not len(own):
        return
    alone, everybody = (_nearest(known, int(own[0]), among) for among in (visible, np.arange(len(known.codes))))
    if everybody is None or (alone is None and len(visible) > NEIGHBOURS):
        return
    if alone is not None:
        n = known.n[alone]
        mean = (known.estimate[alone] * n).sum() / n.sum()
        if abs(mean - value) <= (known.off[alone] * n).sum() / n.sum() + rounding + 1e-9:
            return
    yield from (str(known.codes[one]) for one in everybody if known.hidden[one])


def _nearest(known: _Year, own: int, among: np.ndarray) -> np.ndarray | None:
    """The five nearest of some schools by intake; None when there are too few, or rounding leaves it open who they are."""
    if len(among) <= NEIGHBOURS:
        return None
    spread = known.intake[among].std(axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    distance = np.sqrt((((known.intake[among] - known.intake[own]) / scale) ** 2).sum(axis=1))
    others = among[among != own]
    ordered = np.argsort(distance[among != own], kind="stable")
    ranked = distance[among != own][ordered]
    unsure = 2 * ROUNDED_SHARE * np.sqrt(((1 / scale) ** 2 * (spread > 0)).sum())
    if len(others) > NEIGHBOURS and ranked[NEIGHBOURS] - ranked[NEIGHBOURS - 1] <= 2 * unsure:
        return None
    return others[ordered[:NEIGHBOURS]]
