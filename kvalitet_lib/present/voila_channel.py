"""What a reader's browser and a page's kernel may say to each other: what is drawn, and which choice was made.

Voilà itself ignores requests to run code, but passes on everything the kernel says: sources and tracebacks too, to whoever
listens while the page is made; and it lets a browser overwrite any widget's text, or make widgets of its own.
"""

from __future__ import annotations

import json
from typing import Any

from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from tornado.web import HTTPError

PROTOCOL = "v1.kernel.websocket.jupyter.org"
"""The one protocol spoken. In the older one every message has a form of its own, and Voilà's own filter sees none of them."""

TO_READERS = {"status", "kernel_info_reply", "comm_info_reply", "comm_open", "comm_msg", "comm_close"}
STATE_OF_ALL = "jupyter.widget.control"
CHOICE = {"index"}
HEADER, CONTENT, PARTS = 0, 3, 4
OFFSETS = PARTS + 2  # one for the channel's name before them, one for the end


class ReadersChannel(ZMQChannelsWebsocketConnection):
    """Passes on widgets and choices alone, in both directions; all else is dropped without an answer."""

    async def prepare(self) -> None:
        """Refuse a browser that does not offer the one protocol."""
        offered = self.websocket_handler.request.headers.get("Sec-WebSocket-Protocol", "")
        if PROTOCOL not in [name.strip() for name in offered.split(",")]:
            raise HTTPError(400)
        await super().prepare()

    def handle_incoming_message(self, incoming_msg: Any) -> None:
        if may_be_asked(incoming_msg):
            super().handle_incoming_message(incoming_msg)

    def handle_outgoing_message(self, stream: Any, outgoing_msg: list[Any]) -> None:
        _, signed = self.session.feed_identities(outgoing_msg)
        if self.session.unpack(signed[1])["msg_type"] in TO_READERS:
            super().handle_outgoing_message(stream, outgoing_msg)


def may_be_asked(message: Any) -> bool:
    """Whether a reader may say this to a kernel: who are you, which widgets are there, and this is my choice.

    Parameters
    ----------
    message : bytes
        A message as it came over the websocket.
    """
    # The number is the sender's own, and Jupyter counts up to it: eight bytes would keep the server busy for ever.
    if not isinstance(message, bytes) or int.from_bytes(message[:8], "little") != OFFSETS:
        return False
    try:
        channel, parts = deserialize_msg_from_ws_v1(message)
        kind, content = json.loads(parts[HEADER])["msg_type"], json.loads(parts[CONTENT])
        return channel == "shell" and len(parts) == PARTS and _is_a_readers(kind, content)
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        return False


def _is_a_readers(kind: str, content: dict[str, Any]) -> bool:
    if kind == "comm_open":
        return bool(content["target_name"] == STATE_OF_ALL)
    if kind == "comm_msg":
        said = content["data"]
        return said["method"] in ("request_state", "request_states") or (
            said["method"] == "update" and set(said["state"]) == CHOICE and isinstance(said["state"]["index"], int)
        )
    return kind in ("kernel_info_request", "comm_info_request", "comm_close")
