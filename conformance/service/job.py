"""A job of the service, as a client holds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import trio

from conformance.outcomes import Untestable
from conformance.service.rest_client import Reply, RestClient

JOBS = "/api/device/scanners/jobs"
PAGE_S = 90.0
"""Seconds for a page to come, and for a scan to end."""
POLL_S, MOST_POLL_S = 0.02, 0.5
"""How long is waited between two looks at a job: short at first, for quick scanners, and longer for slow ones."""
PAGES_LIMIT = 200
OK, END = 200, frozenset({204, 410})
"""Pages end with 204, or with 410 (D-05)."""
STATES = ("pending", "running", "completed", "faulted", "canceled")
ENDED = frozenset(STATES[2:])


def uid_in(reply: Reply) -> str | None:
    """The UID of the job that *reply* tells of."""
    uid = reply.object.get("jobuid")
    return uid if isinstance(uid, str) and uid else None


class Job:
    """A job.

    Attributes:
        uid: of it.
        path: below the root of the service.
        made: the answer that made it.
    """

    def __init__(self, rest: RestClient, uid: str, made: Reply, fields: Mapping[str, str] | None = None) -> None:
        self.rest = rest
        self.uid = uid
        self.path = f"{JOBS}/{uid}"
        self.made = made
        self._fields = {} if fields is None else dict(fields)

    async def ask(self, method: str, below: str = "", body: object = None, **rest: Any) -> Reply:
        """One request to a path below it, from the client that made it."""
        fields = self._fields | rest.pop("fields", {})
        return await self.rest.ask(method, self.path + below, body, fields, **rest)

    async def get(self) -> Reply:
        """GET job."""
        return await self.ask("GET")

    async def patch(self, status: object) -> Reply:
        """PATCH job with this status."""
        return await self.ask("PATCH", "", {"status": status})

    async def delete(self) -> Reply:
        """DELETE job."""
        return await self.ask("DELETE")

    async def page(self, query: str = "", wait: float = PAGE_S) -> Reply:
        """GET next-page."""
        return await self.ask("GET", f"/next-page{query}", wait=wait)

    async def info(self, wait: float = PAGE_S) -> Reply:
        """GET next-page-info."""
        return await self.ask("GET", "/next-page-info", wait=wait)

    async def content(self, query: str) -> Reply:
        """GET content."""
        return await self.ask("GET", f"/content{query}")

    async def state(self) -> str:
        """What GET says of its status; the HTTP status as a text if there is none."""
        reply = await self.get()
        found = reply.object.get("status")
        return found if isinstance(found, str) and reply.status == OK else str(reply.status)

    async def end(self, wait: float = PAGE_S) -> str:
        """Wait until it no longer runs; what it is then.

        Raises:
            Untestable: it goes on.
        """
        with trio.move_on_after(wait):
            pause = POLL_S
            while (state := await self.state()) in {"pending", "running"}:
                await trio.sleep(pause)
                pause = min(1.5 * pause, MOST_POLL_S)
            return state
        raise Untestable(f"a job has not ended after {wait:g} s")

    async def removed(self, wait: float) -> Reply:
        """Wait until it is no longer there; the last answer of GET, which is 200 if it still is."""
        reply = await self.get()
        with trio.move_on_after(wait):
            while reply.status == OK:
                await trio.sleep(0.1)
                reply = await self.get()
        return reply

    async def rest_of_pages(self, query: str = "") -> list[Reply]:
        """All pages that are not read yet; the last reply is the one that ends them.

        Raises:
            Untestable: they do not end.
        """
        replies = []
        for _ in range(PAGES_LIMIT):
            replies.append(await self.page(query))
            if replies[-1].status != OK:
                return replies
        raise Untestable(f"a job has no end of its pages after {PAGES_LIMIT} of them")


def info_of(reply: Reply) -> Mapping[str, Any]:
    """What next-page-info tells, be it an object or an array with one (D-01); empty if it is neither."""
    found = reply.json
    if isinstance(found, list) and len(found) == 1:
        found = found[0]
    return found if isinstance(found, dict) else {}
