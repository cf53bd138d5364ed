"""Jobs: locks, timers, faults, cancellation and what becomes of the device (rest-api.md 5.1, 5.4 to 5.6, 5.9)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import trio
import trio.lowlevel

from device_protocol import ALL, Code, DeviceError, FeederState
from device_protocol.testing import Jumper, run
from reference_server.config import Limits
from tests.reference_server.client import JOBS, lab
from tests.reference_server.fakes import FakeHost, Script, content

FEEDER = "virtual:feeder"


def feeder(**script: Any) -> FakeHost:
    """A host whose feeder follows a script."""
    return FakeHost({FEEDER: Script(**script)})


def test_the_whole_way(tmp_path: Path) -> None:
    """A client makes a job, reads all pages, sees the end again and again, sees it completed, and deletes it; the device is given back."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            reply = await it.client.request("POST", JOBS, {"config": {"IfFeederEnabled": True}})
            assert reply.status == 201
            assert reply.json()["status"] == "running"
            assert reply.json()["scanner"]["name"] == "Flatbed Virtual Feeder"
            job = f"{JOBS}/{reply.json()['jobuid']}"
            assert reply.headers["Location"] == f"http://127.0.0.1:18622{job}"
            for number in (1, 2, 3):
                reply = await it.client.get(f"{job}/next-page")
                assert (reply.status, reply.headers["Content-Type"]) == (200, "image/png")
                assert reply.body == content(number, 1000)
                assert reply.headers["Content-Length"] == str(len(reply.body))
            for _ in range(2):
                reply = await it.client.get(f"{job}/next-page")
                assert (reply.status, reply.body) == (204, b"")
                assert "Content-Type" not in reply.headers
            assert (await it.client.get(job)).json() == {"status": "completed", "code": 0, "message": "Successful"}
            assert (await it.client.request("DELETE", job)).status == 204
            reply = await it.client.request("DELETE", job)
            assert (reply.status, reply.json()["code"]) == (410, -1034)
            assert it.host.open_devices == set()

    run(main, clock=Jumper())


