"""``/process``: barcodes and blank pages (rest-api.md 7). The work is done in the host's codec process.

Two more operations that the published description mentions in prose, ``rotate`` and ``calculate-skew-angle``, stand in no list of its operations and in no
client; they are no part of the contract (rest-api.md 2) and answer 404 like any other path.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from device_protocol import Code, DeviceError
from device_protocol.vocabularies.rest import RestCode
from reference_server.access.licence import check_licence
from reference_server.endpoints.call import JSON, Call, json_answer
from reference_server.errors import RestError, bad_parameter, overloaded
from reference_server.modes import LicenceMode
from reference_server.pages.source import resolve
from reference_server.processing import CHECK_BLANK, READ_BARCODES
from reference_server.processing.models import BarcodeRequest, BlankAnswer, BlankBand, BlankRequest
from reference_server.processing.multipart import is_form, parse_form
from reference_server.processing.templates import Template, read_template
from reference_server.wire.delivery import Answer

READ_BARCODE_PATH = "/api/process/read-barcode"
FORM_PARTS = ("settings", "stream")
"""Names of the parts of a form: a template as text, and a picture."""

MOST_ROWS = 1_000_000


async def read_barcode(call: Call) -> Answer:
    """POST read-barcode: the page of a job, or a picture in a form (D-13)."""
    mode, rules = call.service.licence, call.service.rules
    if is_form(call.exchange.headers.get("content-type")):
        template, picture = await _form(call)
        check_licence(mode, call.exchange, None, rules)
        what = "stream"
    else:
        body = await call.body(BarcodeRequest)
        check_licence(mode, call.exchange, body.license, rules)
        template = read_template(body.settings, loose=rules.all_barcode_settings)
        picture = await _page(call, body.source)
        what = "source"
    formats = None if template.formats is None else list(template.formats)
    _, found = await _compute(call, what, READ_BARCODES, picture, template.effort.value, formats, template.expected)
    return Answer(200, found, media_type=JSON)


async def check_blank(call: Call) -> Answer:
    """POST check-blank: on every system (D-14). A licence is not needed, but a service that rejects all rejects it here too."""
    body = await call.body(BlankRequest)
    mode = call.service.licence
    if mode is LicenceMode.REJECT:
        check_licence(mode, call.exchange, body.license, call.service.rules)
    band = body.settings or BlankBand()
    if band.minBlockHeight > band.maxBlockHeight:
        raise bad_parameter("settings: minBlockHeight is greater than maxBlockHeight.")
    picture = await _page(call, body.source)
    least, most = min(band.minBlockHeight, MOST_ROWS), min(band.maxBlockHeight, MOST_ROWS)
    blank, _ = await _compute(call, "source", CHECK_BLANK, picture, least, most)
    return json_answer(BlankAnswer(result=bool(blank)))


async def _form(call: Call) -> tuple[Template, bytes]:
    """Template and picture of a form.

    Raises:
        RestError: 400, 408, 413, and 503 while too many others are sending pictures.
    """
    if not call.exchange.is_upload:
        raise overloaded("Too many pictures are being sent.")
    content_type = call.exchange.headers.get("content-type", "")
    parts = parse_form(content_type, await call.exchange.body())
    if "stream" not in parts:
        raise bad_parameter("stream: the form has no picture.")
    settings = parts["settings"].data.decode("utf-8", "replace") if "settings" in parts else None
    return read_template(settings, loose=call.service.rules.all_barcode_settings), parts["stream"].data


async def _page(call: Call, source: str) -> bytes:
    job, page = resolve(call, source)
    return await job.pages.read(page)


async def _compute(call: Call, what: str, target: str, data: bytes, *arguments: Any) -> tuple[Any, bytes]:
    """What the codec process makes of a picture.

    Raises:
        RestError: 400, the picture of *what* cannot be read; 500, the process was too slow or died, and the next request finds a new one; 503.
        ClientGoneError: nobody waits for it any more; the work was given up.
    """
    service = call.service
    if service.processing >= service.config.limits.processing:
        raise overloaded("Too many pages are being looked at.")
    service.processing += 1
    try:
        return await call.exchange.while_there(partial(service.host.compute, target, data, *arguments))
    except DeviceError as error:
        if error.code is Code.UNSUPPORTED:
            raise bad_parameter(f"{what}: the picture cannot be read: {error.message}.") from None
        raise RestError(500, RestCode.FAILURE, "The picture could not be looked at; the log says more.") from error
    finally:
        service.processing -= 1
