"""Answers in people's own words: shown only when a person has marked them fit, and never so that one knows whose they are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from kvalitet_lib.municipality import Audience
from kvalitet_lib.spreadsheets import read_csv, write_csv

COMMENT_COLUMNS = ["school_year", "respondents", "question", "text"]
GROUP = ["school", "school_year", "respondents", "question"]
ANSWER = ["respondent", "school", "school_year", "question"]
FOLDER = Path("comments") / "school"


def publishable_comments(
    comments: pd.DataFrame,
    reviews: pd.DataFrame,
    audience: Audience,
    reachable: Callable[[str], bool],
    fingerprint: Callable[[str], str],
) -> pd.DataFrame:
    """The answers an audience may read, in an order that tells nothing.

    Parameters
    ----------
    comments, reviews : DataFrame
        The tables ``comments`` and ``comment_reviews``.
    audience : Audience
        Reads answers only when ``free_text`` is set; ``smallest_survey_group`` is the fewest persons, at one school, in one
        school year, who have answered the question in their own words.
    reachable : callable
        Whether a text holds an identity number, a telephone number or an e-mail address: such a text is never shown, whoever
        has marked it.
    fingerprint : callable
        The mark of a text; a judgement counts for the very words that were judged and for no later ones.

    Returns
    -------
    DataFrame
        ``unit, school_year, respondents, question, text``: the words the reader of the form has left. Neither the answer
        sheet, nor sex, nor year group.

    Notes
    -----
    For schools only. A municipality's answers would be those of its schools together: beside them, the answers of the one
    school with too few could be told by what is left over.
    """
    empty = pd.DataFrame(columns=["unit", *COMMENT_COLUMNS], dtype="str")
    if not audience.free_text or comments.empty or reviews.empty:
        return empty
    persons = comments.groupby(GROUP)["respondent"].transform("nunique")
    enough = comments[persons.ge(audience.smallest_survey_group)]
    as_delivered = enough[[*ANSWER, "respondents"]].assign(comment=enough["text"].map(fingerprint))
    fit = reviews[reviews["fit"].fillna(False) & ~reviews["text"].map(reachable).astype(bool)]
    shown = fit.merge(as_delivered, on=[*ANSWER, "comment"]).rename(columns={"school": "unit"})
    if shown.empty:
        return empty
    place = shown["text"].map(lambda text: hashlib.sha256(text.encode()).hexdigest())
    return (
        shown.assign(place=place)
        .sort_values(["unit", "school_year", "respondents", "question", "place"])
        .reset_index(drop=True)[["unit", *COMMENT_COLUMNS]]
    )


def write_comments(folder: Path, shown: pd.DataFrame) -> None:
    """Write each school's answers into a release's folder; no file for a school without any."""
    for unit, rows in shown.groupby("unit"):
        place = folder / FOLDER
        place.mkdir(parents=True, exist_ok=True)
        write_csv(rows[COMMENT_COLUMNS], place / f"{unit}.csv")


def comments_of(folder: Path, unit: str) -> pd.DataFrame:
    """One school's answers in a release: ``school_year, respondents, question, text``; none when it has none."""
    path = folder / FOLDER / f"{unit}.csv"
    if not path.is_file():
        return pd.DataFrame(columns=COMMENT_COLUMNS, dtype="str")
    return read_csv(path)[COMMENT_COLUMNS]
