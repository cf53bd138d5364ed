"""``/api/openapi.json``: what this service says of itself."""

from __future__ import annotations

from reference_server.endpoints.call import Call, json_answer
from reference_server.wire.delivery import Answer

PATH = "/api/openapi.json"


async def get_openapi(call: Call) -> Answer:
    """GET openapi.json: the OpenAPI document of this service as it is configured."""
    from reference_server.openapi.document import openapi  # noqa: PLC0415  # it reads the table, in which this endpoint is

    return json_answer(openapi(call.service.config.compat, call.service.licence))
