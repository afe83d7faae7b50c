"""How long the hundred quantiles of growth percentiles take: ours, statsmodels, and one large linear programme.

python benchmarks/growth.py             10,000 and 60,000 made-up pupils, some minutes
python benchmarks/growth.py --pupils N  another number of pupils

Both scores are made up and hardly two pupils alike (whole points go faster still); the design has eight columns, an
intercept and a cubic B-spline. "Whole programme" is HiGHS on the dual of all pupils at once, kept warm between quantiles and
read off without our own steps: what is exact, found another way. Read the ratios before the seconds.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable

import highspy
import numpy as np
import statsmodels.api as sm
from statsmodels.tools.sm_exceptions import IterationLimitWarning

from kvalitet_lib.statistics.growth_percentiles import DECIMALS, HUNDRED
from kvalitet_lib.statistics.quantile_regression import check_loss, quantile_regression
from kvalitet_lib.statistics.splines import Spline


def made_up(pupils: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """A later score, shape (n,), and the design of an earlier one, shape (n, 8)."""
    rng = np.random.default_rng(seed)
    earlier = rng.normal(500, 60, pupils)
    later = 120 + 0.78 * earlier + rng.normal(0, 35, pupils) * (1 + 0.003 * (earlier - 500))
    return later, np.column_stack([np.ones(pupils), Spline.of(earlier).basis(earlier)])


def ours(later: np.ndarray, design: np.ndarray) -> np.ndarray:
    return quantile_regression(later, design, HUNDRED).coefficients


def statsmodels(later: np.ndarray, design: np.ndarray) -> np.ndarray:
    model = sm.QuantReg(later, design)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IterationLimitWarning)
        return np.column_stack([model.fit(q=tau).params for tau in HUNDRED])


def whole_programme(later: np.ndarray, design: np.ndarray) -> np.ndarray:
    rows, columns = design.shape
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = rows, columns
    model.col_cost_ = -(later - later.mean()) / later.std()
    model.col_lower_, model.col_upper_ = np.zeros(rows), np.ones(rows)
    model.row_lower_ = model.row_upper_ = np.zeros(columns)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.arange(0, rows * columns + 1, columns, dtype=np.int32)
    model.a_matrix_.index_ = np.tile(np.arange(columns, dtype=np.int32), rows)
    model.a_matrix_.value_ = design.ravel()
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("presolve", "off")
    solver.passModel(model)
    places, total, found = np.arange(columns, dtype=np.int32), design.sum(axis=0), []
    for tau in HUNDRED:
        solver.changeRowsBounds(columns, places, (1 - tau) * total, (1 - tau) * total)
        solver.run()
        found.append(-np.asarray(solver.getSolution().row_dual) * later.std())
    coefficients = np.column_stack(found)
    coefficients[0] += later.mean()
    return coefficients


def percentiles(later: np.ndarray, design: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    quantiles = np.round(np.sort(design @ coefficients, axis=1), DECIMALS)
    return np.clip((quantiles < np.round(later, DECIMALS)[:, None]).sum(axis=1), 1, len(HUNDRED) - 1)


def timed(way: Callable[[np.ndarray, np.ndarray], np.ndarray], later: np.ndarray, design: np.ndarray) -> tuple[float, np.ndarray]:
    began = time.perf_counter()
    found = way(later, design)
    return time.perf_counter() - began, found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--pupils", type=int, nargs="*", default=[10_000, 60_000])
    print(
        f"{'pupils':>7} {'way':<16} {'seconds':>8} {'of ours':>9} {'same percentile':>16} {'furthest':>9} {'objective above':>16}"
    )
    for pupils in asked.parse_args().pupils:
        later, design = made_up(pupils)
        ways = {"ours": ours, "statsmodels": statsmodels, "whole programme": whole_programme}
        results = {name: timed(way, later, design) for name, way in ways.items()}
        exact = results["whole programme"][1]
        least = check_loss(later, design @ exact, HUNDRED)
        true = percentiles(later, design, exact)
        for name, (seconds, coefficients) in results.items():
            mine = percentiles(later, design, coefficients)
            above = float((check_loss(later, design @ coefficients, HUNDRED) / least - 1).max())
            times = f"{seconds / results['ours'][0]:.1f} ×"
            same, apart = f"{(mine == true).mean():.3%}", int(np.abs(mine - true).max())
            print(f"{pupils:>7} {name:<16} {seconds:>8.2f} {times:>9} {same:>16} {apart:>9} {above:>16.1e}")


if __name__ == "__main__":
    main()
