"""What we ask the agencies: Skolverket's Planned Educations, Kolada and PxWeb tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

from kvalitet_lib.sources.agency_client import AgencyClient, AgencyError, Manners

SKOLVERKET = "https://api.skolverket.se/planned-educations"
SKOLVERKET_ACCEPT = "application/vnd.skolverket.plannededucations.api.v4.hal+json"
KOLADA = "https://api.kolada.se/v3"
SSB = "https://data.ssb.no/api/pxwebapi/v2"
LARGEST_PAGE = 100  # Planned Educations v4, OpenAPI description
IDS_PER_SEGMENT = 25  # Kolada v3
PXWEB_CALLS, PXWEB_SECONDS = 10, 10.0  # Skolverket's PxWeb; SSB and SCB allow at least as many


class PlannedEducations:
    """Skolverket's Planned Educations v4: school units and their statistics.

    Parameters
    ----------
    base_url : str
        Usually ``SKOLVERKET``.
    cache : Path
        Folder for the answers; load it like any delivery.
    pause : float
        Seconds between two calls. The agency states no limit; half a second is our own choice.
    manners, max_age, refresh
        See :class:`AgencyClient`; ``manners`` goes before ``pause``.
    """

    def __init__(
        self,
        base_url: str,
        cache: Path,
        pause: float = 0.5,
        *,
        manners: Manners | None = None,
        max_age: timedelta | None = None,
        refresh: bool = False,
    ) -> None:
        self.client = AgencyClient(
            base_url,
            cache,
            accept=SKOLVERKET_ACCEPT,
            manners=manners or Manners(calls=1, per_seconds=pause),
            max_age=max_age,
            refresh=refresh,
        )

    def school_units(self, municipality_code: str, year_group: int | None = 9, school_type: str = "gr") -> list[dict[str, Any]]:
        """The school units in a municipality that have a year group, all pages together."""
        _four_digits(municipality_code)
        asked = {"geographicalAreaCode": municipality_code, "typeOfSchooling": school_type, "page": 0, "size": LARGEST_PAGE}
        if year_group is not None:
            asked["schoolYears"] = year_group
        pages = self.client.pages("/v4/school-units", asked)
        return [unit for page in pages for unit in _inside(page, "_embedded", "listedSchoolUnits")]

    def statistics(self, code: str, school_type: str = "gr") -> Any:
        """One school unit's published figures; raises AgencyError with status 404 when it has none."""
        return self.client.get(f"/v4/school-units/{_unit(code)}/statistics/{school_type}")

    def national_values(self, school_type: str = "gr") -> Any:
        """The nation's published figures for one type of school."""
        return self.client.get(f"/v4/statistics/national-values/{school_type}")

    def salsa(self, code: str | None = None) -> Any:
        """SALSA: actual, modelled and residual results of one school unit, or of all."""
        return self.client.get("/v4/statistics/all-schools/salsa" + (f"/{_unit(code)}" if code else ""))

    def surveys(self, code: str, respondents: str = "pupilsgr") -> Any:
        """One school unit's Skolenkäten: ``pupilsgr``, ``pupilsgy``, ``custodiansgr``, ``custodiansfsk``, ``custodiansgran``."""
        return self.client.get(f"/v4/school-units/{_unit(code)}/surveys/{respondents}")


class Kolada:
    """Kolada v3: key figures of municipalities and units; ``base_url`` is usually ``KOLADA``.

    ``pause`` is our own choice; Kolada answers 429 when asked too often.
    """

    def __init__(
        self,
        base_url: str,
        cache: Path,
        pause: float = 0.5,
        *,
        manners: Manners | None = None,
        max_age: timedelta | None = None,
        refresh: bool = False,
    ) -> None:
        manners = manners or Manners(calls=1, per_seconds=pause)
        self.client = AgencyClient(base_url, cache, manners=manners, max_age=max_age, refresh=refresh)

    def data(self, kpis: Sequence[str], municipalities: Sequence[str], years: Sequence[int]) -> list[dict[str, Any]]:
        """Figures of municipalities (``0000`` is the nation, ``G…`` a group), asked for 25 ids at a time."""
        return list(self._figures("data", "municipality", kpis, municipalities, years))

    def unit_data(self, kpis: Sequence[str], units: Sequence[str], years: Sequence[int]) -> list[dict[str, Any]]:
        """Figures of units such as ``V15E144001301``, asked for 25 ids at a time."""
        return list(self._figures("oudata", "ou", kpis, units, years))

    def municipality_groups(self) -> list[dict[str, Any]]:
        """Every group of municipalities with its members."""
        return [group for page in self.client.pages("/municipality_groups") for group in _inside(page, "values")]

    def _figures(
        self, kind: str, place: str, kpis: Sequence[str], places: Sequence[str], years: Sequence[int]
    ) -> Iterator[dict[str, Any]]:
        for some_kpis, some_places, some_years in product(_chunks(kpis), _chunks(places), _chunks([str(year) for year in years])):
            path = f"/{kind}/kpi/{','.join(some_kpis)}/{place}/{','.join(some_places)}/year/{','.join(some_years)}"
            for page in self.client.pages(path):
                yield from _inside(page, "values")


class PxWeb:
    """Tables behind PxWebApi 2 (SSB, SCB), answered as JSON-stat2; ``base_url`` is for instance ``SSB``.

    At most ten calls are made in ten seconds, which is what Skolverket's PxWeb allows.
    """

    def __init__(
        self,
        base_url: str,
        cache: Path,
        *,
        manners: Manners | None = None,
        max_age: timedelta | None = None,
        refresh: bool = False,
    ) -> None:
        manners = manners or Manners(calls=PXWEB_CALLS, per_seconds=PXWEB_SECONDS)
        self.client = AgencyClient(base_url, cache, manners=manners, max_age=max_age, refresh=refresh)

    def table(self, table: str, selection: Mapping[str, Sequence[str]], language: str = "no") -> Any:
        """One table: the codes wanted of each variable, e.g. ``{"Tid": ["2023", "2024"]}``; ``["*"]`` is all."""
        chosen = {f"valueCodes[{variable}]": ",".join(codes) for variable, codes in selection.items()}
        return self.client.get(f"/tables/{table}/data", {"lang": language, "outputFormat": "json-stat2", **chosen})


def _chunks(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + IDS_PER_SEGMENT] for start in range(0, len(ids), IDS_PER_SEGMENT)]


def _inside(answer: Any, *path: str) -> list[dict[str, Any]]:
    """A list somewhere inside an answer; empty when the agency left it out, as it does for no rows."""
    here = answer.get("body", answer) if isinstance(answer, Mapping) else {}
    for part in path:
        here = (here or {}).get(part) if isinstance(here, Mapping) else None
    return here if isinstance(here, list) else []


def _unit(code: str) -> str:
    if not re.fullmatch(r"\d{8}", code):
        raise AgencyError("A school unit code has eight digits. Write it as text, so that leading zeros stay.")
    return code


def _four_digits(code: str) -> None:
    if not re.fullmatch(r"\d{4}", code):
        raise AgencyError('A municipality code has four digits. Write it as text, as "0114", so that leading zeros stay.')
