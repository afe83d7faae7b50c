"""Releases drawn by hand, as small as the question, written as folders with the columns real ones have."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kvalitet_lib.attack import Weakness, attack
from kvalitet_lib.attack.weakness import CELL
from kvalitet_lib.disclosure.release import COMPARISON_COLUMNS, FIGURE_COLUMNS, UNIT_COLUMNS
from tests.whiteboard import table

CODE = "9001"
YEAR = "2024-25"
POLICY = {
    "smallest_group": 10,
    "smallest_survey_group": 10,
    "smallest_posts": 3,
    "smallest_count": 5,
    "smallest_deviation_group": 10,
    "smallest_median_group": 30,
}
BREAKDOWN_OF = {"all": "all", "girl": "sex", "boy": "sex", "yes": "newly_arrived", "no": "newly_arrived"}
BANDS = {"~0": (0.0, 0.2), "20–40": (0.2, 0.4), "40–60": (0.4, 0.6), "60–80": (0.6, 0.8), "~100": (0.8, 1.0)}
MEAN, SHARE = "meritvarde", "alla_amnen_ak9"


@dataclass(frozen=True)
class Drawn:
    """Figures as they are (``truth``: columns of a figure, ``n``, ``count``) and what a release shows of them.

    Of a truth's row ``shown`` is ``yes``; ``no`` for a figure that is protected; a band (``60–80``) of which the number of
    persons is told; or any word a release might use, which is then written.
    """

    truth: pd.DataFrame
    comparisons: Sequence[Mapping[str, Any]] = ()
    about: Mapping[str, Any] = field(default_factory=dict)
    decimals: int = 2

    @property
    def known(self) -> pd.DataFrame:
        """What heads know: every school's own figures, nothing hidden."""
        return self.truth.loc[self.truth["level"].eq("school"), [*CELL, "n", "count"]]

    def written(self, folder: Path) -> Path:
        """Write the release: figures, units, comparisons and what it says of itself."""
        rows = self.printed()
        folder.mkdir(parents=True)
        units = rows[["level", "unit"]].drop_duplicates()
        units = units.assign(name=units["unit"], municipality=CODE, owner_type="municipal", year_groups="")
        units[UNIT_COLUMNS].to_csv(folder / "units.csv", index=False)
        _write(folder / "figures", rows[FIGURE_COLUMNS])
        if self.comparisons:
            compared = pd.DataFrame(self.comparisons).reindex(columns=COMPARISON_COLUMNS, fill_value="")
            _write(folder / "comparisons", compared)
        place = {"code": CODE, "confidence": 0.95, "comparable": "similar"}
        told = {"audience": "public", "policy": POLICY, "municipality": place, **self.about}
        (folder / "release.json").write_text(json.dumps(told), encoding="utf-8")
        return folder

    def printed(self) -> pd.DataFrame:
        """The rows as they leave."""
        rows = self.truth.copy()
        exact, coarse = rows["shown"].eq("yes"), rows["shown"].isin(BANDS)
        share = (rows["count"] / rows["n"]).round(self.decimals)
        rows["estimate"] = rows["estimate"].fillna(share).where(exact)
        rows["method"] = np.where(rows["count"].notna() | coarse, "wilson", "t")
        rows["original"] = rows["shown"].where(coarse)
        for end, name in enumerate(("lower", "upper")):
            rows[name] = rows["shown"].map({band: edges[end] for band, edges in BANDS.items()}).fillna(rows[name].where(exact))
        rows["n"] = rows["n"].where(exact | coarse)
        rows["status"] = rows["shown"].map({"yes": "exists"}).mask(coarse, "rounded")
        rows["shown"] = rows["shown"].replace({"no": "protected", **dict.fromkeys(BANDS, "rounded")})
        return rows.reindex(columns=[*FIGURE_COLUMNS, "count"]).assign(source="local")


def drawn(drawing: str, *, indicator: str = MEAN, **settings: Any) -> Drawn:
    """A release drawn as a table; what a column does not say is the whole group, shown, of 2024-25.

    Unit ``9001`` is the municipality; girl and boy are of ``sex``, yes and no of ``newly_arrived``, a number is a year group.
    """
    rows = table(drawing)
    usual = {"indicator": indicator, "school_year": YEAR, "group": "all", "shown": "yes"}
    full = rows.assign(**{name: value for name, value in usual.items() if name not in rows})
    for name in ("indicator", "shown", "group"):
        full[name] = full[name].astype("str").where(full[name].notna(), usual[name])
    full["group"] = full["group"].replace({"True": "yes", "False": "no"})
    full["shown"] = full["shown"].replace({"True": "yes", "False": "no"})
    full["level"] = np.where(full["unit"].eq(CODE), "municipality", "school")
    full["breakdown"] = full["group"].map(BREAKDOWN_OF).fillna("year_group")
    for name in ("n", "count", "estimate", "lower", "upper", "shrunken", "missing"):
        full[name] = pd.to_numeric(full[name], errors="coerce") if name in full else np.nan
        full[name] = full[name].astype("float64")
    full["count"] = full["count"].mask(full["indicator"].eq(MEAN))
    return Drawn(full, **settings)


def told(release: Path, known: pd.DataFrame | None = None, earlier: Sequence[Path] = (), narrow: float = 3.0) -> set[str]:
    """What is found, each in a few words: kind, quantity, unit, group, and by whom if not by anybody."""
    return {words(one) for one in attack(release, earlier, known, narrow)}


def words(one: Weakness) -> str:
    """``recovered n c girl by a+b``; the indicator stands first where it is neither of the usual two."""
    indicator = "" if one.indicator in (MEAN, SHARE) else one.indicator
    parts = (indicator, one.kind, one.quantity, one.unit, one.group, f"by {'+'.join(one.readers)}" if one.readers else "")
    return " ".join(part for part in parts if part)


def _write(folder: Path, rows: pd.DataFrame) -> None:
    for (level, unit), of_unit in rows.groupby(["level", "unit"]):
        place = folder / str(level)
        place.mkdir(parents=True, exist_ok=True)
        of_unit.to_csv(place / f"{unit}.csv", index=False)
