"""The bench: limits, the log of commands, paper, shared scans, and the device as it was found."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import trio

from conformance.bench import Bench, Budget, Limits, Log, ScanSpec
from conformance.bench.log import Command, shown
from conformance.bench.proxies import Wire
from conformance.outcomes import Broken, DeviceCrashed, DeviceHung, NeedsOperator, NotApplicable, OverBudget, Untestable
from conformance.requirements import REQUIREMENTS
from conformance.runner.facts import learn
from conformance.selftest import LEGAL, SCANNER, SECOND, Build
from conformance.selftest.family import FAMILY
from device_protocol import ALL, Code, Colour, DeviceError, FaultKind, FeederState, SourceKind
from device_protocol.control import LOAD, UNLOAD
from device_protocol.testing import Jumper, run

LIMITS = Limits(quick=2, slow=4, close=3)


@asynccontextmanager
async def a_bench(build: Build = LEGAL, budget: Budget | None = None) -> AsyncIterator[Bench]:
    """A bench on a device of the zoo."""
    log = Log()
    async with build() as backend:
        facts = await learn(backend, SCANNER, log, LIMITS)
        log.begin_check("SET-01")
        yield Bench(
            build,
            backend,
            SCANNER,
            facts,
            REQUIREMENTS["SET-01"],
            log=log,
            budget=budget or Budget(),
            limits=LIMITS,
        )


async def test_a_verb_that_does_not_return_is_a_hang() -> None:
    """The limit of the verb ends it, with the command in the evidence, and the bench remembers."""

    async def for_ever() -> None:
        await trio.sleep_forever()

    wire = Wire(Log(), LIMITS)
    with pytest.raises(DeviceHung, match=r"session 1.get\('x'\) did not return within 0.01 s"):
        await wire.call("session 1", "get", "'x'", 0.01, for_ever)
    assert wire.hung
    assert "no answer within" in str(wire.log.last)


async def test_foreign_exceptions_and_types_are_crashes() -> None:
    """What is no DeviceError, and what has the wrong type, is told apart from what a device may say."""
    wire = Wire(Log(), LIMITS)

    async def raises() -> int:
        raise KeyError("x")

    async def refuses() -> int:
        raise DeviceError(Code.JAM)

    async def text() -> str:
        return "text"

    with pytest.raises(DeviceCrashed, match="KeyError"):
        await wire.call("s", "v", "", 1, raises)
    with pytest.raises(DeviceError):
        await wire.call("s", "v", "", 1, refuses)
    with pytest.raises(DeviceCrashed, match="which is no int"):
        await wire.typed(int, "s", "v", "", 1, text)  # type: ignore[arg-type]  # the wrong type is the point
    assert not wire.hung


async def test_cancellation_by_the_caller_passes_through() -> None:
    """A check may cancel its own call; that is neither a hang nor a crash."""
    wire = Wire(Log(), LIMITS)
    with trio.CancelScope() as scope:
        scope.cancel()
        await wire.call("s", "v", "", 1, trio.sleep_forever)
    assert scope.cancelled_caught
    assert "by the caller" in str(wire.log.last)


def test_reads_are_merged_in_the_log() -> None:
    """Byte by byte reading is one line of a report; a listener sees each."""
    heard: list[Command] = []
    log = Log(heard.append)
    for _ in range(3):
        log.finish(log.begin("page 1", "read", "10"), "10 bytes", count=10)
    log.finish(log.begin("page 1", "read", "10"), "0 bytes")
    log.finish(log.begin("page 2", "read", "10"), "10 bytes", count=10)
    assert log.steps() == (
        "page 1.read(10) x 3  -> 30 bytes",
        "page 1.read(10)  -> 0 bytes",
        "page 2.read(10)  -> 10 bytes",
    )
    assert len(heard) == 5


def test_what_is_shown_is_bounded() -> None:
    """Neither a huge value nor an address in memory gets into a report."""
    assert len(shown(tuple(range(10000)))) <= 160
    assert shown(object()) == "object"
    assert shown(b"abc") == "3 bytes"


async def test_equal_scans_are_shared() -> None:
    """The device scans once for all checks that ask for the same; a repetition is another scan."""
    async with a_bench() as bench:
        first = await bench.scan(bench.settings())
        assert await bench.scan(ScanSpec(bench.settings())) is first
        again = await bench.scan(ScanSpec(bench.settings(), repetition=1))
        assert again is not first
        assert again.page.data == first.page.data


async def test_settings_take_what_is_there() -> None:
    """A small grey page by default; what is asked for by colour, depth and source otherwise; NotApplicable where there is none."""
    async with a_bench() as bench:
        assert (bench.settings().mode, bench.settings().depth, bench.settings().resolution) == ("Gray", 8, 75)
        lineart = bench.settings(bench.feeder(), colour=Colour.LINEART)
        assert (lineart.source, lineart.mode, lineart.depth) == ("Feeder", "Lineart", 1)
        with pytest.raises(NotApplicable, match="camera"):
            bench.source(SourceKind.CAMERA)


async def test_paper_is_counted_and_put_back() -> None:
    """Exactly the sheets that a scan needs lie in the feeder, they cost budget, and all is as before afterwards."""
    async with a_bench(budget=Budget(sheets=5)) as bench:
        settings = bench.settings(bench.feeder())
        scan = await bench.scan(ScanSpec(settings, ALL, load=2))
        assert len(scan.pages) == 2
        assert bench.budget.fed == 2
        await bench.scan(ScanSpec(settings, ALL, load=3))
        with pytest.raises(OverBudget, match="needs 2 sheets, 0 of 5 are left"):
            await bench.scan(ScanSpec(settings, ALL, load=2, repetition=1))
        await bench.tidy()
        async with bench.session() as session:
            assert (await session.status()).feeder is FeederState.LOADED


async def test_without_control_a_person_is_needed() -> None:
    """What nobody can do here is said as what a person would have to do."""
    async with a_bench(FAMILY["no-control"]) as bench:
        assert bench.facts.control is None
        with pytest.raises(NeedsOperator, match="load it"):
            bench.media.need("load it", LOAD, UNLOAD)
        with pytest.raises(NeedsOperator, match="jam it"):
            bench.media.need_fault("jam it", FaultKind.JAM)
        assert not await bench.media.empty()
        await bench.media.restore()


async def test_remembered_values_are_restored() -> None:
    """A device that remembers what was set gets its old values back."""
    async with a_bench(FAMILY["remembers-options"]) as bench:
        async with bench.session() as session:
            before = await bench.values(session)
            await session.set("panel-light", 9)
            await session.set("mode", "Gray")
        async with bench.session() as session:
            assert await bench.values(session) == before


async def test_sessions_left_open_are_closed() -> None:
    """A check that forgets a session leaves no device busy."""
    async with a_bench() as bench:
        forgotten = await bench.backend.open(SCANNER)
        assert not forgotten.closed
        await bench.tidy()
        async with bench.session():
            pass


async def test_companion_is_another_device() -> None:
    """The second device has its own facts and paper."""
    async with a_bench() as bench:
        other = await bench.companion(SECOND)
        assert (other.device_id, other.facts.info.id) == (SECOND, SECOND)
        assert other.facts.control is not None
        assert len((await other.page()).data) > 0


def _fail(code: Code) -> None:
    raise DeviceError(code)


async def test_judging_helpers() -> None:
    """Refuses and legal turn what happens into the requirement's failure, and let through what is right."""
    async with a_bench() as bench:
        with bench.refuses("it", Code.JAM) as caught:
            _fail(Code.JAM)
        assert caught[0].code is Code.JAM
        with pytest.raises(Broken, match="it was accepted; expected JAM") as broken, bench.refuses("it", Code.JAM):
            pass
        assert (broken.value.requirement, broken.value.point) == ("SET-01", "it")
        with pytest.raises(Broken, match="it gave BUSY; expected JAM"), bench.refuses("it", Code.JAM):
            _fail(Code.BUSY)
        with pytest.raises(Broken, match="it failed with JAM"), bench.legal("it"):
            raise DeviceError(Code.JAM)
        with pytest.raises(Broken, match="it: open raised"), bench.legal("it"):
            raise DeviceCrashed("open", "raised KeyError")
        bench.require(True, "never said")


