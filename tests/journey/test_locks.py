"""A dashboard with one lock off does not start, and says which."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys

import pytest
from jupyter_server.auth.authorizer import AllowAllAuthorizer
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from traitlets.config import Config

from kvalitet_lib.errors import ContractError, SettingsError
from kvalitet_lib.present import voila_server
from kvalitet_lib.present.voila_app import SERVED, Dashboard
from tests.conftest import ROOT

FIGURES = {"locks of the dashboard": 18}
NOTEBOOK = str(ROOT / "notebooks" / "dashboard" / "municipality.ipynb")
OFF = {
    "reached from other machines": {"Voila": {"ip": "0.0.0.0"}},
    "other names": {"Voila": {"tornado_settings": {"allow_remote_access": True}}},
    "no token": {"IdentityProvider": {"token": ""}},
    "other files": {"Voila": {"config_file_paths": ["."]}},
    "not filtered": {"Voila": {"kernel_websocket_connection_class": ZMQChannelsWebsocketConnection}},
    "another's kernel": {"Voila": {"authorizer_class": AllowAllAuthorizer}},
    "another's kernel ": {"VoilaConfiguration": {"multi_kernel_manager_class": AsyncMappingKernelManager}},
    "never end": {"MappingKernelManager": {"cull_idle_timeout": 0}},
    "tracebacks": {"MappingKernelManager": {"allow_tracebacks": True}},
    "tracebacks ": {"VoilaConfiguration": {"show_tracebacks": True}},
    "source": {"VoilaConfiguration": {"strip_sources": False}},
    "files would be handed out": {"VoilaConfiguration": {"file_allowlist": [".*png"]}},
    "choose a template": {"VoilaConfiguration": {"allow_template_override": "YES"}},
    "choose a template ": {"VoilaConfiguration": {"allow_theme_override": "NOTEBOOK"}},
    "before anyone asks": {"VoilaConfiguration": {"preheat_kernel": True}},
    "before anyone asks ": {"VoilaConfiguration": {"progressive_rendering": True}},
}


@pytest.fixture
def started(monkeypatch, tmp_path):
    """Start a dashboard in this process with settings of one's own; it never comes to listening."""
    monkeypatch.setenv("JUPYTER_PATH", str(voila_server.JUPYTER_FOLDER))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("voila.app.Voila.listen", lambda app: setattr(app, "listened", True))
    hears = signal.getsignal(signal.SIGTERM)

    def start(changed: dict, arguments: list[str], token: str = "a token") -> Dashboard:
        config = voila_server.settings(8866, 2, {}, token)
        if not token:
            del config["Voila"]["token"]
        config.merge(Config(changed))
        app = Dashboard(config=config)
        app.initialize(arguments)
        app.start()
        return app

    yield start
    signal.signal(signal.SIGTERM, hears)


def test_with_every_lock_on_it_listens(started):
    app = started({}, [NOTEBOOK])
    assert app.listened
    assert {door for _, door, *_ in app.init_handlers()} == set(SERVED.values())


@pytest.mark.parametrize("lock", OFF)
def test_with_one_lock_off_it_does_not_start_and_says_which(started, lock):
    with pytest.raises(SettingsError, match=re.escape(lock.strip())) as refused:
        started(OFF[lock], [NOTEBOOK], token="" if lock == "no token" else "a token")
    assert str(refused.value).count(";") <= (1 if "kernel" in lock else 0)


def test_a_whole_folder_of_notebooks_is_not_served(started):
    with pytest.raises(SettingsError, match="a whole folder of notebooks"):
        started({}, [str(ROOT / "notebooks")])


def test_a_reader_who_could_run_code_is_the_end_of_it(started, monkeypatch):
    monkeypatch.setattr("voila.app.Voila.init_settings", _everything_allowed(Dashboard.init_settings))
    with pytest.raises(SettingsError, match="a reader could run code"):
        started({}, [NOTEBOOK])


def _everything_allowed(init_settings):
    def init(app):
        made = init_settings(app)
        app.kernel_manager.allowed_message_types = []
        return made

    return init


def test_there_are_as_many_locks_as_is_promised():
    assert len(OFF) + 2 == FIGURES["locks of the dashboard"]


def test_without_a_token_the_program_ends_at_once(monkeypatch):
    monkeypatch.delenv("JUPYTER_TOKEN", raising=False)
    with pytest.raises(ContractError, match="not served without a token"):
        voila_server.main([NOTEBOOK, "8866", "2"])


def test_a_jupyter_server_that_is_told_to_serve_dashboards_refuses_to_start(tmp_path):
    ran = subprocess.run(
        [
            *(sys.executable, "-P", "-m", "jupyter_server", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0"),
            "--ServerApp.jpserver_extensions={'kvalitet_lib.present.voila_server': True}",
            "--ServerApp.reraise_server_extension_failures=True",
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "JUPYTER_CONFIG_DIR": str(tmp_path), "JUPYTER_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode != 0
    assert "A dashboard is never part of a Jupyter server" in ran.stderr
