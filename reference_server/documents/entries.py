"""What is noted of a page when it comes into a document."""

from __future__ import annotations

from device_host.encoding import BadImage, describe
from reference_server.documents.records import PageEntry
from reference_server.pages.buffer import StoredPage


def page_entry(page: StoredPage, data: bytes) -> PageEntry:
    """The entry of *page*, whose file is *data*.

    What the file itself says goes before what its device said; no page is refused for its file.
    """
    params = page.end.params
    width, height, depth, channels = params.width, params.height or 0, params.depth, params.channels
    dpi = (params.dpi_x or 0.0, params.dpi_y or 0.0)
    try:
        info = describe(data)
    except BadImage:
        pass
    else:
        width, height, depth, channels = info.width, info.height, info.depth, info.channels
        dpi = dpi if all(dpi) else info.dpi or dpi
    return PageEntry("", page.media_type, len(data), width, height, depth, channels, *dpi)
