"""What an audience may see of the whole batch: every figure of every table and year stands in one model."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kvalitet_lib.disclosure.bounds import more_to_hide
from kvalitet_lib.disclosure.populations import Groups, Known, groups_of, known_of
from kvalitet_lib.disclosure.primary import FEWEST_IN_BANDS, bands, bounds_of, primary
from kvalitet_lib.disclosure.quantity import OUTSIDE, STILL, WIDTH, Quantity
from kvalitet_lib.disclosure.secondary import Choice, choose
from kvalitet_lib.disclosure.tables import Tables, tables_of
from kvalitet_lib.indicators import Indicator
from kvalitet_lib.municipality import Audience

WEIGHTS = {("municipality", True): 30.0, ("municipality", False): 3.0, ("school", True): 3.0, ("school", False): 1.0}
SEEN = ["shown", "end", "persons"]
MANY = 5000  # figures; fewer are quicker in one process
NO_PAIRS = np.empty((0, 2), int)


def shown_of(
    batch: pd.DataFrame,
    indicators: Mapping[str, Indicator],
    audience: Audience,
    own_schools: Collection[str],
    told: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Which figures the audience may see.

    Parameters
    ----------
    batch : DataFrame
        A Measurement in the long form of CONTRIBUTING.md, with ``count`` and ``largest``; index 0 … len - 1.
    indicators : mapping of id to Indicator
    audience : Audience
    own_schools : collection of str
        Schools the municipality's own figures are made of.
    told : DataFrame, optional
        What earlier releases told (:func:`told_already`): hiding that protects nobody any more; and ``changed`` (bool): the
        figure has changed by so few since that it is hidden.

    Returns
    -------
    DataFrame
        Index of ``batch``: ``shown`` (``yes``, ``rounded``, ``protected``, ``missing``, ``agency``), ``end`` (the band
        where ``shown`` is ``rounded`` on our account: ``~100``, ``60–80`` …) and ``persons`` (bool: the number of persons may be
        told).

    Notes
    -----
    First every figure's own rule (:func:`primary`); then the fewest more that leave no sum open (:func:`choose`); then
    what linear programming says a reader could still bound (:func:`more_to_hide`). A share hidden only for the sake of
    others is told as a band of 20 per cent where that does. Numbers of persons are kept apart
    from counts of persons: the first are known as soon as one figure on the same persons is shown.
    """
    rules = primary(batch, indicators, audience).assign(changed=False if told is None else told["changed"])
    rules["few"] |= rules["changed"]
    rules["shown"] = rules["shown"].mask(rules["changed"] & rules["shown"].isin(["yes", "rounded"]), "protected")
    ours = np.flatnonzero(batch["source"].eq("local") & rules["shown"].isin(["yes", "rounded", "protected"]))
    cells, own = batch.iloc[ours].reset_index(drop=True), rules.iloc[ours].reset_index(drop=True)
    seen = rules[["shown", "end"]].assign(persons=True)
    if not own["shown"].isin(["rounded", "protected"]).any():
        return seen
    nothing = pd.DataFrame({"exact": False, "persons": False, "band": ""}, index=range(len(cells)))
    known = nothing if told is None else told.iloc[ours].reset_index(drop=True)
    tables, groups = tables_of(cells, own_schools), groups_of(cells)
    model = _Model(cells, own, known, audience, tables, known_of(cells), groups, frozenset(own_schools))
    joint = model.protected()
    seen.iloc[ours] = joint[seen.columns].to_numpy()
    return seen.astype({"persons": bool})


