"""What tests of pages and charts may ask for."""

from __future__ import annotations

import pytest

from kvalitet_lib.present.blocks import Blocks
from tests.browser import browser as browser
from tests.present.sample_page import sample


@pytest.fixture(scope="session")
def every_block() -> Blocks:
    """A realistic page that uses every kind of block."""
    return sample()
