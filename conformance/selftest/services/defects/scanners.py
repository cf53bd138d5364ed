"""Defects of the list of scanners (REST-18 to REST-23)."""

from __future__ import annotations

import json
from dataclasses import replace

from conformance.selftest.services.around import JOBS, SCANNERS, Asked, Reply, error, meets, says
from conformance.selftest.services.build import DEVICES, LEGAL
from conformance.selftest.services.defects.defect import wrapped
from conformance.selftest.services.proof import create, get

NETWORK = replace(
    LEGAL,
    devices=DEVICES
    + """
[[device]]
id = "network"
name = "Zoo Network Scanner"
profile = "flatbed"
rest_type = 512
""",
)
"""The legal service with a scanner on the network (0x200, ESCLSCANNER)."""
DEFAULT, ALL = 0x1F0, 0xFFF


async def _no_mask(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    return await asked.pass_on(query="") if reply.status == 200 else reply


def _empty_is_404(reply: Reply) -> Reply:
    return error(404, -1003, "No scanner.") if reply.json() == [] else reply


async def _empty_list(asked: Asked) -> Reply:
    return _empty_is_404(await asked.pass_on())


async def _network_too(asked: Asked) -> Reply:
    return await asked.pass_on(query=None if asked.query.get("type") else f"type={ALL}")


async def _bad_mask(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    return await asked.pass_on(query="") if reply.status == 400 else reply


async def _decimal(asked: Asked) -> Reply:
    text = asked.query.get("type")
    odd = text is not None and not (text.isdigit() and 0 < int(text) <= ALL)
    return error(400, -2113, "type: a mask.") if odd else await asked.pass_on()


async def _first(asked: Asked) -> Reply:
    wish = asked.json()
    return await asked.pass_on(body=wish | {"device": "virtual:feeder"} if wish.get("device") else None)


DEFECTS = (
    wrapped(
        "type-of-two-bits",
        "REST-18",
        "Gives a scanner two types at once.",
        says("GET", SCANNERS, lambda it: [entry | {"type": entry["type"] | 0x10} for entry in it]),
        get("/api/device/scanners"),
    ),
    wrapped(
        "device-is-an-object",
        "REST-18",
        "Gives the device as an object instead of a text.",
        says("GET", SCANNERS, lambda it: [entry | {"device": json.loads(entry["device"])} for entry in it]),
        get("/api/device/scanners"),
    ),
    wrapped(
        "mask-is-ignored",
        "REST-19",
        "Lists all scanners, whatever types were asked for.",
        meets("GET", SCANNERS, _no_mask),
        get("/api/device/scanners?type=256"),
        base=NETWORK,
    ),
    wrapped(
        "empty-list-is-404",
        "REST-19",
        "Answers 404 when no scanner has the type that was asked for.",
        meets("GET", SCANNERS, _empty_list),
        get("/api/device/scanners?type=512"),
    ),
    wrapped(
        "lists-network-unasked",
        "REST-20",
        "Lists network scanners to who did not ask for them.",
        meets("GET", SCANNERS, _network_too),
        get("/api/device/scanners"),
        base=NETWORK,
    ),
    wrapped(
        "bad-mask-lists-all",
        "REST-21",
        "Takes a mask that is no number for none.",
        meets("GET", SCANNERS, _bad_mask),
        get("/api/device/scanners?type=all"),
    ),
    wrapped(
        "decimal-only",
        "REST-22",
        "Refuses a mask that is 0, hexadecimal, or has bits that it does not know.",
        meets("GET", SCANNERS, _decimal),
        get("/api/device/scanners?type=0x40"),
    ),
    wrapped(
        "always-the-first-scanner",
        "REST-23",
        "Scans from its first scanner, whichever was chosen.",
        meets("POST", JOBS, _first),
        create("virtual:flatbed", run=False),
    ),
)
