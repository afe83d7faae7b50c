"""kvalitet: understand and improve the schools of a municipality.

Names a statistician needs in every notebook: every analysis, and what they are made from (``measure`` and ``compare`` are
packages of their own). Each is loaded when it is first asked for, so that a page's process, which may not open the store,
never does.
"""

from __future__ import annotations

import importlib
from typing import Any

from kvalitet_lib.analyses import ANALYSES

_PUBLIC = {
    **{name: f"kvalitet_lib.analyses.{name}" for name in ANALYSES},
    "Finding": "kvalitet_lib.analyses.finding",
    "Municipality": "kvalitet_lib.municipality",
    "MunicipalityReport": "kvalitet_lib.present.municipality_report",
    "Release": "kvalitet_lib.disclosure.release",
    "SchoolReport": "kvalitet_lib.present.school_report",
    "Store": "kvalitet_lib.store",
    "Texts": "kvalitet_lib.texts",
    "all_indicators": "kvalitet_lib.indicators",
}


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"kvalitet_lib has no {name!r}; it has: {', '.join(_PUBLIC)}")
    return getattr(importlib.import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
