"""Checks that the capabilities are true: ESCL-22 and ESCL-23."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.escl.desk import Desk
from conformance.escl.ordering import Order
from conformance.escl.registry import check
from conformance.requirements.escl.facts import InputCaps


@check("ESCL-22", sheets=1)
async def capabilities_stay(desk: Desk) -> None:
    """Before, during and after a job."""
    before = await desk.capabilities()
    job = await desk.start()
    during = await desk.capabilities()
    await desk.rest(job)
    after = await desk.capabilities()
    desk.require(before == during, "ScannerCapabilities changed when a job began", "during a job")
    desk.require(before == after, "ScannerCapabilities was another one after a job", "after a job")


@check("ESCL-23", sheets=4)
async def offers_are_kept(desk: Desk) -> None:
    """One small scan of each; of a feeder only where somebody loads it as often as it takes, or there is nothing else."""
    sources = desk.caps.inputs if desk.operator.tireless else (desk.source(),)
    for source in sources:
        for what, order in _offers(desk, source):
            await desk.supply(order)
            answer = await desk.post_patiently(order)
            name = f"{source.name} {what}"
            desk.require(200 <= answer.status < 300, f"{name}: the job was answered {answer.status}", name)
            job = desk.taken(answer, order)
            page = await desk.next(job)
            desk.require(page.status == 200 and page.body, f"{name}: its page was answered {page.status}", name)
            await desk.rest(job)


def _offers(desk: Desk, source: InputCaps) -> Iterator[tuple[str, Order]]:
    usual = desk.order(source, both_sides=source is desk.caps.duplex)
    for mode in source.color_modes:
        yield mode, usual.but(color_mode=mode)
    for media in source.media:
        yield media, usual.but(format=media, format_ext=media if media in source.formats_ext else "")
    for dpi in dict.fromkeys((*source.resolutions[:1], *source.resolutions[-1:])):
        yield f"{dpi} dpi", usual.but(dpi=dpi)
