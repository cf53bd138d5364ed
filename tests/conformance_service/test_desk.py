"""The desk: verdicts that say the same in every run, jobs that are made with patience and always deleted, and what a scanner is asked for."""

from __future__ import annotations

from typing import Any

import pytest
import trio

from conformance.outcomes import Broken, NeedsOperator, NotApplicable, Untestable
from conformance.requirements.rest.facts import ScannerFacts
from conformance.service.desk import BUSY_S, nearest, resolutions
from conformance.service.job import JOBS
from conformance.service.operators import Absent
from device_protocol.testing import Jumper, run
from tests.conformance_service.scripted import HOST, Asked, Said, scripted

UID = "7d0c2f0e-5a5e-4d0b-9f0a-3f1f5f6b2a11"
OTHER = "8d0c2f0e-5a5e-4d0b-9f0a-3f1f5f6b2a11"


def made(uid: str = UID, status: str = "pending") -> Said:
    """The answer to a POST jobs."""
    return Said(201, {"jobuid": uid, "status": status, "scanner": {"name": "One"}})


async def test_evidence_is_the_same_in_every_run() -> None:
    """UIDs, address and port are taken out, and two UIDs stay two."""
    async with scripted(lambda _asked: Said(200, {})) as service:
        desk = service.desk()
        text = f"http://{HOST}/x {UID} {OTHER} {UID.upper()} 19c0a4be1d20 localhost:18622"
        assert desk.stable(text) == "http://HOST/x JOB JOB-2 JOB UID localhost:PORT"
        with pytest.raises(Broken) as caught:
            desk.broken(f"job {UID}", "point")
        assert (caught.value.evidence, caught.value.point) == ("job JOB", "point")


async def test_statuses_and_codes() -> None:
    """The right status passes; another one, and a refusal with another code, fail and say what was seen."""
    replies = {"/ok": Said(200, {"a": 1}), "/gone": Said(410, {"code": -1034}), "/other": Said(410, {"code": -1})}
    async with scripted(lambda asked: replies[asked.target]) as service:
        desk = service.desk()
        ok, gone, other = [await desk.rest.ask("GET", path) for path in replies]
        assert desk.status(ok, 200, 204, point="p") is ok
        assert desk.refused(gone, 410, -1034, point="p") is gone
        assert desk.an_object(ok, "p") == {"a": 1}
        with pytest.raises(Broken, match="GET /ok: 200 instead of 404 or 410 for nothing"):
            desk.status(ok, 404, 410, point="p", why="for nothing")
        with pytest.raises(Broken, match="code -1034"):
            desk.refused(other, 410, -1034, point="p")
        with pytest.raises(Broken, match="no JSON array"):
            desk.an_array(ok, "p")
        with pytest.raises(Untestable, match="instead of 201"):
            desk.prerequisite(ok, 201)


def test_a_busy_scanner_is_waited_for() -> None:
    """A 423 that ends is waited out; one that does not is given up in bounded time, as a broken prerequisite."""

    async def main(busy: int) -> tuple[str, float]:
        left = [busy]

        def answer(asked: Asked) -> Said:
            if asked.method == "DELETE":
                return Said(204)
            left[0] -= 1
            return Said(423, {"code": -1004}) if left[0] >= 0 else made()

        async with scripted(answer) as service:
            began = trio.current_time()
            try:
                uid = (await service.desk().create()).uid
            except Untestable:
                uid = "untestable"
            return uid, trio.current_time() - began

    assert run(lambda: main(3), clock=Jumper())[0] == UID
    outcome, seconds = run(lambda: main(10_000), clock=Jumper())
    assert outcome == "untestable"
    assert seconds == pytest.approx(BUSY_S, abs=1)


async def test_whatever_was_made_is_deleted() -> None:
    """Jobs and documents of a check go at its end, those too that were made by a request that should have failed; documents with their password."""

    def answer(asked: Asked) -> Said:
        if asked.method == "DELETE":
            return Said(204)
        return made() if asked.target == JOBS else Said(201, {"uid": "19c0a4c90010", "pages": []})

    async with scripted(answer) as service:
        desk = service.desk()
        await desk.post_job(b"[]", {"Origin": "http://a"})
        await desk.post_document({"password": "s3cret"})
        await desk.tidy()
        deleted = [asked for asked in service.asked if asked.method == "DELETE"]
    assert [asked.target for asked in deleted] == [f"{JOBS}/{UID}", "/api/storage/documents/19c0a4c90010"]
    assert deleted[0].fields["origin"] == "http://a"
    assert deleted[1].fields["dwt-doc-password"] == "s3cret"


