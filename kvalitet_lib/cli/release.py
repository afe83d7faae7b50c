"""``kvalitet release``: measure everything, compare it, and let out what each audience may see."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import version
from typing import Annotated, Any

import pandas as pd
import typer
from rich.console import Console

from kvalitet_lib.analyses.findings_folder import read_findings
from kvalitet_lib.cli.analyse import made_from
from kvalitet_lib.cli.home import Home
from kvalitet_lib.cli.options import HomeOption
from kvalitet_lib.clock import today
from kvalitet_lib.disclosure.free_text import publishable_comments
from kvalitet_lib.disclosure.publish import publish
from kvalitet_lib.errors import ReleaseError
from kvalitet_lib.indicators import all_indicators
from kvalitet_lib.measure import measure_all
from kvalitet_lib.municipality import Audience, Municipality
from kvalitet_lib.safe_files import alone_in, sweep
from kvalitet_lib.sources.free_text import fingerprint
from kvalitet_lib.sources.local_identity import says_who
from kvalitet_lib.store import Store

AS_FULL = 0.5  # a school year is ripe for a page when it has half as many figures as the fullest one


def release(
    audience: Annotated[list[str], typer.Option(help="For whom; all in params/municipality.yml when none is named.")] = [],  # noqa: B006
    home: HomeOption = None,
    year: Annotated[
        str, typer.Option(help="School year of the pages, e.g. 2024-25; the newest well-filled one when not named.")
    ] = "",
) -> None:
    """Decide for the whole batch at once what each audience may see, and write it to new files."""
    where = Home.find(home)
    municipality = where.municipality()
    store = Store(where.private)
    if not len(store):
        raise ReleaseError("The store is empty. Load deliveries first:  kvalitet load PATH")
    made_on = today()  # one day for every audience, also where midnight comes in between
    with alone_in(where.released, "making a release"):
        with Console(stderr=True).status("Measuring"):
            indicators = all_indicators(municipality.country)
            measurement = measure_all(indicators, store, municipality)
            figures = measurement.to_frame()
            units = units_of(store, figures, municipality)
            facts = facts_of(store, year or newest_full_year(figures), made_on)
        findings = read_findings(where.private, made_from(where, store))
        if findings.stale:
            print(outdated(findings.stale), file=sys.stderr)
        for name in audience or municipality.audiences:
            sweep(where.released / name, ".new-")
            made = publish(
                where.released,
                name,
                figures,
                units,
                indicators,
                municipality,
                facts,
                measurement.disagreements,
                made_on,
                comments_for(store, municipality.audiences.get(name)),
                findings.current,
            )
            print(f"released for {name}: {made.folder}")
            for line in what_was_kept_back(made.about):
                print(f"  {line}")


def outdated(analyses: Sequence[str]) -> str:
    """What is said of findings that were made from other deliveries or settings: a release leaves them out."""
    return (
        f"Findings are older than the deliveries or the settings and are left out: {', '.join(analyses)}. "
        "Make them anew:  kvalitet analyse"
    )


def what_was_kept_back(about: Mapping[str, Any]) -> list[str]:
    """What a release says of tables that stand and of detail that was left out, in lines; none when there is neither."""
    lines = []
    if standing := len(about.get("standing", [])):
        lines.append(
            f"{standing} tables stand as they were let out: a few persons have changed, and the change would tell of them."
        )
    if left_out := sorted({(one[0] or "every indicator", one[1], one[2]) for one in about.get("left_out", [])}):
        lines.append(f"{len(left_out)} breakdowns left out, since a hidden figure could be worked out from them:")
        lines += [f"  {indicator}  {year}  {breakdown}" for indicator, year, breakdown in left_out]
    return lines


def comments_for(store: Mapping[str, pd.DataFrame], audience: Audience | None) -> pd.DataFrame | None:
    """Answers in people's own words that an audience may read; none when there are none, or none that anybody has read."""
    if audience is None or not {"comments", "comment_reviews"} <= set(store):
        return None
    return publishable_comments(store["comments"], store["comment_reviews"], audience, says_who, fingerprint)


def newest_full_year(figures: pd.DataFrame) -> str:
    """The newest school year with at least half as many school figures as the fullest."""
    rows = figures[figures["level"].eq("school") & figures["breakdown"].eq("all") & figures["estimate"].notna()]
    counts = (rows if len(rows) else figures)["school_year"].value_counts()
    return str(counts[counts.ge(AS_FULL * counts.max())].index.max())


def units_of(store: Mapping[str, pd.DataFrame], figures: pd.DataFrame, municipality: Municipality) -> pd.DataFrame:
    """Names and facts of every unit that has figures: columns of a release's ``units.csv``."""
    with_figures = figures[["level", "unit"]].drop_duplicates()
    known = pd.concat(
        [_registered(store), _own_names(municipality), _group_titles(store), _published_names(store)], ignore_index=True
    )
    known = known.drop_duplicates(["level", "unit"])
    units = with_figures.merge(known, on=["level", "unit"], how="left")
    units["name"] = units["name"].fillna(units["unit"])
    return units.sort_values(["level", "name", "unit"]).fillna("")


def _registered(store: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    if "schools" not in store:
        return pd.DataFrame(columns=["level", "unit", "name", "municipality", "owner_type", "year_groups"])
    newest = store["schools"].sort_values("valid_from", na_position="first").drop_duplicates("school", keep="last")
    earlier = _earlier_year_groups(store["schools"], newest)
    newest = newest.assign(year_groups=newest["year_groups"].where(newest["year_groups"].notna(), earlier))
    return newest.rename(columns={"school": "unit"}).assign(level="school")[
        ["level", "unit", "name", "municipality", "owner_type", "year_groups"]
    ]


def _earlier_year_groups(schools: pd.DataFrame, newest: pd.DataFrame) -> pd.Series:
    stated = schools.dropna(subset="year_groups").drop_duplicates("school", keep="last").set_index("school")["year_groups"]
    return newest["school"].map(stated).astype("str")


def _published_names(store: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    if "published_values" not in store:
        return pd.DataFrame(columns=["level", "unit", "name"])
    named = store["published_values"].dropna(subset="unit_name").sort_values("school_year")
    return named.drop_duplicates(["level", "unit"], keep="last").rename(columns={"unit_name": "name"})[["level", "unit", "name"]]


def _group_titles(store: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    if "reference_groups" not in store:
        return pd.DataFrame(columns=["level", "unit", "name"])
    groups = store["reference_groups"].drop_duplicates("group").rename(columns={"group": "unit", "title": "name"})
    return groups.assign(level="group")[["level", "unit", "name"]]


def _own_names(municipality: Municipality) -> pd.DataFrame:
    rows = [("municipality", municipality.code, municipality.name, municipality.code)]
    rows += [("group", group, one.title, "") for group, one in municipality.groups.items()]
    return pd.DataFrame(rows, columns=["level", "unit", "name", "municipality"])


def facts_of(store: Store, school_year: str, made_on: date) -> dict[str, Any]:
    """What ``release.json`` says of where the figures come from; no rows, no cell values."""
    deliveries = store.deliveries()
    valid = deliveries[deliveries["rows_left"].gt(0)]
    published = valid["table_name"].eq("published_values")
    families = valid.assign(family=valid["fingerprint"].map(store.agencies()).where(published, "local"))
    return {
        "school_year": school_year,
        "made": f"{made_on:%Y-%m-%d}",
        "version": version("kvalitet"),
        "deliveries": families[["fingerprint", "source", "family", "table_name", "rows", "loaded_at"]].to_dict("records"),
    }
