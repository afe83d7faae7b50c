"""What the analyses say stands on the pages as strongly as its claim allows, with its doubts, and is silent where it must be."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from kvalitet_lib.analyses import ANALYSES
from kvalitet_lib.analyses.check import Check
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.disclosure.findings_files import findings_in, write_findings
from kvalitet_lib.present import finding_charts, html, pdf
from kvalitet_lib.present.blocks import Blocks, Definitions, Figure, FigureGrid, Heading, Table
from kvalitet_lib.present.finding_municipality import PARTS
from kvalitet_lib.present.finding_school import ANALYSES as OF_A_SCHOOL
from kvalitet_lib.present.finding_sentences import sentence, sentences, tell
from kvalitet_lib.present.municipality_report import MunicipalityReport
from kvalitet_lib.present.school_report import SchoolReport
from kvalitet_lib.texts import LANGUAGES, Texts
from tests.present.findings_by_hand import CODE, HERE, SCHOOLS, TOLD, all_findings, finding, of_schools, with_findings

each_language = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(scope="module")
def told(small_home, tmp_path_factory) -> Path:
    """A release with a finding of every analysis."""
    return with_findings(small_home.released / "public", tmp_path_factory.mktemp("told") / "release", all_findings())


@pytest.fixture(scope="module")
def pages(told) -> dict[tuple[str, str], Blocks]:
    """What the analyses say, on both pages, in each language."""
    made = {("school", one): SchoolReport(told, HERE, language=one).analyses() for one in LANGUAGES}
    return made | {("municipality", one): MunicipalityReport(told, CODE, language=one).analyses() for one in LANGUAGES}


def words(blocks: Blocks) -> str:
    """Everything a reader can read, and what is read out of the charts."""
    return re.sub(r"\s+", " ", " ".join(re.findall(r'alt="([^"]*)"', html.fragment(blocks)))) + re.sub(
        r"<[^>]+>", " ", re.sub(r"<(svg|style).*?</\1>", "", html.fragment(blocks), flags=re.DOTALL)
    )


def headings(blocks: Blocks) -> list[str]:
    return [block.text for block in blocks if isinstance(block, Heading)]


def doubts_of(blocks: Blocks) -> dict[str, str]:
    return {item.term: item.text for block in blocks if isinstance(block, Definitions) for item in block.items}


def pattern(rung: Claim, texts: Texts) -> re.Pattern[str]:
    """A rung's sentence, whatever it is said of."""
    said = texts.say(f"claims.{rung.key}", outcome="\0", what="\0", size="\0")
    return re.compile(re.escape(said).replace("\0", "(.+)"), re.IGNORECASE)


def test_a_page_of_a_release_without_findings_is_as_it_was(small_home):
    release = small_home.released / "public"
    assert SchoolReport(release, HERE).analyses() == Blocks()
    assert MunicipalityReport(release, CODE).analyses() == Blocks()


@each_language
def test_every_analysis_has_its_place_on_the_page_it_belongs_to(pages, language):
    texts = Texts(language)
    title = texts.say("finding_pages.title")
    assert headings(pages["school", language]) == [title, *(texts.say(f"analyses.{one}.name") for one in OF_A_SCHOOL)]
    assert headings(pages["municipality", language]) == [title, *(texts.say(f"analyses.{one}.name") for one in PARTS)]
    assert set(OF_A_SCHOOL) | set(PARTS) == set(ANALYSES)


@each_language
@pytest.mark.parametrize("claim", Claim)
def test_a_row_says_its_rungs_sentence_and_no_other(claim, language):
    texts = Texts(language)
    by_chance = TOLD if claim is not Claim.NOTHING else {"null": 0.0, "p": 0.4}
    row = pd.DataFrame([{"term": "effect", "estimate": 4.4, "lower": 1.2, "upper": 7.6, **by_chance}])
    measure = finding("policy_change", design=max(claim, Claim.DIFFERS))
    one = tell(measure, row)[0]
    assert one.claim is claim
    said = sentence(one, texts)
    assert [rung for rung in Claim if pattern(rung, texts).fullmatch(said)] == [claim], said


