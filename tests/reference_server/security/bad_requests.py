"""Generates bad requests: each is a good one with something wrong in its method, path, query, headers or body. The same seed gives the same requests."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from reference_server.endpoints.table import ENDPOINTS

UNKNOWN_JOB = "00000000-0000-4000-8000-000000000000"
UNKNOWN_UID = "0123456789ab"
METHODS = ("GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS", "TRACE", "BREW")
ODD_TEXTS = (
    "",
    " ",
    "\0",
    "../../etc/passwd",
    "%2e%2e%2f",
    "%00",
    "%ff%fe",
    "ä€😀",
    "'; DROP TABLE jobs; --",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "-1",
    "999999999999999999999999",
    "1e309",
    "NaN",
    "null",
    "true",
    "a" * 3000,
    "image/gif",
)
ODD_VALUES: tuple[Any, ...] = (
    *ODD_TEXTS,
    None,
    True,
    -1,
    0,
    1.5,
    10**30,
    1e308,
    [],
    {},
    [[]] * 20,
    {"a": {"b": {"c": [1, 2, {"d": None}]}}},
    {"": ""},
    ["x"] * 600,
)
KEYS = (
    "autoRun",
    "config",
    "caps",
    "device",
    "settings",
    "jobTimeout",
    "scannerFailureTimeout",
    "checkFeederLoaded",
    "requireWebsocket",
    "license",
    "status",
    "logLevel",
    "source",
    "password",
    "insertPos",
    "metadata",
    "documentuid",
    "minBlockHeight",
    "capabilities",
    "exception",
)
CONFIG_KEYS = ("Resolution", "PixelType", "IfFeederEnabled", "IfDuplexEnabled", "XferCount", "Brightness", "PageSize")
QUERY_KEYS = (
    "type",
    "page",
    "pages",
    "caps",
    "quality",
    "password",
    "pageType",
    "compression",
    "documentuid",
    "showui",
)
HEADERS = (
    "Origin",
    "Host",
    "Content-Type",
    "Content-Length",
    "Transfer-Encoding",
    "DWT-PRODUCT-KEY",
    "DWT-DOC-PASSWORD",
    "X-DICS-DOC-PASSWORD",
    "Authorization",
    "Sec-Fetch-Site",
    "Connection",
    "Upgrade",
    "Expect",
    "Range",
    "If-None-Match",
    "Accept-Encoding",
    "Cookie",
    "X-Forwarded-For",
)


@dataclass
class BadRequest:
    """One of them."""

    method: str
    path: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class Generator:
    """Makes them.

    Args:
        seed: names the sequence.
        job: path of a job that exists, which is looked at but never started, stopped or deleted.
    """

    def __init__(self, seed: int, job: str) -> None:
        self._random = random.Random(seed)
        self._job = job.rsplit("/", 1)[1]
        self._paths = [endpoint.path for endpoint in ENDPOINTS]
        self._wrongs: tuple[Callable[[BadRequest], None], ...] = (
            self._wrong_query,
            self._wrong_header,
            self._wrong_body,
            self._cut_body,
            self._noise,
            self._wrong_path,
        )

    def __call__(self) -> BadRequest:
        """The next one. None of them makes a job or a document: their bodies are bad, or their origins."""
        choose = self._random.choice
        path = self._filled(choose(self._paths))
        request = BadRequest(choose(METHODS), path)
        if request.method in {"POST", "PATCH"}:
            self._wrong_body(request)
        for _ in range(self._random.randint(1, 3)):
            choose(self._wrongs)(request)
        if self._job in request.path and request.method in {"PATCH", "DELETE"}:
            request.headers["Origin"] = "https://evil.example"
        return request

    def _filled(self, path: str) -> str:
        """The path with words for its UIDs, mostly ones that nobody has."""
        while "{" in path:
            head, _, rest = path.partition("{")
            name, _, tail = rest.partition("}")
            known = [self._job] if name == "jobuid" else []
            word = self._random.choice(
                [*known, UNKNOWN_JOB, UNKNOWN_UID, _quoted(self._random.choice(ODD_TEXTS)) or "x"]
            )
            path = head + word + tail
        return path

    def _wrong_query(self, request: BadRequest) -> None:
        key, value = self._random.choice(QUERY_KEYS), _quoted(self._random.choice(ODD_TEXTS))
        request.path += ("&" if "?" in request.path else "?") + f"{key}={value}"

    def _wrong_header(self, request: BadRequest) -> None:
        value = self._random.choice(ODD_TEXTS).encode("ascii", "ignore").decode().replace("\0", "").strip()
        request.headers[self._random.choice(HEADERS)] = value or "x"

    def _wrong_body(self, request: BadRequest) -> None:
        choose = self._random.choice
        body: dict[str, Any] = {choose(KEYS): choose(ODD_VALUES) for _ in range(self._random.randint(1, 4))}
        body["config"] = choose(({choose(CONFIG_KEYS): [choose(ODD_VALUES)]}, [], "x", 5))
        body["autoRun"] = choose(("yes", 1, [], {}))  # a job is never made of it
        body["password"] = choose((5, [], "p" * 100))
        request.body = json.dumps(body).encode()

    def _cut_body(self, request: BadRequest) -> None:
        request.body = request.body[: self._random.randint(0, max(1, len(request.body) - 1))] or b"{"

    def _noise(self, request: BadRequest) -> None:
        request.body = b"\xff" + self._random.randbytes(self._random.choice((1, 10, 1000, 20_000)))

    def _wrong_path(self, request: BadRequest) -> None:
        place = self._random.randint(1, max(1, len(request.path) - 1))
        letters = string.ascii_letters + "/%.~"
        request.path = request.path[:place] + self._random.choice(letters) + request.path[place:]


def _quoted(text: str) -> str:
    """*text* as it may stand in a URL; escapes that are there already stay, so that they arrive as escapes."""
    return "".join(
        letter if letter.isascii() and letter.isprintable() and letter not in ' "#&<>?{}' else _escaped(letter)
        for letter in text
    )


def _escaped(letter: str) -> str:
    return "".join(f"%{byte:02X}" for byte in letter.encode())
