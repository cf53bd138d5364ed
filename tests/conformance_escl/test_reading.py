"""What is read of a scanner's documents, and what is made of documents that mean harm."""

from __future__ import annotations

import pytest

from conformance.escl.markup import MAX_BYTES, MAX_DEPTH, MarkupError, qualified, read
from conformance.escl.ordering import Order, Region
from conformance.escl.pictures import kind_of
from conformance.escl.reading import capabilities, image_size, status
from device_protocol.vocabularies.escl import PWG_NS, SCAN_NS

SPACES = f'xmlns:scan="{SCAN_NS}" xmlns:pwg="{PWG_NS}"'
ENTITY = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no XML",
        b"<a>",
        ENTITY,
        b"\xff\xfe\x00<a/>",
        b'<?xml version="1.0" encoding="no-such"?><a/>',
        b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1),
        b"<a>" + b"<b/>" * 60_000 + b"</a>",
        b"<a/>" + b" " * MAX_BYTES,
    ],
    ids=["nothing", "no XML", "open", "entity", "bytes", "encoding", "deep", "wide", "long"],
)
def test_bad_documents(data: bytes) -> None:
    """One typed error that says what it is, at once."""
    with pytest.raises(MarkupError) as caught:
        read(data)
    assert str(caught.value)


def test_capabilities_of_nothing() -> None:
    """Nothing is invented where nothing is said."""
    caps = capabilities(read(b"<ScannerCapabilities/>"))
    assert (caps.inputs, caps.adf, caps.version, caps.uuid, caps.options) == ((), False, "", "", ())


def test_capabilities() -> None:
    """Numbers as they are written, resolutions in pairs, lists without repeats, ranges with their ends."""
    caps = capabilities(
        read(
            f"""<scan:ScannerCapabilities {SPACES}><scan:Platen><scan:PlatenInputCaps>
            <scan:MaxWidth>2550</scan:MaxWidth><scan:MinWidth>many</scan:MinWidth>
            <scan:ColorMode>RGB24</scan:ColorMode><scan:ColorMode>RGB24</scan:ColorMode>
            <scan:DiscreteResolution><scan:XResolution>300</scan:XResolution><scan:YResolution>600</scan:YResolution></scan:DiscreteResolution>
            <scan:DiscreteResolution><scan:XResolution>150</scan:XResolution><scan:YResolution>150</scan:YResolution></scan:DiscreteResolution>
            <scan:ResolutionRange><scan:XResolution><scan:Min>1</scan:Min><scan:Max>x</scan:Max></scan:XResolution></scan:ResolutionRange>
            </scan:PlatenInputCaps></scan:Platen></scan:ScannerCapabilities>""".encode()
        )
    )
    assert caps.platen is not None
    assert (caps.platen.number("MaxWidth"), caps.platen.number("MinWidth")) == (2550, None)
    assert (caps.platen.color_modes, caps.platen.resolutions) == (("RGB24",), (150,))
    assert [(band.low, band.high, band.step) for band in caps.platen.bands] == [(1, None, None)]


def test_status_and_image_info() -> None:
    """Texts as they come; what is no number is none."""
    info = status(read(f"<scan:ScannerStatus {SPACES}><pwg:State>Idle</pwg:State></scan:ScannerStatus>".encode()))
    assert (info.state, info.adf, info.jobs) == ("Idle", "", ())
    assert image_size(read(b"<a><ActualWidth>7</ActualWidth><ActualHeight>-1</ActualHeight></a>")) == (7, None)


def test_names_say_their_namespace() -> None:
    """Whatever the prefix: a foreign namespace is said in full."""
    root = read(f'<s:A xmlns:s="{SCAN_NS}"><b xmlns="urn:x"/><c xmlns=""/></s:A>'.encode())
    assert [qualified(item) for item in root.iter()] == ["scan:A", "urn:x:b", "no namespace:c"]


@pytest.mark.parametrize("prefixes", [("scan", "pwg"), ("a", "b"), ("", "pwg")])
def test_orders_are_sound(prefixes: tuple[str, str]) -> None:
    """Each is well-formed, has every part in its namespace, and escapes what it is given."""
    scan, pwg = prefixes
    order = Order("Feeder", Region(1, 2, 3, 4), "<&>", 300, "image/jpeg", "image/png", "true", scan=scan, pwg=pwg)
    root = read(order.body())
    names = {qualified(item): (item.text or "").strip() for item in root.iter()}
    assert qualified(root) == "scan:ScanSettings"
    assert (names["scan:ColorMode"], names["pwg:InputSource"], names["pwg:Width"]) == ("<&>", "Feeder", "3")
    assert (names["pwg:DocumentFormat"], names["scan:DocumentFormatExt"], names["scan:Duplex"]) == (
        "image/jpeg",
        "image/png",
        "true",
    )
    assert (order.media, order.feeds, order.both_sides) == ("image/png", True, True)


def test_kinds_of_files() -> None:
    """By their first bytes alone."""
    assert [kind_of(data) for data in (b"\xff\xd8\xff\xe0", b"%PDF-1.7", b"<html>", b"")] == [
        "image/jpeg",
        "application/pdf",
        "",
        "",
    ]
