"""Defects of what eSCL scanners and the service have in common, for scanners (WIRE)."""

from __future__ import annotations

from dataclasses import replace

from conformance.selftest.escl.defects.defect import defect
from conformance.selftest.escl.edits import around, lacking, merged, renamed, statuses, texts
from conformance.selftest.escl.proof import (
    DELETE,
    FEED,
    NEXT,
    ORDER,
    STATUS,
    act,
    ask,
    cut_off,
    flood,
    get,
    post,
    wait,
)
from simulators.escl.hosts import Hosts
from simulators.escl.http_server import Limits
from simulators.escl.markup import Node
from simulators.escl.points import Answer, Moment, Point, told
from simulators.escl.quirks import CHANGES
from simulators.escl.routes import Request
from simulators.escl.scanner import Scanner

ENDLESS = 1 << 40
V6 = (("Content-Type", "text/xml"), ("Host", "[::1]:8290"))


class BadBodyMakesAJob(Scanner):
    """Scans with its own settings where those of the client cannot be read."""

    async def post(self, body: bytes, base: str, root: str, client: str = "") -> Answer:
        """See :class:`Scanner`."""
        answer = await super().post(body, base, root, client)
        return await super().post(ORDER.body(), base, root, client) if answer.status == 400 else answer


class UnsupportedIsIgnored(Scanner):
    """Gives JPEG where it does not have what was asked for."""

    async def post(self, body: bytes, base: str, root: str, client: str = "") -> Answer:
        """See :class:`Scanner`."""
        return await super().post(body.replace(b"image/x-nothing", b"image/jpeg"), base, root, client)


class BrokenPageIsGone(Scanner):
    """Takes a page for given once it was asked for."""

    async def next_document(self, uid: str, client: str = "") -> Answer:
        """See :class:`Scanner`."""
        answer = await super().next_document(uid, client)
        done = answer.done
        return answer if done is None else answer.but(done=lambda _whole: done(True))  # as the door says it


class Premature404(Scanner):
    """Says that there is nothing to who asks at once."""

    async def next_document(self, uid: str, client: str = "") -> Answer:
        """See :class:`Scanner`."""
        job = self._find(uid)
        if job is not None and uid not in self.asked:
            self.asked.add(uid)
            return told(404, "There are no more pages.")
        return await super().next_document(uid, client)

    @property
    def asked(self) -> set[str]:
        """Jobs of which somebody has asked for a page."""
        found: set[str] = self.__dict__.setdefault("_asked", set())
        return found


class DeleteFailsAfterwards(Scanner):
    """Breaks down at DELETE of a job that is over."""

    async def delete(self, uid: str, client: str = "") -> Answer:
        """See :class:`Scanner`."""
        job = self._find(uid)
        return told(500, "No such job.") if job is not None and job.over else await super().delete(uid, client)


class LocalhostOnly(Hosts):
    """Knows no names but those of the loopback device."""

    def accepts(self, host: str | None, *, required: bool = True) -> bool:
        """See :class:`Hosts`."""
        return super().accepts(host, required=required) and ".local:" not in (host or "")


class AnyHost(Hosts):
    """Answers under every name."""

    def accepts(self, host: str | None, *, required: bool = True) -> bool:
        """See :class:`Hosts`."""
        return host is not None or not required


def _cut_ipv6(location: str, _moment: Moment) -> str:
    return location.replace("[::1]:", "[:") if "[" in location else location


def _under_200(_request: Request, answer: Answer) -> Answer:
    return answer.but(status=200) if answer.status >= 400 else answer


def _without_hint(_request: Request, answer: Answer) -> Answer:
    return answer.but(headers=tuple(pair for pair in answer.headers if pair[0] != "Retry-After"))


def _busy_is_409(request: Request, answer: Answer) -> Answer:
    return answer.but(status=409) if request.method == "POST" and answer.status == 503 else answer


def _newest_job(root: Node, moment: Moment) -> Node:
    children = root.children[:1] if root.name == "scan:Jobs" else root.children
    return replace(root, children=tuple(_newest_job(child, moment) for child in children))


