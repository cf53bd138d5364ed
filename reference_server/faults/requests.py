"""Faults of single requests and answers."""

from __future__ import annotations

from typing import Any

import structlog
from starlette.types import Message, Send

from reference_server.faults.doors import set_reset
from reference_server.faults.profiles import FaultName, ResetAt
from reference_server.faults.switchboard import Switchboard
from reference_server.wire.connections import CONNECTION, Connection
from reference_server.wire.exchange import ClientGoneError, Exchange

log = structlog.get_logger("faults")


class RequestFaults:
    """What the application asks about each request while a fault is set.

    Args:
        switchboard: see there.
    """

    def __init__(self, switchboard: Switchboard) -> None:
        self.switchboard = switchboard
        self._answered = 0

    def __bool__(self) -> bool:
        """Whether there is anything to ask."""
        return bool(self.switchboard)

    def names(self) -> list[str]:
        """Which there are."""
        return [str(item["name"]) for item in self.switchboard.shown()]

    async def before(self, exchange: Exchange) -> None:
        """Before a request is looked at: let it wait, or end its connection.

        Raises:
            ClientGoneError: the connection was ended.
        """
        slow = self.switchboard.strike(FaultName.SLOW)
        if slow is not None:
            await exchange.while_there(lambda: self.switchboard.clock.sleep(slow.delay))
        drop = self.switchboard.get(FaultName.DROP)
        if drop is None:
            self._answered = 0
        elif self._answered >= drop.requests:
            self._answered = 0
            self.switchboard.strike(FaultName.DROP)
            _end(exchange, reset=False)
            raise ClientGoneError
        else:
            self._answered += 1

    def sender(self, exchange: Exchange, send: Send) -> Send:
        """*send*, or one that resets the connection in the middle of the answer."""
        reset = self.switchboard.get(FaultName.RESET)
        if reset is None or reset.at is not ResetAt.ANSWER:
            return send
        self.switchboard.strike(FaultName.RESET)

        async def breaking_off(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                return
            body = message.get("body", b"")
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            _end(exchange, reset=True)
            raise ClientGoneError

        return breaking_off

    def version(self) -> dict[str, Any] | None:
        """What the version endpoint shall say instead of the truth."""
        wrong = self.switchboard.strike(FaultName.WRONG_VERSION)
        return None if wrong is None else {"version": wrong.version, "compatible": False}

    def licence_refused(self) -> bool:
        """Whether a product key shall be refused."""
        return self.switchboard.strike(FaultName.LICENCE_REFUSED) is not None

    def consent_denied(self) -> bool:
        """Whether a person shall say no."""
        return self.switchboard.strike(FaultName.CONSENT_DENIED) is not None


def _end(exchange: Exchange, *, reset: bool) -> None:
    """End the connection of a request."""
    log.info("connection ended by a fault", request=exchange.request_id, reset=reset)
    connection: Connection | None = exchange.scope.get("state", {}).get(CONNECTION)
    if connection is None or connection.closed:
        return  # not over a socket, or gone already
    if reset:
        set_reset(connection.sock)
    connection.close()
