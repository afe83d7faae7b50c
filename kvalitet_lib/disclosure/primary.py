"""What one figure alone may tell: the rules that need no other figure."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kvalitet_lib.disclosure.quantity import WIDTH
from kvalitet_lib.indicators import Indicator, Kind
from kvalitet_lib.municipality import Audience

AGENCY = {"too_few": "agency", "secondary": "agency", "rounded": "rounded", "missing": "missing", "not_applicable": "missing"}
BAND = 0.2  # a coarse share is told as a fifth of the scale
FEWEST_IN_BANDS = 20  # persons; in fewer a band would be narrower than four
NEARLY_ALL, NEARLY_NONE = "~100", "~0"
BANDS = {NEARLY_NONE: (0.0, BAND), "20–40": (0.2, 0.4), "40–60": (0.4, 0.6), "60–80": (0.6, 0.8), NEARLY_ALL: (1 - BAND, 1.0)}


def primary(batch: pd.DataFrame, indicators: Mapping[str, Indicator], audience: Audience) -> pd.DataFrame:
    """What each figure's own rule says, before anybody subtracts.

    A figure an agency has published is public already and passes as it is, with the agency's own marks. Of our own
    figures those on too few persons are hidden, groups of whom nobody has data, medians on fewer than
    ``smallest_median_group``, and sums that two persons carry. A sensitive share that all, none or nearly all have is
    coarsened to "~100" or "~0", each a fifth of the scale, or hidden where ``smallest_count`` persons would be more than a
    fifth of the group.

    Returns
    -------
    DataFrame
        Index of ``batch``; ``shown`` (``yes``, ``rounded``, ``protected``, ``missing``, ``agency``), ``few`` (bool: the
        number of persons is what must not be told), ``sensitive`` (bool: so is how many have what is counted) and
        ``end`` (``~100``, ``~0`` or empty: near which end a sensitive share lies, coarsened or hidden). ``nearly_few`` and
        ``nearly_at_end`` (bool): so close to these limits that bounds narrower than ``WIDTH`` may lie beyond them.
    """
    own = batch["source"].eq("local")
    shown = pd.Series("yes", index=batch.index).mask(~own, batch["status"].map(AGENCY).fillna("yes"))
    # A group of whom nobody has data: that all of them lack it is told of nobody.
    nobody = own & batch["estimate"].isna() & batch["breakdown"].ne("all") & batch["n"].eq(0)
    shown = shown.mask(shown.eq("yes") & batch["estimate"].isna() & ~nobody, "missing")
    mine = own & shown.eq("yes")
    smallest = smallest_groups(batch, indicators, audience)
    few = nobody | mine & (batch["n"].lt(smallest) | _few_posts(batch, indicators, audience))
    sensitive = _sensitive(batch, indicators)
    end = _ends(batch, sensitive, audience.smallest_count).where(mine & ~few, "")
    narrow = end.ne("") & ((audience.smallest_count - 1) / batch["n"]).le(BAND)
    shown = shown.mask(narrow, "rounded").mask(end.ne("") & ~narrow, "protected")
    median = mine & batch["method"].eq("order") & batch["n"].lt(audience.smallest_median_group)
    carried = mine & batch["largest"].gt(audience.largest_part)
    return pd.DataFrame(
        {
            "shown": shown.mask(few | median | carried, "protected"),
            "few": few,
            "sensitive": sensitive,
            "end": end,
            "nearly_few": mine & batch["n"].lt(smallest + WIDTH),
            "nearly_at_end": mine & _ends(batch, sensitive, audience.smallest_count + WIDTH).ne(""),
        }
    )


def bands(shares: pd.Series) -> pd.Series:
    """The band each share lies in; empty where there is none."""
    number = np.floor(shares / BAND + 1e-9).clip(0, len(BANDS) - 1)
    return number.map(dict(enumerate(BANDS))).fillna("")


def bounds_of(band: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest share of each band; NaN where there is none."""
    edges = np.array([BANDS.get(one, (np.nan, np.nan)) for one in band])
    return edges[:, 0], edges[:, 1]


def smallest_groups(batch: pd.DataFrame, indicators: Mapping[str, Indicator], audience: Audience) -> pd.Series:
    """The fewest persons (or posts) that each figure may rest on."""
    fewest = {name: _smallest_of(indicators[name], audience) for name in batch["indicator"].unique()}
    return batch["indicator"].map(fewest).astype(float)


def _few_posts(batch: pd.DataFrame, indicators: Mapping[str, Indicator], audience: Audience) -> pd.Series:
    """Ratios of persons to fewer posts than may be told of."""
    ratios = {
        one: "staffing" in indicators[one].needs and indicators[one].kind is Kind.RATIO for one in batch["indicator"].unique()
    }
    posts = batch["n"] / batch["estimate"].where(batch["estimate"].gt(0))
    return batch["indicator"].map(ratios).astype(bool) & posts.lt(audience.smallest_posts)


def _smallest_of(indicator: Indicator, audience: Audience) -> int:
    if "staffing" in indicator.needs:
        return audience.smallest_posts
    return audience.smallest_survey_group if indicator.survey else audience.smallest_group


def _sensitive(batch: pd.DataFrame, indicators: Mapping[str, Indicator]) -> pd.Series:
    shares = {name: indicators[name].sensitive and indicators[name].kind is Kind.SHARE for name in batch["indicator"].unique()}
    return batch["indicator"].map(shares).astype(bool)


def _ends(batch: pd.DataFrame, sensitive: pd.Series, few: float) -> pd.Series:
    few_lack = sensitive & (batch["n"] - batch["count"]).lt(few)
    few_have = sensitive & batch["count"].lt(few)
    return pd.Series(np.select([few_lack, few_have], [NEARLY_ALL, NEARLY_NONE], ""), index=batch.index)
