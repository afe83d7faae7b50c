"""Ekköping's deliveries: Swedish headers, one file a kind and school year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kvalitet_lib.sources.synthetic.attendance import MONTHS
from kvalitet_lib.sources.synthetic.population import stints, stream
from kvalitet_lib.sources.synthetic.schooling import GRADED, NO_BASIS, NOT_STUDIED, Results
from kvalitet_lib.sources.synthetic.town import Town

SEX = {1: "flicka", 0: "pojke"}
EDUCATION = {-1: "förgymnasial", 0: "gymnasial", 1: "eftergymnasial"}
PROVISIONS = {"school": "grundskola", "preschool": "förskola", "after_school": "fritidshem"}
PROGRAMMES = ("EK", "SA", "NA", "TE", "BA", "VO", "EE", "IM")
PROGRAMME_SHARES = (0.19, 0.20, 0.16, 0.13, 0.09, 0.08, 0.09, 0.06)
NO_TESTS = ("2020-21",)
PARTS = {"SV": ("A", "B", "C"), "MA": ("A", "B", "C", "D")}
NOT_TAKEN = 0.05
FILES_BY_YEAR = ("elever", "betyg_ak6", "betyg_ak9", "nationella_prov", "enkat", "franvaro", "gymnasiet")


def deliveries(town: Town) -> dict[str, pd.DataFrame]:
    """Everything the municipality's systems deliver: file name → cells."""
    assert town.halfway is not None
    by_kind = {
        "elever": _pupils(town),
        "betyg_ak6": _grades(town, town.halfway, "terminsbetyg"),
        "betyg_ak9": _grades(town, town.final, "slutbetyg"),
        "nationella_prov": pd.concat([_year_3(town), _tests(town, town.halfway), _tests(town, town.final)], ignore_index=True),
        "enkat": _survey(town),
        "franvaro": _absence(town),
        "gymnasiet": _upper_secondary(town),
    }
    files = {"skolor.csv": _schools(town), "bemanning.csv": _staffing(town)}
    for kind in FILES_BY_YEAR:
        rows = by_kind[kind]
        for year in town.plan.school_years:
            of_year = rows[rows.läsår == _written(year)]
            if len(of_year):
                files[f"{kind}_{year}.csv"] = _as_that_year_was_delivered(
                    kind, of_year, town.plan.school_years.index(year) - town.plan.years
                )
    return files


def _written(school_year: str) -> str:
    return school_year.replace("-", "/")


def _years(school_years: pd.Series) -> pd.Series:
    return school_years.str.replace("-", "/")


def _as_that_year_was_delivered(kind: str, rows: pd.DataFrame, from_the_end: int) -> pd.DataFrame:
    """The merit value is stated the last two years, an empty column the year before, and no column at all earlier."""
    if kind != "betyg_ak9" or from_the_end >= -2:
        return rows
    return rows.assign(meritvärde=np.nan) if from_the_end == -3 else rows.drop(columns="meritvärde")


def _yes_no(flags: pd.Series) -> np.ndarray:
    return np.where(flags, "ja", "nej")


def _pupils(town: Town) -> pd.DataFrame:
    rows = stints(town.population)
    in_words = rows.year_group.astype(str).where(rows.year_group <= 9, "Gy" + (rows.year_group - 10).astype(str))
    return pd.DataFrame(
        {
            "elevid": rows.pupil,
            "skolenhetskod": rows.school,
            "skola": town.names(rows.school, rows.year),
            "läsår": _years(rows.school_year),
            "årskurs": in_words,
            "klass": rows.class_name,
            "kön": rows.girl.map(SEX),
            "föräldrars_utbildning": rows.education.map(EDUCATION),
            "nyinvandrad": _yes_no(rows.newly_arrived),
            "svenska_som_andraspråk": _yes_no(rows.second_language),
        }
    )


