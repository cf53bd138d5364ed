"""Bodies of requests and answers as pydantic models; the OpenAPI document comes from the same models.

Unknown keys are ignored, booleans are JSON booleans only; under ``--compat lenient`` numbers may come as strings (rest-api.md 1.2). What is wrong in its
type is refused with the name of the key and never with its value, since a value may be a licence.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StrictBool,
    ValidationError,
    ValidationInfo,
)

from reference_server.compat import Rules, rules_for
from reference_server.errors import bad_parameter
from reference_server.modes import Compat
from reference_server.protocol_block import ProtocolBlock


def _number(value: Any, info: ValidationInfo) -> Any:
    """A number is a number; a string that says one is taken where types are loose."""
    if isinstance(value, bool) or (isinstance(value, str) and not _rules(info).loose_types):
        raise ValueError("this is not a number")  # pydantic turns ValueError into its own error
    return value


def _scanner(value: Any, info: ValidationInfo) -> Any:
    """A scanner is a string; where types are loose the object inside the string is taken too (rest-api.md 5.1)."""
    return json.dumps(value) if isinstance(value, dict) and _rules(info).loose_types else value


def _capability(value: Any, info: ValidationInfo) -> Any:
    """A capability is a number; where the rules allow it, a name or a string of digits (D-16)."""
    if isinstance(value, bool) or (isinstance(value, str) and not _rules(info).capability_names):
        raise ValueError("this is not a number")  # see _number
    return value


LOOSE_MARK = "x-lenient"
"""In a schema: this alternative is taken by a lenient service only (:mod:`reference_server.openapi.schemas`)."""


COMPONENT_MARK = "x-component"
"""In a schema: a reference to the component of this name stands here."""


@dataclass(frozen=True, slots=True)
class Loosely:
    """An annotation for the OpenAPI document: what a lenient service takes beside the type itself.

    Attributes:
        kind: JSON type of the alternative.
        pattern: of a string.
        only: the exact type, where the annotated one is wider than that.
    """

    kind: str
    pattern: str | None = None
    only: str | None = None

    def __get_pydantic_json_schema__(self, core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """What pydantic asks of an annotation."""
        exact = handler(core) if self.only is None else {"type": self.only}
        loose = {"type": self.kind, LOOSE_MARK: True}
        return {"anyOf": [exact, loose if self.pattern is None else loose | {"pattern": self.pattern}]}


@dataclass(frozen=True, slots=True)
class Described:
    """An annotation for the OpenAPI document: this is described by a component that no model makes (:mod:`reference_server.openapi.configuration`)."""

    component: str

    def __get_pydantic_json_schema__(self, _core: Any, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """What pydantic asks of an annotation."""
        return {COMPONENT_MARK: self.component}


def _rules(info: ValidationInfo) -> Rules:
    return info.context if isinstance(info.context, Rules) else rules_for(Compat.LENIENT)


DIGITS = r"^\s*[+-]?[0-9]+(\.0*)?\s*$"

Int = Annotated[int, BeforeValidator(_number), Loosely("string", DIGITS)]
Seconds = Annotated[Int, Field(ge=0, le=7 * 24 * 3600)]
ScannerText = Annotated[str, BeforeValidator(_scanner), Field(max_length=16384), Loosely("object")]
Configuration = Annotated[dict[str, Any], Described("DeviceConfiguration")]


class Body(BaseModel):
    """A request body; unknown keys are ignored."""

    model_config = ConfigDict(extra="ignore")


class ServerPatch(Body):
    """PATCH /server."""

    logLevel: Annotated[Int, Field(ge=0, le=30)] | None = None  # noqa: N815  # the contract's name


class CapabilityWish(Body):
    """One capability to set (rest-api.md 5.3)."""

    capability: Annotated[int | str, BeforeValidator(_capability), Loosely("string", only="integer")]
    curValue: Any = None  # noqa: N815
    values: list[Any] | None = None
    exception: str | None = None


class CapabilityWishes(Body):
    """The ``caps`` of a job."""

    exception: str | None = None
    capabilities: list[CapabilityWish] = Field(default_factory=list, max_length=500)


class JobCreate(Body):
    """POST /device/scanners/jobs (rest-api.md 5.1)."""

    autoRun: StrictBool = True  # noqa: N815  # D-08
    requestFocusForScanningUI: StrictBool = True  # noqa: N815
    scannerFailureTimeout: Seconds = 15  # noqa: N815
    jobTimeout: Seconds = 0  # noqa: N815
    device: ScannerText | None = None
    config: Configuration | None = None
    caps: CapabilityWishes | None = None
    settings: str | None = None
    checkFeederLoaded: StrictBool = False  # noqa: N815
    requireWebsocket: StrictBool = False  # noqa: N815
    license: str | None = None


class ScanJobCreate(Body):
    """POST /DWTAPI/ScanJobs (rest-api.md 8)."""

    device: ScannerText | None = None
    config: Configuration | None = None
    caps: CapabilityWishes | None = None
    license: str | None = None


class JobPatch(Body):
    """PATCH of a job."""

    status: Literal["running", "canceled"]


class DocumentCreate(Body):
    """POST /storage/documents (rest-api.md 6); name, description and scope of the .NET client are ignored."""

    password: Annotated[str, Field(max_length=32)] | None = None


class DocumentPatch(Body):
    """PATCH of a document."""

    metadata: dict[str, Any] | str


class DocumentName(Body):
    """A document where its path does not say which (D-07)."""

    documentuid: str


class PageInsert(Body):
    """POST of a document's pages."""

    source: str
    insertPos: Int | None = None  # noqa: N815


class DocumentPage(BaseModel):
    """A page of a document."""

    uid: str


