"""The document itself, from the endpoint table."""

from __future__ import annotations

import functools
import http
import re
from typing import Any

from pydantic import BaseModel

from reference_server.access.guesses import NO_UIDS
from reference_server.compat import LEGACY, Rules, rules_for
from reference_server.endpoints.legacy import TEXT, is_legacy
from reference_server.endpoints.operation import Endpoint, Operation
from reference_server.endpoints.server import API_DATE
from reference_server.endpoints.table import describe_endpoints
from reference_server.header_names import PRODUCT_KEY
from reference_server.models import ErrorBody, PageInfoAnswer
from reference_server.modes import Compat, LicenceMode
from reference_server.openapi.configuration import configuration
from reference_server.openapi.parameters import HEADERS, PATH, QUERY, Parameter
from reference_server.openapi.schemas import Schema, model_schemas, reference

VERSION = "3.1.0"
LEGACY_PREFIX = "Legacy"
JSON = "application/json"
OTHER_BODY_TYPES = ("text/plain", "application/text")
"""Bodies are JSON whatever their type says (rest-api.md 1.2); these are types that clients are known to say, less the form type, of which OpenAPI would
think that it were a form."""

EVERYWHERE = (400, 403, 405, 414, 431, 500, 503)
"""What every operation can answer, the first and those for its head before anybody looks what it wants; 405 stands for the other methods of its path."""

GUESSED = 429
"""What every operation answers to a caller who has guessed too often (:mod:`reference_server.access.guesses`)."""

LINKS = {
    "/api/device/scanners/jobs": ("jobuid", "$response.body#/jobuid"),
    "/api/storage/documents": ("documentuid", "$response.body#/uid"),
}
"""Where a POST makes something: the parameter that names it elsewhere, and where its answer has the value."""

WORDS = {
    400: "A parameter or the body is not valid",
    403: "The access table, the licence or a password refuses this client",
    404: "Nobody knows this UID",
    405: "This method is not supported here",
    408: "The body did not arrive in time",
    409: "Not in this state of the job",
    410: "The job was deleted, or its pages are at an end",
    413: "The body is too long",
    414: "The URL is too long",
    423: "Another job has the scanner",
    426: "This is a WebSocket, and the request asks for no upgrade",
    429: "Too many requests; waiting helps",
    431: "The head of the request is too long, or has too many headers",
    500: "The service or the scanner failed",
    503: "A limit of the service is reached; waiting helps",
    507: "Neither memory nor disk has room, or a limit of the document store is reached",
}

_TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": "The service's own token, asked from clients on other machines only",
}
_TEXT_HEADER: Schema = {"schema": {"type": "string"}}
_NAMES = re.compile(r"\{(\w+)\}")


@functools.cache
def openapi(compat: Compat, licence: LicenceMode) -> dict[str, Any]:
    """The document for a service of this configuration; not to be changed by whoever gets it."""
    rules = rules_for(compat)
    endpoints = tuple(endpoint.under(rules) for endpoint in describe_endpoints())
    return {
        "openapi": VERSION,
        "info": {
            "title": "flatbed scanning service",
            "version": API_DATE,
            "summary": f"REST API of a local scanning service, compat {compat}",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{}, {"token": []}],
        "paths": {endpoint.path: _path(endpoint, rules, licence) for endpoint in endpoints},
        "components": {
            "schemas": _components(endpoints, rules),
            "securitySchemes": {"token": _TOKEN},
        },
    }


def _components(endpoints: tuple[Endpoint, ...], rules: Rules) -> Schema:
    """All models; bodies of the legacy API are as loose as that is, under either profile."""
    ours: list[type[BaseModel]] = [ErrorBody]
    legacy: list[type[BaseModel]] = []
    for endpoint in endpoints:
        for operation in endpoint.operations:
            if operation.request is not None:
                (legacy if is_legacy(endpoint.path) else ours).append(operation.request)
            if operation.answer is not None:
                ours.append(operation.answer)
    return {
        **model_schemas(dict.fromkeys(ours), rules),
        **model_schemas(legacy, LEGACY, LEGACY_PREFIX),
        "DeviceConfiguration": configuration(rules),
        f"{LEGACY_PREFIX}DeviceConfiguration": configuration(LEGACY),
    }


def _path(endpoint: Endpoint, rules: Rules, licence: LicenceMode) -> Schema:
    return {
        operation.method.lower(): _operation(endpoint.path, operation, rules, licence)
        for operation in endpoint.operations
    }


