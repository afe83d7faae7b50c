"""Tables of answers in people's own words, and of who has read them."""

from __future__ import annotations

import pandas as pd

from kvalitet_lib.contracts.contract import Contract, column, school_code, school_year

LONGEST = 2000


class Comments(Contract):
    """One row is one respondent's answer in their own words to one question."""

    respondent: str = column("keyed pseudonym of the answer sheet", "empty", personal=True)
    school: str = school_code()
    school_year: str = school_year()
    respondents: str = column("who answered", "not pupil, guardian or staff", isin=("pupil", "guardian", "staff"))
    question: str = column("the question as asked", "empty", str_length={"min_value": 1, "max_value": 300})
    text: str = column("the answer", f"longer than {LONGEST} letters", str_length={"min_value": 1, "max_value": LONGEST})
    found: str = column(
        "what a scan found for the person who reads it: name, class, address, link, number", "empty", nullable=True
    )

    _key = ("respondent", "school_year", "question")
    _scope = _key

    class Config(Contract.Config):
        name = "comments"


class CommentReviews(Contract):
    """One row is a person's judgement whether one answer may be shown, and in which words."""

    respondent: str = column("keyed pseudonym of the answer sheet", "empty", personal=True)
    school: str = school_code()
    school_year: str = school_year()
    question: str = column("the question as asked", "empty", str_length={"min_value": 1, "max_value": 300})
    comment: str = column("fingerprint of the answer that was read", "not a fingerprint", str_matches=r"^t_[0-9a-f]{16}$")
    text: str = column(
        "the words that may be shown",
        f"empty, or longer than {LONGEST} letters",
        str_length={"min_value": 1, "max_value": LONGEST},
    )
    fit: pd.BooleanDtype = column("whether they may be shown", "not yes or no")
    reviewer: str = column("who read it", "empty", nullable=True)

    _key = ("respondent", "school_year", "question")
    _scope = _key

    class Config(Contract.Config):
        name = "comment_reviews"
