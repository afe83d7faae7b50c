"""Norway: given these answers to Elevundersøkelsen, these indices and this share bullied."""

import pandas as pd
import pytest

from kvalitet_lib.contracts import SurveyAnswers, column_types
from kvalitet_lib.indicators.no_wellbeing import INDICATORS, ITEMS_OF_INDEX
from tests.whiteboard import table

INDICATOR = {one.id: one for one in INDICATORS}


def answers(drawing: str) -> pd.DataFrame:
    """Answers at one school; where the drawing is silent: pupils of year 7."""
    drawn = table(drawing).assign(school="912345678", school_year="2023-24", steps=5)
    usual = {"year_group": 7, "respondents": "pupil"}
    drawn = drawn.assign(**{column: value for column, value in usual.items() if column not in drawn})
    return drawn.reindex(columns=list(column_types(SurveyAnswers))).astype(column_types(SurveyAnswers))


def by_sheet(indicator: str, rows: pd.DataFrame) -> dict[str, float | None]:
    found = INDICATOR[indicator].count(rows)
    return {sheet: None if pd.isna(one) else one for sheet, one in zip(found["respondent"], found["numerator"], strict=True)}


def test_an_index_is_each_pupils_mean_of_the_questions_answered():
    rows = answers("""
        respondent | item                | answer
        p          | hjemme_interesse    | 5
        p          | hjemme_hjelp_lekser | 4
        p          | hjemme_oppmuntring  | -
        q          | hjemme_interesse    | 1
        q          | hjemme_hjelp_lekser | 2
        q          | hjemme_oppmuntring  | 3
        """)
    assert by_sheet("elevundersokelsen_stotte_hjemmefra", rows) == {"p": 4.5, "q": 2.0}


@pytest.mark.parametrize(
    ("indicator", "question"),
    [
        ("elevundersokelsen_trivsel", "trives_pa_skolen"),
        ("elevundersokelsen_stotte_fra_larer", "larerne_bryr_seg"),
        ("elevundersokelsen_stotte_hjemmefra", "hjemme_interesse"),
        ("elevundersokelsen_faglig_utfordring", "nok_utfordringer"),
        ("elevundersokelsen_vurdering_for_laering", "forklarer_mal"),
        ("elevundersokelsen_laeringskultur", "arbeidsro"),
        ("elevundersokelsen_mestring", "forstar_gjennomgang"),
        ("elevundersokelsen_motivasjon", "liker_skolearbeidet"),
        ("elevundersokelsen_elevdemokrati", "lage_regler"),
        ("elevundersokelsen_felles_regler", "kjenner_reglene"),
    ],
)
def test_an_index_takes_its_own_column_or_its_own_questions_and_no_others(indicator, question):
    own = indicator.removeprefix("elevundersokelsen_")
    rows = answers(f"respondent | item | answer\np | {own} | 3\nq | {question} | 4\nr | mobbing | 5")
    assert by_sheet(indicator, rows) == {"p": 3.0, "q": 4.0}


def test_a_pupil_without_an_answer_is_missing():
    rows = answers("respondent | item | answer\np | motivasjon | 4\nq | motivasjon | -")
    assert by_sheet("elevundersokelsen_motivasjon", rows) == {"p": 4.0, "q": None}


def test_a_column_named_as_the_index_is_the_index_and_goes_before_its_questions():
    rows = answers("""
        respondent | item                  | answer
        p          | motivasjon            | 5
        p          | liker_skolearbeidet   | 1
        q          | motivasjon            | -
        q          | liker_skolearbeidet   | 2
        """)
    assert by_sheet("elevundersokelsen_motivasjon", rows) == {"p": 5.0, "q": 2.0}


def test_answers_of_guardians_and_staff_are_not_pupils_answers():
    rows = answers("respondent | item | answer | respondents\np | trivsel | 2 | pupil\ng | trivsel | 5 | guardian")
    assert by_sheet("elevundersokelsen_trivsel", rows) == {"p": 2.0}


def test_bullied_begins_at_two_or_three_times_a_month():
    rows = answers("""
        respondent | item    | answer
        never      | mobbing | 1
        rarely     | mobbing | 2
        monthly    | mobbing | 3
        often      | mobbing | 5
        silent     | mobbing | -
        """)
    assert by_sheet("mobbing_pa_skolen", rows) == {"monthly": 1.0, "never": 0.0, "often": 1.0, "rarely": 0.0, "silent": None}


def test_a_pupil_bullied_in_two_ways_is_counted_once_and_one_way_is_enough():
    rows = answers("""
        respondent | item             | answer
        p          | mobbet_av_elever | 4
        p          | mobbet_av_voksne | 3
        p          | mobbet_digitalt  | 1
        q          | mobbet_av_elever | 2
        q          | mobbet_av_voksne | 2
        q          | mobbet_digitalt  | 2
        r          | mobbet_av_elever | -
        r          | mobbet_digitalt  | 3
        """)
    assert by_sheet("mobbing_pa_skolen", rows) == {"p": 1.0, "q": 0.0, "r": 1.0}


def test_sex_and_year_group_follow_the_answer_sheet():
    rows = answers("respondent | item | answer | sex | year_group\np | mobbing | 3 | girl | 7\nq | mobbing | 1 | | 10")
    found = INDICATOR["mobbing_pa_skolen"].count(rows).set_index("respondent")
    assert found.loc["p", "sex"] == "girl"
    assert pd.isna(found.loc["q", "sex"])
    assert found["year_group"].tolist() == [7, 10]


def test_no_question_belongs_to_two_indices():
    questions = [question for questions in ITEMS_OF_INDEX.values() for question in questions]
    assert len(questions) == len(set(questions))
    assert {name: len(questions) for name, questions in ITEMS_OF_INDEX.items()} == {
        "trivsel": 1, "stotte_fra_larer": 5, "stotte_hjemmefra": 3, "faglig_utfordring": 1, "vurdering_for_laering": 8,
        "laeringskultur": 3, "mestring": 3, "motivasjon": 3, "elevdemokrati": 4, "felles_regler": 3,
    }  # fmt: skip


@pytest.mark.parametrize("one", INDICATORS, ids=lambda one: one.id)
def test_every_survey_figure_is_under_the_strict_rule(one):
    assert one.survey


def test_less_bullying_is_better_and_the_questions_are_new_from_autumn_2016():
    assert INDICATOR["mobbing_pa_skolen"].better.value == "lower"
    assert "2016-17" in INDICATOR["mobbing_pa_skolen"].breaks