DEFECTS = (
    defect(
        "bad-namespace",
        "WIRE-01",
        "has State in eSCL's own namespace instead of the PWG's",
        STATUS,
        changes=renamed("pwg:State", "scan:State", Point.STATUS),
    ),
    defect(
        "without-version",
        "WIRE-01",
        "does not say its version",
        get("ScannerCapabilities"),
        changes=CHANGES["without-version"],
    ),
    defect(
        "status-without-version",
        "WIRE-01",
        "does not say the version of its status",
        STATUS,
        changes=lacking("pwg:Version", point=Point.STATUS),
    ),
    defect(
        "bogus-host",
        "WIRE-02",
        "names a host in Location that nobody knows",
        post(),
        changes=CHANGES["location-other-host"],
    ),
    defect("post-200", "WIRE-02", "takes a job with 200", post(), changes=CHANGES["post-200"]),
    defect("location-empty", "WIRE-02", "gives an empty Location", post(), changes=CHANGES["location-empty"]),
    defect(
        "location-cuts-ipv6",
        "WIRE-02",
        "cuts the address of a client that calls it by IPv6",
        post(fields=V6),
        changes={Point.LOCATION: _cut_ipv6},
    ),
    defect(
        "bad-body-makes-a-job",
        "WIRE-03",
        "scans where the settings cannot be read",
        ask("POST", "ScanJobs", b"no XML"),
        scanner=BadBodyMakesAJob,
    ),
    defect(
        "unsupported-is-ignored",
        "WIRE-03",
        "gives JPEG where it does not have what was asked for",
        post(ORDER.but(format="image/x-nothing", format_ext="")),
        scanner=UnsupportedIsIgnored,
    ),
    defect("busy-is-409", "WIRE-04", "says 409 while a job runs", post(), post(), around=around(_busy_is_409)),
    defect("no-retry-after", "WIRE-04", "says 503 without Retry-After", post(), post(), around=around(_without_hint)),
    defect("end-is-409", "WIRE-05", "says 409 after the last page", post(), NEXT, NEXT, changes=statuses(404, to=409)),
    defect("end-410", "WIRE-05", "says 410 after the last page", post(), NEXT, NEXT, changes=CHANGES["end-410"]),
    defect("end-500", "WIRE-05", "says 500 after the last page", post(), NEXT, NEXT, changes=CHANGES["end-500"]),
    defect(
        "broken-page-is-gone",
        "WIRE-06",
        "has lost a page whose transfer broke",
        post(ORDER.but(region=None, dpi=300, color_mode="RGB24")),
        cut_off(),
        wait(1),
        NEXT,
        scanner=BrokenPageIsGone,
    ),
    defect(
        "premature-404", "WIRE-07", "says that there is no page to who asks at once", post(), NEXT, scanner=Premature404
    ),
    defect(
        "delete-fails-afterwards",
        "WIRE-08",
        "says 500 to DELETE of a job that is over",
        post(),
        DELETE,
        DELETE,
        scanner=DeleteFailsAfterwards,
    ),
    defect(
        "always-empty",
        "WIRE-09",
        "says that its feeder is empty, and scans from it",
        STATUS,
        changes=texts("scan:AdfState", "ScannerAdfEmpty"),
    ),
    defect(
        "always-loaded",
        "WIRE-09",
        "says that its feeder is loaded, and has nothing",
        act("load", 0),
        STATUS,
        changes=texts("scan:AdfState", "ScannerAdfLoaded"),
    ),
    defect(
        "localhost-only",
        "WIRE-10",
        "refuses the name by which it is announced",
        ask("GET", "ScannerStatus", fields=(("Host", "scanner.local:8290"),)),
        hosts=LocalhostOnly,
    ),
    defect(
        "any-host",
        "WIRE-10",
        "answers under every name",
        ask("GET", "ScannerStatus", fields=(("Host", "rebound.example"),)),
        hosts=AnyHost,
    ),
    defect("error-under-200", "WIRE-11", "says 200 to everything", get("NoSuchDocument"), around=around(_under_200)),
    defect(
        "forgets-jobs",
        "WIRE-12",
        "lists the newest job alone",
        post(),
        NEXT,
        post(),
        STATUS,
        changes=merged([{Point.STATUS: _newest_job}]),
    ),
    defect(
        "stays-busy",
        "WIRE-15",
        "waits for ever for a client that has gone",
        post(FEED),
        wait(250),
        STATUS,
        idle_limit_s=1e6,
    ),
    defect(
        "no-limits",
        "WIRE-16",
        "takes every body, however long",
        flood(1 << 20),
        limits=Limits(head_bytes=ENDLESS, body_bytes=ENDLESS, idle_s=1e6, request_s=1e6),
    ),
)
