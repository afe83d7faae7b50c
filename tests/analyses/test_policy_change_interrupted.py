"""What one series did when a measure began."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.analyses.policy_change_interrupted import interrupted
from kvalitet_lib.errors import ContractError
from tests.statistics.reference import answers


@pytest.fixture
def sicily(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "statistics" / "data" / "sicily_its.csv")


def months(step: float = 0.0, n: int = 48, starts: int = 25, seed: int = 1, unit: str = "A") -> pd.DataFrame:
    """A level that rises slowly, and takes a step when the measure begins."""
    rng = np.random.default_rng(seed)
    time = np.arange(1, n + 1)
    level = 50 + 0.1 * time + step * (time >= starts) + rng.normal(0, 1, n)
    return pd.DataFrame({"month": time, "school": unit, "level": level})


def counts(ratio: float = 1.0, seed: int = 2, unit: str = "A", people: int = 4000) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    time = np.arange(1, 49)
    mean = people * 0.02 * np.exp(0.002 * time) * np.where(time >= 25, ratio, 1.0)
    return pd.DataFrame({"month": time, "school": unit, "absent": rng.poisson(mean), "pupils": people})


def passed(finding: Finding, check: str) -> bool | None:
    (found,) = (one for one in finding.checks if one.id == check)
    return found.passed


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("poisson", {"model": "poisson"}), ("quasi", {}), ("season", {"season": 12, "harmonics": 2})],
)
def test_the_smoking_ban_comes_out_as_in_r(shared, sicily, name, arguments):
    told = answers(shared, "its_sicily")
    finding = interrupted(sicily, "aces", time="time", starts=37, population="stdpop", **arguments)
    level = finding["level"]
    found = dict(
        zip(("rr", "lo", "hi", "b", "se"), level[["estimate", "lower", "upper", "coefficient", "standard_error"]], strict=True)
    )
    found["disp"] = finding.numbers["dispersion"]
    for part, value in found.items():
        assert value == pytest.approx(told[f"{name} {part}"], abs=1e-6), part
    assert level["null"] == 1


def test_a_change_of_slope_comes_out_as_in_r(shared, sicily):
    told = answers(shared, "its_sicily")["season + slope change"]
    finding = interrupted(sicily, "aces", time="time", starts=37, population="stdpop", season=12, slope_change=True)
    for term in ("level", "slope"):
        row = finding[term]
        found = row[["estimate", "lower", "upper", "coefficient", "standard_error"]].tolist()
        assert found == pytest.approx([told[term][part] for part in ("rr", "lo", "hi", "b", "se")], abs=1e-6)


@pytest.mark.parametrize(
    ("model", "name", "tolerance"),
    [("ols", "OLS + Newey-West lag 12 (adjust=TRUE)", {"abs": 1e-6}), ("gls_ar1", "GLS AR(1) ML", {"rel": 1e-3})],
)
def test_rates_come_out_as_in_sandwich_and_nlme(shared, sicily, model, name, tolerance):
    told = answers(shared, "its_sicily")[name]
    sicily["rate"] = sicily["aces"] / sicily["stdpop"] * 100_000
    by_rate = interrupted(sicily, "rate", time="time", starts=37, model=model, slope_change=True, lags=12)
    by_population = interrupted(
        sicily, "aces", time="time", starts=37, population="stdpop", per=100_000, model=model, slope_change=True, lags=12
    )
    for finding in (by_rate, by_population):
        rows = finding.estimates.set_index("term")
        for ours, theirs in (("intercept", "(Intercept)"), ("time", "time"), ("level", "smokban"), ("slope", "post")):
            assert rows.loc[ours, "estimate"] == pytest.approx(told["coef"][theirs], **tolerance)
            assert rows.loc[ours, "standard_error"] == pytest.approx(told["se"][theirs], **tolerance)
        if model == "gls_ar1":
            assert finding.numbers["correlation"] == pytest.approx(told["phi"], rel=1e-3)


def test_only_what_the_start_changed_claims_anything():
    finding = interrupted(months(step=8), "level", time="month", starts=25, slope_change=True)
    assert finding.estimates.set_index("term")["null"].notna().to_dict() == {
        "intercept": False, "time": False, "level": True, "slope": True,
    }  # fmt: skip
    assert finding["level"]["estimate"] == pytest.approx(8, abs=2)


def test_without_a_comparison_the_measure_can_only_go_with_it_and_with_one_it_can_do_more():
    alone = interrupted(months(step=8), "level", time="month", starts=25)
    rows = pd.concat([months(step=8), months(seed=7, unit="B")])
    compared = interrupted(rows, "level", time="month", starts=25, unit="school", comparison="B")
    assert alone.claim is Claim.GOES_WITH and passed(alone, "its_comparison") is False
    assert compared.claim is Claim.SUGGESTS_EFFECT


def test_what_moved_the_comparison_as_well_is_not_put_down_to_the_measure():
    both = pd.concat([months(step=8), months(step=8, seed=7, unit="B"), months(step=8, seed=9, unit="C")])
    alone = interrupted(both[both["school"].eq("A")], "level", time="month", starts=25)
    compared = interrupted(both, "level", time="month", starts=25, unit="school", comparison=["B", "C"])
    assert alone["level"]["p"] < 0.001
    assert compared["level"]["estimate"] == pytest.approx(0, abs=1.5) and compared["level"]["p"] > 0.05


def test_counts_are_compared_as_ratios_of_ratios():
    rows = pd.concat([counts(ratio=1.5), counts(ratio=1.2, seed=5, unit="B", people=40_000)])
    finding = interrupted(
        rows, "absent", time="month", starts=25, unit="school", comparison="B", population="pupils", model="poisson"
    )
    assert finding["level"]["lower"] < 1.25 < finding["level"]["upper"]
    assert finding["level_comparison"]["estimate"] == pytest.approx(1.2, abs=0.05)
    assert np.isnan(finding["level_comparison"]["null"])


def test_units_are_added_up_and_periods_in_which_one_is_missing_are_left_out():
    rows = pd.concat([counts(), counts(seed=3, unit="B")])
    whole = interrupted(rows, "absent", time="month", starts=25, unit="school", population="pupils")
    summed = rows.groupby("month", as_index=False)[["absent", "pupils"]].sum()
    assert whole["level"]["estimate"] == pytest.approx(
        interrupted(summed, "absent", time="month", starts=25, population="pupils")["level"]["estimate"]
    )
    short = interrupted(rows.iloc[3:], "absent", time="month", starts=25, unit="school", population="pupils")
    assert short.basis.left_out == {"its_unit_missing": 3}


def test_counts_that_vary_more_than_poisson_silence_the_poisson_model_and_not_the_quasi_model():
    rows = counts(ratio=1.8)
    rows["absent"] = np.random.default_rng(3).negative_binomial(6, 6 / (6 + rows["absent"]))
    poisson, quasi = (
        interrupted(rows, "absent", time="month", starts=25, population="pupils", model=one) for one in ("poisson", "quasi")
    )
    assert passed(poisson, "its_as_poisson") is False and poisson.claim is Claim.NOTHING
    assert np.ptp(quasi["level"][["lower", "upper"]]) > 1.5 * np.ptp(poisson["level"][["lower", "upper"]])


def test_neighbours_that_resemble_one_another_silence_a_model_that_does_not_allow_for_it():
    rng = np.random.default_rng(6)
    drift = np.zeros(96)
    for month in range(1, 96):
        drift[month] = 0.85 * drift[month - 1] + rng.normal(0, 0.15)
    time = np.arange(1, 97)
    rows = pd.DataFrame({"month": time, "n": rng.poisson(400 * np.exp(drift + 0.8 * (time > 48)))})
    naive, allowed = (
        interrupted(rows, "n", time="month", starts=49, model="quasi"),
        interrupted(rows, "n", time="month", starts=49, model="quasi", lags=6),
    )
    assert passed(naive, "its_independent") is False and naive.claim is Claim.NOTHING
    assert passed(allowed, "its_independent") is True
    assert np.ptp(np.log(allowed["level"][["lower", "upper"]].astype(float))) > np.ptp(
        np.log(naive["level"][["lower", "upper"]].astype(float))
    )


def test_a_series_picked_at_its_lowest_is_suspected_of_going_back_to_the_usual():
    rows = months()
    rows.loc[23, "level"] -= 6
    assert passed(interrupted(rows, "level", time="month", starts=25), "its_usual_before") is False
    assert passed(interrupted(months(), "level", time="month", starts=25), "its_usual_before") is True


def test_a_bent_line_before_is_found():
    rows = months(step=5)
    rows["level"] += np.where(rows["month"] < 25, 0.03 * (rows["month"] - 12) ** 2, 0.0)
    finding = interrupted(rows, "level", time="month", starts=25)
    assert passed(finding, "its_straight_before") is False and finding.claim <= Claim.GOES_WITH


def test_a_slope_that_changed_and_was_not_asked_for_is_found():
    rows = months()
    rows["level"] += 0.6 * np.clip(rows["month"] - 24, 0, None)
    assert passed(interrupted(rows, "level", time="month", starts=25), "its_only_a_step") is False
    assert "its_only_a_step" not in {
        check.id for check in interrupted(rows, "level", time="month", starts=25, slope_change=True).checks
    }


def test_few_points_on_one_side_only_differ():
    finding = interrupted(months(step=20, n=29), "level", time="month", starts=25)
    assert passed(finding, "its_enough_points") is False and finding.claim <= Claim.DIFFERS


def test_half_a_season_cannot_be_told_from_the_measure():
    finding = interrupted(months(step=8, n=40, starts=35), "level", time="month", starts=35, season=12)
    assert passed(finding, "its_season_covered") is False and finding.claim <= Claim.DIFFERS


def test_times_may_be_months_dates_periods_or_school_years_in_any_order():
    rows = months(step=6)
    plain = interrupted(rows, "level", time="month", starts=25)
    periods = pd.period_range("2020-01", periods=48, freq="M")
    for times, starts in (
        (periods, pd.Period("2022-01", "M")),
        (periods.to_timestamp(), "2022-01-01"),
        ([f"{1990 + place}-{(1991 + place) % 100:02d}" for place in range(48)], "2014-15"),
        (pd.Categorical([str(month) for month in rows["month"]]), "25"),
    ):
        odd = rows.assign(month=times).sample(frac=1, random_state=4)
        found = interrupted(odd.astype({"level": "Float64"}), "level", time="month", starts=starts)
        assert found["level"]["estimate"] == pytest.approx(plain["level"]["estimate"])
        assert found["level"]["p"] == pytest.approx(plain["level"]["p"])


def test_the_line_had_nothing_happened_is_the_model_without_the_step():
    series = interrupted(months(step=6), "level", time="month", starts=25).tables["series"]
    gap = (series["fitted"] - series["untouched"]).round(9)
    assert gap[series["after"].eq(0)].eq(0).all() and gap[series["after"].eq(1)].nunique() == 1


def test_the_frame_handed_in_is_left_alone():
    rows = counts()
    before = rows.copy(deep=True)
    interrupted(rows, "absent", time="month", starts=25, population="pupils", season=12)
    pd.testing.assert_frame_equal(rows, before)


@pytest.mark.parametrize(
    ("rows", "outcome", "reason"),
    [
        (months().assign(level=np.nan), "level", "no_outcome"),
        (months(n=5), "level", "its_too_short"),
        (months().assign(level=4.0), "level", "same_outcome"),
        (months().assign(level=lambda rows: 3.0 * rows["month"]), "level", "its_no_scatter"),
    ],
    ids=["nobody has a value", "five points", "always the same", "an exact line"],
)
def test_where_nothing_can_be_said_the_reason_is_told(rows, outcome, reason):
    finding = interrupted(rows, outcome, time="month", starts=min(25, len(rows) - 1))
    assert (finding.reason, len(finding.estimates), finding.claim) == (reason, 0, Claim.NOTHING)


def test_nothing_counted_after_the_start_is_no_ratio_of_nought():
    rows = counts().assign(absent=lambda frame: frame["absent"].where(frame["month"].lt(25), 0))
    assert interrupted(rows, "absent", time="month", starts=25, population="pupils").reason == "its_no_counts"


@pytest.mark.parametrize(
    ("rows", "arguments", "said"),
    [
        (months(), {"outcome": "score"}, "'score'.*It has: month"),
        (months(), {"starts": 1}, "outside the series"),
        (months(), {"starts": 999}, "outside the series"),
        (months(), {"model": "arima"}, "no model 'arima'"),
        (months(), {"comparison": "B"}, "unit='school'"),
        (months(), {"unit": "school", "comparison": "Z"}, "no Z to compare with"),
        (months(), {"unit": "school", "comparison": "A"}, "nobody is left"),
        (pd.concat([months(), months()]), {}, "several rows for the same 'month'"),
        (months().assign(level="high"), {}, "numbers in 'level'"),
        (months().assign(pupils=0), {"population": "pupils"}, "'pupils' must be above 0"),
        (months().assign(level=-1.0), {"model": "quasi"}, "cannot be below 0"),
        (months().assign(month="spring"), {}, "order of the times in 'month'"),
    ],
)
def test_wrong_use_is_refused_with_what_and_where(rows, arguments, said):
    with pytest.raises(ContractError, match=said):
        interrupted(rows, **({"outcome": "level", "time": "month", "starts": 25} | arguments))


@pytest.mark.parametrize("model", ["poisson", "quasi", "ols", "gls_ar1"])
def test_no_warning_leaks_whatever_the_model(model):
    with np.errstate(all="raise"):
        finding = interrupted(counts(), "absent", time="month", starts=25, model=model, population="pupils")
    assert finding.estimates["upper"].notna().all()
