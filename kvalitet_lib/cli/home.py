"""Where things lie: the private store, the releases, the settings and the notebooks."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import kvalitet_lib
from kvalitet_lib.errors import SettingsError
from kvalitet_lib.municipality import Municipality

PROJECT = Path(kvalitet_lib.__file__).parent.parent


@dataclass(frozen=True)
class Home:
    """The folder of one municipality's data. ``private`` is for its owner alone; ``released`` may be read by others."""

    folder: Path

    @classmethod
    def find(cls, named: Path | None) -> Home:
        """The folder named, else ``KVALITET_HOME``, else ``home`` here."""
        return cls((named or Path(os.environ.get("KVALITET_HOME", "home"))).resolve())

    @property
    def private(self) -> Path:
        return self.folder / "private"

    @property
    def key(self) -> Path:
        """The key of the pseudonyms: outside the store, so that neither alone tells who a pupil is."""
        return Path(os.environ.get("KVALITET_KEY", self.folder / "key" / "pseudonyms.key"))

    @property
    def released(self) -> Path:
        return self.folder / "released"

    @property
    def settings(self) -> Path:
        """The home's own ``municipality.yml``, else the one in ``params``."""
        return self._own_or_params("municipality.yml")

    @property
    def measures(self) -> Path:
        """The home's own ``measures.yml``, else the one in ``params``."""
        return self._own_or_params("measures.yml")

    @property
    def causal_graph(self) -> Path:
        """The home's own ``causal_graph.yml``, else the one in ``params``."""
        return self._own_or_params("causal_graph.yml")

    def _own_or_params(self, name: str) -> Path:
        own = self.folder / name
        return own if own.exists() else params() / name

    def municipality(self) -> Municipality:
        return Municipality.read(self.settings)


def params() -> Path:
    """The folder of settings: ``params`` here, else the project's own."""
    return _nearest("params")


def notebooks() -> Path:
    return _nearest("notebooks")


def _nearest(name: str) -> Path:
    for place in (Path.cwd() / name, PROJECT / name):
        if place.is_dir():
            return place
    raise SettingsError(f"There is no folder '{name}' here. Run kvalitet in the project's own folder.")
