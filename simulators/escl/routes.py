"""Which scanner and which resource a request is about: ``/eSCL/...`` is the first device, ``/NAME/eSCL/...`` each one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from simulators.duties import Duty
from simulators.escl.points import Answer, Point, told
from simulators.escl.scanner import Scanner

ROOT = "eSCL"
MAX_TARGET = 2048

METHODS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("ScannerCapabilities",): ("GET", "HEAD"),
    ("ScannerStatus",): ("GET", "HEAD"),
    ("ScanJobs",): ("POST",),
    ("ScanJobs", "*"): ("DELETE",),
    ("ScanJobs", "*", "NextDocument"): ("GET",),
    ("ScanJobs", "*", "ScanImageInfo"): ("GET", "HEAD"),
}
"""What there is below a scanner's root, and what can be done with it. HEAD of NextDocument would eat a page, so there is none (sane-escl 3.6)."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose head and body have been read.

    Attributes:
        method, target: as they came; the target may be in absolute form.
        base: ``http://host:port`` as the client knows the door.
        body: whole.
        authorization: as it came.
        client: who asks: what it calls itself, and its address.
    """

    method: str
    target: str
    base: str
    body: bytes = b""
    authorization: str = ""
    client: str = ""


class Routes:
    """The scanners of a door by their paths."""

    def __init__(self, scanners: Mapping[str, Scanner]) -> None:
        self._scanners = scanners

    def find(self, target: str) -> tuple[Scanner, str, tuple[str, ...]] | None:
        """The scanner, its root and the names below it."""
        if len(target) > MAX_TARGET:
            return None
        try:
            path = urlsplit(target).path
        except ValueError:
            return None
        parts = [unquote(part) for part in path.strip("/").split("/")]
        if parts[0] == ROOT and self._scanners:
            return next(iter(self._scanners.values())), f"/{ROOT}", tuple(parts[1:])
        if len(parts) > 1 and parts[1] == ROOT and parts[0] in self._scanners:
            return self._scanners[parts[0]], f"/{parts[0]}/{ROOT}", tuple(parts[2:])
        return None

    async def misnamed(self, request: Request) -> None:
        """A request called us by a wrong name; the scanner that it was about notes that."""
        found = self.find(request.target)
        if found is not None:
            await found[0].note(Duty.WRONG_HOST, request.client, request.base)

    async def answer(self, request: Request) -> Answer:
        """The answer to a request."""
        found = self.find(request.target)
        if found is None:
            if request.target == "/" and request.method in {"GET", "HEAD"}:
                return self._index(request.base)
            return told(404, f"There is nothing here; scanners are {self._names()}.")
        scanner, root, parts = found
        shape = tuple("*" if index == 1 else part for index, part in enumerate(parts))
        methods = METHODS.get(shape)
        if methods is None:
            answer = told(404, f"There is no such resource below {root}.")
        elif request.method not in methods:
            answer = told(405, f"This can be asked by {' and '.join(methods)} only.", ("Allow", ", ".join(methods)))
        else:
            answer = await self._do(scanner, root, parts, request)
        quirky: Answer = scanner.quirks.at(Point.HEADERS, answer, scanner.moment(scanner.current))
        headers = quirky.headers
        if not any(name == "Server" for name, _ in headers):
            headers = (("Server", scanner.identity.server), *headers)
        return quirky.but(headers=headers)

    async def _do(self, scanner: Scanner, root: str, parts: tuple[str, ...], request: Request) -> Answer:
        match parts:
            case ("ScannerCapabilities",):
                return await scanner.capabilities()
            case ("ScannerStatus",):
                return await scanner.status(root)
            case ("ScanJobs",):
                return await scanner.post(request.body, request.base, root, request.client)
            case ("ScanJobs", uid):
                return await scanner.delete(uid, request.client)
            case ("ScanJobs", uid, "NextDocument"):
                return await scanner.next_document(uid, request.client)
            case (_, uid, _):
                return scanner.image_info(uid, root)
        raise AssertionError(parts)

    def _index(self, base: str) -> Answer:
        lines = [f"{base}/{name}/{ROOT}  {item.identity.make_and_model}" for name, item in self._scanners.items()]
        return told(200, "\n".join(["eSCL scanners:", *lines]))

    def _names(self) -> str:
        names = list(self._scanners)
        shown = ", ".join(f"/{name}/{ROOT}" for name in names[:5])
        return shown + (f" and {len(names) - 5} more" if len(names) > 5 else "")
