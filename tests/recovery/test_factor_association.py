"""Associations that are there are found, those that are not are not, and intervals hold the truth 95 times in a hundred."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.analyses.causal_graph import CausalGraph
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.factor_association import factor_association, factor_associations
from kvalitet_lib.analyses.factor_columns import Block
from kvalitet_lib.analyses.factor_fit import Question, fit
from kvalitet_lib.errors import ContractError
from kvalitet_lib.sources.synthetic.answers import truths_of
from kvalitet_lib.sources.synthetic.places import plan
from kvalitet_lib.sources.synthetic.town import build
from kvalitet_lib.statistics.multiplicity import benjamini_hochberg

SIMULATIONS, TOWNS = 500, 200
SCHOOLS = 30
GRAPH = CausalGraph.of(
    [("intake", "staff"), ("intake", "points"), ("girl", "points"), ("staff", "mood"), ("mood", "points"), ("points", "party"),
     ("staff", "party")], "points",
)  # fmt: skip


def block(name: str, values: np.ndarray) -> Block:
    return Block(name, (name,), values[:, None])


def pupils_of_schools(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Outcome, factor, confounder and school: within schools the factor goes with 2, between them with 3, the confounder with 1
    and 2; schools differ, and so does how far their pupils scatter."""
    size = rng.integers(6, 40, SCHOOLS)
    school = np.repeat(np.arange(SCHOOLS), size)
    climate = rng.normal(size=SCHOOLS)
    confounder = 0.6 * climate[school] + rng.normal(size=len(school))
    factor = (0.5 * climate + 0.7 * rng.normal(size=SCHOOLS))[school] + 0.4 * confounder + rng.normal(size=len(school))
    of_factor, of_confounder = (np.bincount(school, column) / size for column in (factor, confounder))
    scatter = rng.uniform(1, 3, SCHOOLS)[school]
    outcome = (
        2 * (factor - of_factor[school]) + 3 * of_factor[school]
        + 1 * (confounder - of_confounder[school]) + 2 * of_confounder[school]
        + rng.normal(0, 0.6, SCHOOLS)[school] + rng.normal(size=len(school)) * scatter
    )  # fmt: skip
    return outcome, factor, confounder, school


@pytest.fixture(scope="module")
def held() -> dict[tuple[str, str], float]:
    """How often each interval holds the truth, by kind of standard error and part."""
    rng, found = np.random.default_rng(100), defaultdict(list)  # over 2,000 simulations all lie in 0.945-0.962
    truth = {"within": 2.0, "between": 3.0, "difference": 1.0}
    for simulation in range(SIMULATIONS):
        y, factor, confounder, school = pupils_of_schools(rng)
        for kind in ("cr2", "multilevel"):
            answer = fit(Question(y, block("x", factor), {"z": block("z", confounder)}, school, standard_errors=kind))
            for one in (*answer.factor, *answer.differences):
                found[kind, one.part].append(one.lower <= truth[one.part] <= one.upper)
        alone = fit(Question(y, block("x", factor), {}, school)).factor if simulation < 100 else ()
        for one in alone:
            found["nothing held", one.part].append(one.lower <= truth[one.part] <= one.upper)
    return {which: float(np.mean(hits)) for which, hits in found.items()}


@pytest.mark.parametrize("kind", ["cr2", "multilevel"])
@pytest.mark.parametrize("part", ["within", "between", "difference"])
def test_intervals_hold_the_truth_within_schools_and_between_them(held: dict[tuple[str, str], float], kind: str, part: str):
    assert 0.93 <= held[kind, part] <= 0.97


def test_without_the_confounder_intervals_miss_the_truth(held: dict[tuple[str, str], float]):
    assert max(held["nothing held", part] for part in ("within", "between")) < 0.6


def town_without_effect(seed: int) -> pd.DataFrame:
    """Staff follow intake and do nothing; intake does much."""
    rng = np.random.default_rng(seed)
    school = np.repeat(np.arange(SCHOOLS), rng.integers(6, 30, SCHOOLS))
    n = len(school)
    intake = 0.7 * rng.normal(size=SCHOOLS)[school] + rng.normal(size=n)
    at_school = np.bincount(school, intake) / np.bincount(school)
    staff = (1.8 * at_school + rng.normal(size=SCHOOLS))[school] + 0.2 * rng.normal(size=n)
    points = 10 * intake + 4 * rng.normal(size=SCHOOLS)[school] + 15 * rng.normal(size=n)
    mood = staff + rng.normal(size=n)
    return pd.DataFrame(
        {"school": school, "points": points, "staff": staff, "intake": intake, "girl": rng.integers(0, 2, n), "mood": mood,
         "party": staff + points / 15 + rng.normal(size=n)}
    )  # fmt: skip


