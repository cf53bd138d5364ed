"""Close codes: those of RFC 6455 7.4.1 where one fits, else 4000 and the HTTP status that the same mistake has over REST."""

from __future__ import annotations

from dataclasses import dataclass

from reference_server.errors import RestError

REASON_BYTES = 123
"""RFC 6455 5.5: a control frame has 125 bytes, two of them are the code."""
OWN_CODES = 4000


@dataclass(frozen=True, slots=True)
class Close:
    """How a connection ends; the reason is for people."""

    code: int
    reason: str

    @property
    def short_reason(self) -> str:
        """The reason, cut to what a close frame can carry."""
        return self.reason.encode()[:REASON_BYTES].decode(errors="ignore")


DONE = Close(1000, "That was all.")
GOING_AWAY = Close(1001, "The service is going down.")
BINARY = Close(1003, "Only text is understood here.")
TOO_BIG = Close(1009, "This message is longer than any that is needed here.")
FAILED = Close(1011, "The service failed; its log says more.")
TOO_SLOW = Close(1013, "Too slow: events were lost. Connect again with since=SEQ.")
TOO_LATE = Close(OWN_CODES + 408, "The first message did not arrive in time.")


def refused(error: RestError) -> Close:
    """The close that says the same as *error*."""
    return Close(OWN_CODES + error.status, error.message)
