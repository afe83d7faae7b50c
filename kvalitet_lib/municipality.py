"""Who we are: the settings in params/municipality.yml, typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from kvalitet_lib.errors import SettingsError

Model = TypeVar("Model", bound=BaseModel)
COUNTRIES = {"se": "SE", "no": "NO"}


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(Strict):
    """Where a threshold comes from."""

    name: str = Field(pattern=r"^[a-z0-9.-]+$", description="short, e.g. skolverket-10")
    source: str = Field(min_length=3)


USUAL = {
    "smallest_posts": Rule(name="posts-3", source="Skolverket from 2024/25: nothing on fewer than three full-time posts"),
    "smallest_deviation_group": Rule(name="acro-10", source="ACRO (AI-SDC), minimum threshold 10 persons behind a statistic"),
    "smallest_median_group": Rule(name="median-30", source="own rule: a median of fewer is close to one person's value"),
    "largest_part": Rule(name="acro-nk-2-90", source="ACRO (AI-SDC), n-k rule: two persons carry at most 90 % of a sum"),
    "fewest_degrees_of_freedom": Rule(name="acro-dof-10", source="ACRO (AI-SDC), at least 10 residual degrees of freedom"),
    "heads_who_pool": Rule(name="heads-2", source="own rule: two heads may talk with each other"),
}


class Audience(Strict):
    """What one audience may see."""

    smallest_group: int = Field(ge=3, description="fewer persons than this: nothing is shown")
    smallest_survey_group: int = Field(ge=5, description="the same for survey answers")
    smallest_posts: int = Field(3, ge=1, description="fewer full-time posts than this: nothing about staff is shown")
    smallest_count: int = Field(
        ge=4,
        description="fewer than this with, or without, what is counted: ~100 or ~0 is shown; below 4 the number could be guessed",
    )
    smallest_deviation_group: int = Field(
        10, ge=3, description="fewer persons than this: no interval of a mean, which tells the spread"
    )
    smallest_median_group: int = Field(30, ge=5, description="fewer persons than this: no median")
    largest_part: float = Field(0.9, gt=0.5, le=1, description="a sum that two persons carry more of than this is not shown")
    fewest_degrees_of_freedom: int = Field(10, ge=1, description="fewer behind a coefficient: nothing made with it is shown")
    heads_who_pool: int = Field(2, ge=0, le=2, description="heads who may put together what each knows of the own school")
    also_reads: tuple[str, ...] = Field((), description="audiences whose releases this one reads, too")
    rules: dict[str, Rule] = Field({}, description="name and source of a threshold, where it is not the audience's own")
    free_text: bool = Field(False, description="answers in people's own words are shown, those that a person has marked fit")
    source: str = Field(description="the whole of it in a sentence, for the foot of every page")

    @property
    def thresholds(self) -> dict[str, float]:
        """Every number a figure is held against."""
        return {name: getattr(self, name) for name, field in type(self).model_fields.items() if field.annotation in (int, float)}

    @model_validator(mode="after")
    def _every_threshold_is_named(self) -> Audience:
        usual = {name: rule for name, rule in USUAL.items() if name not in self.model_fields_set}
        own = {name: Rule(name=f"own-{value:g}", source=self.source) for name, value in self.thresholds.items()}
        named = own | usual | dict(self.rules)
        if strange := [name for name in self.rules if name not in self.thresholds]:
            raise ValueError(f"there is no threshold {', '.join(strange)}; there are: {', '.join(self.thresholds)}")
        object.__setattr__(self, "rules", named)
        return self


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
    keep_school_years: int | None = Field(
        None,
        ge=1,
        description="how many school years rows about pupils are kept, this one included; all when not said",
    )
    made_up: bool = Field(False, description="the data are an invented municipality's; every page says so")

    @field_validator("code", mode="before")
    @classmethod
    def _quoted(cls, code: Any) -> Any:
        if not isinstance(code, str):
            raise ValueError('write the code in quotes, as "0114": without them YAML drops the leading zero')
        return code

    @model_validator(mode="after")
    def _readers_are_audiences(self) -> Municipality:
        for name, audience in self.audiences.items():
            if strange := set(audience.also_reads) - set(self.audiences):
                raise ValueError(f"audience {name!r} also reads {', '.join(sorted(strange))}, which is no audience here")
        return self

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
