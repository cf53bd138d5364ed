"""Checks of ScannerCapabilities as a document: ESCL-11 to ESCL-21."""

from __future__ import annotations

import re

from conformance.escl.desk import Desk
from conformance.escl.registry import check
from conformance.escl.words import COLOR_MODES, INTENTS
from conformance.outcomes import NotApplicable

UUID = re.compile(r"(?:urn:uuid:)?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
MEDIA = re.compile(r"(?:image|application)/[A-Za-z0-9][A-Za-z0-9.+-]*")


@check("ESCL-11")
async def it_has_a_name(desk: Desk) -> None:
    """MakeAndModel."""
    desk.require((await desk.capabilities()).make_and_model, "ScannerCapabilities has no MakeAndModel, or a blank one")


@check("ESCL-12")
async def uuid_is_one(desk: Desk) -> None:
    """Its form, and that a second request gives the same."""
    first = (await desk.capabilities()).uuid
    if not first:
        raise NotApplicable("ScannerCapabilities: no UUID")
    desk.require(UUID.fullmatch(first), f"UUID is {first[:60]!r}", "form")
    second = (await desk.capabilities()).uuid
    desk.require(first == second, f"UUID was {first}, then {second[:60]}", "changes")


@check("ESCL-13")
async def sources_have_sizes(desk: Desk) -> None:
    """At least one, each with MaxWidth and MaxHeight."""
    caps = await desk.capabilities()
    desk.require(caps.platen or caps.adf, "ScannerCapabilities has neither Platen nor Adf", "no source")
    for source in caps.inputs:
        for name in ("MaxWidth", "MaxHeight"):
            desk.require(
                source.number(name), f"{source.name}: {name} is {source.numbers.get(name, 'not there')!r}", name
            )


@check("ESCL-14")
async def least_and_most(desk: Desk) -> None:
    """MinWidth and MinHeight against MaxWidth and MaxHeight."""
    for source in (await desk.capabilities()).inputs:
        for axis in ("Width", "Height"):
            least = source.numbers.get(f"Min{axis}")
            if least is None:
                continue
            low, high = source.number(f"Min{axis}"), source.number(f"Max{axis}")
            desk.require(low is not None, f"{source.name}: Min{axis} is {least[:40]!r}", f"Min{axis}")
            if low is not None and high is not None:
                desk.require(low <= high, f"{source.name}: Min{axis} is {low}, Max{axis} is {high}", f"Min{axis}")


@check("ESCL-15")
async def resolutions(desk: Desk) -> None:
    """Discrete ones are numbers; ranges have two ends and a step."""
    for source in (await desk.capabilities()).inputs:
        desk.require(source.discrete or source.bands, f"{source.name} has no resolution", "none")
        for x, y in source.discrete:
            desk.require(x and y, f"{source.name}: a DiscreteResolution is no pair of numbers", "no number")
        for band in source.bands:
            low, high, step = band.low, band.high, band.step
            desk.require(
                low and high and low <= high and step,
                f"{source.name}: a ResolutionRange is {low} to {high} by {step}",
                "range",
            )


@check("ESCL-16")
async def resolutions_are_square(desk: Desk) -> None:
    """X equals Y."""
    for source in (await desk.capabilities()).inputs:
        for x, y in source.discrete:
            desk.require(x == y, f"{source.name}: a DiscreteResolution is {x} x {y}", "unequal")


@check("ESCL-17")
async def color_modes(desk: Desk) -> None:
    """Listed and known."""
    for source in (await desk.capabilities()).inputs:
        desk.require(source.color_modes, f"{source.name} lists no ColorMode", "none")
        unknown = [name for name in source.color_modes if name not in COLOR_MODES]
        desk.require(not unknown, f"{source.name}: ColorMode {unknown[:1]} is none of the standard", "unknown")


@check("ESCL-18")
async def formats(desk: Desk) -> None:
    """Listed, each a media type."""
    for source in (await desk.capabilities()).inputs:
        desk.require(source.media, f"{source.name} lists no document format", "none")
        wrong = [name for name in source.media if not MEDIA.fullmatch(name)]
        desk.require(not wrong, f"{source.name}: DocumentFormat {wrong[:1]} is no media type of a document", "no type")


@check("ESCL-19")
async def capacity(desk: Desk) -> None:
    """A number of sheets."""
    said = (await desk.capabilities()).capacity
    desk.require(said.isascii() and said.isdigit() and int(said) > 0, f"FeederCapacity is {said[:40]!r}")


@check("ESCL-20")
async def feeder_capabilities(desk: Desk) -> None:
    """What an Adf needs to be of use."""
    caps = await desk.capabilities()
    desk.require(caps.simplex or caps.duplex, "Adf has neither AdfSimplexInputCaps nor AdfDuplexInputCaps", "none")
    desk.require(
        caps.duplex or "Duplex" not in caps.options, "AdfOption Duplex is listed without AdfDuplexInputCaps", "duplex"
    )


@check("ESCL-21")
async def intents(desk: Desk) -> None:
    """Known ones."""
    for source in (await desk.capabilities()).inputs:
        unknown = [name for name in source.intents if name not in INTENTS]
        desk.require(not unknown, f"{source.name}: Intent {unknown[:1]} is none of the standard", "unknown")
