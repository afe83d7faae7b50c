"""The same moment gives the same bytes in four time zones and under any hash seed, and the school year turns on one day."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest
import time_machine

from kvalitet_lib import clock
from kvalitet_lib.sources.local_rules import begun_school_years
from kvalitet_lib.store import Store
from tests.conftest import ROOT
from tests.faults.pages import page_state
from tests.faults.state import release_state, store_state

FIGURES = {"time zones": 4, "hash seeds": 3, "moments": 8}
ZONES = ("UTC", "Europe/Stockholm", "Europe/Oslo", "Europe/Helsinki")
SEEDS = ("random", "0", "1")
NIGHT = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)  # half past midnight, 1 July, in Stockholm
MOMENTS = {  # the moment in UTC → the date that is written down, and the school year that has begun
    datetime(2026, 6, 30, 21, 59, 59, tzinfo=UTC): (date(2026, 6, 30), "2025-26"),  # last second of June in Stockholm
    datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC): (date(2026, 6, 30), "2025-26"),
    datetime(2026, 7, 1, 0, 0, 0, tzinfo=UTC): (date(2026, 7, 1), "2026-27"),
    datetime(2026, 8, 1, 0, 0, 0, tzinfo=UTC): (date(2026, 8, 1), "2026-27"),
    datetime(2026, 12, 31, 23, 59, 0, tzinfo=UTC): (date(2026, 12, 31), "2026-27"),
    datetime(2026, 3, 29, 1, 0, 0, tzinfo=UTC): (date(2026, 3, 29), "2025-26"),  # 02:00 does not exist in Stockholm
    datetime(2026, 10, 25, 0, 30, 0, tzinfo=UTC): (date(2026, 10, 25), "2026-27"),  # 02:30 in Stockholm,
    datetime(2026, 10, 25, 1, 30, 0, tzinfo=UTC): (date(2026, 10, 25), "2026-27"),  # and 02:30 once more
}
ROAD = """
import sys
import time_machine
from kvalitet_lib.cli.app import app
with time_machine.travel(float(sys.argv[1]), tick=False):
    for words in sys.argv[2:]:
        app(words.split(), standalone_mode=False)
"""
COMMANDS = (
    "load in --home home",
    "release --home home",
    "report school --home home --school 90012301 --language sv --format html,pdf",
)


def test_there_are_as_many_zones_seeds_and_moments_as_promised():
    assert [len(ZONES), len(SEEDS), len(MOMENTS)] == list(FIGURES.values())


def everything(place: Path) -> dict[str, dict[str, str]]:
    """The bytes of what a whole road made: store, releases, pages, record."""
    home, out = place / "home", place / "reports" / "public"
    record = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    for page in record["pages"]:
        del page["seconds"]  # how long it took is measured, not made
    return {
        "store": store_state(home),
        "releases": release_state(home),
        "pages": page_state(out),
        "record": {"manifest": json.dumps(record)},
    }


@pytest.fixture(scope="session")
def start(bare, deliveries, tmp_path_factory):
    """Deliveries of one real page, the key of the pseudonyms, and nothing else."""
    desk = bare.copy(tmp_path_factory.mktemp("start"))
    for name in ("betyg_ak9_2024-25.csv", "gymnasiet_2024-25.csv"):
        shutil.copyfile(deliveries / name, desk.place / "in" / name)
    shutil.rmtree(desk.place / "notebooks")
    (desk.home / "key").mkdir(mode=0o700)
    (desk.home / "key" / "pseudonyms.key").write_text("5c" * 32)
    (desk.home / "key" / "pseudonyms.key").chmod(0o600)
    return desk


@pytest.fixture(scope="session")
def at_utc(start, tmp_path_factory):
    """The whole road in UTC."""
    desk = start.copy(tmp_path_factory.mktemp("utc"))
    for words in COMMANDS:
        desk.type(*words.split(), clock=NIGHT, well=True)
    made = everything(desk.place)
    assert list(made["pages"]) == ["sv/index.html", "sv/school-90012301.html", "sv/school-90012301.pdf"]
    return made


@pytest.mark.parametrize(("zone", "seed"), [*zip(ZONES[1:], SEEDS, strict=True)])
def test_the_same_moment_gives_the_same_store_release_page_and_pdf_in_every_zone(zone, seed, start, fresh, at_utc):
    desk = fresh(start)
    surroundings = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "TZ": zone}
    subprocess.run([sys.executable, "-c", ROAD, str(NIGHT.timestamp()), *COMMANDS], cwd=desk.place, env=surroundings, check=True)
    assert everything(desk.place) == at_utc


def test_a_release_at_night_bears_one_date_everywhere(at_utc):
    assert all(name.startswith("2026-06-30-") for name in at_utc["releases"].values())


@pytest.fixture(params=ZONES)
def zone(request, monkeypatch):
    """This process stands in another zone."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda one: f"{one:%m-%dT%H:%M}")
def test_date_time_stamp_and_school_year_are_the_same_in_every_zone(moment, zone):
    day, school_year = MOMENTS[moment]
    assert time.tzname != ("UTC", "UTC") or zone == "UTC"
    following = f"{int(school_year[:4]) + 1}-{int(school_year[5:]) + 1}"
    with time_machine.travel(moment.timestamp(), tick=False):
        assert clock.now() == moment
        assert clock.now().utcoffset().total_seconds() == 0
        assert clock.today() == day
        assert clock.stamp() == f"{moment:%Y-%m-%dT%H:%M:%S}Z"
        _, not_begun = begun_school_years(pd.Series([school_year, following]))
    assert not_begun == [1]


def test_stamps_of_the_night_with_an_hour_twice_are_in_order(zone):
    stamps = []
    for hour, minute in ((0, 30), (0, 59), (1, 0), (1, 30)):
        with time_machine.travel(datetime(2026, 10, 25, hour, minute, tzinfo=UTC).timestamp(), tick=False):
            stamps.append(clock.stamp())
    assert stamps == sorted(set(stamps))


@pytest.mark.parametrize("zone", ZONES)
def test_when_a_delivery_was_loaded_is_kept_in_utc(zone, bare, fresh):
    desk = fresh(bare)
    desk.load(clock=datetime(2026, 10, 25, 0, 30, tzinfo=UTC), zone=zone, well=True)
    assert set(Store(desk.home / "private").deliveries()["loaded_at"]) == {"2026-10-25T00:30:00Z"}


def test_the_clock_is_read_in_one_place(project):
    reads = re.compile(r"\b(datetime|date|Timestamp)\.(now|today|utcnow)\(|\btime\.(time|localtime|ctime)\(|fromtimestamp\(")
    reading = [
        path.relative_to(project).as_posix()
        for path in sorted((project / "kvalitet_lib").rglob("*.py"))
        if reads.search(path.read_text(encoding="utf-8"))
    ]
    assert reading == ["kvalitet_lib/clock.py"]
