"""A reader who writes to a page's kernel by hand gets what the page shows, may choose, and can do nothing else."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import ExitStack

import httpx
import pytest

from kvalitet_lib.present.voila_channel import TO_READERS
from kvalitet_lib.texts import Texts
from tests.journey.servers import served
from tests.journey.visitors import KERNEL_ID, everything_said, message, reader, with_the_token

FIGURES = {"requests a kernel never hears": 33}
MOST_PAGES = 3
CONTROL = {"comm_id": "visitor", "target_name": "jupyter.widget.control", "data": {}}
NEVER_HEARD = (
    "execute_request", "complete_request", "inspect_request", "history_request", "is_complete_request", "debug_request",
    "input_reply", "interrupt_request", "create_subshell_request", "shutdown_request", "usage_request",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder one stands in, with a program that Voilà would run of its own accord."""
    folder = tmp_path_factory.mktemp("stood_in")
    (folder / "voila.py").write_text(f"open({str(folder / 'ran')!r}, 'w')\n", encoding="utf-8")
    (folder / "voila.json").write_text(json.dumps({"Voila": {"ip": "0.0.0.0"}}), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def home(small_home, tmp_path_factory):
    """A home of our own: the last test breaks it."""
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(small_home.released, home / "released")
    return home


@pytest.fixture(scope="module")
def server(home, folder):
    with served("dashboard", "--pages", str(MOST_PAGES), home=home, folder=folder) as started:
        yield started


@pytest.fixture(scope="module")
def visitor(server):
    return reader(server)


def comms(channel) -> set[str]:
    channel.send(message("comm_info_request", {}))
    return {name for kind, told in everything_said(channel) if kind == "comm_info_reply" for name in told["comms"]}


def states(channel) -> dict[str, dict]:
    """Every widget's state, as a browser asks for them."""
    channel.send(message("comm_open", CONTROL))
    channel.send(message("comm_msg", {"comm_id": "visitor", "data": {"method": "request_states"}}))
    heard = everything_said(channel)
    channel.send(message("comm_close", {"comm_id": "visitor", "data": {}}))
    (told,) = [told["data"]["states"] for kind, told in heard if kind == "comm_msg" and "states" in told["data"]]
    return {name: one["state"] for name, one in told.items()}


def update(widget: str, **state: object) -> bytes:
    return message("comm_msg", {"comm_id": widget, "data": {"method": "update", "state": state, "buffer_paths": []}})


def named(widgets: dict[str, dict], model: str) -> list[str]:
    return [name for name, state in widgets.items() if state["_model_name"] == model]


def test_a_request_to_run_code_or_to_end_the_kernel_is_never_heard(visitor, tmp_path):
    marker = tmp_path / "ran"
    code = {"code": f"open({str(marker)!r}, 'w')", "silent": False, "expression": "1", "value": "1", "restart": False}
    asked = [message(kind, code, channel) for kind in NEVER_HEARD for channel in ("shell", "control", "stdin")]
    with visitor.listens() as channel:
        for one in asked:
            channel.send(one)
        heard = {kind for kind, _ in everything_said(channel)}
    assert heard <= {"status"}
    assert not marker.exists()
    assert visitor.asks("GET", f"/api/kernels/{visitor.kernel}") == 200
    assert len(asked) == FIGURES["requests a kernel never hears"]


def test_what_is_no_message_at_all_is_dropped_and_the_channel_stays(visitor, tmp_path):
    marker = tmp_path / "ran"
    run = {"code": f"open({str(marker)!r}, 'w')", "silent": False}
    twice = message("kernel_info_request", run).replace(b'"msg_type": "kernel_info_request"', b'"msg_type": "execute_request"')
    legacy = json.dumps({"channel": "shell", "header": {"msg_type": "execute_request"}, "content": run, "msg_type": "status"})
    nonsense = [b"", b"\xff" * 40, b"\x00" * 8, message("status", {}, "iopub")[:30], twice, legacy, "text", b"[]"]
    nonsense += [message("comm_msg", said) for said in ([], {}, {"data": 1}, {"data": {"method": "update", "state": None}})]
    nonsense += [message("kernel_info_request", {}).replace(b"{}", b"[" * 30_000)]
    with visitor.listens() as channel:
        for one in nonsense:
            channel.send(one)
        assert {kind for kind, _ in everything_said(channel)} <= {"status"}
    assert not marker.exists()


def test_a_choice_can_be_made_and_nothing_else_on_the_page_rewritten(visitor):
    with visitor.listens() as channel:
        before = states(channel)
        choice, text = named(before, "DropdownModel")[0], named(before, "HTMLModel")[0]
        rewrites = [
            update(text, value="<script>1</script>"),
            update(choice, disabled=True),
            update(choice, _options_labels=["x"]),
            update(choice, index=1, description="x"),
            update(choice, index="1"),
            message("comm_msg", {"comm_id": text, "data": {"method": "custom", "content": {"event": "click"}}}),
        ]
        for one in rewrites:
            channel.send(one)
        everything_said(channel)
        assert states(channel) == before
        channel.send(update(choice, index=1))
        everything_said(channel)
        after = states(channel)
    changed = {name for name in before if before[name] != after[name]}
    assert choice in changed and len(changed) > 1


def test_no_widget_can_be_made_from_outside(visitor):
    made = {"_model_name": "TextModel", "_model_module": "@jupyter-widgets/controls", "_model_module_version": "2.0.0"}
    with visitor.listens() as channel:
        before = comms(channel)
        channel.send(message("comm_open", {"comm_id": "made", "target_name": "jupyter.widget", "data": {"state": made}}))
        everything_said(channel)
        assert before and comms(channel) == before


def test_every_widget_whose_state_is_handed_out_is_part_of_the_page(server, visitor):
    page = httpx.get(server.root, cookies=visitor.cookies, timeout=60).text
    other = type(visitor)(server, cookies=visitor.cookies, kernel=KERNEL_ID.search(page)[1])
    with other.listens() as channel:
        handed_out = states(channel)
    (shown,) = re.findall(r'"application/vnd\.jupyter\.widget-view\+json": \{"model_id": "(\w+)"', page)
    reached, waiting = set(), {shown}
    while waiting:
        reached |= waiting
        said = json.dumps([handed_out[name] for name in waiting])
        waiting = set(re.findall(r"IPY_MODEL_(\w+)", said)) - reached
    assert set(handed_out) == reached
    assert other.asks("DELETE", f"/api/kernels/{other.kernel}") == 204


def test_no_kernel_knows_the_address_its_page_was_opened_by_nor_the_token(server):
    page = httpx.get(f"{server.root}/?token={server.token}&school=90010001&school=90010002", timeout=60)
    mine = KERNEL_ID.search(page.text)[1]
    (kernel,) = [process for process in server.family if any(mine in word for word in process.cmdline())]
    told = kernel.environ()
    assert not [name for name, value in told.items() if server.token in value or "9001000" in value]
    assert httpx.delete(
        f"{server.root}/api/kernels/{mine}", cookies=page.cookies, headers={"X-XSRFToken": page.cookies["_xsrf"]}
    ).is_success


def test_a_program_in_the_folder_one_stands_in_is_not_run(server, folder):
    assert sorted(path.name for path in folder.iterdir()) == ["voila.json", "voila.py"]
    listening = {place.laddr.ip for one in server.family for place in one.net_connections() if place.status == "LISTEN"}
    assert listening == {"127.0.0.1"}


def test_one_page_too_many_is_told_to_wait_and_let_in_when_another_has_left(server, visitor):
    late = with_the_token(server)
    with ExitStack() as pages_on_a_screen:
        pages_on_a_screen.enter_context(visitor.listens())
        others = [reader(server) for _ in range(MOST_PAGES - 1)]
        for one in others:
            pages_on_a_screen.enter_context(one.listens())
        refused = httpx.get(server.root, headers=late.headers, timeout=60)
        assert len([one for one in server.family if "ipykernel_launcher" in " ".join(one.cmdline())]) == MOST_PAGES
    assert refused.status_code == 503
    assert Texts("sv").say("dashboard.full") in refused.text
    assert [one.asks("DELETE", f"/api/kernels/{one.kernel}") for one in others] == [204] * len(others)
    assert late.asks("GET", "/") == 200


def test_who_listens_while_a_page_fails_hears_neither_its_source_nor_why(server, home):
    for units in home.rglob("units.csv"):
        units.write_text("level;secret_of_the_release\n", encoding="utf-8")
    listener = with_the_token(server)
    with httpx.stream("GET", server.root + "/", headers=listener.headers, timeout=60) as page:
        listener.cookies = dict(page.cookies)
        arrived = ""
        pieces = page.iter_text()
        while not KERNEL_ID.search(arrived):
            arrived += next(pieces)
        with listener.listens(KERNEL_ID.search(arrived)[1]) as channel:
            arrived += "".join(pieces)
            heard = everything_said(channel)
    assert Texts("sv").say("dashboard.failed") in arrived
    assert heard and {kind for kind, _ in heard} <= TO_READERS
    for secret in ("Traceback", "secret_of_the_release", "MunicipalityDashboard", "units.csv"):
        assert secret not in arrived + json.dumps(heard)
