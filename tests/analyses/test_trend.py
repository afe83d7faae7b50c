"""Whether a change over the years is secured."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.analyses.trend import of_municipality, trend
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.multiplicity import adjusted_p
from tests.statistics.reference import answers
from tests.statistics.test_trends import NILE, PATIENTS, SMOKERS
from tests.whiteboard import table

YEARS = [f"{year}-{year % 100 + 1:02d}" for year in range(2018, 2025)]


def town(schools: int = 20, years: int = 5, slope: float = 0.0, seed: int = 1, wobble: float = 3.0) -> pd.DataFrame:
    """Schools of different levels that all change by ``slope`` a year, with pupils and sampling errors."""
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame({
        "school": np.repeat([f"school {place:02d}" for place in range(schools)], years),
        "school_year": np.tile(YEARS[:years], schools),
        "n": rng.integers(20, 90, schools * years),
    })  # fmt: skip
    error = 50 / np.sqrt(rows["n"])
    level = np.repeat(rng.normal(220, 10, schools), years) + slope * np.tile(np.arange(years), schools)
    return rows.assign(error=error, estimate=level + rng.normal(0, 1, len(rows)) * np.hypot(error, wobble))


def schools_of(finding: Finding) -> pd.DataFrame:
    return finding.tables["schools"].set_index("school")


def test_a_rise_of_all_schools_is_secured_and_said_of_all_first():
    finding = trend(town(slope=4.0), weights="n", standard_error="error")
    whole = finding["slope"]
    assert whole["group"] == "all"
    assert whole["estimate"] == pytest.approx(4, abs=1.5) and whole["lower"] > 0
    assert finding.claim is Claim.DIFFERS


def test_every_school_is_adjusted_for_all_schools_and_the_number_of_tests_is_told():
    finding = trend(town(schools=25), weights="n", standard_error="error")
    of_schools = finding.estimates[finding.estimates["term"].eq("slope") & finding.estimates["group"].ne("all")]
    smallest = of_schools["p"].to_numpy().argmin()
    assert len(of_schools) == finding.numbers["tests"] == 25
    assert of_schools["p_adjusted"].iloc[smallest] > 2 * of_schools["p"].iloc[smallest]
    assert of_schools["p_adjusted"].to_numpy() == pytest.approx(adjusted_p(of_schools["p"]))
    assert [check.value for check in finding.checks if check.id == "one_family"] == [25]


def test_slopes_lie_further_apart_than_they_truly_differ():
    finding = trend(town(schools=40), weights="n", standard_error="error")
    assert finding.numbers["slope_sd_true"] < 0.5 * finding.numbers["slope_sd_raw"]
    shown = schools_of(finding)
    assert shown["shrunken"].std() < 0.5 * shown["slope"].std()
    assert shown["kept"].between(0, 1).all()


def test_the_single_school_that_changes_among_many_is_the_one_that_is_found():
    rows = town(schools=20, wobble=1.0)
    rising = rows["school"].eq("school 07")
    rows.loc[rising, "estimate"] += 12 * np.arange(rising.sum())
    shown = schools_of(trend(rows, standard_error="error"))
    assert shown.index[shown["p_adjusted"] < 0.05].tolist() == ["school 07"]


def test_a_year_that_is_good_for_all_is_no_rise_of_all():
    rows = town(schools=30)
    good = rows["school_year"].eq(YEARS[4])
    rows.loc[good, "estimate"] += 12
    finding = trend(rows, standard_error="error")
    calm = trend(town(schools=30), standard_error="error")
    (failed,) = (check for check in finding.checks if check.id == "trend_no_common_years")
    assert failed.passed is False
    assert finding.claims.iloc[0] is Claim.NOTHING
    assert np.ptp(finding["slope"][["lower", "upper"]]) > 3 * np.ptp(calm["slope"][["lower", "upper"]])


def test_a_declared_break_is_no_change_and_is_told():
    rows = town(schools=15, years=6)
    later = rows["school_year"].ge(YEARS[3])
    rows.loc[later, "estimate"] += 80
    joined, apart = trend(rows, standard_error="error"), trend(rows, standard_error="error", breaks=(YEARS[3],))
    assert joined["slope"]["estimate"] > 10 > 3 > abs(apart["slope"]["estimate"])
    assert [check.about for check in apart.checks if check.id == "trend_series_begin_anew"] == [YEARS[3]]
    assert apart.tables["points"].groupby("school")["segment"].nunique().eq(2).all()
    # Ranks join what they are given, so they are given one unbroken series of three years: 2 / 3! is the least they can say.
    assert schools_of(apart)["tau_smallest_p"].eq(1 / 3).all()


def test_a_break_may_concern_one_school_only():
    rows = town(schools=10, years=6)
    merged = rows["school"].eq("school 03") & rows["school_year"].ge(YEARS[3])
    rows.loc[merged, "estimate"] += 80
    finding = trend(rows, standard_error="error", breaks={"school 03": [YEARS[3]]})
    assert abs(schools_of(finding).loc["school 03", "slope"]) < 10


def test_breaks_outside_the_years_are_no_breaks():
    rows = town()
    for breaks in (("1990-91",), (YEARS[0],), ("2050-51",)):
        pd.testing.assert_frame_equal(trend(rows, breaks=breaks).estimates, trend(rows).estimates)


def test_four_points_cannot_be_told_from_chance_by_rank_and_five_just_can():
    for years, passed, smallest in ((4, False, 2 / 24), (5, True, 2 / 120)):
        finding = trend(town(years=years))
        (check,) = (one for one in finding.checks if one.id == "trend_rank_could_tell")
        assert (check.passed, check.value) == (passed, pytest.approx(smallest))


def test_three_years_say_nothing_however_steep():
    finding = trend(town(years=3, slope=30.0, wobble=0.5), standard_error="error")
    assert (schools_of(finding)["p_adjusted"] < 0.01).any()
    assert finding.claim is Claim.NOTHING


def test_shares_are_counted_and_tested_as_r_tests_them(shared):
    told = answers(shared, "trend_tests")
    rows = pd.DataFrame({"smokers": SMOKERS, "patients": PATIENTS, "study": [1, 2, 3, 4]})
    finding = trend(rows, "smokers", school="", time="study", denominator="patients")
    (only,) = finding.tables["schools"].itertuples()
    assert only.cochran_armitage == pytest.approx(told["Cochran-Armitage chisq (83,90,129,70 of 86,93,136,82)"], abs=1e-6)
    assert only.cochran_armitage_p == pytest.approx(told["p"], abs=1e-8)
    assert only.dispersion > 2 and finding["slope"]["p"] > 0.05


def test_a_long_series_stands_on_its_own_with_newey_and_west(shared):
    told = answers(shared, "trend_tests")
    rows = pd.DataFrame({"flow": NILE, "year": range(1871, 1971)}).sample(frac=1, random_state=1)
    finding = trend(rows, "flow", school="", time="year", lags=4)
    (only,) = finding.tables["schools"].itertuples()
    assert finding["slope"]["estimate"] == pytest.approx(told["Nile OLS slope"], abs=1e-7)
    assert finding["slope"]["standard_error"] == pytest.approx(told["Nile Newey-West lag4 SE (adjusted)"], rel=1e-6)
    assert only.tau == pytest.approx(told["Nile Kendall tau"], abs=1e-6)
    assert only.durbin_watson == pytest.approx(told["Nile Durbin-Watson"], abs=1e-7)
    assert only.method == "newey_west" and finding.claim is Claim.DIFFERS


def test_a_share_where_everybody_always_succeeds_is_not_free_of_chance():
    rng = np.random.default_rng(4)
    rows = town(schools=12)[["school", "school_year", "n"]]
    rows["passed"] = np.where(rows["school"].eq("school 00"), rows["n"], rng.binomial(rows["n"], 0.8))
    shown = schools_of(trend(rows, "passed", denominator="n"))
    assert shown.loc["school 00", "slope"] == pytest.approx(0, abs=1e-12)
    assert shown.loc["school 00", "standard_error"] > 0


def test_order_index_and_kinds_of_columns_do_not_matter():
    rows = town()
    plain = trend(rows, weights="n", standard_error="error")
    number = rows["school"].str[-2:].astype(int)
    for odd in (
        rows.sample(frac=1, random_state=2),
        rows.set_index(np.arange(len(rows))[::-1] * 7),
        rows.astype({"school": "category", "school_year": "category", "n": "Int64", "estimate": "Float64"}),
        rows.astype({"school": "object", "school_year": "object"}),
        rows.assign(school=number),
        rows.assign(school_year=rows["school_year"].str[:4].astype(int)),
        rows.assign(school_year=pd.to_datetime(rows["school_year"].str[:4] + "-08-15").dt.to_period("Y")),
        rows.assign(school_year=rows["school_year"].str.replace("-", "/")),
    ):
        found = trend(odd, weights="n", standard_error="error")
        assert found.estimates["estimate"].to_numpy() == pytest.approx(plain.estimates["estimate"].to_numpy())
        assert found.estimates["p_adjusted"].to_numpy() == pytest.approx(plain.estimates["p_adjusted"].to_numpy(), nan_ok=True)


def test_the_frame_handed_in_is_left_alone():
    rows = town()
    before = rows.copy(deep=True)
    trend(rows, weights="n", standard_error="error", breaks=(YEARS[2],))
    pd.testing.assert_frame_equal(rows, before)


def test_what_was_left_out_is_counted_by_why():
    rows = town(schools=8)
    rows.loc[0, "estimate"] = np.nan
    rows.loc[6, "n"] = 0
    rows = rows[~(rows["school"].eq("school 07") & rows["school_year"].gt(YEARS[1]))]
    finding = trend(rows, weights="n")
    assert finding.basis.left_out == {"estimate": 1, "trend_nobody_counted": 1, "trend_few_years": 2}
    assert finding.basis.rows == len(rows) - 4 and finding.basis.schools == 7
    assert "school 07" not in set(finding.estimates["group"])


ONE_LINE = table("""
    school | school_year | estimate
    -------+-------------+---------
    A      | 2020-21     | 1
    A      | 2021-22     | 2
    A      | 2022-23     | 3
    B      | 2020-21     | 5
    B      | 2021-22     | 6
    B      | 2022-23     | 7
