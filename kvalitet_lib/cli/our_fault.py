"""What is told of a fault of ours: its kind and place, never its message, which may quote a cell."""

from __future__ import annotations

import os

from kvalitet_lib.errors import kind_and_place

OUR_FAULT = 70


def where_it_failed(fault: Exception) -> str:
    """The kind of a fault and the line of ours it came from. ``KVALITET_TRACEBACK`` asks for all of it, and raises it."""
    if os.environ.get("KVALITET_TRACEBACK"):
        raise fault
    return f"kvalitet itself failed: {kind_and_place(fault)}."
