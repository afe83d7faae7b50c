"""The statistician's desk opens on this machine, behind a token, with the store at hand."""

from __future__ import annotations

import os
import socket
import time

import httpx
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from kvalitet_lib.explore.saving import without_outputs
from tests.journey.servers import served


@pytest.fixture(scope="module")
def desk(small_home):
    with served("lab", "--no-browser", home=small_home.folder) as desk:
        yield desk


def test_the_desk_opens_at_the_printed_address(desk):
    page = httpx.get(desk.address, follow_redirects=True, timeout=60)
    assert page.status_code == 200
    assert "JupyterLab" in page.text


def test_the_desk_shows_the_exploring_notebooks(desk):
    found = httpx.get(f"{desk.root}/api/contents/first_look.ipynb", params={"content": 0, "token": desk.token}, timeout=60)
    assert found.status_code == 200


@pytest.mark.parametrize("path", ["/lab", "/api/contents", "/api/kernels"])
def test_without_the_token_the_desk_shows_nothing(desk, path):
    assert httpx.get(desk.root + path, timeout=60).status_code in (302, 403)


@pytest.mark.parametrize("path", ["/voila", "/voila/render/first_look.ipynb", "/voila/tree"])
def test_the_desk_serves_no_dashboards(desk, path):
    assert httpx.get(desk.root + path, params={"token": desk.token}, timeout=60).status_code == 404


@pytest.mark.parametrize("path", ["/lab/api/news", "/lab/api/update"])
def test_the_desk_asks_nobody_for_news_or_newer_versions(desk, path):
    answer = httpx.get(desk.root + path, headers={"Authorization": f"token {desk.token}"}, timeout=60)
    assert not any(answer.json().values())


def test_the_desk_fetches_no_extensions(desk):
    page = httpx.get(f"{desk.root}/lab", headers={"Authorization": f"token {desk.token}"}, timeout=60).text
    assert '"can_install": false' in page


def test_the_desk_is_reached_from_this_machine_alone(desk):
    with socket.socket() as another_address_of_this_machine, pytest.raises(ConnectionRefusedError):
        another_address_of_this_machine.connect(("127.0.0.2", desk.port))


def test_the_desk_knows_where_the_store_is(desk, small_home):
    assert small_home.folder.as_posix() in {process.environ().get("KVALITET_HOME") for process in desk.family}


def test_no_process_carries_the_token_where_every_user_can_read_it(desk):
    assert all(desk.token not in word for process in desk.family for word in process.cmdline())


@pytest.mark.skipif(os.name != "posix", reason="sockets have no files of their own there")
def test_what_a_cell_shows_goes_through_no_port_that_others_could_listen_to(desk):
    started = httpx.post(f"{desk.root}/api/kernels", headers={"Authorization": f"token {desk.token}"}, timeout=60)
    assert started.status_code == 201
    latest = time.monotonic() + 30
    while not (kernels := [one for one in desk.family if "ipykernel_launcher" in one.cmdline()]) and time.monotonic() < latest:
        time.sleep(0.1)
    assert [kernel.net_connections("inet") for kernel in kernels] == [[]]
    assert {one.environ()["IPYTHONDIR"].rsplit("/", 2)[-2] for one in kernels} == {"private"}


def test_a_notebook_that_is_saved_keeps_its_cells_and_nothing_they_have_shown():
    output = new_output("stream", name="stdout", text="a row")
    cells = [
        new_markdown_cell("# Why"),
        new_code_cell("rows", outputs=[output], execution_count=3, metadata={"tags": ["parameters"]}),
    ]
    cells[1].metadata["execution"] = {"said": "a row"}
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}, "widgets": {"state": "a row"}}
    model = {"type": "notebook", "content": new_notebook(cells=cells, metadata=metadata)}
    without_outputs(model, path="mine.ipynb", contents_manager=None)
    kept = model["content"]
    assert [cell.source for cell in kept.cells] == ["# Why", "rows"]
    assert kept.cells[1].metadata == {"tags": ["parameters"]}
    assert set(kept.metadata) == {"kernelspec"}
    assert "a row" not in nbformat.writes(kept)


def test_other_files_are_saved_as_they_are():
    model = {"type": "file", "content": "a text"}
    without_outputs(model)
    assert model["content"] == "a text"
