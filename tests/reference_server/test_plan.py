"""From wishes to settings: the nearest that the device has, and a note where that is something else (rest-api.md 5.2, 5.3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from device_protocol import ALL, Area, Choice, Colour, DeviceCaps, Mode, Option, Range, Settings, SourceKind, ValueType
from device_protocol.options import AREA_NAMES
from device_protocol.vocabularies.rest import RestCode
from reference_server.compat import rules_for
from reference_server.errors import RestError
from reference_server.jobs.plan import Present, choose, make_plan
from reference_server.jobs.wishes import Wish, collect
from reference_server.models import CapabilityWishes
from reference_server.modes import Compat
from tests.reference_server.fakes import CAPS, DUPLEX, FEEDER, FLATBED, source

LENIENT = rules_for(Compat.LENIENT)
GLASS_ONLY = DeviceCaps(sources=(FLATBED,), default_source="Flatbed")
SIMPLEX = DeviceCaps(sources=(FLATBED, FEEDER), default_source="Flatbed")
DUPLEX_ONLY = DeviceCaps(sources=(DUPLEX,), default_source="ADF Duplex")


def present(caps: DeviceCaps, *names: str) -> Present:
    """A device with these options and nothing else; without names with all of the well-known ones."""
    kinds = {"source": ValueType.STRING, "mode": ValueType.STRING, "depth": ValueType.INT}
    wanted = names or ("source", "mode", "depth", "resolution", *AREA_NAMES)
    options = tuple(Option(name, kinds.get(name, ValueType.FIXED)) for name in wanted)
    return Present(caps, options, {"source": caps.default_source})


def planned(config: dict[str, Any], caps: DeviceCaps = CAPS) -> tuple[Settings, int | str, list[str]]:
    """Settings, page target and the keys that were met by something else."""
    plan = make_plan(collect(config, None, LENIENT), present(caps))
    return plan.settings, plan.pages, [note.wish.key for note in plan.notes]


@pytest.mark.parametrize(
    ("caps", "config", "chosen", "notes"),
    [
        (CAPS, {}, "ADF", []),
        (CAPS, {"IfFeederEnabled": True}, "ADF", []),
        (CAPS, {"IfFeederEnabled": True, "IfDuplexEnabled": True}, "ADF Duplex", []),
        (CAPS, {"IfDuplexEnabled": True}, "ADF Duplex", []),
        (CAPS, {"IfDuplexEnabled": False}, "ADF", []),
        (CAPS, {"IfFeederEnabled": False, "IfDuplexEnabled": True}, "Flatbed", []),
        (SIMPLEX, {}, "Flatbed", []),
        (SIMPLEX, {"IfFeederEnabled": True, "IfDuplexEnabled": True}, "ADF", ["ifduplexenabled"]),
        (
            GLASS_ONLY,
            {"IfFeederEnabled": True, "IfDuplexEnabled": True},
            "Flatbed",
            ["iffeederenabled", "ifduplexenabled"],
        ),
        (DUPLEX_ONLY, {"IfFeederEnabled": True, "IfDuplexEnabled": False}, "ADF Duplex", ["ifduplexenabled"]),
        (DUPLEX_ONLY, {"IfFeederEnabled": False}, "ADF Duplex", ["iffeederenabled"]),
    ],
)
def test_source(caps: DeviceCaps, config: dict[str, Any], chosen: str, notes: list[str]) -> None:
    """Feeder and duplex choose the source that comes nearest, feeder first with the glass as fallback; duplex is ignored by simplex devices."""
    settings, _, noted = planned(config, caps)
    assert (settings.source, noted) == (chosen, notes)


@pytest.mark.parametrize(
    ("value", "mode", "notes"),
    [
        (0, "Lineart", []),
        ("1", "Gray", []),
        (2, "Color", []),
        (10, "Color", []),
        *((other, "Color", ["pixeltype"]) for other in (3, 4, 5, 6, 7, 8, 9, 11, 99, "-1")),
        (16, "Gray", ["pixeltype"]),
        ("TWPT_GRAY", "Gray", []),
    ],
)
def test_pixel_type(value: Any, mode: str, notes: list[str]) -> None:
    """Each pixel type of the table selects the mode of its colour, or of the nearest one with a note; others count as colour."""
    settings, _, noted = planned({"PixelType": value})
    assert (settings.mode, settings.depth, noted) == (mode, None, notes)


def test_pixel_type_that_the_device_lacks() -> None:
    """A device without colour scans grey, one without lineart scans one-bit grey if it has that, and grey otherwise, with a note."""
    gray = replace(FEEDER, modes=(Mode("Gray", Colour.GRAY, (8, 16, 1)),))
    caps = DeviceCaps(sources=(gray,), default_source="ADF")
    assert planned({"PixelType": 2}, caps)[0] == Settings("ADF", "Gray", 8)
    assert planned({"PixelType": 2}, caps)[2] == ["pixeltype"]
    assert planned({"PixelType": 0}, caps) == (Settings("ADF", "Gray", 1), ALL, [])
    assert planned({"PixelType": 1, "BitDepth": 16}, caps) == (Settings("ADF", "Gray", 16), ALL, [])
    assert planned({"PixelType": 1, "BitDepth": 12}, caps) == (Settings("ADF", "Gray", 8), ALL, ["bitdepth"])
    only = DeviceCaps(sources=(replace(FEEDER, modes=(Mode("G", Colour.GRAY, (8,)),)),), default_source="ADF")
    assert planned({"PixelType": 0}, only) == (Settings("ADF", "G"), ALL, ["pixeltype"])


def test_bit_depth_counts_pixels() -> None:
    """BitDepth 24 of a colour scan is 8 bits a sample; alone it goes with the first mode of the source."""
    assert planned({"PixelType": 2, "BitDepth": 24})[2] == []
    assert planned({"PixelType": 2, "BitDepth": 48})[2] == ["bitdepth"]
    assert planned({"BitDepth": 1})[0].mode == "Lineart"


@pytest.mark.parametrize(("wanted", "got"), [(300, 300), (290, 300), (1, 100), (99999, 300), ("200", 200)])
def test_resolution(wanted: Any, got: int) -> None:
    """The nearest resolution of the source is taken, and noted if it is another one."""
    settings, _, notes = planned({"Resolution": wanted})
    assert (settings.resolution, notes) == (got, [] if float(wanted) == got else ["resolution"])


@pytest.mark.parametrize(
    ("code", "area", "notes"),
    [
        (0, None, []),
        (1, Area(0, 0, 210, 297), []),
        (3, Area(0, 0, 215.9, 279.4), []),
        (4, Area(0, 0, 215.9, 297), ["pagesize"]),
        (11, Area(0, 0, 216, 297), ["pagesize"]),
        (54, Area(0, 0, 216, 297), []),
        ("5", Area(0, 0, 148, 210), []),
        (17, Area(0, 0, 216, 297), ["pagesize"]),
        (8, None, ["pagesize"]),
        (55, None, ["pagesize"]),
        (25, Area(0, 0, 26, 37), []),
        (40, Area(0, 0, 91, 128), []),
        ("A5", Area(0, 0, 148, 210), []),
        ("twss_usletter", Area(0, 0, 215.9, 279.4), []),
        (-3, None, ["pagesize"]),
    ],
)
def test_page_size(code: Any, area: Area | None, notes: list[str]) -> None:
    """A page size sets the area from the corner, cut to what the source reaches; unknown ones leave it alone."""
    settings, _, noted = planned({"PageSize": code})
    assert (settings.area, noted) == (area, notes)


def test_transfer_count() -> None:
    """-1, 0 or nothing means all sheets of a feeder; glass gives one page whatever is asked; a camera as many as asked, at least one."""
    for count, pages in ((-1, ALL), (0, ALL), (None, ALL), (1, 1), (7, 7)):
        assert planned({"XferCount": count})[1] == pages
        assert planned({"XferCount": count}, GLASS_ONLY)[1] == 1
    camera = DeviceCaps(sources=(source("Cam", SourceKind.CAMERA),), default_source="Cam")
    assert [planned({"XferCount": count}, camera)[1] for count in (-1, 3)] == [1, 3]


def test_a_device_without_choice_of_source() -> None:
    """A device that has no option for its source is not asked to set one."""
    assert make_plan(
        collect({"Resolution": 200}, None, LENIENT), present(GLASS_ONLY, "resolution")
    ).settings == Settings(resolution=200)


@pytest.mark.parametrize(
    ("option", "wanted", "value"),
    [
        (Option("brightness", ValueType.INT, constraint=Range(-100, 100, 1)), 500, 50),
        (Option("brightness", ValueType.INT, constraint=Range(-100, 100, 1)), -9999, -100),
        (Option("contrast", ValueType.FIXED, constraint=Range(0, 1)), 0, 0.5),
        (Option("threshold", ValueType.INT, constraint=Range(0, 100, 1)), 255, 100),
        (Option("threshold", ValueType.INT, constraint=Choice((0, 128, 255))), 100, 128),
        (Option("brightness", ValueType.INT), 12.4, 12),
    ],
)
def test_levels(option: Option, wanted: float, value: object) -> None:
    """Brightness, contrast and threshold are stretched from the clients' scale to the device's, cut and rounded to what it takes."""
    made = choose(Wish(option.name, wanted, strict=False, label="x"), option)
    assert made is not None
    assert made.value == value
    assert type(made.value) is type(value)


def test_a_level_in_words() -> None:
    """A device with words instead of numbers cannot express a level."""
    words = Option("brightness", ValueType.STRING, constraint=Choice(("low", "high")), default="low")
    assert choose(Wish("brightness", 5, strict=False, label="x"), words) is None


def test_capabilities_by_number_name_and_text() -> None:
    """Capabilities count by number, by a string of digits, and by TWAIN's name in any case; config comes after them; objects carry their value."""
    caps = CapabilityWishes.model_validate(
        {
            "capabilities": [
                {"capability": "icap_pixeltype", "curValue": {"value": 1, "label": "TWPT_GRAY"}},
                {"capability": "ICAP_XRESOLUTION", "curValue": "200"},
                {"capability": "4098", "curValue": True},
                {"capability": 4115, "curValue": 1},
                {"capability": 257, "curValue": "?"},
            ]
        }
    )
    plan = make_plan(collect({"Resolution": 100}, caps, LENIENT), present(CAPS))
    assert plan.settings == Settings("ADF Duplex", "Gray", None, 100)


@pytest.mark.parametrize(
    ("capability", "code"),
    [
        ({"capability": 4376, "curValue": 250}, RestCode.BAD_VALUE),
        ({"capability": 257, "curValue": "?"}, RestCode.BAD_VALUE),
        ({"capability": "nothing", "curValue": 1}, RestCode.BAD_CAPABILITY),
        ({"capability": 4111, "curValue": 1}, RestCode.BAD_CAPABILITY),
    ],
)
def test_strict_wishes(capability: dict[str, Any], code: int) -> None:
    """A wish that must be met and cannot be stops the plan with the code that tells whether capability or value is the matter."""
    caps = CapabilityWishes.model_validate({"exception": "FAIL", "capabilities": [capability]})
    failure = make_plan(collect(None, caps, LENIENT), present(CAPS)).failure
    assert failure is not None
    assert failure.code == code


def test_wrong_types_are_named_without_their_value() -> None:
    """A key of the wrong type is refused by its name; its value, which may be anything, is not repeated."""
    with pytest.raises(RestError) as caught:
        collect({"Resolution": "sekret"}, None, LENIENT)
    assert "Resolution" in caught.value.message
    assert "sekret" not in caught.value.message
