"""Bodies and answers of ``/process`` (rest-api.md 7)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from reference_server.models import Body, Int


class BarcodeRequest(Body):
    """POST /process/read-barcode (rest-api.md 7.1); *settings* is a keyword or a template, as text or as an object."""

    source: str
    settings: str | dict[str, Any] | None = None
    license: str | None = None


class BlankBand(Body):
    """The height band of check-blank, in pixels; only what is as high makes a page non-blank."""

    minBlockHeight: Annotated[Int, Field(ge=1)] = 20  # noqa: N815
    maxBlockHeight: Annotated[Int, Field(ge=1)] = 30  # noqa: N815


class BlankRequest(Body):
    """POST /process/check-blank (rest-api.md 7.2)."""

    source: str
    settings: BlankBand | None = None
    license: str | None = None


class BlankAnswer(BaseModel):
    """Answer of check-blank."""

    result: bool


class BarcodeFormatNames(BaseModel):
    """The format of a barcode; the second group is of formats that nothing here reads."""

    barcodeFormat: int  # noqa: N815
    barcodeFormatString: str  # noqa: N815
    barcodeFormat_2: int = 0  # noqa: N815
    barcodeFormatString_2: str = ""  # noqa: N815


class BarcodeAnswer(BarcodeFormatNames):
    """One barcode (rest-api.md 7.1)."""

    barcodeText: str  # noqa: N815
    barcodeBytes: list[int]  # noqa: N815
    localizationResult: dict[str, Any]  # noqa: N815
    detailedResult: dict[str, Any]  # noqa: N815
    results: list[dict[str, Any]]
    BarcodeFormat: int
    BarcodeFormatString: str
    LocalizationResult: dict[str, Any]
