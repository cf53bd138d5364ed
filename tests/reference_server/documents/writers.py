"""A client that changes documents until its service dies, and remembers what it was told."""

from __future__ import annotations

import http.client
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self

from tests.reference_server.client import JOBS
from tests.reference_server.documents.desk import DOCUMENTS
from tests.reference_server.fakes import content

MOST_DOCUMENTS, MOST_PAGES = 4, 6

Pages = list[bytes]


class DeadError(Exception):
    """The service has gone in the middle of a request."""


@dataclass
class Note:
    """A document as it was answered last; *maybe* is what it is if the request that got no answer was carried out, None then means deleted."""

    pages: Pages = field(default_factory=list)
    metadata: str | None = None
    maybe: list[tuple[Pages, str | None] | None] = field(default_factory=list)

    @property
    def allowed(self) -> list[tuple[Pages, str | None] | None]:
        """What it may be after a crash."""
        return [(self.pages, self.metadata), *self.maybe]


class Service:
    """One connection to a service.

    Args:
        port: of the service.
    """

    def __init__(self, port: int) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._http.close()

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        """One request.

        Raises:
            DeadError: there is no answer, or not all of it.
        """
        try:
            self._http.request(method, path, None if body is None else json.dumps(body))
            reply = self._http.getresponse()
            return reply.status, reply.read()
        except (OSError, http.client.HTTPException):
            self._http.close()
            raise DeadError from None

    def sources(self, device: str, size: int, pages: int) -> list[tuple[str, bytes]]:
        """URLs and contents of the pages of a new job."""
        status, made = self.ask("POST", JOBS, {"device": device})
        assert status == 201, made
        job = f"{JOBS}/{json.loads(made)['jobuid']}"
        found = []
        for number in range(1, pages + 1):
            _, info = self.ask("GET", f"{job}/next-page-info")
            found.append((json.loads(info)["url"], content(number, size)))
        return found

    def look(self, uid: str) -> tuple[Pages, str | None] | None:
        """A document, byte for byte; None if there is none."""
        status, body = self.ask("GET", f"{DOCUMENTS}/{uid}")
        if status == 404:
            return None
        assert status == 200, body
        document: dict[str, Any] = json.loads(body)
        pages = []
        for page in document["pages"]:
            status, data = self.ask("GET", f"{DOCUMENTS}/{uid}/content?type=image/png&pages={page['uid']}")
            assert status == 200, data
            pages.append(data)
        return pages, document.get("metadata")


class Writer:
    """Makes, changes and deletes documents at random.

    Args:
        rng: chooses.

    Attributes:
        notes: what there is, by UID.
        creating: a creation was not answered, so that there may be one document more.
        answers: how many there were.
    """

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.notes: dict[str, Note] = {}
        self.creating = 0
        self.answers = 0

    def write(self, service: Service, sources: list[tuple[str, bytes]]) -> None:
        """Go on until the service dies.

        Raises:
            DeadError: it has.
        """
        while True:
            uid = self._rng.choice(sorted(self.notes)) if self.notes else None
            if uid is None or (len(self.notes) < MOST_DOCUMENTS and self._rng.random() < 0.2):
                self._create(service)
                continue
            self._step(service, uid, self.notes[uid], sources)
            self.answers += 1

    def _step(self, service: Service, uid: str, note: Note, sources: list[tuple[str, bytes]]) -> None:
        actions: list[Callable[[Service, str, Note], None]] = [self._note]
        if len(note.pages) < MOST_PAGES:
            actions += [partial(self._insert, sources)] * 4
        if note.pages:
            actions.append(self._remove)
        if len(self.notes) > 1:
            actions.append(self._delete)
        self._rng.choice(actions)(service, uid, note)

    def _create(self, service: Service) -> None:
        self.creating += 1
        status, body = service.ask("POST", DOCUMENTS)
        assert status == 201, body
        self.creating -= 1
        self.notes[json.loads(body)["uid"]] = Note()

    def _change(self, service: Service, note: Note, after: tuple[Pages, str | None], *request: Any) -> None:
        note.maybe = [after]
        status, body = service.ask(*request)
        assert status in {200, 204}, body
        note.pages, note.metadata = after
        note.maybe = []

    def _insert(self, sources: list[tuple[str, bytes]], service: Service, uid: str, note: Note) -> None:
        source, data = self._rng.choice(sources)
        place = self._rng.randint(0, len(note.pages))
        pages = [*note.pages[:place], data, *note.pages[place:]]
        body = {"source": source, "insertPos": place + 1}
        self._change(service, note, (pages, note.metadata), "POST", f"{DOCUMENTS}/{uid}/pages", body)

    def _note(self, service: Service, uid: str, note: Note) -> None:
        text = f"{self._rng.random()}"
        self._change(service, note, (note.pages, text), "PATCH", f"{DOCUMENTS}/{uid}", {"metadata": text})

    def _remove(self, service: Service, uid: str, note: Note) -> None:
        place = self._rng.randrange(len(note.pages))
        pages = [*note.pages[:place], *note.pages[place + 1 :]]
        self._change(service, note, (pages, note.metadata), "DELETE", f"{DOCUMENTS}/{uid}/pages/{place}")

    def _delete(self, service: Service, uid: str, note: Note) -> None:
        note.maybe = [None]
        status, body = service.ask("DELETE", f"{DOCUMENTS}/{uid}")
        assert status == 204, body
        del self.notes[uid]
