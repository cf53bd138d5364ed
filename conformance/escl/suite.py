"""The suite of an eSCL scanner: how it is reached, what is found at first contact, and a desk for each check."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import trio

from conformance.bench import Log
from conformance.checking import Check
from conformance.escl import limits, markup, reading
from conformance.escl.checks import CHECKS
from conformance.escl.desk import Desk
from conformance.escl.operator import Ask, ControlAddress, Nobody, Operator, Person, Simulated
from conformance.requirements import Requirement, Subject
from conformance.requirements.escl.facts import EsclFacts
from conformance.runner.facts import Unreachable
from conformance.runner.suite import Contact
from conformance.runner.targets import UsageError
from conformance.wire import Answer, Connect, FaultKind, WireClient, WireFault, WireLimits, tcp, tls_over

ROOT = "/eSCL"
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a scanner is.

    Attributes:
        scheme: ``http`` or ``https``.
        host, port: of its address.
        root: path of its documents, without a slash at the end.
    """

    scheme: str
    host: str
    port: int
    root: str = ROOT

    @classmethod
    def parse(cls, url: str, root: str | None = None) -> Address:
        """The address in *url*.

        Args:
            url: ``http://host[:port][/root]``.
            root: path of the documents, if it is not in the address; default: ``/eSCL``.

        Raises:
            ValueError: it is none.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise UsageError(f"{url!r} is no address: {error}") from None
        if parts.scheme not in PORTS or not parts.hostname or parts.query or parts.fragment:
            raise UsageError(f"{url!r} is no address of a scanner; write for example http://127.0.0.1:8290/eSCL")
        path = (parts.path.rstrip("/") or ROOT) if root is None else "/" + root.strip("/")
        return cls(parts.scheme, parts.hostname, port or PORTS[parts.scheme], path.rstrip("/"))

    @property
    def authority(self) -> str:
        """For ``Host``: name and port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """As one would type it."""
        return f"{self.scheme}://{self.authority}{self.root}"


@dataclass(frozen=True)
class EsclTarget:
    """What is judged, and how.

    Attributes:
        address: of the scanner.
        names: further names by which it is announced (``--host``).
        insecure: over TLS any certificate will do.
        control: address of our door's control API; empty: none.
        ask: how a person is asked; None: nobody is there.
        quick: nothing that takes minutes.
        connect: gives connections, also to the control API; default: by TCP.
    """

    address: Address
    names: tuple[str, ...] = ()
    insecure: bool = False
    control: str = ""
    ask: Ask | None = None
    quick: bool = False
    connect: Connect | None = None

    def connection(self) -> Connect:
        """How the scanner is reached."""
        if self.connect is not None:
            return self.connect
        return self._over(self.address.host, self.address.port, secure=self.address.scheme == "https")

    def operator(self, log: Log) -> Operator:
        """Who stands before the scanner.

        Raises:
            ValueError: the address of the control API is none.
        """
        if self.control:
            control = ControlAddress.parse(self.control, self.address.root)
            connect = self.connect or self._over(control.host, control.port, secure=control.secure)
            return Simulated(connect, control, log)
        return Nobody() if self.ask is None else Person(self.ask)

    def _over(self, host: str, port: int, *, secure: bool) -> Connect:
        connect = tcp(host, port)
        if not secure:
            return connect
        context = ssl.create_default_context()
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return tls_over(connect, host, context)


class EsclSuite:
    """See :class:`conformance.runner.suite.Suite`."""

    subject = Subject.ESCL
    checks: Mapping[str, Check[Desk]] = CHECKS
    baseline_for = "escl"

    def __init__(self, target: EsclTarget) -> None:
        if target.control:
            ControlAddress.parse(target.control)  # tells a wrong one before anything is judged
        self.target = target
        self.name = target.address.url

    async def contact(self, log: Log) -> Contact[EsclFacts]:
        """Look what is there: the capabilities, if they can be read.

        Raises:
            Unreachable: nobody answers there, or nothing of eSCL.
        """
        address = self.target.address
        secure = address.scheme == "https"
        client = self._client(log)
        path = f"{address.root}/ScannerCapabilities"
        try:
            answer = await client.request("GET", path)
        except WireFault as fault:
            if fault.kind is FaultKind.NO_CONNECTION:
                raise Unreachable(_told(fault, secure=secure)) from None
            return Contact(EsclFacts(None, f"GET {path}: {fault.evidence}", secure), "")
        if answer.status == 404:
            raise Unreachable(
                f"There is no eSCL scanner at {address.url}: GET {path} is answered 404. Say its path with --root."
            )
        facts = _facts(answer, path, secure=secure)
        return Contact(facts, "" if facts.caps is None else facts.caps.make_and_model)

    @asynccontextmanager
    async def desk(
        self, row: Requirement, facts: EsclFacts, *, log: Log, seed: int, note: Callable[[str], None]
    ) -> AsyncIterator[Desk]:
        """What the check of *row* has in its hands."""
        desk = Desk(
            facts,
            row,
            client=self._client(log),
            pages=self._client(log, limits.PAGES),
            root=self.target.address.root,
            operator=self.target.operator(log),
            names=self.target.names,
            quick=self.target.quick,
            in_flight=limits.IN_FLIGHT if self.target.connect is None else 0,
            seed=seed,
            note=note,
        )
        try:
            yield desk
        finally:
            with trio.CancelScope(shield=True):
                await desk.tidy()

    def as_data(self) -> dict[str, Any]:
        """For a replay file. The control API's token is not in it: it is another one in each run."""
        target = self.target
        return {
            "url": target.address.url,
            "names": list(target.names),
            "insecure": target.insecure,
            "quick": target.quick,
        }

    def _client(self, log: Log, bounds: WireLimits = limits.DOCUMENTS) -> WireClient:
        return WireClient(self.target.connection(), self.target.address.authority, log, bounds)


def from_data(data: Mapping[str, Any]) -> EsclSuite:
    """The suite of a replay file's target.

    Raises:
        UsageError: it names none.
    """
    url, names = data.get("url"), data.get("names", [])
    if not isinstance(url, str) or not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise UsageError("the replay file's target has no address of a scanner")
    return EsclSuite(
        EsclTarget(
            Address.parse(url), tuple(names), insecure=data.get("insecure") is True, quick=data.get("quick") is True
        )
    )


def _facts(answer: Answer, path: str, *, secure: bool) -> EsclFacts:
    if answer.status != 200:
        return EsclFacts(None, f"GET {path} was answered {answer.status}", secure)
    try:
        root = markup.read(answer.body)
    except markup.MarkupError as error:
        return EsclFacts(None, f"ScannerCapabilities: {error}", secure)
    if markup.local(root) != "ScannerCapabilities":
        return EsclFacts(None, f"GET {path} gave <{markup.local(root)[:40]}>", secure)
    return EsclFacts(reading.capabilities(root), "", secure)


def _told(fault: WireFault, *, secure: bool) -> str:
    hint = " --insecure takes any certificate." if secure and "TLS" in fault.evidence else ""
    return f"{fault.evidence[:1].upper()}{fault.evidence[1:]}.{hint}"
