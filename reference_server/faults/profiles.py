"""The faults that the service can be told to have, as data; and the settings of one of them, as text and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import ConfigDict, Field, StrictFloat, StrictInt, ValidationError, model_validator

from reference_server.faults.tls_faults import TlsFault
from reference_server.models import Body

MAX_SECONDS = 3600.0
MAX_COUNT = 1_000_000
OLD_VERSION = "20180101"
"""What *wrong-version* calls itself if nothing else is said: a date before there was any such API."""


class FaultName(StrEnum):
    """Names of the profiles."""

    DOWN = "down"
    REFUSE = "refuse"
    LATE_START = "late-start"
    RESET = "reset"
    DROP = "drop"
    BAD_TLS = "bad-tls"
    SLOW = "slow"
    WRONG_VERSION = "wrong-version"
    LICENCE_REFUSED = "licence-refused"
    CONSENT_DENIED = "consent-denied"


@dataclass(frozen=True, slots=True)
class Profile:
    """One of them.

    Attributes:
        does: what a client sees.
        parameters: what can be said about it beside ``duration``; a default in brackets is in the text of each.
        source: the row that it is for.
        counted: whether it strikes at single requests or connections, so that ``count`` can limit it.
    """

    does: str
    source: str
    parameters: tuple[str, ...] = ()
    counted: bool = True


PROFILES: dict[FaultName, Profile] = {
    FaultName.DOWN: Profile(
        "Nothing listens on the API ports, and connections that stood are cut, as if the service were not there.",
        "S-084",
        counted=False,
    ),
    FaultName.REFUSE: Profile(
        "Nothing listens on the API ports, so new connections are refused; those that stood go on.",
        "S-084",
        counted=False,
    ),
    FaultName.LATE_START: Profile(
        "Nothing listens on the API ports until `after` seconds (5) have passed; then the fault is over.",
        "S-086",
        ("after",),
        counted=False,
    ),
    FaultName.RESET: Profile(
        "A connection is reset: right after it was accepted (`at=accept`), or in the middle of an answer (`at=answer`).",
        "S-084",
        ("at",),
    ),
    FaultName.DROP: Profile(
        "`requests` requests (1) are answered; the connection of the next is closed without an answer, and counting starts anew.",
        "S-091",
        ("requests",),
    ),
    FaultName.BAD_TLS: Profile(
        f"TLS of the https port of the API is broken: `tls` says how (expired); one of {', '.join(TlsFault)}.",
        "S-084",
        ("tls",),
        counted=False,
    ),
    FaultName.SLOW: Profile("Each request is taken up `delay` seconds (2) late.", "S-084", ("delay",)),
    FaultName.WRONG_VERSION: Profile(
        f"GET /server/version says `version` ({OLD_VERSION}) and that it is not compatible.", "S-088", ("version",)
    ),
    FaultName.LICENCE_REFUSED: Profile(
        "Requests that need a product key are refused with 403 -2800, whatever key they have.", "S-119"
    ),
    FaultName.CONSENT_DENIED: Profile("A request for a scanner is refused as if a person had said no.", "S-041"),
}


class ResetAt(StrEnum):
    """When *reset* strikes."""

    ACCEPT = "accept"
    ANSWER = "answer"


class FaultSetting(Body):
    """A fault as it is asked for.

    Attributes:
        name: of the profile.
        count: how often it strikes; None: until it is cleared.
        duration: seconds of the service clock after which it is over; None: until it is cleared.
        delay: of *slow*, in seconds.
        after: of *late-start*, in seconds.
        requests: of *drop*.
        at: of *reset*.
        version: of *wrong-version*.
        tls: of *bad-tls*.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: FaultName
    count: StrictInt | None = Field(None, ge=1, le=MAX_COUNT)
    duration: StrictFloat | StrictInt | None = Field(None, gt=0, le=MAX_SECONDS)
    delay: StrictFloat | StrictInt = Field(2, gt=0, le=MAX_SECONDS)
    after: StrictFloat | StrictInt = Field(5, gt=0, le=MAX_SECONDS)
    requests: StrictInt = Field(1, ge=0, le=MAX_COUNT)
    at: ResetAt = ResetAt.ACCEPT
    version: str = Field(OLD_VERSION, min_length=1, max_length=100)
    tls: TlsFault = TlsFault.EXPIRED

    @model_validator(mode="before")
    @classmethod
    def _known_words(cls, values: Any) -> Any:
        for word in sorted(set(values) - set(cls.model_fields)) if isinstance(values, dict) else ():
            raise ValueError(f"no fault takes {word[:60]}; `flatbed serve --fault list` says what each takes")
        return values

    @model_validator(mode="after")
    def _only_its_own(self) -> FaultSetting:
        for word in sorted(self.model_fields_set - {"name", *words(self.name)}):
            raise ValueError(f"{self.name} has no {word}; it takes {', '.join(words(self.name))}")
        return self

    @property
    def lasts(self) -> float | None:
        """Seconds until it is over by itself."""
        return self.after if self.name is FaultName.LATE_START else self.duration

    def shown(self) -> dict[str, Any]:
        """What was said about it, as JSON."""
        return self.model_dump(mode="json", include={"name", *words(self.name)}, exclude_none=True)


def words(name: FaultName) -> tuple[str, ...]:
    """What can be said about a profile."""
    profile = PROFILES[name]
    ends = ("count", "duration") if profile.counted else ("duration",)
    return profile.parameters + (ends if name is not FaultName.LATE_START else ())


def parse_fault(text: str) -> FaultSetting:
    """The fault that ``NAME`` or ``NAME:key=value,key=value`` asks for.

    Raises:
        ValueError: it asks for none; the message says what there is.
    """
    name, _, rest = text.partition(":")
    if name not in set(FaultName):
        raise ValueError(f"fault {name!r}: there are {', '.join(FaultName)}")
    values: dict[str, Any] = {"name": name}
    for part in filter(None, rest.split(",")):
        key, equals, value = part.partition("=")
        if not equals:
            raise ValueError(f"fault {text!r}: {part!r} is not key=value")
        values[key.strip()] = _value(value.strip())
    if isinstance(values.get("version"), int):
        values["version"] = str(values["version"])
    return read_fault(values)


def read_fault(values: object) -> FaultSetting:
    """The fault that *values*, as from JSON, ask for.

    Raises:
        ValueError: they ask for none.
    """
    try:
        return FaultSetting.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        reason = first["msg"].removeprefix("Value error, ")
        raise ValueError(f"fault: {where}: {reason}" if where else f"fault: {reason}") from None


def describe() -> list[str]:
    """The table for people: one line for each profile."""
    lines = []
    for name, profile in PROFILES.items():
        lines.append(f"{name.value:16} {profile.does} [{profile.source}]")
        lines.append(f"{'':16} takes {', '.join(words(name)) or 'nothing'}")
    return lines


def _value(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
