"""Charts of gaps, funnels and risks: stamped in every language, naming no pupil, and refused where there is no answer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from kvalitet_lib.analyses.early_warning import early_warning
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.analyses.funnel import funnel
from kvalitet_lib.analyses.group_gap import group_gap
from kvalitet_lib.errors import ContractError
from kvalitet_lib.explore import early_warning_charts, funnel_charts, group_gap_charts
from kvalitet_lib.explore.stamp import Stamped
from kvalitet_lib.texts import LANGUAGES, Texts

CHARTS: dict[str, tuple[Callable[..., Stamped], ...]] = {
    "gap": (group_gap_charts.over_years, group_gap_charts.parts, group_gap_charts.segregation, group_gap_charts.gradients),
    "funnel": (funnel_charts.funnel_chart,),
    "warning": (early_warning_charts.calibration_chart, early_warning_charts.decision_chart, early_warning_charts.errors_chart),
}


@pytest.fixture(scope="module")
def findings() -> dict[str, Finding]:
    rng = np.random.default_rng(1)
    n = 600
    prior = rng.normal(size=n)
    rows = pd.DataFrame(
        {
            "pupil": [f"canary-{one}" for one in range(n)],
            "school": [f"s{one:02}" for one in np.arange(n) % 12],
            "school_year": rng.choice(["2023-24", "2024-25"], n),
            "arrived": rng.choice(["yes", "no"], n),
            "education": rng.integers(-1, 2, n),
            "prior": prior,
            "points": prior + rng.normal(size=n),
            "failed": rng.random(n) < 1 / (1 + np.exp(1 + 1.5 * prior)),
        }
    )
    gap = group_gap(
        rows, "points", "arrived", of=("no", "yes"), explained_by=["prior"], school="school", school_year="school_year",
        gradient="education", draws=60,
    )  # fmt: skip
    warning = early_warning(rows, "failed", ["prior"], school="school", groups=("arrived",), pupil="pupil")
    return {"gap": gap, "funnel": funnel(rows, numerator="failed"), "warning": warning}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", CHARTS)
def test_every_chart_is_stamped_and_says_what_it_shows_in_the_readers_language(kind: str, language: str, findings):
    for chart in CHARTS[kind]:
        drawn = chart(findings[kind], language=language)
        assert drawn.text == Texts(language).say("dashboard.internal_stamp")
        words = " ".join(one.get_text() for one in drawn.figure.findobj(match=Text))
        assert "canary" not in words + drawn.alt
        assert len(drawn.png()) > 10_000


@pytest.mark.parametrize("kind", CHARTS)
def test_where_there_is_no_answer_nothing_is_drawn_and_the_reason_is_named(kind: str):
    nothing = Finding.nothing("group_gap", "points", "too_few_rows")
    for chart in CHARTS[kind]:
        with pytest.raises(ContractError, match="too_few_rows"):
            chart(nothing)


def test_schools_outside_a_funnel_are_named_and_those_inside_are_not():
    rows = pd.DataFrame({"school": [f"s{one:02}" for one in range(20)], "n": 80, "reached": [*[66, 68, 70] * 6, 68, 20]})
    drawn = funnel_charts.funnel_chart(funnel(rows, numerator="reached", denominator="n"), {"s19": "Ekskolan", "s05": "Alskolan"})
    (axes,) = drawn.figure.axes
    assert [one.get_text() for one in axes.texts] == ["Ekskolan"]
