"""How long is waited for what, in trio's seconds, and how much is taken."""

from __future__ import annotations

from conformance.wire import WireLimits

DOCUMENTS = WireLimits(body=4 << 20, answer=20.0, silence=10.0, transfer=20.0)
"""For everything but pages. Capabilities of large machines have some 50 kB."""

PAGES = WireLimits(body=128 << 20, answer=60.0, silence=30.0, transfer=180.0)
"""For pages. One of A3 at 600 dpi in colour as JPEG has some 20 MB."""

DOCUMENT_S = 5.0
"""Capabilities and status: sane-airscan waits no longer (sane-escl 3.2)."""

PAGE_S = 90.0
"""The next page, warming up and 503 answers included."""

TAKEN_S = 30.0
"""A job is taken again so long after 503, since the one before it may still be on its way out."""

SETTLED_S = 30.0
"""After its last page a scanner is Idle so soon."""

RETRY_S = 2.0
"""Between two tries that were answered 503, if the scanner says nothing or something longer."""

VANISHED_S = 240.0
"""A job of which nobody asks for anything is over so soon; other servers take 120 s (sane-escl 3.5)."""

MOST_PAGES = 200
"""Documents of one job; beyond that it counts as endless."""

MOST_OF_GLASS = 5
"""The same, where there is one page."""

MOST_JOB_BYTES = 256 << 20
"""Bytes of all of them; the same."""

IN_FLIGHT = 8 << 20
"""Bytes that the buffers of two machines and what lies between them may hold."""
