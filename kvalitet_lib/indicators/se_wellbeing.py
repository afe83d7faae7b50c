"""Sweden: what pupils answer in Skolenkäten."""

from __future__ import annotations

import pandas as pd

from kvalitet_lib.indicators.indicator import Better, Indicator, Kind

HIGHEST = 10


def _index(id: str, item: str) -> Indicator:
    def count(survey_answers: pd.DataFrame) -> pd.DataFrame:
        answers = survey_answers[survey_answers["respondents"].eq("pupil") & survey_answers["item"].eq(item)]
        steps_up = answers["answer"].astype("Float64").astype("float64") - 1
        steps = answers["steps"].astype("float64") - 1
        return answers.assign(numerator=HIGHEST * steps_up / steps, denominator=1.0)

    return Indicator(
        id=id,
        count=count,
        rule=(
            f"Mean of the pupils' answers on {item}: 10, 6.67, 3.33 and 0 for the four steps from the most favourable down "
            "(10, 7.5, 5, 2.5 and 0 for five); don't know and no answer are missing."
        ),
        country="se",
        area="wellbeing",
        kind=Kind.MEAN,
        unit="index10",
        better=Better.HIGHER,
        needs=("survey_answers",),
        scale=(0, HIGHEST),
        breakdowns=("sex", "year_group"),
        breaks={"2021-22": "new_questions"},
        sensitive=True,
        survey=True,
        source="Skolinspektionen, Skolenkäten; egen kontroll: vikterna är inte dokumenterade men stämmer med publicerade index",
    )


INDICATORS: tuple[Indicator, ...] = (
    _index("skolenkaten_trygghet", "trygghet"),
    _index("skolenkaten_studiero", "studiero"),
    _index("skolenkaten_stod", "stod"),
    _index("skolenkaten_stimulans", "stimulans"),
    _index("skolenkaten_nojdhet", "nojdhet"),
)
