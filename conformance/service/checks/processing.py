"""Barcodes and blank pages (rest-api.md 7)."""

from __future__ import annotations

from conformance.service.checks.documents import page_source
from conformance.service.checks.registry import check
from conformance.service.desk import UNKNOWN_JOB, Desk
from conformance.service.job import JOBS

READ_BARCODE, CHECK_BLANK = "/api/process/read-barcode", "/api/process/check-blank"


@check("REST-89")
async def barcodes(desk: Desk) -> None:
    """A list, whatever is on the page, for every keyword."""
    source = await page_source(desk, await desk.ended())
    for keys in ({}, {"settings": "coverage"}, {"settings": "BestSpeed"}):
        key = {"DWT-PRODUCT-KEY": dict(desk.rest.fields).get("DWT-PRODUCT-KEY", "any-text")}
        reply = await desk.rest.ask("POST", READ_BARCODE, {"source": source, **keys}, key)
        if keys and reply.status == 400:
            desk.note(f"D-13: {reply} for settings {keys['settings']!r}")
            continue
        desk.status(reply, 200, point="status")
        for item in desk.an_array(reply, "array"):
            text = item.get("barcodeText") if isinstance(item, dict) else None
            desk.require(isinstance(text, str), f"{reply}: barcodeText is {text!r}", "result")


@check("REST-91")
async def blank(desk: Desk) -> None:
    """Yes or no."""
    source = await page_source(desk, await desk.ended())
    for keys in ({}, {"settings": {"minBlockHeight": 20, "maxBlockHeight": 30}}):
        reply = await desk.rest.ask("POST", CHECK_BLANK, {"source": source, **keys})
        desk.status(reply, 200, point="status")
        result = desk.an_object(reply, "body").get("result")
        desk.require(isinstance(result, bool), f"{reply}: result is {result!r}", "result")


@check("REST-92")
async def not_blank(desk: Desk) -> None:
    """Heights that make no sense, and pages that are none."""
    source = await page_source(desk, await desk.ended())
    for least, most in ((30, 20), (0, 20)):
        body = {"source": source, "settings": {"minBlockHeight": least, "maxBlockHeight": most}}
        reply = await desk.rest.ask("POST", CHECK_BLANK, body)
        desk.status(reply, 400, point="heights", why=f"for heights from {least} to {most}")
    nobody = f"{desk.place.scheme}://{desk.place.host}{desk.rest.root}{JOBS}/{UNKNOWN_JOB}/next-page?page=0123456789ab"
    for wrong in ({}, {"source": nobody}):
        reply = await desk.rest.ask("POST", CHECK_BLANK, wrong)
        desk.status(reply, 400, 404, point="source", why=f"for {'an unknown' if wrong else 'no'} source")
