"""A command that fails, wherever it does, leaves no canary outside the private area, and says none."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import httpx
import pytest

from kvalitet_lib.errors import PlaceError
from tests.execution.desk import PAGE, notebook, only_for
from tests.residue import canaries
from tests.residue.canaries import spoiled, wrong
from tests.residue.search import search_bytes
from tests.residue.watch import Watch

SCHOOL, ONE = "90012305", "franvaro_10"
ROW = canaries.PUPILS[0]
IDENTITY_NUMBER = "20121212-1212"
OUR_FAULT = 70


@dataclass(frozen=True)
class Refusal:
    """A delivery with something wrong in it: which, what, and the fault it is refused with."""

    delivery: str
    spoil: Callable[[bytes], bytes] | Callable[[canaries.Rows], canaries.Rows | None]
    fault: str
    also: tuple[str, ...] = ()

    def write(self, planted: Path, path: Path) -> None:
        if self.fault in ("NOT_WHAT_IT_SAYS", "UNCLOSED_QUOTE", "MIXED_ENCODING"):
            path.write_bytes(self.spoil((planted / self.delivery).read_bytes()))  # type: ignore[arg-type]
        else:
            spoiled(planted / self.delivery, path, self.spoil)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Point:
    """A command that fails for another reason: how, and what it ends with."""

    run: Callable[[Watch, Path], CompletedProcess[str]]
    code: int


def command(*words: str, **how: object) -> Callable:
    return lambda watch, planted: watch.kvalitet(*words, **how)


def load_with(first: str = "", room: int = 0) -> Callable:
    """Load deliveries that are as they should be, while something else goes wrong."""

    def run(watch: Watch, planted: Path) -> CompletedProcess[str]:
        (watch.home / "incoming").mkdir()
        corrected = spoiled(planted / "elever_2024-25.csv", watch.home / "incoming" / "elever.csv", lambda rows: rows[:-1])
        return watch.kvalitet("load", corrected, first=first, room=room)

    return run


def report(*cells: str, schools: tuple[str, ...] = (SCHOOL,), words: tuple[str, ...] = ()) -> Callable:
    """A report of some schools whose notebook reads rows and holds these cells."""

    def run(watch: Watch, planted: Path) -> CompletedProcess[str]:
        made = notebook(watch.desk / "made", READS_ROWS, *cells)
        (made / "page.ipynb").replace(watch.desk / "notebooks" / "page.ipynb")
        settings = "notebook: page.ipynb\neach: school\naudience: public\nformats: [html, pdf]\nlanguages: [sv]\n"
        (watch.desk / "params" / "reports" / "page.yml").write_text(settings)
        these = [word for school in schools for word in ("--school", school)]
        return watch.kvalitet(
            "report", "page", *these, "--out", watch.out, *words, CANARY_ROWS=str(planted / "elever_2024-25.csv")
        )

    return run


def report_over_a_file(watch: Watch, planted: Path) -> CompletedProcess[str]:
    watch.out.mkdir()
    (watch.out / "public").write_text("in the way")
    return watch.kvalitet("report", "school", "--school", SCHOOL, "-l", "sv", "--out", watch.out)


def damaged_store(watch: Watch, planted: Path) -> CompletedProcess[str]:
    path = watch.home / "private" / "store.duckdb"
    content = path.read_bytes()
    path.write_bytes(content[:4096] + ROW.encode() * (len(content) // len(ROW)))
    return watch.kvalitet("measure", ONE)


def broken_settings(watch: Watch, planted: Path) -> CompletedProcess[str]:
    settings = watch.home / "municipality.yml"
    settings.write_text(f"country: {ROW}\ncode: {ROW}\nname: [{ROW}]\n")
    done = watch.kvalitet("status")
    settings.unlink()
    return done


def dashboard_of_a_damaged_release(watch: Watch, planted: Path) -> CompletedProcess[str]:
    for units in (watch.home / "released").rglob("units.csv"):
        units.write_text("level;secret\n")
    with watch.served("dashboard") as (_, address):
        page = httpx.get(address, follow_redirects=True, timeout=60).text
        watch.keep("dashboard", page)
    return CompletedProcess([], 1, page, "")


def conflicting(rows: canaries.Rows) -> canaries.Rows:
    return [*rows, {**rows[0], "kön": rows[0]["kön"], "klass": "Kanarie i två klasser"}]


def other_pupils(rows: canaries.Rows) -> canaries.Rows:
    return [{**row, "elevid": f"Kanarie{place}ny"} for place, row in enumerate(rows)]


def names_of_pupils(rows: canaries.Rows) -> canaries.Rows:
    return [{**row, "namn": "Åsa Kanarie"} for row in rows]


def unclosed(content: bytes) -> bytes:
    return content.replace(b"Kanarieklass", b'"Kanarieklass', 1)


def mixed(content: bytes) -> bytes:
    return content + "Kanarie Öberg;".encode("latin-1") * 9


def by_identity_number(rows: canaries.Rows) -> canaries.Rows:
    return [{**rows[0], "elevid": IDENTITY_NUMBER}, *rows[1:]]


def phone_in_free_text(rows: canaries.Rows) -> canaries.Rows:
    return [{**rows[0], "fritext": "Ring Kanarie på 070-174 06 05"}, *rows[1:]]


READS_ROWS = """
import os
from pathlib import Path
rows = " ".join(Path(os.environ["CANARY_ROWS"]).read_text(encoding="utf-8-sig").splitlines()[1:])
"""
WRONG_TYPE = "from kvalitet_lib import store_tables\nstore_tables.cast_of = lambda contract: 'CAST(class_name AS BIGINT)'\n"
WRONG_TYPE += "from kvalitet_lib import store\nstore.cast_of = store_tables.cast_of\n"
PANDERA_ITSELF = """
from kvalitet_lib.sources import validation
from kvalitet_lib.contracts import CONTRACTS
def eager(contract, rows):
    contract.to_schema().validate(rows.assign(sex=rows.class_name))
