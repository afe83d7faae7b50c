"""``docs/promises.md`` says what the tests say: every counted promise, the test that proves it, and its figure."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

import pytest

from tests.conftest import ROOT

PAGE = ROOT / "docs" / "promises.md"
GROUPS = ["The gate", "The door", "Faults", "Pages", "Supply chain"]
ROW = re.compile(r"^\| (?P<promise>[^|]+) \| `(?P<module>tests/[\w/]+\.py)::(?P<test>\w+)` \| (?P<figures>[^|]+) \|$")
FIGURE = re.compile(r"(?P<number>\d{1,3}(?:,\d{3})*) (?P<counted>.+)")


@dataclass(frozen=True)
class Module:
    """A test module as it is written: its tests, its figures, and those of them that something in it is compared with."""

    tests: set[str]
    figures: dict[str, int]
    compared: set[str]

    @classmethod
    def of(cls, source: str) -> Module:
        tree = ast.parse(source)
        tests = {one.name for one in tree.body if isinstance(one, ast.FunctionDef) and one.name.startswith("test_")}
        stated = [one.value for one in tree.body if isinstance(one, ast.Assign) and _is_figures(one.targets[0])]
        figures = ast.literal_eval(stated[0]) if stated else {}
        within = [one for one in ast.walk(tree) if isinstance(one, ast.Subscript) and _is_figures(one.value)]
        named = {one.slice.value for one in within if isinstance(one.slice, ast.Constant)}
        whole = sum(isinstance(one, ast.Name) and _is_figures(one) for one in ast.walk(tree)) > len(within) + len(stated)
        return cls(tests, figures, set(figures) if whole else named)


def _is_figures(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "FIGURES"


def modules() -> dict[str, Module]:
    """Path → every test module of the project."""
    paths = sorted((ROOT / "tests").rglob("test_*.py"))
    return {path.relative_to(ROOT).as_posix(): Module.of(path.read_text(encoding="utf-8")) for path in paths}


def untrue(page: str, known: dict[str, Module]) -> list[str]:
    """What the page says that the tests do not, and what the tests count that the page does not say."""
    found = []
    said: set[tuple[str, str]] = set()
    for line in (line for line in page.splitlines() if line.startswith("|") and not re.match(r"\|(---| Promise )", line)):
        row = ROW.match(line)
        if not row:
            found.append(f"not a row of promise, test and figure: {line}")
            continue
        module = known.get(row["module"], Module(set(), {}, set()))
        if row["test"] not in module.tests:
            found.append(f"no such test: {row['module']}::{row['test']}")
        for one in row["figures"].split("; "):
            figure = FIGURE.fullmatch(one)
            counted = figure["counted"] if figure else one
            if not figure or module.figures.get(counted) != int(figure["number"].replace(",", "")):
                found.append(f"not the figure of {row['module']}: {one}")
            elif (row["module"], counted) in said:
                found.append(f"told twice: {one} of {row['module']}")
            said.add((row["module"], counted))
    counted_there = {(path, counted) for path, module in known.items() for counted in module.figures}
    return found + [f"not told: {known[path].figures[counted]} {counted} of {path}" for path, counted in counted_there - said]


def test_every_promise_on_the_page_is_true_and_every_figure_of_a_test_stands_there():
    assert untrue(PAGE.read_text(encoding="utf-8"), modules()) == []


def test_every_figure_is_compared_with_what_is_counted():
    idle = {path: set(module.figures) - module.compared for path, module in modules().items()}
    assert {path: figures for path, figures in idle.items() if figures} == {}


def test_promises_stand_in_their_groups():
    assert re.findall(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE) == GROUPS


SOURCE = 'FIGURES = {"kills": 1500, "reads": 0}\ndef test_it_stands():\n    assert {"kills": 1500, "reads": 0} == FIGURES\n'
TRUE = "| It stands | `tests/test_it.py::test_it_stands` | 1,500 kills; 0 reads |"


CUT = TRUE.removesuffix("1,500 kills; 0 reads |")
KILLS, READS = "not told: 1500 kills of tests/test_it.py", "not told: 0 reads of tests/test_it.py"


@pytest.mark.parametrize(
    ("right", "wrong", "found"),
    [
        ("1,500", "1,501", ["not the figure of tests/test_it.py: 1,501 kills"]),
        ("1,500", "many", ["not the figure of tests/test_it.py: many kills", KILLS]),
        ("test_it_stands", "test_it_stood", ["no such test: tests/test_it.py::test_it_stood"]),
        ("test_it.py", "test_us.py", [
            "no such test: tests/test_us.py::test_it_stands", "not the figure of tests/test_us.py: 0 reads",
            "not the figure of tests/test_us.py: 1,500 kills", READS, KILLS,
        ]),
        ("; 0 reads", "", [READS]),
        ("0 reads", "1,500 kills", [READS, "told twice: 1,500 kills of tests/test_it.py"]),
        ("1,500 kills; 0 reads |", "", [f"not a row of promise, test and figure: {CUT}", READS, KILLS]),
        (TRUE, "", [READS, KILLS]),
    ],
    ids=["another figure", "no figure", "a test renamed", "a file renamed", "a figure left out", "a figure twice",
         "a row without a figure", "a row left out"],
)  # fmt: skip
def test_a_page_that_is_not_true_is_told_so(right, wrong, found):
    known = {"tests/test_it.py": Module.of(SOURCE)}
    assert untrue(TRUE, known) == []
    assert sorted(untrue(TRUE.replace(right, wrong), known)) == sorted(found)


def test_a_figure_that_nothing_is_compared_with_is_noticed():
    assert Module.of(SOURCE).compared == {"kills", "reads"}
    assert Module.of('FIGURES = {"kills": 3, "reads": 0}\ndef test_it():\n    assert 3 == FIGURES["kills"]\n').compared == {
        "kills"
    }
