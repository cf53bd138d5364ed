"""The checklist of what a virtual eSCL scanner must do (sane-escl 3.6), point by point."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio

from device_protocol.control import CLEAR_JAM, CLOSE_COVER, FAULT, LOAD, OPEN_COVER, REPORT
from sheets import Side, read_page
from tests.simulators.escl.clients import Client, client, control, jumping, settings


def named(data: bytes) -> tuple[int | None, Side | None]:
    """Which sheet and side a page is."""
    reading = read_page(data)
    return reading.number, reading.side


async def test_a_feeder_gives_its_sheets_and_then_404(tmp_path: Path) -> None:
    """POST gives 201 exactly and a Location; each NextDocument one page in order; then 404, as often as one asks."""
    async with client(tmp_path) as one:
        job = await one.start()
        assert job.startswith("/eSCL/ScanJobs/")
        assert [named(page) for page in await one.pages(job)] == [(1, Side.FRONT), (2, Side.FRONT), (3, Side.FRONT)]
        assert (await one.ask("GET", f"{job}/NextDocument")).status == 404


async def test_duplex_gives_the_sides_as_documents_of_their_own(tmp_path: Path) -> None:
    """Front and back of each sheet, in that order (sane-escl 3.3, last row)."""
    async with client(tmp_path) as one:
        pages = await one.pages(await one.start(duplex="true"))
    assert [named(page) for page in pages] == [
        (number, side) for number in (1, 2, 3) for side in (Side.FRONT, Side.BACK)
    ]


async def test_a_flatbed_gives_one_page_and_404_at_the_second_request(tmp_path: Path) -> None:
    """Drivers ask a flatbed a second time too, and expect 404 (sane-escl 3.2)."""
    async with client(tmp_path) as one:
        job = await one.start("/flatbed/eSCL", source="Platen")
        assert job.startswith("/flatbed/eSCL/ScanJobs/")
        assert len(await one.pages(job)) == 1


@pytest.mark.parametrize("source", ["Feeder", "Adf", "ADF"])
@pytest.mark.parametrize("space", ["pwg", "scan"])
async def test_input_source_is_taken_as_it_is_spelt(source: str, space: str, tmp_path: Path) -> None:
    """Either namespace, and all spellings of clients; scanlib says scan:InputSource Adf (sane-escl 3.4)."""
    body = settings().replace(
        b"<pwg:InputSource>Feeder</pwg:InputSource>", f"<{space}:InputSource>{source}</{space}:InputSource>".encode()
    )
    async with client(tmp_path) as one:
        assert (await one.ask("POST", "/eSCL/ScanJobs", body)).status == 201


async def test_white_space_before_the_declaration_is_no_matter(tmp_path: Path) -> None:
    """escl-scanner-cli sends a newline and blanks first, and no Content-Type (sane-escl 3.4)."""
    async with client(tmp_path) as one:
        assert (await one.ask("POST", "/eSCL/ScanJobs", b"\n    " + settings())).status == 201


async def test_a_missing_region_is_the_full_area_and_a_large_one_is_clamped(tmp_path: Path) -> None:
    """What is not said is the source's maximum, and nobody gets more than that."""
    whole = settings()
    start, end = whole.index(b"<pwg:ScanRegions>"), whole.index(b"</pwg:ScanRegions>") + len(b"</pwg:ScanRegions>")
    sizes = []
    async with client(tmp_path) as one:
        for body in (whole[:start] + whole[end:], settings(width=99_999, height=99_999)):
            await control(one, "feeder", LOAD, count=1)
            reply = await one.ask("POST", "/eSCL/ScanJobs", body)
            job = reply.headers["Location"].removeprefix("http://localhost:8290")
            sizes.append({(read_page(page).width_px, read_page(page).height_px) for page in await one.pages(job)})
    assert sizes[0] == sizes[1] == {(620, 877)}


async def test_colour_where_no_mode_is_said(tmp_path: Path) -> None:
    """A client that leaves the colour mode out gets colour, as from real scanners, and not the poorest mode."""
    body = settings().replace(b"<scan:ColorMode>Grayscale8</scan:ColorMode>", b"")
    async with client(tmp_path) as one:
        reply = await one.ask("POST", "/eSCL/ScanJobs", body)
        pages = await one.pages(reply.headers["Location"].removeprefix("http://localhost:8290"))
    assert {read_page(page).mode for page in pages} == {"color"}


async def test_document_format_ext_wins(tmp_path: Path) -> None:
    """Where both are given, the extended format is what counts."""
    body = settings().replace(b"<pwg:DocumentFormat>image/jpeg<", b"<pwg:DocumentFormat>application/pdf<")
    async with client(tmp_path) as one:
        reply = await one.ask("POST", "/eSCL/ScanJobs", body)
        job = reply.headers["Location"].removeprefix("http://localhost:8290")
        page = await one.ask("GET", f"{job}/NextDocument")
    assert page.headers["Content-Type"] == "image/jpeg"
    assert page.body.startswith(b"\xff\xd8")


