"""Whoever could slip a question into the store could read no file, write none, fetch nothing and open no other store."""

from __future__ import annotations

import duckdb
import pandas as pd
import pytest

from kvalitet_lib.store import _connect, _connect_to_read

FIGURES = {"ways out of the store": 12}
WAYS_OUT = [
    "SELECT * FROM read_csv('{file}')",
    "SELECT * FROM read_text('{file}')",
    "SELECT * FROM '{file}'",
    "SELECT * FROM glob('{folder}/*')",
    "COPY (SELECT 1) TO '{folder}/out.csv'",
    "EXPORT DATABASE '{folder}/out'",
    "ATTACH '{folder}/other.duckdb'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "SELECT * FROM a_frame_in_python",
]


@pytest.mark.parametrize("connect", [_connect, _connect_to_read], ids=["writing", "reading"])
@pytest.mark.parametrize("question", WAYS_OUT)
def test_no_question_leads_out_of_the_store(tmp_path, question, connect):
    a_frame_in_python = pd.DataFrame({"secret": [1]})
    file = tmp_path / "secret.csv"
    file.write_text("a\n1\n", encoding="utf-8")
    duckdb.connect(str(tmp_path / "store.duckdb")).close()
    with connect(tmp_path / "store.duckdb") as connection, pytest.raises(duckdb.Error):
        connection.execute(question.format(file=file, folder=tmp_path)).fetchall()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret.csv", "store.duckdb"]
    assert len(a_frame_in_python) == 1
    assert len(WAYS_OUT) == FIGURES["ways out of the store"]
