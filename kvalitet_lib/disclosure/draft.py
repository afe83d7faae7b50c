"""A release before it is let out: its tables, written anew as often as detail is left out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.compare import compare
from kvalitet_lib.disclosure.findings import left_out_of, shown_findings
from kvalitet_lib.disclosure.findings_files import write_findings
from kvalitet_lib.disclosure.ledger import LEDGER, carried_on, prints
from kvalitet_lib.disclosure.printed import emptied, printed, printed_comparisons
from kvalitet_lib.disclosure.release import COMPARISON_COLUMNS, FIGURE_COLUMNS, SEEN, UNIT_COLUMNS
from kvalitet_lib.disclosure.tables import FIGURE
from kvalitet_lib.disclosure.tested import LeftOut, covers
from kvalitet_lib.indicators import Indicator
from kvalitet_lib.municipality import Audience, Municipality
from kvalitet_lib.spreadsheets import write_csv


@dataclass(frozen=True)
class Draft:
    """All that a release is made of, and what of it may be shown.

    Attributes
    ----------
    moving, seen : DataFrame
        Figures let out anew, and what :func:`shown_of` says of each.
    standing : DataFrame
        Rows that stand as the last release told them.
    batch : DataFrame
        The whole Measurement; index 0 … len - 1.
    before : DataFrame
        The ledger of all releases so far.
    findings : sequence of Finding
        What analyses have answered.
    """

    moving: pd.DataFrame
    seen: pd.DataFrame
    standing: pd.DataFrame
    batch: pd.DataFrame
    units: pd.DataFrame
    indicators: Mapping[str, Indicator]
    policy: Audience
    municipality: Municipality
    before: pd.DataFrame
    disagreements: pd.DataFrame
    findings: Sequence[Finding] = ()

    def write(self, folder: Path, about: Mapping[str, Any], left_out: LeftOut) -> None:
        """Write the release's tables anew, without some detail."""
        out = covers(left_out, self.moving) & self.moving["source"].eq("local") & self.seen["shown"].isin(SEEN)
        seen = self.seen.assign(shown=self.seen["shown"].mask(out, "protected"), persons=self.seen["persons"] & ~out)
        anew = printed(self.moving, seen, self.indicators, self.policy, self.municipality.confidence)[FIGURE_COLUMNS]
        still = emptied(self.standing, covers(left_out, self.standing))
        shown = pd.concat([anew, still], ignore_index=True)
        visible = pd.concat([_visible(self.moving, anew), _visible(*self._unchanged(still))], ignore_index=True)
        compared = compare(visible, self.municipality, self.indicators, _places(self.units))
        comparisons = printed_comparisons(compared.to_frame(), self.indicators)
        for part in ("figures", "comparisons"):
            shutil.rmtree(folder / part, ignore_errors=True)
        _write(folder, shown, comparisons[COMPARISON_COLUMNS], self.units[UNIT_COLUMNS])
        write_csv(carried_on(self.before, shown), folder / LEDGER)
        kept = left_out_of(self.findings, left_out)
        write_findings(folder, shown_findings(kept, shown, self.units, self.indicators, self.policy, self.municipality.code))
        say(folder, {**about, "disagreements": _tellable(self.disagreements, shown).to_dict("records")})

    def _unchanged(self, still: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The standing rows, with all their digits where they are what is measured now; and as they are told."""
        now = self.batch.drop_duplicates(FIGURE).set_index(FIGURE).reindex(pd.MultiIndex.from_frame(still[FIGURE])).reset_index()
        told = still.reset_index(drop=True).reindex(columns=self.batch.columns)
        same = now["n"].eq(told["n"]) & prints(now, self.indicators).sub(told["estimate"]).abs().lt(1e-9)
        return now.where(same, told).astype(self.batch.dtypes), still.reset_index(drop=True)


def say(folder: Path, about: Mapping[str, Any]) -> None:
    """Write what a release says of itself."""
    (folder / "release.json").write_text(json.dumps(about, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")


def _places(units: pd.DataFrame) -> dict[str, str]:
    schools = units[units["level"].eq("school") & units["municipality"].ne("")]
    return dict(zip(schools["unit"], schools["municipality"], strict=True))


def _tellable(disagreements: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    """Differences between sources whose both sides are public: a difference beside one side tells the other."""
    figure = ["indicator", "level", "unit", "school_year", "group"]
    visible = shown.loc[shown["shown"].eq("yes") & shown["breakdown"].isin(["all", "sex"]), figure].drop_duplicates()
    return disagreements[disagreements["other_source"].ne("local")].merge(visible, on=figure).round(4)


def _visible(batch: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    """What may be compared: exact figures in full, where their interval is shown; coarse ones as they are printed."""
    seen = shown["shown"].isin(SEEN)
    exact = batch.assign(**{name: batch[name].where(shown[name].notna()) for name in ("lower", "upper")})
    coarse = shown.reindex(columns=batch.columns)
    return exact.where(shown["shown"].eq("yes"), coarse)[seen].astype(batch.dtypes)


def _write(folder: Path, figures: pd.DataFrame, comparisons: pd.DataFrame, units: pd.DataFrame) -> None:
    write_csv(units, folder / "units.csv")
    for name, frame in (("figures", figures), ("comparisons", comparisons)):
        order = ["indicator", "school_year", "breakdown", "group"]
        for (level, unit), rows in frame.sort_values(order).groupby(["level", "unit"]):
            place = folder / name / str(level)
            place.mkdir(parents=True, exist_ok=True)
            write_csv(rows, place / f"{unit}.csv")