async def test_a_client_that_wants_pdf_gets_all_pages_in_one(tmp_path: Path) -> None:
    """escl-scanner-cli wants a single PDF (sane-escl 3.4)."""
    body = settings(format="application/pdf")
    start, end = (
        body.index(b"<scan:DocumentFormatExt>"),
        body.index(b"</scan:DocumentFormatExt>") + len(b"</scan:DocumentFormatExt>"),
    )
    async with client(tmp_path) as one:
        reply = await one.ask("POST", "/eSCL/ScanJobs", body[:start] + body[end:])
        job = reply.headers["Location"].removeprefix("http://localhost:8290")
        (document,) = await one.pages(job)
    assert document.startswith(b"%PDF")
    assert document.count(b"/Type /Page\n") + document.count(b"/Type/Page/") + document.count(b"/Type /Page ") >= 3


@pytest.mark.parametrize("said", ["true", "1", "TRUE"])
async def test_booleans(said: str, tmp_path: Path) -> None:
    """Boolean true and 1 are the same."""
    async with client(tmp_path) as one:
        assert len(await one.pages(await one.start(duplex=said))) == 6


async def test_the_location_has_the_clients_own_host(tmp_path: Path) -> None:
    """Another host name would make drivers lose the job (sane-escl 3.3)."""
    async with client(tmp_path) as one:
        reply = await one.ask("POST", "/eSCL/ScanJobs", settings(), host="127.0.0.1:1234")
    assert reply.headers["Location"].startswith("http://127.0.0.1:1234/eSCL/ScanJobs/")


async def test_header_names_go_out_in_canonical_case(tmp_path: Path) -> None:
    """SANE's escl back end looks for `Location:` (design 4)."""
    async with client(tmp_path) as one:
        reply = await one.ask("POST", "/eSCL/ScanJobs", settings())
    assert {"Location", "Content-Length", "Server"} <= reply.headers.keys()


async def states(one: Client, root: str = "/eSCL") -> tuple[str | None, str | None, list[str]]:
    """State, AdfState and the states of the jobs."""
    reply = await one.ask("GET", f"{root}/ScannerStatus")
    return reply.text("State"), reply.text("AdfState"), reply.texts("JobState")


async def test_states_move_together(tmp_path: Path) -> None:
    """Processing while pages remain, Idle and Completed with the last one, whether or not anybody asks again (3.6 c; SANE's escl never deletes)."""
    async with client(tmp_path) as one:
        assert await states(one) == ("Idle", "ScannerAdfLoaded", [])
        job = await one.start()
        for _ in range(2):
            assert (await one.ask("GET", f"{job}/NextDocument")).status == 200
            assert await states(one) == ("Processing", "ScannerAdfLoaded", ["Processing"])
        assert (await one.ask("GET", f"{job}/NextDocument")).status == 200
        assert await states(one) == ("Idle", "ScannerAdfEmpty", ["Completed"])
        reply = await one.ask("GET", "/eSCL/ScannerStatus")
        assert reply.text("JobStateReason") == "JobCompletedSuccessfully"
        assert (reply.text("JobUuid") or "").removeprefix("urn:uuid:") == job.rpartition("/")[2]
        assert reply.text("ImagesCompleted") == "3"
        assert reply.text("JobUri") == job


async def test_a_deleted_job_frees_the_device(tmp_path: Path) -> None:
    """After DELETE nothing comes, the job is Canceled, and the next job starts (3.6 b)."""
    async with client(tmp_path) as one:
        job = await one.start()
        assert (await one.ask("GET", f"{job}/NextDocument")).status == 200
        assert (await one.ask("DELETE", job)).status == 200
        assert (await one.ask("GET", f"{job}/NextDocument")).status == 404
        assert (await states(one))[2] == ["Canceled"]
        assert (await control(one, "feeder", REPORT))["in_use"] is False
        await control(one, "feeder", LOAD, count=1)
        await one.start()
        assert (await one.ask("DELETE", job.rpartition("/")[0] + "/no-such-job")).status == 404


async def test_delete_while_a_page_is_asked_for(tmp_path: Path) -> None:
    """A driver that is interrupted deletes while its NextDocument is open (sane-escl 3.2); both are answered."""
    async with client(tmp_path) as one:
        await control(one, "feeder", FAULT, kind="hang", verb="read", page=1)
        job = await one.start()
        other = Client(one._door, one._nursery)  # a second connection to the same door
        replies: dict[str, int] = {}

        async def wait() -> None:
            replies["next"] = (await one.ask("GET", f"{job}/NextDocument")).status

        async with trio.open_nursery() as nursery:
            nursery.start_soon(wait)
            await trio.testing.wait_all_tasks_blocked()
            replies["delete"] = (await other.ask("DELETE", job)).status
        assert replies == {"next": 404, "delete": 200}


