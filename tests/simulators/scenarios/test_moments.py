"""When faults strike, in which order, and who mends them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from device_protocol import FACTS, Code, DeviceError, Fault, FaultKind, Recovery, SessionState, Settings, When
from device_protocol.aio import Page, read_all
from device_protocol.testing import run
from simulators.fixture_files import fixture
from simulators.profile import load_profile
from simulators.scenarios.kinds import ERROR_VERBS, NEXT_PAGE, OPEN, READ, START
from simulators.scenarios.shipped import shipped_scenarios
from simulators.spec import DeviceSpec, Scenario, Timed
from tests.simulators.benches import refusal
from tests.simulators.scenarios.plays import SMALL, Story, act, machine, stage, tell

E = FaultKind.ERROR


def told(*faults: Fault, rounds: int = 4, sheets: int = 4) -> Story:
    """The story of a client whom that happens to."""
    return run(lambda: tell(machine(Scenario(faults), sheets), rounds))


def short(story: Story) -> list[str]:
    """One word for each round: how many pages came, and how it ended."""
    words, pages = [], 0
    for what in story.codes:
        if what.startswith("page "):
            pages += 1
            continue
        words.append(f"{pages} {what.rpartition(': ')[2]}" if what != "end" else f"{pages}")
        pages = 0
    return words


@pytest.mark.parametrize(
    ("code", "verb"), [(code, verb) for code, verbs in ERROR_VERBS.items() for verb in verbs], ids=str
)
def test_every_code_at_every_moment(code: Code, verb: str) -> None:
    """Each code comes at its moment with the device's words, once, with the claims of its code; after that all is well."""

    async def main() -> None:
        fault = Fault(E, code=code, verb=verb, message="As the device says.")
        async with stage(machine(Scenario((fault,)))) as (backend, _):
            error: DeviceError | None = None
            if verb == OPEN:
                error = await refusal(backend.open("feeder"))
            else:
                session = await backend.open("feeder")
                if verb == START:
                    error = await refusal(session.start(SMALL))
                else:
                    job = await session.start(SMALL)
                    if verb == NEXT_PAGE:
                        error = await refusal(job.next_page())
                    else:
                        page = await job.next_page()
                        assert page is not None
                        error = await refusal(page.read(100))
                wanted = SessionState.LOST if code is Code.DEVICE_LOST else SessionState.IDLE
                assert (await session.status()).state is wanted
                await session.close()
            assert (error.code, error.message) == (code, "As the device says.")
            again = FACTS[code].retryable and verb in {OPEN, START}
            assert (error.retryable, error.survives) == (again, FACTS[code].survives), "a job that has begun is over"
            assert error.native is not None
            session = await backend.open("feeder")
            page = await (await session.start(SMALL)).next_page()
            assert page is not None
            assert (await read_all(page))[0]
            assert [item["state"] for item in (await act(backend, "progress"))["faults"]] == ["spent"]

    run(main)


def test_codes_that_no_device_has() -> None:
    """Every code of the contract can be had but the two that answer calls out of sequence."""
    assert set(Code) - set(ERROR_VERBS) == {Code.WRONG_STATE, Code.CLOSED}


@pytest.mark.parametrize(
    ("fault", "rounds"),
    [
        (Fault(E, verb=START, call=3), ["4", "4", "0 OTHER", "4"]),
        (Fault(E, verb=START, call=3, times=0), ["4", "4", "0 OTHER", "0 OTHER"]),
        (Fault(E, verb=START, every=2, times=0), ["4", "0 OTHER", "4", "0 OTHER"]),
        (Fault(E, verb=START, call=1, every=3, times=0), ["0 OTHER", "4", "4", "0 OTHER"]),
        (Fault(E, verb=START, every=2, times=1), ["4", "0 OTHER", "4", "4"]),
        (Fault(E, verb=START, session=2), ["4", "0 OTHER", "4", "4"]),
        (Fault(E, sheet=2, session=3), ["4", "4", "1 OTHER", "4"]),
        (Fault(E, page=3, job=2), ["4", "2 OTHER", "4", "4"]),
        (Fault(E, verb=OPEN, after=4.0), ["4", "0 OTHER", "4", "4"]),
        (Fault(E, verb=NEXT_PAGE, job_after=5.0, times=0), ["1 OTHER", "2 OTHER", "2 OTHER", "2 OTHER"]),
        (Fault(E, verb=OPEN, seconds=5.0), ["0 OTHER", "0 OTHER", "4", "4"]),
        (Fault(E, verb=READ, page=2, every=2, times=0), ["4", "1 OTHER", "4", "1 OTHER"]),
    ],
    ids=lambda value: str(value.arguments()) if isinstance(value, Fault) else "",
)
def test_conditions(fault: Fault, rounds: list[str]) -> None:
    """Call, repetition, session, job, time and duration decide when a fault strikes; the client scans four times."""
    assert short(told(fault)) == rounds


