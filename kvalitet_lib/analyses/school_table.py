"""The table of schools: raw and drawn towards the mean, with intervals for one and for comparing two, and ranks as intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from kvalitet_lib.analyses.rows import Floats
from kvalitet_lib.analyses.school_model import SchoolModel, reach_of
from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.multiplicity import benjamini_hochberg
from kvalitet_lib.statistics.rank_simulation import pairs_told_apart, simulate_ranks

FEWEST_DRAWS = 100  # with fewer, the ends of an interval are chance; own rule


def school_table(
    model: SchoolModel, schools: pd.Index, n: Floats, *, draws: int, seed: int, confidence: float, centre: float = 0.0
) -> pd.DataFrame:
    """One row per school, sorted by the school's code, never by where it stands.

    Parameters
    ----------
    n : ndarray, shape (J,)
        Pupils of each school.
    centre : float
        What is added to raw and shrunken values and their intervals: 0 for distances from what is expected.

    Returns
    -------
    DataFrame
        ``school, n, raw, shrunken, conditional_sd, standard_error, lower, upper`` (for one school), ``lower_pair, upper_pair``
        (for comparing two), ``rank_mean, rank_lower, rank_upper`` (1 is the highest), ``p_top_quartile``, ``p``,
        ``p_adjusted`` (Benjamini and Hochberg over the schools) and ``stands_out``. Where schools could not be set apart
        at all, intervals and p are empty and every order is as likely as another.

    Raises
    ------
    ContractError
        Too few draws.
    """
    if draws < FEWEST_DRAWS:
        raise ContractError(f"Intervals of ranks need at least {FEWEST_DRAWS} draws; asked for are {draws}.")
    one, two = reach_of(confidence)
    error = np.where(model.standard_error > 0, model.standard_error, np.nan)
    ranks = simulate_ranks(model.effects, error, draws=draws, seed=seed, level=confidence)
    p = 2 * stats.norm.sf(np.abs(model.effects) / error)
    adjusted, _ = benjamini_hochberg(p, np.zeros(len(p), dtype=np.int64))
    shrunken = model.effects + centre
    table = pd.DataFrame(
        {
            "school": schools,
            "n": n,
            "raw": model.raw + centre,
            "shrunken": shrunken,
            "conditional_sd": model.conditional_sd,
            "standard_error": error,
            "lower": shrunken - one * error,
            "upper": shrunken + one * error,
            "lower_pair": shrunken - two * error,
            "upper_pair": shrunken + two * error,
            "rank_mean": ranks.mean,
            "rank_lower": ranks.lower,
            "rank_upper": ranks.upper,
            "p_top_quartile": ranks.top,
            "p": p,
            "p_adjusted": adjusted,
            "stands_out": np.nan_to_num(adjusted, nan=1.0) < 1 - confidence,
        }
    )
    return table if model.slopes.empty else table.join(model.slopes)


def numbers_of(table: pd.DataFrame, confidence: float) -> dict[str, float]:
    """What the table says as a whole.

    ``schools_clear`` and ``schools_clear_pair`` count schools whose interval (for one, for comparing two) leaves out the
    mean of all; ``stand_out`` those that do so after correction; ``pairs_apart`` is the share of all pairs of schools that
    can be told apart; ``rank_width`` the mean width of the rank intervals.
    """
    chance = 1 - confidence
    return {
        "schools": len(table),
        "schools_clear": int(table["p"].lt(chance).sum()),
        "schools_clear_pair": int(table["p"].lt(2 * stats.norm.sf(reach_of(confidence)[1])).sum()),
        "stand_out": int(table["stands_out"].sum()),
        "pairs_apart": pairs_told_apart(table["shrunken"], table["standard_error"], confidence),
        "rank_width": float((table["rank_upper"] - table["rank_lower"]).mean()),
        "sure_of_top_quartile": int(table["p_top_quartile"].gt(0.95).sum()),
    }
