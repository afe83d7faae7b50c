"""A run goes on where it was cut off, leaves alone what is unchanged, and writes only where codes say."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filelock import FileLock

from kvalitet_lib.disclosure.release import Release
from kvalitet_lib.errors import BusyError, ContractError
from kvalitet_lib.execution import plan as planning
from kvalitet_lib.execution.batch import Made
from kvalitet_lib.execution.manifest import Manifest
from kvalitet_lib.execution.parameters import ReportSettings
from kvalitet_lib.execution.plan import Wish
from kvalitet_lib.execution.run import run
from kvalitet_lib.present.pdf import pdf
from kvalitet_lib.safe_files import LOCK
from tests.conftest import ROOT
from tests.execution.desk import PAGE, SETTINGS, A, B, C, each_made, made, notebook, only_for, pages, small_release
from tests.execution.test_failures import ends
from tests.present.sample_page import sample


def when_written(out: Path) -> dict[str, int]:
    return {name: (out / name).stat().st_mtime_ns for name in pages(out)}


def units(out: Path) -> list[str]:
    return [one["unit"] for one in json.loads((out / "manifest.json").read_text())["pages"] if one["status"] == "made"]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def test_every_unit_of_the_release_gets_a_page_named_after_its_code(tmp_path, out, release):
    done = made(out, notebook(tmp_path, PAGE), release)
    assert (done.planned, done.unchanged, done.failed) == (3, 0, [])
    assert pages(out) == [f"en/school-{unit}.html" for unit in (A, B, C)]
    assert done.indices == (out / "en" / "index.html",)
    assert all(f'href="school-{unit}.html"' in done.indices[0].read_text() for unit in (A, B, C))


def test_a_page_is_asked_for_in_each_language_and_format_once(tmp_path, out, release):
    made(out, notebook(tmp_path, PAGE), release, Wish(units=[A, A], languages=["sv", "en"], formats=["html", "pdf"]))
    assert pages(out) == sorted(f"{language}/school-{A}.{kind}" for language in ("sv", "en") for kind in ("html", "pdf"))


@pytest.mark.skipif(sys.platform != "linux", reason="pages' processes are forked on Linux alone")
def test_pages_can_be_made_in_a_process_that_has_made_releases_and_pdfs_before(tmp_path, out, small_home):
    """Solvers, the store and Typst have started their threads there by then, and threads do not follow into a page's process."""
    assert small_home.released.is_dir()
    pdf(sample())
    release = small_release(tmp_path / "released")
    wish = Wish(formats=["html", "pdf"])
    jobs = planning.plan(SETTINGS, notebook(tmp_path, PAGE), release, wish, out)
    assert [one.reason for one in each_made(jobs, tmp_path / "drafts", deadline=60)] == ["", "", ""]
    assert pages(out) == sorted(f"en/school-{unit}.{kind}" for unit in (A, B, C) for kind in ("html", "pdf"))


def test_nothing_is_made_anew_when_nothing_changed(tmp_path, out, release):
    folder = notebook(tmp_path, PAGE)
    made(out, folder, release)
    before = when_written(out)
    again = made(out, folder, release)
    assert (again.unchanged, again.pages) == (3, ())
    assert when_written(out) == before


def test_a_new_release_remakes_every_page(tmp_path, out, release):
    folder = notebook(tmp_path, PAGE)
    made(out, folder, release)
    assert len(made(out, folder, small_release(tmp_path / "released", estimate=0.6)).pages) == 3


def test_a_changed_notebook_remakes_every_page(tmp_path, out, release):
    made(out, notebook(tmp_path, PAGE), release)
    assert len(made(out, notebook(tmp_path, PAGE.replace("well", "better")), release).pages) == 3
    assert "All is better." in (out / "en" / f"school-{A}.html").read_text()


def test_a_changed_program_remakes_every_page(tmp_path, out, release, monkeypatch):
    folder = notebook(tmp_path, PAGE)
    made(out, folder, release)
    monkeypatch.setattr(planning, "library_digest", lambda: "another")
    assert len(made(out, folder, release).pages) == 3


def test_another_school_year_or_language_is_another_page(tmp_path, out, release):
    folder = notebook(tmp_path, PAGE)
    made(out, folder, release)
    assert len(made(out, folder, release, Wish(school_year="2023-24")).pages) == 3
    assert len(made(out, folder, release, Wish(school_year="2023-24", languages=["sv"])).pages) == 3


