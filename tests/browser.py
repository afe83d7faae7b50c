"""A real browser for tests, found where the machine has one."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.find_chromium import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator:
    """A headless Chromium, started once a test file.

    Where there is none the test skips and says why; with ``KVALITET_REQUIRE_BROWSER=1`` it fails instead.
    """
    playwright_api = pytest.importorskip("playwright.sync_api")
    with playwright_api.sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        except playwright_api.Error as reason:
            first_line = str(reason).strip().splitlines()[0]
            message = f"no Chromium could be started ({first_line}); install one or point KVALITET_CHROMIUM at it"
            if os.environ.get("KVALITET_REQUIRE_BROWSER") == "1":
                pytest.fail(message)
            pytest.skip(message)
        yield started
        started.close()
