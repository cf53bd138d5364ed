"""How capabilities are described, and the settings of a TWAIN scanner (rest-api.md 5.3)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.service.checks.registry import check
from conformance.service.desk import Desk, short
from conformance.service.job import Job
from conformance.service.rest_client import Reply

ARRAY, ENUMERATION, ONE_VALUE, RANGE = 3, 4, 5, 6
"""Containers (TWON_*)."""
DEFAULTS = ("defaultValue", "defValue")
"""Two names for one thing (D-11)."""


async def ask(job: Job, query: str = "") -> Reply:
    """GET capabilities."""
    return await job.ask("GET", f"/scanner/capabilities{query}")


def plain(value: Any) -> Any:
    """A value without its label."""
    return value.get("value") if isinstance(value, dict) and "value" in value else value


def number_of(item: Mapping[str, Any]) -> Any:
    """The number of a capability."""
    return plain(item.get("capability"))


@check("REST-72")
async def descriptions(desk: Desk) -> None:
    """Each capability has what its container needs."""
    async with desk.job() as job:
        reply = desk.status(await ask(job), 200, point="status")
        items = desk.an_array(reply, "array")
        desk.require(items, f"{reply}: the list is empty", "empty")
        for item in items:
            desk.require(isinstance(item, dict), f"{reply}: {item!r} is no capability", "entry")
            name = item.get("capability")
            right = isinstance(name, dict) and type(name.get("value")) is int and isinstance(name.get("label"), str)
            desk.require(right, f"{reply}: capability is {name!r}", "capability")
            container = plain(item.get("conType"))
            known = container in {ARRAY, ENUMERATION, ONE_VALUE, RANGE}
            desk.require(known, f"{reply}: conType of {number_of(item)} is {item.get('conType')!r}", "conType")
            _contents(desk, item, container)


def _contents(desk: Desk, item: Mapping[str, Any], container: int) -> None:
    """What belongs to the container."""
    number = number_of(item)
    if container == ENUMERATION:
        enums = item.get("enums")
        desk.require(isinstance(enums, list) and enums, f"{number}: enums is {short(repr(enums).encode())}", "enums")
        assert isinstance(enums, list)
        _indices(desk, item, [plain(value) for value in enums])
    elif container == RANGE:
        least, most, step, now = (item.get(key) for key in ("minValue", "maxValue", "stepSize", "curValue"))
        right = all(isinstance(value, int | float) for value in (least, most, step)) and least <= most  # type: ignore[operator]
        desk.require(right, f"{number}: from {least!r} to {most!r} by {step!r}", "range")
        inside = now is None or (isinstance(now, int | float) and least <= now <= most)  # type: ignore[operator]
        desk.require(inside, f"{number}: curValue {now!r} is not from {least!r} to {most!r}", "outside")
    elif container == ARRAY:
        values = item.get("values")
        desk.require(isinstance(values, list), f"{number}: values is {values!r}", "values")
    else:
        there = "curValue" in item or any(key in item for key in DEFAULTS)
        desk.require(there, f"{number}: there is no value", "value")


def _indices(desk: Desk, item: Mapping[str, Any], values: Sequence[Any]) -> None:
    """Indices point into the list, and at the value that is said beside them."""
    for index_key, value_keys in (("curIndex", ("curValue",)), ("defIndex", DEFAULTS)):
        index = item.get(index_key)
        if index is None:
            continue
        inside = type(index) is int and 0 <= index < len(values)
        desk.require(inside, f"{number_of(item)}: {index_key} {index!r} of {len(values)} values", index_key)
        for key in value_keys:
            said = plain(item.get(key, values[index]))
            desk.require(
                said == values[index], f"{number_of(item)}: {key} is {said!r}, {index_key} {values[index]!r}", key
            )


@check("REST-73")
async def filtered(desk: Desk) -> None:
    """The list that was asked for, and no other."""
    async with desk.job() as job:
        everything = [number_of(item) for item in desk.an_array(desk.prerequisite(await ask(job), 200), "array")]
        wanted = everything[: min(2, len(everything))]
        for comma in (",", "%2C"):
            reply = desk.status(await ask(job, f"?caps={comma.join(map(str, wanted))}"), 200, point="list")
            found = [number_of(item) for item in desk.an_array(reply, "list")]
            desk.require(sorted(found) == sorted(wanted), f"{reply} gives {found} instead of {wanted}", "list")
        desk.status(await ask(job, "?caps=resolution;colour"), 400, point="no list", why="for caps=resolution;colour")


@check("REST-77")
async def settings(desk: Desk) -> None:
    """What a driver's settings are saved as is taken back, and nothing else."""
    async with desk.job() as job:
        reply = desk.status(await job.ask("GET", "/scanner/settings?showui=false"), 200, point="status")
        text = reply.object.get("settings")
        desk.require(_is_base64(text), f"{reply}: settings is {short(repr(text).encode())}", "text")
    again = await desk.when_free(desk.keys(settings=text))
    desk.status(again, 201, point="taken back", why="with the settings that it gave out")
    await desk.tidy()
    for other in ("bm8gc2V0dGluZ3MgYXQgYWxs", "?"):
        reply = await desk.when_free(desk.keys(settings=other))
        desk.status(reply, 400, point="other text", why=f"with the settings {other!r}")


def _is_base64(text: object) -> bool:
    if not isinstance(text, str) or not text:
        return False
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
