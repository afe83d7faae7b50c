"""What a report may be told: its settings file and its notebook's parameters, typed and checked by name."""

from __future__ import annotations

import io
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any, Literal

import papermill
from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from kvalitet_lib.errors import ContractError, SettingsError
from kvalitet_lib.municipality import Strict, read_settings

TYPES: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}
Kind = Literal["html", "pdf"]


class ReportSettings(Strict):
    """One file in params/reports/: which notebook, for whom, in what."""

    notebook: str
    each: Literal["school", "municipality"]
    audience: str
    formats: tuple[Kind, ...]
    languages: tuple[Literal["sv", "nb", "en"], ...] = ()

    @classmethod
    def read(cls, folder: Path, name: str) -> ReportSettings:
        """Read ``params/reports/<name>.yml``.

        Raises
        ------
        SettingsError
            There is no such report; says which there are.
        """
        path = folder / "reports" / f"{name}.yml"
        if not path.is_file():
            there = ", ".join(sorted(one.stem for one in path.parent.glob("*.yml")))
            raise SettingsError(f"There is no report {name!r}; there are: {there}.")
        return read_settings(path, cls)


def parameters_of(notebook: Path) -> type[BaseModel]:
    """A model of the notebook's parameters, from the types in its first cell; other names are refused.

    Raises
    ------
    SettingsError
        There is no such notebook.
    ContractError
        The notebook states no parameters, or a parameter without a type such as ``# type: str``.
    """
    if not notebook.is_file():
        raise SettingsError(f"There is no notebook {notebook}. Correct 'notebook' in the report's file in params/reports/.")
    with redirect_stderr(io.StringIO()):
        stated = papermill.inspect_notebook(str(notebook))
    if not stated:
        raise ContractError(f"{notebook.name} has no cell tagged 'parameters'. Tag its first code cell.")
    untyped = [name for name, one in stated.items() if one["inferred_type_name"] not in TYPES]
    if untyped:
        raise ContractError(f"{notebook.name}: parameter {', '.join(untyped)} has no type. Write '# type: str' behind it.")
    fields: dict[str, Any] = {name: (TYPES[one["inferred_type_name"]], ...) for name, one in stated.items()}
    return create_model("Parameters", __config__=ConfigDict(extra="forbid", strict=True), **fields)


def checked(notebook: Path, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters, when every one is the notebook's and none is missing.

    Papermill itself only warns of a name the notebook does not have, and then makes the default school's page.

    Raises
    ------
    ContractError
        Names every parameter that is unknown, missing or of the wrong type, and those the notebook has.
    """
    model = parameters_of(notebook)
    try:
        model.model_validate(parameters)
    except ValidationError as wrong:
        faults = "; ".join(f"{fault['loc'][0]}: {fault['msg'].lower()}" for fault in wrong.errors())
        has = ", ".join(model.model_fields)
        raise ContractError(f"{notebook.name} cannot be run so: {faults}. The notebook has: {has}.") from None
    return parameters
