"""The answer about growth, put together: tables, single figures, estimates and doubts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kvalitet_lib.analyses import growth_checks as doubt
from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.checks import enough_schools, little_missing, one_family
from kvalitet_lib.analyses.finding import ESTIMATES, estimates_frame
from kvalitet_lib.analyses.growth_ahead import Ahead, on_the_way
from kvalitet_lib.analyses.growth_rows import Question, codes_of
from kvalitet_lib.analyses.growth_tables import Held
from kvalitet_lib.statistics.between_groups import alike, share_between

Tables = Mapping[str, pd.DataFrame]


def tables_of(question: Question, held: Held, ahead: Ahead | None, reliability: float | None) -> dict[str, pd.DataFrame]:
    """``schools``, ``groups``, ``school_years`` and ``on_the_way``, as far as the columns named allow."""
    level, tables = question.confidence, {}
    if question.school:
        tables["schools"] = held.by(question.school, level).rename(columns={"group": "school"})
        if reliability is not None:
            tables["schools"]["mean_corrected"] = held.corrected(question.school, reliability)
    if question.factors:
        parts = [held.by(name, level).assign(factor=name) for name in question.factors]
        tables["groups"] = pd.concat(parts, ignore_index=True)
    if question.school and question.school_year:
        tables["school_years"] = held.by_school_year(question.school, question.school_year, level)
    if ahead is not None:
        tables["on_the_way"] = on_the_way(ahead, question.school, level)
    return tables


def numbers_of(question: Question, held: Held, tables: Tables) -> dict[str, float]:
    """Single figures of a finding of growth."""
    first, known = held.norms.norms[0], np.isfinite(held.percentile)
    tested = [int(tables[name]["p"].notna().sum()) for name in ("schools", "groups") if name in tables]
    numbers = {
        "norm_pupils": float(first.size),
        "priors": float(len(held.norms.norms)),
        "tests": float(sum(tested)),
        "beyond": float(first.splines[0].beyond(held.pupils.priors[known, 0])),
    }
    if question.school:
        code, _ = codes_of(held.pupils, question.school)
        known &= code >= 0
        numbers["between_schools"] = share_between(held.percentile[known], code[known])
        numbers["p_all_alike"] = alike(held.percentile[known], code[known])
    return numbers


def estimates_of(question: Question, held: Held, tables: Tables) -> pd.DataFrame:
    """All pupils, each school, each group, and who is on the way."""
    parts = [pd.DataFrame([held.all_together(question.confidence)])]
    if "schools" in tables:
        parts.append(tables["schools"].rename(columns={"school": "group"}).assign(term="school", null=held.middle))
    if "groups" in tables:
        parts.append(tables["groups"].rename(columns={"factor": "term"}).assign(null=held.middle))
    if "on_the_way" in tables:
        parts.append(tables["on_the_way"].rename(columns={"school": "group"}).assign(term="on_the_way"))
    extra = ["mean", "mean_lower", "mean_upper", "mean_corrected", "expected"]
    kept = [*ESTIMATES, *(name for name in extra if any(name in part for part in parts))]
    return estimates_frame([row for part in parts for row in part.reindex(columns=kept).to_dict("records")])


def checks_of(question: Question, held: Held, tables: Tables, lost: bool) -> tuple[Check, ...]:
    """Every doubt about growth that the columns named allow to test; ``lost`` whether pupils without a score were lost."""
    known, pupils = np.isfinite(held.percentile), held.pupils
    found = [little_missing(held.basis), *doubt.lost_are_like_the_others(pupils, lost), doubt.norm_is_sharp(held.norms, pupils)]
    if held.own_norm:
        found += [doubt.centred(held.middle), doubt.fits_at_every_level(held.percentile[known], pupils.priors[known, 0])]
    found += [doubt.room_at_the_ends(pupils, [question.score, *question.priors]), doubt.not_crossing(held.norms, pupils)]
    if "schools" in tables:
        code, schools = codes_of(pupils, question.school)
        intake = pd.Series(pupils.priors[known, 0]).groupby(code[known]).mean()
        intake = intake[intake.index >= 0].rename(index=dict(enumerate(schools)))
        found += [
            enough_schools(len(schools)),
            doubt.few_pupils(tables["schools"]),
            doubt.moved_by_error(tables["schools"]),
            doubt.not_by_intake(tables["schools"], intake),
        ]
    if "school_years" in tables:
        found += [doubt.years_weigh_alike(tables["school_years"]), doubt.steady(tables["school_years"])]
    tests = sum(int(tables[name]["p"].notna().sum()) for name in ("schools", "groups") if name in tables)
    return (*found, one_family(tests))