def _operation(path: str, operation: Operation, rules: Rules, licence: LicenceMode) -> Schema:
    made: Schema = {
        "operationId": operation_id(path, operation.method),
        "summary": operation.summary,
        "tags": [path.split("/")[1 if is_legacy(path) else 2]],
        "parameters": _parameters(path, operation, rules, licence),
        "responses": _responses(path, operation, rules),
    }
    if operation.request is not None:
        legacy = is_legacy(path)
        types = (JSON, *OTHER_BODY_TYPES) if rules.loose_types or legacy else (JSON,)
        schema = reference(operation.request, LEGACY_PREFIX if legacy else "")
        required = any(item.is_required() for item in operation.request.model_fields.values())
        made["requestBody"] = {
            "required": required,
            "content": {media_type: {"schema": schema} for media_type in types} | _form(operation),
        }
    return made


def _form(operation: Operation) -> Schema:
    """The form that may be sent instead of JSON."""
    if not operation.form:
        return {}
    *words, picture = operation.form
    properties = {name: {"type": "string"} for name in words} | {picture: {"type": "string", "format": "binary"}}
    return {"multipart/form-data": {"schema": {"type": "object", "required": [picture], "properties": properties}}}


def operation_id(path: str, method: str) -> str:
    """A name for an operation: its method and the words of its path."""
    words = re.sub(r"[^0-9A-Za-z]+", " ", path.removeprefix("/api")).split()
    return "_".join([method.lower(), *words])


def _parameters(path: str, operation: Operation, rules: Rules, licence: LicenceMode) -> list[Schema]:
    found = [PATH[name].said(name, "path", rules) for name in _NAMES.findall(path)]
    found += [QUERY.get((path, name), Parameter(name)).said(name, "query", rules) for name in operation.query]
    for name in operation.headers:
        header = HEADERS[name].said(name, "header", rules)
        if header is not None and name == PRODUCT_KEY[0] and not rules.licence_in_body:
            header["required"] = licence is not LicenceMode.IGNORE
        found.append(header)
    return [item for item in found if item is not None]


def _responses(path: str, operation: Operation, rules: Rules) -> Schema:
    made: Schema = {}
    for status in operation.success:
        made[str(status)] = {"description": http.HTTPStatus(status).phrase, "headers": _headers(status)}
        if content := _content(operation, status, rules):
            made[str(status)]["content"] = content
        if status == http.HTTPStatus.CREATED and path in LINKS:
            made[str(status)]["links"] = _links(*LINKS[path])
    guessed = () if path.startswith(NO_UIDS) else (GUESSED,)
    for status in sorted({*operation.errors, *EVERYWHERE, *guessed}):
        content = {TEXT: {"schema": {"type": "string"}}} if is_legacy(path) else {JSON: {"schema": _error(status)}}
        made[str(status)] = {"description": WORDS[status], "headers": _headers(status), "content": content}
    return made


def _content(operation: Operation, status: int, rules: Rules) -> Schema:
    """The bodies of a success; 204 has none (rest-api.md 1.4)."""
    if status == http.HTTPStatus.NO_CONTENT:
        return {}
    made: Schema = {media_type: {} for media_type in operation.media_types}
    if operation.answer is not None or operation.many:
        one = {"type": "object"} if operation.answer is None else reference(operation.answer)
        array = operation.many or (operation.answer is PageInfoAnswer and rules.page_info_is_array)  # D-01
        made[JSON] = {"schema": {"type": "array", "items": one} if array else one}
    return made


def _links(parameter: str, expression: str) -> Schema:
    """To every operation that takes what was made."""
    return {
        operation_id(endpoint.path, method): {
            "operationId": operation_id(endpoint.path, method),
            "parameters": {parameter: expression},
        }
        for endpoint in describe_endpoints()
        if parameter in _NAMES.findall(endpoint.path)
        for method in endpoint.methods
    }


def _error(status: int) -> Schema:
    return {"allOf": [reference(ErrorBody), {"properties": {"statusCode": {"const": status}}}]}


def _headers(status: int) -> Schema:
    made = {"X-Request-Id": _TEXT_HEADER | {"description": "Names the request in the service's log"}}
    if status == http.HTTPStatus.CREATED:
        made["Location"] = _TEXT_HEADER | {"description": "Where it is"}
    if status == http.HTTPStatus.METHOD_NOT_ALLOWED:
        made["Allow"] = _TEXT_HEADER | {"description": "The methods that there are"}
    if status in {http.HTTPStatus.SERVICE_UNAVAILABLE, GUESSED}:
        made["Retry-After"] = {"schema": {"type": "integer"}, "description": "Seconds"}
    return made
