"""The restricted wild cluster bootstrap: a test and an interval of one coefficient that hold with few clusters."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike

from kvalitet_lib.errors import ContractError
from kvalitet_lib.statistics.intervals import Floats

FEW = 12  # below this, two-point weights have too few distinct values (MacKinnon & Webb 2017)
WEBB = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])
SAME = 1 - 1e-9  # draws that equal what was seen but for rounding count as at least as large
FURTHEST = 2.0**12  # standard errors from the estimate; an interval that has not ended there is open
HALVINGS = 30


@dataclass(frozen=True)
class WildBootstrap:
    """What the bootstrap says of one coefficient.

    Attributes
    ----------
    estimate, standard_error : float
        Least squares with CR1's standard error without the factor for the number of coefficients.
    p : float
        Two-sided, of the coefficient being ``null``.
    lower, upper : float
        The values that the test does not reject; infinite where it rejects none on that side, which happens with very few
        treated clusters.
    draws : int
        Sets of weights, the one that leaves everything as it is among them.
    weights : str
        ``rademacher`` or ``webb``.
    complete : bool
        Whether every set of weights there is was tried, so that the p-value has no chance in it.
    """

    estimate: float
    standard_error: float
    p: float
    lower: float
    upper: float
    draws: int
    weights: str
    complete: bool


def wild_bootstrap(
    outcome: ArrayLike,
    interest: ArrayLike,
    others: ArrayLike,
    clusters: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    null: float = 0.0,
    confidence: float = 0.95,
    draws: int = 1999,
    kind: str = "",
    seed: int = 1,
    interval: bool = True,
) -> WildBootstrap:
    """Test and interval of the coefficient of one column, residuals turned by a random factor for each cluster.

    Parameters
    ----------
    outcome, interest : array_like, shape (n,)
        ``interest`` is the column whose coefficient is asked for.
    others : array_like, shape (n, k)
        The other columns, the ones included. Fixed effects of the clusters may be taken out of everything beforehand.
    clusters : array_like, shape (n,)
    weights : array_like, shape (n,), optional
        Above 0; inverse variances, up to a factor.
    kind : str
        ``rademacher`` (-1, 1), ``webb`` (six points) or, empty, webb below 12 clusters and rademacher from there on.
    draws : int
        How many sets of weights; all ``2 ** G`` Rademacher sets when they are no more than this.
    interval : bool
        Whether the test is to be turned into an interval, which takes some eighty tests.

    Raises
    ------
    ContractError
        Fewer than two clusters, or a column of interest that the others say.

    Notes
    -----
    Residuals come from the fit in which the null is true. All that a draw needs are sums by cluster, which are linear in the
    null: a draw costs a product of a vector and a G by G matrix, and another null costs no new draw.

    References
    ----------
    Cameron, A. C., Gelbach, J. B. & Miller, D. L. (2008). Bootstrap-based improvements for inference with clustered errors.
    Rev. Econ. Stat. 90(3), 414-427.
    Webb, M. D. (2023). Reworking wild bootstrap-based inference for clustered errors. Can. J. Econ. 56(3), 839-858.
    MacKinnon, J. G. & Webb, M. D. (2017). Wild bootstrap inference for wildly different cluster sizes.
    J. Appl. Econom. 32(2), 233-254.
    """
    number = np.unique(np.asarray(clusters), return_inverse=True)[1]
    count = int(number.max(initial=0)) + 1
    if count < 2:
        raise ContractError("The wild cluster bootstrap needs at least two clusters.")
    root = np.sqrt(np.ones(len(number)) if weights is None else np.asarray(weights, dtype=np.float64))
    y, d = (np.asarray(column, dtype=np.float64) * root for column in (outcome, interest))
    z = np.asarray(others, dtype=np.float64).reshape(len(number), -1) * root[:, None]
    basis = np.linalg.svd(z, full_matrices=False)[0][:, : np.linalg.matrix_rank(z) if z.size else 0]
    own = d - basis @ (basis.T @ d)
    left = y - basis @ (basis.T @ y)
    size = float(own @ own)
    if size <= 1e-12 * float(d @ d):
        raise ContractError("The wild cluster bootstrap: the other columns say all that the column of interest says.")
    estimate = float(own @ y) / size
    turns, kind, complete = _turns(count, draws, kind, np.random.default_rng(seed))
    seen = _Sums(own, left, basis, number, count, turns)
    held = _Sums(own, own, basis, number, count, turns)
    # The estimate's own standard error, from the first draw (which turns nothing) at the estimate as null.
    standard_error = float(np.sqrt(((seen.scores - estimate * held.scores) ** 2).sum() * count / (count - 1))) / size

    def p_of(value: float) -> float:
        moved = seen.moved - value * held.moved
        spread = np.sqrt(((seen.turned - value * held.turned) ** 2).sum(axis=1) * count / (count - 1))
        t = np.abs(moved) / np.where(spread > 0, spread, np.inf)
        return float((t >= abs(estimate - value) / standard_error * SAME).mean()) if standard_error > 0 else np.nan

    bounds = (np.nan, np.nan)
    if interval and standard_error > 0:
        bounds = (
            _edge(p_of, estimate, -standard_error, 1 - confidence),
            _edge(p_of, estimate, standard_error, 1 - confidence),
        )
    return WildBootstrap(estimate, standard_error, p_of(null), *bounds, len(turns), kind, complete)


class _Sums:
    """What draws need of residuals: how far they move the coefficient, and each cluster's score afterwards."""

    def __init__(self, own: Floats, residuals: Floats, basis: Floats, number: np.ndarray, count: int, turns: Floats) -> None:
        of_cluster = np.bincount(number, own * residuals, minlength=count)

        def by_cluster(left: Floats, right: Floats) -> Floats:
            sums = np.zeros((count, right.shape[1]))
            np.add.at(sums, number, left[:, None] * right)
            return sums

        columns = np.column_stack([basis, own / np.sqrt(own @ own)])
        # Turned residuals are regressed on all columns again: that spreads each cluster's turn over the others' scores.
        spread = by_cluster(residuals, columns) @ by_cluster(own, columns).T
        self.scores = of_cluster
        self.moved = turns @ of_cluster
        self.turned = turns * of_cluster - turns @ spread


def _turns(count: int, draws: int, kind: str, rng: np.random.Generator) -> tuple[Floats, str, bool]:
    kind = kind or ("webb" if count < FEW else "rademacher")
    if kind not in ("webb", "rademacher"):
        raise ContractError(f"The wild cluster bootstrap has no weights {kind!r}. Choose webb or rademacher.")
    if kind == "rademacher" and count < 31 and 2**count <= draws:
        return np.array(list(product([1.0, -1.0], repeat=count))), kind, True
    points = WEBB if kind == "webb" else np.array([-1.0, 1.0])
    turns = rng.choice(points, size=(draws, count))
    turns[0] = 1.0
    return turns, kind, False


def _edge(p_of, estimate: float, step: float, alpha: float) -> float:  # type: ignore[no-untyped-def]
    """Where, from the estimate in the direction of the step, the test begins to reject."""
    inside, width = estimate, 1.0
    while p_of(estimate + width * step) >= alpha:
        inside, width = estimate + width * step, 2 * width
        if width > FURTHEST:
            return float(np.copysign(np.inf, step))
    outside = estimate + width * step
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if p_of(middle) >= alpha else (inside, middle)
    return (inside + outside) / 2
