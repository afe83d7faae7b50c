"""The statistician's desk opens on this machine, behind a token, with the store at hand."""

from __future__ import annotations

import socket

import httpx
import pytest

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


def test_the_desk_is_reached_from_this_machine_alone(desk):
    with socket.socket() as another_address_of_this_machine, pytest.raises(ConnectionRefusedError):
        another_address_of_this_machine.connect(("127.0.0.2", desk.port))


def test_the_desk_knows_where_the_store_is(desk, small_home):
    assert small_home.folder.as_posix() in {process.environ().get("KVALITET_HOME") for process in desk.family}


def test_no_process_carries_the_token_where_every_user_can_read_it(desk):
    assert all(desk.token not in word for process in desk.family for word in process.cmdline())
