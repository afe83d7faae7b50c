"""Places where words of others reach a page, attacks to put there, and the pages one gets."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kvalitet_lib.disclosure.release import Release
from kvalitet_lib.present.blocks import Blocks, PageHead, together
from kvalitet_lib.present.dashboard import MunicipalityDashboard
from kvalitet_lib.present.html import page
from kvalitet_lib.present.index_page import index
from kvalitet_lib.present.municipality_report import MunicipalityReport
from kvalitet_lib.present.pdf import pdf
from kvalitet_lib.present.school_report import SchoolReport
from kvalitet_lib.present.words import page_words
from kvalitet_lib.spreadsheets import read_csv, write_csv
from kvalitet_lib.texts import Texts

LANGUAGE = "sv"
MEASURES = 2
SECRET = "the-secret-of-this-machine"

ATTACKS: dict[str, Callable[[str, str], str]] = {
    "script": lambda hit, file: f"</title></style><script>{hit}</script><ScRiPt>{hit}</sCrIpT>",
    "handler": lambda hit, file: (
        f'"\'><img src=x onerror="{hit}"><svg onload="{hit}"><p onpointerenter={hit} tabindex=0 autofocus>'
    ),
    "address": lambda hit, file: (
        f'javascript:{hit}//"><a href="javascript:{hit}">x</a><meta http-equiv=refresh content="0;url=javascript:{hit}">'
        '<base href="http://evil.example/"><form action="http://evil.example/"><link rel=stylesheet href=//evil.example/x.css>'
    ),
    "file": lambda hit, file: (
        f'"><iframe src="file://{file}"></iframe><object data="file://{file}"></object><embed src="file://{file}">'
        f"<iframe src=file:///etc/hostname></iframe><img src=file://{file}>"
    ),
    "template": lambda hit, file: (
        '{{7*7}}{%raw%}${7*7}<%= 7*7 %>{0.__class__.__mro__}{name}{page} #eval("7*7")#panic("x") '
        f'#read("{file}") #include "{file}" ]#let //* $^$ $\\frac{{1}}$ \\input{{{file}}} %n {hit}'
    ),
    "signs": lambda hit, file: (
        f"\u202e\u2066\u2028\u2029\ufeff\u200b]]>-->&lt;script&gt;{hit}&lt;/script&gt;\\u003cscript\\u003e{hit}\uff1cscript\uff1e`"
    ),
}


@dataclass(frozen=True)
class Sink:
    """One place.

    Attributes
    ----------
    field : str
        What of the release is said there.
    on : str
        The page: ``school``, ``municipality``, ``index``, ``dashboard``.
    inside : str
        Where it stands in HTML, as an expression that gives the text in a browser; empty for letters in a picture.
    """

    field: str
    on: str
    inside: str


def _text(selector: str) -> str:
    return f"[...document.querySelectorAll('{selector}')].map(e => e.textContent).join('\\n')"


ALTS = "[...document.images].map(i => i.alt).join('\\n')"
SINKS = {
    "the window's title": Sink("school name", "school", "document.title"),
    "the first heading": Sink("school name", "school", _text("h1")),
    "the page's description": Sink("school name", "school", "document.querySelector('meta[name=description]').content"),
    "a chart's words": Sink("school name", "school", ALTS),
    "the foot of the page": Sink("school name", "school", _text("footer p:first-child")),
    "who publishes": Sink("municipality name", "school", _text("header .publisher")),
    "the year groups": Sink("year groups", "school", _text(".facts")),
    "where the rule comes from": Sink("rule", "school", _text("main td")),
    "the version beneath the page": Sink("version", "school", _text("footer p:last-child")),
    "the version in the table of sources": Sink("version", "school", _text("main td")),
    "a figure in the agency's words": Sink("agency's words", "school", _text("main td")),
    "the agency's words in a chart's": Sink("agency's words", "school", ALTS),
    "the municipality's heading": Sink("municipality name", "municipality", _text("h1")),
    "a name beside its dot": Sink("school name", "municipality", ""),
    "the index's title": Sink("municipality name", "index", "document.title"),
    "a school in the index": Sink("school name", "index", _text("tbody th")),
    "the dashboard's heading": Sink("municipality name", "dashboard", _text("h1")),
    "a school on the dashboard": Sink("school name", "dashboard", _text("tbody th")),
}
FIELDS = sorted({sink.field for sink in SINKS.values()})


def marker(field: str) -> str:
    """A word that no page has of itself."""
    return f"Q{FIELDS.index(field)}X"


def planted(release: Release, folder: Path, attack: str, file: Path) -> Release:
    """A release of few measures with the attack in every field, each behind the field's marker."""
    shutil.copytree(release.folder, folder)
    few = list(MunicipalityDashboard(str(folder), LANGUAGE).indicators)[:MEASURES]
    for path in folder.glob("*/*/*.csv"):
        rows = read_csv(path)
        rows = rows[rows["indicator"].isin(few)]
        write_csv(rows, path) if len(rows) else path.unlink()

    def hostile(field: str) -> str:
        return f"{marker(field)} {ATTACKS[attack](f'hit(`{marker(field)}`)', str(file))}"

    units = read_csv(folder / "units.csv")
    schools = units["level"].eq("school")
    write_csv(
        units.assign(
            name=units["name"].mask(schools, units["unit"] + " " + hostile("school name")),
            year_groups=units["year_groups"].mask(schools, hostile("year groups")),
        ),
        folder / "units.csv",
    )
    about = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    about["municipality"]["name"] = hostile("municipality name")
    about["policy"]["source"] = hostile("rule")
    about["version"] = hostile("version")
    (folder / "release.json").write_text(json.dumps(about), encoding="utf-8")
    path = max((folder / "figures" / "school").glob("*.csv"), key=lambda path: _exact(read_csv(path)).sum())
    figures = read_csv(path)
    rounded = _exact(figures)
    assert rounded.any(), "no school shows a figure that could stand in the agency's words"
    figures = figures.assign(
        shown=figures["shown"].mask(rounded, "rounded"),
        original=figures["original"].mask(rounded, hostile("agency's words")),
        estimate=figures["estimate"].mask(rounded, ""),
    )
    write_csv(figures, path)
    return Release.open(folder)


