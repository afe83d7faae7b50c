"""The doubts behind a finding, as a table in the notebook."""

from __future__ import annotations

from kvalitet_lib.present.finding_doubts import doubts

__all__ = ["doubts"]
