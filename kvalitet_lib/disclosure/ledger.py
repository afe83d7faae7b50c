"""What has been let out before: no later release may be subtracted from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from kvalitet_lib.disclosure.primary import BANDS
from kvalitet_lib.disclosure.release import FIGURE_COLUMNS, SEEN, Release, read_figures
from kvalitet_lib.disclosure.tables import FIGURE
from kvalitet_lib.indicators import Indicator, Kind
from kvalitet_lib.municipality import Audience

LEDGER = "ledger.csv"
STANDS = [name for name in FIGURE_COLUMNS if name not in (*FIGURE, "source", "shown")]


def let_out(audience_folder: Path) -> pd.DataFrame:
    """The newest version of every figure of our own that this audience was ever shown: columns of a release's figures.

    Each release carries the ledger of all before it, so that old releases may be removed.
    """
    if not (audience_folder / "current").is_file():
        return read_figures(Path())
    return read_figures(Release.open(audience_folder).folder / LEDGER)


def carried_on(earlier: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    """The ledger after a release of ``shown``."""
    now = shown.loc[shown["shown"].isin(SEEN) & shown["source"].eq("local"), FIGURE_COLUMNS]
    return pd.concat([earlier, now]).drop_duplicates(FIGURE, keep="last").sort_values(FIGURE)


def told_already(batch: pd.DataFrame, ledgers: Iterable[pd.DataFrame], indicators: Mapping[str, Indicator]) -> pd.DataFrame:
    """What the ledgers tell of the batch as it is now: hiding it again would protect nobody.

    Returns
    -------
    DataFrame
        Index of ``batch``: ``exact`` (bool: the figure was let out as it is), ``persons`` (bool: its number of persons
        was), ``band`` (the fifth of the scale it was said to lie in, and lies in; else empty).
    """
    told = pd.DataFrame({"exact": False, "persons": False, "band": ""}, index=batch.index)
    places, share = pd.MultiIndex.from_frame(batch[FIGURE]), batch["count"] / batch["n"]
    prints = _prints(batch, indicators)
    for ledger in ledgers:
        before = ledger.set_index(FIGURE)[["estimate", "n", "original"]].reindex(places).set_index(batch.index)
        same = before["n"].eq(batch["n"]) & batch["source"].eq("local")
        told["persons"] |= same
        told["exact"] |= same & before["estimate"].sub(prints).abs().lt(1e-9)
        for band, (lower, upper) in BANDS.items():
            told.loc[before["original"].eq(band) & share.between(lower - 1e-9, upper + 1e-9), "band"] = band
    return told


def held_back(
    batch: pd.DataFrame, earlier: pd.DataFrame, indicators: Mapping[str, Indicator], audience: Audience
) -> tuple[pd.DataFrame, pd.Series]:
    """The batch in which a figure that changed by a few persons stands as it was let out.

    The difference between two versions of a figure tells about those who came, left or were corrected. Where they can
    be fewer than the smallest group (for counts and means: than ``smallest_count``), the version already let out stands
    until the change is larger.

    Returns
    -------
    batch : DataFrame
        As given, with the standing figures' ``estimate, lower, upper, n, missing, count``.
    stands : bool Series
        Which figures stand as they were let out.
    """
    before = earlier.set_index(FIGURE)[STANDS].reindex(pd.MultiIndex.from_frame(batch[FIGURE])).reset_index(drop=True)
    before.index = batch.index
    shown_then = before["estimate"].notna() & batch["source"].eq("local") & batch["estimate"].notna()
    persons = (batch["n"] - before["n"]).abs()
    others = _fewest_others(batch, before, indicators)
    unchanged = persons.eq(0) & others.eq(0)
    small = persons.lt(audience.smallest_group) & (persons.gt(0) | others.lt(audience.smallest_count))
    stands = shown_then & (small | unchanged)
    numbers = ["estimate", "lower", "upper", "n", "missing"]
    kept = batch.assign(**{name: batch[name].mask(stands & ~unchanged, before[name]) for name in numbers})
    counts = (before["estimate"] * before["n"]).round().where(batch["count"].notna())
    return kept.assign(count=batch["count"].mask(stands & ~unchanged, counts)), stands


def _fewest_others(batch: pd.DataFrame, before: pd.DataFrame, indicators: Mapping[str, Indicator]) -> pd.Series:
    """How few persons' answers can have changed, the number of persons being the same; 0 where the print is the same."""
    width = batch["indicator"].map({name: one.scale[1] - one.scale[0] for name, one in indicators.items()}).astype(float)
    median = batch["indicator"].map({name: one.kind is Kind.MEDIAN for name, one in indicators.items()}).astype(bool)
    change = (_prints(batch, indicators) - before["estimate"]).abs()
    fewest = np.ceil(change * batch["n"] / width.where(width.gt(0), 1.0) - 1e-9).mask(median & change.gt(0), 1.0)
    return fewest.mask(change.lt(1e-9), 0.0)


def _prints(batch: pd.DataFrame, indicators: Mapping[str, Indicator]) -> pd.Series:
    places = batch["indicator"].map({name: decimals_of(one) for name, one in indicators.items()}).astype(int)
    return pd.Series([np.round(value, digits) for value, digits in zip(batch["estimate"], places, strict=True)], batch.index)


def decimals_of(indicator: Indicator) -> int:
    """Decimals with which a figure leaves: whole per cents, so that no count follows from a share beside ``n``."""
    return {"share": 2, "signed_share": 2, "time_share": 3, "persons": 0}.get(indicator.unit, 1)
