"""Where a service is and what a client shows it: address, token, authority, licence, origin; and when a request is tried again."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from flatbed.client.calls import Call, Reply
from flatbed.client.errors import ReadyFileError, RestError

LONGEST_PAUSE = 30.0
"""Seconds that a client waits at most because a service says ``Retry-After``."""


@dataclass(frozen=True)
class Access:
    """Everything that a client needs to know of its service.

    Attributes:
        base_url: scheme, host and port, without a slash at the end; what follows them is dropped.
        token: for services on other machines.
        ca: file with the certificate of the authority that a service's https goes back to; None: those of the system.
        licence: sent with jobs and processing.
        origin: sent with everything; jobs belong to it. None: no browser's rules apply, and none is sent.
        timeout: seconds for each step of a request that does not wait for a page.
        retries: how often a request that changes nothing is tried again when the service is overloaded (503).
    """

    base_url: str
    token: str | None = None
    ca: str | Path | None = None
    licence: str | None = None
    origin: str | None = None
    timeout: float = 30.0
    retries: int = 4

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{self.base_url!r} is no address of a service; one looks like http://127.0.0.1:18622")
        object.__setattr__(self, "base_url", f"{parts.scheme}://{parts.netloc}")

    @property
    def headers(self) -> dict[str, str]:
        """What goes with every request."""
        headers = {}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.origin is not None:
            headers["Origin"] = self.origin
        return headers

    def tls(self) -> ssl.SSLContext | None:
        """How the service's certificate is verified; None for plain http."""
        if not self.base_url.startswith("https"):
            return None
        return ssl.create_default_context(cafile=None if self.ca is None else str(self.ca))

    def keywords(self) -> dict[str, Any]:
        """For an HTTP client of httpx. It goes straight to the service and asks no proxy."""
        context = self.tls()
        return {
            "base_url": self.base_url,
            "headers": self.headers,
            "timeout": self.timeout,
            "verify": context if context is not None else False,  # plain http has nothing to verify
            "trust_env": False,
            "follow_redirects": False,
        }

    def request(self, call: Call[Any]) -> dict[str, Any]:
        """*call* as arguments of an httpx client."""
        headers = dict(call.headers)
        if call.licensed and self.licence is not None:
            headers["DWT-PRODUCT-KEY"] = self.licence
        timeout = httpx.Timeout(self.timeout, read=None) if call.patient else httpx.Timeout(self.timeout)
        return {
            "method": call.method,
            "url": call.path,
            "params": dict(call.query) or None,
            "json": None if call.body is None else dict(call.body),
            "headers": headers,
            "timeout": timeout,
        }

    def pause(self, call: Call[Any], error: RestError, tries: int) -> float | None:
        """Seconds until *call*, which was refused *tries* times, is tried again; None: never."""
        if not call.safe or error.status != 503 or error.retry_after is None or tries > self.retries:
            return None
        return min(max(error.retry_after, 0.0), LONGEST_PAUSE)


def read_ready_file(path: str | Path, *, secure: bool) -> dict[str, Any]:
    """What the ready file of a service says of address, token and authority; *secure* takes https where there is a choice.

    Raises:
        ReadyFileError: it is not there, is none, or names no address of that kind.
    """
    try:
        ready = json.loads(Path(path).read_text())
        plain, secured = ready["http"], ready["https"]
        token, ca = ready["token"], ready["ca"]
    except FileNotFoundError:
        raise ReadyFileError(f"{path} is not there: the service is not ready, or has ended.") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReadyFileError(f"{path} is no ready file: {error!r}.") from None
    url = secured if secure else plain or secured
    if not isinstance(url, str):
        raise ReadyFileError(f"{path} names no {'https' if secure else 'http'} address.")
    return {"base_url": url, "token": token, "ca": ca}


def reply_of(answer: httpx.Response) -> Reply:
    """An answer, as :mod:`flatbed.client.calls` knows it."""
    return Reply(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.content)