def test_a_page_whose_file_was_removed_is_made_anew(tmp_path, out, release):
    folder = notebook(tmp_path, PAGE)
    made(out, folder, release)
    (out / "en" / f"school-{B}.html").unlink()
    assert [one.job.unit for one in made(out, folder, release).pages] == [B]


def test_asking_for_fewer_formats_changes_nothing_and_for_more_makes_the_page_whole(tmp_path, out, release):
    folder = notebook(tmp_path, PAGE)
    made(out, folder, release, Wish(units=[A]))
    assert len(made(out, folder, release, Wish(units=[A], formats=["html", "pdf"])).pages) == 1
    assert made(out, folder, release, Wish(units=[A], formats=["html"])).unchanged == 1
    assert pages(out) == [f"en/school-{A}.html", f"en/school-{A}.pdf"]


def test_no_format_of_an_older_release_is_left_beside_a_new_page(tmp_path, out, release):
    folder = notebook(tmp_path, PAGE)
    made(out, folder, release, Wish(units=[A], formats=["html", "pdf"]))
    made(out, folder, small_release(tmp_path / "released", estimate=0.6), Wish(units=[A], formats=["html"]))
    assert pages(out) == [f"en/school-{A}.html"]


def test_a_page_that_failed_is_tried_again(tmp_path, out, release):
    mended = tmp_path / "mended"
    folder = notebook(tmp_path, f"import pathlib\nassert pathlib.Path({str(mended)!r}).exists()", PAGE)
    assert len(made(out, folder, release, Wish(units=[A])).failed) == 1
    mended.touch()
    assert made(out, folder, release, Wish(units=[A])).failed == []
    assert units(out) == [A]


def killed_at(unit: str, tmp_path: Path, out: Path, release: Release) -> tuple[Path, Path, int]:
    """A run of three pages, one at a time, killed while it makes the page of ``unit``; with that page's process."""
    go_on, noted = tmp_path / "go_on", tmp_path / "pid"
    wait = f"""
import os, pathlib, time
pathlib.Path({str(noted)!r}).write_text(str(os.getpid()))
while not pathlib.Path({str(go_on)!r}).exists(): time.sleep(0.1)
"""
    folder = notebook(tmp_path, only_for(unit, wait), PAGE)
    program = (
        "import sys\nfrom pathlib import Path\nfrom kvalitet_lib.disclosure.release import Release\n"
        "from tests.execution.desk import made\n"
        "made(Path(sys.argv[1]), Path(sys.argv[2]), Release(Path(sys.argv[3])))\n"
    )
    started = subprocess.Popen([sys.executable, "-c", program, str(out), str(folder), str(release.folder)], cwd=ROOT)
    latest = time.monotonic() + 90
    while not (noted.exists() and noted.read_text()):
        assert started.poll() is None and time.monotonic() < latest, "the run did not come to the page it should hang at"
        time.sleep(0.1)
    os.kill(started.pid, signal.SIGKILL)
    started.wait()
    return folder, go_on, int(noted.read_text())


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a page's process outlives a run that was killed")
def test_a_run_that_was_killed_half_way_goes_on_where_it_was_and_leaves_nothing_behind(tmp_path, out, release):
    folder, go_on, page = killed_at(B, tmp_path, out, release)
    assert ends(page)
    assert [name for name in pages(out) if "/" in name] == [f"en/school-{A}.html"]
    before = when_written(out)
    go_on.touch()
    again = made(out, folder, release)
    assert [one.job.unit for one in again.pages] == [B, C]
    assert when_written(out)[f"en/school-{A}.html"] == before[f"en/school-{A}.html"]
    assert pages(out) == [f"en/school-{unit}.html" for unit in (A, B, C)]
    assert units(out) == [A, B, C]


def test_a_record_torn_in_the_middle_of_a_line_keeps_its_whole_lines(tmp_path, out, release):
    folder = notebook(tmp_path, PAGE)
    made(out, folder, release)
    kept = json.loads((out / "manifest.json").read_text())["pages"]
    (out / "manifest.json").unlink()
    lines = [json.dumps(one) for one in kept]
    (out / ".manifest.jsonl").write_text("\n".join(["", lines[0], lines[1][:40], lines[2]]))
    assert [one.job.unit for one in made(out, folder, release).pages] == [B]
    assert not (out / ".manifest.jsonl").exists()


