"""Whether what was wished for is what the page has: ``config``, ``caps``, and which of them wins (rest-api.md 5.1 to 5.3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conformance.outcomes import NotApplicable
from conformance.requirements.rest.facts import BLACK_AND_WHITE, PIXEL_TYPE, X_RESOLUTION
from conformance.service.checks.pages import picture
from conformance.service.checks.registry import check
from conformance.service.desk import Desk, resolutions, short
from conformance.service.pictures import PNG

GREY, COLOUR = 1, 2
Y_RESOLUTION = X_RESOLUTION + 1
LEAST_DPI, MOST_DPI = 50, 300
TOLERANCE = 0.02
RARE = (4433, 4434, 4385, 4387, 4129, 4355, 4404, 4112)
"""Capabilities that many scanners lack."""


def two_resolutions(desk: Desk) -> tuple[int, int]:
    """Two declared resolutions that are quick to scan and far enough from each other."""
    found = [dpi for dpi in resolutions(desk.facts.scanner) if LEAST_DPI <= dpi <= MOST_DPI and dpi == int(dpi)]
    if len(found) < 2 or max(found) < 1.3 * min(found):
        listed = ", ".join(f"{dpi:g}" for dpi in resolutions(desk.facts.scanner)) or "none"
        raise NotApplicable(f"capabilities: ICAP_XRESOLUTION (4376): {listed}; two are needed")
    low = int(min(found))
    return low, int(min(dpi for dpi in found if dpi >= 1.3 * low))


def setting(dpi: int) -> dict[str, Any]:
    """``caps`` for a resolution."""
    return {
        "exception": "fail",
        "capabilities": [{"capability": number, "curValue": dpi} for number in (X_RESOLUTION, Y_RESOLUTION)],
    }


async def width_at(desk: Desk, *, config: int | None = None, caps: int | None = None) -> int:
    """The width of a page with this resolution."""
    body = desk.keys()
    del body["config"]["Resolution"]
    if config is not None:
        body["config"]["Resolution"] = config
    if caps is not None:
        body["caps"] = setting(caps)
    reply = desk.prerequisite(await desk.when_free(body | {"autoRun": True}), 201)
    job = desk.job_of(reply)
    found = await job.page()
    if found.status != 200:
        desk.broken(f"{found}, and the job is {short((await job.get()).body)}", "no page")
    width = picture(desk, found, PNG, "page").width
    await job.delete()
    return width


def require_ratio(desk: Desk, widths: Sequence[int], wanted: float, evidence: str, point: str) -> None:
    """Fail unless the second width is *wanted* times the first."""
    found = widths[1] / widths[0]
    desk.require(abs(found / wanted - 1) <= TOLERANCE, f"{evidence}: {widths[0]} and {widths[1]} pixels wide", point)


@check("REST-70")
async def resolution(desk: Desk) -> None:
    """Twice the resolution is twice the width."""
    low, high = two_resolutions(desk)
    widths = [await width_at(desk, config=dpi) for dpi in (low, high)]
    require_ratio(desk, widths, high / low, f"pages at {low} and {high} dpi", "resolution")


@check("REST-71")
async def pixel_type(desk: Desk) -> None:
    """Each declared type is what comes."""
    for kind in (BLACK_AND_WHITE, GREY, COLOUR):
        if kind not in desk.facts.scanner.values(PIXEL_TYPE):
            continue
        job = await desk.ended(config={"PixelType": kind})
        found = picture(desk, await job.page(), PNG, "page")
        right = {BLACK_AND_WHITE: found.bits == 1, GREY: found.bits > 1 and not found.colour, COLOUR: found.colour}
        shown = f"{found}{' in colour' if found.colour else ''}"
        desk.require(right[kind], f"PixelType {kind} was wished for, and the page is {shown}", f"type {kind}")
        await job.delete()


@check("REST-74")
async def caps(desk: Desk) -> None:
    """What ``caps`` sets is scanned with."""
    low, high = two_resolutions(desk)
    widths = [await width_at(desk, caps=dpi) for dpi in (low, high)]
    require_ratio(desk, widths, high / low, f"pages with ICAP_XRESOLUTION {low} and {high}", "caps")


@check("REST-75")
async def exceptions(desk: Desk) -> None:
    """A capability that is not there matters only if the client says so."""
    missing = next((number for number in RARE if number not in desk.facts.scanner.capabilities), None)
    if missing is None:
        raise NotApplicable(f"capabilities: all of {', '.join(map(str, RARE))}")
    for word, wanted in (("fail", "faulted"), ("ignore", "completed")):
        wish = {"exception": word, "capabilities": [{"capability": missing, "curValue": 1}]}
        reply = await desk.when_free(desk.keys(caps=wish) | {"autoRun": True})
        if word == "fail" and reply.status == 400:
            continue  # refused at once: the client is told even sooner
        job = desk.job_of(desk.prerequisite(reply, 201))
        state = await job.end()
        desk.require(
            state == wanted, f"with exception {word} for capability {missing}, which is not there: {state}", word
        )
        await job.delete()


@check("REST-76")
async def order(desk: Desk) -> None:
    """``config`` comes last."""
    low, high = two_resolutions(desk)
    widths = [await width_at(desk, config=low), await width_at(desk, config=low, caps=high)]
    require_ratio(desk, widths, 1.0, f"pages with Resolution {low}, alone and against {high} in caps", "order")
