"""Load and use once what every page needs, before the pages' processes are forked from this one."""

from __future__ import annotations

import importlib

import pandas as pd
from nbformat.v4 import new_code_cell, new_notebook, new_output

from kvalitet_lib.execution.job import export
from kvalitet_lib.indicators import all_indicators
from kvalitet_lib.present import charts
from kvalitet_lib.present.blocks import Banner, Blocks, PageHead, PageWords
from kvalitet_lib.texts import LANGUAGES, Texts

USED_BY_NOTEBOOKS = ("kvalitet_lib.present.school_report", "kvalitet_lib.present.municipality_report")


def warm() -> None:
    """Import the notebooks' modules, draw one small chart and one page as HTML.

    Imports and first uses cost more than a page itself. Nothing of the data is read here: whatever is open when a
    process is forked is open in every copy of it. Nor is a PDF made: typst works with threads, and they do not follow
    into a forked process.
    """
    for name in USED_BY_NOTEBOOKS:
        importlib.import_module(name)
    all_indicators()
    for language in LANGUAGES:
        Texts(language).number(1234.5, 1)
    years = ["2023-24", "2024-25"]
    points = pd.DataFrame({"school_year": years, "estimate": [1.0, 2.0], "lower": 0.5, "upper": 2.5, "shown": "yes"})
    drawn = charts.trend(points, alt="-", amount=str, year=str, scale=(0, 4))
    head = PageHead("-", "en", PageWords("-", "-"))
    shown = Blocks([head, Banner("-"), drawn])._repr_mimebundle_()
    cell = new_code_cell(outputs=[new_output("display_data", data=shown)])
    export("html", new_notebook(cells=[cell]))
