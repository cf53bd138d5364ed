"""What clients of the API did wrong, each by itself: the other side of the contract, which no test of a service looks at.

A client is who shows the same address, origin and program (``User-Agent``). Its requests are those that the recorder sees; WebSockets are not among them.
"""

from __future__ import annotations

import re
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reference_server.control.models import ClientDuties, DutyInfo
from reference_server.errors import RestError
from reference_server.jobs.job import Job
from reference_server.wire.exchange import Exchange

CLIENTS = 200
"""Clients that are told apart; beyond, the one that was quiet for longest is forgotten."""
JOBS = 500
"""Jobs of a client that are watched; beyond, the oldest is taken for granted."""
DETAILS = 50
NAME_CHARS = 200
_PAGE = re.compile(r"/(next-page|content|pages/[^/]+|NextDocument)/?$", re.IGNORECASE)
_UID = re.compile(r"/(?:jobs|ScanJobs)/([0-9a-f-]{8,40})(?:/|$)", re.IGNORECASE)


class ClientDuty(StrEnum):
    """Duties of a client, named by how they are neglected."""

    WRONG_HOST = "wrong-host"
    JOB_NEVER_DELETED = "job-never-deleted"
    PAGES_NEVER_FETCHED = "pages-never-fetched"
    USED_AFTER_DELETE = "used-after-delete"
    WRONG_STATE = "wrong-state"


DUTIES: Mapping[ClientDuty, tuple[str, str]] = {
    ClientDuty.WRONG_HOST: (
        "A request named no host, or one that is not this service's.",
        "service-behaviour.md S-073",
    ),
    ClientDuty.JOB_NEVER_DELETED: (
        "A job without jobTimeout is over and was not deleted: it keeps its pages until the service ends.",
        "rest-api.md 5.4",
    ),
    ClientDuty.PAGES_NEVER_FETCHED: ("A job is over or gone, had pages, and nobody fetched one.", "rest-api.md 5.5"),
    ClientDuty.USED_AFTER_DELETE: (
        "A job was asked for pages after its client had deleted it.",
        "rest-api.md 3, 410 -1034",
    ),
    ClientDuty.WRONG_STATE: ("A call that the state of the job refuses.", "rest-api.md 5.4"),
}
"""What each means, and where that is written."""


@dataclass(slots=True)
class _Track:
    job: Job
    fetched: bool = False
    deleted: bool = False


@dataclass(slots=True)
class _Client:
    peer: str | None
    origin: str | None
    program: str | None
    requests: int = 0
    made: int = 0
    counts: Counter[ClientDuty] = field(default_factory=Counter)
    details: deque[str] = field(default_factory=lambda: deque(maxlen=DETAILS))
    jobs: OrderedDict[str, _Track] = field(default_factory=OrderedDict)

    def note(self, duty: ClientDuty, detail: str) -> None:
        self.counts[duty] += 1
        self.details.append(f"{duty.value}: {detail}")


class ClientBook:
    """Watches requests and keeps a page for each client.

    Args:
        find: gives a job by its uid, as :meth:`reference_server.jobs.registry.Registry.find`.
    """

    def __init__(self, find: Callable[[str], Job]) -> None:
        self._find = find
        self._clients: OrderedDict[tuple[str | None, ...], _Client] = OrderedDict()

    def note(self, exchange: Exchange) -> None:
        """A request has ended."""
        client = self._client(exchange)
        client.requests += 1
        method, path, status = exchange.method, str(exchange.scope["path"]), exchange.status or 0
        if exchange.refused in {"no host", "foreign host"}:
            client.note(
                ClientDuty.WRONG_HOST,
                f"{exchange.headers.get('host', 'none')[:NAME_CHARS]}: {method} {path[:NAME_CHARS]}",
            )
        if exchange.made is not None:
            self._made(client, exchange.made)
        found = _UID.search(path)
        if found is not None:
            self._about(client, found[1].lower(), method, path, status)

    def shown(self) -> list[ClientDuties]:
        """The pages, the client that was heard last at the end."""
        return [_shown(client) for client in self._clients.values()]

    def clear(self) -> None:
        """Begin anew."""
        self._clients.clear()

    def _client(self, exchange: Exchange) -> _Client:
        peer = exchange.scope.get("client")
        key = (
            None if peer is None else str(peer[0]),
            _short(exchange.headers.get("origin")),
            _short(exchange.headers.get("user-agent")),
        )
        client = self._clients.get(key)
        if client is None:
            client = self._clients[key] = _Client(*key)
            if len(self._clients) > CLIENTS:
                self._clients.popitem(last=False)
        self._clients.move_to_end(key)
        return client

    def _made(self, client: _Client, uid: str) -> None:
        try:
            job = self._find(uid)
        except RestError:
            return  # gone already
        client.made += 1
        client.jobs[uid.lower()] = _Track(job)
        if len(client.jobs) > JOBS:
            client.jobs.popitem(last=False)

    def _about(self, client: _Client, uid: str, method: str, path: str, status: int) -> None:
        for owner in self._clients.values():
            track = owner.jobs.get(uid)
            if track is not None:
                break
        else:
            return
        is_page = method == "GET" and _PAGE.search(path) is not None
        if method == "DELETE" and status in {200, 204}:
            track.deleted = True
        elif is_page and status == 200:
            track.fetched = True
        elif is_page and status == 410 and track.deleted:
            client.note(ClientDuty.USED_AFTER_DELETE, f"{method} {path[:NAME_CHARS]}")
        elif method == "PATCH" and status in {409, 410}:
            client.note(ClientDuty.WRONG_STATE, f"{method} {path[:NAME_CHARS]}: {status}")


def duties() -> list[DutyInfo]:
    """All duties, with their sources."""
    return [DutyInfo(name=duty.value, text=text, source=source) for duty, (text, source) in DUTIES.items()]


def _shown(client: _Client) -> ClientDuties:
    counts, details = client.counts.copy(), list(client.details)
    for uid, track in client.jobs.items():
        over = track.job.state.ended or track.job.removed.is_set()
        if over and not track.deleted and not track.job.removed.is_set() and not track.job.request.life_seconds:
            counts[ClientDuty.JOB_NEVER_DELETED] += 1
            details.append(f"{ClientDuty.JOB_NEVER_DELETED.value}: {uid}")
        if over and track.job.pages_made and not track.fetched:
            counts[ClientDuty.PAGES_NEVER_FETCHED] += 1
            details.append(f"{ClientDuty.PAGES_NEVER_FETCHED.value}: {uid}, {track.job.pages_made} pages")
    return ClientDuties(
        address=client.peer,
        origin=client.origin,
        program=client.program,
        requests=client.requests,
        jobs=client.made,
        clean=not counts,
        neglected={duty.value: count for duty, count in counts.items()},
        details=details[-DETAILS:],
    )


def _short(text: str | None) -> str | None:
    return None if text is None else text[:NAME_CHARS]
