"""What has been let out before: no later release may be subtracted from it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.disclosure.primary import BANDS
from kvalitet_lib.disclosure.release import FIGURE_COLUMNS, SEEN, Release, read_figures
from kvalitet_lib.disclosure.tables import FIGURE
from kvalitet_lib.indicators import Indicator
from kvalitet_lib.municipality import Audience

LEDGER = "ledger.csv"


def let_out(audience_folder: Path) -> pd.DataFrame:
    """The newest version of every figure of our own that this audience was ever shown: columns of a release's figures.

    Each release carries the ledger of all before it, so that old releases may be removed.
    """
    if not (audience_folder / "current").is_file():
        return read_figures(Path())
    return read_figures(Release.open(audience_folder).folder / LEDGER)


def last_figures(audience_folder: Path, policy: Audience) -> pd.DataFrame:
    """The figures of this audience's last release; none where there is none, or where its rules were others."""
    last = _last(audience_folder, policy)
    return read_figures(Path()) if last is None else last.all_figures()


def last_findings(audience_folder: Path, policy: Audience) -> list[Finding]:
    """The findings of this audience's last release; none where there is none, or where its rules were others."""
    last = _last(audience_folder, policy)
    return [] if last is None else last.findings()


def _last(audience_folder: Path, policy: Audience) -> Release | None:
    if not (audience_folder / "current").is_file():
        return None
    last = Release.open(audience_folder)
    return last if last.about["policy"] == json.loads(policy.model_dump_json()) else None


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
    now = prints(batch, indicators)
    for ledger in ledgers:
        before = ledger.set_index(FIGURE)[["estimate", "n", "original"]].reindex(places).set_index(batch.index)
        same = before["n"].eq(batch["n"]) & batch["source"].eq("local")
        told["persons"] |= same
        told["exact"] |= same & before["estimate"].sub(now).abs().lt(1e-9)
        for band, (lower, upper) in BANDS.items():
            told.loc[before["original"].eq(band) & share.between(lower - 1e-9, upper + 1e-9), "band"] = band
    return told


def prints(batch: pd.DataFrame, indicators: Mapping[str, Indicator]) -> pd.Series:
    """Estimates as they leave, rounded."""
    places = batch["indicator"].map({name: decimals_of(one) for name, one in indicators.items()}).astype(int)
    return pd.Series([np.round(value, digits) for value, digits in zip(batch["estimate"], places, strict=True)], batch.index)


def decimals_of(indicator: Indicator) -> int:
    """Decimals with which a figure leaves: whole per cents, so that no count follows from a share beside ``n``."""
    return {"share": 2, "signed_share": 2, "time_share": 3, "persons": 0}.get(indicator.unit, 1)
