"""Pages: encodings, both cursors, random access, and what is said about a page (rest-api.md 5.7)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import structlog
import trio

from device_protocol import JPEG, PNG
from device_protocol.testing import Jumper, run
from reference_server.config import Limits
from reference_server.uids import PageUids
from tests.reference_server.client import lab
from tests.reference_server.fakes import FakeHost, Script, content

FEEDER = "virtual:feeder"

EXTENDED_0 = {
    "TWEI_DOCUMENTNUMBER": 1,
    "TWEI_PAGENUMBER": 1,
    "TWEI_FRAMENUMBER": 1,
    "TWEI_PAGESIDE": 1,
    "TWEI_PIXELFLAVOR": 0,
}
EXTENDED_1 = EXTENDED_0 | {"TWEI_PAPERCOUNT": 1}
EXTENDED_2 = EXTENDED_1 | {"incomplete": False}


def feeder(script: Script) -> FakeHost:
    """A host whose feeder follows a script."""
    return FakeHost({FEEDER: script})


def test_cursors_are_independent(tmp_path: Path) -> None:
    """Information about all pages is there after the images were read, its urls give each image at once, and neither moves the other's cursor."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            job = await it.client.create()
            for number in (1, 2, 3):
                assert (await it.client.get(f"{job}/next-page")).body == content(number, 1000)
            uids = []
            for number in (1, 2, 3):
                info = (await it.client.get(f"{job}/next-page-info")).json()
                assert info["imageId"] == number
                assert info["url"] == f"http://127.0.0.1:18622{job}/next-page?page={info['imageuid']}"
                uids.append(info["imageuid"])
                again = await it.client.get(info["url"].removeprefix("http://127.0.0.1:18622"))
                assert again.body == content(number, 1000)
            reply = await it.client.get(f"{job}/next-page-info")
            assert (reply.status, reply.body, "Content-Type" in reply.headers) == (204, b"", False)
            assert (await it.client.get(f"{job}/next-page")).status == 204
            assert sorted(set(uids)) == uids
            assert all(re.fullmatch("[0-9a-f]{12}", uid) for uid in uids)
            assert (await it.client.get(f"{job}/next-page?page={uids[1].upper()}")).body == content(2, 1000)
            reply = await it.client.get(f"{job}/next-page?page=000000000000")
            assert (reply.status, reply.json()["code"]) == (404, -1034)

    run(main, clock=Jumper())


@pytest.mark.parametrize(
    "host", ["127.0.0.1:18622", "localhost:18622", "LOCALHOST.:1", "[::1]:18622", "scan.example:80"]
)
def test_urls_are_built_from_the_request(host: str, tmp_path: Path) -> None:
    """The url of a page has the scheme and host of the request, since clients fetch it as it is."""

    async def main() -> None:
        async with lab(tmp_path, allow_host=("scan.example",)) as it:
            job = await it.client.create()
            it.client.host = host
            assert (await it.client.get(f"{job}/next-page-info")).json()["url"].startswith(f"http://{host}{job}/")

    run(main, clock=Jumper())