def test_opportunities_are_counted_for_all() -> None:
    """A fault that comes first does not hide an opportunity from those behind it, and they do not strike at once."""
    first, second = Fault(E, verb=START, code=Code.NO_MEMORY), Fault(E, verb=START, call=2)
    assert short(told(first, second)) == ["0 NO_MEMORY", "0 OTHER", "4", "4"]


async def read_until_error(page: Page, size: int) -> tuple[int, Code]:
    """How many bytes came, in reads of *size*, and with what the last read ended."""
    got = 0
    try:
        while strip := await page.read(size):
            got += len(strip)
    except DeviceError as error:
        return got, error.code
    raise AssertionError("the page came whole")


@pytest.mark.parametrize("byte", [0, 1, 4096, 100_000])
async def test_byte(byte: int) -> None:
    """A fault at a byte strikes when exactly so many bytes of the page have come, however they are read."""
    for size in (1000, 65536):
        async with stage(machine(Scenario((Fault(E, code=Code.TRANSFER_BROKEN, byte=byte),)))) as (backend, _):
            page = await (await (await backend.open("feeder")).start(SMALL)).next_page()
            assert page is not None
            assert await read_until_error(page, size) == (byte, Code.TRANSFER_BROKEN)


async def test_byte_behind_the_end() -> None:
    """A page that is shorter ends as usual, and the fault waits."""
    async with stage(machine(Scenario((Fault(E, byte=10**9),)))) as (backend, _):
        page = await (await (await backend.open("feeder")).start(SMALL)).next_page()
        assert page is not None
        assert not (await read_all(page))[1].incomplete
        (only,) = (await act(backend, "progress"))["faults"]
        assert (only["state"], only["struck"]) == ("pending", 0)


