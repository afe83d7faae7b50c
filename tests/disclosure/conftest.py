"""What tests of releases may ask for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.disclosure.seeded import let_out_first
from tests.made_up_homes import made_once


@pytest.fixture(scope="session")
def first_releases(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """Folder of a made-up municipality's first release for each audience, by its seed. Shared: nobody changes it."""
    return lambda seed: made_once(tmp_path_factory, f"first_releases_{seed}", partial(let_out_first, seed))
