"""Defects of the notices by WebSocket (REST-98 to REST-101)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from starlette.types import Message, Scope

from conformance.selftest.services.around import JOBS, asks, says
from conformance.selftest.services.defects.defect import wrapped
from conformance.selftest.services.proof import create, listen
from conformance.selftest.services.talk import AroundSockets, Edit

FOREIGN = "https://evil.example"


class NotGranted(AroundSockets):
    """Grants no subprotocol."""

    def edit(self) -> Edit:
        """See :class:`AroundSockets`."""
        return lambda message: {**message, "subprotocol": None} if message["type"] == "websocket.accept" else message


class NoEnd(AroundSockets):
    """Says nothing of the end."""

    def edit(self) -> Edit:
        """See :class:`AroundSockets`."""
        return lambda message: None if "onPostAllTransferAsync" in str(message.get("text")) else message


class PageWithoutNotice(AroundSockets):
    """Says nothing of the first page."""

    def edit(self) -> Edit:
        """See :class:`AroundSockets`."""
        pages = 0

        def change(message: Message) -> Message | None:
            nonlocal pages
            page = "onPostTransferAsync" in str(message.get("text"))
            pages += page
            return None if page and pages == 1 else message

        return change


class OpenToTheWeb(AroundSockets):
    """Does not look at the origin of an upgrade."""

    def scope(self, scope: Scope) -> Scope:
        """See :class:`AroundSockets`."""
        return {**scope, "headers": [(name, value) for name, value in scope["headers"] if name.lower() != b"origin"]}


def _other_host(created: dict[str, Any]) -> dict[str, Any]:
    block = created.get("protocol")
    if not block:
        return created
    server = urlsplit(block["websocket"]["server"])._replace(netloc="scanner.example:18622").geturl()
    return created | {"protocol": block | {"websocket": block["websocket"] | {"server": server}}}


NOTICES = (create(requireWebsocket=True), listen())

DEFECTS = (
    wrapped(
        "protocol-unasked",
        "REST-98",
        "Tells everybody where notices would be.",
        asks("POST", JOBS, lambda wish: wish | {"requireWebsocket": True}),
        create(run=False),
    ),
    wrapped(
        "socket-with-a-host-of-its-own",
        "REST-99",
        "Gives the address of its WebSocket with the name that it has for itself.",
        says("POST", JOBS, _other_host),
        create(run=False, requireWebsocket=True),
    ),
    wrapped("subprotocol-is-not-granted", "REST-99", "Grants no subprotocol.", NotGranted, *NOTICES),
    wrapped("no-notice-of-the-end", "REST-100", "Does not say that there are no more pages.", NoEnd, *NOTICES),
    wrapped("page-without-notice", "REST-100", "Says nothing of the first page.", PageWithoutNotice, *NOTICES),
    wrapped(
        "socket-open-to-the-web",
        "REST-101",
        "Accepts a WebSocket from any page of the web.",
        OpenToTheWeb,
        create(),
        listen(origin=FOREIGN),
    ),
)
