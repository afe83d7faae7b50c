"""What treated schools would have done without the measure: a weighted mean of schools that never had it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.analyses.policy_change_synthetic_checks import checks_of
from kvalitet_lib.analyses.policy_change_synthetic_fit import Answer, answer_of
from kvalitet_lib.analyses.policy_change_synthetic_rows import Panel, panel_of
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.synthetic_control import METHODS

ANALYSIS = "policy_change"
FEWEST_BEFORE = 3  # fewer times before show no course that weights could follow; own rule
INFERENCES = ("placebo", "jackknife")
CANNOT_TELL = ("why", "synthetic_same_time", "synthetic_spill_over")


def synthetic(
    rows: pd.DataFrame,
    outcome: str,
    *,
    unit: str,
    time: str,
    treated: Any = None,
    treated_from: Any = None,
    method: str = "synthetic_control",
    predictors: Sequence[str] | Mapping[str, float] = (),
    inference: str = "placebo",
    exact: bool = False,
    seed: int = 1,
    confidence: float = 0.95,
) -> Finding:
    """What came of a measure in one or a few units, held against a weighted mean of units that never had it.

    Parameters
    ----------
    rows : DataFrame
        One row is one unit and time. Units without a value at every time are left out.
    outcome, unit, time : str
        Columns.
    treated : unit, sequence of units, or column of 0 and 1
    treated_from : time, mapping of unit to time, or column of each unit's first time (empty or 0 for never)
        When the measure began. Not needed when ``treated`` is a column of 0 and 1.
    method : str
        ``synthetic_control``: units weighted to follow the treated at every time before. ``synthetic_did``: units weighted to
        run parallel, and times before weighted to resemble those after. ``did``: all weighted alike.
    predictors : sequence of columns, or mapping of column to importance
        For ``synthetic_control``: match their means before, in standard deviations, instead of the outcome's whole course.
        Importances are yours to choose; which are right is not in the figures.
    inference : str
        ``placebo``: the same estimate for units that never had the measure, one at a time (or, with several treated, drawn at
        random, from ``seed``). ``jackknife``: leaving out one unit at a time, for two or more treated per start; ``p`` is then
        that of the interval.
    exact : bool
        The best weights there are, instead of those at which the R package synthdid stops, by which the published
        figures were made. ``numbers["effect_exact"]`` has the answer with the best weights in any case.
    confidence : float

    Returns
    -------
    Finding
        Estimates: ``effect`` of ``all`` treated, per time with the measure, with Student's t over the placebos; ``p`` is the
        placebos' own: the share that is at least as far from 0 (for synthetic control: whose gap after, beside that before, is at
        least as large). Units that began at different times: one estimate per start (``group``), the whole weighted by treated
        units times times.
        Tables: ``unit_weights`` (``starts, unit, weight``), ``time_weights`` (``starts, time, weight``), ``gaps`` (``starts,
        time, after, treated, synthetic, gap``), ``placebos`` (``units, effect, misfit, ratio``), ``without`` (``unit, effect``:
        each donor that counts left out).
        Numbers: ``effect_exact``, ``misfit`` (root mean squared gap before), ``misfit_usual`` (the placebos' median),
        ``ratio``, ``permutation_p``, ``ratio_p``, ``smallest_p``, ``placebos``, ``donors``, ``donors_effective`` (1 / sum of
        squared weights), ``early_effect`` and ``early_p`` (of a start that never was, in the
        last third of the time before).

    Raises
    ------
    ContractError
        A column is missing, a unit has two rows for a time, nobody is treated, a start lies outside the panel, or there is no
        such method.

    References
    ----------
    Abadie, A. (2021). Using synthetic controls: feasibility, data requirements, and methodological aspects.
    J. Econ. Lit. 59(2), 391-425.
    Abadie, A., Diamond, A. & Hainmueller, J. (2010). J. Am. Stat. Assoc. 105(490), 493-505.
    Arkhangelsky, D., Athey, S., Hirshberg, D. A., Imbens, G. W. & Wager, S. (2021). Am. Econ. Rev. 111(12), 4088-4118.
    """
    _possible(method, inference, predictors)
    panel = panel_of(rows, outcome, unit, time, treated, treated_from, list(predictors))
    about = {"design": method}
    if reason := panel.reason or _why_not(panel, method):
        return Finding.nothing(ANALYSIS, outcome, reason, panel.basis, confidence=confidence, about=about)
    importance = np.array(list(predictors.values())) if isinstance(predictors, Mapping) else np.ones(len(predictors))
    if inference == "jackknife" and min(len(one.units) for one in panel.cohorts) < 2:
        raise ContractError("policy_change (synthetic): the jackknife needs two or more treated per start; use 'placebo'.")
    found = answer_of(panel, method, importance, inference, exact, seed)
    if not np.isfinite(found.standard_error):
        return Finding.nothing(ANALYSIS, outcome, "synthetic_no_placebos", panel.basis, confidence=confidence, about=about)
    return Finding(
        ANALYSIS,
        outcome,
        Claim.SUGGESTS_EFFECT,
        _estimates(panel, found, confidence),
        panel.basis,
        checks=checks_of(panel, found, method, confidence),
        cannot_tell=CANNOT_TELL,
        tables=_tables(panel, found),
        numbers=found.numbers,
        method=_method(panel, found, method, inference, list(predictors)),
        confidence=confidence,
        about=about,
    )


def _possible(method: str, inference: str, predictors: Sequence[str] | Mapping[str, float]) -> None:
    if method not in METHODS:
        raise ContractError(f"policy_change (synthetic): there is no method {method!r}; there are: {', '.join(METHODS)}.")
    if inference not in INFERENCES:
        raise ContractError(f"policy_change (synthetic): inference is one of: {', '.join(INFERENCES)}; not {inference!r}.")
    if isinstance(predictors, str):
        raise ContractError("policy_change (synthetic): give predictors as a sequence of columns, e.g. predictors=['prior'].")
    if len(predictors) and method != "synthetic_control":
        raise ContractError("policy_change (synthetic): predictors go with method='synthetic_control' only.")
    if isinstance(predictors, Mapping) and (min(predictors.values(), default=1) < 0 or not any(predictors.values())):
        raise ContractError("policy_change (synthetic): importances are 0 or above, and not all 0.")


def _why_not(panel: Panel, method: str) -> str:
    shortest = min(one.before for one in panel.cohorts)
    if method != "did" and shortest < FEWEST_BEFORE:
        return "synthetic_too_short"
    everything = np.vstack([panel.theirs, *(one.values for one in panel.cohorts)])
    return "same_outcome" if np.ptp(everything) == 0 else ""


def _estimates(panel: Panel, found: Answer, confidence: float) -> pd.DataFrame:
    reach = float(stats.t.ppf((1 + confidence) / 2, found.freedom)) * found.standard_error
    whole = {
        "term": "effect", "group": "all", "estimate": found.effect, "standard_error": found.standard_error,
        "lower": found.effect - reach, "upper": found.effect + reach, "null": 0.0, "p": found.p, "n": float(panel.treated),
        "missing": panel.basis.missing,
    }  # fmt: skip
    if len(panel.cohorts) == 1:
        return pd.DataFrame([whole])
    each = [
        {
            "term": "effect",
            "group": cohort.starts,
            "estimate": one.effect,
            "n": float(len(cohort.units)),
            "missing": panel.basis.missing,
        }
        for cohort, one in zip(panel.cohorts, found.fitted, strict=True)
    ]
    return pd.DataFrame([whole, *each])


def _tables(panel: Panel, found: Answer) -> dict[str, pd.DataFrame]:
    units, times, gaps = [], [], []
    for cohort, one in zip(panel.cohorts, found.fitted, strict=True):
        units.append(pd.DataFrame({"starts": cohort.starts, "unit": panel.donors, "weight": one.unit_weights}))
        early = panel.times[: cohort.before]
        times.append(pd.DataFrame({"starts": cohort.starts, "time": early, "weight": one.time_weights}))
        ours = cohort.values.mean(axis=0)
        after = np.arange(len(panel.times)) >= cohort.before
        told = {"starts": cohort.starts, "time": panel.times, "after": after, "treated": ours, "synthetic": ours - one.gaps}
        gaps.append(pd.DataFrame(told).assign(gap=one.gaps))
    named = [", ".join(panel.donors[place] for place in who) for who in found.placebos.who]
    placebos = pd.DataFrame({
        "units": named, "effect": found.placebos.effects, "misfit": found.placebos.misfits, "ratio": found.placebos.ratios,
    })  # fmt: skip
    without = pd.DataFrame(found.without, columns=["unit", "effect"])
    return {
        "unit_weights": pd.concat(units, ignore_index=True), "time_weights": pd.concat(times, ignore_index=True),
        "gaps": pd.concat(gaps, ignore_index=True), "placebos": placebos, "without": without,
    }  # fmt: skip


def _method(panel: Panel, found: Answer, method: str, inference: str, predictors: list[str]) -> str:
    names = {
        "synthetic_control": "synthetic control (Abadie, Diamond & Hainmueller 2010)",
        "synthetic_did": "synthetic difference-in-differences (Arkhangelsky et al. 2021)",
        "did": "difference-in-differences, all units and times weighted alike",
    }
    parts = [names[method]]
    if predictors:
        parts.append(f"weights from the means of {', '.join(predictors)}")
    if len(panel.cohorts) > 1:
        parts.append(f"{len(panel.cohorts)} starts, weighted by treated units and times")
    how = "each donor in turn" if found.placebos.exhaustive else f"{len(found.placebos.effects)} random draws of donors"
    parts.append(f"placebos: {how}" if inference == "placebo" else "standard error by jackknife with weights kept")
    return "; ".join(parts)
