"""The client is judged too: what software does wrong on the network is in the report on the device's clients."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import trio

from simulators.duties import MAX_CLIENTS, OTHERS, ClientReport, Duty
from tests.simulators.escl.clients import Client, client, control, jumping, settings

AGENT = ("User-Agent", "BadScan/1.0")
NAME = "BadScan/1.0 at memory"


async def _report(one: Client, device: str = "feeder") -> dict[str, Any]:
    found: dict[str, Any] = (await control(one, device, "report"))["client"]
    return found


async def test_clients_that_behave_have_a_clean_report(tmp_path: Path) -> None:
    """Fetching all pages without DELETE is lawful (SANE's escl does that, sane-escl 3.4), so are DELETE in the middle, and asking once more after the end."""
    async with client(tmp_path) as one:
        await one.pages(await one.start())
        await control(one, "feeder", "load", count=2)
        job = await one.start()
        assert (await one.ask("GET", f"{job}/NextDocument")).status == 200
        assert (await one.ask("DELETE", job)).status == 200
        report = await _report(one)
        assert (report["clean"], report["clients"]) == (True, {})


async def test_calls_in_the_wrong_state(tmp_path: Path) -> None:
    """A page of a job that was deleted, of one that never was, and the deletion of such a one, are on the account of the client that asked."""
    async with client(tmp_path) as one:
        job = await one.start()
        await one.ask("DELETE", job)
        assert (await one.ask("GET", f"{job}/NextDocument", headers=[AGENT])).status == 404
        assert (await one.ask("GET", "/eSCL/ScanJobs/none/NextDocument", headers=[AGENT])).status == 404
        assert (await one.ask("DELETE", "/eSCL/ScanJobs/none", headers=[AGENT])).status == 404
        report = await _report(one)
        assert report["clients"] == {NAME: {Duty.WRONG_CALL.value: 3}}
        assert report["details"][0] == f"wrong-call: {NAME}: NextDocument of a deleted job"
        assert (await _report(one, "flatbed"))["clean"]


async def test_settings_that_cannot_be(tmp_path: Path) -> None:
    """Settings that are no XML, and a mode that the capabilities do not have."""
    async with client(tmp_path) as one:
        await one.ask("POST", "/eSCL/ScanJobs", b"<broken", headers=[AGENT])
        await one.ask("POST", "/eSCL/ScanJobs", settings(mode="RGB48"), headers=[AGENT])
        assert (await _report(one))["clients"] == {NAME: {Duty.BAD_SETTINGS.value: 2}}


async def test_a_wrong_host(tmp_path: Path) -> None:
    """Whoever calls the scanner by a name that is not its own is refused and noted."""
    async with client(tmp_path) as one:
        reply = await one.ask("GET", "/flatbed/eSCL/ScannerStatus", headers=[AGENT], host="evil.example")
        assert reply.status == 403
        await one.ask("GET", "/eSCL/ScannerStatus")  # the note comes after the answer
        assert (await _report(one, "flatbed"))["clients"] == {NAME: {Duty.WRONG_HOST.value: 1}}


@jumping
async def test_a_job_that_was_never_deleted(tmp_path: Path) -> None:
    """A job with pages that nobody fetches and nobody deletes is ended by the device, and noted (sane-escl 3.6 d)."""
    async with client(tmp_path) as one:
        await one.start()
        await one.leave()
        await trio.sleep(130)
        assert (await one.ask("GET", "/eSCL/ScannerStatus")).text("JobState") == "Aborted"
        assert (await _report(one))["neglected"][Duty.JOB_NOT_DELETED.value] == 1


async def test_a_report_does_not_grow_with_its_clients() -> None:
    """Beyond a number of clients the others are one, so that names cannot fill the memory."""
    report = ClientReport()
    for number in range(MAX_CLIENTS + 7):
        report.note(Duty.WRONG_CALL, client=f"client {number}")
    clients = report.show()["clients"]
    assert len(clients) == MAX_CLIENTS + 1
    assert clients[OTHERS] == {Duty.WRONG_CALL.value: 7}