def _grades(town: Town, results: Results, kind: str) -> pd.DataFrame:
    pupil, column = np.nonzero(results.given != NOT_STUDIED)
    rows = results.rows.iloc[pupil]
    subject = pd.Series(np.array(results.grading.subjects)[column], index=rows.index)
    grade = np.where(results.given[pupil, column] == NO_BASIS, "-", results.grading.grades[results.steps[pupil, column]])
    frame = pd.DataFrame(
        {
            "elevid": rows.pupil,
            "skolenhetskod": rows.spring,
            "skola": town.names(rows.spring, rows.year),
            "läsår": _years(rows.school_year),
            "årskurs": rows.year_group,
            "klass": rows.class_name,
            "kön": rows.girl.map(SEX),
            "ämne": subject.mask((subject == "SV") & rows.second_language, "SVA"),
            "betyg": grade,
            "språkval": np.where(subject == "M2", "ja", "nej"),
            "betygstyp": kind,
        }
    )
    return frame.assign(meritvärde=results.totals[pupil]) if kind == "slutbetyg" else frame


def _tests(town: Town, results: Results) -> pd.DataFrame:
    rng = stream(town.seed, "se", "tests", str(results.rows.step.iloc[0]))
    frames = []
    for subject, steps in results.test_steps.items():
        taken = (rng.random(len(steps)) >= NOT_TAKEN) & (results.given[:, results.grading.column(str(subject))] == GRADED)
        points = 12 * steps.to_numpy() + rng.integers(4, 16, len(steps))
        frames.append(
            _test_rows(results.rows, str(subject), "", pd.Series(points).where(taken), taken).assign(
                provbetyg=np.where(taken, results.grading.grades[steps], "")
            )
        )
    return _held(pd.concat(frames, ignore_index=True))


def _year_3(town: Town) -> pd.DataFrame:
    rng = stream(town.seed, "se", "tests", "3")
    rows = town.population[town.population.step == 3].reset_index(drop=True)
    person = rows.ability + 0.35 * rows.education - 1.1 * rows.newly_arrived - 0.3 * rows.second_language
    frames = []
    for subject, parts in PARTS.items():
        taken = rng.random(len(rows)) >= NOT_TAKEN
        for part in parts:
            above = 1.9 + 0.25 * rows.girl * (subject == "SV") + 1.1 * person + 0.9 * rng.normal(size=len(rows))
            points = np.clip(np.rint(12 + 4 * above), 0, 24)
            frames.append(
                _test_rows(rows, subject, part, points.where(taken), taken).assign(
                    uppnått_kravnivå=np.where(taken, _yes_no(above >= 0.15), "")
                )
            )
    return _held(pd.concat(frames, ignore_index=True))


def _test_rows(rows: pd.DataFrame, subject: str, part: str, points: pd.Series, taken: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "elevid": rows.pupil,
            "skolenhetskod": rows.spring,
            "läsår": _years(rows.school_year),
            "årskurs": rows.year_group,
            "kön": rows.girl.map(SEX),
            "ämne": np.where((subject == "SV") & rows.second_language, "SVA", subject),
            "delprov": part,
            "poäng": points.astype("Int64"),
            "provbetyg": "",
            "uppnått_kravnivå": "",
            "deltagit": np.where(taken, "ja", "nej"),
        }
    )


