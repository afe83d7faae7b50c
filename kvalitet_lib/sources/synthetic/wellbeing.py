"""What pupils answer in the yearly survey, and who does not answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kvalitet_lib.sources.synthetic.places import Plan
from kvalitet_lib.sources.synthetic.planting import Effect, Score, plant
from kvalitet_lib.sources.synthetic.population import stream
from kvalitet_lib.sources.synthetic.sizes import SIZES

Outcome = Callable[[np.ndarray], np.ndarray]
YEAR_GROUPS = {"se": (5, 8), "no": (7, 10)}
ITEMS: dict[str, dict[str, float]] = {  # header → where the mean respondent stands on the hidden scale
    "se": {"trygghet": 1.15, "studiero": 0.1, "stöd": 0.6, "stimulans": 0.35, "nöjdhet": 0.65},
    "no": {
        "trivsel": 0.75,
        "mobbing": -0.65,
        "motivasjon": -0.15,
        "støtte_fra_lærer": 0.5,
        "støtte_hjemmefra": 0.75,
        "faglig_utfordring": 0.65,
        "vurdering_for_læring": 0.05,
        "læringskultur": 0.25,
        "mestring": 0.4,
        "elevdemokrati": -0.05,
        "felles_regler": 0.45,
    },
}
CUTS = {"se": np.array([-1.4, -0.5, 0.7]), "no": np.array([-1.8, -1.0, -0.1, 1.0])}
NEVER_TO_OFTEN = np.array([0.15, 0.95, 1.3, 1.6])
COMMON, OWN, SCHOOL = 0.6, 0.75, 0.10
DO_NOT_KNOW = 0.03


@dataclass(frozen=True)
class Wellbeing:
    """Answers: ``rows`` are respondents (n) with ``school``; ``answers`` (n, items) is 1-4 or 1-5, NaN for don't know."""

    rows: pd.DataFrame
    answers: pd.DataFrame
    realised: Mapping[str, float]


def wellbeing(plan: Plan, population: pd.DataFrame, seed: int) -> Wellbeing:
    """Survey answers of the year groups asked, less well answered at some schools than at others."""
    rng = stream(seed, plan.country, "wellbeing")
    asked = population[population.year_group.isin(YEAR_GROUPS[plan.country])]
    asked = asked.assign(school=asked.spring if plan.country == "se" else asked.autumn)
    codes = [place.code for place in plan.places]
    turnout = pd.Series(rng.uniform(0.74, 0.95, len(codes)), index=codes)
    rows = asked[rng.random(len(asked)) < asked.school.map(turnout)].sample(frac=1, random_state=rng).reset_index(drop=True)
    items = list(ITEMS[plan.country])
    hidden = _moods(plan, rows, items, codes, rng)

    def steps(values: np.ndarray) -> np.ndarray:
        columns = [np.searchsorted(_cuts(plan, item), values[:, place]) + 1 for place, item in enumerate(items)]
        return np.column_stack(columns).astype(float)

    there = rows.school.isin(plan.roles["unsafe"]).to_numpy(float)
    realised: dict[str, float] = {}
    for item, (name, size, outcome) in _outcomes(plan).items():
        place = items.index(item)
        planted = plant(
            hidden[:, [place]], [Effect(name, size, there, np.ones(1))], _score(_cuts(plan, item), outcome), per_unit=0.4
        )
        hidden[:, place] = planted.hidden[:, 0]
        realised |= planted.realised
    answers = np.where(rng.random(hidden.shape) < DO_NOT_KNOW, np.nan, steps(hidden))
    return Wellbeing(rows, pd.DataFrame(answers, columns=items), realised)


def _cuts(plan: Plan, item: str) -> np.ndarray:
    return NEVER_TO_OFTEN if item == "mobbing" else CUTS[plan.country]


def _moods(plan: Plan, rows: pd.DataFrame, items: list[str], codes: list[str], rng: np.random.Generator) -> np.ndarray:
    calm = np.where(np.isin(codes, plan.roles["unsafe"]), 0, rng.normal(0, SCHOOL, len(codes)))
    of_school = rows.school.map(pd.Series(calm, index=codes)).to_numpy()
    older = (rows.year_group == max(YEAR_GROUPS[plan.country])).to_numpy()
    person = COMMON * rng.normal(size=len(rows)) + of_school - 0.35 * older - 0.15 * older * rows.girl.to_numpy()
    likes = np.where([item == "mobbing" for item in items], -0.6, 1.0)
    return np.array(list(ITEMS[plan.country].values())) + np.outer(person, likes) + OWN * rng.normal(size=(len(rows), len(items)))


def _outcomes(plan: Plan) -> dict[str, tuple[str, float, Outcome]]:
    """Statement → name and size of the effect planted in it, and how its answers become the indicator's value."""
    sizes = SIZES[plan.country]
    if plan.country == "se":
        return {"trygghet": ("unsafe_school", sizes.unsafe, lambda answers: (answers - 1) * 10 / 3)}
    return {
        "trivsel": ("unsafe_school", sizes.unsafe, lambda answers: answers.astype(float)),
        "mobbing": ("bullied_more", sizes.bullied, lambda answers: (answers >= 3).astype(float)),
    }


def _score(cuts: np.ndarray, outcome: Outcome) -> Score:
    return lambda hidden, which: outcome(np.searchsorted(cuts, hidden[:, 0]) + 1)