def test_pending_job_holds_the_scanner(tmp_path: Path) -> None:
    """With autoRun false the scanner is opened and locked at once; a second job gets 423 -1004 and disturbs nothing; another scanner is free."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            job = await it.client.create(autoRun=False)
            await trio.sleep(1)
            assert it.host.open_devices == {FEEDER}
            for auto_run in (True, False):
                reply = await it.client.request("POST", JOBS, {"autoRun": auto_run})
                assert (reply.status, reply.json()["code"]) == (423, -1004)
            other = await it.client.create(device="virtual:flatbed", autoRun=False)
            assert await it.client.state(job) == "pending"
            assert (await it.client.request("PATCH", job, {"status": "running"})).json() == {"status": "running"}
            assert (await it.client.get(f"{job}/next-page")).status == 200
            assert await it.client.state(other) == "pending"

    run(main, clock=Jumper())


def test_scanner_is_free_after_each_kind_of_end(tmp_path: Path) -> None:
    """Completed, canceled, faulted or deleted: the next job on the scanner is accepted, even while the device takes its time to close."""

    async def main() -> None:
        async with lab(tmp_path, feeder(pages=1, close_s=3)) as it:
            job = await it.client.create()
            await it.client.get(f"{job}/next-page")
            assert (await it.client.get(f"{job}/next-page")).status == 204
            assert await it.client.state(job) == "completed"
            job = await it.client.create()
            assert (await it.client.request("PATCH", job, {"status": "canceled"})).json() == {"status": "canceled"}
            job = await it.client.create()
            before = trio.current_time()
            assert (await it.client.request("DELETE", job)).status == 204
            assert trio.current_time() == before, "deleting does not wait for the device"
            it.host.scripts[FEEDER] = Script(open_error=DeviceError(Code.COVER_OPEN))
            job = await it.client.create()
            await trio.sleep(1)
            assert await it.client.state(job) == "faulted"
            it.host.scripts[FEEDER] = Script()
            assert await it.client.create()

    run(main, clock=Jumper())


def test_a_device_that_never_closes_is_locked_but_not_waited_for(tmp_path: Path) -> None:
    """While a device does not close, a new job is refused after the release time, and after the close limit the device is let go."""

    async def main() -> None:
        async with lab(
            tmp_path, feeder(pages=1, close_s=1e6), limits=Limits(release_seconds=5, close_seconds=15)
        ) as it:
            job = await it.client.create()
            await it.client.request("DELETE", job)
            before = trio.current_time()
            assert (await it.client.request("POST", JOBS, {})).status == 423
            assert trio.current_time() - before == pytest.approx(5)
            await trio.sleep(11)
            it.host.open_devices.clear()
            assert await it.client.create()

    run(main, clock=Jumper())


def test_jam_after_two_pages(tmp_path: Path) -> None:
    """Pages before a jam stay readable, then 204; the job is faulted with -1020; pages can be read by UID and index afterwards."""

    async def main() -> None:
        async with lab(tmp_path, feeder(pages=10, fail_at=3)) as it:
            job = await it.client.create()
            await trio.sleep(1)
            for number in (1, 2):
                assert (await it.client.get(f"{job}/next-page")).body == content(number, 1000)
            assert (await it.client.get(f"{job}/next-page")).status == 204
            info = (await it.client.get(job)).json()
            assert (info["status"], info["code"]) == ("faulted", -1020)
            assert "jam" in info["message"].lower()
            assert (await it.client.get(f"{job}/content?page=1&type=image/png")).body == content(2, 1000)

    run(main, clock=Jumper())


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ({"open_error": DeviceError(Code.BUSY)}, -1004),
        ({"open_error": DeviceError(Code.NOT_FOUND)}, -1003),
        ({"start_error": DeviceError(Code.NO_MEDIA)}, -1035),
        ({"fail_at": 1, "error": DeviceError(Code.DEVICE_LOST)}, -1023),
        ({"fail_at": 1, "error": DeviceError(Code.MULTIFEED)}, -1021),
        ({"open_s": 100}, -1001),
        ({"start_s": 100}, -1001),
        ({"hang_at": 2}, -1001),
        ({"step_s": 100}, -1001),
    ],
)
def test_faults_become_faulted_jobs(script: dict[str, Any], code: int, tmp_path: Path) -> None:
    """Whatever the device does, the job is created, ends faulted with the documented code within its step limit, and the device is closed."""

    async def main() -> None:
        async with lab(tmp_path, feeder(**script)) as it:
            job = await it.client.create()
            while (await it.client.get(f"{job}/next-page")).status == 200:
                pass
            info = (await it.client.get(job)).json()
            assert (info["status"], info["code"]) == ("faulted", code)
            assert trio.current_time() <= 40
            await trio.sleep(1)
            assert it.host.open_devices == set()

    run(main, clock=Jumper())


def test_step_limit_starts_anew_with_each_page(tmp_path: Path) -> None:
    """ScannerFailureTimeout limits one step, not the job: ten pages of 14 s each pass under a limit of 15 s, and fault under 13 s."""

    async def main() -> None:
        async with lab(tmp_path, feeder(pages=10, step_s=14)) as it:
            job = await it.client.create(scannerFailureTimeout=15)
            await trio.sleep(200)
            assert await it.client.state(job) == "completed"
            job = await it.client.create(scannerFailureTimeout="13")
            await trio.sleep(20)
            assert await it.client.state(job) == "faulted"

    run(main, clock=Jumper())


def test_job_timeout(tmp_path: Path) -> None:
    """JobTimeout runs while a job is pending, stops while it runs, and starts again at its end; then it is 410 and its scanner is free."""

    async def main() -> None:
        async with lab(tmp_path, feeder(pages=3, step_s=10)) as it:
            idle = await it.client.create(autoRun=False, jobTimeout=20)
            await trio.sleep(19)
            assert await it.client.state(idle) == "pending"
            await trio.sleep(2)
            assert (await it.client.get(idle)).status == 410
            assert it.host.open_devices == set()
            job = await it.client.create(autoRun=False, jobTimeout=20)
            await trio.sleep(19)
            await it.client.request("PATCH", job, {"status": "running"})
            await trio.sleep(39)  # it scans for 30 s, and 4 x 10 s pass until the end is known
            assert await it.client.state(job) == "running"
            await trio.sleep(20)
            assert await it.client.state(job) == "completed"
            await trio.sleep(2)
            assert (await it.client.get(job)).status == 410
            forever = await it.client.create()
            await trio.sleep(80_000)
            assert await it.client.state(forever) == "completed"

    run(main, clock=Jumper())


def test_check_feeder_loaded(tmp_path: Path) -> None:
    """With checkFeederLoaded, in either place, an empty feeder faults the job with -1035 before anything is fed; a loaded or unknown one scans."""

    async def main() -> None:
        async with lab(tmp_path, feeder(feeder=FeederState.EMPTY)) as it:
            for keys in ({"checkFeederLoaded": True}, {"config": {"CheckFeederLoaded": True}}):
                job = await it.client.create(**keys)
                await trio.sleep(1)
                assert (await it.client.get(job)).json()["code"] == -1035
                assert it.host.sessions[-1].started is None
            job = await it.client.create()
            await trio.sleep(1)
            assert await it.client.state(job) == "completed"
            it.host.scripts[FEEDER].feeder = FeederState.UNKNOWN
            job = await it.client.create(checkFeederLoaded=True)
            await trio.sleep(1)
            assert await it.client.state(job) == "completed"

    run(main, clock=Jumper())


def test_delete_while_running_wakes_readers(tmp_path: Path) -> None:
    """Deleting a running job answers a reader that waits with 410 and closes the device."""

    async def main() -> None:
        async with lab(tmp_path, feeder(hang_at=1)) as it:
            job = await it.client.create()
            replies = []

            async def wait() -> None:
                replies.append(await it.client.get(f"{job}/next-page"))

            async with trio.open_nursery() as nursery:
                nursery.start_soon(wait)
                await trio.sleep(1)
                assert (await it.client.request("DELETE", job)).status == 204
            assert (replies[0].status, replies[0].json()["code"]) == (410, -1034)
            await trio.lowlevel.checkpoint()
            assert it.host.open_devices == set()

    run(main, clock=Jumper())


def test_cancel_keeps_pages(tmp_path: Path) -> None:
    """A canceled job keeps the pages that came; they can be read, then comes the end."""

    async def main() -> None:
        async with lab(tmp_path, feeder(pages=9, hang_at=3)) as it:
            job = await it.client.create()
            await trio.sleep(1)
            await it.client.request("PATCH", job, {"status": "canceled"})
            assert (await it.client.get(job)).json()["status"] == "canceled"
            assert [(await it.client.get(f"{job}/next-page")).status for _ in range(3)] == [200, 200, 204]

    run(main, clock=Jumper())


def test_too_many_jobs(tmp_path: Path) -> None:
    """Beyond the limit of jobs a new one gets 503 with Retry-After; after a delete it is accepted."""

    async def main() -> None:
        async with lab(tmp_path, limits=Limits(jobs=2)) as it:
            first = await it.client.create()
            await trio.sleep(1)
            await it.client.create()
            await trio.sleep(1)
            reply = await it.client.request("POST", JOBS, {})
            assert reply.status == 503
            assert int(reply.headers["Retry-After"]) >= 1
            await it.client.request("DELETE", first)
            assert await it.client.create()

    run(main, clock=Jumper())


def test_deleted_uids_are_remembered_with_a_bound(tmp_path: Path) -> None:
    """A deleted job is 410 until so many others were deleted that it is forgotten and becomes 404."""

    async def main() -> None:
        async with lab(tmp_path, limits=Limits(tombstones=2)) as it:
            jobs = []
            for _ in range(3):
                jobs.append(await it.client.create())
                await it.client.request("DELETE", jobs[-1])
            assert [(await it.client.get(job)).status for job in jobs] == [404, 410, 410]

    run(main, clock=Jumper())


def test_settings_reach_the_device(tmp_path: Path) -> None:
    """What config asks for is what the device is set to, with the nearest value where it has another; caps come first and config wins."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            await it.client.create(
                config={
                    "PixelType": "1",
                    "resolution": 290,
                    "IFFEEDERENABLED": True,
                    "IfDuplexEnabled": True,
                    "XferCount": 2,
                },
                caps={
                    "exception": "",
                    "capabilities": [{"capability": 257, "curValue": 0}, {"capability": 4353, "curValue": 500}],
                },
            )
            await trio.sleep(1)
            session = it.host.sessions[-1]
            wanted = {"source": "ADF Duplex", "mode": "Gray", "resolution": 300, "brightness": 50}
            assert session.values == session.values | wanted
            assert session.started is not None
            assert session.started[0] == 2
            await it.client.create(device="virtual:flatbed", config={"IfFeederEnabled": False, "XferCount": -1})
            await trio.sleep(1)
            assert it.host.sessions[-1].values["source"] == "Flatbed"
            assert it.host.sessions[-1].started is not None
            assert it.host.sessions[-1].started[0] == 1
            await it.client.create(device="sanelab:test:0")
            await trio.sleep(1)
            assert it.host.sessions[-1].started is not None
            assert str(it.host.sessions[-1].started[0]) == ALL

    run(main, clock=Jumper())


