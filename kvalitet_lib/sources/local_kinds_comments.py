"""Deliveries of answers in people's own words, and the form in which a person has said which of them may be shown."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from kvalitet_lib.sources import local_kinds_no, local_kinds_se
from kvalitet_lib.sources.cells import Typed, typed, yes_or_no
from kvalitet_lib.sources.free_text import found_in, who_can_be_reached
from kvalitet_lib.sources.local_columns import Broken, Field, LocalKind
from kvalitet_lib.sources.local_rules import in_words
from kvalitet_lib.sources.local_shapes import column_or
from kvalitet_lib.spreadsheets import cell_as_it_was


def comments(rows: pd.DataFrame) -> pd.DataFrame:
    """Those who wrote something, each with what a scan found in it."""
    said = rows[rows["text"].notna()]
    return said.assign(found=found_in(said["text"]), respondents=column_or(said, "respondents").fillna("pupil"))


def judged(rows: pd.DataFrame) -> pd.DataFrame:
    """Those a person has marked yes or no; the others wait."""
    return rows[rows["fit"].notna()]


def none_judged(rows: pd.DataFrame) -> list[Broken]:
    if rows["fit"].notna().any():
        return []
    return [("fit", "no row is marked yes or no", "NO_ROWS", [])]


def as_written(column: pd.Series) -> Typed:
    """Texts from one of our own forms, as they were before a spreadsheet was kept from taking them for formulas."""
    return typed(column, cell_as_it_was)


def comments_kind(
    name: str, respondent: Field, about: tuple[Field, ...], respondents: Field, question: tuple[str, ...]
) -> LocalKind:
    fields = (
        replace(respondent, own=False),
        *about,
        respondents,
        Field("question", question, required=True, own=True),
        Field("text", ("kommentar", "fritextsvar", "fritekstsvar", "comment"), required=True, own=True),
    )
    return LocalKind(name, "comments", fields, shape=comments, checks=(who_can_be_reached,))


def review_kind(
    name: str, respondent: Field, about: tuple[Field, ...], question: tuple[str, ...], headers: dict[str, str]
) -> LocalKind:
    fields = (
        replace(respondent, own=False),
        *about,
        Field("question", question, as_written, required=True),
        Field("found", (headers["found"],)),
        Field("text", ("kommentar", "comment"), as_written, required=True),
        Field("fit", (headers["fit"], "fit"), yes_or_no, required=True, own=True, rule="not yes or no"),
        Field("reviewer", (headers["reviewer"], "reviewer")),
        Field("comment", (headers["comment"], "fingerprint"), required=True, own=True),
    )
    return LocalKind(name, "comment_reviews", fields, shape=judged, checks=(who_can_be_reached, none_judged))


SE_ABOUT = (local_kinds_se.SCHOOL, local_kinds_se.SCHOOL_NAME, local_kinds_se.SCHOOL_YEAR)
NO_ABOUT = (local_kinds_no.SCHOOL, local_kinds_no.SCHOOL_NAME, local_kinds_no.SCHOOL_YEAR)
SE_RESPONDENTS = Field("respondents", ("svarsgrupp", "respondents"), in_words(local_kinds_se.RESPONDENTS),
                       rule="not elev, vårdnadshavare or personal")  # fmt: skip
NO_RESPONDENTS = Field("respondents", ("svargruppe", "respondents"), in_words(local_kinds_no.RESPONDENTS),
                       rule="not elev, foresatt or ansatt")  # fmt: skip
SE_SHEET, NO_SHEET = local_kinds_se.SURVEY.field_named("respondent"), local_kinds_no.SURVEY.field_named("respondent")
SE_QUESTION, NO_QUESTION = ("fråga", "question"), ("spørsmål", "question")

SE_COMMENTS = comments_kind("se_comments", SE_SHEET, SE_ABOUT, SE_RESPONDENTS, SE_QUESTION)
NO_COMMENTS = comments_kind("no_comments", NO_SHEET, NO_ABOUT, NO_RESPONDENTS, NO_QUESTION)
SE_REVIEW = review_kind(
    "se_review", SE_SHEET, SE_ABOUT, SE_QUESTION,
    {"found": "funnet", "fit": "får_visas", "reviewer": "granskad_av", "comment": "avtryck"},
)  # fmt: skip
NO_REVIEW = review_kind(
    "no_review", NO_SHEET, NO_ABOUT, NO_QUESTION,
    {"found": "funnet", "fit": "kan_vises", "reviewer": "lest_av", "comment": "avtrykk"},
)  # fmt: skip
REVIEWS = {"se": SE_REVIEW, "no": NO_REVIEW}
COMMENT_KINDS = (SE_COMMENTS, NO_COMMENTS, SE_REVIEW, NO_REVIEW)
