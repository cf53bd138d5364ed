"""One row of the table of settings."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from reference_server.config import Limits, ServerConfig
from reference_server.settings.kinds import Kind, Location

_LIMITS = "limits."


@dataclass(frozen=True)
class Setting:
    """A key of the configuration.

    Attributes:
        key: section and name, with a dot between them.
        field: of :class:`~reference_server.config.ServerConfig` that it becomes; ``limits.NAME`` one of its limits.
        kind: what values there are.
        effect: one sentence.
        flag: of ``flatbed serve``; empty where there is none.
        policy: whether an administrator's policy file may fix it.
        secret: never shown.
        source: the clause that it comes from.
        scale: how many units of the field one unit of the key is.
    """

    key: str
    field: str
    kind: Kind
    effect: str
    flag: str = ""
    policy: bool = True
    secret: bool = False
    source: str = ""
    scale: int = 1

    @property
    def section(self) -> str:
        """The table of the file in which it stands."""
        return self.key.partition(".")[0]

    @property
    def name(self) -> str:
        """The key within its section."""
        return self.key.partition(".")[2]

    @property
    def variable(self) -> str:
        """The environment variable: ``listen.port`` is ``FLATBED_LISTEN_PORT``."""
        return f"{VARIABLES}{self.key.upper().replace('.', '_')}"

    @property
    def default(self) -> Any:
        """What the typed configuration says, in units of the key."""
        if self.field == "data_dir":
            return default_data_dir()
        owner, name = (Limits, self.limit_name) if self.limit else (ServerConfig, self.field)
        found = next(item for item in fields(owner) if item.name == name)
        value: Any = found.default if found.default_factory is MISSING else found.default_factory()
        return value if self.scale == 1 or value is None else value // self.scale

    @property
    def limit(self) -> bool:
        """Whether it is one of the limits."""
        return self.field.startswith(_LIMITS)

    @property
    def limit_name(self) -> str:
        """Its name among the limits."""
        return self.field.removeprefix(_LIMITS)

    def read(self, value: object, folder: Path) -> Any:
        """The value of *value*, as TOML gave it; relative paths start at *folder*.

        Raises:
            ValueError: it is of the wrong kind.
        """
        try:
            read = self.kind.read(value)
        except ValueError:
            if not self.secret:
                raise
            raise ValueError(f"must be {self.kind.words}, printable, of a sane length") from None
        return self.kind.within(folder, read) if isinstance(self.kind, Location) else read

    def scaled(self, value: Any) -> Any:
        """*value* in units of the field."""
        return value if value is None or self.scale == 1 else value * self.scale


VARIABLES = "FLATBED_"
"""What every environment variable of ours begins with."""


def default_data_dir() -> Path:
    """The user's folder for our data."""
    from platformdirs import user_data_path  # noqa: PLC0415  # only when nobody says where

    return user_data_path("flatbed", appauthor=False)
