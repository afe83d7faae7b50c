"""A report that is killed leaves every page old or new, whole, and recorded as it is; making it again ends right."""

from __future__ import annotations

import os
import signal

import pytest

from tests.execution.desk import notebook
from tests.faults.circumstances import until
from tests.faults.desk import ALL, SMALL_PAGE
from tests.faults.killing import MOMENTS
from tests.faults.pages import assert_old_or_new, assert_recorded_as_it_is, fingerprints, page_state, said_alone
from tests.faults.points import IN_PDF, IN_REPORT, kills
from tests.faults.state import drafts, leftovers

FIGURES = {"kill points in report": 10, "kill points in PDF": 5, "kills per point": 3}


def test_there_are_as_many_points_as_promised():
    counted = {"kill points in report": len(IN_REPORT), "kill points in PDF": len(IN_PDF), "kills per point": len(MOMENTS)}
    assert counted == FIGURES


@pytest.fixture(scope="session")
def undisturbed(reported, tmp_path_factory):
    """Old and new pages, and what they are recorded as made from, of a report that nobody kills."""
    desk = reported.copy(tmp_path_factory.mktemp("undisturbed"))
    old = (page_state(desk.out), fingerprints(desk.out))
    desk.report(*ALL, well=True)
    new = (page_state(desk.out), fingerprints(desk.out))
    assert (len(old[0]), len(new[0])) == (1 * 2 + 1, 2 * 2 + 1)
    assert all(old[0][page] != new[0][page] for page in old[0])
    return [old, new]


@pytest.mark.parametrize("kill", kills(IN_REPORT + IN_PDF), ids=str)
def test_a_killed_report_leaves_old_or_new_pages_and_reporting_again_ends_right(kill, reported, fresh, undisturbed):
    new, made_from = undisturbed[1]
    desk = fresh(reported)
    killed = desk.report(*ALL, kill=kill)
    assert (killed.was_killed, killed.orphans) == (True, ())
    now = page_state(desk.out)
    assert_old_or_new(now, undisturbed)
    assert_recorded_as_it_is(desk.out, now, undisturbed)
    assert len(drafts(desk.place)) <= 1

    desk.report(*ALL, well=True)
    assert page_state(desk.out) == new
    assert fingerprints(desk.out) == made_from
    assert {one["status"] for one in said_alone(desk.out).values()} == {"made"}
    assert leftovers(desk.place) == []


def test_a_killed_run_takes_its_jupyter_kernels_with_it(reported, fresh):
    desk = fresh(reported)
    reached = desk.place / "reached"
    hang = f"import pathlib, time\npathlib.Path({str(reached)!r}).touch()\ntime.sleep(600)"
    notebook(desk.place / "notebooks", hang, SMALL_PAGE)
    before = page_state(desk.out)
    running = desk.begin("report", "page", "--home", "home", *ALL, "--own-kernel")
    until(reached.exists)
    os.kill(running.pid, signal.SIGKILL)
    killed = running.end()
    assert (killed.was_killed, killed.orphans) == (True, ())
    assert page_state(desk.out) == before