class DocumentInfo(BaseModel):
    """A document; *metadata* is there once it was set."""

    uid: str
    pages: list[DocumentPage]
    metadata: dict[str, Any] | str = ""


class ServerSettings(BaseModel):
    """Answer of /server."""

    logLevel: int  # noqa: N815


class VersionInfo(BaseModel):
    """Answer of /server/version."""

    version: str
    compatible: bool
    moduleVersions: dict[str, list[str]]  # noqa: N815


class Scanner(BaseModel):
    """One entry of /device/scanners; *device* goes back verbatim in a job."""

    name: str
    type: int
    device: str


class JobCreated(BaseModel):
    """Answer of POST /device/scanners/jobs; *protocol* is left out unless the client asked for it."""

    jobuid: str
    status: str
    scanner: Scanner
    protocol: ProtocolBlock | None = None


class UnmetCapability(BaseModel):
    """A capability that a job asked for and did not get (rest-api.md 5.3)."""

    capability: int | str
    errorCode: int  # noqa: N815
    errorString: str  # noqa: N815


class UnmetCapabilities(BaseModel):
    """Those of a job, in the shape in which it asked for them."""

    capabilities: list[UnmetCapability]


class JobInfo(BaseModel):
    """Answer of GET job; a code of 0 means that nothing is wrong (D-04). *caps* is there only if some could not be set, and did not have to be."""

    status: str
    code: int
    message: str
    caps: UnmetCapabilities | None = None


class JobStatusAnswer(BaseModel):
    """Answer of PATCH job."""

    status: str


class OpenApi(BaseModel):
    """The frame of an OpenAPI document."""

    openapi: str
    info: dict[str, Any]
    paths: dict[str, Any]
    components: dict[str, Any]


class Cause(BaseModel):
    """The system error behind an error."""

    code: int
    message: str


class ErrorBody(BaseModel):
    """Every error under /api (rest-api.md 1.6); *code* is negative, *cause* is there only when a system error lies behind it."""

    code: int
    message: str
    statusCode: int  # noqa: N815
    cause: Cause | None = None


class Frame(BaseModel):
    """An area in inches."""

    Left: float
    Top: float
    Right: float
    Bottom: float


class ImageLayout(BaseModel):
    """Where the image was on its sheet."""

    DocumentNumber: int = 1
    Frame: Frame
    FrameNumber: int = 1
    PageNumber: int


class ImageInfo(BaseModel):
    """What a page is made of (rest-api.md 5.7)."""

    BitsPerPixel: int
    BitsPerSample: list[int]
    Compression: int = 0
    ImageLayout: ImageLayout
    ImageLength: int
    ImageWidth: int
    PixelType: int
    Planar: bool = False
    SamplesPerPixel: int
    XResolution: int
    YResolution: int


class PageInfoAnswer(BaseModel):
    """Answer of next-page-info.

    *master* is the type in which the page is kept, and *lossy* says whether it is a JPEG: a PNG asked of such a page is made from the JPEG.
    """

    imageId: int  # noqa: N815  # D-20
    imageuid: str
    url: str
    imageInfo: ImageInfo  # noqa: N815
    extendedImageInfo: dict[str, Any]  # noqa: N815
    master: str
    lossy: bool


M = TypeVar("M", bound=Body)

_OBJECT = "Input should be a JSON object"
_NO_OBJECT = {"dict_type", "model_type", "model_attributes_type"}  # pydantic's words for it name classes of ours


def parse_body(model: type[M], data: bytes, rules: Rules) -> M:
    """The body of a request, whatever its Content-Type said; an empty one is ``{}`` (rest-api.md 1.2).

    Where types are loose, a key whose value is null counts as absent.

    Raises:
        RestError: 400 for malformed JSON, for what is not an object, and for a known key of the wrong type.
    """
    try:
        value = json.loads(data, parse_constant=_refuse_constant) if data.strip() else {}
    except (ValueError, RecursionError):
        raise bad_parameter("The body is not JSON.") from None
    if not isinstance(value, dict):
        raise bad_parameter("The body is not a JSON object.")
    try:
        keys = {key: item for key, item in value.items() if item is not None or not rules.loose_types}
        return model.model_validate(keys, context=rules)
    except ValidationError as error:
        raise bad_parameter(_complaint(error, keys)) from None


def _complaint(error: ValidationError, body: object) -> str:
    """What is wrong with the first wrong key of *body*, in the words of its sender: no names of our types."""
    said = [
        (
            _place(item["loc"], body),
            _OBJECT if item["type"] in _NO_OBJECT else item["msg"].removeprefix("Value error, "),
        )
        for item in error.errors(include_input=False, include_url=False, include_context=False)
    ]
    where = said[0][0]
    reasons = dict.fromkeys(
        reason for place, reason in said if place == where
    )  # a key that may have either of two types has two reasons
    return f"{where[:200]}: {', or: '.join(reasons)}."


def _place(loc: tuple[int | str, ...], body: object) -> str:
    """*loc* as far as it names keys and indices; what follows names the types that pydantic tried there."""
    words = []
    for part in loc:
        if isinstance(body, dict) and isinstance(part, str):
            body = body.get(part)
        elif isinstance(body, list) and isinstance(part, int) and part < len(body):
            body = body[part]
        else:
            break
        words.append(str(part))
    return ".".join(words)


def as_number(value: Any) -> float | None:
    """*value* as a number, if it is one or a string that says one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(int(value, 0)) if isinstance(value, str) and value.lower().startswith("0x") else float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def as_flag(value: Any) -> bool | None:
    """*value* as a boolean: JSON's own, or the numbers 0 and 1 with which capabilities say it."""
    if isinstance(value, bool):
        return value
    number = as_number(value)
    return bool(number) if number in {0.0, 1.0} else None


def _refuse_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are no JSON
