"""Control of virtual devices from Python, as :mod:`flatbed.testing` gives it: the same words as the HTTP that it speaks (docs/reference/lab.md)."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

LIMIT_S = 30.0


class ControlError(RuntimeError):
    """The control API refused a request.

    Attributes:
        status: HTTP status; 0 when nothing was asked.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Controls:
    """The control API of something that runs.

    Attributes:
        address: its URL with the token behind the ``#``, as the ready file has it; None: there is none.
        ca: file of the authority to trust, for https.
    """

    address: str | None
    ca: str | None = None

    def bytes_of(self, method: str, path: str, body: object = None) -> bytes:
        """The answer's body; see :meth:`ask`."""
        if self.address is None:
            raise ControlError(0, "This service has no control API: it is locked, or has no status port.")
        url, _, token = self.address.partition("#")
        parts = urlsplit(url)
        with closing(self._connection(parts.scheme, str(parts.hostname), parts.port)) as connection:
            data = None if body is None else json.dumps(body)
            connection.request(method, f"{parts.path}{path}", data, {"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            said = answer.read()
        if answer.status >= http.HTTPStatus.BAD_REQUEST:
            try:
                message = str(json.loads(said)["message"])
            except (ValueError, KeyError, TypeError):
                message = said.decode("utf-8", "replace")[:500]
            raise ControlError(answer.status, message)
        return said

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """One request.

        Args:
            method: of the request.
            path: below ``/control``.
            body: becomes JSON; None sends none.

        Returns:
            The answer's JSON; None where it has none.

        Raises:
            ControlError: it was refused.
        """
        said = self.bytes_of(method, path, body)
        return json.loads(said) if said else None

    def advance(self, seconds: float) -> float:
        """Let *seconds* pass for virtual machines whose time is manual; returns when whoever was due has run.

        Returns:
            What time it is for them, in seconds since their start.

        Raises:
            ControlError: 409, nobody's time is manual; 400, for a negative span.
        """
        left = seconds
        while True:
            answer = self.ask("POST", "/time", {"seconds": left})
            left = answer["left"]
            if left <= 0:
                return float(answer["now"])

    def _connection(self, scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
        if scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=LIMIT_S)
        trusted = ssl.create_default_context(cafile=self.ca)
        return http.client.HTTPSConnection(host, port, timeout=LIMIT_S, context=trusted)


@dataclass(frozen=True, slots=True)
class DutyReport:
    """What clients did wrong to a device.

    Attributes:
        clean: nothing.
        sessions, jobs, pages: what they asked for since the last reset.
        neglected: how often each duty was neglected, by its name; only those that were.
        details: the last ones in words.
    """

    clean: bool
    sessions: int
    jobs: int
    pages: int
    neglected: Mapping[str, int]
    details: tuple[str, ...]

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> DutyReport:
        """The report in an answer."""
        neglected = {name: count for name, count in data["neglected"].items() if count}
        sessions, jobs, pages = (int(data[key]) for key in ("sessions", "jobs", "pages"))
        return cls(bool(data["clean"]), sessions, jobs, pages, neglected, tuple(data["details"]))

    def __str__(self) -> str:
        """For people, and for the message of an ``assert``."""
        head = f"{self.sessions} sessions, {self.jobs} jobs, {self.pages} pages"
        return f"{head}: clean" if self.clean else "\n".join([f"{head}:", *(f"  {line}" for line in self.details)])


@dataclass(frozen=True, slots=True)
class ApiClient:
    """A client of the service's API, and what it did wrong.

    Attributes:
        address, origin, program: what tells it from others; *program* is its ``User-Agent``.
        requests, jobs: what it asked and made since the last reset.
        clean: it did nothing wrong.
        neglected: how often each duty was neglected, by its name.
        details: the last ones in words.
    """

    address: str | None
    origin: str | None
    program: str | None
    requests: int
    jobs: int
    clean: bool
    neglected: Mapping[str, int]
    details: tuple[str, ...]

    def __str__(self) -> str:
        """For people, and for the message of an ``assert``."""
        who = self.program or self.origin or self.address or "somebody"
        return f"{who}: clean" if self.clean else "\n".join([f"{who}:", *(f"  {line}" for line in self.details)])


@dataclass(frozen=True, slots=True)
class ControlledDevice:
    """A device whose surroundings a test sets: paper, covers, plugs, faults.

    Each action returns what can be seen of the machine afterwards, and raises :class:`ControlError` where the machine does not have it or an argument is wrong;
    then nothing has changed.

    Attributes:
        controls: of the process that has it.
        id: of the device.
    """

    controls: Controls
    id: str

    def perform(self, action: str, **arguments: Any) -> dict[str, Any]:
        """Do anything that docs/reference/lab.md lists; *arguments* as there."""
        answer = self.controls.ask("POST", f"/devices/{quote(self.id, safe=':')}/{quote(action, safe='')}", arguments)
        return dict(answer["state"])

    @property
    def actions(self) -> frozenset[str]:
        """What can be done to it; nothing, where it cannot be controlled."""
        return frozenset(self.controls.ask("GET", f"/devices/{quote(self.id, safe=':')}")["actions"])

    @property
    def state(self) -> dict[str, Any]:
        """What can be seen of it: paper, conditions."""
        return self.perform("report")

    def load(self, count: int, **paper: Any) -> dict[str, Any]:
        """Put *count* sheets on top of what lies in the hopper; *paper* is their size and condition."""
        return self.perform("load", count=count, **paper)

    def unload(self) -> dict[str, Any]:
        """Take all sheets out of the hopper."""
        return self.perform("unload")

    def place_sheet(self, **paper: Any) -> dict[str, Any]:
        """Put a sheet on the glass."""
        return self.perform("place-sheet", **paper)

    def fault(self, kind: str, **when: Any) -> dict[str, Any]:
        """Arm a fault: *when* has ``verb``, ``sheet``, ``page``, ``at`` (0 to 1), ``seconds``, ``times`` (:class:`device_protocol.Fault`)."""
        return self.perform("fault", kind=kind, **when)

    def jam(self, *, sheet: int | None = None, **when: Any) -> dict[str, Any]:
        """Have a sheet jam: that one of the job, from 1, or the next."""
        return self.fault("jam", **({} if sheet is None else {"sheet": sheet}), **when)

    def clear_jam(self) -> dict[str, Any]:
        """Take the jammed sheet out."""
        return self.perform("clear-jam")

    def clear_faults(self) -> dict[str, Any]:
        """Disarm all faults."""
        return self.perform("clear-faults")

    def open_cover(self) -> dict[str, Any]:
        """Open the cover."""
        return self.perform("open-cover")

    def close_cover(self) -> dict[str, Any]:
        """Close the cover."""
        return self.perform("close-cover")

    def unplug(self) -> dict[str, Any]:
        """Pull the plug."""
        return self.perform("unplug")

    def replug(self) -> dict[str, Any]:
        """Put the plug back."""
        return self.perform("replug")

    def close_shutter(self) -> dict[str, Any]:
        """Slide the shutter before the lens of a camera."""
        return self.perform("close-shutter")

    def open_shutter(self) -> dict[str, Any]:
        """Slide it away again."""
        return self.perform("open-shutter")

    def press_button(self, name: str) -> dict[str, Any]:
        """Press a button."""
        return self.perform("press-button", name=name)

    def reset(self) -> dict[str, Any]:
        """As it was at the start."""
        return self.perform("reset")

    def report(self) -> DutyReport:
        """What clients did wrong since the last reset."""
        return DutyReport.read(self.perform("report")["client"])