def _held(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[~rows.läsår.isin([_written(year) for year in NO_TESTS])].sort_values(
        ["läsår", "årskurs", "skolenhetskod", "elevid"], kind="stable"
    )


def _survey(town: Town) -> pd.DataFrame:
    rows = town.wellbeing.rows
    number = rows.groupby("year").cumcount() + 1
    frame = pd.DataFrame(
        {
            "svarsid": "S" + rows.school_year.str[:4] + number.map("{:05d}".format),
            "skolenhetskod": rows.school,
            "skola": town.names(rows.school, rows.year),
            "läsår": _years(rows.school_year),
            "årskurs": rows.year_group,
            "kön": rows.girl.map(SEX),
            "svarsgrupp": "elev",
        }
    )
    return pd.concat([frame, town.wellbeing.answers.astype("Int64")], axis=1).sort_values(["läsår", "svarsid"], ignore_index=True)


def _absence(town: Town) -> pd.DataFrame:
    away = town.attendance
    rows = away.rows
    months = []
    for place, month in enumerate(MONTHS):
        before_turn = month > "07"
        first = rows.school_year.str[:4].astype(int)
        months.append(
            pd.DataFrame(
                {
                    "elevid": rows.pupil,
                    "skolenhetskod": rows.autumn if before_turn else rows.spring,
                    "läsår": _years(rows.school_year),
                    "månad": (first if before_turn else first + 1).astype(str) + f"-{month}",
                    "schemalagd_tid": away.possible[:, place].astype(int),
                    "ogiltig_frånvaro": away.unexcused[:, place],
                    "giltig_frånvaro": away.absent[:, place].astype(int) - away.unexcused[:, place],
                    "frånvaro_totalt": away.absent[:, place].astype(int),
                }
            )
        )
    return pd.concat(months).sort_values(["månad", "skolenhetskod", "elevid"], ignore_index=True)


def _upper_secondary(town: Town) -> pd.DataFrame:
    """Those in their third year, and the year after the same pupils once more."""
    rng = stream(town.seed, "se", "upper")
    rows = town.population[town.population.step == 12].reset_index(drop=True)
    standing = 1.45 + 1.2 * rows.ability + 0.3 * rows.girl + 0.25 * rows.education + rng.logistic(size=len(rows))
    points = np.clip(
        13.6 + 2.1 * rows.ability + 0.5 * rows.girl + rng.normal(0, 1, len(rows)) - 2.5 * (standing < 0), 0, 20
    ).round(1)
    programme = rng.choice(PROGRAMMES, size=len(rows), p=PROGRAMME_SHARES)
    begun = (rows.school_year.str[2:4].astype(int) - 2).map("{:02d}".format)
    third = pd.DataFrame(
        {
            "elevid": rows.pupil,
            "skolenhetskod": rows.spring,
            "läsår": _years(rows.school_year),
            "studievägskod": programme,
            "klass": programme + begun + rows.class_name.str[-1],
            "kön": rows.girl.map(SEX),
            "betygspoäng": points,
            "examen": _yes_no(standing >= 0),
            "år_sedan_start": 3,
        }
    )
    again = rows.year + 1 < town.plan.years
    next_year = rows.year[again].add(1).map(lambda year: _written(town.plan.school_years[year]))
    fourth = third[again].assign(läsår=next_year, examen=_yes_no(standing[again] >= -0.45), år_sedan_start=4)
    return pd.concat([third, fourth]).sort_values(["läsår", "år_sedan_start", "elevid"], ignore_index=True)


def _staffing(town: Town) -> pd.DataFrame:
    rows = town.staff
    return pd.DataFrame(
        {
            "skolenhetskod": rows.school,
            "skola": town.names(rows.school, rows.year),
            "läsår": [_written(town.plan.school_years[year]) for year in rows.year],
            "verksamhet": rows.provision.map(PROVISIONS),
            "antal_barn_elever": rows.children.astype(int),
            "heltidstjänster": rows.posts,
            "heltidstjänster_med_behörighet": rows.qualified,
        }
    )


def _schools(town: Town) -> pd.DataFrame:
    years = [_written(year) for year in town.plan.school_years]
    return pd.DataFrame(
        [
            {
                "skolenhetskod": life.place.code,
                "skola": life.name,
                "kommunkod": town.plan.code,
                "kommun": town.plan.name,
                "huvudman": "kommunal",
                "årskurser": life.year_groups,
                "giltig_från": years[life.first] if life.first else "",
                "giltig_till": "" if life.last is None else years[life.last],
                "ersätts_av": life.successor,
            }
            for life in town.plan.lives()
        ]
    )
