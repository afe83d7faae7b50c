"""Every analysis is named, explained, translated, tested on planted effects and shown in a notebook of its own."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import kvalitet_lib
from kvalitet_lib.analyses import ANALYSES
from kvalitet_lib.analyses.claim import Claim
from kvalitet_lib.analyses.finding import Finding
from kvalitet_lib.analyses.municipal_rows import MunicipalRows
from kvalitet_lib.texts import LANGUAGES, Texts
from tests.conftest import ROOT

CARD = ("name", "question", "means", "says_nothing_about", "what")
OUTCOMES = ("passed", "failed", "judge")
MODULES = sorted((ROOT / "kvalitet_lib" / "analyses").glob("*.py"))

each_language = pytest.mark.parametrize("language", LANGUAGES)
each_analysis = pytest.mark.parametrize("analysis", ANALYSES)


def calls(name: str) -> Iterator[tuple[Path, ast.Call]]:
    """Every call of a function or method of that name in the analyses."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (getattr(node.func, "id", "") == name or getattr(node.func, "attr", "") == name):
                yield path, node


def said(node: ast.Call, place: int, keyword: str) -> str | None:
    """The text a call gives as an argument, when it stands there as it is."""
    given = [one.value for one in node.keywords if one.arg == keyword] or node.args[place : place + 1]
    return given[0].value if given and isinstance(given[0], ast.Constant) and isinstance(given[0].value, str) else None


@each_analysis
def test_an_analysis_answers_with_a_finding_for_any_frame_and_for_the_municipality(analysis):
    module = importlib.import_module(f"kvalitet_lib.analyses.{analysis}")
    answer = getattr(module, analysis)
    assert getattr(kvalitet_lib, analysis) is answer
    assert inspect.signature(answer).return_annotation == Finding.__name__
    assert list(inspect.signature(module.of_municipality).parameters) == ["town"]
    assert all(part in answer.__doc__ for part in ("Parameters", "Returns", "Raises", "References"))


@each_language
@each_analysis
def test_an_analysis_has_a_full_card(analysis, language):
    texts = Texts(language)
    assert [part for part in CARD if not (texts.has(f"analyses.{analysis}.{part}"))] == []


@each_analysis
def test_an_analysis_has_a_notebook_planted_effects_and_promises_of_its_own(analysis):
    assert (ROOT / "notebooks" / "explore" / f"{analysis}.ipynb").is_file()
    assert (ROOT / "tests" / "recovery" / f"test_{analysis}.py").is_file()
    assert (ROOT / "tests" / "analyses" / f"test_{analysis}.py").is_file()


@each_analysis
def test_a_notebook_ends_with_the_doubts(analysis):
    notebook = json.loads((ROOT / "notebooks" / "explore" / f"{analysis}.ipynb").read_text(encoding="utf-8"))
    code = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert "doubts(" in code[-1]


@each_language
def test_every_doubt_has_a_question_and_an_answer(language):
    texts = Texts(language)
    named = {name for _, node in calls("Check") if (name := said(node, 0, "id"))}
    assert len(named) > 20
    assert sorted(name for name in named if not texts.has(f"checks.{name}.asks")) == []
    answers = {name for name in named if any(texts.has(f"checks.{name}.{outcome}") for outcome in OUTCOMES)}
    assert named - answers == set()


@each_language
def test_every_reason_is_told(language):
    texts = Texts(language)
    named = {name for _, node in calls("nothing") if (name := said(node, 2, "reason"))}
    assert sorted(name for name in named if not texts.has(f"reasons.{name}")) == []


@each_language
def test_each_rung_of_the_ladder_has_exactly_one_sentence(language):
    keys = [key for key in sorted(Texts(language).keys()) if key.startswith("claims.")]
    assert keys == sorted(f"claims.{claim.key}" for claim in Claim)


@pytest.fixture(scope="module", params=["se", "no"])
def findings(request, small_home, small_norwegian_home) -> list[Finding]:
    from kvalitet_lib.cli.analyse import municipal_rows, run
    from kvalitet_lib.store import Store

    home = small_home if request.param == "se" else small_norwegian_home
    town: MunicipalRows = municipal_rows(home, Store(home.private))
    return [finding for analysis in ANALYSES for finding in run(analysis, town)]


@each_language
def test_everything_a_finding_says_of_itself_has_words(findings, language):
    texts = Texts(language)
    keys = {f"checks.{check.id}.asks" for one in findings for check in one.checks}
    keys |= {
        f"checks.{check.id}.{ {True: 'passed', False: 'failed', None: 'judge'}[check.passed] }"
        for one in findings
        for check in one.checks
    }
    keys |= {f"cannot_tell.{name}" for one in findings for name in one.cannot_tell}
    keys |= {f"reasons.{one.reason}" for one in findings if one.reason}
    assert sorted(key for key in keys if not texts.has(key)) == []


def test_every_finding_says_what_it_rests_on_and_what_it_cannot_tell(findings):
    for one in findings:
        assert one.reason or (one.cannot_tell and one.method and one.basis.rows), one
        assert one.reason or one.estimates["n"].notna().any(), one
