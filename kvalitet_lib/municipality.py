"""Who we are: the settings in params/municipality.yml, typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from kvalitet_lib.errors import SettingsError

Model = TypeVar("Model", bound=BaseModel)
COUNTRIES = {"se": "SE", "no": "NO"}


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Audience(Strict):
    """What one audience may see."""

    smallest_group: int = Field(ge=3, description="fewer persons than this: nothing is shown")
    smallest_survey_group: int = Field(ge=5, description="the same for survey answers")
    smallest_posts: int = Field(3, ge=1, description="fewer full-time posts than this: nothing about staff is shown")
    smallest_count: int = Field(ge=1, description="fewer than this with, or without, what is counted: a share is not shown")
    source: str = Field(description="where the rule comes from")


class ReferenceGroup(Strict):
    """Municipalities or schools that one compares with."""

    title: str
    members: tuple[str, ...]


class Municipality(Strict):
    """The municipality whose schools are followed."""

    country: Literal["se", "no"]
    code: str = Field(pattern=r"^\d{4}$")
    name: str
    languages: tuple[Literal["sv", "nb", "en"], ...]
    audiences: dict[str, Audience]
    trust: tuple[str, ...] = Field(description="sources in order of trust: the first that states a figure is the one shown")
    comparable: str = Field(
        "", description="id of the group of comparable municipalities, in reference_groups or in groups below"
    )
    groups: dict[str, ReferenceGroup] = {}
    schools: Literal["own", "all"] = Field("own", description="all: every school of the register, for a region or a country")
    confidence: float = Field(0.95, gt=0.5, lt=1)
    false_discovery_rate: float = Field(0.05, gt=0, lt=0.5)
    made_up: bool = Field(False, description="the data are an invented municipality's; every page says so")

    @field_validator("code", mode="before")
    @classmethod
    def _quoted(cls, code: Any) -> Any:
        if not isinstance(code, str):
            raise ValueError('write the code in quotes, as "0114": without them YAML drops the leading zero')
        return code

    @property
    def nation(self) -> str:
        return COUNTRIES[self.country]

    @classmethod
    def read(cls, path: Path) -> Municipality:
        """Read and check the settings.

        Raises
        ------
        SettingsError
            Names the file, every wrong setting and what it may be.
        """
        return read_settings(path, cls)


def read_settings(path: Path, model: type[Model]) -> Model:
    """Read one YAML file into a typed model, or say everything that is wrong with it."""
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"There is no {path}. Make one from the example:  kvalitet demo") from None
    except (yaml.YAMLError, UnicodeDecodeError) as broken:
        mark = getattr(broken, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise SettingsError(f"{path}{where} cannot be read as YAML in UTF-8. Correct that line and try again.") from None
    try:
        return model.model_validate(said)
    except ValidationError as wrong:
        faults = "\n".join(
            f"  {'.'.join(str(part) for part in fault['loc']) or '(whole file)'}: {fault['msg']}" for fault in wrong.errors()
        )
        raise SettingsError(f"{path} has settings we cannot use:\n{faults}") from None
