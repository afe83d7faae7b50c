"""For the statistician's own eyes: what the store holds, and one indicator from all sides. Never disclosure controlled."""

from __future__ import annotations

from kvalitet_lib.explore.stamp import Stamped, stamp

__all__ = ["Stamped", "stamp"]
