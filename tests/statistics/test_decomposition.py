"""A gap divided, against the oaxaca package of R and by its own identities."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.oaxaca import OaxacaBlinder

from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.decomposition import REFERENCES, Parts, TwoGroups, known_reference
from tests.statistics.reference import answers

COLUMNS = ["age", "female", "LTHS", "some.college", "college", "advanced.degree"]
OF_R = {"B": 0, "A": 1, "reimers": 0.5, "neumark": -1, "pooled": -2}


def chicago(shared: Path, logarithm: bool = False) -> Parts:
    rows = pd.read_csv(shared / "statistics" / "data" / "oaxaca_chicago.csv").dropna()
    wage = rows["ln.real.wage"] if logarithm else np.exp(rows["ln.real.wage"])
    matrix = np.column_stack([np.ones(len(rows)), rows[COLUMNS]])
    return TwoGroups.of(wage, matrix, rows["foreign.born"] == 1, np.arange(len(rows)) % 7).parts()


def made_up(seed: int = 1, n: int = 300) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    in_b = rng.random(n) < 0.4
    matrix = np.column_stack([np.ones(n), rng.normal(2024, 2, n) - in_b, rng.random(n) < 0.3, rng.normal(size=n) * 1e4])
    return matrix @ [1, 0.5, 2, 1e-4] - in_b + rng.normal(size=n), matrix, in_b


def test_the_threefold_division_agrees_with_r(shared: Path):
    said, parts = answers(shared, "oaxaca_chicago"), chicago(shared)
    for name in ("endowments", "coefficients", "interaction"):
        assert getattr(parts, name).sum() == pytest.approx(said[f"threefold coef({name})"], abs=1e-6)
        assert getattr(parts, name).sum() == pytest.approx(said["published threefold (vignette)"][name], abs=1e-6)
    logs = chicago(shared, logarithm=True)
    for name in ("endowments", "coefficients", "interaction"):
        assert getattr(logs, name).sum() == pytest.approx(said["log-wage version, threefold"][f"coef({name})"], abs=1e-6)


def test_means_agree_with_r(shared: Path):
    said, parts = answers(shared, "oaxaca_chicago")["means"], chicago(shared)
    assert (parts.mean_a, parts.mean_b, parts.gap) == pytest.approx((said["y.A"], said["y.B"], said["y.diff"]), abs=1e-7)


def test_the_twofold_division_agrees_with_r_for_every_reference(shared: Path):
    said = answers(shared, "oaxaca_chicago")[
        "twofold by group.weight (-1 Neumark, -2 pooled with group dummy, .43 Cotton, .5 Reimers)"
    ]
    by_weight = {round(one["group.weight"], 3): one for one in said}
    parts = chicago(shared)
    for place, name in enumerate(REFERENCES):
        one = by_weight[round(OF_R.get(name, 287 / 666), 3)]
        explained, ours, theirs = (side[place].sum() for side in (parts.explained, parts.unexplained_a, parts.unexplained_b))
        assert explained == pytest.approx(one["coef(explained)"], abs=1e-6)
        assert (ours, theirs) == pytest.approx((one["coef(unexplained A)"], one["coef(unexplained B)"]), abs=1e-6)
        assert ours + theirs == pytest.approx(one["coef(unexplained)"], abs=1e-6)


def test_an_unknown_reference_is_refused_where_statsmodels_silently_takes_another():
    outcome, matrix, in_b = made_up()
    peer = OaxacaBlinder(outcome, np.column_stack([matrix, in_b]), 4, hasconst=True, swap=False)
    assert peer.two_fold(two_fold_type="neumark").params[1] == peer.two_fold(two_fold_type="pooled").params[1]
    assert peer.two_fold(two_fold_type="nuemark").params[1] != peer.two_fold(two_fold_type="pooled").params[1]
    for wrong in ("nuemark", "Neumark", "pool", "", "a"):
        with pytest.raises(ContractError, match="neumark"):
            known_reference(wrong)
    assert [known_reference(name) for name in REFERENCES] == list(REFERENCES)


def test_all_divisions_add_up_to_the_gap_on_columns_of_any_scale():
    outcome, matrix, in_b = made_up()
    parts = TwoGroups.of(outcome, matrix, in_b, np.arange(len(outcome))).parts()
    gap = outcome[~in_b].mean() - outcome[in_b].mean()
    assert parts.gap == pytest.approx(gap)
    assert (parts.endowments + parts.coefficients + parts.interaction).sum() == pytest.approx(gap)
    twofold = (parts.explained + parts.unexplained_a + parts.unexplained_b).sum(axis=-1)
    assert twofold == pytest.approx(np.full(6, gap))


def test_coefficients_are_those_of_least_squares_in_each_group():
    outcome, matrix, in_b = made_up()
    parts = TwoGroups.of(outcome, matrix, in_b, np.arange(len(outcome))).parts()
    for rows, found in ((~in_b, parts.coefficients_a), (in_b, parts.coefficients_b)):
        assert found == pytest.approx(np.linalg.lstsq(matrix[rows], outcome[rows], rcond=None)[0], rel=1e-6)


def test_drawing_a_school_twice_is_having_its_pupils_twice():
    outcome, matrix, in_b = made_up()
    school = np.arange(len(outcome)) % 5
    twice = np.concatenate([np.flatnonzero(school != 2), np.flatnonzero(school == 0)])
    drawn = TwoGroups.of(outcome, matrix, in_b, school).parts([[2, 1, 0, 1, 1]]).first()
    again = TwoGroups.of(outcome[twice], matrix[twice], in_b[twice], np.arange(len(twice))).parts()
    assert drawn.explained == pytest.approx(again.explained, rel=1e-6, abs=1e-8)


def test_term_by_term_parts_do_not_depend_on_which_category_is_left_out():
    rng = np.random.default_rng(3)
    kind, in_b = rng.integers(0, 3, 400), rng.random(400) < 0.5
    outcome = np.array([0.0, 1.0, 3.0])[kind] * (1 + in_b) + rng.normal(size=400)
    found = []
    for left_out in (0, 1, 2):
        kept = [one for one in range(3) if one != left_out]
        matrix = np.column_stack([np.ones(400), *(kind == one for one in kept)])
        parts = TwoGroups.of(outcome, matrix, in_b, np.arange(400)).parts().with_baselines((np.array([1, 2]),))
        found.append(dict(zip([*kept, left_out], parts.coefficients[1:], strict=True)))
        assert (parts.endowments + parts.coefficients + parts.interaction).sum() == pytest.approx(parts.gap)
    assert found[0] == pytest.approx(found[1]) and found[0] == pytest.approx(found[2])


def test_columns_that_cannot_be_told_apart_in_a_group_give_no_number():
    outcome, matrix, in_b = made_up()
    doubled = np.column_stack([matrix, matrix[:, 2]])
    assert np.isnan(TwoGroups.of(outcome, doubled, in_b, np.arange(len(outcome))).parts().endowments).all()
    only_a = np.column_stack([matrix, ~in_b & (np.arange(len(outcome)) % 2 == 0)])
    assert np.isnan(TwoGroups.of(outcome, only_a, in_b, np.arange(len(outcome))).parts().coefficients_b).all()
