"""One page that fails, hangs or dies is named with its reason; the others are made, and nothing half-made is left."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from kvalitet_lib.execution.batch import can_fork
from kvalitet_lib.execution.plan import Wish, plan
from tests.execution.desk import PAGE, SETTINGS, A, B, C, each_made, made, notebook, only_for, pages

ENOUGH = 120.0
SHORT = 3.0


def outcomes(
    folder: Path, notebooks: Path, release, deadline: float = ENOUGH, own_kernel: bool = False, units=(A, B, C)
) -> dict[str, str]:
    """Unit → why its page failed, empty when it was made."""
    jobs = plan(SETTINGS, notebooks, release, Wish(units=units), folder)
    return {one.job.unit: one.reason for one in each_made(jobs, folder.parent / "drafts", own_kernel, deadline)}


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def ends(pid: int, within: float = 20.0) -> bool:
    latest = time.monotonic() + within
    while is_alive(pid) and time.monotonic() < latest:
        time.sleep(0.1)
    return not is_alive(pid)


def test_a_failing_school_is_named_with_its_reason_and_the_others_are_made(tmp_path, release):
    folder = notebook(tmp_path, only_for(B, "raise ValueError('no such figure\\nand more')"), PAGE)
    run = made(tmp_path / "out", folder, release, at_once=2)
    assert [(one.job.unit, one.reason) for one in run.failed] == [(B, "ValueError in code cell 2")]
    assert pages(tmp_path / "out") == [f"en/school-{A}.html", f"en/school-{C}.html"]


def test_a_notebook_that_failed_half_way_never_becomes_a_page(tmp_path, release):
    folder = notebook(tmp_path, PAGE, "raise ValueError('too late')")
    assert len(made(tmp_path / "out", folder, release).failed) == 3
    assert pages(tmp_path / "out") == []
    assert not list((tmp_path / "out").rglob("index.html"))


def test_an_older_page_is_left_as_it_was_when_the_new_one_fails(tmp_path, release):
    out = tmp_path / "out"
    made(out, notebook(tmp_path, PAGE), release)
    before = (out / "en" / f"school-{A}.html").read_bytes()
    made(out, notebook(tmp_path, PAGE.replace("well", "wrong"), "raise ValueError('too late')"), release)
    assert (out / "en" / f"school-{A}.html").read_bytes() == before


def test_a_notebook_that_shows_no_page_is_a_failure(tmp_path, release):
    run = made(tmp_path / "out", notebook(tmp_path, "1 + 1"), release, Wish(units=[A]))
    assert "showed nothing that can stand on a page" in run.failed[0].reason


@pytest.mark.parametrize("hang", ["import time; time.sleep(600)", "while True: pass"], ids=["waiting", "busy"])
def test_a_hanging_page_is_ended_at_its_deadline_and_the_others_are_made(tmp_path, release, hang):
    folder = notebook(tmp_path, PAGE, only_for(A, hang))
    told = outcomes(tmp_path / "out", folder, release, deadline=SHORT + 2)
    assert told == {A: f"took longer than {SHORT + 2:g} seconds and was ended", B: "", C: ""}
    assert pages(tmp_path / "out") == [f"en/school-{B}.html", f"en/school-{C}.html"]


@pytest.mark.parametrize(
    ("end", "code"), [("import os; os._exit(7)", 7), ("import os; os.kill(os.getpid(), 9)", -9)], ids=["exits", "is killed"]
)
def test_a_process_that_dies_is_reported_and_the_others_are_made(tmp_path, release, end, code):
    folder = notebook(tmp_path, PAGE, only_for(B, end))
    told = outcomes(tmp_path / "out", folder, release)
    assert told == {A: "", B: f"its process ended without a word (exit code {code})", C: ""}
    assert pages(tmp_path / "out") == [f"en/school-{A}.html", f"en/school-{C}.html"]


def test_a_notebook_that_says_exit_is_a_failure_and_not_a_page(tmp_path, release):
    told = outcomes(tmp_path / "out", notebook(tmp_path, PAGE, "raise SystemExit(0)"), release, units=[A])
    assert "failed with SystemExit" in told[A]
    assert pages(tmp_path / "out") == []


def test_a_very_long_reason_neither_blocks_the_page_nor_fills_the_record(tmp_path, release):
    told = outcomes(
        tmp_path / "out",
        notebook(tmp_path, "from kvalitet_lib.errors import ReportError\nraise ReportError('x' * 1_000_000)"),
        release,
        deadline=60,
        units=[A],
    )
    assert told[A].startswith("ReportError: xxx")
    assert len(told[A]) <= 500


@pytest.mark.skipif(not can_fork(), reason="a process is followed through /proc, which only Linux has")
def test_a_hanging_kernel_of_its_own_is_ended_too(tmp_path, release):
    noted = tmp_path / "pid"
    hang = f"import os, pathlib, time\npathlib.Path({str(noted)!r}).write_text(str(os.getpid()))\ntime.sleep(600)"
    told = outcomes(tmp_path / "out", notebook(tmp_path, hang), release, deadline=15, own_kernel=True, units=[A])
    assert told == {A: "took longer than 15 seconds and was ended"}
    assert int(noted.read_text()) != os.getpid()
    assert ends(int(noted.read_text()))


def test_a_failing_cell_in_a_kernel_of_its_own_is_named_by_its_own_error(tmp_path, release):
    folder = notebook(tmp_path, "raise ValueError('no such figure')")
    assert outcomes(tmp_path / "out", folder, release, own_kernel=True, units=[A]) == {A: "ValueError in code cell 2"}


@pytest.mark.parametrize("own_kernel", [False, True])
def test_our_own_words_are_told_and_those_of_any_other_error_are_not(tmp_path, release, own_kernel):
    ours = "from kvalitet_lib.errors import ReleaseError\nraise ReleaseError('Make one:  kvalitet release')"
    folder = notebook(tmp_path, only_for(A, ours), "1 + 1", only_for(B, "int('a cell of a pupil')"))
    assert outcomes(tmp_path / "out", folder, release, own_kernel=own_kernel, units=[A, B]) == {
        A: "ReleaseError: Make one:  kvalitet release",
        B: "ValueError in code cell 4",
    }


def test_all_of_an_error_is_shown_where_it_is_asked_for_and_never_beside_the_pages(tmp_path, release, monkeypatch, capfd):
    monkeypatch.setenv("KVALITET_TRACEBACK", "1")
    told = outcomes(tmp_path / "out", notebook(tmp_path, "int('a cell of a pupil')"), release, units=[A])
    assert told == {A: "ValueError in code cell 2"}
    assert "a cell of a pupil" in capfd.readouterr().err


def test_no_page_is_left_running_when_the_reader_stops_listening(tmp_path, release):
    noted = tmp_path / "pid"
    hang = f"import os, pathlib, time\npathlib.Path({str(noted)!r}).write_text(str(os.getpid()))\ntime.sleep(600)"
    jobs = plan(SETTINGS, notebook(tmp_path, PAGE, only_for(B, hang)), release, Wish(), tmp_path / "out")
    running = each_made(jobs, tmp_path / "drafts", deadline=ENOUGH)
    assert next(running).status == "made"
    latest = time.monotonic() + 20
    while not (noted.exists() and noted.read_text()) and time.monotonic() < latest:
        time.sleep(0.05)
    running.close()
    assert ends(int(noted.read_text()), within=1)
