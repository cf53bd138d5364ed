"""The wire: an HTTP client that trusts nobody, over any trio stream.

For whom: the suites that judge services and eSCL scanners. What may come in: connections, bounds, exchanges, and what may go wrong with them. What may not:
requirements and checks, JSON and XML, redirects (never followed), and a library that mends what the peer got wrong: it would hide what is to be judged.
"""

from conformance.wire.client import Connection, WireClient
from conformance.wire.connecting import Connect, tcp, tls_over
from conformance.wire.exchange import Answer, Head, Request
from conformance.wire.faults import FaultKind, WireFault
from conformance.wire.limits import WireLimits

__all__ = [
    "Answer",
    "Connect",
    "Connection",
    "FaultKind",
    "Head",
    "Request",
    "WireClient",
    "WireFault",
    "WireLimits",
    "tcp",
    "tls_over",
]
