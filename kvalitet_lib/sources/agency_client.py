"""The one client for the agencies' open interfaces: polite, patient, and it never asks twice for what is on disk."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import stamina

from kvalitet_lib.clock import now
from kvalitet_lib.errors import KvalitetError
from kvalitet_lib.sources.answer_cache import AnswerCache

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class AgencyError(KvalitetError):
    """An agency did not answer, or not in a way we can use.

    ``status`` is the HTTP status, or None when there was no answer at all.
    """

    def __init__(self, said: str, status: int | None = None) -> None:
        super().__init__(said)
        self.status = status


@dataclass(frozen=True)
class Manners:
    """How often we ask, how long we wait and how many times we try; all times in seconds.

    At most ``calls`` requests are sent in any ``per_seconds``. A request without an answer within ``timeout`` is
    tried again, like an answer 429 or 5xx: after ``first_wait``, then twice as long each time, never longer than
    ``longest_wait``, ``attempts`` times in all.
    """

    calls: int = 1
    per_seconds: float = 1.0
    timeout: float = 30.0
    attempts: int = 5
    first_wait: float = 1.0
    longest_wait: float = 60.0


class _NotNowError(Exception):
    """The agency answered that it cannot answer now (429 or 5xx)."""

    def __init__(self, status: int, asked_wait: float | None) -> None:
        super().__init__(f"answered {status}")
        self.status = status
        self.asked_wait = asked_wait


class AgencyClient:
    """Questions to one agency's interface; use it as a context manager.

    Parameters
    ----------
    base_url : str
        Where all paths begin, ``https://…``; ``http`` only on this machine.
    cache : Path
        Folder in which every answer is kept (see :class:`AnswerCache`) and from which it is taken the next time.
    accept : str
        The ``Accept`` header the interface asks for.
    max_age : timedelta, optional
        Kept answers older than this are asked for again; None keeps them for ever.
    refresh : bool
        Ask for everything again.
    """

    def __init__(
        self,
        base_url: str,
        cache: Path,
        *,
        accept: str = "application/json",
        manners: Manners | None = None,
        max_age: timedelta | None = None,
        refresh: bool = False,
    ) -> None:
        place = urlsplit(base_url)
        if place.scheme != "https" and not (place.scheme == "http" and place.hostname in LOOPBACK):
            raise AgencyError(f"{base_url} does not begin with https://. Give the agency's address in full.")
        self.base_url = base_url.rstrip("/")
        self.cache = AnswerCache(cache)
        self.accept = accept
        self.manners = manners or Manners()
        self.max_age = max_age
        self.refresh = refresh
        self._origin = f"{place.scheme}://{place.netloc}"
        self._asked_at: deque[float] = deque(maxlen=self.manners.calls)
        self._http = httpx.Client(headers={"Accept": accept, "User-Agent": "kvalitet"}, timeout=self.manners.timeout)
        self._ask = stamina.retry(
            on=self._pause_before_next,
            attempts=self.manners.attempts,
            timeout=None,
            wait_initial=self.manners.first_wait,
            wait_max=self.manners.longest_wait,
            wait_jitter=self.manners.first_wait / 10,
        )(self._ask_once)

    def __enter__(self) -> AgencyClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """The JSON answer at ``path`` under the base address, from disk when it is there.

        Raises
        ------
        AgencyError
            The agency refused (4xx, at once), did not answer in time or in as many attempts as we have manners for,
            or answered something that is not JSON. Names the address and the status, never what was answered.
        """
        return self._answer(self._address(path, params))

    def pages(self, path: str, params: Mapping[str, Any] | None = None) -> Iterator[Any]:
        """Every page of an answer, by its ``_links.next`` (Skolverket) or ``next_url``/``next_page`` (Kolada).

        Only the path and query of such a link are used: agencies' links may name a host inside their own network.
        """
        url: str | None = self._address(path, params)
        seen: set[str] = set()
        while url:
            if url in seen:
                raise AgencyError(f"{url} names itself as its next page. Ask for fewer rows at a time, or tell the agency.")
            seen.add(url)
            answer = self._answer(url)
            yield answer
            following = next_link(answer)
            url = str(httpx.URL(self._origin).copy_with(raw_path=httpx.URL(following).raw_path)) if following else None

    def _address(self, path: str, params: Mapping[str, Any] | None) -> str:
        return str(httpx.URL(f"{self.base_url}/{path.lstrip('/')}", params=dict(params) if params else None))

    def _answer(self, url: str) -> Any:
        kept = None if self.refresh else self.cache.find(url, self.accept, self.max_age)
        if kept is not None:
            return kept["json"]
        answer = self._ask_patiently(url)
        self.cache.keep(url, self.accept, answer)
        return answer

    def _ask_patiently(self, url: str) -> Any:
        later = f"What was answered before is kept in {self.cache.folder}; run the same command again later."
        try:
            return self._ask(url)
        except _NotNowError as unwilling:
            if self._asks_too_long(unwilling):
                wait = f"asks us to wait {unwilling.asked_wait:.0f} seconds"
                raise AgencyError(f"{url} {wait} (status {unwilling.status}). {later}", unwilling.status) from None
            tries = f"answered {unwilling.status} in {self.manners.attempts} attempts"
            raise AgencyError(f"{url} {tries}. {later}", unwilling.status) from None
        except httpx.TimeoutException:
            waited = f"did not answer within {self.manners.timeout:g} seconds, in {self.manners.attempts} attempts"
            raise AgencyError(f"{url} {waited}. {later}") from None
        except httpx.TransportError:
            unreached = f"could not be reached in {self.manners.attempts} attempts"
            raise AgencyError(f"{url} {unreached}. Check the network and the proxy settings. {later}") from None

    def _ask_once(self, url: str) -> Any:
        self._keep_pace()
        answer = self._http.get(url)
        status = answer.status_code
        if status == 429 or status >= 500:
            raise _NotNowError(status, retry_after(answer.headers.get("Retry-After")))
        if status != 200:
            raise AgencyError(
                f"{url} answered {status}. Check the address and the codes in it; more attempts do not help.", status
            )
        try:
            return answer.json()
        except ValueError:
            said = f"{url} answered something that is not JSON. Open the address in a browser to see what it is."
            raise AgencyError(said, status) from None

    def _pause_before_next(self, error: Exception) -> bool | float:
        """Whether, or after how many seconds, to ask again."""
        if isinstance(error, _NotNowError):
            if self._asks_too_long(error):
                return False
            return True if error.asked_wait is None else error.asked_wait
        return isinstance(error, httpx.TransportError)

    def _asks_too_long(self, error: _NotNowError) -> bool:
        return error.asked_wait is not None and error.asked_wait > self.manners.longest_wait

    def _keep_pace(self) -> None:
        if len(self._asked_at) == self.manners.calls:
            time.sleep(max(0.0, self._asked_at[0] + self.manners.per_seconds - time.monotonic()))
        self._asked_at.append(time.monotonic())


def next_link(answer: Any) -> str | None:
    """The address of the next page, or None on the last one."""
    if not isinstance(answer, Mapping):
        return None
    body = answer.get("body")
    holder = body if isinstance(body, Mapping) else answer
    links = holder.get("_links")
    following = links.get("next") if isinstance(links, Mapping) else None
    if isinstance(following, Mapping):
        following = following.get("href")
    link = following or answer.get("next_url") or answer.get("next_page")
    return link if isinstance(link, str) else None


def retry_after(header: str | None) -> float | None:
    """Seconds to wait as a ``Retry-After`` header says, in seconds or as a date; None when it does not say."""
    if not header:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - now()).total_seconds())
