"""Group-time effects against the R package did, simple sums and regressions; what the usual regression is made of."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.dealt_out import dealt_out_p
from kvalitet_lib.statistics.staggered_adoption import group_time_effects
from kvalitet_lib.statistics.staggered_summaries import (
    SUMMARIES,
    before_test,
    cells,
    combine,
    estimates,
    simultaneous,
    without_each,
)
from kvalitet_lib.statistics.two_way_effects import few_cluster_tests, saturated_design, simple_comparisons, two_way_design

NEVER = np.inf
VARIANTS = {
    "never_nocov": ("never", False),
    "notyet_nocov": ("not_yet", False),
    "never_lpop": ("never", True),
    "notyet_lpop": ("not_yet", True),
}


def robust(later, earlier, treated, held, weights):
    from drdid.drdid import drdid_panel

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return drdid_panel(later, earlier, treated, held, weights)


@pytest.fixture(scope="module")
def counties(shared) -> tuple[dict, dict]:
    cases = json.loads((shared / "statistics" / "reference_answers.json").read_text())["cases"]
    answers = next(case for case in cases if case["id"] == "mpdta_cs")["answers"]
    rows = pd.read_csv(shared / "statistics" / "data" / "mpdta.csv")
    wide = rows.pivot(index="countyreal", columns="year", values="lemp")
    panel = {
        "outcomes": wide.to_numpy(),
        "cohort": rows.groupby("countyreal")["first.treat"].first().replace(0, np.inf).to_numpy(dtype=float),
        "times": wide.columns.to_numpy(),
        "covariates": rows.pivot(index="countyreal", columns="year", values="lpop").to_numpy()[:, :, None],
    }
    return panel, {one["name"]: one["value"] for one in answers}


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_minimum_wage_data_give_what_did_gives(counties, variant: str):
    panel, told = counties
    control, held = VARIANTS[variant]
    if held:
        pytest.importorskip("drdid")
    given = panel if held else panel | {"covariates": None}
    effects = group_time_effects(**given, control=control, doubly_robust=robust)
    single, table = estimates(effects, cells(effects)), pd.DataFrame(told[f"{variant} ATT(g,t) table"])
    assert (effects.group == table["g"]).all() and (effects.time == table["t"]).all()
    assert single.estimate == pytest.approx(table["att"].to_numpy(), abs=1e-7)
    assert single.standard_error == pytest.approx(table["se"].to_numpy(), abs=1e-7)
    for kind in SUMMARIES:
        overall = estimates(effects, combine(effects, kind)[1])
        assert overall.estimate[0] == pytest.approx(told[f"{variant} {kind} overall"], abs=1e-7)
        assert overall.standard_error[0] == pytest.approx(told[f"{variant} {kind} se"], rel=5e-3 if kind == "group" else 1e-6)
    by_exposure, dynamic = combine(effects, "dynamic")[0], told[f"{variant} dynamic egt/att/se"]
    assert list(by_exposure.label) == dynamic["egt"]
    assert estimates(effects, by_exposure).estimate == pytest.approx(dynamic["att"], abs=1e-7)
    assert estimates(effects, by_exposure).standard_error == pytest.approx(dynamic["se"], abs=1e-7)
    assert before_test(effects)[0] == pytest.approx(told[f"{variant} pre-trend Wald p"], abs=1e-4)


def test_the_usual_regression_of_the_minimum_wage_data_and_what_it_is_made_of(counties):
    panel = {name: counties[0][name] for name in ("outcomes", "cohort", "times")}
    assert few_cluster_tests(two_way_design(**panel))["CR1"].estimate == pytest.approx(-0.03655, abs=5e-6)
    parts = simple_comparisons(**panel)
    assert sum(part.weight * part.estimate for part in parts) == pytest.approx(-0.0365489, abs=1e-6)
    assert sum(part.weight for part in parts if part.kind == "earlier") == pytest.approx(0.0539, abs=1e-4)


def made(cohort: list[float], periods: int = 6, seed: int = 1, **more) -> dict:
    rng = np.random.default_rng(seed)
    return {"outcomes": rng.normal(size=(len(cohort), periods)), "cohort": cohort, "times": np.arange(periods), **more}


def test_two_groups_and_two_periods_are_the_difference_of_differences():
    panel = made([1, 1, 1, NEVER, NEVER, NEVER, NEVER], 2)
    change = np.diff(panel["outcomes"], axis=1)[:, 0]
    effects = group_time_effects(**panel)
    assert effects.estimate == pytest.approx([change[:3].mean() - change[3:].mean()])
    found = estimates(effects, cells(effects))
    assert found.standard_error_few[0] ** 2 == pytest.approx(change[:3].var(ddof=1) / 3 + change[3:].var(ddof=1) / 4)


@pytest.mark.parametrize(("control", "compared"), [("never", [5, 6, 7]), ("not_yet", [3, 4, 5, 6, 7])])
def test_those_compared_with_are_those_never_treated_or_not_yet(control: str, compared: list[int]):
    panel = made([2, 2, 2, 4, 4, NEVER, NEVER, NEVER])
    y, effects = panel["outcomes"], group_time_effects(**panel, control=control)
    cell = np.flatnonzero((effects.group == 2) & (effects.time == 3))[0]
    change = y[:, 3] - y[:, 1]
    assert effects.estimate[cell] == pytest.approx(change[:3].mean() - change[compared].mean())
    later = np.flatnonzero((effects.group == 2) & (effects.time == 4))[0]
    assert effects.compared[later] == 3


def test_changes_are_counted_from_the_period_asked_for():
    panel = made([3, 3, 3, NEVER, NEVER, NEVER])
    y = panel["outcomes"]

    def effect(time: int, **more) -> float:
        found = group_time_effects(**panel, **more)
        return float(found.estimate[found.time == time][0])

    def beside(change: np.ndarray) -> float:
        return change[:3].mean() - change[3:].mean()

    assert effect(4) == pytest.approx(beside(y[:, 4] - y[:, 2]))
    assert effect(1) == pytest.approx(beside(y[:, 1] - y[:, 0]))
    assert effect(1, base="universal") == pytest.approx(beside(y[:, 1] - y[:, 2]))
    assert effect(4, base="all") == pytest.approx(beside(y[:, 4] - y[:, :3].mean(axis=1)))
    assert effect(2, base="all") == pytest.approx(beside(y[:, 2] - y[:, :2].mean(axis=1)))
    assert effect(4, anticipation=1) == pytest.approx(beside(y[:, 4] - y[:, 1]))
    early = group_time_effects(**panel, anticipation=1)
    assert not early.before[early.time == 2].any() and not early.after[early.time == 2].any()


def test_units_treated_from_the_first_period_make_no_cell_and_are_not_compared_with():
    panel = made([0, 0, 3, 3, NEVER, NEVER, NEVER])
    without = {"outcomes": panel["outcomes"][2:], "cohort": panel["cohort"][2:], "times": panel["times"]}
    assert group_time_effects(**panel, control="not_yet").estimate == pytest.approx(
        group_time_effects(**without, control="not_yet").estimate
    )


def test_a_unit_without_a_value_stays_out_of_the_cells_it_lacks():
    panel = made([3, 3, 3, NEVER, NEVER, NEVER])
    panel["outcomes"][0, 4] = np.nan
    found = group_time_effects(**panel)
    assert list(found.treated[found.time >= 3]) == [3, 2, 3]
    assert np.isfinite(found.estimate).all()


def test_regression_on_covariates_takes_away_what_goes_with_them():
    rng = np.random.default_rng(2)
    held = rng.normal(size=(40, 1, 1)) + np.zeros((40, 5, 1))
    cohort = np.where(held[:, 0, 0] > 0.3, 3.0, NEVER)
    outcomes = held[:, :, 0] * np.arange(5) + 2.0 * (np.arange(5) >= cohort[:, None])
    found = group_time_effects(outcomes, cohort, np.arange(5), covariates=held, estimator="regression")
    assert found.estimate == pytest.approx(2.0 * found.after)


@pytest.mark.parametrize("base", ["varying", "universal", "all"])
@pytest.mark.parametrize("kind", ["simple", "calendar"])
def test_the_standard_error_for_few_units_is_cr2_of_the_regression_with_the_same_effect(base: str, kind: str):
    panel = made([2, 2, 2, 3, 3, *[NEVER] * 7])
    effects = group_time_effects(**panel, base=base)
    overall = combine(effects, kind)[1]
    design = saturated_design(panel["outcomes"], effects, overall.factors[0], panel["times"])
    found, regression = estimates(effects, overall), few_cluster_tests(design)["CR2"]
    assert found.estimate[0] == pytest.approx(regression.estimate)
    assert found.standard_error_few[0] == pytest.approx(regression.standard_error)
    assert found.freedom[0] == pytest.approx(regression.freedom)


def test_a_group_of_one_is_given_the_spread_of_those_it_is_compared_with():
    panel = made([3, *[NEVER] * 9])
    effects = group_time_effects(**panel)
    change = panel["outcomes"][:, 3:].mean(axis=1) - panel["outcomes"][:, 2]
    found = estimates(effects, combine(effects, "simple")[1])
    assert found.standard_error_few[0] ** 2 == pytest.approx(change[1:].var(ddof=1) * (1 + 1 / 9))
    assert found.freedom[0] == pytest.approx(8)


def test_where_a_single_unit_is_compared_with_nothing_is_said_of_chance():
    effects = group_time_effects(**made([3, 3, 3, NEVER]))
    assert np.isnan(estimates(effects, combine(effects, "simple")[1]).standard_error_few[0])


def test_bands_for_all_lengths_at_once_are_wider_than_each_ones_own():
    effects = group_time_effects(**made([3] * 8 + [NEVER] * 12))
    each = combine(effects, "dynamic")[0]
    found = estimates(effects, each)
    own = (found.interval()[1] - found.estimate) / found.standard_error_few
    assert (simultaneous(effects, each) > 1.1 * own).all()


def test_groups_that_moved_apart_before_are_noticed():
    panel = made([3] * 8 + [NEVER] * 12)
    assert before_test(group_time_effects(**panel))[1] > 0.05
    panel["outcomes"][:8] += 2.5 * np.minimum(np.arange(6), 2)
    assert max(before_test(group_time_effects(**panel))[:2]) < 0.001


def test_dealing_a_measure_out_is_what_doing_it_anew_gives():
    panel = made([3, 3, 3, 4, 4, *[NEVER] * 7])
    panel["outcomes"][:5, 3:] += 1.0
    effects = group_time_effects(**panel)

    def t(places: np.ndarray) -> float:
        again = group_time_effects(panel["outcomes"][places], panel["cohort"], panel["times"])
        found = estimates(again, combine(again, "simple")[1])
        return abs(found.estimate[0] / found.standard_error_few[0])

    places = np.tile(np.arange(12), (200, 1))
    places[1:] = np.random.default_rng(7).permuted(places[1:], axis=1)
    found = np.array([t(one) for one in places])
    p = dealt_out_p(panel["outcomes"], effects, combine(effects, "simple")[1].factors[0], deals=200, seed=7)
    assert p == pytest.approx((found >= found[0] * (1 - 1e-9)).mean())


def test_simple_comparisons_add_up_to_the_regression_with_units_treated_from_the_start():
    panel = made([0, 0, 2, 2, 2, 4, 4, NEVER, NEVER])
    parts = simple_comparisons(**panel)
    assert sum(part.weight for part in parts) == pytest.approx(1)
    regression = two_way_design(**panel).fit().coefficients[0]
    assert sum(part.weight * part.estimate for part in parts) == pytest.approx(regression)


def test_units_weigh_as_they_are_told_to():
    panel = made([3, 3, 3, NEVER, NEVER, NEVER])
    twice = {"outcomes": np.repeat(panel["outcomes"], 2, axis=0)[1:], "cohort": np.repeat(panel["cohort"], 2)[1:]}
    weighted = group_time_effects(**panel, weights=[0.5, 1, 1, 1, 1, 1])
    assert weighted.estimate == pytest.approx(group_time_effects(**twice, times=panel["times"]).estimate)


@pytest.mark.parametrize(
    "more",
    [{}, {"control": "not_yet", "weights": True}, {"base": "all", "covariates": True, "estimator": "regression"}],
)
def test_the_effect_without_each_unit_is_what_leaving_it_out_gives(more: dict):
    panel, rng = made([2, 2, 2, 3, 4, 4, *[NEVER] * 7]), np.random.default_rng(8)
    weights, held = rng.uniform(1, 3, 13), rng.normal(size=(13, 6, 1))

    def effects_of(kept: np.ndarray):
        own = {"weights": weights[kept], "covariates": held[kept]}
        own = more | {name: values for name, values in own.items() if more.get(name)}
        cohort = np.array(panel["cohort"])[kept]
        return group_time_effects(panel["outcomes"][kept], cohort, panel["times"], **own)

    anew = [effects_of(np.delete(np.arange(13), unit)) for unit in range(13)]
    expected = [float(combine(one, "simple")[1].factors[0] @ one.estimate) for one in anew]
    assert without_each(effects_of(np.arange(13))) == pytest.approx(expected)


def test_words_that_are_not_known_are_refused():
    panel = made([3, 3, NEVER, NEVER])
    for more in ({"control": "all"}, {"base": "first"}, {"estimator": "magic"}):
        with pytest.raises(ContractError, match="Choose one of"):
            group_time_effects(**panel, **more)
    with pytest.raises(ContractError, match="Choose one of"):
        combine(group_time_effects(**panel), "median")
    with pytest.raises(ContractError, match="without gaps"):
        two_way_design(np.full((2, 3), np.nan), [1, NEVER], [0, 1, 2])


def test_effects_without_cells_are_no_effects():
    effects = group_time_effects(**made([NEVER, NEVER, NEVER]))
    assert len(effects) == 0
    assert before_test(effects) == pytest.approx((np.nan, np.nan, 0), nan_ok=True)
