"""Charts of released figures. Each is drawn once; what is hidden is shown as hidden, never as nought."""

from kvalitet_lib.present.charts.dots import Group, Level, dots, groups
from kvalitet_lib.present.charts.swarm import swarm
from kvalitet_lib.present.charts.trend import Reference, trend

__all__ = ["Group", "Level", "Reference", "dots", "groups", "swarm", "trend"]