@dataclass(frozen=True)
class _Model:
    """Figures of our own, what their own rules say, and how they hang together."""

    cells: pd.DataFrame
    own: pd.DataFrame
    told: pd.DataFrame
    audience: Audience
    tables: Tables
    known: Known
    groups: Groups
    own_schools: frozenset[str]

    def protected(self) -> pd.DataFrame:
        """Every school year by itself, since no sum goes across years; several at once where there is much to do."""
        years = [self.of(year) for year in self.cells["school_year"].unique()]
        if len(self.cells) < MANY or len(years) == 1:
            parts = [_joint(year) for year in years]
        else:
            with ProcessPoolExecutor(min(len(years), os.cpu_count() or 1)) as pool:
                parts = list(pool.map(_joint, years))
        return pd.concat([part.set_index(year.cells["place"]) for part, year in zip(parts, years, strict=True)]).sort_index()

    def of(self, year: str) -> _Model:
        chosen = self.cells["school_year"].eq(year).to_numpy()
        tables, _ = self.tables.among(chosen)
        sums, number = self.known.sums.among(chosen)
        nested = number[self.known.nested]
        cells = self.cells.assign(place=np.arange(len(self.cells)))[chosen].reset_index(drop=True)
        own = self.own[chosen].reset_index(drop=True)
        known = Known(sums, nested[(nested >= 0).all(axis=1)])
        told, groups = self.told[chosen].reset_index(drop=True), self.groups.among(chosen)
        return replace(self, cells=cells, own=own, told=told, tables=tables, known=known, groups=groups)


def _joint(model: _Model) -> pd.DataFrame:
    cells, own = model.cells, model.own
    if not own["shown"].isin(["rounded", "protected"]).any():
        return own.assign(persons=True)[SEEN]
    groups, pool = model.groups, model.audience.heads_who_pool
    persons = groups.of
    figures, of_persons = model.tables.and_also(model.known.sums), model.tables.renamed(persons)
    told = model.told["exact"].to_numpy()
    size = len(groups.size)
    told_persons = np.bincount(persons, model.told["persons"], size) > 0
    told_persons[groups.told[told[groups.told[:, 0]], 1]] = True
    few = (np.bincount(persons, own["few"], size) > 0) & ~told_persons
    coarse = own["shown"].eq("rounded").to_numpy()
    weight = np.array([WEIGHTS[level, group == "all"] for level, group in zip(cells["level"], cells["group"], strict=True)])
    must = own["shown"].eq("protected").to_numpy()
    choice = Choice(must, coarse, told, weight, persons, few, told_persons, groups.told, groups.counted)
    hidden, untold = choose(choice, figures, of_persons, pool)
    with_head = cells["level"].eq("school") & cells["unit"].isin(model.own_schools)
    school = np.where(with_head, pd.factorize(cells["unit"])[0], OUTSIDE)
    nearly = np.bincount(persons, own["nearly_few"], size) > 0
    sizes = _persons(groups, choice, untold, nearly, school, cells["breakdown"].eq("all").to_numpy())
    untold[more_to_hide(sizes, of_persons, NO_PAIRS, pool)] = True
    hidden |= (untold[persons] | _tells_of(groups, untold)) & ~coarse & ~told
    hidden &= model.told["band"].eq("").to_numpy() | choice.hidden | cells["n"].ge(FEWEST_IN_BANDS).to_numpy()
    band = own["end"].mask(hidden & ~choice.hidden & cells["n"].ge(FEWEST_IN_BANDS), bands(cells["count"] / cells["n"]))
    counted, number = figures.among(cells["count"].notna().to_numpy())
    counts = _counts(cells, own, model.told["band"], band, hidden, choice, school, untold)
    more = np.flatnonzero(cells["count"].notna())[more_to_hide(counts, counted, _inside(number[model.known.nested]), pool)]
    hidden &= band.eq("").to_numpy() | choice.hidden
    hidden[more] = True
    untold[groups.told[groups.counted & np.isin(groups.told[:, 0], more), 1]] = True
    untold &= ~told_persons
    hidden |= (untold[persons] | _tells_of(groups, untold)) & ~coarse & ~told & band.eq("").to_numpy()
    shown = own["shown"].mask(band.ne("") & ~choice.hidden, "rounded").mask(hidden, "protected")
    return pd.DataFrame({"shown": shown, "end": band.where(shown.eq("rounded"), ""), "persons": ~untold[persons]})


def _inside(pairs: np.ndarray) -> np.ndarray:
    return pairs[(pairs >= 0).all(axis=1)]