async def test_a_service_that_is_gone_does_not_break_tidying() -> None:
    """If nobody answers any more, the verdict stands and nothing else is raised."""

    def answer(asked: Asked) -> Said:
        if asked.method == "DELETE":
            raise trio.BrokenResourceError
        return made()

    async with scripted(answer) as service:
        desk = service.desk()
        await desk.create()
        with trio.fail_after(60):
            await desk.tidy()


class Watched(Absent):
    """An operator who does everything and remembers it."""

    def __init__(self) -> None:
        self.done: list[Any] = []

    async def load(self, scanner: ScannerFacts, sheets: int) -> None:
        self.done.append((scanner.name, sheets))

    async def clear(self, scanner: ScannerFacts) -> None:
        self.done.append(f"clear {scanner.name}")


async def test_the_feeder_gets_its_paper() -> None:
    """With an operator the paper is loaded first; what was disturbed is made good again; without a feeder there is nothing to judge."""
    feeder = ScannerFacts("Feeder", 64, "device two")
    watched = Watched()
    async with scripted(lambda asked: Said(204) if asked.method == "DELETE" else made()) as service:
        desk = service.desk("REST-69", watched, feeder=feeder)
        await desk.from_feeder(3, config={"XferCount": 1})
        async with desk.disturbing(feeder) as operator:
            assert operator is watched
        await desk.tidy()
        assert watched.done == [("Feeder", 3), "clear Feeder"]
        body = service.asked[0].json
        assert body["device"] == "device two"
        assert body["config"]["IfFeederEnabled"] is True
        assert body["config"]["XferCount"] == 1
        with pytest.raises(NotApplicable):
            await service.desk("REST-69").from_feeder(3)
        with pytest.raises(NeedsOperator, match="put 4 sheets into the feeder of Feeder"):
            desk.too_little_paper(4)


async def test_a_scanner_that_only_feeds_has_paper_for_the_next_check() -> None:
    """What was loaded for one check is exactly enough for that one; afterwards somebody puts the scanner in order."""
    feeder = ScannerFacts("Feeder", 64, "device two", {4098: {"defaultValue": 1}})
    watched = Watched()
    async with scripted(lambda asked: Said(204) if asked.method == "DELETE" else made()) as service:
        desk = service.desk("REST-69", watched, feeder=feeder)
        await desk.from_feeder(3)
        await desk.tidy()
        assert watched.done == [("Feeder", 3), "clear Feeder"]


def capabilities(**about: Any) -> dict[int, dict[str, Any]]:
    """Of a scanner with this ICAP_XRESOLUTION."""
    return {4376: about, 257: {"enums": [{"value": 0, "label": "TWPT_BW"}, {"value": 2, "label": "TWPT_RGB"}]}}


@pytest.mark.parametrize(
    ("about", "found"),
    [
        ({"enums": [75.0, {"value": 300, "label": "x"}, "many", True]}, (75.0, 300.0)),
        ({"minValue": 50, "maxValue": 200, "stepSize": 25}, (75.0, 100.0, 150.0, 200.0)),
        ({"minValue": 50, "maxValue": 200, "stepSize": 0}, ()),
        ({"minValue": "50", "maxValue": None, "stepSize": 1}, ()),
        ({}, ()),
    ],
)
def test_declared_resolutions(about: dict[str, Any], found: tuple[float, ...]) -> None:
    """Lists and ranges are read, and nonsense in them is nothing."""
    assert resolutions(ScannerFacts("One", 64, "d", capabilities(**about))) == found


async def test_small_and_large_scans() -> None:
    """A quick scan is the smallest that is declared, a long one the largest; a scanner that declares nothing is asked all the same."""
    scanner = ScannerFacts("One", 64, "d", capabilities(enums=[100, 600]))
    async with scripted(lambda _asked: Said(200, {})) as service:
        desk = service.desk(scanner=scanner)
        small, large = desk.config(scanner), desk.config(scanner, large=True)
        bare = desk.config(ScannerFacts("Bare", 64, "d"))
    assert (small["Resolution"], small["PixelType"]) == (100, 2)
    assert (large["Resolution"], large["PixelType"]) == (600, 2)
    assert (bare["Resolution"], bare["PixelType"]) == (75, 1)
    assert nearest((), 75) == 75


def test_jobs_that_do_not_end_are_given_up() -> None:
    """A job that runs for ever, and pages without an end, are broken prerequisites in bounded time."""

    def answer(asked: Asked) -> Said:
        if asked.target == JOBS:
            return made()
        return Said(200, {"status": "running"}) if asked.method == "GET" else Said(204)

    async def main() -> list[str]:
        found = []
        async with scripted(answer) as service:
            job = await service.desk().create()
            for wait in (job.end, job.rest_of_pages):
                try:
                    await wait()
                except Untestable as outcome:
                    found.append(outcome.evidence)
        return found

    assert run(main, clock=Jumper()) == [
        "a job has not ended after 90 s",
        "a job has no end of its pages after 200 of them",
    ]
