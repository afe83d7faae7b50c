"""The command line: one verb each; the only place that leads from the store to the gate."""

from __future__ import annotations

from kvalitet_lib.cli.app import main

__all__ = ["main"]