def test_a_failed_doubt_lowers_the_sentence_on_the_page():
    failed = Check("association_back_doors", False, Claim.DIFFERS)
    row = pd.DataFrame([{"term": "absent", "group": "within", "estimate": -31.0, "lower": -48.0, "upper": -14.0, **TOLD}])
    whole, doubted = finding("factor_association"), finding("factor_association", checks=(failed,))
    assert [tell(one, row)[0].claim for one in (whole, doubted)] == [Claim.GOES_WITH, Claim.DIFFERS]


@each_language
def test_what_chance_would_do_is_said_of_all_such_rows_together(language):
    texts = Texts(language)
    rows = pd.DataFrame(of_schools("slope", 1.0, 4.0))
    silent = [one for outcome in ("meritvarde", "franvaro_10") for one in tell(finding("trend", outcome=outcome), rows.iloc[:1])]
    assert len(sentences(silent, texts)) == 1
    assert sentences(silent, texts)[0].count(texts.say("analyses.trend.what")) == 1


@each_language
def test_no_sentence_below_the_highest_rung_speaks_of_an_effect(language):
    effect = re.compile(
        r"effekt|virkning|effect|påverk|påvirk|\bgör att\b|\bgjør at\b|because|caus|thanks to|tack vare|takket", re.IGNORECASE
    )
    texts = Texts(language)
    lower = [texts.say(f"claims.{rung.key}", outcome="x", what="y", size="z") for rung in Claim if rung < Claim.SUGGESTS_EFFECT]
    sizes = [text for key, text in texts.keys().items() if key.startswith("finding_pages.")]
    assert [text for text in (*lower, *sizes) if effect.search(text)] == []


def test_a_claim_is_put_into_words_in_one_place_only(project):
    sources = (project / "kvalitet_lib" / "present").rglob("*.py")
    assert [path.name for path in sources if re.search(r"[\"']claims\.", path.read_text(encoding="utf-8"))] == [
        "finding_sentences.py"
    ]


@each_language
def test_each_answer_says_what_it_rests_on_what_is_doubted_and_what_it_cannot_tell(pages, language):
    texts = Texts(language)
    say = texts.say
    for name in ("school", "municipality"):
        parts = [block for block in pages[name, language] if isinstance(block, Definitions)]
        analyses = len(OF_A_SCHOOL if name == "school" else PARTS)
        assert len(parts) == analyses
        for part in parts:
            terms = [item.term for item in part.items]
            assert terms[0] == say("finding_pages.rests_on") and terms[-1] == say("finding_pages.cannot_tell")
            assert say("checks.one_family.asks") in terms and say("checks.enough_schools.asks") not in terms
            assert say("basis.pupils", count=600, number=texts.number(600)) in part.items[0].text
            assert say("finding_pages.in_steps", step=10) in part.items[0].text
    doubted = doubts_of(pages["municipality", language])
    assert say("factors.health") in doubted[say("checks.association_back_doors.asks")]
    assert doubted[say("checks.ew_equal_alarms.asks")] == say("finding_pages.untold.failed")


@each_language
def test_a_question_without_an_answer_is_answered_with_why(pages, language):
    assert Texts(language).say("reasons.policy_change_no_comparison") in words(pages["municipality", language])


@each_language
def test_of_warnings_nothing_is_told_but_of_all_together(pages, language):
    texts = Texts(language)
    tables = [block for block in pages["municipality", language] if isinstance(block, Table)]
    warned = next(
        one for one in tables if one.caption.startswith(texts.say("finding_pages.captions.early_warning", outcome="")[:8])
    )
    assert [row[0].text for row in warned.rows] == [texts.say(f"finding_pages.worth.{term}") for term in ("auc", "missed")]


