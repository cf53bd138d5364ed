"""A scan job, as a client drives it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import trio
from trio_websocket import ConnectionClosed, WebSocketConnection

from flatbed.client import calls
from flatbed.client.errors import ClientError, JobFailedError, RestError, UnreachableError
from flatbed.client.link import Link
from flatbed.client.results import PNG, Capability, JobInfo, Page, PageInfo, PageNotice

POLL_SECONDS = 0.25
DELETE_SECONDS = 10.0
LAST_NOTICE = "onPostAllTransferAsync"


class Job:
    """A job. As a context manager it is deleted at the end of the block, whatever happens there.

    Attributes:
        uid: of the job.
        created: the answer with which the service made it.
    """

    def __init__(self, link: Link, created: dict[str, Any]) -> None:
        self._link = link
        self.created = created
        self.uid = str(created["jobuid"])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with trio.move_on_after(DELETE_SECONDS, shield=True):
            try:
                await self.delete()
            except RestError as error:
                if error.status not in {404, 410}:  # it is gone already: its time was over
                    raise
            except UnreachableError:
                if value is None:
                    raise

    async def info(self) -> JobInfo:
        """State, code and message."""
        return await self._link.do(calls.job_info(self.uid))

    async def start(self) -> str:
        """Start a job that was made with ``auto_run=False``; its state then."""
        return await self._link.do(calls.set_job_status(self.uid, "running"))

    async def cancel(self) -> str:
        """Stop it; pages that came stay readable."""
        return await self._link.do(calls.set_job_status(self.uid, "canceled"))

    async def delete(self) -> None:
        """Delete it and its pages."""
        await self._link.do(calls.delete_job(self.uid))

    async def wait(self, poll: float = POLL_SECONDS) -> JobInfo:
        """Wait until the scan is over, looking every *poll* seconds; its state then."""
        while not (info := await self.info()).ended:  # noqa: ASYNC110  # it is another process that is waited for
            await trio.sleep(poll)
        return info

    async def check(self) -> None:
        """See that nothing went wrong.

        Raises:
            JobFailedError: the job is faulted or canceled.
        """
        info = await self.info()
        if info.status in {"faulted", "canceled"}:
            raise JobFailedError(info.status, info.code, info.message)

    async def next_page(self, type: str = PNG, number: int = 0) -> Page | None:  # noqa: A002  # the contract's name
        """The next page that was not read yet; waits for it. None after the last."""
        try:
            return await self._link.do(calls.next_page(self.uid, type, number))
        except RestError as error:
            if error.status != 410:
                raise
        await self.info()  # raises if it is the job that is gone, and not only its pages
        return None

    async def pages(self, type: str = PNG) -> AsyncIterator[Page]:  # noqa: A002  # the contract's name
        """All pages in order, as they come, in the encoding *type* as far as it can hold them.

        Raises:
            JobFailedError: after the last page, when the scan did not end well.
        """
        number = 0
        while (page := await self.next_page(type, number + 1)) is not None:
            number += 1
            yield page
        await self.check()

    async def page(self, which: int | str, type: str = PNG) -> Page | None:  # noqa: A002  # the contract's name
        """A page by index, from 0, or by UID; None when it is not there (yet). Reading it moves nothing."""
        return await self._link.do(calls.page(self.uid, which, type))

    async def page_infos(self) -> AsyncIterator[PageInfo]:
        """What is to be said of each page, in order, as they come; independent of :meth:`pages`."""
        while (info := await self.next_page_info()) is not None:
            yield info

    async def next_page_info(self) -> PageInfo | None:
        """What is to be said of the next page; waits for it. None after the last."""
        try:
            return await self._link.do(calls.next_page_info(self.uid))
        except RestError as error:
            if error.status != 410:
                raise
        await self.info()
        return None

    async def capabilities(self, numbers: Sequence[int] = ()) -> list[Capability]:
        """Capabilities of the scanner, all or those with these numbers; for a job that does not run yet."""
        return await self._link.do(calls.capabilities(self.uid, numbers))

    async def device_settings(self) -> str:
        """The settings of the scanner as an opaque text that another job takes as ``settings``."""
        return await self._link.do(calls.device_settings(self.uid))

    @asynccontextmanager
    async def notices(self) -> AsyncIterator[Notices]:
        """Pages as they arrive, told over WebSocket, from the first one on; for a job that was made with ``notices=True``.

        Raises:
            ClientError: the job has none.
        """
        block = self.created.get("protocol")
        if not isinstance(block, dict):
            raise ClientError("This job has no notices; make it with notices=True.")
        wanted = block["websocket"]
        async with self._link.web_socket(
            urlsplit(str(wanted["server"])).path or "/", str(wanted["protocol"])
        ) as socket:
            await socket.send_message(json.dumps(wanted["response"]))
            yield Notices(socket)


class Notices:
    """Notices of a job's pages; the iteration ends when there are no more pages."""

    def __init__(self, socket: WebSocketConnection) -> None:
        self._socket = socket

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> PageNotice:
        """The next one.

        Raises:
            ClientError: the service closed before the end, and the message has its reason; or it said something else.
        """
        try:
            message = await self._socket.get_message()
        except ConnectionClosed as closed:
            reason = closed.reason
            words = "the connection broke" if reason is None else f"{reason.reason or reason.name} ({reason.code})"
            raise ClientError(f"The notices ended too early: {words}.") from None
        try:
            event = json.loads(message)["evt"]
            if event["name"] == LAST_NOTICE:
                raise StopAsyncIteration
            return PageNotice(str(event["info"]["imageuid"]), str(event["info"]["url"]))
        except (ValueError, KeyError, TypeError) as error:
            raise ClientError(f"A notice is not understood: {error!r}.") from error
