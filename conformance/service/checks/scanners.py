"""The list of scanners (rest-api.md 4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conformance.service.checks.registry import check
from conformance.service.desk import Desk

LIST = "/api/device/scanners"
BITS = tuple(1 << bit for bit in range(4, 12))
WIA, WIA_TWAIN = 0x20, 0x800
DEFAULT_MASK = 0x1F0
ALL_TYPES = 0xFFF


async def listed(desk: Desk, query: str = "", point: str = "status") -> Sequence[dict[str, Any]]:
    """The scanners for a query."""
    reply = desk.status(await desk.rest.ask("GET", LIST + query), 200, point=point)
    return [item for item in desk.an_array(reply, point) if isinstance(item, dict)]


@check("REST-18")
async def form_of_the_list(desk: Desk) -> None:
    """Each entry has a name, one bit, and a text to send back."""
    for query in ("", f"?type={ALL_TYPES}"):
        reply = desk.status(await desk.rest.ask("GET", LIST + query), 200, point="status")
        for item in desk.an_array(reply, "array"):
            desk.require(isinstance(item, dict), f"{reply}: {item!r} is no scanner", "entry")
            name, kind, device = (item.get(key) for key in ("name", "type", "device"))
            desk.require(isinstance(name, str) and name, f"{reply}: name is {name!r}", "name")
            desk.require(type(kind) is int and kind in BITS, f"{reply}: type of {name} is {kind!r}", "type")
            desk.require(isinstance(device, str) and device, f"{reply}: device of {name} is {device!r}", "device")


@check("REST-19")
async def masks(desk: Desk) -> None:
    """Only what is in the mask is listed, and an empty list is a list."""
    for bit in BITS:
        query = f"?type={bit}"
        mask = bit | WIA if bit == WIA_TWAIN else bit | WIA_TWAIN if bit == WIA else bit
        for item in await listed(desk, query, "empty list"):
            kind = item.get("type")
            fits = isinstance(kind, int) and kind & mask
            desk.require(fits, f"GET {LIST}{query} lists {item.get('name')} of type {kind!r}", "mask")


@check("REST-20")
async def default_mask(desk: Desk) -> None:
    """Without a mask no network scanner is listed."""
    for item in await listed(desk):
        kind = item.get("type")
        fits = isinstance(kind, int) and kind & DEFAULT_MASK
        desk.require(fits, f"GET {LIST} lists {item.get('name')} of type {kind!r}", "default")


@check("REST-21")
async def bad_masks(desk: Desk) -> None:
    """A mask that is none is refused."""
    for text in ("many", "12x"):
        desk.refused(await desk.rest.ask("GET", f"{LIST}?type={text}"), 400, -2113, point="mask")


@check("REST-22")
async def odd_masks(desk: Desk) -> None:
    """0 is the default, hexadecimal is a number, and unknown bits do no harm."""

    def names(items: Sequence[dict[str, Any]]) -> list[str]:
        return sorted(str(item.get("name")) for item in items)

    everything = names(await listed(desk, f"?type={ALL_TYPES}"))
    for query, wanted in (
        ("?type=0", names(await listed(desk))),
        (f"?type=0x{ALL_TYPES:x}", everything),
        (f"?type={ALL_TYPES | 1 << 20}", everything),
    ):
        found = names(await listed(desk, query, "odd mask"))
        desk.require(found == wanted, f"GET {LIST}{query} lists {found} instead of {wanted}", "odd mask")


@check("REST-23")
async def device_goes_back(desk: Desk) -> None:
    """The scanner that was chosen is the one that has the job, and the only one that is locked."""
    first, second = desk.facts.scanner, desk.facts.others[0]
    for scanner, other in ((second, first), (first, second)):
        job = await desk.create(scanner)
        said = job.made.object.get("scanner")
        name = said.get("name") if isinstance(said, dict) else None
        desk.require(name == scanner.name, f"{job.made}: {scanner.name} was asked for, {name!r} answers", "scanner")
        await desk.create(other)
        await desk.tidy()
