"""What a service is started with."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reference_server.access.consent_rules import parse_overrides, parse_rule
from reference_server.access.origins import check_origins
from reference_server.modes import AccessMode, Compat, LicenceMode
from reference_server.tls.names import check_host_names
from reference_server.tls.user_pair import parse_host_certs
from reference_server.wire.doors import DOORS, Door, DoorPort, check_ports, door_port

MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What keeps the service from growing without end.

    Attributes:
        body_bytes: of a JSON request.
        upload_bytes: of a picture in a form.
        uploads: requests with such a body at the same time.
        processing: pages that are looked at for barcodes or blemishes at the same time, those included that wait for their turn.
        body_seconds: real time within which a body must arrive.
        body_rate: bytes a second that a body must make, in each five seconds.
        head_seconds: real time from the first byte of a request to the end of its head.
        headers, target_bytes: lines of a head, and length of what it asks for.
        jobs: jobs that are kept, ended ones included.
        connections: that are served without a second look; fewer where the limit of open files is low (:mod:`reference_server.wire.descriptors`).
        requests: under way at the same time, without those that never wait.
        retain_seconds, retain_jobs, retain_pages: how long, how many and with how many pages in all jobs are kept after their end; the oldest go first, and
            answer 410 from then on. The job that ended last stays whatever its number of pages. None, the default: until somebody deletes them (S-100).
        polls, polls_per_job: requests that wait for a page at the same time.
        stall_seconds: real time without progress after which a client is given up, and the page it was to get is free again.
        tombstones: deleted job UIDs that are remembered.
        variant_bytes: pages kept in a second encoding.
        release_seconds: how long a new job waits for a scanner whose last job has ended but is still closing it.
        first_answers_seconds: how long a list of scanners waits for drivers that have not answered yet.
        close_seconds: real time after which a device that does not close is left to itself.
        documents: in the store.
        document_pages, document_bytes: of one document.
        metadata_bytes: of one document, as JSON.
        consent_seconds: how long a request waits for somebody's consent.
        consents: requests that wait for it at the same time.
        sockets, sockets_per_origin: WebSockets that are open at the same time.
        first_frame_seconds: real time within which a WebSocket that waits for a first message must get it.
        frame_bytes: of a message to the service.
        events: that are kept for readers who are slow or come again.
    """

    body_bytes: int = MEGABYTE
    upload_bytes: int = 32 * MEGABYTE
    uploads: int = 4
    processing: int = 8
    body_seconds: float = 30.0
    body_rate: int = 1000
    head_seconds: float = 10.0
    headers: int = 100
    target_bytes: int = 8192
    jobs: int = 1000
    retain_seconds: float | None = None
    retain_jobs: int | None = None
    retain_pages: int | None = None
    connections: int = 512
    requests: int = 384
    polls: int = 256
    polls_per_job: int = 16
    stall_seconds: float = 60.0
    tombstones: int = 10_000
    variant_bytes: int = 8 * MEGABYTE
    release_seconds: float = 5.0
    first_answers_seconds: float = 5.0
    close_seconds: float = 15.0
    documents: int = 10_000
    document_pages: int = 5_000
    document_bytes: int = 4096 * MEGABYTE
    metadata_bytes: int = 65_536
    consent_seconds: float = 60.0
    consents: int = 64
    sockets: int = 256
    sockets_per_origin: int = 64
    first_frame_seconds: float = 10.0
    frame_bytes: int = 64 << 10
    events: int = 4096


