"""What is put around the WebSockets of a service."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Edit = Callable[[Message], Message | None]


class AroundSockets:
    """An ASGI application around another one that changes upgrades and what is said after them; it begins anew with each service."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.start()

    def start(self) -> None:
        """Make the state."""

    def scope(self, scope: Scope) -> Scope:
        """The upgrade request in place of the one that came."""
        return scope

    def edit(self) -> Edit:
        """What becomes of the messages of the service on a new connection; None drops one."""
        return lambda message: message

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        edit = self.edit()

        async def say(message: Message) -> None:
            changed = edit(message)
            if changed is not None:
                await send(changed)

        await self.app(self.scope(scope), receive, say)
