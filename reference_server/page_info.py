"""What ``next-page-info`` says of a page (rest-api.md 5.7)."""

from __future__ import annotations

from typing import Any

from device_protocol import JPEG, Side
from device_protocol.vocabularies.rest import PIXEL_TYPE_OF
from reference_server.jobs import Job
from reference_server.models import Frame, ImageInfo, ImageLayout, PageInfoAnswer
from reference_server.page_buffer import StoredPage

BITS_PER_SAMPLE_SLOTS = 8
"""TWAIN's TW_IMAGEINFO has an array of eight, whatever the number of samples."""

PAGE_SIDES = {Side.FRONT: 1, Side.BACK: 2, Side.UNKNOWN: 0}
"""TWEI_PAGESIDE: TWCS_TOP, TWCS_BOTTOM; 0 where the device does not tell."""


def job_url(base: str, job: Job) -> str:
    """Where *job* is; *base* is scheme and host of the request."""
    return f"{base}/api/device/scanners/jobs/{job.uid}"


def page_info(job: Job, page: StoredPage, base: str) -> PageInfoAnswer:
    """The answer about *page*; *base* is scheme and host of the request."""
    params = page.end.params
    width, height = params.width, params.height or 0
    dpi_x, dpi_y = params.dpi_x or 0, params.dpi_y or 0
    bits = [params.depth] * params.channels
    return PageInfoAnswer(
        imageId=page.index + 1,
        imageuid=page.uid,
        url=f"{job_url(base, job)}/next-page?page={page.uid}",
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
            XResolution=dpi_x,
            YResolution=dpi_y,
        ),
        extendedImageInfo=_extended(page) if job.request.extended_info else {},
        master=page.media_type,
        lossy=page.media_type == JPEG,
    )


def _extended(page: StoredPage) -> dict[str, Any]:
    """What we know of TWAIN's extended items; the spelling of the keys is not published, so they are TWAIN's names."""
    items: dict[str, Any] = {"TWEI_PAGENUMBER": page.info.number, "TWEI_PAGESIDE": PAGE_SIDES[page.info.side]}
    if page.info.sheet is not None:
        items["TWEI_PAPERCOUNT"] = page.info.sheet
    return items


def _inches(pixels: int, dpi: float) -> float:
    return round(pixels / dpi, 4) if dpi else 0.0
