"""Where nothing differs, few schools are told that anything does."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.compare import compare
from kvalitet_lib.measure.measurement import in_long_form
from kvalitet_lib.statistics import student_t, wilson
from tests.spec.compare_sheets import EKKOPING, declared

FAMILIES, TESTS = 1500, 12


def families_without_difference(shares_of: int | None = None, means_of: int | None = None) -> pd.DataFrame:
    """Schools whose pupils are drawn from the nation's own distribution; every above or below is false."""
    rng = np.random.default_rng(shares_of or means_of)
    cells = FAMILIES * TESTS
    if shares_of:
        n = np.full(cells, shares_of)
        estimate = rng.binomial(n, 0.8) / n
        bounds, truth, method = wilson(estimate * n, n), 0.8, "wilson"
    else:
        n = np.full(cells, means_of)
        points = rng.normal(220, 60, size=(cells, int(n[0])))
        estimate, bounds, truth, method = (
            points.mean(axis=1),
            student_t(points.mean(axis=1), points.std(axis=1, ddof=1), n),
            220.0,
            "t",
        )
    ids = [f"indicator_{number}" for number in range(TESTS)]
    schools = pd.DataFrame({"indicator": np.tile(ids, FAMILIES), "unit": np.repeat(np.arange(FAMILIES).astype(str), TESTS)})
    schools = schools.assign(level="school", estimate=estimate, lower=bounds[0], upper=bounds[1], n=n, method=method)
    nation = pd.DataFrame({"indicator": ids, "unit": "SE", "level": "nation", "estimate": truth, "method": "published"})
    return in_long_form(pd.concat([schools, nation]).assign(school_year="2023-24", breakdown="all", group="all", status="exists"))


@pytest.mark.parametrize("facts", [{"means_of": 4}, {"means_of": 25}, {"shares_of": 30}, {"shares_of": 100}], ids=str)
def test_where_nothing_differs_at_most_one_school_in_twenty_is_told_that_anything_does(facts: dict[str, int]):
    indicators = {f"indicator_{number}": declared(f"indicator_{number}") for number in range(TESTS)}
    differences = compare(families_without_difference(**facts), EKKOPING, indicators).to_frame().query("reference == 'nation'")
    told = differences.verdict.isin(["above", "below"]).groupby(differences.unit).any()
    assert told.mean() <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / FAMILIES)