def _tells_of(groups: Groups, untold: np.ndarray) -> np.ndarray:
    """Figures that tell how many are in a group whose number must not be told."""
    telling = np.zeros(len(groups.of), bool)
    telling[groups.told[untold[groups.told[:, 1]], 0]] = True
    return telling


def _persons(
    groups: Groups, choice: Choice, untold: np.ndarray, nearly: np.ndarray, school: np.ndarray, whole: np.ndarray
) -> Quantity:
    value = groups.size
    price = np.bincount(choice.persons, np.where(choice.hidden | choice.coarse, 0.0, choice.weight), len(value))
    also = ~choice.hidden[choice.tells[:, 0]] & ~choice.coarse[choice.tells[:, 0]]
    price += np.bincount(choice.tells[also, 1], choice.weight[choice.tells[also, 0]], minlength=len(price))
    price[choice.told_persons] = np.inf
    ceiling = value + value.max()
    return Quantity(
        value, np.where(untold, 1.0, value), np.where(untold, ceiling, value), np.ones(len(value)), ceiling,
        (choice.few | nearly) & np.isfinite(price), price, school[groups.figure], whole[groups.figure],
    )  # fmt: skip


def _price_of_others(choice: Choice, hidden: np.ndarray) -> np.ndarray:
    """What it costs, for each figure whose count is another group, to hide all else that tells that group."""
    weight = np.where(hidden | choice.coarse, 0.0, choice.weight)
    of_group = np.bincount(choice.persons, weight, len(choice.few))
    of_group += np.bincount(choice.tells[:, 1], weight[choice.tells[:, 0]], len(choice.few))
    counts_others = choice.tells[choice.counts]
    return np.bincount(counts_others[:, 0], of_group[counts_others[:, 1]], len(weight))


def _counts(
    cells: pd.DataFrame,
    own: pd.DataFrame,
    told_band: pd.Series,
    band: pd.Series,
    hidden: np.ndarray,
    choice: Choice,
    school: np.ndarray,
    untold: np.ndarray,
) -> Quantity:
    counts_others = choice.tells[choice.counts]
    known_as_persons, few_persons, told = np.zeros(len(cells), bool), np.zeros(len(cells), bool), choice.told.copy()
    known_as_persons[counts_others[~untold[counts_others[:, 1]], 0]] = True
    told[counts_others[choice.told_persons[counts_others[:, 1]], 0]] = True
    few_persons[counts_others[choice.few[counts_others[:, 1]], 0]] = True
    value, n = cells["count"].to_numpy(float), cells["n"].to_numpy(float)
    known = told_band.mask(band.ne("") & ~choice.hidden, band)
    lowest, highest = bounds_of(known)
    coarse = known.ne("").to_numpy() & (hidden | band.ne("").to_numpy())
    # How many have, among too few persons, is not told either; their number itself is known to be small.
    ceiling = np.where(own["few"], np.maximum(n, WIDTH), n)
    open_to_all = told | known_as_persons
    lower = np.select([open_to_all, coarse, hidden], [value, np.ceil(lowest * n - STILL), 0.0], value)
    upper = np.select([open_to_all, coarse, hidden], [value, np.floor(highest * n + STILL), ceiling], value)
    widest = bounds_of(told_band)
    widest_lower = np.where(told_band.ne(""), np.ceil(widest[0] * n - STILL), 0.0)
    widest_upper = np.where(told_band.ne(""), np.floor(widest[1] * n + STILL), ceiling)
    price = np.where(told, np.inf, choice.weight + _price_of_others(choice, hidden))
    protect = own["nearly_at_end"] | own["end"].ne("") | own["few"] & own["sensitive"] | own["changed"] | few_persons
    asked, whole = protect.to_numpy() & ~told, cells["breakdown"].eq("all").to_numpy()
    everything = Quantity(value, lower, upper, widest_lower, widest_upper, asked, price, school, whole)
    return everything.among(cells["count"].notna().to_numpy())
