"""Who may come to a dashboard's door, and what they may ask for there."""

from __future__ import annotations

import base64
import itertools
import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1, serialize_msg_to_ws_v1
from tornado.web import create_signed_value
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from kvalitet_lib.present.voila_channel import PROTOCOL
from tests.journey.servers import Served

NUMBERS = itertools.count()
KERNEL_ID = re.compile(r'"kernelId": "([0-9a-f-]{36})"')


@dataclass
class Visitor:
    """Somebody with a browser's cookies or a script's headers; ``kernel`` is that of the page they have open."""

    server: Served
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    kernel: str = ""

    def asks(self, method: str, path: str, **headers: str) -> int:
        """The status a request ends with; redirects are not followed."""
        own = {"X-XSRFToken": self.cookies.get("_xsrf", "")}
        with httpx.stream(
            method, self.server.root + path, headers=self.headers | own | headers, cookies=self.cookies, timeout=60
        ) as answer:
            return answer.status_code

    def opens_the_page(self) -> str:
        """Open the page, keep its cookies and its kernel's id; gives the whole page."""
        answer = httpx.get(self.server.root + "/", headers=self.headers, cookies=self.cookies, timeout=60)
        self.cookies = self.cookies | dict(answer.cookies)
        found = KERNEL_ID.search(answer.text)
        self.kernel = found[1] if found else ""
        return answer.text

    @contextmanager
    def listens(
        self, kernel: str = "", protocol: str = PROTOCOL, name: str = "127.0.0.1", **headers: str
    ) -> Iterator[ClientConnection]:
        """The channel to a kernel, asked of the server under a name."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        own = self.headers | ({"Cookie": cookies} if cookies else {}) | headers
        address = f"ws://{name}:{self.server.port}/api/kernels/{kernel or self.kernel}/channels?session_id=visitor"
        protocols = [protocol] if protocol else None
        line = socket.create_connection(("127.0.0.1", self.server.port))
        with connect(
            address, sock=line, additional_headers=own, subprotocols=protocols, max_size=None, open_timeout=60
        ) as channel:
            yield channel

    def reaches(self, kernel: str, protocol: str = PROTOCOL, name: str = "127.0.0.1", **headers: str) -> int:
        """The status an attempt to listen ends with; 101 is a channel."""
        try:
            with self.listens(kernel, protocol, name, **headers):
                return 101
        except InvalidStatus as refused:
            return refused.response.status_code


def nobody(server: Served) -> Visitor:
    return Visitor(server)


def guesser(server: Served) -> Visitor:
    return Visitor(server, {"Authorization": "token guessed"})


def forger(server: Served, victim: Visitor) -> Visitor:
    """Somebody with the very name in the cookie, signed by a server that ran before."""
    (name,) = [one for one in victim.cookies if one.startswith("username-")]
    signed = victim.cookies[name].strip('"').split("|")
    claims = signed[-2].split(":", 1)[1]
    forged = create_signed_value("the secret of an earlier server", name, base64.b64decode(claims)).decode()
    return Visitor(server, cookies={name: f'"{forged}"', "_xsrf": victim.cookies["_xsrf"]})


def with_the_token(server: Served) -> Visitor:
    """A script, or another browser, that was given the address."""
    return Visitor(server, {"Authorization": f"token {server.token}"})


def reader(server: Served) -> Visitor:
    """Somebody with the page open in a browser."""
    visitor = with_the_token(server)
    visitor.opens_the_page()
    visitor.headers = {}
    return visitor


def message(kind: str, content: dict, channel: str = "shell") -> bytes:
    """One message as a browser sends it."""
    number = f"visitor-{next(NUMBERS)}"  # a kernel hears no message twice
    header = {"msg_id": number, "msg_type": kind, "session": "visitor", "username": "", "date": "", "version": "5.4"}
    parts = [json.dumps(one).encode() for one in (header, {}, {"version": "1.0.0"}, content)]
    return serialize_msg_to_ws_v1(parts, channel)


def everything_said(channel: ClientConnection) -> list[tuple[str, dict]]:
    """Kind and content of all that has come over a channel, up to the answer to a question asked now.

    A kernel answers in order, so nothing that was asked before is still to come.
    """
    last = message("kernel_info_request", {})
    channel.send(last)
    mine = _parts(last)[0]["msg_id"]
    heard, waiting = [], {"kernel_info_reply", "idle"}
    while waiting:
        header, parent, _, content = _parts(channel.recv(timeout=60))
        if parent.get("msg_id") == mine:
            waiting -= {header["msg_type"], content.get("execution_state", "")}
        else:
            heard.append((header["msg_type"], content))
    return heard


def _parts(frame: bytes | str) -> list[dict]:
    assert isinstance(frame, bytes)
    return [json.loads(part) for part in deserialize_msg_from_ws_v1(frame)[1][:4]]