@dataclass(frozen=True)
class ServerConfig:
    """Everything that can be chosen.

    Attributes:
        data_dir: for logs, spilled pages and the host's runtime files; made if it is not there.
        host: address to bind.
        port: N, of HTTP; N + 1 is HTTPS and N + 3 and N + 4 are the status ports; 0 takes free ones (:mod:`reference_server.wire.doors`).
        http_port, https_port, status_port, status_https_port: of one door alone, instead of N + something; ``off`` does not open it.
        ready_file: written when the sockets answer, removed at exit.
        drivers: driver ids to use; None leaves it to the policy of the access mode.
        driver_config: configuration for each driver id.
        devices_file: of the virtual machines; None: the driver's own.
        recordings: files of recorded devices to list beside them; each is ``replay:`` and the name of its file without the ending.
        compat, access, licence: see there.
        real: show real devices in lab mode.
        allow_origin: further origins, compared as they are.
        allow_host: further names that may stand in ``Host``.
        token: asked from clients beyond loopback; None makes one when the service is bound beyond loopback.
        trust_network: networks whose clients need no token (lab mode only).
        consent: what a person says when a page asks for a scanner (S-041): ``allow``, ``deny``, ``ask`` (decided through the control API), or
            ``ask:SECONDS`` and ``ask:SECONDS:deny`` (a simulated person answers). In locked mode ``allow`` or ``deny``: nobody is simulated there, and
            that an origin is listed is the administrator's consent.
        consent_for: rules of single origins, ``ORIGIN=RULE``; ``none`` stands for clients without an origin.
        faults: of the service itself, from its start, ``NAME`` or ``NAME:key=value,...`` (lab mode only; :mod:`reference_server.faults`).
        end_of_pages: status at the end of the pages: 204, or 410 for clients that know no other end (rest-api.md 9, P2a and F2).
        jpeg_quality: 1 to 100.
        buffer_bytes: encoded pages in memory before they go to disk.
        disk_floor_bytes: free disk space that spilled pages and documents must leave.
        disk_limit_bytes: of all spilled pages together; None: as much as the floor allows.
        document_days: documents that were not changed for so many days are deleted (S-100); None keeps them until a client deletes them.
        cert: PEM file of a certificate of one's own for the https doors, with its chain; None: one of our own authority's (S-079).
        key: PEM file of its key; None: it stands in *cert* too.
        host_cert: ``HOST=CERT`` or ``HOST=CERT:KEY``: further ones for clients that ask for a host by name (S-043).
        log_level: 0 off, 1 to 29 normal, 30 verbose (rest-api.md 3).
        exit_with_stdin: end when standard input is closed.
        exit_when_idle: end after so many seconds without a request or a running job; None: never.
        supervise: have a monitor start the service again after a crash (:mod:`reference_server.supervision`), where the system can.
        limits: see there.
        files: configuration files that were read, for people.
        fixed: fields that an administrator's policy has fixed: nothing changes them while the service runs either.

    Raises:
        ValueError: a value makes no sense.
    """

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 18622
    http_port: DoorPort = None
    https_port: DoorPort = None
    status_port: DoorPort = None
    status_https_port: DoorPort = None
    ready_file: Path | None = None
    drivers: tuple[str, ...] | None = None
    driver_config: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    devices_file: Path | None = None
    recordings: tuple[str, ...] = ()
    compat: Compat = Compat.LENIENT
    access: AccessMode = AccessMode.LAB
    licence: LicenceMode = LicenceMode.IGNORE
    real: bool = False
    allow_origin: tuple[str, ...] = ()
    allow_host: tuple[str, ...] = ()
    token: str | None = None
    trust_network: tuple[str, ...] = ()
    consent: str = "allow"
    consent_for: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    end_of_pages: int = 204
    jpeg_quality: int = 80
    buffer_bytes: int = 24 * MEGABYTE
    disk_floor_bytes: int = 256 * MEGABYTE
    disk_limit_bytes: int | None = None
    document_days: float | None = None
    cert: Path | None = None
    key: Path | None = None
    host_cert: tuple[str, ...] = ()
    log_level: int = 1
    exit_with_stdin: bool = False
    exit_when_idle: float | None = None
    supervise: bool = True
    limits: Limits = field(default_factory=Limits)
    fixed: frozenset[str] = frozenset()
    files: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        for name, kind in (("compat", Compat), ("access", AccessMode), ("licence", LicenceMode)):
            object.__setattr__(
                self, name, kind(getattr(self, name))
            )  # a word from a file or a command line is not ignored
        check_ports(self.port, {door: getattr(self, door.field) for door in DOORS})
        if self.end_of_pages not in {204, 410}:
            raise ValueError(f"end of pages is 204 or 410, not {self.end_of_pages}")
        if not 1 <= self.jpeg_quality <= 100:
            raise ValueError(f"JPEG quality {self.jpeg_quality} is not in 1...100")
        if not 0 <= self.log_level <= 30:
            raise ValueError(f"log level {self.log_level} is not in 0...30")
        if self.buffer_bytes < 0 or self.disk_floor_bytes < 0:
            raise ValueError("a size cannot be negative")
        if self.document_days is not None and not self.document_days > 0:
            raise ValueError(f"documents deleted after {self.document_days} days: give more than 0")
        if self.exit_when_idle is not None and not self.exit_when_idle > 0:
            raise ValueError(f"exit when idle for {self.exit_when_idle} seconds: give more than 0")
        if self.trust_network and self.access is not AccessMode.LAB:
            raise ValueError("--trust-network lets clients in without a token and is for lab mode only")
        if self.token is not None and not (len(self.token) >= 16 and self.token.isascii() and self.token.isprintable()):
            raise ValueError("a token has at least 16 printable ASCII characters")
        parse_host_certs(self.host_cert)
        if self.key is not None and self.cert is None:
            raise ValueError("--key comes with --cert, the certificate that it belongs to")
        check_origins(self.allow_origin)
        check_host_names(self.allow_host)
        self.trusted_networks()
        if self.faults:
            self._check_faults()
        rules = [parse_rule(self.consent), *parse_overrides(self.consent_for).values()]
        if self.access is AccessMode.LOCKED and any(rule.asks for rule in rules):
            raise ValueError(
                "consent 'ask' simulates a person and is for lab mode only; in locked mode say allow or deny"
            )

    def _check_faults(self) -> None:
        """Refuse faults that are none.

        Raises:
            ValueError: see there.
        """
        if self.access is not AccessMode.LAB:
            raise ValueError("faults of the service are for lab mode only")
        from reference_server.faults.profiles import parse_fault  # noqa: PLC0415  # nobody else needs it

        for text in self.faults:
            parse_fault(text)

    def trusted_networks(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """The networks of *trust_network*.

        Raises:
            ValueError: one of them is none.
        """
        return tuple(ipaddress.ip_network(text) for text in self.trust_network)

    def port_of(self, door: Door) -> int | None:
        """The port to bind for *door*; 0 for a free one, None for none."""
        return door_port(door, self.port, getattr(self, door.field))

    @property
    def beyond_loopback(self) -> bool:
        """Whether other machines can reach the address."""
        if self.host == "localhost":
            return False
        try:
            return not ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return True
