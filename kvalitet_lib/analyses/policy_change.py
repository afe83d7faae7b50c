"""What changed when a measure came?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from kvalitet_lib.analyses.finding import Basis, Finding
from kvalitet_lib.analyses.policy_change_designs import DESIGNS, by_series, by_weights, fitting
from kvalitet_lib.analyses.policy_change_differences import differences
from kvalitet_lib.analyses.policy_change_effects import Setting
from kvalitet_lib.analyses.policy_change_panel import NAME, Columns, first_period, panel_of
from kvalitet_lib.analyses.rows import need_columns
from kvalitet_lib.errors import ContractError

if TYPE_CHECKING:
    from kvalitet_lib.analyses.municipal_rows import MunicipalRows


def policy_change(
    rows: pd.DataFrame,
    outcome: str,
    *,
    unit: str = "school",
    time: str = "school_year",
    treated_from: str = "treated_from",
    treated: str = "",
    covariates: Sequence[str] = (),
    weights: str = "",
    design: str = "auto",
    control: str = "never",
    anticipation: float = 0,
    base: str = "varying",
    estimator: str = "doubly_robust",
    others: bool = False,
    confidence: float = 0.95,
    **more: Any,
) -> Finding:
    """What changed when a measure came, beside those where it did not come, or not yet.

    Parameters
    ----------
    rows : DataFrame
        One row per unit and period, or several (pupils): then means are taken, each row weighing the same.
    outcome : str
        Column: a number.
    unit, time : str
        Columns: school (or another unit), and school year ("2024-25"), number, or anything that can be put in order.
    treated_from : str
        Column: the unit's first period with the measure, the same in all its rows. Empty, 0 or infinite: never.
    treated : str
        Instead of ``treated_from``, a column that is 1 in rows with the measure, else 0. A measure that has come stays.
    covariates : sequence of str
        Columns, numbers: held equal with their value in the base period.
    weights : str
        Column: what a row weighs, e.g. the number of pupils behind it. A unit weighs as its periods do on average.
    design : str
        ``staggered``: difference-in-differences, for measures that came at one time or in turn. ``interrupted``: the unit's
        own series alone. ``synthetic`` and ``synthetic_did``: a weighted mean of others that went like the treated before.
        ``auto``: ``interrupted`` when there is nobody to compare with, ``synthetic_did`` for a single treated unit with at
        least eight periods before, else ``staggered``. What follows is about ``staggered``.
    control : str
        ``never``: compare with units never treated. ``not_yet``: also with those treated later.
    anticipation : float
        How long before it begins (in the unit of ``time``) the measure may already work.
    base : str
        What changes are counted from: ``varying`` or ``universal``, the last period before; or ``all``, the mean of all
        before: surer when periods are few, and a bad last year then counts for a part only. See
        :func:`kvalitet_lib.statistics.staggered_adoption.group_time_effects`.
    estimator : str
        With covariates: ``doubly_robust`` or ``regression``.
    others : bool
        Whether two-way fixed effects, Sun-Abraham and did2s are to stand beside in ``tables["estimators"]`` (needs pyfixest).
    confidence : float
    **more
        Passed on to the other designs: see :func:`kvalitet_lib.analyses.policy_change_interrupted.interrupted` (``starts``,
        ``population``, ``season`` …) and :func:`kvalitet_lib.analyses.policy_change_synthetic.synthetic`.

    Returns
    -------
    Finding
        ``estimates``: ``effect``, the average effect on the treated over all their periods since; and
        ``effect_without_last_year``, the same counted from the mean of the periods before but the last (no ``null``: it is
        there to be compared with). ``standard_error`` is from the influence function, as the R package did prints it;
        ``lower, upper, p`` rest on ``standard_error_few`` (CR2) and ``freedom`` (Satterthwaite), right with few units, too.

        ``tables``, each with these columns: ``att`` (by ``group, time``; ``event`` is time since the measure; ``before`` marks
        what the test of trends rests on; ``treated, compared`` units), ``event`` (by time since; ``lower_all, upper_all`` hold
        for all at once), ``group``, ``calendar``, ``overall`` (by ``summary``: simple, dynamic, group, calendar). Further
        ``lines`` (means by group and period), ``placebos`` (``in_time``, ``about`` so many periods earlier; ``in_place``,
        ``about`` a unit never treated), ``leave_one_out``, ``few_units`` (up to 200 units: CR1, CR2, CR3 and wild cluster
        bootstrap of the regression with the same effect), ``comparisons`` (what the two-way regression is made of).

        ``basis.left_out``: rows by the column they lack, or ``policy_change_thin_period`` (fewer than half of the units have the
        period), ``policy_change_incomplete_unit`` (lacks a period), ``policy_change_always_treated``.

        ``numbers``: ``simple, dynamic, group, calendar``, each also with ``_standard_error``; ``pre_trend_p`` (Wald, for many
        units), ``pre_trend_p_few``, ``pre_trend_cells``; ``dip`` (the last period before less those before it, beside the
        others), ``dip_standard_error, dip_p``; ``dealt_out_p`` (placebo in place); ``wild_p, wild_lower, wild_upper``;
        ``two_way, two_way_standard_error, unsound_share``; ``treated, compared``.

    Raises
    ------
    ContractError
        A column that is not there or does not fit, a design that does not exist, a measure that ends again.

    References
    ----------
    Callaway, B. & Sant'Anna, P. H. C. (2021). Difference-in-differences with multiple time periods. J. Econom. 225(2), 200-230.
    Goodman-Bacon, A. (2021). Difference-in-differences with variation in treatment timing. J. Econom. 225(2), 254-277.
    Pustejovsky, J. E. & Tipton, E. (2018). Small-sample methods for cluster-robust variance estimation and hypothesis testing
    in fixed effects models. J. Bus. Econ. Stat. 36(4), 672-683.
    Roth, J. (2022). Pretest with caution: event-study estimates after testing for parallel trends. Am. Econ. Rev. Insights
    4(3), 305-322.
    """
    if design not in DESIGNS:
        raise ContractError(f"{NAME} has no design {design!r}. Choose one of: {', '.join(DESIGNS)}.")
    if not 0 < confidence < 1:
        raise ContractError(f"{NAME}: confidence is a probability between 0 and 1, such as 0.95.")
    if anticipation < 0:
        raise ContractError(f"{NAME}: anticipation is how long before it begins the measure may work: 0 or more.")
    covariates = (covariates,) if isinstance(covariates, str) else tuple(covariates)
    need_columns(rows, [outcome, time], NAME)
    if rows[outcome].isna().all():
        return Finding.nothing(NAME, outcome, "no_outcome", Basis(missing=float(len(rows) > 0)), confidence=confidence)
    if design in ("auto", "staggered"):
        need_columns(rows, [unit, treated or treated_from], NAME)
        start = {"_start": first_period(rows, treated, unit, time) if treated else rows[treated_from]}
        panel = panel_of(rows.assign(**start), Columns(outcome, unit, time, "_start", covariates, weights), anticipation)
        design = fitting(panel) if design == "auto" and not (covariates or weights) else "staggered"
        rows = rows[rows[unit].isin(panel.units)]
        if design == "staggered":
            if more:
                raise ContractError(f"{NAME} by differences does not know {', '.join(map(repr, more))}.")
            return differences(panel, outcome, Setting(control, anticipation, base, estimator, confidence), others)
    if covariates or weights:
        raise ContractError(f"{NAME}: covariates and weights go with design='staggered' only, not with {design!r}.")
    if design == "interrupted":
        return by_series(rows, outcome, unit, time, treated_from, treated, confidence, more)
    return by_weights(rows, outcome, unit, time, treated_from, treated, confidence, design, more)


def of_municipality(town: MunicipalRows) -> list[Finding]:
    """What changed when each of the municipality's declared measures came."""
    from kvalitet_lib.analyses.policy_change_town import measures_of

    return measures_of(town)
