"""Elvedal's deliveries: Norwegian headers, one file a kind and school year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kvalitet_lib.sources.synthetic.grading import EXAM_CODES
from kvalitet_lib.sources.synthetic.population import stints, stream
from kvalitet_lib.sources.synthetic.schooling import EXEMPT, NO_BASIS, NOT_STUDIED
from kvalitet_lib.sources.synthetic.town import Town

SEX = {1: "jente", 0: "gutt"}
EDUCATION = {-1: "grunnskole", 0: "videregående", 1: "høyere"}
PROVISIONS = {"school": "grunnskole", "preschool": "barnehage", "after_school": "sfo"}
TESTS: dict[int, tuple[str, ...]] = {
    5: ("lesing", "regning", "engelsk"),
    8: ("lesing", "regning", "engelsk"),
    9: ("lesing", "regning"),
}
CUTS: dict[int, dict[str, tuple[float, ...]]] = {  # scale points from which the next level begins, Udir
    5: {"lesing": (42.5, 56.5), "regning": (42.5, 56.5), "engelsk": (42.5, 56.5)},
    8: {"lesing": (36.5, 43.5, 54.5, 62.5), "regning": (36.5, 44.5, 54.5, 62.5), "engelsk": (36.5, 43.5, 55.5, 62.5)},
}
GIRLS_AHEAD = {"lesing": 2.0, "regning": -1.5, "engelsk": 0.0}
A_YEAR_OLDER = 3.6
NOT_TAKEN = {"fritatt": 0.03, "ikke deltatt": 0.02}
FILES_BY_YEAR = ("elever", "karakterer", "nasjonale_prover", "elevundersokelsen", "fravaer")


def deliveries(town: Town) -> dict[str, pd.DataFrame]:
    """Everything the municipality's systems deliver: file name → cells."""
    by_kind = {
        "elever": _pupils(town),
        "karakterer": _grades(town),
        "nasjonale_prover": _tests(town),
        "elevundersokelsen": _survey(town),
        "fravaer": _absence(town),
    }
    files = {"skoler.csv": _schools(town), "bemanning.csv": _staffing(town)}
    for kind in FILES_BY_YEAR:
        rows = by_kind[kind]
        for position, year in enumerate(town.plan.school_years):
            of_year = rows[rows.skoleår == year]
            files[f"{kind}_{year}.csv"] = _as_that_year_was_delivered(kind, of_year, position - town.plan.years)
    return files


def _as_that_year_was_delivered(kind: str, rows: pd.DataFrame, from_the_end: int) -> pd.DataFrame:
    """Grunnskolepoeng is stated the last two years, an empty column the year before, and no column at all earlier."""
    if kind != "karakterer" or from_the_end >= -2:
        return rows
    return rows.assign(skolepoeng=np.nan) if from_the_end == -3 else rows.drop(columns="skolepoeng")


def _yes_no(flags: pd.Series) -> np.ndarray:
    return np.where(flags, "ja", "nei")


def _pupils(town: Town) -> pd.DataFrame:
    rows = stints(town.population)
    return pd.DataFrame(
        {
            "elevnummer": rows.pupil,
            "organisasjonsnummer": rows.school,
            "skolenavn": town.names(rows.school, rows.year),
            "skoleår": rows.school_year,
            "trinn": rows.year_group,
            "klasse": rows.class_name,
            "kjønn": rows.girl.map(SEX),
            "foreldres_utdanning": rows.education.map(EDUCATION),
            "nyankommet": _yes_no(rows.newly_arrived),
            "særskilt_norsk": _yes_no(rows.second_language),
        }
    )


def _grades(town: Town) -> pd.DataFrame:
    results = town.final
    pupil, column = np.nonzero(results.given != NOT_STUDIED)
    rows = results.rows.iloc[pupil]
    subjects = [EXAM_CODES.get(subject, (subject, "standpunkt")) for subject in results.grading.subjects]
    kind = results.given[pupil, column]
    mark = np.select([kind == NO_BASIS, kind == EXEMPT], ["IV", "FRI"], results.grading.grades[results.steps[pupil, column]])
    return pd.DataFrame(
        {
            "elevnummer": rows.pupil,
            "organisasjonsnummer": rows.spring,
            "skolenavn": town.names(rows.spring, rows.year),
            "skoleår": rows.school_year,
            "trinn": rows.year_group,
            "kjønn": rows.girl.map(SEX),
            "fagkode": np.array([code for code, _ in subjects])[column],
            "vurderingstype": np.array([kind for _, kind in subjects])[column],
            "standpunktkarakter": mark,
            "skolepoeng": results.totals[pupil].round(1),
        }
    )


