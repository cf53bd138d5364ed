"""The OpenAPI document of the control API, from its table and models, by the means with which the API's is made."""

from __future__ import annotations

import http
import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from pydantic import BaseModel

from reference_server.endpoints.operation import Endpoint, Operation
from reference_server.models import Body, ErrorBody
from reference_server.openapi.document import JSON, VERSION, operation_id
from reference_server.openapi.schemas import REF, Schema, reference

EVERYWHERE = (401, 403, 405, 500)
WORDS = {
    400: "The body or an argument is not valid",
    401: "The token of the control API is missing",
    403: "The access table refuses this client",
    404: "There is no such thing",
    405: "This method is not supported here",
    408: "The body did not arrive in time",
    409: "The device cannot do that now",
    410: "It was there, and was removed",
    413: "The body is too long",
    423: "Another job has the scanner",
    500: "The service or the device failed",
    503: "Too many jobs or requests wait",
    507: "There is no room for pages",
}
_NAMES = re.compile(r"\{(\w+)\}")


def control_openapi(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """The document."""
    models: dict[type[BaseModel], None] = {ErrorBody: None}
    for operation in (operation for endpoint in endpoints for operation in endpoint.operations):
        models |= {model: None for model in (operation.request, operation.answer) if model is not None}
    token = {"type": "http", "scheme": "bearer", "description": "Printed by `flatbed serve`, and in its ready file"}
    return {
        "openapi": VERSION,
        "info": {"title": "flatbed control API", "version": "1", "summary": "Sets the scene for tests, in lab mode"},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": {endpoint.path: _path(endpoint) for endpoint in endpoints},
        "components": {"schemas": _schemas(models), "securitySchemes": {"token": token}},
    }


def _schemas(models: Iterable[type[BaseModel]]) -> dict[str, Schema]:
    """The components for *models*; unlike those of the API, bodies refuse unknown keys, and so they stay as pydantic says them."""
    found: dict[str, Schema] = {}
    for model in models:
        mode: Literal["validation", "serialization"] = "validation" if issubclass(model, Body) else "serialization"
        schema = model.model_json_schema(ref_template=f"{REF}{{model}}", mode=mode)
        found |= schema.pop("$defs", {})
        found[model.__name__] = schema
    return found


def _path(endpoint: Endpoint) -> Schema:
    return {operation.method.lower(): _operation(endpoint.path, operation) for operation in endpoint.operations}


def _operation(path: str, operation: Operation) -> Schema:
    named: list[tuple[str, str, Schema]] = [(name, "path", {"type": "string"}) for name in _NAMES.findall(path)]
    named += [(name, "query", {"type": "integer", "minimum": 0}) for name in operation.query]
    made: Schema = {
        "operationId": operation_id(path, operation.method),
        "summary": operation.summary,
        "parameters": [
            {"name": name, "in": place, "required": place == "path", "schema": schema} for name, place, schema in named
        ],
        "responses": {str(status): _success(operation, status) for status in operation.success},
    }
    for status in sorted({*operation.errors, *EVERYWHERE}):
        made["responses"][str(status)] = {
            "description": WORDS[status],
            "content": {JSON: {"schema": reference(ErrorBody)}},
        }
    if operation.request is not None:
        required = any(item.is_required() for item in operation.request.model_fields.values())
        made["requestBody"] = {
            "required": required,
            "content": {JSON: {"schema": reference(operation.request)}},
        }
    return made


def _success(operation: Operation, status: int) -> Schema:
    made: Schema = {"description": http.HTTPStatus(status).phrase}
    if operation.media_types and operation.answer is None and JSON not in operation.media_types:
        made["content"] = {name: {"schema": {}} for name in operation.media_types}
    if operation.answer is not None:
        one = reference(operation.answer)
        made["content"] = {JSON: {"schema": {"type": "array", "items": one} if operation.many else one}}
    return made
