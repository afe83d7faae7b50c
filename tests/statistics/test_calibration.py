"""What risks are worth on pupils no model has seen, against pROC and rms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.calibration import calibration, smooth_calibration, validation
from kvalitet_lib.statistics.discrimination import Flagged, auc
from tests.statistics.reference import answers


def foretold(shared: Path) -> tuple[np.ndarray, np.ndarray]:
    rows = pd.read_csv(shared / "statistics" / "data" / "ref_early_warning_test_pred.csv")
    return rows["fail"].to_numpy(float), rows["p"].to_numpy()


def test_auc_and_its_interval_agree_with_proc(shared: Path):
    said, (event, risk) = answers(shared, "early_warning"), foretold(shared)
    found = auc(event, risk)
    assert len(event) == said["n_test"]
    assert found.estimate == pytest.approx(said["auc_test"], abs=1e-5)
    assert found.interval() == pytest.approx(said["auc_ci"], abs=1e-5)


def test_calibration_agrees_with_r(shared: Path):
    said, found = answers(shared, "early_warning"), calibration(*foretold(shared))
    assert found.brier == pytest.approx(said["brier"], abs=1e-5)
    assert found.in_the_large == pytest.approx(said["calib_in_large"], abs=1e-5)
    assert found.slope == pytest.approx(said["calib_slope"], abs=1e-5)
    assert found.observed_to_expected == pytest.approx(said["OE"], abs=1e-5)


def test_everything_rms_says_of_new_pupils_agrees(shared: Path):
    said, found = answers(shared, "early_warning")["val.prob (Emax,E90,Eavg use lowess)"], validation(*foretold(shared))
    assert set(said) == set(found)
    for name, value in said.items():
        if value != "NA":
            assert found[name] == pytest.approx(value, rel=1e-6), name


def test_auc_by_hand_with_ties_counting_half():
    found = auc([1, 1, 0, 0, 0], [0.8, 0.4, 0.4, 0.2, 0.1])
    assert found.estimate == pytest.approx((3 + 0.5 + 2) / 6)
    of_events, of_others = np.array([1, 2.5 / 3]), np.array([1.5 / 2, 1, 1])
    assert found.standard_error == pytest.approx(np.sqrt(of_events.var(ddof=1) / 2 + of_others.var(ddof=1) / 3))


def test_with_every_pupil_a_school_of_its_own_the_clustered_error_is_delongs():
    rng = np.random.default_rng(1)
    event, risk = (rng.random(80) < 0.3).astype(float), rng.random(80)
    assert auc(event, risk, np.arange(80)).standard_error == pytest.approx(auc(event, risk).standard_error)


def test_pupils_of_one_school_who_are_alike_make_the_auc_less_sure():
    rng = np.random.default_rng(2)
    school = np.repeat(np.arange(20), 30)
    risk = rng.normal(size=20)[school]
    event = (rng.random(600) < 1 / (1 + np.exp(-risk - rng.normal(size=20)[school]))).astype(float)
    assert auc(event, risk, school).standard_error > 2 * auc(event, risk).standard_error


def test_with_one_outcome_only_there_is_no_auc_and_no_calibration():
    assert np.isnan(auc([0, 0], [0.1, 0.2]).estimate)
    with pytest.raises(ContractError, match="at least one of each"):
        calibration([0, 0], [0.1, 0.2])
    with pytest.raises(ContractError, match="probability"):
        calibration([0, 1], [0.1, 1.2])


def test_an_auc_does_not_see_that_risks_are_far_too_extreme():
    rng = np.random.default_rng(3)
    log_odds = rng.normal(-1, 1, 4000)
    event = (rng.random(4000) < 1 / (1 + np.exp(-log_odds))).astype(float)
    true, extreme = 1 / (1 + np.exp(-log_odds)), 1 / (1 + np.exp(-3 * log_odds))
    assert auc(event, extreme).estimate == pytest.approx(auc(event, true).estimate)
    assert calibration(event, true).slope == pytest.approx(1, abs=0.12)
    assert calibration(event, extreme).slope == pytest.approx(1 / 3, abs=0.05)


def test_risks_of_exactly_0_and_1_are_used():
    found = calibration([0, 1, 1, 0, 1], [0, 1, 0.7, 0.4, 0.5])
    assert np.isfinite([found.slope, found.brier, found.observed_to_expected]).all()


def test_risks_all_alike_have_the_smooth_curve_of_the_share():
    assert smooth_calibration([1, 0, 0, 0], [0.2] * 4) == pytest.approx(np.full(4, 0.25))


def test_net_benefit_by_hand():
    flags = Flagged.at([1, 1, 0, 0, 0], [0.9, 0.1, 0.6, 0.2, 0.5], [0.5])
    assert (flags.true[0], flags.false[0], flags.missed[0], flags.spared[0]) == (1, 2, 1, 1)
    assert flags.net_benefit[0] == pytest.approx(1 / 5 - 2 / 5 * 1)
    assert flags.net_benefit_of_all[0] == pytest.approx(2 / 5 - 3 / 5)