def test_page_info_fields(tmp_path: Path) -> None:
    """All fields of imageInfo are there with TWAIN's names; extended info only when it was asked for; the strict profile gives a list of one."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            job = await it.client.create(config={"IfGetExtImageInfo": True})
            info = (await it.client.get(f"{job}/next-page-info")).json()
            assert info["imageInfo"] == {
                "BitsPerPixel": 8,
                "BitsPerSample": [8, 0, 0, 0, 0, 0, 0, 0],
                "Compression": 0,
                "ImageLayout": {
                    "DocumentNumber": 1,
                    "Frame": {"Left": 0, "Top": 0, "Right": 8.27, "Bottom": 11.695},
                    "FrameNumber": 1,
                    "PageNumber": 1,
                },
                "ImageLength": 2339,
                "ImageWidth": 1654,
                "PixelType": 1,
                "Planar": False,
                "SamplesPerPixel": 1,
                "XResolution": 200,
                "YResolution": 200,
            }
            assert [type(info["imageInfo"][f"{axis}Resolution"]) for axis in "XY"] == [
                int,
                int,
            ]  # 200.0 would be equal too
            assert info["extendedImageInfo"] == EXTENDED_0
            assert (info["master"], info["lossy"]) == (PNG, False)
        async with lab(tmp_path, compat="strict") as it:
            job = await it.client.create()
            infos = (await it.client.get(f"{job}/next-page-info")).json()
            assert len(infos) == 1
            assert infos[0]["extendedImageInfo"] == {}

    run(main, clock=Jumper())


def test_encoder_follows_the_oldest_reader(tmp_path: Path) -> None:
    """A page that a JPEG reader waits for is made as JPEG and not transcoded; one that nobody waits for is made lossless."""

    async def main() -> None:
        host = feeder(Script(pages=3, step_s=5))
        async with lab(tmp_path, host) as it:
            job = await it.client.create()
            reply = await it.client.get(f"{job}/next-page?type=image/jpeg")
            assert (reply.headers["Content-Type"], reply.body) == (JPEG, content(1, 1000, JPEG))
            await trio.sleep(30)
            reply = await it.client.get(f"{job}/next-page?type=IMAGE/PNG")
            assert (reply.headers["Content-Type"], reply.body) == (PNG, content(2, 1000, PNG))
            assert host.transcoded == []
            masters = [page.media_type for page in it.registry.find(job.rsplit("/", 1)[1]).pages.list]
            assert masters == [JPEG, PNG, PNG]

    run(main, clock=Jumper())


def test_polling_jpeg_reader_gets_jpeg_masters(tmp_path: Path) -> None:
    """A reader that polls counts as waiting for a moment after each page, so that its pages are not encoded twice."""

    async def main() -> None:
        host = feeder(Script(pages=5, step_s=0.05))
        async with lab(tmp_path, host) as it:
            job = await it.client.create()
            for _ in range(5):
                assert (await it.client.get(f"{job}/next-page?type=image/jpeg")).status == 200
                await trio.sleep(0.1)
            assert host.transcoded == []

    run(main, clock=Jumper())


def test_other_encodings_are_made_once(tmp_path: Path) -> None:
    """A page asked for in another type is transcoded, kept, and not transcoded again; the info says what the master is."""

    async def main() -> None:
        host = feeder(Script(pages=1, native=JPEG))
        async with lab(tmp_path, host) as it:
            job = await it.client.create()
            for _ in range(2):
                reply = await it.client.get(f"{job}/content?page=0&type=image/png")
                while reply.status == 204:
                    await trio.sleep(0.1)
                    reply = await it.client.get(f"{job}/content?page=0&type=image/png")
                assert (reply.status, reply.headers["Content-Type"]) == (200, PNG)
                assert reply.body.startswith(b"image/png 1\n")
            assert host.transcoded == [(JPEG, PNG)]
            info = (await it.client.get(f"{job}/next-page-info")).json()
            assert (info["master"], info["lossy"]) == (JPEG, True)

    run(main, clock=Jumper())


def test_variants_are_bounded(tmp_path: Path) -> None:
    """Pages in a second encoding are kept within their limit, the least used ones give way, and they go with their job."""

    async def main() -> None:
        host = feeder(Script(pages=5, page_bytes=1000))
        async with lab(tmp_path, host, limits=Limits(variant_bytes=2500)) as it:
            job = await it.client.create()
            await trio.sleep(1)
            for index in (0, 1, 0, 2, 0, 1):
                assert (await it.client.get(f"{job}/content?page={index}&type=image/jpeg")).status == 200
            assert len(host.transcoded) == 4, "page 1 was dropped for page 2, page 0 was kept"
            assert it.service.buffer.status().variants <= 2500
            await it.client.request("DELETE", job)
            assert it.service.buffer.status().variants == 0

    run(main, clock=Jumper())


def test_jpeg_of_a_one_bit_page_is_png(tmp_path: Path) -> None:
    """JPEG cannot hold 1-bit pages: every endpoint gives PNG and says so."""

    async def main() -> None:
        async with lab(tmp_path, feeder(Script(pages=1, depth=1, native=PNG))) as it:
            job = await it.client.create()
            for path in ("next-page?type=image/jpeg", "content?page=0&type=image/jpeg"):
                reply = await it.client.get(f"{job}/{path}")
                assert (reply.status, reply.headers["Content-Type"]) == (200, PNG)
            assert it.host.transcoded == []

    run(main, clock=Jumper())


def test_content_is_random_access(tmp_path: Path) -> None:
    """Content takes index or UID in page or pages, never waits, gives 204 for an index that is not there (yet), and moves no cursor."""

    async def main() -> None:
        async with lab(tmp_path, feeder(Script(pages=9, hang_at=3))) as it:
            job = await it.client.create(scannerFailureTimeout=1000)
            await trio.sleep(1)
            uid = (await it.client.get(f"{job}/next-page-info")).json()["imageuid"]
            for query in ("page=0", "pages=0", f"page={uid}", f"pages={uid.upper()}"):
                reply = await it.client.get(f"{job}/content?type=image/png&{query}")
                assert reply.body == content(1, 1000), query
            before = trio.current_time()
            for query in ("page=2", "page=99999999999999999999", "pages=123456789012"):
                reply = await it.client.get(f"{job}/content?{query}")
                assert (reply.status, reply.body, "Content-Type" in reply.headers) == (204, b"", False)
            assert trio.current_time() == before
            for query, status in (
                ("page=-1", 400),
                ("page=x", 400),
                ("page=0,1", 400),
                ("page=", 400),
                ("", 400),
                ("page=0&type=image/gif", 400),
                ("page=0&type=application/pdf", 400),
                ("page=abcdefabcdef", 404),
            ):
                assert (await it.client.get(f"{job}/content?{query}")).status == status, query
            assert (await it.client.get(f"{job}/next-page")).body == content(1, 1000)

    run(main, clock=Jumper())


def test_uid_of_digits_goes_before_an_index(tmp_path: Path) -> None:
    """A page UID that is all digits is found as a UID and not taken for an index."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            job = await it.client.create()
            await trio.sleep(1)
            pages = it.registry.find(job.rsplit("/", 1)[1]).pages
            pages._by_uid["000000000000"] = pages.list[2]
            assert (await it.client.get(f"{job}/content?page=000000000000")).body == content(3, 1000)
            assert (await it.client.get(f"{job}/content?page=0")).body == content(1, 1000)

    run(main, clock=Jumper())