async def test_a_scan_without_pages_is_untestable() -> None:
    """An empty feeder, where paper was promised, is no verdict on the requirement under check."""
    nothing = replace(LEGAL, profile=replace(LEGAL.profile, controlled=False, sheets=0))
    async with a_bench(nothing) as bench:
        with pytest.raises((Untestable, DeviceError)):
            await bench.scan(bench.settings(bench.feeder()))


def test_an_endless_page_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that never ends does not fill the memory."""
    from conformance.bench import proxies  # noqa: PLC0415  # the module whose limit is lowered
    from tests.conformance.zoo_drivers import Eternal  # noqa: PLC0415

    monkeypatch.setattr(proxies, "MAX_PAGE_BYTES", 1 << 20)

    async def main() -> None:
        async with a_bench(replace(LEGAL, page=Eternal)) as bench:
            with pytest.raises(Untestable, match="and has no end"):
                await bench.scan(bench.settings())

    run(main, clock=Jumper())


@pytest.mark.parametrize(
    ("text", "sheets", "seconds"),
    [("", None, None), ("sheets=50", 50, None), ("time=10m", None, 600.0), ("sheets=0,time=1.5h", 0, 5400.0)],
)
def test_budget_is_read(text: str, sheets: int | None, seconds: float | None) -> None:
    """Sheets and time, in any combination."""
    budget = Budget.parse(text)
    assert (budget.sheets, budget.seconds) == (sheets, seconds)


@pytest.mark.parametrize(
    "text", ["sheets", "sheets=-1", "time=10", "time=10d", "pages=3", "sheets=1;time=2s", "sheets=²"]
)
def test_a_bad_budget_is_refused(text: str) -> None:
    """With what to write instead."""
    with pytest.raises(ValueError, match="sheets=50,time=10m"):
        Budget.parse(text)


def test_budget_of_time() -> None:
    """When the time is spent nothing more is begun."""
    assert "is spent" in str(Budget(seconds=0.0).shortage())
    assert Budget(seconds=60.0).shortage() is None
