"""Made-up published figures: nation, comparable municipalities, adjusted figures per school, and earlier years."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from kvalitet_lib.sources.synthetic.places import school_years
from kvalitet_lib.sources.synthetic.population import stream
from kvalitet_lib.sources.synthetic.reference_levels import COUNTS, EARLIER, LEVELS, NO_RESULTS, Level
from kvalitet_lib.sources.synthetic.town import Town

NATION = {"se": ("riket", "SE", "Riket"), "no": ("nasjonalt", "NO", "Nasjonalt")}
GROUPS = {"all": "alla", "girl": "flickor", "boy": "pojkar"}, {"all": "alle", "girl": "jenter", "boy": "gutter"}
NAMES = {
    "se": ("Almköping", "Bokmåla", "Dalaryd", "Furuvalla", "Gransele", "Hasslestad", "Idegranda"),
    "no": ("Askedal", "Bjørkevoll", "Dalsvær", "Furunes", "Granlund", "Hasselvær", "Ivermo"),
}
HEADERS = {
    "se": ["nivå", "enhet", "enhetsnamn", "indikator", "läsår", "grupp", "värde", "antal"],
    "no": ["nivå", "enhet", "enhetsnavn", "indikator", "skoleår", "gruppe", "verdi", "antall"],
}
ADJUSTED = {
    "se": (("salsa_avvikelse_meritvarde", 1.0, 0), ("salsa_avvikelse_alla_amnen", 0.22, 0)),
    "no": (("skolebidrag", 0.1, 1),),
}
SMALLEST_ADJUSTED = 15
EARLIER_YEARS = 6
HIGHEST_SHARE = 99.5
MISSING = "."


def published(town: Town) -> pd.DataFrame:
    """Figures of the nation, seven comparable municipalities and, where an agency adjusts for intake, each school.

    Returns
    -------
    DataFrame
        Text in the columns of the country's delivery of published values; shares in per cent, decimal comma, ``.``
        where a test was not held.
    """
    plan, country = town.plan, town.plan.country
    rng = stream(town.seed, country, "published")
    units = [(NATION[country], 0.0, 1.0)]
    word = "kommun" if country == "se" else "kommune"
    for code, name in zip(plan.neighbours, NAMES[country], strict=True):
        units.append(((word, code, name), 1.0, rng.uniform(0.6, 1.3)))
    rows: list[tuple[str, ...]] = [
        (*unit, indicator, *cell)
        for unit, differs, size in units
        for indicator, level in LEVELS[country].items()
        for cell in _series(
            country, indicator, level, plan.school_years, differs * rng.normal(0, level.spread), size if differs else 0, rng
        )
    ]
    rows += _adjusted(town)
    rows += _earlier(town, rng)
    return pd.DataFrame(rows, columns=["level", "unit", "name", "indicator", "year", "group", "value", "n"]).set_axis(
        HEADERS[country], axis=1
    )


def _series(
    country: str, indicator: str, level: Level, years: tuple[str, ...], above: float, size: float, rng: np.random.Generator
) -> Iterator[tuple[str, str, str, str]]:
    """(year, group, value, number of persons) of one unit; ``size`` relative to an ordinary municipality, 0 for the nation."""
    words = GROUPS[0] if country == "se" else GROUPS[1]
    missing_years, prefixes = NO_RESULTS[country]
    middle = COUNTS[indicator] * size if indicator in COUNTS and size else level.level + above
    drift = np.cumsum(rng.normal(0, 0.18 * level.spread, len(years)))
    nation_over_municipality = max(level.persons // 95, 1) if size else level.persons
    for year, drifted in zip(years, drift, strict=True):
        held = not (year in missing_years.split() and indicator.startswith(prefixes))
        persons = round(nation_over_municipality * (size or 1) * rng.uniform(0.97, 1.03))
        for group, ahead, share in (("all", 0.0, 1.0), ("girl", 0.5, 0.49), ("boy", -0.5, 0.51)):
            if group == "all" or level.girls is not None:
                value = _written(middle + drifted + ahead * (level.girls or 0), level) if held else MISSING
                yield _slashed(country, year), words[group], value, str(round(persons * share)) if held else ""


def _written(value: float, level: Level) -> str:
    if level.level == 0:
        return _number(value, level.decimals)
    return _number(min(max(value, 0.0), HIGHEST_SHARE) if level.level < 100 else value, level.decimals)


def _number(value: float, decimals: int) -> str:
    return f"{round(value, decimals) + 0.0:.{decimals}f}".replace(".", ",")


def _slashed(country: str, year: str) -> str:
    return year.replace("-", "/") if country == "se" else year


def _adjusted(town: Town) -> list[tuple[str, ...]]:
    """Difference between a school's result and what its intake leads one to expect, as an agency would publish it."""
    country = town.plan.country
    schools = town.totals_by_school().query("pupils >= @SMALLEST_ADJUSTED")
    intake = np.column_stack([np.ones(len(schools)), schools[["education", "girls", "newly_arrived"]]])
    coefficients, *_ = np.linalg.lstsq(intake, schools.total.to_numpy(), rcond=None)
    residuals = schools.total - intake @ coefficients
    word, everyone = ("skola", "alla") if country == "se" else ("skole", "alle")
    return [
        (
            word,
            code,
            town.plan.name_in(code, year),
            indicator,
            _slashed(country, town.plan.school_years[year]),
            everyone,
            _number(residual * factor, decimals),
            str(int(schools.pupils[code, year])),
        )
        for indicator, factor, decimals in ADJUSTED[country]
        for (code, year), residual in residuals.items()
    ]


def _earlier(town: Town, rng: np.random.Generator) -> list[tuple[str, ...]]:
    """Figures of the nation and of our own municipality for the years before the deliveries begin."""
    plan, country = town.plan, town.plan.country
    first = int(plan.school_years[0][:4])
    years = school_years(first - EARLIER_YEARS, EARLIER_YEARS)
    ours = ("kommun" if country == "se" else "kommune", plan.code, plan.name)
    return [
        (*unit, indicator, *cell)
        for unit, size in ((NATION[country], 0.0), (ours, 1.0))
        for indicator in EARLIER[country]
        for cell in _series(country, indicator, LEVELS[country][indicator], years, 0.0, size, rng)
    ]


def earlier_by_school(town: Town) -> pd.DataFrame:
    """A wide agency file by school for the two years before the deliveries begin, without the schools too small to be shown."""
    plan, country = town.plan, town.plan.country
    rng = stream(town.seed, country, "earlier")
    schools = town.totals_by_school().reset_index().query("year == 0 and pupils >= 10")
    first = int(plan.school_years[0][:4])
    names = town.names(schools.spring, schools.year)
    frames = []
    for year in school_years(first - 2, 2):
        total = schools.total + rng.normal(0, schools.total.std() / 3, len(schools))
        shares = (rng.normal(86, 4, len(schools)) if country == "se" else rng.normal(7, 2, len(schools))).clip(1, 99)
        columns = {
            "se": ["skolenhetskod", "skola", "läsår", "antal_elever", "andel_behöriga", "genomsnittligt_meritvärde"],
            "no": ["organisasjonsnummer", "skolenavn", "skoleår", "antall_elever", "andel_mobbet", "grunnskolepoeng"],
        }[country]
        cells = [schools.spring, names, _slashed(country, year), schools.pupils, shares.round(1), total.round(1)]
        frames.append(pd.DataFrame(dict(zip(columns, cells, strict=True))))
    return pd.concat(frames, ignore_index=True)
