"""One place for each thing, and nothing forgotten: CI says what is missing, by name."""

from __future__ import annotations

import re
import string
import subprocess
import tomllib
from importlib.metadata import requires
from pathlib import Path

import pytest
import yaml

import kvalitet_lib
from kvalitet_lib.contracts import CONTRACTS
from kvalitet_lib.sources import SOURCES, all_sources
from kvalitet_lib.texts import LANGUAGES, Texts
from tests.conftest import LONG
from tests.house_rules.notebook_hygiene import all_notebooks, faults

TOP_LEVEL = {"notebooks", "kvalitet_lib", "params", "reports", "environment.yml", "tests", "README.md"}
PYTHON_PROJECT = {
    ".ci", ".gitignore", "CONTRIBUTING.md", "LICENSE", "Makefile", "benchmarks", "constraints.txt", "docs", "fuzz",
    "pyproject.toml",
}  # fmt: skip
LONG_ENOUGH = 300


def tracked(project: Path) -> list[Path]:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=project, capture_output=True, check=True, text=True).stdout
    return [project / name for name in names.split("\0") if name and (project / name).is_file()]


def test_the_top_level_holds_what_was_asked_for_and_what_a_python_project_needs(project):
    top = {path.relative_to(project).parts[0] for path in tracked(project)}
    assert top >= TOP_LEVEL
    assert top <= TOP_LEVEL | PYTHON_PROJECT


@pytest.mark.parametrize("notebook", all_notebooks(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_notebook_is_thin_stripped_and_in_step_with_its_text_twin(notebook):
    assert faults(notebook) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_there_in_every_language(language):
    assert set(Texts(language).keys()) == set(Texts("en").keys())


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_every_text_has_the_same_places_as_the_english_one(language):
    english = Texts("en").keys()
    differing = [
        key for key, text in Texts(language).keys().items() if places(text) != places(english[key]) and not key.endswith(".one")
    ]
    assert differing == []


def test_swedish_and_bokmal_are_not_the_same_sentences():
    swedish, bokmal = Texts("sv").keys(), Texts("nb").keys()
    alike = [key for key, text in swedish.items() if len(text.split()) > 4 and text == bokmal[key]]
    assert alike == []


def test_no_text_claims_a_cause():
    claims = re.compile(
        r"\b(orsakar|beror på|leder till|skyldes|fører til|forårsaker|causes|leads to|due to|because of)\b", re.IGNORECASE
    )
    claiming = [
        f"{language}: {key}" for language in LANGUAGES for key, text in Texts(language).keys().items() if claims.search(text)
    ]
    assert claiming == []


def test_every_source_of_published_values_has_a_name_for_readers():
    for language in LANGUAGES:
        texts = Texts(language)
        for name in (
            "local",
            "published",
            "weighted",
            *{
                "skolverket_export",
                "skolverket_api",
                "skolverket_series",
                "skolenkaten",
                "skoleporten",
                "udir",
                "kolada",
                "ssb",
                "skolenhetsregistret",
            },
        ):
            assert texts.has(f"sources.names.{name}"), f"{language}: {name}"


def test_every_source_module_is_named_and_every_one_named_is_there(project):
    assert {source.name for source in all_sources()}
    assert all((project / "kvalitet_lib" / "sources" / f"{name}.py").exists() for name in SOURCES)


def test_every_table_and_column_is_explained():
    for name, contract in CONTRACTS.items():
        assert (contract.__doc__ or "").startswith("One row is"), name
        for column, about in contract.to_schema().columns.items():
            assert about.description and about.metadata["rule"], f"{name}.{column}"


def test_dependencies_are_written_once(project):
    environment = yaml.safe_load((project / "environment.yml").read_text(encoding="utf-8"))
    plain = [one for one in environment["dependencies"] if isinstance(one, str)]
    assert {re.split(r"[<>=]", one)[0] for one in plain} == {"python", "pip"}
    stated = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"python{stated['requires-python']}" in plain


def test_the_lock_names_every_dependency_with_hashes_and_no_address(project):
    lock = (project / "constraints.txt").read_text(encoding="utf-8")
    pinned = {name.lower().replace("_", "-") for name in re.findall(r"^([A-Za-z0-9._-]+)==", lock, re.MULTILINE)}
    wanted = {re.split(r"[\s<>=;\[]", one)[0].lower().replace("_", "-") for one in requires("kvalitet") or []}
    assert wanted <= pinned
    assert "://" not in lock and "--index" not in lock and "--find" not in lock
    entries = re.split(r"\n(?=[A-Za-z0-9])", lock.strip())
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_no_module_is_longer_than_one_room(project):
    long = {
        path.relative_to(project).as_posix(): lines
        for path in tracked(project)
        if path.suffix == ".py" and (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONG_ENOUGH
    }
    assert {name for name in long if not name.startswith("tests/")} == set()


def test_the_test_files_that_are_to_come_first_are_there(project):
    assert [name for name in LONG if not (project / "tests" / name).is_file()] == []


def test_no_file_speaks_of_the_machine_it_was_written_on(project):
    strange = re.compile(r"(^|[^A-Za-z0-9_.])/(work|root|home/[a-z]+|tmp)/|extra-index-url|find-links")
    telling = [
        path.relative_to(project).as_posix()
        for path in tracked(project)
        if path.suffix in {".py", ".md", ".yml", ".toml", ".txt", ".ipynb", ".typ", ".j2", ".css"}
        or path.name in {"Makefile", "run"}
        if path.name != Path(__file__).name and strange.search(path.read_text(encoding="utf-8"))
    ]
    assert telling == []


@pytest.mark.parametrize("module", SOURCES)
def test_every_source_has_a_broken_example(project, module):
    tests = [path.read_text(encoding="utf-8") for path in (project / "tests" / "sources").glob("test_*.py")]
    broken = [text for text in tests if module.removesuffix("_table") in text and re.search("DeliveryError|refusal", text)]
    assert broken, f"{module} has no broken example in tests/sources"


def test_every_public_name_is_there():
    assert all(getattr(kvalitet_lib, name).__name__ == name for name in dir(kvalitet_lib))
    assert len(dir(kvalitet_lib)) < 20


def test_every_sentence_the_code_asks_for_is_there(project):
    asked = re.compile(r"""\b(?:say|items)\(\s*["']([a-z_]+(?:\.[a-z_0-9]+)+)["']""")
    keys = {key for path in (project / "kvalitet_lib").rglob("*.py") for key in asked.findall(path.read_text(encoding="utf-8"))}
    assert len(keys) > 50
    assert sorted(key for key in keys if not Texts("en").has(key)) == []