def test_what_is_noted_after_a_torn_line_is_kept_page_by_page(tmp_path, out, release):
    jobs = planning.plan(SETTINGS, notebook(tmp_path, PAGE), release, Wish(), out)
    out.mkdir()
    (out / ".manifest.jsonl").write_text('\n{"page": "en/scho')
    for job in jobs:
        Manifest(out).note(Made(job, "made", 1.0))
    assert [one["unit"] for one in Manifest(out).pages] == [A, B, C]


def test_a_record_torn_within_a_letter_is_read_on(tmp_path, out, release):
    jobs = planning.plan(SETTINGS, notebook(tmp_path, PAGE), release, Wish(), out)
    out.mkdir()
    (out / ".manifest.jsonl").write_bytes('\n{"reason": "å'.encode()[:-1])
    Manifest(out).note(Made(jobs[0], "made", 1.0))
    assert [one["unit"] for one in Manifest(out).pages] == [A]


@pytest.mark.parametrize("torn", ["", "{", "[]", '{"pages": 7}', '{"pages": [{}]}'])
def test_a_record_that_cannot_be_read_has_every_page_made_anew(tmp_path, out, release, torn):
    folder = notebook(tmp_path, PAGE)
    made(out, folder, release, Wish(units=[A]))
    (out / "manifest.json").write_text(torn)
    assert [one.job.unit for one in made(out, folder, release, Wish(units=[A])).pages] == [A]
    assert units(out) == [A]


def test_the_record_says_what_each_page_was_made_from_and_how_it_went(tmp_path, out, release):
    made(out, notebook(tmp_path, only_for(B, "raise ValueError('no such figure')"), PAGE), release)
    record = json.loads((out / "manifest.json").read_text())
    assert (record["release"], record["audience"], record["version"]) == (release.id, "public", "0")
    first, second, _ = record["pages"]
    assert (first["page"], first["status"], first["files"]) == (f"en/school-{A}", "made", [f"en/school-{A}.html"])
    assert (second["status"], second["reason"], second["files"]) == ("failed", "ValueError in code cell 2", [])
    assert all(one["seconds"] > 0 and one["fingerprint"] and one["when"].endswith("Z") for one in record["pages"])


def test_the_index_does_not_link_to_a_page_that_failed(tmp_path, out, release):
    done = made(out, notebook(tmp_path, only_for(B, "raise ValueError()"), PAGE), release)
    assert f"school-{B}" not in done.indices[0].read_text()


@pytest.mark.parametrize("unit", ["../x", "90000009", "90000001.html", "", "9000 0001"])
def test_a_unit_the_release_has_no_figures_for_is_refused_by_name_before_anything_is_written(tmp_path, out, release, unit):
    with pytest.raises(ContractError, match="no figures for school"):
        made(out, notebook(tmp_path, PAGE), release, Wish(units=[unit]))
    assert pages(out) == []


def test_a_file_in_the_release_that_is_not_named_by_a_code_never_names_a_page(tmp_path, out, release):
    strange = release.folder / "figures" / "school" / "a school.csv"
    strange.write_text((strange.parent / f"{A}.csv").read_text())
    with pytest.raises(ContractError, match="a school"):
        made(out, notebook(tmp_path, PAGE), release)
    assert pages(out) == []


def test_two_runs_do_not_write_to_the_same_folder(tmp_path, out, release):
    out.mkdir()
    with FileLock(out / LOCK), pytest.raises(BusyError, match="Two runs never write to the same folder"):
        made(out, notebook(tmp_path, PAGE), release)


def test_progress_is_told_from_none_to_all(tmp_path, out, release):
    told: list[tuple[int, int]] = []
    made(out, notebook(tmp_path, PAGE), release, progress=lambda done, due: told.append((done, due)))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_a_forked_page_and_one_from_a_jupyter_kernel_are_the_same_to_the_last_byte(tmp_path, small_home):
    release = Release.open(small_home.released / "public")
    unit = release.units_with_figures("school")[0]
    settings = ReportSettings.read(ROOT / "params", "school")
    wish = Wish(units=[unit], languages=["sv"], formats=["html"])
    for own_kernel in (False, True):
        done = run(settings, ROOT / "notebooks", release, wish, tmp_path / str(own_kernel), own_kernel=own_kernel)
        assert done.failed == []
    forked, kernels = ((tmp_path / str(one) / "sv" / f"school-{unit}.html").read_bytes() for one in (False, True))
    assert len(forked) > 10_000
    assert forked == kernels
