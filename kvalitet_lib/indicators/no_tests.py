"""Norway: nasjonale prøver in years 5, 8 and 9, as scale points and as shares on the lowest levels."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from kvalitet_lib.indicators.background import with_background
from kvalitet_lib.indicators.indicator import Better, Indicator, Kind
from kvalitet_lib.indicators.register import with_unreported

TESTS_OF_YEAR = {5: ("lesing", "regning", "engelsk"), 8: ("lesing", "regning", "engelsk"), 9: ("lesing", "regning")}
HIGHEST_LOW_LEVEL = {5: 1, 8: 2, 9: 2}
LEVELS = {5: 3, 8: 5, 9: 5}
SOURCE = "udir.no rammeverk, gjennomføring og resultater; microdata.no NUDB_NP_SKALAPOENG"

# A new series from autumn 2022 (new curricula, a new system; listening added in English):
# udir.no, "Avvikling av PGSC 2022 - nasjonale prøver kommer i ny digital løsning". Reading was scaled anew in 2016.
NEW_SCALE = {"2022-23": "nasjonale_prover_ny_skala"}
BREAKS: Mapping[str, Mapping[str, str]] = {
    "lesing": {"2016-17": "nasjonale_prover_ny_skala_lesing", **NEW_SCALE},
    "regning": NEW_SCALE,
    "engelsk": NEW_SCALE,
}


def _sat_or_should_have(tests: pd.DataFrame, year_group: int, test: str) -> pd.DataFrame:
    """One row per pupil: the whole test, whether taken or not."""
    return tests[tests.year_group.eq(year_group) & tests.test.eq(test) & tests.part.isna()]


def _with_register(counted: pd.DataFrame, pupils: pd.DataFrame | None, year_group: int) -> pd.DataFrame:
    return with_background(with_unreported(counted, pupils, year_group), pupils)


def _scale_points(year_group: int, test: str) -> Indicator:
    def count(tests: pd.DataFrame, pupils: pd.DataFrame | None = None) -> pd.DataFrame:
        rows = _sat_or_should_have(tests, year_group, test)
        points = rows.scale_points.astype("float64").where(rows.status.eq("taken"))
        return _with_register(rows.assign(numerator=points, denominator=1.0), pupils, year_group)

    return Indicator(
        id=f"np{year_group}_{test}",
        kind=Kind.MEAN,
        unit="scale_points",
        better=Better.HIGHER,
        scale=(0, 100),
        count=count,
        rule=f"Scale points of each pupil in year {year_group} who sat the test in {test}; absent and exempt pupils are missing.",
        **_facts(year_group, test),  # type: ignore[arg-type]
    )


def _low_levels(year_group: int, test: str) -> Indicator:
    highest = HIGHEST_LOW_LEVEL[year_group]

    def count(tests: pd.DataFrame, pupils: pd.DataFrame | None = None) -> pd.DataFrame:
        rows = _sat_or_should_have(tests, year_group, test)
        placed = rows.status.eq("taken") & rows.level.notna()
        low = rows.level.le(highest).fillna(False).astype("float64").where(placed)
        return _with_register(rows.assign(numerator=low, denominator=1.0), pupils, year_group)

    levels = "1" if highest == 1 else f"1-{highest}"
    return Indicator(
        id=f"np{year_group}_{test}_niva_{levels.replace('-', '_')}",
        kind=Kind.SHARE,
        unit="share",
        better=Better.LOWER,
        scale=(0, 1),
        count=count,
        rule=(
            f"Pupils in year {year_group} on level {levels} of {LEVELS[year_group]} in {test}, of those placed on a level. "
            "The level is the one delivered, never worked out from points; absent and exempt pupils are missing."
        ),
        sensitive=True,
        **_facts(year_group, test),  # type: ignore[arg-type]
    )


def _facts(year_group: int, test: str) -> dict[str, object]:
    return {
        "country": "no",
        "area": "tests",
        "needs": ("tests",),
        "breakdowns": ("sex", "parents_education", "newly_arrived", "second_language"),
        "year_group": year_group,
        "breaks": BREAKS[test],
        "source": SOURCE,
    }


INDICATORS: tuple[Indicator, ...] = (
    *(_scale_points(year_group, test) for year_group, tests in TESTS_OF_YEAR.items() for test in tests),
    *(_low_levels(year_group, test) for year_group in TESTS_OF_YEAR for test in ("lesing", "regning")),
)
