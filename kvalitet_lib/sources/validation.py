"""Hold typed rows against the contract of their table, and say every fault in words, never in values.

pandera does the checking. Its own messages quote cells, so they stop here: a failure becomes a
:class:`~kvalitet_lib.errors.Fault` with the rule the contract states and the lines of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd
from pandera.errors import SchemaErrors

from kvalitet_lib.contracts import CONTRACTS, Contract
from kvalitet_lib.errors import Fault
from kvalitet_lib.sources.refusal import refuse
from kvalitet_lib.sources.source import Filled

DTYPES = {"string": "str", "float64": "float64", "int64": "Int64", "boolean": "boolean"}


def validated(file_name: str, parts: Iterable[Filled], headers: Mapping[str, str] | None = None) -> list[Filled]:
    """The same parts without exact repetitions, if all of them keep their contracts.

    Parameters
    ----------
    file_name : str
    parts : iterable of Filled
        Rows in the columns and types of their table; columns a source has nothing to say about may be left out.
    headers : mapping, optional
        Our column name → the delivery's own, for the faults.

    Raises
    ------
    DeliveryError
        With every fault in every part.
    """
    parts = [without_repetitions(completed(part)) for part in parts]
    faults = [fault for part in parts for fault in hold(CONTRACTS[part.table], part.rows, part.lines, headers)]
    refuse(file_name, *faults, table=parts[0].table if parts else "")
    return parts


def completed(part: Filled) -> Filled:
    """The part with every column of its contract, in order; columns it lacks are empty and typed."""
    schema = CONTRACTS[part.table].to_schema()
    rows = part.rows.copy()
    for name, column in schema.columns.items():
        if name not in rows:
            rows[name] = pd.Series(None, index=rows.index, dtype=dtype_of(column))
    extra = [name for name in rows.columns if name not in schema.columns]
    return Filled(part.table, rows[[*schema.columns, *extra]], part.lines, part.notes)


def dtype_of(column: object) -> str:
    """The pandas dtype in which a column of a contract is kept."""
    said = str(column.dtype).lower()  # type: ignore[attr-defined]
    return next(dtype for name, dtype in DTYPES.items() if said.startswith(name))


def without_repetitions(part: Filled) -> Filled:
    """Rows that repeat an earlier row in every column are left out, and noted."""
    again = part.rows.duplicated()
    if not again.any():
        return part
    note = f"{int(again.sum())} rows repeat an earlier row exactly and were read once"
    return Filled(part.table, part.rows[~again], part.lines[~again], (*part.notes, note))


def hold(contract: type[Contract], rows: pd.DataFrame, lines: pd.Series, headers: Mapping[str, str] | None = None) -> list[Fault]:
    """Everything in which the rows break the contract; an empty list when they keep it.

    Parameters
    ----------
    contract : Contract
    rows : DataFrame
    lines : Series of int
        The line each row came from, with the index of ``rows``.
    headers : mapping, optional
        Our column name → the delivery's own, for the faults.

    Returns
    -------
    list of Fault
        One for each column and rule, with all its lines.
    """
    named = dict(headers or {})
    ours = rows.reset_index(drop=True)
    lines_by_position = lines.loc[rows.index].to_numpy() if len(rows) else lines.to_numpy()
    repeated = tuple(str(name) for name in ours.columns[ours.columns.duplicated()].unique())
    if repeated:
        return [Fault(named.get(name, name), "the column is there twice", "DUPLICATE_COLUMN") for name in repeated]
    broken = broken_rules(contract, ours) | conflicting_keys(contract, ours, named)
    return [
        Fault(named.get(column, column), rule, code, tuple(sorted({int(lines_by_position[row]) for row in positions})))
        for (column, rule, code), positions in broken.items()
    ]


Broken = dict[tuple[str, str, str], list[int]]


def broken_rules(contract: type[Contract], rows: pd.DataFrame) -> Broken:
    """(column, rule in words, code) → positions of the rows that break it; no positions when the column as a whole does."""
    schema = contract.to_schema()
    try:
        schema.validate(rows, lazy=True)
    except SchemaErrors as failed:
        cases = failed.failure_cases[["schema_context", "column", "check", "failure_case", "index"]]
    else:
        return {}
    broken: Broken = {}
    for context, column, check, case, position in cases.itertuples(index=False, name=None):
        said = _said(schema, context, column, str(check), case)
        positions = broken.setdefault(said, [])
        if pd.notna(position):
            positions.append(int(position))
    return broken


def _said(schema: object, context: str, column: str, check: str, case: object) -> tuple[str, str, str]:
    columns = schema.columns  # type: ignore[attr-defined]
    if check == "column_in_dataframe":
        return str(case), "the column is missing", "MISSING_COLUMN"
    if check == "column_in_schema":
        return str(case), "not a column of this table", "UNKNOWN_COLUMN"
    if context == "DataFrameSchema":
        named, _, rule = check.partition(": ")
        return named, rule, "INVALID_VALUE"
    if check == "not_nullable":
        return column, "empty", "MISSING_VALUE"
    if check.startswith("dtype("):
        return column, "not read as the kind of value this column holds", "WRONG_TYPE"
    return column, columns[column].metadata["rule"], "INVALID_VALUE"


def conflicting_keys(contract: type[Contract], rows: pd.DataFrame, headers: Mapping[str, str]) -> Broken:
    """Rows that agree in the table's key but not in the rest: which of them is right, only the sender knows."""
    key = [name for name in contract.key() if name in rows]
    if len(key) < len(contract.key()):
        return {}
    conflicting = rows.duplicated(key, keep=False)
    if not conflicting.any():
        return {}
    rule = f"rows that differ have the same {', '.join(headers.get(name, name) for name in key)}"
    return {(headers.get(key[0], key[0]), rule, "CONFLICTING_DUPLICATE"): list(rows.index[conflicting])}