@jumping
async def test_a_job_that_was_left_behind_ends(tmp_path: Path) -> None:
    """A client that vanished blocks the device for a while only (3.6 d)."""
    async with client(tmp_path, idle_limit_s=120.0) as one:
        job = await one.start()
        assert (await one.ask("GET", f"{job}/NextDocument")).status == 200
        await one.leave()
        await trio.sleep(119)
        assert (await states(one))[2] == ["Processing"]
        await one.leave()
        await trio.sleep(3)
        assert (await states(one))[2] == ["Aborted"]
        assert (await control(one, "feeder", REPORT))["in_use"] is False


@jumping
async def test_a_client_that_takes_a_page_slowly_is_not_left_behind(tmp_path: Path) -> None:
    """A page that takes longer than a client may be silent arrives, and so do those behind it."""
    async with client(tmp_path, idle_limit_s=120.0) as one:
        job = await one.start(mode="RGB24", dpi=300)
        ours, theirs = trio.testing.lockstep_stream_pair()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(one._door.server.serve, theirs)  # a connection whose other end decides how fast it is
            ask = f"GET {job}/NextDocument HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            await ours.send_all(ask.encode())
            began = trio.current_time()
            while await ours.receive_some():  # noqa: ASYNC110  # the slowness itself
                await trio.sleep(50)
        await one.leave()  # that connection was silent for too long
        assert trio.current_time() - began > 240
        assert [named(page)[0] for page in await one.pages(job)] == [2, 3]


async def test_a_job_that_fails_is_over_though_nobody_asks_for_more(tmp_path: Path) -> None:
    """A client that sees the jam in the status, has it cleared and starts again is not told that a job is running."""
    async with client(tmp_path) as one:
        await control(one, "feeder", FAULT, kind="jam", sheet=1)
        job = await one.start()
        with trio.fail_after(30):
            while (await states(one))[2] != ["Aborted"]:  # the status is all that such a client looks at
                await trio.lowlevel.checkpoint()
        assert (await states(one))[1] == "ScannerAdfJam"
        await control(one, "feeder", CLEAR_JAM)
        assert await one.pages(await one.start())
        assert (await one.ask("GET", f"{job}/NextDocument")).status == 500