def _exact(figures: pd.DataFrame) -> pd.Series:
    """Figures of all pupils that stand on a page, in its tables and its charts."""
    return figures["breakdown"].eq("all") & figures["shown"].eq("yes")


def school_in(release: Release) -> str:
    """The school whose figures hold the agency's words."""
    words = marker("agency's words")
    return next(
        unit
        for unit in release.units_with_figures("school")
        if release.figures("school", unit)["original"].str.contains(words).any()
    )


def pages(release: Release) -> dict[str, Blocks]:
    """Every kind of page that is made from a release."""
    texts, code = Texts(LANGUAGE), release.about["municipality"]["code"]
    of_school, of_municipality = (
        SchoolReport(release, school_in(release), "", LANGUAGE),
        MunicipalityReport(release, code, "", LANGUAGE),
    )
    names = ("head", "in_brief", "at_a_glance", "all_areas", "limits", "sources")
    board = MunicipalityDashboard(str(release.folder), LANGUAGE)
    first = next(iter(board.indicators))
    parts = [part(first, board.usual_year) for part in (board.opening, board.picture, board.table)]
    head = PageHead(texts.say("dashboard.title", name=board.municipality["name"]), LANGUAGE, page_words(texts))
    files = {unit: [f"school-{unit}.html", f"school-{unit}.pdf"] for unit in release.units_with_figures("school")}
    return {
        "school": together(getattr(of_school, name)() for name in names),
        "municipality": together(getattr(of_municipality, name)() for name in ("head", "schools_beside", "sources")),
        "index": index(release, texts, files),
        "dashboard": together([head, board.head(), *parts]),
    }


def drawn(blocks: Blocks) -> tuple[str, bytes]:
    """One page as HTML and as PDF."""
    return page(blocks), pdf(blocks)
