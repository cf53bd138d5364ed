"""Heads of requests that are refused before anything else looks at them (service-behaviour.md S-073: header floods, request smuggling, odd forms).

h11 has refused before what is no HTTP at all (:mod:`reference_server.wire.http11`): bytes outside ASCII in the request line, control characters, two different
lengths, heads over 64 KiB.
"""

from __future__ import annotations

from starlette.types import Scope

from device_protocol.vocabularies.rest import RestCode
from reference_server.config import Limits
from reference_server.errors import RestError, bad_parameter

VERSIONS = frozenset({"1.0", "1.1"})
_LENGTHS = frozenset({b"content-length", b"transfer-encoding"})


def check_head(scope: Scope, limits: Limits) -> None:
    """Refuse a head that no client of ours sends.

    Raises:
        RestError: 400, 414 or 431.
    """
    headers, target = scope["headers"], scope.get("raw_path") or b"/"
    if scope["http_version"] not in VERSIONS:
        raise bad_parameter("This service speaks HTTP/1.1 and nothing newer.")
    if len(target) + len(scope["query_string"]) > limits.target_bytes:
        raise RestError(414, RestCode.PARAMETER, f"The URL is longer than {limits.target_bytes} bytes.")
    if len(headers) > limits.headers:
        raise RestError(431, RestCode.PARAMETER, f"The request has more than {limits.headers} headers.")
    if target[:1] != b"/" and not (target == b"*" and scope["method"] == "OPTIONS"):
        raise bad_parameter("The request names no path. This service is no proxy.")
    if len(_LENGTHS.intersection(name for name, _ in headers)) > 1:
        raise bad_parameter("Content-Length and Transfer-Encoding contradict each other.")
