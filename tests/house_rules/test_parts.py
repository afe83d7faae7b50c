"""Everything the project is built of is named, pinned by its content, under a licence one has read, and needed."""

from __future__ import annotations

import ast
import json
import re
import sys
from importlib.metadata import packages_distributions

import pytest
from jupyter_client.kernelspec import get_kernel_spec

from tests.conftest import ROOT
from tests.house_rules.parts import LIST, Part, closure, declared, for_programs, installed_parts, optional, pinned, plain

FIGURES = {"dependencies stated": 30, "parts pinned by their content": 191}
NOT_IMPORTED = {
    "ipykernel": "runs the notebooks of the desk, of dashboards, and of `kvalitet report --own-kernel`",
    "jupyterlab": "is the desk that `kvalitet lab` opens",
    "jupytext": "keeps a notebook and its text twin in step on the desk",
}
COMES_WITH = {
    "ipython": "ipykernel",
    "jupyter-server": "voila",
    "markupsafe": "jinja2",
    "nbformat": "nbconvert",
    "tornado": "jupyterlab",
    "traitlets": "nbconvert",
}


@pytest.fixture(scope="module")
def parts() -> list[Part]:
    return installed_parts()


def imported() -> set[str]:
    """Names of the parts that kvalitet itself imports."""
    modules = set()
    for path in (ROOT / "kvalitet_lib").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.split(".")[0])
    whose = packages_distributions()
    foreign = modules - set(sys.stdlib_module_names) - {"kvalitet_lib"}
    return {plain(whose[module][0]) for module in foreign}


def test_every_part_installed_is_the_one_pinned(parts):
    assert {part.name: part.version for part in parts}.items() <= pinned().items()
    assert set().union(*(closure(name) for name in declared())) <= set(pinned())


def test_every_part_is_under_a_licence_that_is_allowed(parts):
    assert [f"{part.name}: {part.licence}" for part in parts if not part.is_allowed] == []


def test_a_licence_nobody_has_read_is_refused():
    assert not Part("new", "1", "AGPL-3.0-only", "running").is_allowed
    assert not Part("new", "1", "MIT AND SSPL-1.0", "running").is_allowed
    assert not Part("new", "1", "none stated", "running").is_allowed
    assert Part("new", "1", "GPL-3.0-only OR MIT", "running").is_allowed


def test_the_list_of_licences_is_true(parts):
    written = LIST.read_text(encoding="utf-8")
    assert [part.row for part in parts if part.row not in written] == [], "write it anew:  make parts"
    assert set(re.findall(r"^\| ([\w.-]+) \| \d", written, re.MULTILINE)) <= set(pinned())


def test_every_dependency_is_used():
    assert declared() - imported() == set(NOT_IMPORTED)
    assert optional() <= imported()
    assert "ipykernel_launcher" in get_kernel_spec("python3").argv
    assert '"jupyterlab"' in (ROOT / "kvalitet_lib" / "cli" / "serve.py").read_text(encoding="utf-8")
    assert len(declared()) == FIGURES["dependencies stated"]


def test_nothing_is_imported_that_is_not_declared_or_part_of_what_is():
    assert imported() - declared() - optional() == set(COMES_WITH)
    assert [name for name, whole in COMES_WITH.items() if whole not in declared() or name not in closure(whole)] == []


def test_the_list_for_programs_is_whole_and_tells_nothing_of_the_moment_or_the_machine(parts):
    written = for_programs(held_against_the_schema=False)
    told = json.loads(written)
    assert told["bomFormat"] == "CycloneDX"
    assert {part.name for part in parts} <= {plain(one["name"]) for one in told["components"]}
    assert "timestamp" not in told["metadata"] and "serialNumber" not in told
    assert "file:" not in written and str(ROOT) not in written and sys.prefix not in written


def test_nothing_is_installed_but_what_is_pinned_by_its_content():
    installs = re.findall(r"pip install (.*)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert len(installs) == 2
    assert "--require-hashes -r constraints.txt" in installs[0]
    assert "--no-deps --no-build-isolation -e ." in installs[1]
    assert len(pinned()) == FIGURES["parts pinned by their content"]
