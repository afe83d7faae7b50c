"""Where a browser is that can be driven without a screen."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path


def chromium() -> str | None:
    """The browser named by ``$KVALITET_CHROMIUM``, else one on the path, else Playwright's own; None without any."""
    named = os.environ.get("KVALITET_CHROMIUM")
    if named:
        return named
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        found = shutil.which(name)
        if found:
            return found
    own = sorted(Path.home().glob(".cache/ms-playwright/chromium*/chrome-linux*/*chrom*"))
    return next((str(path) for path in own if os.access(path, os.X_OK) and path.is_file()), None)


if __name__ == "__main__":
    sys.exit(chromium() is None)
