"""Write a release: new files only, all or nothing, for one audience."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from kvalitet_lib.compare import compare
from kvalitet_lib.disclosure.free_text import write_comments
from kvalitet_lib.disclosure.ledger import LEDGER, carried_on, held_back, let_out, told_already
from kvalitet_lib.disclosure.printed import printed, printed_comparisons
from kvalitet_lib.disclosure.protect import shown_of
from kvalitet_lib.disclosure.release import COMPARISON_COLUMNS, FIGURE_COLUMNS, SEEN, UNIT_COLUMNS, Release
from kvalitet_lib.errors import ReleaseError
from kvalitet_lib.indicators import Indicator
from kvalitet_lib.municipality import Municipality
from kvalitet_lib.spreadsheets import write_csv


def publish(
    folder: Path,
    audience: str,
    figures: pd.DataFrame,
    units: pd.DataFrame,
    indicators: Mapping[str, Indicator],
    municipality: Municipality,
    facts: Mapping[str, Any],
    disagreements: pd.DataFrame,
    today: date,
    comments: pd.DataFrame | None = None,
) -> Release:
    """Protect the whole batch for one audience, compare what is visible, and write it beside older releases.

    Comparisons are made from visible figures alone, so that no difference, and no mean of similar schools, tells a
    hidden one.

    Parameters
    ----------
    folder : Path
        ``released``; the release becomes ``<folder>/<audience>/<release id>``.
    figures : DataFrame
        A Measurement in the long form of CONTRIBUTING.md.
    units : DataFrame
        Columns of ``UNIT_COLUMNS``.
    facts : mapping
        What goes into ``release.json`` besides: fingerprints of deliveries, version.
    disagreements : DataFrame
        A Measurement's; those that would tell a hidden figure are left out.
    comments : DataFrame, optional
        Answers in people's own words that this audience may read: from ``free_text.publishable_comments``.

    Raises
    ------
    ReleaseError
        The audience is not in params/municipality.yml, or there is nothing to release.
    """
    if audience not in municipality.audiences:
        raise ReleaseError(
            f"There is no audience {audience!r} in params/municipality.yml; there are: {', '.join(municipality.audiences)}."
        )
    if figures.empty:
        raise ReleaseError("There are no figures to release. Load deliveries first:  kvalitet load PATH")
    policy = municipality.audiences[audience]
    before = let_out(folder / audience)
    batch, _ = held_back(figures.reset_index(drop=True), before, indicators, policy)
    ledgers = [before, *(let_out(folder / other) for other in policy.also_reads)]
    told = told_already(batch, ledgers, indicators)
    seen = shown_of(batch, indicators, policy, _own_schools(units, municipality), told)
    shown = printed(batch, seen, indicators, policy, municipality.confidence)
    comparisons = printed_comparisons(
        compare(_visible(batch, shown), municipality, indicators, _places(units)).to_frame(), indicators
    )
    about = {
        "audience": audience,
        "policy": policy.model_dump(),
        "municipality": municipality.model_dump(
            include={"country", "code", "name", "languages", "comparable", "made_up", "confidence", "false_discovery_rate"}
        ),
        **facts,
        "disagreements": _tellable(disagreements, shown).to_dict("records"),
    }
    home = folder / audience
    home.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".new-", dir=home))
    try:
        _write(beside, shown[FIGURE_COLUMNS], comparisons[COMPARISON_COLUMNS], units[UNIT_COLUMNS])
        write_csv(carried_on(before, shown), beside / LEDGER)
        if comments is not None:
            write_comments(beside, comments)
        (beside / "release.json").write_text(json.dumps(about, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
        name = f"{today:%Y-%m-%d}-{_fingerprint(beside)[:10]}"
        if (home / name).exists():
            shutil.rmtree(beside)
        else:
            beside.chmod(0o755)
            beside.replace(home / name)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    pointer = home / ".current"
    pointer.write_text(name, encoding="utf-8")
    pointer.replace(home / "current")
    return Release.open(home)


def _places(units: pd.DataFrame) -> dict[str, str]:
    schools = units[units["level"].eq("school") & units["municipality"].ne("")]
    return dict(zip(schools["unit"], schools["municipality"], strict=True))


def _tellable(disagreements: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    """Differences between sources whose both sides are public: a difference beside one side tells the other."""
    figure = ["indicator", "level", "unit", "school_year", "group"]
    visible = shown.loc[shown["shown"].eq("yes") & shown["breakdown"].isin(["all", "sex"]), figure].drop_duplicates()
    return disagreements[disagreements["other_source"].ne("local")].merge(visible, on=figure).round(4)


def _own_schools(units: pd.DataFrame, municipality: Municipality) -> set[str]:
    """Schools the municipality's own figures are made of: municipal ones in it, and those the register does not know."""
    ours = units["municipality"].eq(municipality.code) & units["owner_type"].eq("municipal") | units["municipality"].eq("")
    return set(units.loc[units["level"].eq("school") & ours, "unit"])


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


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(folder)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
