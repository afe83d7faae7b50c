"""Voilà as we serve it: one notebook, on this machine alone, behind a token, and nothing to fetch from elsewhere.

Started by ``kvalitet dashboard`` as a process of its own, which knows where the release is and not where the store is.
The token is read from ``$JUPYTER_TOKEN``: on a command line every user of the machine could see it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from traitlets.config import Config

from kvalitet_lib.disclosure.release import Release
from kvalitet_lib.errors import ContractError, KvalitetError
from kvalitet_lib.present.dashboard import FOLDER, LANGUAGE
from kvalitet_lib.present.html import TEMPLATES, css, fingerprint
from kvalitet_lib.present.voila_app import Dashboard
from kvalitet_lib.present.voila_channel import ReadersChannel
from kvalitet_lib.present.voila_kernels import OwnPageOnly, ReadersKernels
from kvalitet_lib.texts import Texts

HERE = "127.0.0.1"
IDLE_SECONDS = 300
LONGEST_MESSAGE = 64 * 1024  # bytes; a choice takes some hundred
STILL_WORKING = "window.voila_heartbeat()"
"""The one script that stands in the page itself: Voilà writes it there while a cell takes its time."""
JUPYTER_FOLDER = TEMPLATES / "voila"
"""Holds our Voilà template the way Jupyter looks for it: ``nbconvert/templates/kvalitet``."""


def content_policy(port: int) -> str:
    """What a dashboard's page may ask for: this server, and nothing else.

    Scripts are those this server hands out. The widgets write styles as they go, so styles cannot be held to a list.
    """
    return (
        f"default-src 'none'; script-src 'self' {fingerprint(STILL_WORKING)}; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws://{HERE}:{port}; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; object-src 'none'"
    )


def headers(port: int) -> dict[str, str]:
    """What every answer says of how it may be used."""
    return {
        "Content-Security-Policy": content_policy(port),
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def settings(port: int, pages: int, words: dict[str, str], token: str) -> Config:
    """Every setting that keeps a dashboard read-only and to itself."""
    return Config(
        {
            "Voila": {
                "ip": HERE,
                "port": port,
                "port_retries": 0,  # another port than the one printed would be no use
                "open_browser": False,
                "token": token,
                "log_level": "WARN",
                "config_file_paths": [],  # else Voilà would run a voila.py from the folder one stands in
                "identity_provider_class": "jupyter_server.auth.identity.IdentityProvider",  # a token, and no password to change
                "authorizer_class": OwnPageOnly,
                "kernel_websocket_connection_class": ReadersChannel,
                "tornado_settings": {
                    # On one machine a line that is cut is known at once, and Jupyter and tornado disagree on the unit.
                    "ws_ping_interval": 0,
                    "websocket_max_message_size": LONGEST_MESSAGE,
                    "allow_remote_access": False,  # a foreign name that points here is refused
                    "headers": headers(port),
                },
            },
            "IdentityProvider": {"cookie_options": {"samesite": "Strict", "expires_days": None}},
            "VoilaConfiguration": {
                "template": "kvalitet",
                "allow_template_override": "NO",
                "allow_theme_override": "NO",
                "file_allowlist": [],
                "strip_sources": True,
                "show_tracebacks": False,
                "preheat_kernel": False,
                "progressive_rendering": False,
                "multi_kernel_manager_class": ReadersKernels,
                "extension_allowlist": ["@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8"],
                "resources": {"kvalitet": words},
            },
            "KernelManager": {"transport": "ipc" if os.name == "posix" else "tcp"},  # no port that others could listen to
            "KernelRestarter": {"restart_limit": 0},  # a kernel begun anew knows nothing of the page: say that it has ended
            "MappingKernelManager": {
                "most_pages": pages,
                "allow_tracebacks": False,
                "cull_idle_timeout": IDLE_SECONDS,
                "cull_interval": 30,
                "cull_connected": False,  # a page that is still open keeps its kernel
            },
        }
    )


def words_of(release: Release, language: str) -> dict[str, str]:
    """What the page says around the notebook, and its style sheets."""
    texts = Texts(language)
    keys = ("loading", "failed", "asleep", "reload", "needs_script", "shut", "closed", "full")
    said = {key: texts.say(f"dashboard.{key}") for key in keys} | {key: texts.say(f"page.{key}") for key in ("skip", "contents")}
    municipality = release.about["municipality"]
    return {
        **said,
        "language": language,
        "title": texts.say("dashboard.title", name=municipality["name"]),
        "css": str(css("typeface", "blocks", "page")),
    }


def main(arguments: list[str]) -> None:
    """Serve the notebook named first on the port named second, to as many at once as the third says, until told to end."""
    notebook, port, pages = Path(arguments[0]), int(arguments[1]), int(arguments[2])
    token = os.environ.pop("JUPYTER_TOKEN", "")  # taken out: kernels inherit the rest
    if not token:
        raise ContractError("A dashboard is not served without a token. Start it with:  kvalitet dashboard")
    paths = [str(JUPYTER_FOLDER), os.environ.get("JUPYTER_PATH", "")]
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, paths))
    words = words_of(Release.open(os.environ[FOLDER]), os.environ[LANGUAGE])
    Dashboard.launch_instance([str(notebook)], config=settings(port, pages, words, token))


def _load_jupyter_server_extension(server: Any) -> None:
    """Refuse to be a part of a Jupyter server: its readers could run code, open a terminal and read files.

    Raises
    ------
    ContractError
        Always.
    """
    raise ContractError("A dashboard is never part of a Jupyter server. Start it by itself:  kvalitet dashboard")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KvalitetError as refused:
        sys.exit(str(refused))