def test_a_town_where_nothing_is_at_work_is_told_so_nineteen_times_in_twenty():
    false = 0
    for seed in range(TOWNS):
        rows = town_without_effect(seed)
        intake, school = {"intake": block("intake", rows["intake"].to_numpy())}, rows["school"].to_numpy()
        columns = [block(name, rows[name].to_numpy(float)) for name in ("staff", "girl")]
        p = [one.p for own in columns for one in fit(Question(rows["points"].to_numpy(), own, intake, school)).factor]
        false += benjamini_hochberg(p, np.zeros(len(p), dtype=int))[0].min() < 0.05
        if seed < 5:  # what the finding says is what these p-values say
            findings = factor_associations(rows, "points", ["staff", "girl"], adjust=["intake"])
            assert np.concatenate([one.estimates["p"] for one in findings]) == pytest.approx(p)
    assert false <= 0.05 * TOWNS + 2 * np.sqrt(0.05 * 0.95 * TOWNS)  # two standard deviations of a binomial count


def test_the_confounder_held_equal_takes_the_false_association_away():
    towns = [town_without_effect(1000 + seed) for seed in range(24)]
    plain, held = (
        [factor_association(rows, "points", "staff", within_between=False, **how)["staff"] for rows in towns]
        for how in ({}, {"graph": GRAPH})
    )  # fmt: skip
    assert np.mean([row["lower"] > 0 for row in plain]) > 0.9
    assert np.mean([row["lower"] > 0 or row["upper"] < 0 for row in held]) <= 0.17
    assert np.mean([row["estimate"] for row in held]) == pytest.approx(0, abs=0.8)


def test_a_collider_held_equal_would_have_made_an_association_and_is_refused():
    rows = pd.concat([town_without_effect(seed).assign(school=lambda r, s=seed: r["school"] + 100 * s) for seed in range(4)])
    wrong = factor_association(rows, "points", "staff", adjust=["intake", "party"])["staff"]
    assert wrong["upper"] < 0
    with pytest.raises(ContractError, match="party is a collider"):
        factor_association(rows, "points", "staff", graph=GRAPH, adjust=["intake", "party"])


def test_a_mediator_held_equal_would_have_taken_the_association_away_and_is_refused():
    rows = town_without_effect(1)
    rows["points"] += 8 * rows["mood"]
    whole = factor_association(rows, "points", "staff", graph=GRAPH, within_between=False)["staff"]
    part = factor_association(rows, "points", "staff", adjust=["intake", "mood"], within_between=False)["staff"]
    assert whole["lower"] < 8 < whole["upper"] and whole["lower"] > 0
    assert part["lower"] < 0 < part["upper"]
    with pytest.raises(ContractError, match="staff → mood → points"):
        factor_association(rows, "points", "staff", graph=GRAPH, adjust=["mood"])


@pytest.fixture(scope="module")
def leavers() -> tuple[pd.DataFrame, dict[str, float]]:
    """Pupils who finish compulsory school in the made-up municipality, and what was planted."""
    town = build(plan("se"), 2025)
    rows = town.final.rows
    staffed = town.staff[(town.staff.provision == "school") & town.staff.band.eq("all")].set_index(["school", "year"])
    staff = staffed.reindex(pd.MultiIndex.from_arrays([rows.spring, rows.year])).reset_index(drop=True)
    pupils = rows.assign(
        school=rows.spring,
        outcome=town.final.totals,
        newly_arrived=rows.newly_arrived.astype(float),
        second_language=rows.second_language.astype(float),
        qualified=staff.qualified / staff.posts,
        pupils_per_post=staff.children / staff.posts,
        class_size=rows.groupby(["spring", "year", "class_name"]).pupil.transform("size"),
    )
    truths = truths_of(town, small=False)
    return pupils, {name: float(truths[name].size or 0) for name in ("girls_ahead", "parents_education", "qualified_teachers")}


def example() -> CausalGraph:
    from tests.conftest import ROOT

    return CausalGraph.read(ROOT / "params" / "causal_graph.yml")


@pytest.mark.parametrize(("factor", "truth"), [("girl", "girls_ahead"), ("education", "parents_education")])
def test_what_was_planted_among_pupils_is_found_by_the_graph(leavers, factor: str, truth: str):
    pupils, planted = leavers
    found = factor_association(pupils, "outcome", factor, graph=example(), school_year="school_year")
    assert found[factor]["group"] == "within"
    assert 0 < found[factor]["lower"] < planted[truth] < found[factor]["upper"]
    assert found.claims.iloc[0] == Claim.GOES_WITH


def test_staff_and_class_size_that_do_nothing_are_not_found_once_intake_is_held_equal(leavers):
    pupils, _ = leavers
    names = ["qualified", "pupils_per_post", "class_size"]
    findings = factor_associations(pupils, "outcome", names, graph=example(), school_year="school_year", confidence=0.99)
    assert [one.claim for one in findings] == [Claim.NOTHING] * 3
    for finding in findings:
        told = finding.estimates.dropna(subset="estimate")
        assert len(told) and (told["lower"].lt(0) & told["upper"].gt(0)).all()


def test_a_plain_correlation_of_qualified_teachers_and_results_misleads(leavers):
    plain = factor_association(leavers[0], "outcome", "qualified", within_between=False)
    assert plain["qualified"]["lower"] > 0 and plain["qualified"]["p"] < 0.01
    assert plain.design == Claim.DIFFERS  # nothing is held equal, and no more is said than that they differ
