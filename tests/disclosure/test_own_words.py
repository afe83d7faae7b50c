"""An answer in somebody's own words is shown only when a person has marked those words fit, and never says whose it is."""

from __future__ import annotations

import pandas as pd
import pytest

from kvalitet_lib.disclosure.free_text import COMMENT_COLUMNS, comments_of, publishable_comments, write_comments
from kvalitet_lib.municipality import Audience
from kvalitet_lib.sources.free_text import fingerprint
from kvalitet_lib.sources.local_identity import says_who

READERS = Audience(smallest_group=10, smallest_survey_group=5, smallest_count=5, free_text=True, source="a test")
GOOD, BAD = "90000001", "90000002"


def answers(school: str, count: int, **changes: object) -> pd.DataFrame:
    rows = {
        "respondent": [f"p_{school}_{place:02d}" for place in range(count)],
        "school": school,
        "school_year": "2024-25",
        "respondents": "pupil",
        "question": "Vad är bra?",
        "text": [f"Svar {place:02d}" for place in range(count)],
        "found": None,
    }
    return pd.DataFrame(rows | changes)


def judged(comments: pd.DataFrame, fit: bool = True) -> pd.DataFrame:
    rows = comments[["respondent", "school", "school_year", "question", "text"]]
    marked = rows.assign(comment=rows["text"].map(fingerprint), fit=fit, reviewer=None)
    return marked.astype({"fit": "boolean"})


def shown(comments: pd.DataFrame, reviews: pd.DataFrame, audience: Audience = READERS) -> pd.DataFrame:
    return publishable_comments(comments, reviews, audience, says_who, fingerprint)


def test_answers_marked_fit_are_shown_without_anything_that_says_whose_they_are():
    comments = answers(GOOD, 5)
    made = shown(comments, judged(comments))
    assert sorted(made["text"]) == sorted(comments["text"])
    assert list(made) == ["unit", *COMMENT_COLUMNS]


def test_answers_nobody_has_read_and_answers_marked_unfit_are_not_shown():
    comments = answers(GOOD, 6)
    reviews = pd.concat([judged(comments.iloc[:2]), judged(comments.iloc[2:4], fit=False)])
    assert sorted(shown(comments, reviews)["text"]) == ["Svar 00", "Svar 01"]


def test_words_that_have_changed_since_they_were_read_are_not_shown():
    comments = answers(GOOD, 5)
    reviews = judged(comments)
    comments.loc[0, "text"] = "Något annat"
    assert len(shown(comments, reviews)) == 4


def test_the_words_shown_are_those_the_reader_has_left():
    comments = answers(GOOD, 5)
    reviews = judged(comments)
    reviews.loc[0, "text"] = "Svar […]"
    assert "Svar […]" in set(shown(comments, reviews)["text"])
    assert "Svar 00" not in set(shown(comments, reviews)["text"])


@pytest.mark.parametrize("text", ["Ring 070-174 06 05", "a.b@exempel.se", "20121212-1212", "Tlf 900 12 345"])
def test_what_says_how_to_reach_somebody_is_not_shown_whoever_has_marked_it(text):
    comments = answers(GOOD, 5, text=[text, "a", "b", "c", "d"])
    assert text not in set(shown(comments, judged(comments))["text"])


def test_fewer_persons_than_the_smallest_survey_group_are_not_shown_however_much_they_write():
    few = answers(BAD, 4)
    more = few.assign(question="Vad är dåligt?")
    one_writes_much = pd.concat([few, more])
    assert shown(one_writes_much, judged(one_writes_much)).empty
    enough = answers(BAD, 5)
    assert len(shown(enough, judged(enough))) == 5


def test_persons_are_counted_at_one_school_in_one_year_for_one_question_and_one_kind_of_respondent():
    for column, other in {"school": GOOD, "school_year": "2023-24", "question": "Annat?", "respondents": "guardian"}.items():
        comments = answers(BAD, 6)
        comments.loc[:2, column] = other
        assert shown(comments, judged(comments)).empty, column


def test_an_audience_that_is_not_said_to_read_free_text_reads_none():
    comments = answers(GOOD, 5)
    assert shown(comments, judged(comments), READERS.model_copy(update={"free_text": False})).empty
    assert Audience(smallest_group=10, smallest_survey_group=5, smallest_count=5, source="a test").free_text is False


def test_the_order_does_not_follow_the_answer_sheets():
    comments = answers(GOOD, 40)
    order = list(shown(comments, judged(comments))["text"])
    assert order not in (sorted(order), sorted(order, reverse=True))
    mixed = comments.sample(frac=1, random_state=7)
    assert list(shown(mixed, judged(mixed))["text"]) == order


def test_a_school_reads_its_own_answers_and_no_others(tmp_path):
    comments = pd.concat([answers(GOOD, 5), answers(BAD, 5, text=list("abcde"))], ignore_index=True)
    write_comments(tmp_path, shown(comments, judged(comments)))
    assert sorted(comments_of(tmp_path, BAD)["text"]) == list("abcde")
    assert comments_of(tmp_path, "90000009").empty
    assert sorted(path.name for path in tmp_path.rglob("*.csv")) == [f"{GOOD}.csv", f"{BAD}.csv"]


def test_every_word_comes_back_from_the_release_as_it_was(tmp_path):
    words = ['"citat"; tecken, och\nny rad', "=1+1", "<b>fet</b>", "NA", "null"]
    comments = answers(GOOD, 5, text=words)
    write_comments(tmp_path, shown(comments, judged(comments)))
    assert sorted(comments_of(tmp_path, GOOD)["text"]) == sorted(words)
