"""What ``next-page-info`` says of a page (rest-api.md 5.7)."""

from __future__ import annotations

from typing import Any

from device_protocol import JPEG, Side
from device_protocol.vocabularies.rest import PIXEL_TYPE_OF
from reference_server.jobs.job import Job
from reference_server.models import Frame, ImageInfo, ImageLayout, PageInfoAnswer
from reference_server.pages.buffer import StoredPage

BITS_PER_SAMPLE_SLOTS = 8
"""TWAIN's TW_IMAGEINFO has an array of eight, whatever the number of samples."""

PAGE_SIDES = {Side.FRONT: 1, Side.BACK: 2, Side.UNKNOWN: 0}
"""TWEI_PAGESIDE: TWCS_TOP, TWCS_BOTTOM; 0 where the device does not tell."""

CHOCOLATE = 0
"""TWPF_CHOCOLATE: in the files that clients get, the lowest sample is the darkest."""

STANDARD, SUPPORTED = 1, 2
"""Query levels of extended information; 0 is the default."""


def job_url(base: str, job: Job) -> str:
    """Where *job* is; *base* is scheme and host of the request."""
    return f"{base}{job.path}"


def page_info(job: Job, page: StoredPage, base: str) -> PageInfoAnswer:
    """The answer about *page*; *base* is scheme and host of the request."""
    params = page.end.params
    width, height = params.width, params.height or 0
    dpi_x, dpi_y = params.dpi_x or 0, params.dpi_y or 0
    bits = [params.depth] * params.channels
    return PageInfoAnswer(
        imageId=page.index + 1,
        imageuid=page.uid,
        url=f"{base}{job.page_path(page)}",
        imageInfo=ImageInfo(
            BitsPerPixel=params.depth * params.channels,
            BitsPerSample=(bits + [0] * BITS_PER_SAMPLE_SLOTS)[:BITS_PER_SAMPLE_SLOTS],
            ImageLayout=ImageLayout(
                Frame=Frame(Left=0, Top=0, Right=_inches(width, dpi_x), Bottom=_inches(height, dpi_y)),
                PageNumber=page.info.number,
            ),
            ImageLength=height,
            ImageWidth=width,
            PixelType=PIXEL_TYPE_OF[params.colour],
            SamplesPerPixel=params.channels,
            XResolution=round(dpi_x),
            YResolution=round(dpi_y),
        ),
        extendedImageInfo=extended_info(page, job.request.info_level) if job.request.extended_info else {},
        master=page.media_type,
        lossy=page.media_type == JPEG,
    )


def extended_info(page: StoredPage, level: int) -> dict[str, Any]:
    """What is known of TWAIN's extended items at a query level (rest-api.md 5.8); what no device tells is not there.

    The spelling of the keys is not published: they are TWAIN's names, and plain ones for what TWAIN has no name for.
    """
    items: dict[str, Any] = {
        "TWEI_DOCUMENTNUMBER": 1,
        "TWEI_PAGENUMBER": page.info.number,
        "TWEI_FRAMENUMBER": 1,
        "TWEI_PAGESIDE": PAGE_SIDES[page.info.side],
        "TWEI_PIXELFLAVOR": CHOCOLATE,
    }
    if level >= STANDARD and page.info.sheet is not None:
        items["TWEI_PAPERCOUNT"] = page.info.sheet
    if level >= SUPPORTED:
        noticed = {"multifeed": page.end.multifeed, "blank": page.end.blank, "incomplete": page.end.incomplete}
        items |= {name: value for name, value in noticed.items() if value is not None}
    return items


def _inches(pixels: int, dpi: float) -> float:
    return round(pixels / dpi, 4) if dpi else 0.0
