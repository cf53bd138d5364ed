"""Checks of what eSCL scanners and the service have in common, for scanners: WIRE-01 to WIRE-03, WIRE-10, WIRE-11."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit
from xml.etree.ElementTree import Element

from conformance.escl import markup
from conformance.escl.desk import XML_TYPE, Desk
from conformance.escl.registry import check
from conformance.escl.words import COLOR_MODES, PWG_NAMES, SCAN_NAMES
from conformance.outcomes import Untestable
from device_protocol.vocabularies.escl import PWG_NS, SCAN_NS

VERSION = re.compile(r"\d{1,3}\.\d{1,3}")
DOCUMENTS = ("ScannerCapabilities", "ScannerStatus")
XML_TYPES = {"text/xml", "application/xml", "application/xop+xml"}
BAD_BODIES = {
    "no XML": b"this is no XML",
    "nothing": b"",
    "half a document": b'<?xml version="1.0"?><scan:ScanSettings xmlns:scan="'
    + SCAN_NS.encode()
    + b'"><scan:ColorMode>',
    "another document": b'<?xml version="1.0"?><html/>',
}
FOREIGN = "rebound.example"
"""A name of somebody else (RFC 2606)."""


@check("WIRE-01")
async def documents_are_sound(desk: Desk) -> None:
    """Well-formed, in the right namespaces, with a version."""
    for name in DOCUMENTS:
        answer = await desk.ask("GET", name)
        if answer.status != 200:
            raise Untestable(f"GET {desk.path(name)} was answered {answer.status}")
        try:
            root = markup.read(answer.body)
        except markup.MarkupError as error:
            raise desk.broken(f"{name}: {error}", f"{name} not well-formed") from None
        kind = answer.head.content_type
        desk.require(kind in XML_TYPES, f"{name} has the Content-Type {kind or 'none'}", f"type of {name}")
        desk.require(
            markup.qualified(root) == f"scan:{name}", f"{name} is <{markup.qualified(root)[:100]}>", f"root of {name}"
        )
        for item in _of_the_standard(root):
            space = PWG_NS if markup.local(item) in PWG_NAMES else SCAN_NS if markup.local(item) in SCAN_NAMES else None
            desk.require(
                space is None or item.tag.startswith(f"{{{space}}}"),
                f"{name}: {markup.local(item)} is in the namespace of {markup.qualified(item)[:100]}",
                f"namespace in {name}",
            )
        version = markup.text(root, "Version")
        desk.require(
            VERSION.fullmatch(version), f"{name}: Version is {version[:40] or 'not there'}", f"version of {name}"
        )


def _of_the_standard(root: Element) -> Iterator[Element]:
    """All elements but those of a vendor's own namespace, with what is in them."""
    yield root
    for item in root:
        vendors = str(item.tag).startswith("{") and not str(item.tag).startswith((f"{{{PWG_NS}}}", f"{{{SCAN_NS}}}"))
        if not vendors:
            yield from _of_the_standard(item)


@check("WIRE-02", sheets=2)
async def location_resolves(desk: Desk) -> None:
    """201, a Location at this scanner under the name that the client has used, and a page there."""
    order = desk.order()
    for host in (desk.host, *desk.names, *_loopback(desk)):
        await desk.supply(order)
        answer = await desk.post_patiently(order, host=host)
        if host != desk.host and answer.status >= 400:
            continue  # the name is not accepted: WIRE-10 says whether that is right
        desk.require(answer.status == 201, f"a job was answered {answer.status}", "status")
        location = answer.head.get("location") or ""
        desk.require(location, "201 came without a Location, or with an empty one", "no Location")
        parts = _split(desk, location)
        desk.require(
            parts.netloc in {"", host},
            f"Location is {location[:120]} for a client that calls the scanner {host}",
            "another host",
        )
        job = desk.taken(answer, order)
        page = await desk.next(job)
        desk.require(
            page.status == 200, f"NextDocument below {job.path} was answered {page.status}", "does not resolve"
        )
        await desk.rest(job)


def _split(desk: Desk, location: str) -> SplitResult:
    try:
        return urlsplit(location)
    except ValueError:
        raise desk.broken(f"Location is {location[:120]}, which is no address", "no address") from None


def _loopback(desk: Desk) -> tuple[str, ...]:
    """The other address of a scanner on this machine, which has to come back whole: IPv6 ones are known to be cut."""
    name, _, port = desk.host.rpartition(":")
    try:
        if not port.isdigit() or not (name == "localhost" or ipaddress.ip_address(name.strip("[]")).is_loopback):
            return ()
    except ValueError:
        return ()
    return (f"[::1]:{port}",)


@check("WIRE-03")
async def bad_settings(desk: Desk) -> None:
    """What is no ScanSettings, then what the scanner does not offer; and the number of jobs afterwards."""
    before = len((await desk.status()).jobs)
    for what, body in BAD_BODIES.items():
        status = (await desk.post_patiently(body)).status
        desk.require(400 <= status < 500, f"settings that are {what} were answered {status}", what)
    usual = desk.order()
    bad = {"a format that is not offered": usual.but(format="image/x-nothing", format_ext="")}
    missing = sorted(COLOR_MODES - set(desk.source().color_modes))
    if missing:
        bad["a colour mode that is not offered"] = usual.but(color_mode=missing[-1])
    if desk.feeder_or_none() is None:
        bad["a source that is not there"] = usual.but(source="Feeder", duplex="false")
    for what, order in bad.items():
        await desk.supply(order)
        status = (await desk.post_patiently(order)).status
        desk.require(status == 409, f"{what} was answered {status}", what)
    after = len((await desk.status()).jobs)
    desk.require(after <= before, "a job was made of bad settings", "a job")


@check("WIRE-10")
async def hosts(desk: Desk) -> None:
    """Every name that is announced, and one that is not."""
    for host in (desk.host, *desk.names):
        answer = await desk.ask("GET", "ScannerStatus", [("Host", host)])
        desk.require(answer.status == 200, f"Host: {host} was answered {answer.status}", "announced name")
    other = await desk.ask("GET", "ScannerStatus", [("Host", FOREIGN)])
    desk.require(400 <= other.status < 500, f"Host: {FOREIGN} was answered {other.status}", "foreign name")


@check("WIRE-11")
async def errors_have_statuses(desk: Desk) -> None:
    """An unknown document, the page of a job that is none, and a body that cannot be read; a job of such a body is WIRE-03's matter."""
    unknown = "ScanJobs/00000000-0000-4000-8000-000000000000/NextDocument"
    for method, name, body in (
        ("GET", "NoSuchDocument", b""),
        ("GET", unknown, b""),
        ("POST", "ScanJobs", BAD_BODIES["no XML"]),
    ):
        answer = await desk.ask(method, name, [XML_TYPE] if body else [], body)
        desk.require(
            answer.status >= 300 or not answer.body,
            f"{method} {name} was answered {answer.status} and {len(answer.body)} bytes of {answer.head.content_type or 'no type'}",
            f"{method} {name}",
        )
