"""Defects in reading settings (ESCL-34 to ESCL-42)."""

from __future__ import annotations

import re
from collections.abc import Callable

from conformance.escl.ordering import Order, Region
from conformance.selftest.escl.defects.defect import Defect, defect
from conformance.selftest.escl.edits import EditedStream
from conformance.selftest.escl.proof import FEED, NEXT, ORDER, post
from simulators.escl.points import Answer, told
from simulators.escl.scanner import Scanner
from simulators.escl.settings import read_settings

CORNER = ORDER.but(region=Region(0, 0, 300, 300)).body()
_REGIONS = re.compile(rb"<pwg:ScanRegions>.*</pwg:ScanRegions>", re.DOTALL)
_EXTENDED = re.compile(rb"<scan:DocumentFormatExt>.*?</scan:DocumentFormatExt>")


def _refusing(refuses: Callable[[bytes], bool]) -> type[Scanner]:
    """A scanner that answers 400 to such bodies."""

    class Refuses(Scanner):
        """Does not understand some settings."""

        async def post(self, body: bytes, base: str, root: str, client: str = "") -> Answer:
            """See :class:`Scanner`."""
            if refuses(body):
                return told(400, "These settings are not understood.")
            return await super().post(body, base, root, client)

    return Refuses


def _taking(takes_for: Callable[[bytes], bytes]) -> type[Scanner]:
    """A scanner that takes a body for another one."""

    class Misreads(Scanner):
        """Understands some settings wrongly."""

        async def post(self, body: bytes, base: str, root: str, client: str = "") -> Answer:
            """See :class:`Scanner`."""
            return await super().post(takes_for(body), base, root, client)

    return Misreads


class WantsAContentType(EditedStream):
    """Does not find ScanJobs for a POST without Content-Type."""

    def incoming(self, data: bytes) -> bytes:
        """See :class:`EditedStream`."""
        if data.startswith(b"POST ") and b"content-type:" not in data.lower():
            return data.replace(b"/ScanJobs", b"/NoJobs--", 1)
        return data


def _region_is_a_corner(body: bytes) -> bytes:
    if b"ScanRegion" in body:
        return body
    corner = _REGIONS.search(CORNER)
    assert corner is not None
    return body.replace(b"<pwg:InputSource>", corner[0] + b"<pwg:InputSource>", 1)


def _too_large(body: bytes) -> bool:
    region = read_settings(body).region
    return region is not None and (region.width or 0) > 1_400


def _read(
    name: str, requirement: str, what: str, scanner: type[Scanner], order: Order, *, page: bool = False
) -> Defect:
    return defect(name, requirement, what, post(order), *([NEXT] if page else []), scanner=scanner)


DEFECTS = (
    _read(
        "strict-about-white-space",
        "ESCL-34",
        "refuses settings with white space before the declaration",
        _refusing(lambda body: body[:1].isspace()),
        ORDER.but(before="\n  "),
    ),
    _read(
        "knows-platen-and-feeder-only",
        "ESCL-35",
        "knows no other spelling than Platen and Feeder",
        _refusing(lambda body: re.search(rb">(Flatbed|Adf|ADF)<", body) is not None),
        ORDER.but(source="Flatbed"),
    ),
    _read(
        "wants-pwg-input-source",
        "ESCL-35",
        "refuses InputSource in eSCL's own namespace",
        _refusing(lambda body: b"<scan:InputSource" in body),
        ORDER.but(source_prefix="scan"),
    ),
    _read(
        "wants-its-own-prefixes",
        "ESCL-36",
        "reads settings with the prefix scan alone",
        _refusing(lambda body: body.startswith(b"<?xml") and b"<scan:ScanSettings" not in body),
        ORDER.but(scan="a", pwg="b"),
    ),
    _read(
        "no-region-is-a-corner",
        "ESCL-37",
        "scans a square inch where no region is given",
        _taking(_region_is_a_corner),
        ORDER.but(region=None),
        page=True,
    ),
    _read(
        "no-region-is-refused",
        "ESCL-37",
        "refuses settings without a region",
        _refusing(lambda body: b"ScanRegion" not in body),
        ORDER.but(region=None),
    ),
    _read(
        "large-region-is-refused",
        "ESCL-38",
        "refuses a region that is too large",
        _refusing(_too_large),
        ORDER.but(region=Region(0, 0, 9999, 9999)),
    ),
    _read(
        "plain-format-wins",
        "ESCL-39",
        "does not look at DocumentFormatExt",
        _taking(lambda body: _EXTENDED.sub(b"", body)),
        ORDER.but(format="image/png"),
        page=True,
    ),
    _read(
        "wants-a-format",
        "ESCL-40",
        "refuses settings without a format",
        _refusing(lambda body: b"DocumentFormat" not in body),
        ORDER.but(format="", format_ext=""),
    ),
    _read(
        "wants-a-color-mode",
        "ESCL-40",
        "refuses settings without a colour mode",
        _refusing(lambda body: b"ColorMode" not in body),
        ORDER.but(color_mode=""),
    ),
    defect(
        "one-is-not-true",
        "ESCL-41",
        "takes Duplex 1 for false",
        post(FEED.but(duplex="1")),
        NEXT,
        NEXT,
        scanner=_taking(lambda body: body.replace(b"Duplex>1<", b"Duplex>false<")),
    ),
    defect(
        "wants-a-content-type",
        "ESCL-42",
        "does not find ScanJobs for settings without Content-Type",
        post(fields=()),
        edit=WantsAContentType,
    ),
)
