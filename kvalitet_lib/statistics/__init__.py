"""How sure we are: arrays in, arrays out."""

from __future__ import annotations

from kvalitet_lib.statistics.differences import degrees_of_freedom, difference_interval, p_value
from kvalitet_lib.statistics.intervals import garwood, median_interval, share_of_amounts, student_t, wilson
from kvalitet_lib.statistics.multiplicity import benjamini_hochberg
from kvalitet_lib.statistics.neighbours import nearest_neighbours
from kvalitet_lib.statistics.pooling import weighted_mean_interval
from kvalitet_lib.statistics.shrinkage import pooled_variances, shrink_means, shrink_shares

__all__ = [
    "benjamini_hochberg",
    "degrees_of_freedom",
    "difference_interval",
    "garwood",
    "median_interval",
    "nearest_neighbours",
    "p_value",
    "pooled_variances",
    "share_of_amounts",
    "shrink_means",
    "shrink_shares",
    "student_t",
    "weighted_mean_interval",
    "wilson",
]