""")


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (town().assign(estimate=np.nan), "no_outcome"),
        (town().iloc[:0], "no_outcome"),
        (town(years=2), "trend_too_short"),
        (town().assign(estimate=5.0), "same_outcome"),
        (ONE_LINE, "trend_no_scatter"),
    ],
    ids=["nobody has a value", "no rows", "two years", "always the same", "exact lines"],
)
def test_where_nothing_can_be_said_the_reason_is_told_and_no_number(rows, reason):
    finding = trend(rows)
    assert (finding.reason, len(finding.estimates), finding.claim) == (reason, 0, Claim.NOTHING)


@pytest.mark.parametrize(
    ("change", "arguments", "said"),
    [
        ({}, {"outcome": "score"}, "'score'.*It has: school"),
        ({}, {"weights": "pupils"}, "'pupils'"),
        ({"estimate": "many"}, {}, "numbers in 'estimate'"),
        ({"school_year": "spring"}, {}, "order of the times in 'school_year'"),
        ({"school": "the only"}, {}, "several rows for the same 'school_year'"),
        ({"n": -1}, {"weights": "n"}, "'n' must not be below 0"),
        ({"n": 3}, {"denominator": "n"}, "must lie between 0 and 'n'"),
        ({}, {"breaks": "2020-21"}, "as a sequence"),
        ({}, {"breaks": ("soon",)}, "written otherwise"),
    ],
)
def test_wrong_use_is_refused_with_what_and_where(change, arguments, said):
    with pytest.raises(ContractError, match=said):
        trend(town().assign(**change), **arguments)


def test_one_school_and_one_pupil_are_answered_carefully():
    alone = trend(town(schools=1), weights="n", standard_error="error")
    assert alone.estimates["group"].tolist() == ["school 00"]
    assert np.ptp(alone["slope"][["lower", "upper"]]) > np.ptp(
        trend(town(), standard_error="error").estimates.loc[1, ["lower", "upper"]]
    )
    assert trend(town().assign(n=1), weights="n").estimates["estimate"].notna().all()


def test_a_share_of_nought_or_one_has_an_error_of_nought_and_is_not_taken_for_certain():
    rows = town()
    rows.loc[rows["school"].eq("school 00"), "error"] = 0.0
    assert schools_of(trend(rows, standard_error="error")).loc["school 00", "standard_error"] > 0


def test_a_finding_survives_being_written():
    finding = trend(town(), weights="n", standard_error="error")
    again = Finding.from_json(finding.to_json())
    pd.testing.assert_frame_equal(again.estimates, finding.estimates)
    assert again.claim is finding.claim


class MadeUpTown:
    """What ``of_municipality`` asks of a municipality."""

    country, confidence = "se", 0.95
    indicators = ("meritvarde", "franvaro_10")

    def school_years(self, indicator: str) -> pd.DataFrame:
        rows = town(seed=len(indicator)).assign(missing=0.0)
        half = rows["error"] * (stats.t.ppf(0.975, rows["n"] - 1) if indicator == "meritvarde" else stats.norm.ppf(0.975))
        rows = rows.assign(lower=rows["estimate"] - half, upper=rows["estimate"] + half)
        return rows.drop(columns="error")

    def breaks(self, indicator: str) -> tuple[str, ...]:
        return (YEARS[3],) if indicator == "franvaro_10" else ()


def test_every_main_indicator_of_a_municipality_has_its_trend_with_its_own_breaks_and_errors_read_back():
    made_up = MadeUpTown()
    merit, absence = of_municipality(made_up)  # type: ignore[arg-type]
    assert (merit.outcome, absence.outcome) == ("meritvarde", "franvaro_10")
    assert [check.about for check in absence.checks if check.id == "trend_series_begin_anew"] == [YEARS[3]]
    direct = trend(town(seed=len("meritvarde")), weights="n", standard_error="error")
    pd.testing.assert_frame_equal(merit.estimates, direct.estimates)


def test_a_school_too_small_for_an_interval_borrows_the_spread_of_the_others():
    class Smaller(MadeUpTown):
        indicators = ("meritvarde",)

        def school_years(self, indicator: str) -> pd.DataFrame:
            rows = super().school_years(indicator)
            return rows.assign(lower=rows["lower"].mask(rows["school"].eq("school 00")))

    (finding,) = of_municipality(Smaller())  # type: ignore[arg-type]
    assert finding.basis.schools == 20 and finding.basis.missing == 0