validation.broken_rules = eager
"""
BROKEN_INDICATOR = """
from dataclasses import replace
import kvalitet_lib.measure.counted as counted
def fail(indicator, tables):
    raise ValueError(tables["pupils"].class_name.to_string())
counted.count_rows = fail
for name in ("local", "all_figures", "figures"):
    module = __import__(f"kvalitet_lib.measure.{name}", fromlist=[name])
    if hasattr(module, "count_rows"):
        module.count_rows = fail
"""
KILLED = "import os\nfrom kvalitet_lib.store import Writer\nWriter._fill = lambda self, name, rows, *_: os.kill(os.getpid(), 9)\n"
INTERRUPTED = """
from kvalitet_lib.store import Writer
def press_ctrl_c(self, name, rows, *_):
    raise KeyboardInterrupt(rows.to_string())
Writer._fill = press_ctrl_c
"""
NO_MEMORY = INTERRUPTED.replace("KeyboardInterrupt", "MemoryError")
TYPST_REFUSES = (
    "import typst\nimport kvalitet_lib.present.pdf as pdf\n"
    + """
def refuse(*_, **__):
    raise typst.TypstError(rows)
pdf.typst.compile = refuse
"""
)

REFUSALS = {
    "no table at all": Refusal("elever_2024-25.csv", lambda content: b"\x89PNG\r\n\x1a\n" + content, "NOT_WHAT_IT_SAYS"),
    "a quote that never ends": Refusal("elever_2024-25.csv", unclosed, "UNCLOSED_QUOTE"),
    "another encoding half way": Refusal("elever_2024-25.csv", mixed, "MIXED_ENCODING"),
    "a wrong sex": Refusal("elever_2024-25.csv", wrong("kön"), "INVALID_VALUE"),
    "a wrong grade": Refusal("betyg_ak9_2024-25.csv", wrong("betyg"), "INVALID_VALUE"),
    "a wrong test": Refusal("nationella_prov_2024-25.csv", wrong("ämne"), "INVALID_VALUE"),
    "a wrong answer": Refusal("enkat_2024-25.csv", wrong("trygghet"), "INVALID_VALUE"),
    "wrong hours": Refusal(canaries.FILE_NAMES[2], wrong("schemalagd_tid"), "INVALID_VALUE"),
    "a wrong outcome": Refusal("gymnasiet_2024-25.csv", wrong("examen"), "INVALID_VALUE"),
    "wrong posts": Refusal("bemanning.csv", wrong("heltidstjänster"), "INVALID_VALUE"),
    "a wrong published figure": Refusal("publicerade_varden.csv", wrong("värde"), "INVALID_VALUE"),
    "rows that conflict": Refusal("elever_2024-25.csv", conflicting, "CONFLICTING_DUPLICATE"),
    "another part of the whole": Refusal("elever_2024-25.csv", other_pupils, "WOULD_REPLACE_OTHERS"),
    "a column of names": Refusal("elever_2024-25.csv", names_of_pupils, "DIRECT_IDENTIFIER"),
    "identity numbers": Refusal("elever_2024-25.csv", by_identity_number, "DIRECT_IDENTIFIER", (IDENTITY_NUMBER, "201212121212")),
    "a telephone number in free text": Refusal("enkat_2024-25.csv", phone_in_free_text, "DIRECT_IDENTIFIER", ("174 06 05",)),
}
PAGES = {
    "a cell fails with rows": ("90012301", "raise ValueError(rows)", "ValueError in code cell"),
    "a page is killed": ("90012302", "print(rows)\nimport os\nos.kill(os.getpid(), 9)", "its process ended without a word"),
    "Typst refuses a page": ("90012304", TYPST_REFUSES, "The PDF of"),
}
POINTS = {
    "DuckDB refuses a value": Point(load_with(WRONG_TYPE), OUR_FAULT),
    "pandera refuses a value": Point(load_with(PANDERA_ITSELF), OUR_FAULT),
    "no memory": Point(load_with(NO_MEMORY), OUR_FAULT),
    "the disk is full": Point(load_with(room=1_000_000), PlaceError.exit_code),
    "killed while loading": Point(load_with(KILLED), -9),
    "interrupted while loading": Point(load_with(INTERRUPTED), 130),
    "a damaged store": Point(damaged_store, OUR_FAULT),
    "an indicator fails while measuring": Point(command("measure", ONE, first=BROKEN_INDICATOR), OUR_FAULT),
    "an indicator fails while releasing": Point(command("release", first=BROKEN_INDICATOR), OUR_FAULT),
    "a cell fails with rows, in a kernel of its own": Point(report("raise ValueError(rows)", words=("--own-kernel",)), 3),
    "a file lies where pages go": Point(report_over_a_file, OUR_FAULT),
    "nobody knows the pupil": Point(command("forget", "Kanarie999elev", "--yes"), 1),
    "nobody knows two pupils": Point(command("forget", "Kanarie998elev", "Kanarie999elev", "--yes"), 1),
    "broken settings": Point(broken_settings, 1),
    "a dashboard of a damaged release": Point(dashboard_of_a_damaged_release, 1),
}  # fmt: skip
FIGURES = {"failure points": 34}


@pytest.fixture(scope="module")
def refused(loaded, planted, tmp_path_factory) -> tuple[Watch, dict]:
    """All spoiled deliveries, offered in one go: told of to a person, then to a program."""
    watch = Watch.make(tmp_path_factory.mktemp("refused"))
    watch.home.rmdir()
    canaries.copied(loaded, watch.home)
    (watch.home / "incoming").mkdir()
    for place, refusal in enumerate(REFUSALS.values()):
        refusal.write(planted, watch.home / "incoming" / f"{place}.csv")
    assert watch.kvalitet("load", watch.home / "incoming").returncode == 5
    told = watch.kvalitet("load", watch.home / "incoming", "--json")
    assert told.returncode == 5
    return watch, {one["file"]: one for one in json.loads(told.stdout)}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_delivery_that_is_refused_is_told_of_without_a_canary(name, refused):
    place, also = list(REFUSALS).index(name), REFUSALS[name].also
    watch, outcomes = refused
    told = outcomes[f"{place}.csv"]
    assert (told["outcome"], REFUSALS[name].fault in {fault["code"] for fault in told["faults"]}) == ("refused", True)
    assert search_bytes(json.dumps(told).encode(), [canaries.ROW, *also], name) == []
    assert watch.rows_outside(*also) == []


@pytest.fixture(scope="module")
def failed(loaded, planted, tmp_path_factory) -> Watch:
    """One run of pages that fail each in its own way."""
    watch = Watch.make(tmp_path_factory.mktemp("failed"))
    watch.home.rmdir()
    canaries.copied(loaded, watch.home)
    cells = [only_for(school, cell) for school, cell, _ in PAGES.values()]
    assert report(*cells, PAGE, schools=tuple(school for school, *_ in PAGES.values()))(watch, planted).returncode == 3
    return watch


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_fails_is_told_of_without_a_canary_and_not_made(name, failed):
    school, _, reason = PAGES[name]
    told = {
        one["unit"]: one for one in json.loads((failed.out / "public" / "manifest.json").read_text(encoding="utf-8"))["pages"]
    }
    assert told[school]["reason"].startswith(reason)
    assert [path for path in failed.out.rglob("*") if school in path.name] == []
    assert failed.rows_outside() == []
    assert failed.surroundings_published() == []


@pytest.mark.parametrize("name", POINTS)
def test_a_command_that_fails_leaves_and_says_no_canary(name, watch, planted):
    done = POINTS[name].run(watch, planted)
    assert done.returncode == POINTS[name].code, done.stderr
    assert watch.rows_outside() == []
    assert watch.surroundings_published() == []


@pytest.mark.parametrize("name", ["a cell fails with rows, in a kernel of its own", "an indicator fails while measuring"])
def test_the_same_failure_would_show_rows_if_they_were_not_held_back(name, watch, planted, monkeypatch):
    """The failures really carry rows: asked for on purpose, all of it is shown, and still not written beside the pages."""
    monkeypatch.setattr(Watch, "environment", with_tracebacks(Watch.environment))
    POINTS[name].run(watch, planted)
    assert {Path(hit.where).parent for hit in watch.rows_outside()} == {watch.said}


def with_tracebacks(usual: Callable) -> Callable:
    return lambda self, more: {**usual(self, more), "KVALITET_TRACEBACK": "1"}


def test_there_are_as_many_points_of_failure_as_we_say():
    assert len(REFUSALS) + len(PAGES) + len(POINTS) == FIGURES["failure points"] >= 20
