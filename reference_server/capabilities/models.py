"""Answers about the device of a pending job (rest-api.md 5.3)."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class SettingsAnswer(BaseModel):
    """Answer of GET settings: an opaque text in base64, which a job takes as its ``settings``."""

    settings: str


class Labelled(BaseModel):
    """A number and TWAIN's name of it."""

    value: int | float
    label: str


class FrameDetails(BaseModel):
    """A TW_FRAME, in the ICAP_UNITS of the job."""

    left: float
    top: float
    right: float
    bottom: float


CapabilityValue = Labelled | FrameDetails | float | str


class CapabilityDetails(BaseModel):
    """One entry of GET capabilities (rest-api.md 5.3); which fields are there depends on the container."""

    model_config = ConfigDict(extra="forbid")

    capability: Labelled
    conType: Labelled  # noqa: N815
    valueType: Labelled  # noqa: N815
    curValue: CapabilityValue | None = None  # noqa: N815
    defaultValue: CapabilityValue | None = None  # noqa: N815
    defValue: CapabilityValue | None = None  # noqa: N815  # D-11
    curIndex: int | None = None  # noqa: N815
    defIndex: int | None = None  # noqa: N815
    enums: list[CapabilityValue] | None = None
    values: list[CapabilityValue] | None = None
    minValue: float | None = None  # noqa: N815
    maxValue: float | None = None  # noqa: N815
    stepSize: float | None = None  # noqa: N815
    query: list[Literal["get", "set", "reset", "getdefault", "getcurrent"]]
