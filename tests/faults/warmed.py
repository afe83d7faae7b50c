"""Everything a command needs is imported and used once, so that a child forked from here starts at once."""

from __future__ import annotations

import pandas as pd
import pikepdf  # noqa: F401
import rich.status  # noqa: F401
import time_machine  # noqa: F401

import kvalitet_lib.cli.app  # noqa: F401
from kvalitet_lib.contracts import CONTRACTS
from kvalitet_lib.execution.run import run  # noqa: F401
from kvalitet_lib.execution.warm import warm
from kvalitet_lib.sources import all_sources
from kvalitet_lib.sources.validation import broken_rules
from tests.faults import child, killing  # noqa: F401

all_sources()
for contract in CONTRACTS.values():
    broken_rules(contract, pd.DataFrame())
warm()
