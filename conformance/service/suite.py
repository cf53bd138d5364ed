"""The suite of services: what it takes to judge one, and what of it goes into a replay file."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from conformance.bench import Log
from conformance.checking import Check
from conformance.requirements import Requirement, Subject
from conformance.requirements.rest.facts import ServiceFacts
from conformance.runner.suite import Contact
from conformance.runner.targets import UsageError
from conformance.service.away import beyond_loopback
from conformance.service.checks import CHECKS
from conformance.service.contact import FirstContact
from conformance.service.desk import PATIENCE_S, Desk, Place
from conformance.service.operators import Absent, Controlled, Operator
from conformance.service.rest_client import RestClient
from conformance.service.traps import trap_near
from conformance.wire import Connect, WireClient, WireLimits, tcp, tls_over

PORTS = {"http": 80, "https": 443}
LIMITS = WireLimits(answer=30.0)
MOST_PATIENCE_S = 120.0

MakeOperator = Callable[[Log], Operator]


@dataclass
class ServiceSuite:
    """Judges one service.

    Attributes:
        name: its URL, as one would type it.
        place: where it is; memory streams and sockets are alike.
        root: what stands before ``/api`` in its paths.
        fields: header fields of every request: product key, token.
        scanner: name of the scanner to use; empty: the one that costs least.
        origins: that are let in as the user knows; ``*``: every one is.
        legacy: whether the legacy API is wanted; None: if it is there.
        make_operator: gives who stands beside the scanner.
        data: for a replay file.
    """

    name: str
    place: Place
    root: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    scanner: str = ""
    origins: tuple[str, ...] = ()
    legacy: bool | None = None
    make_operator: MakeOperator = lambda _log: Absent()
    data: Mapping[str, Any] = field(default_factory=dict)
    limits: WireLimits = LIMITS
    subject: Subject = Subject.SERVICE
    checks: Mapping[str, Check[Desk]] = field(default_factory=lambda: CHECKS)
    baseline_for: str = "service"

    def _rest(self, log: Log) -> RestClient:
        return RestClient(WireClient(self.place.connect, self.place.host, log, self.limits), self.root, self.fields)

    async def contact(self, log: Log) -> Contact[ServiceFacts]:
        """See :class:`~conformance.runner.suite.Suite`."""
        facts = await FirstContact(self._rest(log), self.scanner, self.origins, self.legacy).make()
        return Contact(facts, f"service {facts.version}, {facts.scanner.name}")

    @asynccontextmanager
    async def desk(
        self, row: Requirement, facts: ServiceFacts, *, log: Log, seed: int, note: Callable[[str], None]
    ) -> AsyncIterator[Desk]:
        """See :class:`~conformance.runner.suite.Suite`."""
        desk = Desk(self.place, self._rest(log), facts, row, self.make_operator(log), log=log, seed=seed, note=note)
        try:
            yield desk
        finally:
            await desk.tidy()

    def as_data(self) -> dict[str, Any]:
        """See :class:`~conformance.runner.suite.Suite`; secrets and people are left out."""
        return {
            "url": self.name,
            "scanner": self.scanner,
            "origins": list(self.origins),
            "legacy": self.legacy,
            **self.data,
        }


def service_at(
    url: str,
    *,
    scanner: str = "",
    origins: tuple[str, ...] = (),
    legacy: bool | None = None,
    ca: Path | None = None,
    insecure: bool = False,
    product_key: str = "",
    token: str = "",
    patience: float = PATIENCE_S,
    make_operator: MakeOperator = lambda _log: Absent(),
) -> ServiceSuite:
    """The suite of the service at *url*.

    Args:
        url: of its HTTP or HTTPS port; a path is what stands before ``/api``, and ``/api`` itself may stand at its end.
        scanner: name of the one to use; empty: the one that costs least.
        origins: that are let in; ``*``: every one is.
        legacy: whether the legacy API is wanted; None: if it is there.
        make_operator: gives who stands beside the scanner.
        patience: seconds for which a check waits for what must not happen.
        ca: PEM file of the authority to trust.
        insecure: trust any certificate.
        product_key: sent with each request.
        token: sent as a bearer with each request.

    Raises:
        UsageError: *url* is none.
    """
    parts, host, port = split_url(url)
    connect: Connect = tcp(host, port)
    if parts.scheme == "https":
        connect = tls_over(connect, host, tls_context(ca, insecure=insecure))
    fields = [("DWT-PRODUCT-KEY", product_key)] if product_key else []
    fields += [("Authorization", f"Bearer {token}")] if token else []
    place = Place(connect, parts.scheme, parts.netloc, beyond_loopback(host, port), trap_near(host), patience)
    return ServiceSuite(
        url,
        place,
        parts.path.rstrip("/").removesuffix("/api"),
        tuple(fields),
        scanner,
        origins,
        legacy,
        make_operator,
        {"ca": str(ca) if ca else None, "insecure": insecure, "patience": patience},
    )


def split_url(url: str) -> tuple[Any, str, int]:
    """A URL of a service, taken apart.

    Raises:
        UsageError: it is none.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise UsageError(f"{url!r}: {error}") from None
    if parts.scheme not in PORTS or not host or parts.username is not None:
        raise UsageError(f"{url!r} is no address of a service; write for example http://127.0.0.1:18622")
    return parts, host, port


def tls_context(ca: Path | None, *, insecure: bool) -> ssl.SSLContext:
    """Whom to trust.

    Raises:
        UsageError: *ca* is no file of certificates.
    """
    try:
        context = ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"--ca {ca}: {error}") from None
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def control_at(url: str, token: str, *, ca: Path | None = None, insecure: bool = False) -> MakeOperator:
    """The operator behind a control API.

    Args:
        url: as our service prints it; the token may stand behind a ``#``.
        token: for it; empty: the one in *url*.
        ca: PEM file of the authority to trust.
        insecure: trust any certificate.

    Raises:
        UsageError: *url* is none, or there is no token.
    """
    address, _, inside = url.partition("#")
    parts, host, port = split_url(address)
    if not (token or inside):
        raise UsageError("--control needs --token, or the URL with its token behind a #, as the ready file has it.")
    connect: Connect = tcp(host, port)
    if parts.scheme == "https":
        connect = tls_over(connect, host, tls_context(ca, insecure=insecure))
    root = parts.path.rstrip("/") or "/control"
    return lambda log: Controlled(connect, parts.netloc, root, token or inside, log)


def from_data(data: Mapping[str, Any]) -> ServiceSuite:
    """The suite of a replay file's target; what is secret has to be given anew.

    Raises:
        UsageError: it is none.
    """
    url, scanner, origins, legacy = (data.get(key) for key in ("url", "scanner", "origins", "legacy"))
    if not isinstance(url, str) or not isinstance(scanner, str):
        raise UsageError("the replay file's target has no url or scanner")
    if not isinstance(origins, list) or not all(isinstance(item, str) for item in origins):
        raise UsageError("the replay file's target: origins must be a list of texts")
    if not (legacy is None or isinstance(legacy, bool)):
        raise UsageError("the replay file's target: legacy must be true, false or null")
    ca, patience = data.get("ca"), data.get("patience", PATIENCE_S)
    if not isinstance(patience, int | float) or isinstance(patience, bool) or not 0 < patience <= MOST_PATIENCE_S:
        raise UsageError("the replay file's target: patience must be a number of seconds")
    return service_at(
        url,
        scanner=scanner,
        origins=tuple(origins),
        legacy=legacy,
        ca=Path(ca) if isinstance(ca, str) else None,
        insecure=data.get("insecure") is True,
        patience=float(patience),
    )
