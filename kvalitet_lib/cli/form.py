"""``kvalitet form``: forms that a person fills in and loads again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from kvalitet_lib.cli.home import Home
from kvalitet_lib.cli.options import HomeOption
from kvalitet_lib.clock import today
from kvalitet_lib.errors import ContractError
from kvalitet_lib.municipality import Municipality
from kvalitet_lib.sources.free_text import fingerprint
from kvalitet_lib.sources.local_kinds_comments import REVIEWS
from kvalitet_lib.spreadsheets import write_csv
from kvalitet_lib.store import Store
from kvalitet_lib.store_file import for_owner_only
from kvalitet_lib.texts import Texts

FORMS = ("comments",)
ANSWER = ["respondent", "school_year", "question", "comment"]


def form(
    name: Annotated[str, typer.Argument(help="comments: answers in people's own words, to be read before they are shown.")],
    home: HomeOption = None,
) -> None:
    """Write a form of what waits for a person, into the private folder. Fill it in, then:  kvalitet load FORM"""
    if name not in FORMS:
        raise ContractError(f"There is no form {name!r}; there are: {', '.join(FORMS)}.")
    where = Home.find(home)
    municipality = where.municipality()
    waiting = to_be_read(Store(where.private))
    if waiting.empty:
        print("No answer waits to be read.")
        return
    path = where.private / "forms" / f"comments-{today():%Y-%m-%d}.csv"
    with for_owner_only():
        path.parent.mkdir(parents=True, exist_ok=True)
        write(waiting, municipality, path)
    marked = int(waiting["found"].notna().sum())
    header = REVIEWS[municipality.country].field_named("fit").headers[0]
    print(
        f"{len(waiting)} answers wait to be read; a scan found something in {marked} of them, and a scan does not find all.\n"
        f"{path}\nRead each. Take out what says who somebody is, write ja or nej under {header!r}, then:  kvalitet load {path}"
    )


def to_be_read(store: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Answers nobody has judged as they stand now: the table's columns, and ``comment``, their fingerprint."""
    if "comments" not in store:
        return pd.DataFrame()
    comments = store["comments"].assign(comment=lambda rows: rows["text"].map(fingerprint))
    if "comment_reviews" not in store:
        return comments
    read = comments.merge(store["comment_reviews"][ANSWER], on=ANSWER, how="left", indicator="judged")
    return read[read["judged"].eq("left_only")].drop(columns="judged")


def write(waiting: pd.DataFrame, municipality: Municipality, path: Path) -> None:
    """The form, with the headers by which its kind of delivery is known again."""
    kind, texts = REVIEWS[municipality.country], Texts(municipality.languages[0])
    told = waiting.assign(
        found=[_in_words(found, texts) for found in waiting["found"]],
        fit="",
        reviewer="",
    ).sort_values(["school", "school_year", "question", "comment"])
    headers = {one.column: one.headers[0] for one in kind.fields if one.column in told}
    write_csv(told[list(headers)].rename(columns=headers), path, separator=";", encoding="utf-8-sig")


def _in_words(found: object, texts: Texts) -> str:
    return ", ".join(texts.say(f"comments.found.{one}") for one in found.split(", ")) if isinstance(found, str) else ""