def test_schools_stand_in_order_of_name_and_no_place_is_told(pages, told):
    names = {code: f"{letter}skolan" for code, letter in zip(SCHOOLS, "DBACE", strict=True)}
    effects = next(one for one in findings_in(told) if one.analysis == "value_added").tables["schools"]
    assert list(finding_charts.by_name(effects, names)["label"]) == [f"{letter}skolan" for letter in "ABCDE"]
    assert not [column for one in findings_in(told) for frame in one.tables.values() for column in frame if "rank" in column]
    assert not re.search(r"(?i)\bplats \d|\brank(ed)?\b|rangordn|\bplass \d", words(pages["municipality", "sv"]))


def test_every_chart_is_also_in_words_with_its_values(pages):
    for blocks in pages.values():
        figures = [panel.figure for block in blocks if isinstance(block, FigureGrid) for panel in block.panels]
        figures += [block for block in blocks if isinstance(block, Figure)]
        assert all(re.search(r"\d", one.alt) and len(one.alt) > 40 for one in figures)
    assert sum(isinstance(block, FigureGrid) for block in pages["municipality", "en"]) >= 6


@each_language
def test_a_school_that_is_not_shown_is_told_so_and_nothing_else_of_it(small_home, tmp_path, language):
    effects = [one for one in all_findings() if one.analysis == "value_added"]
    release = with_findings(small_home.released / "public", tmp_path / "r", effects, hidden=SCHOOLS[:4])
    # One year hidden of three is not enough to silence value added: all three are.
    bare = [replace(one, basis=replace(one.basis, school_years=("2024-25",))) for one in effects]
    release = with_findings(small_home.released / "public", tmp_path / "s", bare, hidden=SCHOOLS[:4])
    page = SchoolReport(release, SCHOOLS[0], language=language).analyses()
    assert [block.kind for block in page] == ["heading", "paragraph", "heading", "paragraph", "paragraph"]
    assert page[-1].text == Texts(language).say("finding_pages.protected_here")
    assert "4,2" not in words(page) and "4.2" not in words(page)
    assert SchoolReport(release, HERE, language=language).analyses()[5].kind == "table"


def test_a_number_that_is_missing_is_a_dash_and_never_nan(small_home, tmp_path):
    rows = [{**row, "lower": math.nan, "upper": math.nan} for row in of_schools("school", 20.0, 6.0)]
    release = with_findings(small_home.released / "public", tmp_path / "r", [finding("growth", *rows)])
    assert "nan" not in words(SchoolReport(release, HERE).analyses()).lower()


@pytest.mark.parametrize("name", ["school", "municipality"])
@each_language
def test_both_pages_are_drawn_on_the_screen_and_on_paper(pages, name, language, told):
    report = (
        SchoolReport(told, HERE, language=language) if name == "school" else MunicipalityReport(told, CODE, language=language)
    )
    whole = report.head() + pages[name, language]
    written = html.page(whole)
    assert Texts(language).say("finding_pages.title") in written and "nan" not in words(pages[name, language]).lower().split()
    assert pdf.pdf(whole)[:5] == b"%PDF-"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", ["school", "municipality"])
def test_axe_finds_no_barrier_and_nothing_scrolls_sideways(browser, pages, told, tmp_path, name, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    head = SchoolReport(told, HERE, language="sv").head()
    path = tmp_path / "page.html"
    path.write_text(html.page(head + pages[name, "sv"]), encoding="utf-8")
    tab = browser.new_page(viewport={"width": width, "height": 900}, bypass_csp=True)
    tab.goto(path.as_uri())
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in axe.run(tab).response["violations"]] == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.close()


def test_the_same_findings_give_the_same_files(told, tmp_path):
    write_findings(tmp_path, findings_in(told))
    before = {path.name: path.read_bytes() for path in (told / "findings").iterdir()}
    assert {path.name: path.read_bytes() for path in (tmp_path / "findings").iterdir()} == before
