"""Planted effects are found by synthetic comparisons, placebo intervals cover, and chance seldom looks like an effect."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from kvalitet_lib.statistics.placebos import Placebos, average, placebos
from kvalitet_lib.statistics.synthetic_control import Synthetic, synthetic

SIMULATIONS = 500


def panel(rng: np.random.Generator, units: int, times: int) -> np.ndarray:
    """Units of different levels with a share each in a common course, and errors that resemble their neighbours."""
    error = rng.normal(size=(units, times))
    for time in range(1, times):
        error[:, time] = 0.3 * error[:, time - 1] + np.sqrt(1 - 0.3**2) * error[:, time]
    course = np.outer(rng.normal(size=units), np.cumsum(rng.normal(size=times)))
    return rng.normal(0, 10, (units, 1)) + rng.normal(0, 2, times) + course + 3 * error


def judged(values: np.ndarray, treated: int, before: int, method: str, draws: int = 100) -> tuple[Synthetic, Placebos]:
    donors = len(values) - treated

    def estimate(kept: np.ndarray, standing: np.ndarray, early: int) -> Synthetic:
        return synthetic(np.vstack([values[kept], values[standing]]), len(standing), early, method)

    found = synthetic(values, treated, before, method)
    return found, placebos(donors, [(treated, before)], estimate, np.random.default_rng(1), draws)


@pytest.mark.parametrize(("method", "donors"), [("synthetic_did", 15), ("synthetic_control", 15), ("did", 9)])
def test_placebo_intervals_hold_the_truth_95_times_in_100_and_permutations_seldom_cry_wolf(method, donors):
    rng = np.random.default_rng(donors)
    held, cried = [], []
    for _ in range(SIMULATIONS):
        values = panel(rng, donors + 1, 9)
        values[-1, 6:] += 4.0
        found, chance = judged(values, 1, 6, method)
        reach = stats.t.ppf(0.975, donors - 1) * chance.standard_error
        held.append(abs(found.effect - 4.0) <= reach)
        cried.append(chance.p(found.effect - 4.0) <= 0.1)
    assert 0.93 <= np.mean(held) <= 0.97
    assert np.mean(cried) <= 0.1 + 2 * np.sqrt(0.1 * 0.9 / SIMULATIONS)


def test_an_effect_on_several_schools_is_found_without_bias_and_more_surely_than_on_one():
    rng = np.random.default_rng(4)
    errors: dict[int, list[float]] = {1: [], 5: []}
    for treated, found in errors.items():
        for _ in range(150):
            values = panel(rng, 15 + treated, 9)
            values[-treated:, 6:] += 4.0
            found.append(average([synthetic(values, treated, 6, "synthetic_did")], [treated])[0] - 4.0)
    assert np.mean(errors[5]) == pytest.approx(0, abs=0.3)
    assert np.std(errors[5]) < 0.7 * np.std(errors[1])


def test_schools_chosen_at_their_lowest_are_not_credited_with_going_back_to_the_usual():
    # Chosen by the last year before: a plain difference from that year would find an effect where there is none.
    rng = np.random.default_rng(5)
    naive, weighted = [], []
    for _ in range(200):
        values = rng.normal(0, 10, (20, 1)) + rng.normal(0, 3, (20, 9))
        lowest = (values[:, 5] - values[:, :5].mean(axis=1)).argmin()
        values = np.vstack([np.delete(values, lowest, axis=0), values[lowest]])
        change = values[:, 6:].mean(axis=1) - values[:, 5]
        naive.append(change[-1] - change[:-1].mean())
        weighted.append(synthetic(values, 1, 6, "synthetic_did").effect)
    assert np.mean(naive) > 4
    assert abs(np.mean(weighted)) < 0.4 * np.mean(naive)
