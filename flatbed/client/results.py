"""What a service answers, typed. Keys that a client does not know are left alone, so that a newer service does no harm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PNG, JPEG, TIFF, PDF = "image/png", "image/jpeg", "image/tiff", "application/pdf"

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """Which revision of the API a service has; *modules* names the versions of its parts."""

    version: str
    compatible: bool
    modules: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, data: Json) -> VersionInfo:
        """From an answer."""
        modules = {name: tuple(versions) for name, versions in data.get("moduleVersions", {}).items()}
        return cls(str(data["version"]), bool(data.get("compatible", True)), modules)


@dataclass(frozen=True, slots=True)
class Scanner:
    """A scanner; *device* is the opaque text by which a job names it, *type* one bit of rest-api.md 4."""

    name: str
    type: int
    device: str

    @classmethod
    def of(cls, data: Json) -> Scanner:
        """From an answer."""
        return cls(str(data["name"]), int(data["type"]), str(data["device"]))


@dataclass(frozen=True, slots=True)
class JobInfo:
    """State of a job: pending, running, completed, faulted or canceled; *code* 0 means that nothing is wrong."""

    status: str
    code: int
    message: str

    @property
    def ended(self) -> bool:
        """Whether the scan is over."""
        return self.status in {"completed", "faulted", "canceled"}

    @classmethod
    def of(cls, data: Json) -> JobInfo:
        """From an answer; a code may come as text (D-04)."""
        return cls(str(data["status"]), int(data.get("code", 0)), str(data.get("message", "")))


@dataclass(frozen=True, slots=True)
class File:
    """Bytes and their type."""

    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Page(File):
    """A page as a file; *number* counts what this iterator gave, from 1, and is 0 for a page that was asked for by name."""

    number: int = 0


@dataclass(frozen=True, slots=True)
class PageInfo:
    """What a service says of a page.

    Attributes:
        uid: of the page.
        url: where it is; also what documents and processing take as a source.
        number: from 1.
        width, height: in pixels.
        dpi_x, dpi_y: resolution.
        bits_per_pixel: of all channels.
        extended: TWAIN's extended items, if they were asked for.
        data: the answer as it came.
    """

    uid: str
    url: str
    number: int
    width: int
    height: int
    dpi_x: float
    dpi_y: float
    bits_per_pixel: int
    extended: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, answer: Any) -> PageInfo:
        """From an answer, which is an object or a list of one (D-01)."""
        data = answer[0] if isinstance(answer, list) else answer
        image = data.get("imageInfo") or {}
        return cls(
            uid=str(data["imageuid"]),
            url=str(data["url"]),
            number=int(data.get("imageId", 0)),
            width=int(image.get("ImageWidth", 0)),
            height=int(image.get("ImageLength", 0)),
            dpi_x=float(image.get("XResolution", 0)),
            dpi_y=float(image.get("YResolution", 0)),
            bits_per_pixel=int(image.get("BitsPerPixel", 0)),
            extended=dict(data.get("extendedImageInfo") or {}),
            data=dict(data),
        )


@dataclass(frozen=True, slots=True)
class PageNotice:
    """A page has arrived; told over WebSocket (rest-api.md 5.10)."""

    uid: str
    url: str


@dataclass(frozen=True, slots=True)
class Capability:
    """A capability of a scanner in TWAIN's terms (rest-api.md 5.3).

    Attributes:
        number, label: of the capability.
        value, default: now, and by default.
        choices: what it can be, where that is a list.
        data: the answer as it came, with the rest.
    """

    number: int
    label: str
    value: Any
    default: Any
    choices: tuple[Any, ...]
    data: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, data: Json) -> Capability:
        """From an answer."""
        name = data["capability"]
        default = data.get("defaultValue", data.get("defValue"))  # D-11
        choices = tuple(_bare(item) for item in data.get("enums", data.get("values", ())))
        return cls(
            int(name["value"]), str(name["label"]), _bare(data.get("curValue")), _bare(default), choices, dict(data)
        )


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A document: the UIDs of its pages, and its metadata once it was set."""

    uid: str
    pages: tuple[str, ...]
    metadata: Any = None

    @classmethod
    def of(cls, data: Json) -> DocumentInfo:
        """From an answer."""
        pages = tuple(str(page["uid"]) for page in data.get("pages", ()))
        return cls(str(data["uid"]), pages, data.get("metadata"))


@dataclass(frozen=True, slots=True)
class Barcode:
    """A barcode that was read.

    Attributes:
        text, data: what it says.
        format: name of the symbology.
        points: the four corners in pixels.
        raw: the answer as it came.
    """

    text: str
    data: bytes
    format: str
    points: tuple[tuple[float, float], ...]
    raw: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, data: Json) -> Barcode:
        """From an answer."""
        place = data.get("localizationResult") or {}
        numbers = [(place.get(f"x{index}"), place.get(f"y{index}")) for index in range(1, 5)]
        points = tuple((float(x), float(y)) for x, y in numbers if x is not None and y is not None)
        return cls(
            text=str(data.get("barcodeText", "")),
            data=bytes(data.get("barcodeBytes") or ()),
            format=str(data.get("barcodeFormatString") or data.get("barcodeFormatString_2") or ""),
            points=points,
            raw=dict(data),
        )


@dataclass(frozen=True, slots=True)
class Event:
    """A message of the event stream.

    Attributes:
        seq: its number; with it a stream is resumed.
        time: Unix time in seconds.
        type: such as ``page.arrived``; docs/reference/events.md has them all.
        data: the whole message.
    """

    seq: int
    time: float
    type: str
    data: dict[str, Any] = field(default_factory=dict, repr=False)

    def __getitem__(self, key: str) -> Any:
        """A field of the message, such as ``event["imageuid"]``."""
        return self.data[key]

    @property
    def jobuid(self) -> str | None:
        """The job that it is about, if it is about one."""
        value = self.data.get("jobuid")
        return None if value is None else str(value)

    @classmethod
    def of(cls, data: Json) -> Event:
        """From a message."""
        return cls(int(data["seq"]), float(data["time"]), str(data["type"]), dict(data))


def _bare(value: Any) -> Any:
    """A value without its label."""
    return value["value"] if isinstance(value, dict) and set(value) == {"value", "label"} else value
