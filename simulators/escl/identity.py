"""Who a scanner says it is: names, serial number, UUID, the same in every run."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from device_protocol.vocabularies.escl import JPEG, PDF
from simulators.spec import DeviceSpec

NAMESPACE = uuid.UUID("6f1d2c5e-3b58-5d0f-9c76-6d3a9f2f1e21")
"""Of our scanners; two devices with different serial numbers have different UUIDs, also of the same model."""

SERVER = "flatbed"
DEFAULT_FORMATS = (JPEG, PDF)
"""Drivers ask for PNG wherever they can have it, and pay for it with time (sane-escl 2); a profile may offer it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """How a scanner introduces itself.

    Attributes:
        name: its id in the lab, and the first part of its paths.
        make_and_model, manufacturer, serial, uuid: as in the capabilities.
        server: the ``Server`` header.
        note: where it stands.
        capacity: sheets that the feeder holds; 0 without one.
        formats: media types, the preferred one first.
    """

    name: str
    make_and_model: str
    manufacturer: str
    serial: str
    uuid: str
    server: str = SERVER
    note: str = ""
    capacity: int = 0
    formats: tuple[str, ...] = DEFAULT_FORMATS


def identity_of(spec: DeviceSpec) -> Identity:
    """The identity of a machine of a lab."""
    profile, words = spec.profile, spec.profile.escl
    return Identity(
        name=spec.id,
        make_and_model=words.make_and_model or f"{profile.maker} {spec.name or profile.model}".strip(),
        manufacturer=words.manufacturer or profile.maker,
        serial=spec.serial,
        uuid=str(uuid.uuid5(NAMESPACE, spec.serial)),
        server=words.server_header or SERVER,
        note=words.note,
        capacity=0 if profile.feeder is None else profile.feeder.capacity,
        formats=words.formats or DEFAULT_FORMATS,
    )
