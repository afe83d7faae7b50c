"""What a leader meets: a page that answers at once, reads the release alone, and lets nothing and nobody else in."""

from __future__ import annotations

import json
import re
import shutil
import socket
import time
from urllib.parse import urlsplit

import httpx
import pandas as pd
import psutil
import pytest

from kvalitet_lib.disclosure.release import Release
from kvalitet_lib.present import side_by_side
from kvalitet_lib.present.dashboard import MunicipalityDashboard
from kvalitet_lib.present.html import fragment
from kvalitet_lib.present.voila_server import settings
from kvalitet_lib.texts import Texts
from tests.journey.servers import Served, served

CHOICES = ".kvalitet-choices select"
SHOWN = ".kvalitet-beside table"
SLOW = 60_000  # milliseconds; the machine may be busy, the page itself takes a few seconds


@pytest.fixture(scope="module")
def dashboard(small_home):
    with served("dashboard", "municipality", home=small_home.folder) as started:
        yield started


@pytest.fixture(scope="module")
def read(small_home) -> MunicipalityDashboard:
    """The same dashboard without a server: what it is about to show, as blocks."""
    return MunicipalityDashboard(str(small_home.released / "public"), "sv")


@pytest.fixture(scope="module")
def opened(dashboard, browser):
    """The page in a browser, with everything it asked for and complained of."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.asked, page.complaints = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("websocket", lambda channel: page.asked.append(channel.url))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda said: page.complaints.append(said.text) if said.type == "error" else None)
    page.goto(dashboard.address)
    page.wait_for_selector(SHOWN, timeout=SLOW)
    yield page
    page.close()


def offered(page, place: int) -> list[str]:
    """The names in a list of choices, which ipywidgets writes with no-break spaces."""
    return [name.replace("\u00a0", " ") for name in page.locator(f"{CHOICES} >> nth={place}").locator("option").all_inner_texts()]


def choose(page, place: int, label: str) -> None:
    before = page.inner_text(".kvalitet-dashboard h2")
    page.select_option(f"{CHOICES} >> nth={place}", index=offered(page, place).index(label))
    page.wait_for_function(
        "before => document.querySelector('.kvalitet-dashboard h2').textContent !== before", arg=before, timeout=SLOW
    )


# --- what the leader sees


def test_the_page_shows_a_chart_with_words_for_it_and_the_same_figures_as_a_table(opened):
    picture = opened.locator(".kvalitet-beside figure img")
    assert len(picture.get_attribute("alt")) > 40
    assert picture.evaluate("image => image.naturalWidth") > 0
    assert opened.locator(f"{SHOWN} tbody tr").count() >= 3


def test_the_page_says_in_its_language_what_it_is(opened, read):
    assert opened.get_attribute("html", "lang") == "sv"
    assert opened.title() == opened.inner_text("h1") == read.texts.say("dashboard.title", name="Ekköping")
    assert read.texts.say("page.made_up_title") in opened.inner_text("main")


def test_both_choices_have_a_label_one_can_point_at(opened, read):
    for key in ("choose_indicator", "choose_year"):
        assert opened.get_by_label(read.texts.say(f"dashboard.{key}"), exact=True).count() == 1


def test_choosing_another_measure_and_year_changes_table_chart_and_explanation(opened):
    measures, years = offered(opened, 0), offered(opened, 1)
    parts = ("table", "figure img", "dl")
    before = [opened.locator(f".kvalitet-dashboard {part}").evaluate("part => part.outerHTML") for part in parts]
    choose(opened, 0, measures[-1])
    after = [opened.locator(f".kvalitet-dashboard {part}").evaluate("part => part.outerHTML") for part in parts]
    assert all(old != new for old, new in zip(before, after, strict=True))
    assert measures[-1] in opened.inner_text(f"{SHOWN} caption")
    other = next(year for year in years if year not in opened.inner_text(f"{SHOWN} caption"))
    choose(opened, 1, other)
    assert other in opened.inner_text(".kvalitet-dashboard h2")
    assert opened.inner_text("#announcement") == opened.inner_text(".kvalitet-dashboard h2")
    choose(opened, 1, years[0])
    choose(opened, 0, measures[0])


def test_every_choice_is_drawn_within_a_second(read):
    spent = []
    for indicator in read.indicators:
        started = time.process_time()
        drawn = read.opening(indicator, read.usual_year) + read.picture(indicator, read.usual_year)
        fragment(drawn + read.table(indicator, read.usual_year) + read.meaning(indicator))
        spent.append(time.process_time() - started)
    assert max(spent[1:]) < 1


def test_a_school_hidden_in_the_release_is_never_shown_with_a_number(read):
    hidden = 0
    for indicator in read.indicators:
        for school_year in read.years:
            for row in [row for table in read.table(indicator, school_year) for row in table.rows]:
                if not row[0].strong and row[1].text in {read.texts.say(f"cell.{why}") for why in ("protected", "agency")}:
                    hidden += 1
                    assert not any(re.search(r"\d", cell.text) for cell in row[1:])
    assert hidden


def test_every_figure_on_the_page_is_the_releases_own(read, small_home):
    release = Release.open(small_home.released / "public")
    indicator = next(iter(read.indicators))
    (table,) = read.table(indicator, read.usual_year)
    for row in [row for row in table.rows if not row[0].strong]:
        unit = release.units.loc[release.units["name"].eq(row[0].text), "unit"].item()
        figures = release.figures("school", unit)
        here = figures["indicator"].eq(indicator) & figures["school_year"].eq(read.usual_year) & figures["breakdown"].eq("all")
        figure = figures[here].iloc[0]
        shown = row[1].text.replace(",", ".").replace("\u00a0%", "")
        if figure["shown"] == "yes":
            scale = 100 if read.indicators[indicator].unit == "share" else 1
            assert float(shown) == pytest.approx(figure["estimate"] * scale, abs=0.51 if scale == 100 else 0.051)
        else:
            assert not re.search(r"\d", shown)


def test_a_verdict_is_told_by_shape_and_word(read):
    schools = pd.DataFrame(
        {"unit": ["1"], "label": ["Skolan"], "shown": ["yes"], "estimate": [0.7], "n": [40.0], "school_year": "2024-25"}
    )
    schools = schools.assign(lower=0.6, upper=0.8, decimals=pd.NA, original=None, verdict="below")
    lower = {"1": pd.Series({"difference": -0.1, "verdict": "below", "better": "worse"})}
    indicator = next(one for one in read.indicators.values() if one.unit == "share")
    drawn = side_by_side.table(schools, {"municipality": None, "nation": None}, lower, indicator, "2024-25", Texts("sv"))
    assert drawn.rows[0][-1].mark.shape == "below"
    assert drawn.rows[0][-1].mark.word == "under (sämre)"


def test_a_name_with_markup_in_it_stays_a_name(small_home, tmp_path):
    release = shutil.copytree(Release.open(small_home.released / "public").folder, tmp_path / "release")
    units = pd.read_csv(release / "units.csv", dtype="str", keep_default_na=False)
    units["name"] = units["name"] + '<img src=x onerror="alert(1)">'
    units.to_csv(release / "units.csv", index=False)
    page = MunicipalityDashboard(str(release), "sv").page()
    drawn = "".join(widget.value for widget in [*page.children[3].children, page.children[0], page.children[2], page.children[4]])
    assert "&lt;img src=x" in drawn
    assert "<img src=x" not in drawn


# --- for everyone: assistive technology, small screens


def test_no_barrier_that_a_checker_can_find(opened):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(opened).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")] == []


def test_a_telephone_shows_the_page_without_sideways_scrolling(dashboard, browser):
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto(dashboard.address)
    page.wait_for_selector(SHOWN, timeout=SLOW)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator(".kvalitet-beside figure img").bounding_box()["width"] > 280
    page.close()


def test_a_page_that_has_rested_too_long_says_so(dashboard, browser):
    page = browser.new_page()
    page.goto(dashboard.address)
    page.wait_for_selector(SHOWN, timeout=SLOW)
    assert page.locator("#asleep").is_hidden()
    kernel = json.loads(page.locator("#jupyter-config-data").text_content())["kernelId"]
    next(process for process in dashboard.family if any(kernel in word for word in process.cmdline())).kill()
    page.select_option(f"{CHOICES} >> nth=0", index=1)
    page.wait_for_selector("#asleep:visible", timeout=SLOW)
    assert Texts("sv").say("dashboard.asleep") in page.inner_text("#asleep")
    page.close()


# --- the door


def test_the_page_asks_nothing_of_anyone_but_this_machine(opened):
    hosts = {urlsplit(address).hostname for address in opened.asked if not address.startswith(("data:", "blob:"))}
    assert hosts == {"127.0.0.1"}


def test_the_page_has_nothing_to_complain_of(opened):
    assert opened.complaints == []


def test_the_browser_is_told_to_keep_the_page_to_itself(dashboard, reader):
    answers = [httpx.get(dashboard.root, timeout=60), reader.get("/voila/static/dashboard.js"), reader.get("/")]
    assert [answer.status_code for answer in answers] == [403, 200, 200]
    for told in [answer.headers for answer in answers]:
        policy = dict(part.strip().split(" ", 1) for part in told["content-security-policy"].split(";"))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
        assert "unsafe" not in policy["script-src"]
        assert not re.search("https?:|\\*", " ".join(policy.values()))
        assert told["x-frame-options"] == "DENY"
        assert told["referrer-policy"] == "no-referrer"
        assert told["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "attack",
    [
        "document.head.appendChild(Object.assign(document.createElement('script'), {textContent: 'window.hit = 1'}))",
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.hit = 1\">')",
        "document.body.insertAdjacentHTML('beforeend', '<iframe srcdoc=\"<script>parent.hit = 1</script>\"></iframe>')",
        "setTimeout('window.hit = 1')",
        "fetch('http://127.0.0.1:9/').then(() => { window.hit = 1 }, () => {})",
    ],
)
def test_a_script_that_got_into_the_page_would_not_run(dashboard, opened, attack):
    opened.evaluate(attack)
    opened.wait_for_timeout(200)
    assert opened.evaluate("window.hit") is None
    assert any("Content Security Policy" in complaint for complaint in opened.complaints)
    opened.complaints.clear()


def test_the_token_is_neither_in_the_pages_address_nor_in_the_page(dashboard, opened):
    assert opened.url == f"{dashboard.root}/"
    assert dashboard.token not in opened.content()


def test_the_cookie_is_for_this_page_in_this_browser_alone(dashboard, opened):
    (cookie,) = [one for one in opened.context.cookies() if one["name"].startswith("username")]
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict"
    assert cookie["expires"] == -1


def test_a_page_that_is_left_takes_its_kernel_with_it(dashboard, browser):
    page = browser.new_page()
    page.goto(dashboard.address)
    page.wait_for_selector(SHOWN, timeout=SLOW)
    kernel = json.loads(page.locator("#jupyter-config-data").text_content())["kernelId"]
    (drawing,) = [process for process in dashboard.family if any(kernel in word for word in process.cmdline())]
    page.goto("about:blank")
    drawing.wait(30)
    page.close()


@pytest.fixture
def reader(dashboard):
    """Somebody with the address and its token, without a browser."""
    with httpx.Client(base_url=dashboard.root, headers={"Authorization": f"token {dashboard.token}"}, timeout=60) as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/", "/?token=guessed", "/api/kernels/00000000-0000-0000-0000-000000000000", "/voila/files/municipality.py"]
)
def test_without_the_token_there_is_no_page(dashboard, path):
    answer = httpx.get(dashboard.root + path, timeout=60)
    assert answer.status_code in (302, 403)
    assert "Ekköping" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/voila/files/municipality.py",
        "/voila/files/municipality.ipynb",
        "/voila/files/picture.png",
        "/voila/files/..%2Fexplore%2Ffirst_look.py",
    ],
)
def test_no_file_is_handed_out(reader, path):
    assert reader.get(path).status_code in (403, 404)


@pytest.mark.parametrize(
    "path", ["/first_look.ipynb", "/../explore/first_look.ipynb", "/voila/render/first_look.ipynb", "/voila/tree"]
)
def test_no_other_notebook_can_be_asked_for(reader, path):
    assert reader.get(path, follow_redirects=True).status_code in (403, 404)


@pytest.mark.parametrize(
    "path", ["/api/contents", "/api/sessions", "/api/terminals", "/api/kernels", "/lab", "/voila/api/contents"]
)
def test_no_part_of_a_full_jupyter_server_is_there(reader, path):
    assert reader.get(path, follow_redirects=True).status_code in (403, 404, 405)


@pytest.mark.parametrize("words", ["template=lab", "template=base", "theme=dark"])
def test_the_address_cannot_choose_another_template_or_theme(reader, words):
    page = reader.get(f"/?{words}")
    assert page.status_code == 200
    assert '<html lang="sv">' in page.text
    assert "JupyterLab Dark" not in page.text


def test_the_page_holds_no_source_of_the_notebook(reader):
    assert "MunicipalityDashboard" not in reader.get("/").text


def test_a_foreign_name_that_points_here_is_refused(reader):
    assert reader.get("/", headers={"Host": "evil.example"}).status_code == 403


def test_the_dashboard_is_reached_from_this_machine_alone(dashboard):
    with socket.socket() as another_address_of_this_machine, pytest.raises(ConnectionRefusedError):
        another_address_of_this_machine.connect(("127.0.0.2", dashboard.port))


def test_no_process_that_makes_pages_knows_where_the_store_or_the_key_is(dashboard, opened, small_home):
    assert len(dashboard.family) > 1
    for process in dashboard.family:
        told = " ".join(process.environ().values())
        assert str(small_home.private) not in told
        assert not {"KVALITET_HOME", "KVALITET_KEY"} & set(process.environ())
        assert not [file.path for file in process.open_files() if file.path.startswith(str(small_home.private))]


def test_no_process_carries_the_token_where_every_user_can_read_it(dashboard, opened):
    assert all(dashboard.token not in word for process in dashboard.family for word in process.cmdline())


def test_a_failing_page_tells_the_reader_nothing_but_that_it_failed(small_home, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(small_home.released, home / "released")
    with served("dashboard", home=home) as broken:
        for units in home.rglob("units.csv"):
            units.write_text("level;secret\n", encoding="utf-8")
        page = httpx.get(broken.address, follow_redirects=True, timeout=60).text
    assert Texts("sv").say("dashboard.failed") in page
    assert "Traceback" not in page
    assert "units.csv" not in page


def test_idle_kernels_are_ended_and_those_of_open_pages_kept():
    from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

    kernels = AsyncMappingKernelManager(config=settings(8866, 2, {}, "token"))
    assert kernels.cull_idle_timeout == 300
    assert kernels.cull_interval == 30
    assert not kernels.cull_connected
    assert not kernels.allow_tracebacks


@pytest.mark.parametrize("end", [Served.press_ctrl_c, Served.told_to_end], ids=["ctrl-c", "sigterm"])
def test_the_server_ends_cleanly_and_so_does_every_process_it_started(small_home, end):
    with served("dashboard", home=small_home.folder) as started:
        httpx.get(started.address, follow_redirects=True, timeout=60)
        family = started.family
        assert len(family) > 1
        assert end(started) == 0
    assert not psutil.wait_procs(family, timeout=10)[1]


def test_a_busy_port_is_said_so(small_home, capsys):
    from kvalitet_lib.cli.serve import dashboard as serve_dashboard
    from kvalitet_lib.errors import BusyError

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(BusyError, match="--port 0"):
            serve_dashboard("municipality", "public", "", taken.getsockname()[1], small_home.folder)


@pytest.mark.parametrize(("words", "said"), [({"name": "salaries"}, "municipality"), ({"language": "de"}, "sv, nb, en")])
def test_a_wrong_name_is_answered_with_the_right_ones(small_home, words, said):
    from kvalitet_lib.cli.serve import dashboard as serve_dashboard
    from kvalitet_lib.errors import ContractError

    with pytest.raises(ContractError, match=said):
        serve_dashboard(
            **{"name": "municipality", "audience": "public", "language": "", "port": 0, "home": small_home.folder} | words
        )