async def test_a_page_that_was_not_written_whole_can_be_asked_for_again(tmp_path: Path) -> None:
    """A reset in the middle of a page loses nothing (3.6)."""
    async with client(tmp_path) as one:
        job = await one.start(mode="RGB24", dpi=300)
        ours, theirs = trio.testing.memory_stream_pair()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(one._door.server.serve, theirs)  # a connection that the test breaks
            await ours.send_all(f"GET {job}/NextDocument HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            assert await ours.receive_some(100)
            await ours.aclose()
        assert [named(page)[0] for page in await one.pages(job)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("fault", "status", "adf"),
    [
        ("jam", 500, "ScannerAdfJam"),
        ("multifeed", 500, "ScannerAdfMultipickDetected"),
        ("cover-open", 500, "ScannerAdfDoorOpen"),
    ],
)
async def test_what_stops_the_feeder_is_told_after_the_good_pages(
    fault: str, status: int, adf: str, tmp_path: Path
) -> None:
    """An error in the middle of a job comes after the pages before it, with the AdfState by which drivers know it (sane-escl 3.3)."""
    async with client(tmp_path) as one:
        await control(one, "feeder", FAULT, kind=fault, sheet=2)
        job = await one.start()
        assert named((await one.ask("GET", f"{job}/NextDocument")).body)[0] == 1
        assert (await one.ask("GET", f"{job}/NextDocument")).status == status
        _, adf_state, jobs = await states(one)
        assert (adf_state, jobs) == (adf, ["Aborted"])
        assert (await one.ask("GET", f"{job}/NextDocument")).status == status


@pytest.mark.parametrize(("fault", "mend"), [("jam", CLEAR_JAM), ("cover-open", CLOSE_COVER)])
async def test_what_was_mended_is_not_told_any_more(fault: str, mend: str, tmp_path: Path) -> None:
    """A client that waits for the jam to be cleared sees that in AdfState, before it begins another job."""
    async with client(tmp_path) as one:
        await control(one, "feeder", FAULT, kind=fault, sheet=1)
        job = await one.start()
        assert (await one.ask("GET", f"{job}/NextDocument")).status == 500
        assert (await states(one))[1] in {"ScannerAdfJam", "ScannerAdfDoorOpen"}
        await control(one, "feeder", mend)
        assert (await states(one))[1] == "ScannerAdfLoaded"


async def test_what_stands_in_the_way_is_told_at_the_start(tmp_path: Path) -> None:
    """409 with the right AdfState for an empty feeder, a jam and an open cover (3.3, 3.5); a cleared one scans."""
    async with client(tmp_path) as one:
        await one.pages(await one.start())
        assert (await one.ask("POST", "/eSCL/ScanJobs", settings())).status == 409
        assert (await states(one))[1] == "ScannerAdfEmpty"
        await control(one, "feeder", LOAD, count=2)
        await control(one, "feeder", OPEN_COVER)
        assert (await one.ask("POST", "/eSCL/ScanJobs", settings())).status == 409
        assert (await states(one))[:2] == ("Stopped", "ScannerAdfDoorOpen")
        await control(one, "feeder", CLOSE_COVER)
        await control(one, "feeder", FAULT, kind="jam", sheet=1)
        job = await one.start()
        assert (await one.ask("GET", f"{job}/NextDocument")).status == 500
        assert (await one.ask("POST", "/eSCL/ScanJobs", settings())).status == 409
        assert (await states(one))[1] == "ScannerAdfJam"
        await control(one, "feeder", CLEAR_JAM)
        assert len(await one.pages(await one.start())) == 1


async def test_a_busy_scanner_says_503(tmp_path: Path) -> None:
    """A second job while one runs, and a device that somebody else uses, get 503 with Retry-After; the running job is not disturbed."""
    async with client(tmp_path) as one:
        job = await one.start()
        refused = await one.ask("POST", "/eSCL/ScanJobs", settings())
        assert (refused.status, refused.headers["Retry-After"]) == (503, "2")
        assert len(await one.pages(job)) == 3
        session = await one._door.backend.open("flatbed")  # somebody else
        assert (await one.ask("POST", "/flatbed/eSCL/ScanJobs", settings(source="Platen"))).status == 503
        await session.close()


async def test_heads_are_harmless(tmp_path: Path) -> None:
    """HEAD gives what GET would give without its body, and eats no page (3.6)."""
    async with client(tmp_path) as one:
        got = await one.ask("GET", "/eSCL/ScannerCapabilities")
        head = await one.ask("HEAD", "/eSCL/ScannerCapabilities")
        assert (head.status, head.body) == (200, b"")
        assert head.headers["Content-Length"] == str(len(got.body))
        job = await one.start()
        refused = await one.ask("HEAD", f"{job}/NextDocument")
        assert (refused.status, refused.headers["Allow"]) == (405, "GET")
        assert len(await one.pages(job)) == 3


async def test_capabilities(tmp_path: Path) -> None:
    """Discrete resolutions with X = Y, JPEG first, sources that there are, a UUID and a serial number (3.3, 3.6)."""
    async with client(tmp_path) as one:
        feeder = await one.ask("GET", "/eSCL/ScannerCapabilities")
        flatbed = await one.ask("GET", "/flatbed/eSCL/ScannerCapabilities")
    assert feeder.texts("XResolution") == feeder.texts("YResolution")
    assert {"75", "300", "600"} <= set(feeder.texts("XResolution"))
    assert feeder.texts("DocumentFormatExt")[0] == "image/jpeg"
    names = [item.tag.rpartition("}")[2] for item in feeder.xml().iter()]
    assert "AdfSimplexInputCaps" in names
    assert "AdfDuplexInputCaps" in names
    assert "Platen" not in names
    assert "Platen" in [item.tag.rpartition("}")[2] for item in flatbed.xml().iter()]
    assert feeder.text("UUID") != flatbed.text("UUID")
    assert feeder.texts("ColorMode")[:3] == ["BlackAndWhite1", "Grayscale8", "RGB24"]


async def test_image_info(tmp_path: Path) -> None:
    """ScanImageInfo has the size of the page that was given last; 404 before."""
    async with client(tmp_path) as one:
        job = await one.start()
        assert (await one.ask("GET", f"{job}/ScanImageInfo")).status == 404
        await one.ask("GET", f"{job}/NextDocument")
        info = await one.ask("GET", f"{job}/ScanImageInfo")
    assert (info.text("ActualWidth"), info.text("ActualHeight")) == ("620", "877")
    assert info.text("JobUri") == job


async def test_the_type_of_a_page_is_what_was_asked_for(tmp_path: Path) -> None:
    """JPEG also for 1-bit pages, which the host makes PNG: SANE's escl back end does not look at what it gets (sane-escl 3.4)."""
    async with client(tmp_path) as one:
        job = await one.start(mode="BlackAndWhite1", dpi=150)
        reply = await one.ask("GET", f"{job}/NextDocument")
        assert (reply.headers["Content-Type"], reply.body[:2]) == ("image/jpeg", b"\xff\xd8")
        assert named(reply.body) == (1, Side.FRONT)
