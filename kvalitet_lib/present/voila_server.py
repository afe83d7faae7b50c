"""Voilà as we serve it: one notebook, on this machine alone, behind a token, and nothing to fetch from elsewhere.

Started by ``kvalitet dashboard`` as a process of its own, which knows where the release is and not where the store is.
The token is read from ``$JUPYTER_TOKEN``: on a command line every user of the machine could see it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from traitlets.config import Config
from voila.app import Voila

from kvalitet_lib.disclosure.release import Release
from kvalitet_lib.errors import ContractError
from kvalitet_lib.present.dashboard import FOLDER, LANGUAGE
from kvalitet_lib.present.html import TEMPLATES, css
from kvalitet_lib.texts import Texts

IDLE_SECONDS = 300
JUPYTER_FOLDER = TEMPLATES / "voila"
"""Holds our Voilà template the way Jupyter looks for it: ``nbconvert/templates/kvalitet``."""


def content_policy(port: int) -> str:
    """What a dashboard's page may ask for: this server, and nothing else. Voilà's own scripts stand in the page."""
    here = f"127.0.0.1:{port}"
    return (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws://{here}; worker-src 'self' blob:; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
    )


def settings(port: int, words: dict[str, str]) -> Config:
    """Every setting that keeps a dashboard read-only and to itself."""
    return Config(
        {
            "Voila": {
                "ip": "127.0.0.1",
                "port": port,
                "port_retries": 0,  # another port than the one printed would be no use
                "open_browser": False,
                "auto_token": True,
                "log_level": "WARN",
                "config_file_paths": [],  # else Voilà would run a voila.py from the folder one stands in
                "tornado_settings": {
                    "ws_ping_timeout": 30_000,
                    "allow_remote_access": False,  # a foreign name that points here is refused
                    "headers": {"Content-Security-Policy": content_policy(port), "Referrer-Policy": "no-referrer"},
                },
            },
            "VoilaConfiguration": {
                "template": "kvalitet",
                "allow_template_override": "NO",
                "allow_theme_override": "NO",
                "file_allowlist": [],
                "strip_sources": True,
                "show_tracebacks": False,
                "preheat_kernel": False,
                "extension_allowlist": ["@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8"],
                "resources": {"kvalitet": words},
            },
            "KernelManager": {"transport": "ipc" if os.name == "posix" else "tcp"},  # no port that others could listen to
            "MappingKernelManager": {
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
    said = {key: texts.say(f"dashboard.{key}") for key in ("loading", "failed", "asleep", "reload", "needs_script")}
    municipality = release.about["municipality"]
    return {
        **said,
        "language": language,
        "title": texts.say("dashboard.title", name=municipality["name"]),
        "css": str(css("typeface", "blocks", "page")),
    }


def main(arguments: list[str]) -> None:
    """Serve the notebook named first on the port named second, until told to end."""
    notebook, port = Path(arguments[0]), int(arguments[1])
    if not os.environ.get("JUPYTER_TOKEN"):
        raise ContractError("A dashboard is not served without a token. Start it with:  kvalitet dashboard")
    paths = [str(JUPYTER_FOLDER), os.environ.get("JUPYTER_PATH", "")]
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, paths))
    words = words_of(Release.open(os.environ[FOLDER]), os.environ[LANGUAGE])
    Voila.launch_instance([str(notebook)], config=settings(port, words))


if __name__ == "__main__":
    main(sys.argv[1:])
