"""Made-up pupils in schools, with effects one has planted."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd


def pupils(
    schools: int = 25, size: int = 30, *, between: float = 0.4, slope: float = 0.0, background: float = 0.0, seed: int = 1
) -> pd.DataFrame:
    """One row is one pupil: ``pupil, school, school_year, prior, girl, education, z`` (of the school) and ``points``.

    ``between`` and ``slope`` are standard deviations between schools; ``background`` is how far schools' intakes differ.
    """
    rng = np.random.default_rng(seed)
    code = np.repeat(np.arange(schools), size)
    n = len(code)
    prior = rng.normal(size=n) + background * rng.normal(size=schools)[code]
    girl, education = rng.integers(0, 2, n), rng.integers(-1, 2, n)
    effect = rng.normal(size=(schools, 2)) * [between, slope]
    points = 10 + 0.7 * prior + 0.2 * girl + 0.1 * education + effect[code, 0] + effect[code, 1] * prior + rng.normal(0, 0.7, n)
    return pd.DataFrame(
        {
            "pupil": [f"e{one}" for one in range(n)],
            "school": [f"s{one:03}" for one in code],
            "school_year": "2024-25",
            "prior": prior,
            "girl": girl,
            "education": pd.Series(education).map({-1: "lower", 0: "middle", 1: "higher"}),
            "z": rng.normal(size=schools)[code],
            "points": points,
        }
    )


def town(followed: float = 1.0, unfollowed_years: tuple[str, ...] = ()) -> SimpleNamespace:
    """What ``of_municipality`` asks of a municipality: pupils with an early and a later result, in three school years."""
    rows = pupils(schools=25, size=60, between=0.6).drop(columns="school_year")
    rng = np.random.default_rng(7)
    years = np.array(["2022-23", "2023-24", "2024-25"])[rng.integers(0, 3, len(rows))]
    background = {"newly_arrived": 0.0, "second_language": rng.integers(0, 2, len(rows)), "parents_education": rows["education"]}
    now = rows.assign(school_year=years, **background)
    then = now.assign(school_year="2021-22")
    results = pd.concat(
        [
            now[["pupil", "school", "school_year"]].assign(measure="later", value=now["points"]),
            then[["pupil", "school", "school_year"]].assign(measure="early", value=then["prior"]),
        ],
        ignore_index=True,
    )
    known = (rng.random(len(now)) < followed) & ~now["school_year"].isin(unfollowed_years)
    pairs = now.loc[known, ["pupil", "school", "school_year"]].assign(earlier=now["prior"], later=now["points"])
    return SimpleNamespace(
        results=results,
        pupils=pd.concat([now, then], ignore_index=True),
        chains=(("early", "later"),),
        pairs=lambda earlier, later: pairs,
        confidence=0.95,
    )