def test_sequence() -> None:
    """This, then that: a fault that follows another one is armed when that has struck the last time, and counts from there."""
    story = told(
        Fault(E, name="first", verb=START, times=2),
        Fault(E, name="then", follows="first", code=Code.NO_MEMORY, verb=START, call=2),
        Fault(E, follows="then", code=Code.LOCKED, verb=START),
        rounds=6,
    )
    assert short(story) == ["0 OTHER", "0 OTHER", "4", "0 NO_MEMORY", "0 LOCKED", "4"]


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
async def test_corrupted_page(share: float) -> None:
    """A corrupted page has its length and no error; only a band from that place on is wrong, the same however it is read."""
    found = []
    for faults in ((), (Fault(FaultKind.CORRUPTED, at=share),)):
        for size in (777, 1 << 20):
            async with stage(machine(Scenario(faults))) as (backend, _):
                page = await (await (await backend.open("feeder")).start(SMALL)).next_page()
                assert page is not None
                rows, stride = page.info.params.height, page.info.params.stride
                data = b""
                while strip := await page.read(size):
                    data += strip
                assert not (await page.end()).incomplete
                found.append(data)
    clean, again, wrong, same = found
    assert clean == again
    assert wrong == same
    assert rows is not None
    differs = [
        row
        for row in range(rows)
        if clean[row * stride : (row + 1) * stride] != wrong[row * stride : (row + 1) * stride]
    ]
    first = min(round((share or 0.5) * rows), rows - 1)
    assert differs == list(range(first, min(rows, first + rows // 20)))


async def test_half_resolution() -> None:
    """The liar's page claims its resolution and has half the pixels; the next one is right."""
    async with stage(machine(Scenario((Fault(FaultKind.HALF_RESOLUTION),)))) as (backend, _):
        job = await (await backend.open("feeder")).start(SMALL)
        sizes = []
        for _ in range(2):
            page = await job.next_page()
            assert page is not None
            data, _end = await read_all(page)
            params = page.info.params
            assert len(data) == params.total
            sizes.append((params.dpi_x, params.width))
        assert sizes[0][0] == sizes[1][0] == 75
        # half of 75 dpi is 37 dpi, for a machine that counts in whole ones
        assert sizes[0][1] == pytest.approx(sizes[1][1] * 37 / 75, abs=1)


class TestRecovery:
    """What the operator does, and when."""

    def jam(self, **when: object) -> Fault:
        """A jam at the first sheet that is mended like that."""
        return Fault(FaultKind.JAM, sheet=1, recovery=(Recovery("clear-jam", **when),))  # type: ignore[arg-type]  # as given

    @pytest.mark.parametrize(
        ("fault", "free_at"),
        [
            ({"seconds": 7.0}, 7.5),
            ({"when": When.CLOSED, "seconds": 2.0}, 2.5),
            ({"when": When.REPORTED, "count": 3}, 7.5),
            ({"when": When.REPORTED, "count": 2, "seconds": 1.25}, 5.25),
        ],
    )
    def test_when(self, fault: dict[str, object], free_at: float) -> None:
        """The jam strikes at 0.5 s; it is over so long after it struck, was reported so often, or the session was closed."""
        story = told(self.jam(**fault))
        (cleared,) = (entry for entry in story.journal if entry["what"] == "clear-jam")
        assert cleared["time"] == free_at
        assert story.codes[-1] == "end"
        assert story.progress["actions"][0]["state"] == "done"

    def test_each_time(self) -> None:
        """What strikes again is mended again."""
        fault = Fault(FaultKind.JAM, sheet=1, times=0, recovery=(Recovery("clear-jam", when=When.CLOSED),))
        story = told(fault)
        assert short(story) == ["0 JAM"] * 4
        assert sum(entry["what"] == "clear-jam" for entry in story.journal) == 4

    def test_who_comes_already_does_not_come_twice(self) -> None:
        """A fault that strikes while the operator is on the way because of it is mended once."""
        fault = Fault(E, verb=START, times=3, recovery=(Recovery("press-button", {"name": "scan"}, seconds=5.0),))
        story = told(fault)
        assert [entry["time"] for entry in story.journal if entry["what"] == "press-button"] == [5.5, 12.5]

    def test_a_plug_is_put_back_after_the_client_has_left(self) -> None:
        """The session of a device that was unplugged is closed by its client; the operator waits for that."""
        fault = Fault(FaultKind.UNPLUGGED, page=2, recovery=(Recovery("replug", when=When.CLOSED, seconds=1.0),))
        assert short(told(fault)) == ["1 DEVICE_LOST", "4", "4", "4"]

    def test_refused(self, caplog: pytest.LogCaptureFixture) -> None:
        """What the machine refuses when its time comes is said, and the lab goes on."""
        fault = Fault(E, verb=START, recovery=(Recovery("load", {"count": 1000}),))
        story = told(fault)
        assert story.codes[-1] == "end"
        assert story.progress["actions"][0]["state"] == "refused"
        assert "room left in the hopper" in story.progress["actions"][0]["refusal"]
        assert "was refused" in caplog.text


class TestWhileItRuns:
    """A scenario is set, cleared and looked at on a machine that runs."""

    async def test_set_clear_and_look(self) -> None:
        """A scenario takes the place of the one before, planned actions included; cleared, nothing more happens."""
        before = Scenario((Fault(E, verb=START),), (Timed(2.0, "open-cover"),))
        async with stage(machine(before)) as (backend, clock):
            await act(
                backend,
                "scenario",
                fault=[{"kind": "error", "code": "NO_MEMORY"}],
                at=[{"seconds": 5, "action": "open-cover"}],
            )
            progress = await act(backend, "progress")
            assert [item["state"] for item in progress["faults"]] == ["pending"]
            assert progress["actions"] == [{"action": "open-cover", "arguments": {}, "state": "coming", "time": 5.0}]
            assert progress["scenario"]["fault"] == [{"kind": "error", "code": "NO_MEMORY"}]
            session = await backend.open("feeder")
            assert (await refusal(session.start(SMALL))).code is Code.NO_MEMORY
            assert [item["state"] for item in (await act(backend, "progress"))["faults"]] == ["spent"]
            await session.close()
            await act(backend, "clear-scenario")
            await clock.sleep(20)
            state = await act(backend, "report")
            assert (state["cover_open"], state["faults"]) == (False, [])
            assert (await act(backend, "progress"))["scenario"] == {"schema": 1}

    async def test_reset_begins_anew(self) -> None:
        """A reset plays the scenario of the devices file from its beginning, faults and actions."""
        async with stage(machine(Scenario((Fault(E, verb=START),), (Timed(4.0, "open-cover"),)))) as (backend, clock):
            for _ in range(2):
                session = await backend.open("feeder")
                assert (await refusal(session.start(SMALL))).code is Code.OTHER
                await session.close()
                assert not (await act(backend, "report"))["cover_open"]
                await clock.sleep(5)
                assert (await act(backend, "report"))["cover_open"]
                await act(backend, "reset")

    async def test_refused_as_a_whole(self) -> None:
        """A scenario with one mistake changes nothing at all."""
        async with stage(machine(Scenario((Fault(E, verb=START),), (Timed(9.0, "open-cover"),)))) as (backend, _):
            before = await act(backend, "progress"), await act(backend, "report")
            for wrong in (
                {"fault": [{"kind": "jam"}, {"kind": "jma"}]},
                {"fault": [{"kind": "jam"}], "at": [{"seconds": 1, "action": "reset"}]},
                {"fault": [{"kind": "jam"}], "seeed": 3},
                {"fault": [{"kind": "jam"}] * 1001},
            ):
                assert (await refusal(act(backend, "scenario", **wrong))).code is Code.INVALID_VALUE
                assert (await act(backend, "progress"), await act(backend, "report")) == before


async def test_settings_of_the_glass() -> None:
    """Faults of pages strike on the glass as in the feeder."""
    async with stage(machine(Scenario((Fault(E, page=1, at=0.5),)))) as (backend, _):
        job = await (await backend.open("feeder")).start(Settings(source="flatbed", mode="gray", resolution=75))
        page = await job.next_page()
        assert page is not None
        assert (await refusal(read_all(page))).code is Code.OTHER


async def test_shipped_by_name() -> None:
    """Over the control a shipped scenario is played by its name; one that is not there, or not for this machine, changes nothing."""
    glass = DeviceSpec("feeder", load_profile(fixture("profiles/old-flatbed.toml")))
    async with stage(machine()) as (backend, _):
        names = (await act(backend, "describe"))["scenarios"]
        assert names == shipped_scenarios()
        await act(backend, "scenario", shipped="jam-and-recovery")
        before = await act(backend, "progress")
        assert before["scenario"]["description"] == names["jam-and-recovery"]
        control = await backend.control("feeder")
        for wrong in ({"shipped": "jam-and-recovry"}, {"shipped": "busy-twice", "seed": 3}):
            error = await refusal(control.perform("scenario", wrong))
            assert error.code is Code.INVALID_VALUE
            assert (await act(backend, "progress"))["scenario"] == before["scenario"]
    async with stage(glass) as (backend, _):
        error = await refusal((await backend.control("feeder")).perform("scenario", {"shipped": "jam-and-recovery"}))
        assert "is not for this machine" in error.message


@pytest.mark.parametrize("first", [Fault(E, verb=START, seconds=60.0), Fault(E, verb=START, times=0)])
async def test_follows_what_goes_on(first: Fault) -> None:
    """A fault that is armed by hand behind one that has struck and still lasts, or strikes always, strikes at once."""
    async with stage(machine(Scenario((replace(first, name="first"),)))) as (backend, _):
        session = await backend.open("feeder")
        assert (await refusal(session.start(SMALL))).code is Code.OTHER
        await act(backend, "fault", kind="busy", verb="start", follows="first")
        states = {item["fault"]["kind"]: item["state"] for item in (await act(backend, "progress"))["faults"]}
        assert states["busy"] == "pending"