def _tests(town: Town) -> pd.DataFrame:
    """Taken in the autumn, so at the school the pupil goes to then."""
    rng = stream(town.seed, "no", "tests")
    frames = []
    for year_group, tests in TESTS.items():
        rows = town.population[town.population.year_group == year_group].reset_index(drop=True)
        person = 7.2 * rows.ability + 2.3 * rows.education - 6 * rows.newly_arrived - 2 * rows.second_language
        for test in tests:
            ahead = GIRLS_AHEAD[test] * (rows.girl - 0.5) + (A_YEAR_OLDER if year_group == 9 else 0)
            points = np.clip(np.rint(49.7 + person + ahead + 5.2 * rng.normal(size=len(rows))), 15, 85)
            level = np.searchsorted(CUTS[min(year_group, 8)][test], points) + 1
            status = rng.choice(["deltatt", *NOT_TAKEN], size=len(rows), p=[1 - sum(NOT_TAKEN.values()), *NOT_TAKEN.values()])
            taken = status == "deltatt"
            frames.append(
                pd.DataFrame(
                    {
                        "elevnummer": rows.pupil,
                        "organisasjonsnummer": rows.autumn,
                        "skoleår": rows.school_year,
                        "trinn": rows.year_group,
                        "kjønn": rows.girl.map(SEX),
                        "prøve": test,
                        "status": status,
                        "skalapoeng": points.where(taken).astype("Int64"),
                        "mestringsnivå": pd.Series(level).where(taken).astype("Int64"),
                        "prøvedato": rows.school_year.str[:4] + "-09-" + f"{9 + 2 * TESTS[5].index(test):02d}",
                    }
                )
            )
    return pd.concat(frames).sort_values(
        ["skoleår", "trinn", "organisasjonsnummer", "elevnummer"], kind="stable", ignore_index=True
    )


def _survey(town: Town) -> pd.DataFrame:
    rows = town.wellbeing.rows
    number = rows.groupby("year").cumcount() + 1
    frame = pd.DataFrame(
        {
            "svarnummer": "R" + rows.school_year.str[:4] + number.map("{:05d}".format),
            "organisasjonsnummer": rows.school,
            "skolenavn": town.names(rows.school, rows.year),
            "skoleår": rows.school_year,
            "trinn": rows.year_group,
            "kjønn": rows.girl.map(SEX),
        }
    )
    return pd.concat([frame, town.wellbeing.answers.astype("Int64")], axis=1).sort_values(
        ["skoleår", "svarnummer"], ignore_index=True
    )


def _absence(town: Town) -> pd.DataFrame:
    """The whole year stands at the school where the pupil finished it."""
    away = town.attendance
    rows = away.rows
    frame = pd.DataFrame(
        {
            "elevnummer": rows.pupil,
            "organisasjonsnummer": rows.spring,
            "skoleår": rows.school_year,
            "kjønn": rows.girl.map(SEX),
            "fraværsdager": away.absent[:, 0].astype(int),
            "fraværstimer": away.hours[:, 0],
        }
    )
    return frame.sort_values(["skoleår", "organisasjonsnummer", "elevnummer"], ignore_index=True)


def _staffing(town: Town) -> pd.DataFrame:
    rows = town.staff
    return pd.DataFrame(
        {
            "organisasjonsnummer": rows.school,
            "skolenavn": town.names(rows.school, rows.year),
            "skoleår": [town.plan.school_years[year] for year in rows.year],
            "virksomhet": rows.provision.map(PROVISIONS),
            "trinngruppe": rows.band.replace("all", "alle"),
            "antall_barn_elever": rows.children.astype(int),
            "årsverk": rows.posts,
            "årsverk_med_godkjent_utdanning": rows.qualified,
            "elevtimer": rows.pupil_hours.astype("Int64"),
            "lærertimer": rows.teacher_hours.astype("Int64"),
        }
    )


def _schools(town: Town) -> pd.DataFrame:
    years = town.plan.school_years
    return pd.DataFrame(
        [
            {
                "organisasjonsnummer": life.place.code,
                "skolenavn": life.name,
                "kommunenummer": town.plan.code,
                "kommune": town.plan.name,
                "eierform": "offentlig",
                "trinn": life.year_groups,
                "gyldig_fra": years[life.first] if life.first else "",
                "gyldig_til": "" if life.last is None else years[life.last],
                "erstattes_av": life.successor,
            }
            for life in town.plan.lives()
        ]
    )
