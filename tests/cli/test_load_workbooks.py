"""A folder of workbooks that must be refused, and one that is right: the one is stored, of the others nothing is."""

from __future__ import annotations

import json

from kvalitet_lib.store import Store
from tests.sources.books import Leaf, table, xlsx
from tests.sources.door import SE_GRADES
from tests.sources.refusal_parts import CANARY
from tests.sources.refusals_of_cells import CELLS
from tests.sources.refusals_of_files import FILES
from tests.sources.refusals_of_workbooks import TOO_LARGE, UNSAFE


def test_of_refused_workbooks_nothing_is_stored_or_left_anywhere_and_the_one_beside_them_is(kvalitet, home, tmp_path):
    refused = [*FILES, *UNSAFE, *TOO_LARGE, *CELLS]
    for number, case in enumerate(refused):
        folder = tmp_path / "in" / f"{number:03d}"
        folder.mkdir(parents=True)
        (folder / case.name).write_bytes(case.make())
    (tmp_path / "in" / "right.xlsx").write_bytes(xlsx(Leaf(table(SE_GRADES))))
    said = kvalitet("load", tmp_path / "in", "--home", home, "--json")
    told = json.loads(said.out)
    assert said.code == 5 and len(told) == len(refused) + 1
    assert [one["outcome"] for one in told if one["file"] != "right.xlsx"] == ["refused"] * len(refused)
    assert {table: len(rows) for table, rows in Store(home / "private").items()} == {"grades": 4}
    assert CANARY not in said.out + said.err
    written = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    assert not [content for content in written if CANARY.encode() in content or CANARY.encode("utf-16-le") in content]
