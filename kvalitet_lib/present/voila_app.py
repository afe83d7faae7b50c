"""Voilà with most of its doors walled up: one page, its libraries and its own kernel, for who has the token."""

from __future__ import annotations

import ipaddress
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import FileFindHandler, JupyterHandler
from jupyter_server.services.kernels.handlers import KernelHandler
from tornado.web import HTTPError
from voila.app import Voila
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.static_file_handler import MultiStaticFileHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from kvalitet_lib.errors import SettingsError
from kvalitet_lib.present import html
from kvalitet_lib.present.blocks import Blocks, PageHead, PageWords, Paragraph
from kvalitet_lib.present.voila_channel import ReadersChannel
from kvalitet_lib.present.voila_kernels import OwnPageOnly, ReadersKernels

WHY = {403: "closed", 503: "full"}


class Closed(JupyterHandler):
    """Without the token there is nothing, and no form to type it into."""

    def get_login_url(self) -> str:
        raise HTTPError(403)

    def write_error(self, status_code: int, **_: Any) -> None:
        self.finish()


class ReadersPage(Closed, TornadoVoilaHandler):
    """The dashboard's page; what goes wrong is said in the reader's words and no others."""

    def get(self, path: str = "") -> Any:
        if path:
            raise HTTPError(404)
        self.xsrf_token  # noqa: B018  - sets the cookie with which the page may end its own kernel when it is left
        return super().get(path)

    def write_error(self, status_code: int, **_: Any) -> None:
        words = self.voila_configuration.config.VoilaConfiguration.resources["kvalitet"]
        head = PageHead(words["shut"], words["language"], PageWords(words["skip"], words["contents"]))
        self.finish(html.page(Blocks([head, Paragraph(words[WHY.get(status_code, "failed")], "lead")])))


class ReadersLibraries(Closed, MultiStaticFileHandler):
    """Voilà's own scripts."""


class ReadersExtensions(Closed, FileFindHandler):
    """The widgets' scripts. Jupyter hands these to everyone, for its form of login; we have none."""

    def get(self, path: str, include_body: bool = True) -> Any:
        return super().get(path, include_body)

    def head(self, path: str) -> Any:
        return super().head(path)


class OwnShutdown(VoilaShutdownKernelHandler):
    """A page that is left ends its own kernel, and never another's."""

    auth_resource = "kernels"

    @authorized
    async def post(self, kernel_id: str) -> None:
        await super().post(kernel_id)


SERVED = {
    KernelHandler: KernelHandler,
    VoilaKernelWebsocketHandler: VoilaKernelWebsocketHandler,
    VoilaShutdownKernelHandler: OwnShutdown,
    MultiStaticFileHandler: ReadersLibraries,
    FileFindHandler: ReadersExtensions,
    TornadoVoilaHandler: ReadersPage,
}
"""Voilà's doors that stay, and what each becomes. One that a later Voilà adds is not served before it stands here."""


class Dashboard(Voila):
    """One notebook's page, as ``settings`` in ``voila_server`` has it and in no other way."""

    def init_handlers(self) -> list[Any]:
        return [(path, SERVED[door], *rest) for path, door, *rest in super().init_handlers() if door in SERVED]

    def listen(self) -> None:
        """Serve, once it is certain that every lock is on.

        Raises
        ------
        SettingsError
            Names each lock that is off.
        """
        off = [name for name, on in self._locks().items() if not on]
        if off:
            raise SettingsError(f"The dashboard was not started, since it would not be safe: {'; '.join(off)}.")
        super().listen()

    def _locks(self) -> dict[str, bool]:
        page, kernels = self.voila_configuration, self.kernel_manager
        return {
            "it would be reached from other machines": ipaddress.ip_address(self.ip).is_loopback,
            "other names for this machine would be answered": not self.app.settings["allow_remote_access"],
            "there is no token": bool(self.identity_provider.token),
            "settings could come from other files": not self.config_file_paths,
            "a reader could run code": "execute_request" not in (kernels.allowed_message_types or ["execute_request"]),
            "the kernel's channel is not filtered": issubclass(self.kernel_websocket_connection_class, ReadersChannel),
            "a reader could use another's kernel": issubclass(self.authorizer_class, OwnPageOnly)
            and isinstance(kernels, ReadersKernels),
            "kernels would never end": kernels.cull_idle_timeout > 0,
            "tracebacks would be shown": not (kernels.allow_tracebacks or page.show_tracebacks),
            "the notebook's source would be shown": page.strip_sources,
            "files would be handed out": not page.file_allowlist,
            "the address could choose a template": page.allow_template_override == page.allow_theme_override == "NO",
            "pages would be drawn before anyone asks": not (page.preheat_kernel or page.progressive_rendering),
            "a whole folder of notebooks would be served": bool(self.notebook_path),
        }
