"""The list of scanners as clients see it: type masks, names, and the ``device`` string that comes back in a job (rest-api.md 4)."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Sequence

from device_protocol import DeviceInfo
from device_protocol.vocabularies.rest import ANY_TYPE_ORDER, DEFAULT_MASK, DeviceType, RestCode
from reference_server.errors import RestError, bad_parameter
from reference_server.models import Scanner

ALL_TYPES = sum(DeviceType)
MASK = re.compile(r"[0-9]{1,19}|0[xX][0-9a-fA-F]{1,16}")
MAX_MASK = (1 << 63) - 1


def parse_mask(text: str | None) -> int:
    """The mask of a ``type`` query: decimal or ``0x...``; absent, empty or 0 is the default.

    Raises:
        RestError: 400 for what is no number.
    """
    if not text:
        return DEFAULT_MASK
    mask = int(text, 16 if text[:2] in {"0x", "0X"} else 10) if MASK.fullmatch(text) else MAX_MASK + 1
    if mask > MAX_MASK:
        raise bad_parameter(f"type: this is not a number from 0 to {MAX_MASK}, decimal or as 0x.")
    return mask or DEFAULT_MASK


def shown_type(device: DeviceInfo, mask: int) -> int | None:
    """The one type bit as which *device* shows under *mask*; None if it does not show."""
    if not device.rest_type:
        return next((bit for bit in ANY_TYPE_ORDER if bit & mask), None)
    own = next((bit for bit in (*ANY_TYPE_ORDER, *DeviceType) if bit & device.rest_type), None)
    if own is None:
        return None
    also = DeviceType.WIA_TWAIN if own == DeviceType.WIA else 0  # the old name of WIA's bit finds WIA devices too
    return int(own) if mask & (own | also) else None


def listing(devices: Sequence[DeviceInfo], mask: int) -> list[Scanner]:
    """The scanners under *mask*, each device once."""
    return [scanner(device, bit) for device in devices if (bit := shown_type(device, mask)) is not None]


def scanner(device: DeviceInfo, type_bit: int) -> Scanner:
    """One entry; its ``device`` text identifies the device and has the shape that clients know."""
    name = display_name(device)
    text = json.dumps(
        {
            "deviceInfo": {"id": device.id},
            "deviceType": type_bit,
            "name": base64.b64encode(name.encode()).decode(),
        },
        separators=(",", ":"),
    )
    return Scanner(name=name, type=type_bit, device=text)


def display_name(device: DeviceInfo) -> str:
    """Maker and model, the maker only once."""
    if device.maker and not device.model.lower().startswith(device.maker.lower()):
        return f"{device.maker} {device.model}"
    return device.model


def find(devices: Sequence[DeviceInfo], text: str) -> tuple[DeviceInfo, Scanner]:
    """The device that a job's ``device`` means: our own text, an object of that shape, a name, or an id.

    Raises:
        RestError: 400 -1003 when there is no such device now.
    """
    wanted, type_bit = _wanted(text)
    by_id = [device for device in devices if device.id in wanted]
    by_name = [device for device in devices if display_name(device) in wanted]
    for device in (*by_id, *by_name):
        return device, scanner(
            device, type_bit or shown_type(device, DEFAULT_MASK) or shown_type(device, ALL_TYPES) or 0
        )
    raise RestError(400, RestCode.UNKNOWN_DEVICE, "There is no such scanner now; list the scanners again.")


def _wanted(text: str) -> tuple[set[str], int]:
    """The ids and names that *text* may mean, and the type under which the client saw the device (0: unknown)."""
    names = {text.strip()} - {""}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return names, 0
    if isinstance(value, str):
        return names | {value}, 0
    if not isinstance(value, dict):
        return names, 0
    info = value.get("deviceInfo")
    if isinstance(info, dict) and isinstance(info.get("id"), str):
        names = {info["id"]}
    elif isinstance(value.get("device"), str):  # a whole entry of the list
        return _wanted(value["device"])
    elif isinstance(value.get("name"), str):
        names = {value["name"], _decoded(value["name"])}
    kind = value.get("deviceType")
    return names, kind if isinstance(kind, int) and kind in set(DeviceType) else 0


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return text