@pytest.mark.parametrize(
    ("capability", "code"),
    [
        ({"capability": 4376, "curValue": 287}, -1010),
        ({"capability": 9999, "curValue": 1}, -1013),
        ({"capability": 4355, "curValue": 1}, -1013),  # the fake has no contrast
    ],
)
def test_strict_capabilities_fault_the_job(capability: dict[str, int], code: int, tmp_path: Path) -> None:
    """With exception "fail", overall or of the item, a capability that cannot be set exactly faults the job; an item's own "ignore" wins."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            for caps, wanted in (
                ({"exception": "fail", "capabilities": [capability]}, code),
                ({"exception": "ignore", "capabilities": [capability | {"exception": "fail"}]}, code),
                ({"exception": "fail", "capabilities": [capability | {"exception": "ignore"}]}, 0),
                ({"capabilities": [capability]}, 0),
            ):
                job = await it.client.create(caps=caps)
                await trio.sleep(1)
                assert (await it.client.get(job)).json()["code"] == wanted

    run(main, clock=Jumper())


def test_origin_binding(tmp_path: Path) -> None:
    """A job belongs to the origin that made it: another allowed origin gets 403 -2137, no origin passes; a job without origin is open to who knows it."""

    async def main() -> None:
        mine, other = {"Origin": "http://localhost:3000"}, {"Origin": "http://localhost:4000"}
        async with lab(tmp_path) as it:
            reply = await it.client.request("POST", JOBS, {}, mine)
            job = f"{JOBS}/{reply.json()['jobuid']}"
            assert (await it.client.get(job, headers=mine)).status == 200
            assert (await it.client.get(job)).status == 200
            for method, path, body in (
                ("GET", job, None),
                ("GET", f"{job}/next-page", None),
                ("GET", f"{job}/next-page-info", None),
                ("GET", f"{job}/content?page=0", None),
                ("GET", f"{job}/scanner/capabilities", None),
                ("PATCH", job, {"status": "canceled"}),
                ("DELETE", job, None),
            ):
                reply = await it.client.request(method, path, body, other)
                assert (reply.status, reply.json()["code"]) == (403, -2137)
            assert (await it.client.get(f"{job}/next-page", headers=mine)).body == content(1, 1000)
            unbound = await it.client.create(device="virtual:flatbed")
            assert (await it.client.get(unbound, headers=other)).status == 200

    run(main, clock=Jumper())


def test_shutdown_gives_devices_back(tmp_path: Path) -> None:
    """When the service ends, running jobs are cancelled, devices closed and spill files removed."""

    async def main() -> None:
        host = feeder(hang_at=3, page_bytes=5000)
        async with lab(tmp_path, host, buffer_bytes=1000, disk_floor_bytes=0) as it:
            await it.client.create()
            await trio.sleep(1)
            assert list((tmp_path / "spill").iterdir())
        assert host.open_devices == set()
        assert not list((tmp_path / "spill").iterdir())

    run(main, clock=Jumper())


class Lingering(FakeHost):
    """A host whose worker goes on opening a device for a second after its caller has given up, as a real one does."""

    def __init__(self) -> None:
        super().__init__({FEEDER: Script(open_s=0.5, pages=1)})
        self.busy_until = -1.0

    async def open(self, device_id: str) -> Any:
        if trio.current_time() < self.busy_until:
            raise DeviceError(Code.BUSY)
        try:
            return await super().open(device_id)
        except trio.Cancelled:
            self.busy_until = trio.current_time() + 1.0
            raise


def test_a_job_right_after_one_that_was_deleted_while_it_opened(tmp_path: Path) -> None:
    """The lock of the first is gone, and so the second must not fault because the device is still being given back."""

    async def main() -> None:
        async with lab(tmp_path, Lingering()) as it:
            first = await it.client.create()
            await trio.sleep(0.1)
            assert (await it.client.request("DELETE", first)).status == 204
            second = await it.client.create()
            assert (await it.client.get(f"{second}/next-page")).status == 200
            assert await it.client.state(second) == "completed"

    run(main, clock=Jumper())


def test_a_device_that_somebody_else_has_faults_at_once(tmp_path: Path) -> None:
    """Nothing is waited for where no opening of ours was given up."""

    async def main() -> None:
        async with lab(tmp_path, feeder(open_error=DeviceError(Code.BUSY))) as it:
            job = await it.client.create()
            await trio.sleep(0.01)
            assert await it.client.state(job) == "faulted"

    run(main, clock=Jumper())
