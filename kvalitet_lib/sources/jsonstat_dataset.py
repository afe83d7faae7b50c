"""JSON-stat 2 datasets, as PxWeb answers them (SSB, SCB, Skolverket), become tidy frames.

References
----------
JSON-stat 2.0, json-stat.org/full: ``value`` is a flat array in row-major order of ``id`` and ``size``, or an object by
position; ``status`` is an array, an object by position, or one text for every cell; ``category.index`` is an array of
codes or an object of positions, and may be absent where there is one category.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from kvalitet_lib.errors import Fault
from kvalitet_lib.sources.refusal import refuse

Dataset = Mapping[str, Any]
ASK_AGAIN = "Ask for the table again in the format json-stat2."


def is_dataset(document: Any) -> bool:
    return isinstance(document, Mapping) and document.get("class") == "dataset" and "dimension" in document


def tidy(dataset: Dataset, file_name: str = "the dataset") -> pd.DataFrame:
    """One row per cell, in the order of the array.

    Parameters
    ----------
    dataset : mapping
        A JSON-stat 2 response of class ``dataset``.
    file_name : str
        What to call it when it is refused.

    Returns
    -------
    DataFrame
        One column of codes per dimension, named by the dimension's id; ``value`` (float, empty where there is none)
        and ``status`` (the agency's symbol, empty where there is none).

    Raises
    ------
    DeliveryError
        The parts do not fit together: a dimension is not described, or there are not as many values as the sizes say.
    """
    refuse(file_name, *shape_faults(dataset))
    codes = [list(categories(dataset, dimension)) for dimension in dataset["id"]]
    size = math.prod(len(some) for some in codes)
    frame = pd.MultiIndex.from_product(codes, names=list(dataset["id"])).to_frame(index=False).astype("str")
    values = _by_position(dataset["value"], size)
    numbers = [value if isinstance(value, int | float) and not isinstance(value, bool) else np.nan for value in values]
    symbols = ["" if symbol is None else str(symbol) for symbol in _by_position(dataset.get("status"), size)]
    return frame.assign(value=pd.Series(numbers, dtype="float64"), status=pd.Series(symbols, dtype="str"))


def categories(dataset: Dataset, dimension: str) -> dict[str, str]:
    """Code → label of one dimension, in the order of its positions."""
    category = dataset["dimension"][dimension].get("category", {})
    labels = category.get("label") or {}
    index = category.get("index", list(labels))
    codes = sorted(index, key=index.__getitem__) if isinstance(index, Mapping) else index
    return {str(code): str(labels.get(code, code)) for code in codes}


def role(dataset: Dataset, name: str) -> str | None:
    """The dimension that plays a role: ``time``, ``geo`` or ``metric``; None when the dataset does not say."""
    playing = (dataset.get("role") or {}).get(name) or []
    return str(playing[0]) if playing else None


def shape_faults(dataset: Dataset) -> list[Fault]:
    """Everything in which the parts of a dataset do not fit together."""
    ids, sizes, described = dataset.get("id"), dataset.get("size"), dataset.get("dimension")
    if not (isinstance(ids, list) and isinstance(sizes, list) and isinstance(described, Mapping) and len(ids) == len(sizes)):
        return [Fault("id", "does not go with size and dimension", "BROKEN_DATASET", advice=ASK_AGAIN)]
    faults = [
        Fault(str(name), "the dimension is not described", "BROKEN_DATASET", advice=ASK_AGAIN)
        for name in ids
        if name not in described
    ]
    if faults:
        return faults
    for name, size in zip(ids, sizes, strict=True):
        if len(categories(dataset, name)) != size:
            faults.append(Fault(str(name), f"not {size} categories, as its size says", "BROKEN_DATASET", advice=ASK_AGAIN))
    cells = math.prod(sizes)
    for part in ("value", "status"):
        given = dataset.get(part)
        if isinstance(given, list) and len(given) != cells:
            faults.append(Fault(part, f"not {cells} cells, as the sizes say", "BROKEN_DATASET", advice=ASK_AGAIN))
        if isinstance(given, Mapping) and not all(str(place).isdigit() and int(place) < cells for place in given):
            faults.append(Fault(part, f"a position outside the {cells} cells", "BROKEN_DATASET", advice=ASK_AGAIN))
    if "value" not in dataset:
        faults.append(Fault("value", "there are no values, only their description", "BROKEN_DATASET", advice=ASK_AGAIN))
    return faults


def _by_position(given: Any, size: int) -> list[Any]:
    """An array, an object by position or one text for all, as an array."""
    if isinstance(given, Mapping):
        placed = {int(place): value for place, value in given.items()}
        return [placed.get(place) for place in range(size)]
    return list(given) if isinstance(given, list) else [given] * size
