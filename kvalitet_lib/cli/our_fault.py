"""What is told of a fault of ours: its kind and place, never its message, which may quote a cell."""

from __future__ import annotations

import os
import traceback
from pathlib import Path

OUR_FAULT = 70


def where_it_failed(fault: Exception) -> str:
    """The kind of a fault and the line of ours it came from. ``KVALITET_TRACEBACK`` asks for all of it, and raises it."""
    if os.environ.get("KVALITET_TRACEBACK"):
        raise fault
    steps = traceback.extract_tb(fault.__traceback__)
    at = next((step for step in reversed(steps) if "kvalitet_lib" in step.filename), steps[-1])
    return f"kvalitet itself failed: {type(fault).__name__} in {Path(at.filename).name}, line {at.lineno}."
