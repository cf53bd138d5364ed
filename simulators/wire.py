"""Messages between machine and session as plain data and back, for the socket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from device_protocol import ByteOrder, Code, Colour, DeviceError, FeederState
from device_protocol.plain import PlainError, error_from_plain, error_to_plain, from_plain, to_plain
from simulators.cameras.shot import shot_from_plain, shot_to_plain
from simulators.imaging import Look
from simulators.messages import (
    Changed,
    Interrupted,
    Lease,
    Lost,
    Notice,
    Plan,
    Pressed,
    Request,
    Stop,
    View,
)
from simulators.stacks import sheet_from_plain, sheet_to_plain

WIRE_VERSION = 2
"""Both ends come from the same installation, as a rule; a lab of another version is refused at the first call."""


def lease_to_plain(lease: Lease) -> dict[str, Any]:
    """*lease* as plain data."""
    return {
        "profile": to_plain(lease.profile),
        "serial": lease.serial,
        "view": _view_to_plain(lease.view),
        "values": to_plain(lease.values),
        "pressed": list(lease.pressed),
    }


def lease_from_plain(data: Mapping[str, Any]) -> Lease:
    """The lease in *data*."""
    return Lease(
        profile=from_plain(data["profile"]),
        serial=data["serial"],
        view=_view_from_plain(data["view"]),
        values=from_plain(data["values"]),
        pressed=tuple(data["pressed"]),
    )


def request_to_plain(request: Request) -> dict[str, Any]:
    """*request* as plain data."""
    return {
        "source": request.source,
        "pages": request.pages,
        "dpi": request.dpi,
        "on_multifeed": request.on_multifeed,
        "discard_blank": request.discard_blank,
        "passes": request.passes,
        "look": None if request.look is None else _look_to_plain(request.look),
        "rate": request.rate,
    }


def request_from_plain(data: Mapping[str, Any]) -> Request:
    """The request in *data*."""
    look = data.get("look")
    return Request(**{**data, "look": None if look is None else _look_from_plain(look)})


def plan_to_plain(plan: Plan | None) -> dict[str, Any] | None:
    """*plan* as plain data."""
    if plan is None:
        return None
    return {
        "number": plan.number,
        "sheet_number": plan.sheet_number,
        "back": plan.back,
        "sheet": sheet_to_plain(plan.sheet),
        "duration": plan.duration,
        "stops": [stop_to_plain(stop) for stop in plan.stops],
        "multifeed": plan.multifeed,
        "wrong_from": plan.wrong_from,
        "half": plan.half,
        "shot": shot_to_plain(plan.shot),
    }


def plan_from_plain(data: Mapping[str, Any] | None) -> Plan | None:
    """The plan in *data*."""
    if data is None:
        return None
    stops = tuple(stop_from_plain(stop) for stop in data["stops"])
    given = {"sheet": sheet_from_plain(data["sheet"]), "stops": stops, "shot": shot_from_plain(data["shot"])}
    return Plan(**{**data, **given})


def stop_to_plain(stop: Stop) -> list[float]:
    """*stop* as plain data."""
    return [stop.share, stop.byte]


def stop_from_plain(data: Sequence[float]) -> Stop:
    """The stop in *data*."""
    return Stop(float(data[0]), int(data[1]))


def notice_to_plain(notice: Notice) -> dict[str, Any]:
    """*notice* as plain data."""
    match notice:
        case Changed(view):
            return {"changed": _view_to_plain(view)}
        case Pressed(button):
            return {"pressed": button}
        case Interrupted(error):
            return {"interrupted": error_to_plain(error)}
        case Lost():
            return {"lost": True}


def notice_from_plain(data: Mapping[str, Any]) -> Notice:
    """The notice in *data*.

    Raises:
        PlainError: it is none.
    """
    match data:
        case {"changed": view}:
            return Changed(_view_from_plain(view))
        case {"pressed": str(button)}:
            return Pressed(button)
        case {"interrupted": error}:
            return Interrupted(error_from_plain(error))
        case {"lost": True}:
            return Lost()
    raise PlainError("not a notice")


def lab_lost(why: str) -> DeviceError:
    """The error of every call once the lab cannot be reached."""
    return DeviceError(Code.DEVICE_LOST, f"The lab of the virtual devices is gone: {why}.")


def _look_to_plain(look: Look) -> dict[str, Any]:
    return {**asdict(look), "colour": look.colour.value, "byte_order": look.byte_order.value, "area": list(look.area)}


def _look_from_plain(data: Mapping[str, Any]) -> Look:
    given = {"colour": Colour(data["colour"]), "byte_order": ByteOrder(data["byte_order"]), "area": tuple(data["area"])}
    return Look(**{**data, **given})


def _view_to_plain(view: View) -> dict[str, Any]:
    return {
        "feeder": view.feeder.value,
        "conditions": sorted(code.value for code in view.conditions),
        "buffered": view.buffered,
        "draining": view.draining,
    }


def _view_from_plain(data: Mapping[str, Any]) -> View:
    conditions = frozenset(Code(code) for code in data["conditions"])
    return View(FeederState(data["feeder"]), conditions, int(data["buffered"]), bool(data["draining"]))
