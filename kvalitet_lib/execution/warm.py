"""Load and use once what every page needs, before the pages' processes are forked from this one."""

from __future__ import annotations

import importlib

import pandas as pd

USED_BY_NOTEBOOKS = ("kvalitet_lib.present.school_report", "kvalitet_lib.present.municipality_report")


def warm() -> None:
    """Import the notebooks' modules, draw one small chart and typeset one page.

    Imports and first uses cost more than a page itself. Nothing of the data is read here: whatever is open when a
    process is forked is open in every copy of it.
    """
    for name in USED_BY_NOTEBOOKS:
        importlib.import_module(name)

    from kvalitet_lib.indicators import all_indicators
    from kvalitet_lib.present import charts, html
    from kvalitet_lib.present.blocks import Banner, Blocks, PageHead, PageWords
    from kvalitet_lib.texts import LANGUAGES, Texts

    all_indicators()
    for language in LANGUAGES:
        Texts(language).number(1234.5, 1)
    points = pd.DataFrame(
        {"school_year": ["2023-24", "2024-25"], "estimate": [1.0, 2.0], "lower": 0.5, "upper": 2.5, "shown": "yes"}
    )
    drawn = charts.trend(points, alt="-", amount=str, year=str, scale=(0, 4))
    head = PageHead("-", "en", PageWords("-", "-"))
    html.page(Blocks([head, Banner("-"), drawn]))
