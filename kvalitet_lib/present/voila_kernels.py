"""The kernels behind a dashboard's pages: each belongs to the browser that opened its page, and there are only so many."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from jupyter_server._tz import utcnow
from jupyter_server.auth.authorizer import Authorizer
from jupyter_server.base.call_context import CallContext
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import HTTPError
from traitlets import Integer

LEFT_AFTER = timedelta(seconds=30)
OF_THE_ADDRESS = ("QUERY_STRING", "VOILA_REQUEST_URL", "PATH_INFO", "SCRIPT_NAME")


class ReadersKernels(AsyncMappingKernelManager):
    """Knows whose page a kernel draws, tells kernels nothing of the address, and refuses one page too many."""

    most_pages = Integer(1, config=True, help="Pages open at once; the next reader is asked to wait.")

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._readers: dict[str, str] = {}
        self._starting = 0

    def reader(self, kernel_id: str) -> str:
        """Whose page the kernel draws; empty when there is no such kernel."""
        return self._readers.get(kernel_id, "")

    async def start_kernel(self, **wanted: Any) -> str:  # type: ignore[override]
        """Start the kernel of a page that somebody has just opened.

        Raises
        ------
        HTTPError
            503: so many pages are open already.
        """
        if len(self) + self._starting >= self.most_pages:
            await self._end_those_left()
        if len(self) + self._starting >= self.most_pages:
            raise HTTPError(503)
        page = CallContext.get(CallContext.JUPYTER_HANDLER)
        # What a page shows must not depend on words in its address, which anyone can write there.
        wanted["env"] = {name: value for name, value in wanted["env"].items() if name not in OF_THE_ADDRESS}
        self._starting += 1
        try:
            kernel_id: str = await super().start_kernel(**wanted)
        finally:
            self._starting -= 1
        self._readers[kernel_id] = page.current_user.username
        return kernel_id

    def remove_kernel(self, kernel_id: str) -> Any:
        """Forget a kernel that has ended, and whose it was."""
        self._readers.pop(kernel_id, None)
        return super().remove_kernel(kernel_id)

    async def _end_those_left(self) -> None:
        """End kernels whose page nobody has open any more; a page that is still arriving has not been left."""
        for kernel_id in list(self.list_kernel_ids()):
            idle_since = getattr(self.get_kernel(kernel_id), "last_activity", utcnow())
            if not self._kernel_connections.get(kernel_id, 0) and utcnow() - idle_since > LEFT_AFTER:
                await self.shutdown_kernel(kernel_id)


class OwnPageOnly(Authorizer):
    """A kernel answers the browser that opened its page, and nobody else; nothing else is there to be allowed."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        kernel_id = handler.path_kwargs.get("kernel_id") or next(iter(handler.path_args), "")
        return resource == "kernels" and bool(user) and handler.kernel_manager.reader(kernel_id) == user.username