def test_bad_type(tmp_path: Path) -> None:
    """A type that is no image type is 400 -2113 and takes no page."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            job = await it.client.create()
            reply = await it.client.get(f"{job}/next-page?type=image/bmp")
            assert (reply.status, reply.json()["code"]) == (400, -2113)
            assert (await it.client.get(f"{job}/next-page?type=")).body == content(1, 1000)

    run(main, clock=Jumper())


def test_concurrent_readers(tmp_path: Path) -> None:
    """Readers that wait at the same time get different pages in the order in which they came; those beyond the end get 204."""

    async def main() -> None:
        async with lab(tmp_path, feeder(Script(pages=3, step_s=1))) as it:
            job = await it.client.create()
            got: dict[int, bytes | int] = {}

            async def read(number: int) -> None:
                reply = await it.client.get(f"{job}/next-page")
                got[number] = reply.body if reply.status == 200 else reply.status

            async with trio.open_nursery() as nursery:
                for number in range(1, 6):
                    nursery.start_soon(read, number)
                    await trio.testing.wait_all_tasks_blocked()
            assert got == {1: content(1, 1000), 2: content(2, 1000), 3: content(3, 1000), 4: 204, 5: 204}

    run(main, clock=Jumper())


def test_caps_on_waiting_polls(tmp_path: Path) -> None:
    """Beyond the limit of waiting requests, of a job or of the service, one gets 503 with Retry-After; those that wait are served."""

    async def main() -> None:
        gates = [trio.Semaphore(0), trio.Semaphore(0)]
        host = feeder(Script(pages=1, gate=gates[0]))
        host.scripts["virtual:flatbed"] = Script(pages=1, gate=gates[1])
        async with lab(tmp_path, host, limits=Limits(polls_per_job=2, polls=3)) as it:
            job = await it.client.create(scannerFailureTimeout=0)
            other = await it.client.create(device="virtual:flatbed", scannerFailureTimeout=0)
            statuses: list[int] = []

            async def read(path: str) -> None:
                statuses.append((await it.client.get(path)).status)

            async with trio.open_nursery() as nursery:
                for path in (f"{job}/next-page", f"{job}/next-page-info", f"{other}/next-page"):
                    nursery.start_soon(read, path)
                await trio.testing.wait_all_tasks_blocked()
                for path in (f"{job}/next-page", f"{other}/next-page"):
                    reply = await it.client.get(path)
                    assert reply.status == 503
                    assert reply.headers["Retry-After"]
                for gate in gates:
                    gate.release()
            assert statuses == [200, 200, 200]

    run(main, clock=Jumper())


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, {}),
        ({"extendedImageInfoQueryLevel": 2}, {}),
        ({"IfGetExtImageInfo": True}, EXTENDED_0),
        ({"IfGetExtImageInfo": True, "ExtendedImageInfoQueryLevel": "1"}, EXTENDED_1),
        ({"IfGetExtImageInfo": True, "extendedImageInfoQueryLevel": 2}, EXTENDED_2),
        ({"IfGetExtImageInfo": True, "extendedImageInfoQueryLevel": -7}, EXTENDED_0),
    ],
)
async def test_extended_information(config: dict[str, object], expected: dict[str, object], tmp_path: Path) -> None:
    """Extended information comes only if it is asked for, and at each query level with more in it, under both spellings of the key (5.2, 5.8)."""
    async with lab(tmp_path, feeder(Script(pages=1))) as it:
        job = await it.client.create(config=config)
        assert (await it.client.get(f"{job}/next-page-info")).json()["extendedImageInfo"] == expected


def test_end_with_410(tmp_path: Path) -> None:
    """With the switch for clients that know no other end, both cursors end in 410."""

    async def main() -> None:
        async with lab(tmp_path, feeder(Script(pages=1)), end_of_pages=410) as it:
            job = await it.client.create()
            for path in ("next-page", "next-page-info"):
                assert (await it.client.get(f"{job}/{path}")).status == 200
                reply = await it.client.get(f"{job}/{path}")
                assert (reply.status, reply.json()["code"]) == (410, -1034)
            assert await it.client.state(job) == "completed"

    run(main, clock=Jumper())


def test_a_client_that_spins_is_logged_now_and_then(tmp_path: Path) -> None:
    """After 50 ends in a row the log names the switch that helps, then at 100, 200 and so on: a spinning client does not fill the log (rest-api.md 9)."""

    async def main() -> None:
        async with lab(tmp_path, feeder(Script(pages=1))) as it:
            job = await it.client.create()
            assert (await it.client.get(f"{job}/next-page")).status == 200
            with structlog.testing.capture_logs() as logs:
                for _ in range(450):
                    assert (await it.client.get(f"{job}/next-page")).status == 204
            told = [line for line in logs if "--end-of-pages 410" in line["event"]]
            assert len(told) == 4

    run(main, clock=Jumper())


def test_page_uids_are_unique_and_sorted() -> None:
    """UIDs have the documented form and rise, also when the clock stands still or goes back."""
    times = iter([1_790_000_000.0] * 40 + [1_789_999_999.0, 1_790_000_001.0])
    make = PageUids(lambda: next(times))
    uids = [make() for _ in range(42)]
    assert uids[0] == f"{1_790_000_000_000:011x}0"
    assert sorted(set(uids)) == uids
    assert all(re.fullmatch("[0-9a-f]{12}", uid) for uid in uids)
