"""Findings that stand as they were let out: made anew after a few have changed, the difference would tell of those few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.disclosure.findings_outcome import outcome_of
from kvalitet_lib.disclosure.findings_whitelist import ABOUT
from kvalitet_lib.disclosure.standing import TABLE, Standing
from kvalitet_lib.indicators import Indicator
from kvalitet_lib.municipality import Audience

Key = tuple[str, str, tuple[tuple[str, str], ...]]


def standing_findings(
    now: Sequence[Finding],
    last: Sequence[Finding],
    still: Standing,
    batch: pd.DataFrame,
    indicators: Mapping[str, Indicator],
    audience: Audience,
) -> list[Finding]:
    """The findings of now, but as last let out where the figures on the same results stand though a few have changed.

    Parameters
    ----------
    now : sequence of Finding
        As ``kvalitet analyse`` keeps them.
    last : sequence of Finding
        Those of this audience's last release.
    still : Standing
        Which tables of figures stand, and in which of them a few have changed.
    batch : DataFrame
        The whole Measurement.
    """
    before = {_key(one): one for one in last}
    own = batch.loc[batch["source"].eq("local"), TABLE].drop_duplicates()
    known = set(own.itertuples(index=False, name=None))

    def stands(finding: Finding) -> bool:
        earlier = before.get(_key(finding))
        if earlier is None or earlier.basis.school_years != finding.basis.school_years:
            return False
        names = outcome_of(finding, indicators, audience).indicators
        tables = {(name, year) for name in names for year in finding.basis.school_years} & known
        return tables <= still.tables and bool(tables & still.behind)

    return [before[_key(one)] if stands(one) else one for one in now]


def _key(finding: Finding) -> Key:
    """What a finding is about: the same in one release as in the next."""
    about = tuple(sorted((name, value) for name, value in finding.about.items() if name in ABOUT))
    return finding.analysis, finding.outcome, about
